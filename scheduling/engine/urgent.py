"""A place for an emergency, in one compiled call: beside all that is planned, else where other work makes way.

Work that makes way is put back in its windows, in its own shift where that has room, else by somebody else. What was
promised is put back, or nothing is done; what nobody was promised may be left out where there is no other way.
"""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

import numpy as np

from scheduling.engine.arrays import EMERGENCY, FAR, FIRST_NODE, JOB, LEFT_OUT, NEVER, ROLES, TIED, Model, Numbers
from scheduling.engine.changes import Best, begin_change, drop, take_back
from scheduling.engine.compiled import compiled, within
from scheduling.engine.insertion import may_follow, place_job
from scheduling.engine.reach import AT, BEGINS, COST, Look, best_found, is_begun, scan_node, send_soonest, send_to
from scheduling.engine.state import BLINKS, HIGH, LOW, SHIFT, WIDELY, State, free_bound, is_placed
from scheduling.engine.timetable import refresh

BESIDE, MADE_WAY, NOWHERE = range(3)
"""How an emergency found its place."""
SOONER = 2
"""Shifts that are asked to make room only for an emergency to be sooner."""


@compiled
def respond(
    model: Model, state: State, room: Best, job: int, now: int, soon: int, until: int, pairs: Numbers,
    may_go: Numbers, promised: Numbers, look: Look, victims: Numbers,
) -> int:  # fmt: skip
    """How an emergency found its place; NOWHERE, and nothing is changed, if it has none.

    ``pairs`` are the shifts that may make room, the second is -1 where the first does alone; ``room.removed`` then has
    what made way. Of NOWHERE ``victims`` has shifts and promised jobs any one of which would be enough.
    """
    begin_change(state)
    room.changes[2] = 0
    ask(look, may_go)
    beside = send_soonest(model, state, job, now, until, look)
    if beside <= soon:
        return BESIDE
    take_back(model, state)
    if beside < FAR:
        for number in range(min(len(pairs), SOONER)):
            begin_change(state)
            if make_way(model, state, room, job, now, soon, pairs[number], False, may_go, promised, look) == 0:
                return MADE_WAY
            take_back(model, state)
        begin_change(state)
        room.changes[2] = 0
        ask(look, may_go)
        send_soonest(model, state, job, now, until, look)
        return BESIDE
    best, chosen = np.int64(NEVER), -1
    for number in range(2 * len(pairs)):
        begin_change(state)
        pair, promises = pairs[number % len(pairs)], number >= len(pairs)
        left = make_way(model, state, room, job, now, until, pair, promises, may_go, promised, look)
        if left == 0:
            return MADE_WAY
        if left < best:
            best, chosen = left, number
        take_back(model, state)
    if chosen >= 0:
        begin_change(state)
        pair, promises = pairs[chosen % len(pairs)], chosen >= len(pairs)
        make_way(model, state, room, job, now, until, pair, promises, may_go, promised, look)
        return MADE_WAY
    find_victims(model, state, room, job, now, until, pairs, may_go, promised, look, victims)
    return NOWHERE


@within
def ask(look: Look, flags: Numbers) -> None:
    """Look at those shifts from here on."""
    for s in range(len(look.asked)):
        look.asked[s] = flags[s]


@within
def ask_only(look: Look, s: int) -> None:
    """Look at one shift from here on."""
    for other in range(len(look.asked)):
        look.asked[other] = other == s


@within
def makes_way(model: Model, state: State, job: int, promises: bool, promised: Numbers) -> bool:
    """Whether a visit may be moved: not one that is begun, a crew's or an emergency, and a promise only if so asked."""
    if model.job[job, ROLES] > 1 or model.node[model.job[job, FIRST_NODE], EMERGENCY] or is_begun(model, state, job):
        return False
    return promises or not promised[job]


@within
def make_way(
    model: Model, state: State, room: Best, job: int, now: int, until: int, pair: Numbers, promises: bool,
    may_go: Numbers, promised: Numbers, look: Look,
) -> int:  # fmt: skip
    """What it costs that is left out now, after an emergency took the place of work of one or two shifts.

    NEVER if it found none, or a promise would be broken: then the change is to be taken back.
    """
    room.changes[2] = 0
    for number in range(2):
        if pair[number] >= 0:
            clear_waiting(model, state, room, pair[number], promises, promised)
    for number in range(state.trail.count[1]):
        if not refresh(model, state, state.trail.shifts[number]):
            return NEVER
    if room.changes[2] == 0:
        return NEVER
    ask(look, may_go)
    if model.job[job, ROLES] == 1:
        for s in range(len(look.asked)):
            look.asked[s] = may_go[s] and (s == pair[0] or s == pair[1])
    start = send_soonest(model, state, job, now, until, look)
    if start >= FAR:
        return NEVER
    high = state.bound[job, HIGH]
    state.bound[job, HIGH] = start  # nothing that is put back holds it up
    hold_to(model, state, job)
    left = put_back(model, state, room, now, promised, look)
    state.bound[job, HIGH] = high
    hold_to(model, state, job)
    return left


