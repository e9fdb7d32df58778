"""A route brought up to date: when it is where, when it must be, by which store it goes, and what it costs.

By which store is decided here: who is short of something calls at one that has all of it, once, before the first stop
that needs it, where way and time then cost least.
"""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

import numpy as np

from scheduling.engine.arrays import (
    BREAKS,
    CLOSE,
    DRIVE_PRICE,
    DUE,
    END,
    END_PLACE,
    FAR,
    LONGEST,
    MAX_LEG,
    NEVER,
    OVERTIME_PRICE,
    PLACE,
    REST_BY,
    REST_FROM,
    REST_S,
    START,
    START_PLACE,
    STORE_PLACE,
    UNIT,
    WANTS,
    WEEK,
    WORK_PRICE,
    Model,
)
from scheduling.engine.clock import (
    arrival,
    begin_by,
    departure,
    departure_by,
    finish,
    home_by,
    metres,
    metres_by,
    seconds,
    service_of,
    standing_cost,
    start_labels,
    travel,
    visit,
)
from scheduling.engine.compiled import compiled, within
from scheduling.engine.spans import look_along
from scheduling.engine.state import (
    BEFORE,
    COST,
    LEAST,
    LEAVES,
    STORE,
    TAKEN,
    TIME_COST,
    TIMED,
    WAY_COST,
    WORKED,
    State,
)


@within
def note(model: Model, state: State, s: int, p: int) -> None:
    """Write the labels down as those with which a route leaves a stop."""
    for k in range(model.shift[s, BREAKS] + 1):
        state.depart[s, p, k] = state.label[0, k]
        state.spent[s, p, k] = state.label[1, k]


@compiled
def refresh(model: Model, state: State, s: int) -> bool:  # noqa: PLR0915 - one step after another
    """Whether a route that changed can be driven; its times and cost are brought up to date if so."""
    size = state.size[s]
    state.fetch[s, BEFORE], state.fetch[s, STORE] = -1, -1
    if is_lacking(model, state, s) and not call(model, state, s):
        return False
    before, store = state.fetch[s, BEFORE], state.fetch[s, STORE]
    close = model.shift[s, CLOSE]
    start_labels(model, state, s, model.shift[s, START])
    note(model, state, s, 0)
    here = model.shift[s, START_PLACE]
    way, standing, least = 0, 0, 0
    timed = model.shift[s, WEEK] >= 0 or close > model.shift[s, END] or model.shift[s, LONGEST] >= 0
    timed = timed or model.price[DRIVE_PRICE] > 0 or model.price[WORK_PRICE] > 0
    for p in range(size):
        node = state.route[s, p]
        there = model.node[node, PLACE]
        by = store if p == before else -1
        if is_far(model, s, here, by, there):
            return False
        visit(model, state, s, node, here, by)
        state.leg[s, p] = metres_by(model, here, by, there)
        way += state.leg[s, p]
        least += least_cost(model, here, there) + service_of(model, state, node, s) * model.price[WORK_PRICE]
        standing += standing_cost(model, node, s)
        note(model, state, s, p + 1)
        timed = timed or model.node[node, DUE] < close
        here = there
    worked, time_cost, leaves, chosen = 0, 0, model.shift[s, START], 0
    home = model.shift[s, END_PLACE]
    state.leg[s, size] = 0
    if size > 0:
        time_cost, worked, chosen = finish(model, state, s, seconds(model, here, home))
        if chosen < 0:
            return False
        state.leg[s, size] = metres(model, here, home)
        way += state.leg[s, size]
        least += least_cost(model, here, home)
        if model.shift[s, LONGEST] >= 0:
            for p in range(size):
                state.trial[p] = state.route[s, p]
            leaves = leave_by(model, state, s, size, before, store, chosen, state.label[0, chosen])
            worked -= leaves - model.shift[s, START]
            if worked > model.shift[s, LONGEST]:
                return False
            time_cost = cost_from(model, state, s, size, before, store, chosen, leaves, worked)
    week = model.shift[s, WEEK]
    if week >= 0:
        if (
            state.week[week] - state.tally[s, WORKED] + worked > model.week_limit[week]
            and worked > state.tally[s, WORKED]
        ):
            return False
        state.week[week] += worked - state.tally[s, WORKED]
    cost = way * UNIT + standing + time_cost
    state.cost[0] += cost - state.tally[s, COST]
    state.tally[s, COST], state.tally[s, TIME_COST], state.tally[s, WORKED] = cost, time_cost, worked
    state.tally[s, TIMED], state.tally[s, WAY_COST] = timed, way * UNIT
    state.tally[s, LEAVES], state.tally[s, TAKEN], state.tally[s, LEAST] = leaves, chosen, least
    look_back(model, state, s)
    if model.shift[s, LONGEST] >= 0 or len(model.store) > 0:
        look_along(model, state, s)
    return True


