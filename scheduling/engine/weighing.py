"""What a place in a route costs a node, and which of those looked at costs it least."""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

import numpy as np

from scheduling.engine.arrays import (
    BREAKS,
    CLOSE,
    CLOSED,
    DAY,
    DRIVE_PRICE,
    DUE,
    EMERGENCY,
    END_PLACE,
    FAR,
    FIRST_NODE,
    JOB,
    LONGEST,
    MAX_LEG,
    METRES,
    NEVER,
    ON_DAY,
    OPERATIVE,
    PLACE,
    REST_BY,
    REST_FROM,
    REST_S,
    RESTRICTED,
    ROLES,
    SECONDS,
    STANDBY,
    START,
    START_PLACE,
    UNIT,
    WANTS,
    WEEK,
    WINDOW,
    WINDOWS_END,
    WORK_PRICE,
    Model,
)
from scheduling.engine.clock import (
    arrival,
    begin,
    finish,
    late_cost,
    metres,
    metres_by,
    seconds,
    service_of,
    standing_cost,
    visit,
)
from scheduling.engine.compiled import inlined, within
from scheduling.engine.spans import cheapest_span, has_spans
from scheduling.engine.state import (
    BEFORE,
    BLINKS,
    LAST,
    LEAST,
    POSITION,
    SHIFT,
    STEP,
    TIME_COST,
    TIMED,
    WAY_COST,
    WIDELY,
    WORKED,
    State,
    dice,
    is_free,
    is_short,
)
from scheduling.engine.timetable import cheapest_call, least_cost, try_out

BLINK = 128  # one place in so many is overlooked
FEW = 160  # places, which are all looked at: no more than beside near nodes and at the ends of near operatives' routes
NEIGHBOURS, OPERATIVES = 36, 16  # how many near nodes and operatives are looked at for a place


@within
def may_take(model: Model, state: State, node: int, s: int) -> bool:
    """Whether a shift may hold a node at all, before times and ways are looked at."""
    if model.service[node, model.shift[s, OPERATIVE]] == 0 or state.size[s] + 1 >= model.longest:
        return False
    if model.shift[s, CLOSED] or (model.shift[s, STANDBY] and not model.node[node, EMERGENCY]):
        return False
    day = model.node[node, DAY]
    if day >= 0 and day != model.shift[s, ON_DAY]:
        return False
    low, high = model.node[node, WINDOW], model.node[node, WINDOWS_END]
    if low == high or model.window[low, 0] > model.shift[s, CLOSE] or model.window[high - 1, 1] < model.shift[s, START]:
        return False
    if model.node[node, RESTRICTED] and is_forbidden(model, node, s):
        return False
    return is_free(model, state, s, node)


@within
def is_forbidden(model: Model, node: int, s: int) -> bool:
    """Whether somebody decided that a shift does not do a node."""
    pair = node * len(model.shift) + s
    low, high = 0, len(model.forbidden)
    while low < high:
        middle = (low + high) // 2
        if model.forbidden[middle] < pair:
            low = middle + 1
        else:
            high = middle
    return low < len(model.forbidden) and model.forbidden[low] == pair


@within
def fits(
    model: Model, state: State, node: int, service: int, s: int, p: int, there_s: int, on_s: int
) -> int:  # fmt: skip
    """When a visit would begin at a place in a route; FAR if the rest of the route would not fit any more."""
    breaks = model.shift[s, BREAKS]
    arrived, ready, begun = FAR, FAR, FAR  # what comes from the label before, by a break
    for k in range(breaks + 1):
        arrive = FAR
        if state.depart[s, p, k] < FAR:
            arrive = arrival(model, there_s, state.depart[s, p, k])
        arrive = min(arrive, arrived)
        leave, start = FAR, FAR
        if arrive < FAR:
            start = begin(model, state.bound, node, service, arrive)
            if start < FAR:
                leave = start + service
        if ready < leave:
            leave, start = ready, begun
        if leave <= state.latest[s, p, k] and arrival(model, on_s, leave) <= state.latest[s, p, k]:
            return start
        arrived, ready = FAR, FAR
        if k < breaks:
            if arrive < FAR:
                rests = max(arrive, model.rest[s, k, REST_FROM])
                if rests <= model.rest[s, k, REST_BY]:
                    arrived = rests + model.rest[s, k, REST_S]
            if leave < FAR:
                rests = max(leave, model.rest[s, k, REST_FROM])
                if rests <= model.rest[s, k, REST_BY]:
                    ready, begun = rests + model.rest[s, k, REST_S], start
    return FAR


