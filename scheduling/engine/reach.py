"""Who could be where, from now on: operatives are at work, on the way, or turn round.

Where somebody on the way is then is not known to the metre: the shorter of the ways on and back is taken, which is
never too short.
"""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduling.engine.arrays import (
    CLOSE,
    END_PLACE,
    FAR,
    FIRST_NODE,
    JOB,
    NEVER,
    OPERATIVE,
    PLACE,
    ROLES,
    SECONDS,
    START,
    START_PLACE,
    Model,
    Numbers,
)
from scheduling.engine.board import put_job
from scheduling.engine.clock import arrival, departure_by, seconds, store_before
from scheduling.engine.compiled import compiled, within
from scheduling.engine.insertion import may_follow, part_ways, put, take
from scheduling.engine.outcome import ARRIVE, BEGIN, FINISH, trace
from scheduling.engine.state import CREW_S, HIGH, LOW, SHIFT, State, free_bound, keep, keep_job
from scheduling.engine.timetable import refresh
from scheduling.engine.weighing import may_take, metres_more, weigh

# columns of what is found by shift
BEGINS, AT, COST, METRES_MORE, WAITS = range(5)
REACH = 5
QUARTER_S = 900
MOST_MEETINGS = 24  # common starts of each kind that are tried for a crew


class Look(NamedTuple):
    """Room for looking at routes from now on."""

    came: Numbers
    times: Numbers
    rested: Numbers
    found: Numbers  # (shifts, REACH): the best place of each shift that was asked
    asked: Numbers  # (shifts): whether a shift is looked at
    ways: Numbers  # (1, 2)
    begins: Numbers  # (2 x shifts): when members of a crew could begin


def look_at(model: Model) -> Look:
    """Room for looking at a model's routes; every shift is asked."""
    labels, shifts = model.rest.shape[1] + 1, len(model.shift)
    return Look(
        came=np.zeros((model.longest + 1, labels, 2), dtype=np.int64),
        times=np.zeros((model.longest, 3), dtype=np.int64),
        rested=np.zeros(labels, dtype=np.int64),
        found=np.full((shifts, REACH), FAR, dtype=np.int64),
        asked=np.ones(shifts, dtype=np.int64),
        ways=np.zeros((1, 2), dtype=np.int64),
        begins=np.zeros(2 * shifts, dtype=np.int64),
    )


@compiled
def freeze(model: Model, state: State, now: int, look: Look) -> None:
    """Let what is begun or under way begin as it is planned and at no other time."""
    for s in range(len(model.shift)):
        if model.shift[s, START] > now or state.size[s] == 0:
            continue
        loose = False
        for p in range(state.size[s]):
            job = model.node[state.route[s, p], JOB]
            loose = loose or state.bound[job, LOW] != state.bound[job, HIGH]
        if not loose:
            continue
        trace(model, state, s, look.came, look.times, look.rested)
        here = model.shift[s, START_PLACE]
        changed = False
        for p in range(state.size[s]):
            node = state.route[s, p]
            there = model.node[node, PLACE]
            if departure_by(model, here, store_before(state, s, p), there, look.times[p, ARRIVE]) > now:
                break
            job = model.node[node, JOB]
            if state.bound[job, LOW] != state.bound[job, HIGH]:
                keep_job(state, job)
                state.bound[job, LOW], state.bound[job, HIGH] = look.times[p, BEGIN], look.times[p, BEGIN]
                changed = True
            here = there
        if changed:
            refresh(model, state, s)


@within
def is_begun(model: Model, state: State, job: int) -> bool:
    """Whether a job of one person is begun or under way, or a crew has agreed when to be there."""
    return bool(state.bound[job, LOW] == state.bound[job, HIGH])


@within
def loosen(model: Model, state: State, job: int) -> None:
    """Let a visit that was under way begin later than it was planned."""
    keep_job(state, job)
    state.bound[job, HIGH] = FAR