@within
def least_cost(model: Model, here: int, there: int) -> int:
    """What a way costs at the least, with the time that it takes."""
    return metres(model, here, there) * UNIT + seconds(model, here, there) * model.price[WORK_PRICE]


@within
def is_far(model: Model, s: int, here: int, store: int, there: int) -> bool:
    """Whether the drive to a stop, from a place or from the store on the way, is longer than an operative may drive."""
    last = here if store < 0 else model.store[store, STORE_PLACE]
    return seconds(model, last, there) > model.shift[s, MAX_LEG]


@within
def is_lacking(model: Model, state: State, s: int) -> bool:
    """Whether a van has not all that its stops take."""
    lacks = False
    for kind in range(model.stock.shape[1]):
        lacks = lacks or state.used[s, kind] > model.stock[s, kind]
    return lacks


@within
def call(model: Model, state: State, s: int) -> bool:
    """Whether there is a store at which a route can call for what it lacks; which, and when, is set."""
    for p in range(state.size[s]):
        state.trial[p] = state.route[s, p]
    _cost, before, store, _start = cheapest_call(model, state, s, state.size[s], np.int64(NEVER), -1)
    state.fetch[s, BEFORE], state.fetch[s, STORE] = before, store
    return before >= 0


@within
def cheapest_call(model: Model, state: State, s: int, size: int, limit: int, at: int) -> tuple[int, int, int, int]:
    """Of the route in ``state.trial``: cost of way and time, before which stop it goes by which store, start of a stop.

    The cost is NEVER where nothing is below the limit; without need for a store the call is -1.
    """
    for kind in range(model.stock.shape[1]):
        state.pieces[kind] = 0
    first = size
    here = model.shift[s, START_PLACE]
    least = np.int64(0)
    for p in range(size):
        node = state.trial[p]
        least += least_cost(model, here, model.node[node, PLACE])
        least += service_of(model, state, node, s) * model.price[WORK_PRICE]
        here = model.node[node, PLACE]
        if model.node[node, WANTS]:
            for kind in range(model.stock.shape[1]):
                state.pieces[kind] += model.needs[node, kind]
                if first == size and state.pieces[kind] > model.stock[s, kind]:
                    first = p
    least += least_cost(model, here, model.shift[s, END_PLACE])
    best, before, best_store, best_start = limit, -1, -1, np.int64(FAR)
    if first == size:
        cost, start = try_out(model, state, s, size, -1, -1, at)
        return (cost, -1, -1, start) if cost < limit else (np.int64(NEVER), -1, -1, np.int64(FAR))
    for store in range(len(model.store)):
        has = True
        for kind in range(model.stock.shape[1]):
            has = has and (model.holds[store, kind] > 0 or state.pieces[kind] <= model.stock[s, kind])
        if not has:
            continue
        here = model.shift[s, START_PLACE]
        for p in range(first + 1):
            there = model.node[state.trial[p], PLACE]
            by = model.store[store, STORE_PLACE]
            more = least_cost(model, here, by) + least_cost(model, by, there) - least_cost(model, here, there)
            here = there
            if least + more >= best:
                continue
            cost, start = try_out(model, state, s, size, p, store, at)
            if cost < best:
                best, before, best_store, best_start = cost, p, store, start
    return (best, before, best_store, best_start) if before >= 0 else (np.int64(NEVER), -1, -1, np.int64(FAR))


@within
def try_out(model: Model, state: State, s: int, size: int, before: int, store: int, at: int) -> tuple[int, int]:
    """What way and time of the route in ``state.trial`` cost, and when its stop ``at`` begins; NEVER if it cannot."""
    start_labels(model, state, s, model.shift[s, START])
    here = model.shift[s, START_PLACE]
    way, start = np.int64(0), np.int64(FAR)
    for p in range(size):
        node = state.trial[p]
        there = model.node[node, PLACE]
        by = store if p == before else -1
        if is_far(model, s, here, by, there):
            return np.int64(NEVER), np.int64(FAR)
        way += metres_by(model, here, by, there)
        visit(model, state, s, node, here, by)
        soonest = np.int64(FAR)
        for k in range(model.shift[s, BREAKS] + 1):
            soonest = min(soonest, state.label[0, k])
        if soonest >= FAR:
            return np.int64(NEVER), np.int64(FAR)
        if p == at:
            start = soonest - service_of(model, state, node, s)
        here = there
    home = model.shift[s, END_PLACE]
    way += metres(model, here, home)
    cost, worked, chosen = finish(model, state, s, seconds(model, here, home))
    if chosen < 0:
        return np.int64(NEVER), np.int64(FAR)
    if model.shift[s, LONGEST] >= 0:
        leaves = leave_by(model, state, s, size, before, store, chosen, state.label[0, chosen])
        worked -= leaves - model.shift[s, START]
        if worked > model.shift[s, LONGEST]:
            return np.int64(NEVER), np.int64(FAR)
        if model.is_even:
            cost -= (leaves - model.shift[s, START]) * model.price[WORK_PRICE]
        else:
            cost = cost_from(model, state, s, size, before, store, chosen, leaves, worked)
    week = model.shift[s, WEEK]
    if week >= 0 and state.week[week] - state.tally[s, WORKED] + worked > model.week_limit[week]:
        return np.int64(NEVER), np.int64(FAR)
    return way * UNIT + cost, start