@within
def time_cost(model: Model, state: State, node: int, s: int, p: int) -> int:
    """What the time of a route costs with a node put into it; NEVER if it does not fit."""
    for k in range(model.shift[s, BREAKS] + 1):
        state.label[0, k] = state.depart[s, p, k]
        state.label[1, k] = state.spent[s, p, k]
    here = model.shift[s, START_PLACE] if p == 0 else model.node[state.route[s, p - 1], PLACE]
    for later in range(p - 1, state.size[s]):
        stop = node if later < p else state.route[s, later]
        visit(model, state, s, stop, here, -1)
        here = model.node[stop, PLACE]
    cost, worked, chosen = finish(model, state, s, seconds(model, here, model.shift[s, END_PLACE]))
    if chosen < 0:
        return NEVER
    week = model.shift[s, WEEK]
    if week >= 0 and state.week[week] - state.tally[s, WORKED] + worked > model.week_limit[week]:
        return NEVER
    return cost


@within
def comes_too_soon(model: Model, state: State, job: int, s: int, p: int) -> bool:
    """Whether something that comes before a job stands at or after a place in a route."""
    for row in range(model.before_from[job], model.before_from[job + 1]):
        before = model.before[row, 0]
        for node in range(model.job[before, FIRST_NODE], model.job[before, FIRST_NODE] + model.job[before, ROLES]):
            if state.at[node, SHIFT] == s and state.at[node, POSITION] >= p:
                return True
    return False


@inlined
def weigh(  # noqa: PLR0911 - each return is one more reason to look no further
    model: Model, state: State, node: int, s: int, p: int, limit: int
) -> tuple[int, int]:
    """The cost of a node at one place, and its start, if that is below ``limit``; else (NEVER, FAR)."""
    if is_anew(model, state, node, s):
        return weigh_anew(model, state, node, s, p, limit)
    place = model.node[node, PLACE]
    size = state.size[s]
    here = model.shift[s, START_PLACE] if p == 0 else model.node[state.route[s, p - 1], PLACE]
    there = model.shift[s, END_PLACE] if p == size else model.node[state.route[s, p], PLACE]
    cost = (np.int64(model.into[place, here, METRES]) + model.out[place, there, METRES] - state.leg[s, p]) * UNIT
    if cost >= limit:
        return NEVER, FAR
    cost += standing_cost(model, node, s)
    if cost >= limit or comes_too_soon(model, state, model.node[node, JOB], s, p):
        return NEVER, FAR
    there_s, on_s = np.int64(model.into[place, here, SECONDS]), np.int64(model.out[place, there, SECONDS])
    if there_s > model.shift[s, MAX_LEG] or (p < size and on_s > model.shift[s, MAX_LEG]):
        return NEVER, FAR
    service = service_of(model, state, node, s)
    start = fits(model, state, node, service, s, p, there_s, on_s)
    if start >= FAR:
        return NEVER, FAR
    if state.tally[s, TIMED] or model.node[node, DUE] < model.shift[s, CLOSE]:
        if cost + late_cost(model, node, start + service) >= limit and not model.price[DRIVE_PRICE]:
            return NEVER, FAR
        time = time_cost(model, state, node, s, p)
        if time == NEVER:
            return NEVER, FAR
        cost += time - state.tally[s, TIME_COST]
        if cost >= limit:
            return NEVER, FAR
    return cost, start


@within
def is_anew(model: Model, state: State, node: int, s: int) -> bool:
    """Whether a route must be gone through anew with a node: it calls at a store, or begins when it must."""
    if state.fetch[s, BEFORE] >= 0 or model.shift[s, LONGEST] >= 0:
        return True
    return bool(model.node[node, WANTS]) and is_short(model, state, s, node)


@within
def weigh_anew(model: Model, state: State, node: int, s: int, p: int, limit: int) -> tuple[int, int]:
    """As ``weigh``, by going through the whole route with the node, by the store that is then best."""
    if comes_too_soon(model, state, model.node[node, JOB], s, p):
        return NEVER, FAR
    standing = standing_cost(model, node, s)
    before = state.tally[s, WAY_COST] + state.tally[s, TIME_COST]
    place = model.node[node, PLACE]
    here = model.shift[s, START_PLACE] if p == 0 else model.node[state.route[s, p - 1], PLACE]
    there = model.shift[s, END_PLACE] if p == state.size[s] else model.node[state.route[s, p], PLACE]
    service = service_of(model, state, node, s)
    least = least_cost(model, here, place) + least_cost(model, place, there) - least_cost(model, here, there)
    least += state.tally[s, LEAST] + service * model.price[WORK_PRICE]
    if least - before + standing >= limit or is_too_late(model, state, node, service, s, p, here, there):
        return NEVER, FAR
    most = np.int64(NEVER) if limit >= NEVER - before else limit - standing + before
    if has_spans(model, state, node, s):
        cost, call, store = cheapest_span(model, state, node, s, p, most)
        if cost >= most:
            return NEVER, FAR
        tried(state, node, s, p)
        cost, start = try_out(model, state, s, state.size[s] + 1, call, store, p)
    else:
        tried(state, node, s, p)
        cost, _before, _store, start = cheapest_call(model, state, s, state.size[s] + 1, most, p)
    return (cost - before + standing, start) if cost < most else (np.int64(NEVER), np.int64(FAR))


