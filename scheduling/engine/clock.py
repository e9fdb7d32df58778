"""The time of one route: drives through the day's traffic, windows, breaks, the way home."""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

import numpy as np

from scheduling.engine.arrays import (
    BEFORE_DAY,
    BEFORE_OPERATIVE,
    BREAKS,
    CLOSE,
    DAY_S,
    DRIVE_PRICE,
    DUE,
    END,
    FAR,
    FETCH_S,
    JOB,
    LATE,
    METRES,
    MOVED_PRICE,
    ON_DAY,
    OPENS,
    OPENS_END,
    OPERATIVE,
    OVERTIME_PRICE,
    PLACE,
    REST_BY,
    REST_FROM,
    REST_S,
    SECONDS,
    START,
    STORE_PLACE,
    UNIT,
    WINDOW,
    WINDOWS_END,
    WORK_PRICE,
    Model,
    Numbers,
)
from scheduling.engine.compiled import compiled, inlined, within
from scheduling.engine.state import BEFORE, CREW_S, END_BY, HIGH, LOW, STORE, State


@within
def metres(model: Model, here: int, there: int) -> int:
    """The way between two places."""
    return np.int64(model.out[here, there, METRES])


@compiled
def seconds(model: Model, here: int, there: int) -> int:
    """The time of a way on empty roads."""
    return np.int64(model.out[here, there, SECONDS])