@compiled
def way_now(
    model: Model, state: State, s: int, p: int, now: int, there: int, times: Numbers
) -> int:  # fmt: skip
    """When an operative who is not at work can be at a place, if they turn to it now.

    They are on the way to their stop ``p``, or there, or on the way home from the last.
    """
    if p == 0:
        here, left = model.shift[s, START_PLACE], np.int64(model.shift[s, START])
    else:
        here, left = model.node[state.route[s, p - 1], PLACE], times[p - 1, FINISH]
    if state.size[s] == 0:
        return arrival(model, seconds(model, here, there), now)
    if p == state.size[s]:
        on = model.shift[s, END_PLACE]
        arrives = arrival(model, seconds(model, here, on), left)
    else:
        on = model.node[state.route[s, p], PLACE]
        arrives = times[p, ARRIVE]
        left = departure_by(model, here, store_before(state, s, p), on, arrives)
    if now >= arrives:
        return arrival(model, seconds(model, on, there), now)
    if now <= left:
        return arrival(model, seconds(model, here, there), now)
    onward = arrives - now + np.int64(model.out[on, there, SECONDS])
    back = now - left + np.int64(model.out[here, there, SECONDS])
    return arrival(model, min(onward, back), now)


@within
def scan_node(  # noqa: PLR0912 - one walk over the shifts
    model: Model, state: State, node: int, low: int, high: int, now: int, is_soonest: bool, may_turn: bool, look: Look
) -> None:  # fmt: skip
    """Find in each shift that is asked where a node that is not planned begins from ``low`` to ``high``.

    The soonest or the cheapest place is taken. ``may_turn``: who is on the way to a job of one person turns round.
    The bounds of the node's job are changed.
    """
    job, place, found = model.node[node, JOB], model.node[node, PLACE], look.found
    for s in range(len(model.shift)):
        found[s, BEGINS] = FAR
        if not look.asked[s] or model.shift[s, START] > high or model.shift[s, CLOSE] <= max(now, low):
            continue
        if not may_take(model, state, node, s):
            continue
        first = 0
        if model.shift[s, START] <= now:
            if state.size[s] > 0:
                trace(model, state, s, look.came, look.times, look.rested)
            while first < state.size[s] and look.times[first, BEGIN] <= now:
                first += 1
        busy = model.shift[s, START] > now or (first > 0 and look.times[first - 1, FINISH] > now)
        waits = np.int64(-1)
        if not busy and first < state.size[s]:
            other = model.node[state.route[s, first], JOB]
            if state.bound[other, LOW] == state.bound[other, HIGH]:
                if model.job[other, ROLES] == 1 and may_turn:
                    waits = other
                    keep_job(state, other)
                    state.bound[other, HIGH] = FAR
                    refresh(model, state, s)
                else:
                    busy = True
                    first += 1
        best = np.int64(NEVER)
        for p in range(first, state.size[s] + 1):
            state.bound[job, LOW], state.bound[job, HIGH] = low, high
            if p == first and not busy:
                state.bound[job, LOW] = max(low, way_now(model, state, s, p, now, place, look.times))
            cost, start = weigh(model, state, node, s, p, np.int64(NEVER) if is_soonest else best)
            if start < FAR and (start < found[s, BEGINS] if is_soonest else cost < best):
                best = cost
                found[s, BEGINS], found[s, AT], found[s, COST] = start, p, cost
                found[s, METRES_MORE] = metres_more(model, state, node, s, p)
                found[s, WAITS] = waits if p == first else -1
        if waits >= 0:
            state.bound[waits, HIGH] = state.bound[waits, LOW]
            refresh(model, state, s)


@compiled
def scan_reach(
    model: Model, state: State, job: int, now: int, until: int, is_urgent: bool, look: Look
) -> bool:  # fmt: skip
    """Whether what comes before a job of one person is planned; then its best place is found in each shift asked."""
    free_bound(model, state, job)
    if not may_follow(model, state, job):
        return False
    low = max(state.bound[job, LOW], now)
    scan_node(model, state, model.job[job, FIRST_NODE], low, until, now, is_urgent, is_urgent, look)
    return True


@compiled
def best_found(look: Look, column: int, other: int) -> int:
    """The shift with the least in a column of what was found, of equals by another; -1 where none has a place."""
    best = -1
    for s in range(len(look.found)):
        if look.found[s, BEGINS] < FAR and (
            best < 0
            or look.found[s, column] < look.found[best, column]
            or (look.found[s, column] == look.found[best, column] and look.found[s, other] < look.found[best, other])
        ):
            best = s
    return best