@within
def hold_to(model: Model, state: State, job: int) -> None:
    """Set the times of the routes of a job after its bounds changed."""
    for node in range(model.job[job, FIRST_NODE], model.job[job, FIRST_NODE] + model.job[job, ROLES]):
        refresh(model, state, state.at[node, SHIFT])


@within
def clear_waiting(model: Model, state: State, room: Best, s: int, promises: bool, promised: Numbers) -> None:
    """Take out of a shift what may be moved, with what follows on it; ``room.rank`` has the shift of each job."""
    count = 0
    for p in range(state.size[s]):
        job = model.node[state.route[s, p], JOB]
        if makes_way(model, state, job, promises, promised):
            room.chosen[count] = job
            count += 1
    for number in range(count):
        begun = room.changes[2]
        drop(model, state, room, room.chosen[number])
        for one in range(begun, room.changes[2]):
            room.rank[one] = s if room.removed[one] == room.chosen[number] else -1


@within
def put_back(model: Model, state: State, room: Best, now: int, promised: Numbers, look: Look) -> int:
    """What it costs that is left out of what made way, promises put back first; NEVER if one of them has no place."""
    for later in range(3):  # promises, the rest, and what came after something of the rest
        for number in range(room.changes[2]):
            job = room.removed[number]
            if is_placed(model, state, job) or (later == 0 and not promised[job]):
                continue
            found = put_anywhere(model, state, job, room.rank[number], now, look)
            if not found and promised[job] and not model.job[job, TIED]:
                return NEVER
    left = np.int64(0)
    for number in range(room.changes[2]):
        job = room.removed[number]
        if not is_placed(model, state, job):
            if promised[job]:
                return NEVER
            free_bound(model, state, job)
            left += model.job[job, LEFT_OUT]
    return left


@within
def put_anywhere(model: Model, state: State, job: int, s: int, now: int, look: Look) -> bool:
    """Whether a job that is not planned found a place, in its shift if that has one, else where it costs least."""
    if model.job[job, ROLES] > 1:
        state.mode[WIDELY], state.mode[BLINKS] = 1, 0
        return place_job(model, state, job)
    node = model.job[job, FIRST_NODE]
    for widely in range(2):
        if widely:
            for other in range(len(look.asked)):
                look.asked[other] = 1
        elif s >= 0:
            ask_only(look, s)
        else:
            continue
        free_bound(model, state, job)
        if not may_follow(model, state, job):
            return False
        scan_node(model, state, node, max(state.bound[job, LOW], now), FAR, now, False, False, look)
        found = best_found(look, COST, BEGINS)
        if found >= 0:
            return send_to(
                model, state, job, found, look.found[found, AT], look.found[found, BEGINS], FAR, -1, look.ways
            )
    return False


@within
def find_victims(
    model: Model, state: State, room: Best, job: int, now: int, until: int, pairs: Numbers, may_go: Numbers,
    promised: Numbers, look: Look, victims: Numbers,
) -> None:  # fmt: skip
    """Note shifts, and of each a promised visit without which the emergency would have a place; nothing is changed."""
    count = 0
    for number in range(2 * len(pairs)):
        s = pairs[number // 2, number % 2]
        known = s < 0
        for one in range(count):
            known = known or victims[one, 0] == s
        if known:
            continue
        waiting = 0
        for p in range(state.size[s]):
            other = model.node[state.route[s, p], JOB]
            if promised[other] and makes_way(model, state, other, True, promised):
                room.chosen[waiting] = other
                waiting += 1
        for one in range(waiting):
            other = room.chosen[one]
            begin_change(state)
            room.changes[2] = 0
            drop(model, state, room, other)
            stands = True
            for touched in range(state.trail.count[1]):
                stands = stands and refresh(model, state, state.trail.shifts[touched])
            ask(look, may_go)
            if stands and send_soonest(model, state, job, now, until, look) < FAR:
                victims[count, 0], victims[count, 1] = s, other
                count += 1
                take_back(model, state)
                break
            take_back(model, state)
        if count == len(victims):
            break
    room.changes[2] = 0