@within
def is_too_late(
    model: Model, state: State, node: int, service: int, s: int, p: int, here: int, there: int
) -> bool:  # fmt: skip
    """Whether a node has no time at a place whatever store is called at; seen only in shifts without breaks."""
    before = state.fetch[s, BEFORE]
    if model.shift[s, BREAKS] > 0 or 0 <= before < p:
        return False
    place = model.node[node, PLACE]
    start = begin(model, state.bound, node, service, arrival(model, seconds(model, here, place), state.depart[s, p, 0]))
    if start >= FAR:
        return True
    on = arrival(model, seconds(model, place, there), start + service)
    return (before < 0 or before == p) and on > state.latest[s, p, 0]


@within
def tried(state: State, node: int, s: int, p: int) -> None:
    """Set ``state.trial`` to a route with a node put into it."""
    for place in range(state.size[s]):
        state.trial[place + (place >= p)] = state.route[s, place]
    state.trial[p] = node


@within
def way_more(model: Model, state: State, node: int, s: int, p: int) -> int:
    """Metres that a node adds to a route that goes by no store, or by the same way to it."""
    place = model.node[node, PLACE]
    here = model.shift[s, START_PLACE] if p == 0 else model.node[state.route[s, p - 1], PLACE]
    there = model.shift[s, END_PLACE] if p == state.size[s] else model.node[state.route[s, p], PLACE]
    return np.int64(model.into[place, here, METRES]) + model.out[place, there, METRES] - state.leg[s, p]


@within
def metres_more(model: Model, state: State, node: int, s: int, p: int) -> int:
    """Metres that a node adds at a place that ``weigh`` found, the way by a store included."""
    if not is_anew(model, state, node, s):
        return way_more(model, state, node, s, p)
    tried(state, node, s, p)
    _cost, before, store, _start = cheapest_call(model, state, s, state.size[s] + 1, np.int64(NEVER), p)
    here, way = model.shift[s, START_PLACE], np.int64(0)
    for place in range(state.size[s] + 1):
        there = model.node[state.trial[place], PLACE]
        way += metres_by(model, here, store if place == before else -1, there)
        here = there
    return way + metres(model, here, model.shift[s, END_PLACE]) - state.tally[s, WAY_COST] // UNIT


@within
def best_place(model: Model, state: State, node: int) -> tuple[int, int, int, int]:
    """The cheapest place for a node: shift, position, cost, start; shift -1 if there is none.

    Places are overlooked now and then, where ``State.mode`` says so.
    """
    best_s, best_p, best, best_start = -1, -1, np.int64(NEVER), np.int64(FAR)
    blinks = state.mode[BLINKS]
    for row in range(look_around(model, state, node)):
        s = state.around[row, SHIFT]
        for p in range(state.around[row, POSITION], state.around[row, LAST] + 1, state.around[row, STEP]):
            if blinks and dice(state.random, BLINK) == 0:
                continue
            cost, start = weigh(model, state, node, s, p, best)
            if cost < best:
                best_s, best_p, best, best_start = s, p, cost, start
    return best_s, best_p, best, best_start


@within
def look_around(model: Model, state: State, node: int) -> int:
    """How many rows of ``State.around`` say where to look for a node's place.

    That is beside near nodes, and at the ends of the routes of operatives who live near; or everywhere, where
    ``State.mode`` says so or that is no more.
    """
    count = 0
    if state.mode[WIDELY] or len(model.node) + len(model.shift) <= FEW:
        for s in range(len(model.shift)):
            if may_take(model, state, node, s):
                count = note_places(state, count, s, 0, state.size[s], 1)
        return count
    seen = 0
    for n in range(model.near.shape[1]):
        beside = model.near[node, n]
        if beside < 0 or seen >= NEIGHBOURS:
            break
        s = state.at[beside, SHIFT]
        if s >= 0:
            seen += 1
            if may_take(model, state, node, s):
                p = state.at[beside, POSITION]
                count = note_places(state, count, s, p, p + 1, 1)
    for n in range(min(OPERATIVES, model.homes.shape[1])):
        operative = model.homes[node, n]
        if operative < 0:
            break
        for number in range(model.shifts_from[operative], model.shifts_from[operative + 1]):
            s = model.shifts_of[number]
            if may_take(model, state, node, s):
                count = note_places(state, count, s, 0, state.size[s], max(1, state.size[s]))
    return count


@within
def note_places(state: State, row: int, s: int, first: int, last: int, step: int) -> int:
    """The row after one of ``State.around`` that now names places in a route, from the first to the last."""
    around = state.around
    around[row, SHIFT], around[row, POSITION], around[row, LAST], around[row, STEP] = s, first, last, step
    return row + 1