@compiled
def arrival(model: Model, drive: int, leave: int) -> int:
    """When a drive of so many seconds on empty roads ends in the traffic of the day parts that it meets, rounded up."""
    if drive == 0 or model.is_even:
        return leave + drive
    part = model.part_at[min(max(leave, 0) // 60, len(model.part_at) - 1)]
    there = leave + (drive * model.part_percent[part] + 99) // 100
    if part + 1 >= len(model.part_start) or there <= model.part_start[part + 1]:
        return there
    return arrival_through(model.part_start, model.part_percent, model.scale, part, drive, leave)


@within
def arrival_through(starts: Numbers, percents: Numbers, scale: int, part: int, drive: int, leave: int) -> int:
    """``arrival`` of a drive that begins in a day part and may end in a later one."""
    work, at = drive * scale, leave
    while part + 1 < len(starts):
        room = starts[part + 1] - at
        if work * percents[part] <= room * 100 * scale:
            break
        work -= room * 100 * (scale // percents[part])
        at = starts[part + 1]
        part += 1
    whole = 100 * scale
    return at + (work * percents[part] + whole - 1) // whole


@compiled
def departure(model: Model, drive: int, arrive: int) -> int:
    """When one must leave at the latest to arrive by then."""
    if drive == 0 or model.is_even or arrive <= 0:
        return arrive - drive
    part = model.part_at[min((arrive - 1) // 60, len(model.part_at) - 1)]
    leave = arrive - (drive * model.part_percent[part] + 99) // 100
    if leave >= max(0, model.part_start[part]):
        return leave
    return departure_through(model, part, drive, arrive)


@within
def departure_through(model: Model, part: int, drive: int, arrive: int) -> int:
    """``departure`` of a drive that ends in a day part and may begin in an earlier one."""
    work = drive * model.scale
    at = arrive
    percent = model.part_percent[part]
    while part > 0:
        room = at - model.part_start[part]
        if work * percent <= room * 100 * model.scale:
            break
        work -= room * 100 * (model.scale // percent)
        at = model.part_start[part]
        part -= 1
        percent = model.part_percent[part]
    leave = at - (work * percent) // (100 * model.scale)
    while arrival(model, drive, leave) > arrive:
        leave -= 1
    while arrival(model, drive, leave + 1) <= arrive:
        leave += 1
    return leave


@within
def metres_by(model: Model, here: int, store: int, there: int) -> int:
    """The way between two places, by a store if that is not -1."""
    if store < 0:
        return metres(model, here, there)
    place = model.store[store, STORE_PLACE]
    return metres(model, here, place) + metres(model, place, there)


@within
def fetched(model: Model, store: int, arrive: int) -> int:
    """When one who arrives at a store has fetched; FAR if it does not open any more."""
    for row in range(model.store[store, OPENS], model.store[store, OPENS_END]):
        if arrive <= model.window[row, 1]:
            return max(arrive, model.window[row, 0]) + model.store[store, FETCH_S]
    return FAR


@within
def fetched_by(model: Model, store: int, leave: int) -> int:
    """When one must be at a store at the latest to have fetched by then; -FAR if never."""
    last = -FAR
    for row in range(model.store[store, OPENS], model.store[store, OPENS_END]):
        if model.window[row, 0] <= leave - model.store[store, FETCH_S]:
            last = max(last, min(model.window[row, 1], leave - model.store[store, FETCH_S]))
    return last


@within
def arrival_by(model: Model, here: int, store: int, there: int, leave: int) -> int:
    """When one who leaves a place then is at another, by a store if that is not -1; FAR if it is shut for good."""
    if store < 0:
        return arrival(model, seconds(model, here, there), leave)
    place = model.store[store, STORE_PLACE]
    ready = fetched(model, store, arrival(model, seconds(model, here, place), leave))
    return ready if ready >= FAR else arrival(model, seconds(model, place, there), ready)


@within
def departure_by(model: Model, here: int, store: int, there: int, arrive: int) -> int:
    """When one must leave a place at the latest to arrive by then, by a store if that is not -1; -FAR if never."""
    if store < 0:
        return departure(model, seconds(model, here, there), arrive)
    place = model.store[store, STORE_PLACE]
    by = fetched_by(model, store, departure(model, seconds(model, place, there), arrive))
    return by if by == -FAR else departure(model, seconds(model, here, place), by)


@within
def store_before(state: State, s: int, p: int) -> int:
    """The store that a route calls at on the way to a stop; -1 without one."""
    return state.fetch[s, STORE] if p == state.fetch[s, BEFORE] else np.int64(-1)


@within
def begin(model: Model, bound: Numbers, node: int, service: int, arrive: int) -> int:
    """When a visit may begin for somebody who arrives then; FAR if it no longer can."""
    job = model.node[node, JOB]
    time = max(arrive, bound[job, LOW])
    low, high = model.node[node, WINDOW], model.node[node, WINDOWS_END]
    end = high
    while low < high:
        middle = (low + high) // 2
        if model.window[middle, 1] < time:
            low = middle + 1
        else:
            high = middle
    if low >= end:
        return FAR
    time = max(time, model.window[low, 0])
    if time > bound[job, HIGH] or time + service > bound[job, END_BY]:
        return FAR
    return time


@within
def begin_by(model: Model, bound: Numbers, node: int, service: int, leave: int) -> int:
    """When somebody must be at a visit at the latest so that they can leave it by then; -FAR if never."""
    job = model.node[node, JOB]
    last = min(bound[job, HIGH], bound[job, END_BY] - service, leave - service)
    low, high = model.node[node, WINDOW], model.node[node, WINDOWS_END]
    first = low
    while low < high:
        middle = (low + high) // 2
        if model.window[middle, 0] <= last:
            low = middle + 1
        else:
            high = middle
    if low == first or last < bound[job, LOW]:
        return -FAR
    last = min(last, model.window[low - 1, 1])
    return last if last >= bound[job, LOW] else -FAR


@within
def service_of(model: Model, state: State, node: int, s: int) -> int:
    """Seconds of a visit by a shift's operative; a crew takes as long as its slowest member."""
    return max(np.int64(model.service[node, model.shift[s, OPERATIVE]]), state.bound[model.node[node, JOB], CREW_S])


@within
def late_cost(model: Model, node: int, end: int) -> int:
    """What it costs that a visit ends after it is due: by begun days."""
    over = end - model.node[node, DUE]
    return 0 if over <= 0 else (over + DAY_S - 1) // DAY_S * model.node[node, LATE]


@within
def rest(model: Model, label: Numbers, s: int) -> None:
    """Let each label also rest where it is."""
    for k in range(model.shift[s, BREAKS]):
        rest_once(model, label, s, k)


@within
def rest_once(model: Model, label: Numbers, s: int, k: int) -> bool:
    """Whether one gets on sooner with one more break by resting now; if so, the label is set."""
    if label[0, k] >= FAR:
        return False
    start = max(label[0, k], model.rest[s, k, REST_FROM])
    if start > model.rest[s, k, REST_BY] or start + model.rest[s, k, REST_S] >= label[0, k + 1]:
        return False
    label[0, k + 1] = start + model.rest[s, k, REST_S]
    label[1, k + 1] = label[1, k]
    return True


@within
def travel(model: Model, label: Numbers, s: int, drive: int) -> None:
    """Let each label drive."""
    for k in range(model.shift[s, BREAKS] + 1):
        if label[0, k] < FAR:
            there = arrival(model, drive, label[0, k])
            label[1, k] += (there - label[0, k]) * model.price[DRIVE_PRICE]
            label[0, k] = there


@within
def travel_by(model: Model, label: Numbers, s: int, here: int, store: int, there: int) -> None:
    """Let each label drive between two places, by a store if that is not -1."""
    if store >= 0:
        here = fetch(model, label, s, here, store)
    travel(model, label, s, seconds(model, here, there))


@within
def fetch(model: Model, label: Numbers, s: int, here: int, store: int) -> int:
    """The place of a store, to which each label has driven and fetched what is needed."""
    place = model.store[store, STORE_PLACE]
    travel(model, label, s, seconds(model, here, place))
    for k in range(model.shift[s, BREAKS] + 1):
        if label[0, k] < FAR:
            label[0, k] = fetched(model, store, label[0, k])
    return place


@inlined
def visit(model: Model, state: State, s: int, node: int, here: int, store: int) -> None:
    """Let each label of ``state.label`` drive from a place to a node, by a store or none, and be ready to leave it."""
    label = state.label
    travel_by(model, label, s, here, store, model.node[node, PLACE])
    rest(model, label, s)
    service = service_of(model, state, node, s)
    for k in range(model.shift[s, BREAKS] + 1):
        if label[0, k] < FAR:
            start = begin(model, state.bound, node, service, label[0, k])
            if start < FAR:
                label[0, k] = start + service
                label[1, k] += late_cost(model, node, start + service)
            else:
                label[0, k] = FAR
    rest(model, label, s)


@within
def home_by(model: Model, s: int, k: int) -> int:
    """When a shift must be back after so many breaks: by its end, and before a break that it leaves out is due."""
    by = model.shift[s, CLOSE]
    for later in range(k, model.shift[s, BREAKS]):
        by = min(by, model.rest[s, later, REST_BY])
    return by


@within
def finish(model: Model, state: State, s: int, drive: int) -> tuple[int, int, int]:
    """The cost of a route's time and the seconds worked if it goes home now, and by which label; -1 if by none."""
    label = state.label
    travel(model, label, s, drive)
    best_cost, best_worked, best = 0, FAR, -1
    rested = 0
    for k in range(model.shift[s, BREAKS] + 1):
        back = label[0, k]
        if back <= home_by(model, s, k):
            worked = back - model.shift[s, START] - rested
            cost = label[1, k] + max(0, back - model.shift[s, END]) * model.price[OVERTIME_PRICE]
            cost += worked * model.price[WORK_PRICE]
            if best < 0 or cost < best_cost:
                best_cost, best_worked, best = cost, worked, k
        rested += model.rest[s, k, REST_S] if k < model.shift[s, BREAKS] else 0
    return best_cost, best_worked, best


@within
def start_labels(model: Model, state: State, s: int, begins: int) -> None:
    """Set the labels to the beginning of a shift, which is then."""
    for k in range(state.label.shape[1]):
        state.label[0, k] = FAR
        state.label[1, k] = 0
    state.label[0, 0] = begins
    rest(model, state.label, s)


@within
def standing_cost(model: Model, node: int, s: int) -> int:
    """What it costs that this operative does a node on this day: outside their area, or moved."""
    operative = model.shift[s, OPERATIVE]
    cost = np.int64(model.penalty[node, operative]) * UNIT
    before = model.node[node, BEFORE_OPERATIVE]
    if before >= 0 and (before != operative or model.node[node, BEFORE_DAY] != model.shift[s, ON_DAY]):
        cost += model.price[MOVED_PRICE]
    return cost