@compiled
def send_to(
    model: Model, state: State, job: int, s: int, p: int, start: int, until: int, waits: int, ways: Numbers
) -> bool:  # fmt: skip
    """Whether a job of one person stands where a scan found it; if not, the change is to be taken back."""
    if waits >= 0:
        loosen(model, state, waits)
    keep(state, s)
    ways[0, 0], ways[0, 1] = s, p
    return refresh(model, state, s) and put_job(model, state, job, ways, start, start, until)


@compiled
def send_soonest(model: Model, state: State, job: int, now: int, until: int, look: Look) -> int:
    """When a job now begins, as soon as any of the shifts asked allows; FAR if none does.

    Of a crew all of its members come from those shifts.
    """
    if model.job[job, ROLES] > 1:
        return meet(model, state, job, now, until, look)
    if not scan_reach(model, state, job, now, until, True, look):
        return FAR
    s = best_found(look, BEGINS, COST)
    if s < 0:
        return FAR
    start, waits = look.found[s, BEGINS], look.found[s, WAITS]
    if send_to(model, state, job, s, look.found[s, AT], start, until, waits, look.ways):
        return start
    return FAR


@within
def meet(model: Model, state: State, job: int, now: int, until: int, look: Look) -> int:
    """When a crew that is not planned now begins, as soon as it can be together; FAR if it cannot by then.

    Nobody turns round. Tried are the moments at which a member could begin, then every quarter of an hour.
    """
    first, roles = model.job[job, FIRST_NODE], model.job[job, ROLES]
    free_bound(model, state, job)
    if not may_follow(model, state, job):
        return FAR
    low = max(state.bound[job, LOW], now)
    count, soonest = 0, low
    for node in range(first, first + roles):
        scan_node(model, state, node, low, until, now, True, False, look)
        s = best_found(look, BEGINS, COST)
        if s < 0:
            free_bound(model, state, job)
            return FAR
        soonest = max(soonest, look.found[s, BEGINS])
        for other in range(len(look.found)):
            if look.found[other, BEGINS] < FAR and count < len(look.begins):
                look.begins[count] = look.found[other, BEGINS]
                count += 1
    at = soonest
    for _ in range(MOST_MEETINGS):
        if at > until:
            break
        if gather_at(model, state, job, at, now, look):
            return at if part_ways(model, state, job) else FAR
        at = next_begin(look, count, at)
    for number in range(1, MOST_MEETINGS):
        at = soonest + number * QUARTER_S
        if at <= until and gather_at(model, state, job, at, now, look):
            return at if part_ways(model, state, job) else FAR
    free_bound(model, state, job)
    return FAR


@within
def next_begin(look: Look, count: int, at: int) -> int:
    """The first of the moments noted that is a minute later or more; FAR without one."""
    then = np.int64(FAR)
    for number in range(count):
        if look.begins[number] >= at + 60:
            then = min(then, look.begins[number])
    return then


@within
def gather_at(model: Model, state: State, job: int, at: int, now: int, look: Look) -> bool:
    """Whether a crew was put in where it costs least with this common start; if not, nobody of it is there."""
    first, roles = model.job[job, FIRST_NODE], model.job[job, ROLES]
    for leader in range(roles):
        asked = np.int64(0)
        for _ in range(3):
            slowest, placed = np.int64(0), 0
            state.bound[job, CREW_S] = asked
            for number in range(roles):
                node = first + (leader + number) % roles
                scan_node(model, state, node, at, at, now, False, False, look)
                state.bound[job, LOW], state.bound[job, HIGH] = at, at
                s = best_found(look, COST, BEGINS)
                if s < 0 or not put(model, state, node, s, look.found[s, AT]):
                    break
                placed += 1
                slowest = max(slowest, np.int64(model.service[node, model.shift[state.at[node, SHIFT], OPERATIVE]]))
            if placed == roles and slowest == asked:
                return True
            for number in range(placed):
                take(model, state, first + (leader + number) % roles)
            if placed < roles:
                break
            asked = slowest
    return False
