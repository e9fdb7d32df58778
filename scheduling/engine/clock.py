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
    END_PLACE,
    FAR,
    JOB,
    LATE,
    MAX_LEG,
    METRES,
    MOVED_PRICE,
    ON_DAY,
    OPERATIVE,
    OVERTIME_PRICE,
    PLACE,
    REST_BY,
    REST_FROM,
    REST_S,
    SECONDS,
    START,
    START_PLACE,
    UNIT,
    WEEK,
    WINDOW,
    WINDOWS_END,
    Model,
    Numbers,
)
from scheduling.engine.compiled import compiled
from scheduling.engine.state import COST, CREW_S, END_BY, HIGH, LOW, TIME_COST, TIMED, WORKED, State


@compiled
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
    parts = len(model.part_start)
    percent = model.part_percent[part]
    there = leave + (drive * percent + 99) // 100
    if part + 1 >= parts or there <= model.part_start[part + 1]:
        return there
    work = drive * model.scale
    at = leave
    while part + 1 < parts:
        room = model.part_start[part + 1] - at
        if work * percent <= room * 100 * model.scale:
            break
        work -= room * 100 * (model.scale // percent)
        at = model.part_start[part + 1]
        part += 1
        percent = model.part_percent[part]
    whole = 100 * model.scale
    return at + (work * percent + whole - 1) // whole


@compiled
def departure(model: Model, drive: int, arrive: int) -> int:
    """When one must leave at the latest to arrive by then."""
    if drive == 0 or model.is_even or arrive <= 0:
        return arrive - drive
    part = model.part_at[min((arrive - 1) // 60, len(model.part_at) - 1)]
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


@compiled
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


@compiled
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


@compiled
def service_of(model: Model, state: State, node: int, s: int) -> int:
    """Seconds of a visit by a shift's operative; a crew takes as long as its slowest member."""
    return max(np.int64(model.service[node, model.shift[s, OPERATIVE]]), state.bound[model.node[node, JOB], CREW_S])


@compiled
def late_cost(model: Model, node: int, end: int) -> int:
    """What it costs that a visit ends after it is due: by begun days."""
    over = end - model.node[node, DUE]
    return 0 if over <= 0 else (over + DAY_S - 1) // DAY_S * model.node[node, LATE]


@compiled
def rest(model: Model, label: Numbers, s: int) -> None:
    """Let each label also rest where it is."""
    for k in range(model.shift[s, BREAKS]):
        rest_once(model, label, s, k)


@compiled
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


@compiled
def travel(model: Model, label: Numbers, s: int, drive: int) -> None:
    """Let each label drive."""
    for k in range(model.shift[s, BREAKS] + 1):
        if label[0, k] < FAR:
            there = arrival(model, drive, label[0, k])
            label[1, k] += (there - label[0, k]) * model.price[DRIVE_PRICE]
            label[0, k] = there


@compiled
def visit(model: Model, state: State, s: int, node: int, drive: int) -> None:
    """Let each label of ``state.label`` drive to a node, serve it, and be ready to leave."""
    label = state.label
    travel(model, label, s, drive)
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


@compiled
def home_by(model: Model, s: int, k: int) -> int:
    """When a shift must be back after so many breaks: by its end, and before a break that it leaves out is due."""
    by = model.shift[s, CLOSE]
    for later in range(k, model.shift[s, BREAKS]):
        by = min(by, model.rest[s, later, REST_BY])
    return by


@compiled
def finish(model: Model, state: State, s: int, drive: int) -> tuple[int, int, int]:
    """The cost of a route's time and the seconds worked if it goes home now, and by which label; -1 if by none."""
    label = state.label
    travel(model, label, s, drive)
    best_cost, best_worked, best = 0, FAR, -1
    rested = 0
    for k in range(model.shift[s, BREAKS] + 1):
        back = label[0, k]
        if back <= home_by(model, s, k):
            cost = label[1, k] + max(0, back - model.shift[s, END]) * model.price[OVERTIME_PRICE]
            if best < 0 or cost < best_cost:
                best_cost, best_worked, best = cost, back - model.shift[s, START] - rested, k
        rested += model.rest[s, k, REST_S] if k < model.shift[s, BREAKS] else 0
    return best_cost, best_worked, best


@compiled
def start_labels(model: Model, state: State, s: int) -> None:
    """Set the labels to the beginning of a shift."""
    for k in range(state.label.shape[1]):
        state.label[0, k] = FAR
        state.label[1, k] = 0
    state.label[0, 0] = model.shift[s, START]
    rest(model, state.label, s)


@compiled
def standing_cost(model: Model, node: int, s: int) -> int:
    """What it costs that this operative does a node on this day: outside their area, or moved."""
    operative = model.shift[s, OPERATIVE]
    cost = np.int64(model.penalty[node, operative]) * UNIT
    before = model.node[node, BEFORE_OPERATIVE]
    if before >= 0 and (before != operative or model.node[node, BEFORE_DAY] != model.shift[s, ON_DAY]):
        cost += model.price[MOVED_PRICE]
    return cost


@compiled
def note(model: Model, state: State, s: int, p: int) -> None:
    """Write the labels down as those with which a route leaves a stop."""
    for k in range(model.shift[s, BREAKS] + 1):
        state.depart[s, p, k] = state.label[0, k]
        state.spent[s, p, k] = state.label[1, k]


@compiled
def refresh(model: Model, state: State, s: int) -> bool:
    """Whether a route that changed can be driven; its times and cost are brought up to date if so."""
    size = state.size[s]
    limit = model.shift[s, MAX_LEG]
    close = model.shift[s, CLOSE]
    start_labels(model, state, s)
    note(model, state, s, 0)
    here = model.shift[s, START_PLACE]
    cost = 0
    timed = model.shift[s, WEEK] >= 0 or close > model.shift[s, END] or model.price[DRIVE_PRICE] > 0
    for p in range(size):
        node = state.route[s, p]
        there = model.node[node, PLACE]
        if seconds(model, here, there) > limit:
            return False
        visit(model, state, s, node, seconds(model, here, there))
        state.leg[s, p] = metres(model, here, there)
        cost += state.leg[s, p] * UNIT + standing_cost(model, node, s)
        note(model, state, s, p + 1)
        timed = timed or model.node[node, DUE] < close
        here = there
    worked, time_cost = 0, 0
    home = model.shift[s, END_PLACE]
    state.leg[s, size] = 0
    if size > 0:
        time_cost, worked, chosen = finish(model, state, s, seconds(model, here, home))
        if chosen < 0:
            return False
        state.leg[s, size] = metres(model, here, home)
        cost += state.leg[s, size] * UNIT + time_cost
    week = model.shift[s, WEEK]
    if week >= 0:
        if (
            state.week[week] - state.tally[s, WORKED] + worked > model.week_limit[week]
            and worked > state.tally[s, WORKED]
        ):
            return False
        state.week[week] += worked - state.tally[s, WORKED]
    state.cost[0] += cost - state.tally[s, COST]
    state.tally[s, COST], state.tally[s, TIME_COST], state.tally[s, WORKED] = cost, time_cost, worked
    state.tally[s, TIMED] = timed
    look_back(model, state, s)
    return True


@compiled
def look_back(model: Model, state: State, s: int) -> None:
    """Set how late a route may be at each of its stops."""
    size = state.size[s]
    breaks = model.shift[s, BREAKS]
    for k in range(breaks + 1):
        state.latest[s, size, k] = home_by(model, s, k)
    there = model.shift[s, END_PLACE]
    for p in range(size - 1, -1, -1):
        node = state.route[s, p]
        here = model.node[node, PLACE]
        drive = seconds(model, here, there)
        service = service_of(model, state, node, s)
        leave_next, arrive_next = -FAR, -FAR
        for k in range(breaks, -1, -1):
            leave = -FAR
            if state.latest[s, p + 1, k] > -FAR:
                leave = departure(model, drive, state.latest[s, p + 1, k])
            if k < breaks:
                leave = max(leave, rest_by(model, s, k, leave_next))
            arrive = -FAR
            if leave > -FAR:
                arrive = begin_by(model, state.bound, node, service, leave)
            if k < breaks:
                arrive = max(arrive, rest_by(model, s, k, arrive_next))
            state.latest[s, p, k] = arrive
            leave_next, arrive_next = leave, arrive
        there = here


@compiled
def rest_by(model: Model, s: int, k: int, over_by: int) -> int:
    """When somebody must be ready for a break at the latest, so that it is over by then; -FAR if that is too early."""
    if over_by - model.rest[s, k, REST_S] < model.rest[s, k, REST_FROM]:
        return -FAR
    return min(model.rest[s, k, REST_BY], over_by - model.rest[s, k, REST_S])


@compiled
def refresh_all(model: Model, state: State) -> None:
    """Set the times of every route."""
    for s in range(len(model.shift)):
        refresh(model, state, s)