@within
def leave_by(
    model: Model, state: State, s: int, size: int, before: int, store: int, taken: int, back: int
) -> int:  # fmt: skip
    """When the route in ``state.trial`` can begin at the latest to be back by then, after so many breaks."""
    breaks = model.shift[s, BREAKS]
    for k in range(breaks + 1):
        state.late[k] = back if k == taken else -FAR
    by, there = -1, model.shift[s, END_PLACE]
    for p in range(size - 1, -1, -1):
        node = state.trial[p]
        step_back(model, state, s, node, by, there)
        by, there = store if p == before else -1, model.node[node, PLACE]
    leave = -FAR
    for k in range(breaks, -1, -1):
        leave_next = leave
        leave = -FAR
        if state.late[k] > -FAR:
            leave = departure_by(model, model.shift[s, START_PLACE], by, there, state.late[k])
        if k < breaks:
            leave = max(leave, rest_by(model, s, k, leave_next))
    return max(leave, model.shift[s, START])


@within
def cost_from(
    model: Model, state: State, s: int, size: int, before: int, store: int, taken: int, leaves: int, worked: int
) -> int:  # fmt: skip
    """What the time of the route in ``state.trial`` costs if it begins then: drives may take longer later on."""
    start_labels(model, state, s, leaves)
    here = model.shift[s, START_PLACE]
    first = model.node[state.trial[0], PLACE] if before != 0 else model.store[store, STORE_PLACE]
    drive = seconds(model, here, first)
    for k in range(model.shift[s, BREAKS] + 1):
        if state.label[0, k] < FAR:  # who rested first leaves no sooner than must be
            state.label[0, k] = departure(model, drive, arrival(model, drive, state.label[0, k]))
    for p in range(size):
        visit(model, state, s, state.trial[p], here, store if p == before else -1)
        here = model.node[state.trial[p], PLACE]
    travel(model, state.label, s, seconds(model, here, model.shift[s, END_PLACE]))
    late = max(0, state.label[0, taken] - model.shift[s, END])
    return state.label[1, taken] + late * model.price[OVERTIME_PRICE] + worked * model.price[WORK_PRICE]


@within
def look_back(model: Model, state: State, s: int) -> None:
    """Set how late a route may be at each of its stops."""
    size = state.size[s]
    before, store = state.fetch[s, BEFORE], state.fetch[s, STORE]
    for k in range(model.shift[s, BREAKS] + 1):
        state.late[k] = home_by(model, s, k)
        state.latest[s, size, k] = state.late[k]
    by, there = -1, model.shift[s, END_PLACE]
    for p in range(size - 1, -1, -1):
        node = state.route[s, p]
        step_back(model, state, s, node, by, there)
        for k in range(model.shift[s, BREAKS] + 1):
            state.latest[s, p, k] = state.late[k]
        by, there = store if p == before else -1, model.node[node, PLACE]


@within
def step_back(model: Model, state: State, s: int, node: int, store: int, there: int) -> None:
    """Go back from how late one may be at a place to how late one may be at the stop before, by a store or none."""
    here = model.node[node, PLACE]
    breaks = model.shift[s, BREAKS]
    service = service_of(model, state, node, s)
    leave_next, arrive_next = -FAR, -FAR
    for k in range(breaks, -1, -1):
        leave = -FAR
        if state.late[k] > -FAR:
            leave = departure_by(model, here, store, there, state.late[k])
        if k < breaks:
            leave = max(leave, rest_by(model, s, k, leave_next))
        arrive = -FAR
        if leave > -FAR:
            arrive = begin_by(model, state.bound, node, service, leave)
        if k < breaks:
            arrive = max(arrive, rest_by(model, s, k, arrive_next))
        state.late[k] = arrive
        leave_next, arrive_next = leave, arrive


@within
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
