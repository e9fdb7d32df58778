"""Jobs put where they cost least: a node, a whole crew, what follows on, and all of it taken back."""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

import numpy as np

from scheduling.engine.arrays import (
    BREAKS,
    END_PLACE,
    FAR,
    FIRST_NODE,
    NEVER,
    OPERATIVE,
    PLACE,
    ROLES,
    START,
    TIED,
    Model,
)
from scheduling.engine.clock import (
    arrival_by,
)
from scheduling.engine.compiled import compiled, within
from scheduling.engine.state import (
    BEFORE,
    CREW_S,
    END_BY,
    HIGH,
    LOW,
    POSITION,
    SHIFT,
    STORE,
    State,
    free_bound,
    is_placed,
    keep,
    keep_job,
    link,
    unlink,
)
from scheduling.engine.timetable import refresh
from scheduling.engine.weighing import best_place

BEGINNINGS = 3  # common starts tried, by member of a crew


@within
def put(model: Model, state: State, node: int, s: int, p: int) -> bool:
    """Whether a node stands in a route now; if it did not fit after all, the route is as before."""
    link(model, state, node, s, p)
    if refresh(model, state, s):
        return True
    unlink(model, state, node)
    refresh(model, state, s)
    return False


@compiled
def take(model: Model, state: State, node: int) -> None:
    """Take a node out of its route, and set the route's times."""
    refresh(model, state, unlink(model, state, node))


@within
def ended_by(model: Model, state: State, job: int) -> int:
    """When everybody can have left a job that stands in the plan."""
    latest = 0
    for node in range(model.job[job, FIRST_NODE], model.job[job, FIRST_NODE] + model.job[job, ROLES]):
        s, p = state.at[node, SHIFT], state.at[node, POSITION]
        there = model.shift[s, END_PLACE] if p + 1 == state.size[s] else model.node[state.route[s, p + 1], PLACE]
        here, store = model.node[node, PLACE], state.fetch[s, STORE] if state.fetch[s, BEFORE] == p + 1 else -1
        for k in range(model.shift[s, BREAKS] + 1):
            leave = state.depart[s, p + 1, k]
            if leave < FAR and arrival_by(model, here, store, there, leave) <= state.latest[s, p + 1, k]:
                latest = max(latest, leave)
                break
    return latest


@within
def may_follow(model: Model, state: State, job: int) -> bool:
    """Whether all that comes before a job is planned; from when on it may begin is set."""
    for row in range(model.before_from[job], model.before_from[job + 1]):
        if not is_placed(model, state, model.before[row, 0]):
            return False
        low = ended_by(model, state, model.before[row, 0]) + model.before[row, 1]
        state.bound[job, LOW] = max(state.bound[job, LOW], low)
    return True


@within
def part_ways(model: Model, state: State, job: int) -> bool:
    """Whether it could be fixed until when what comes before a placed job lasts, so that no route waits for another.

    That is the end of the earlier one's shift wherever the later one's begins after it.
    """
    first = model.job[job, FIRST_NODE]
    begins = FAR
    for node in range(first, first + model.job[job, ROLES]):
        begins = min(begins, model.shift[state.at[node, SHIFT], START])
    if model.job[job, ROLES] == 1:
        state.bound[job, LOW] = max(state.bound[job, LOW], begins)
    fixed = True
    for row in range(model.before_from[job], model.before_from[job + 1]):
        before = model.before[row, 0]
        by = state.bound[job, LOW] - model.before[row, 1]
        if by < state.bound[before, END_BY]:
            keep_job(state, before)
            state.bound[before, END_BY] = by
            fixed = refresh_job(model, state, before) and fixed
    return fixed


@compiled
def refresh_job(model: Model, state: State, job: int) -> bool:
    """Whether the routes of a job can still be driven, after its bounds changed."""
    fits_all = True
    for node in range(model.job[job, FIRST_NODE], model.job[job, FIRST_NODE] + model.job[job, ROLES]):
        if state.at[node, SHIFT] >= 0:
            keep(state, state.at[node, SHIFT])
            fits_all = refresh(model, state, state.at[node, SHIFT]) and fits_all
    return fits_all


@within
def release(model: Model, state: State, job: int) -> None:
    """Let what comes before a job that was taken out last as long as the others after it allow; times are not set."""
    for row in range(model.before_from[job], model.before_from[job + 1]):
        before = model.before[row, 0]
        by = FAR
        for other in range(model.after_from[before], model.after_from[before + 1]):
            if is_placed(model, state, model.after[other, 0]):
                by = min(by, state.bound[model.after[other, 0], LOW] - model.after[other, 1])
        if by != state.bound[before, END_BY]:
            keep_job(state, before)
            state.bound[before, END_BY] = by


@compiled
def place_job(model: Model, state: State, job: int) -> bool:
    """Whether a job that was left out found its cheapest place, with its whole crew and after what comes before."""
    first = model.job[job, FIRST_NODE]
    if not model.job[job, TIED]:
        s, p, _cost, _start = best_place(model, state, first)
        return s >= 0 and put(model, state, first, s, p)
    keep_job(state, job)
    if not may_follow(model, state, job):
        free_bound(model, state, job)
        return False
    if model.job[job, ROLES] > 1:
        placed = place_crew(model, state, job)
    else:
        s, p, _cost, _start = best_place(model, state, first)
        placed = s >= 0 and put(model, state, first, s, p)
    if placed and not part_ways(model, state, job):
        placed = False
        for node in range(first, first + model.job[job, ROLES]):
            unlink(model, state, node)
        release(model, state, job)
        for row in range(model.before_from[job], model.before_from[job + 1]):
            refresh_job(model, state, model.before[row, 0])
        refresh_kept(model, state)
    if not placed:
        free_bound(model, state, job)
    return placed


@within
def refresh_kept(model: Model, state: State) -> None:
    """Set the times of every route that the change under way has touched."""
    for number in range(state.trail.count[1]):
        refresh(model, state, state.trail.shifts[number])


@within
def place_crew(model: Model, state: State, job: int) -> bool:
    """Whether a whole crew could be placed: of the starts that suit one member, the one at which all cost least."""
    first, roles = model.job[job, FIRST_NODE], model.job[job, ROLES]
    low, high = state.bound[job, LOW], state.bound[job, HIGH]
    best, best_start = np.int64(NEVER), np.int64(FAR)
    best_guess, best_leader = np.int64(0), np.int64(0)
    for leader in range(roles):
        after = low
        for _ in range(BEGINNINGS):
            state.bound[job, LOW], state.bound[job, HIGH], state.bound[job, CREW_S] = after, high, 0
            s, _p, cost, start = best_place(model, state, first + leader)
            if start >= FAR:
                break
            guess = np.int64(model.service[first + leader, model.shift[s, OPERATIVE]])
            cost = gather(model, state, job, leader, start, guess)
            if cost < NEVER:
                for node in range(first, first + roles):
                    take(model, state, node)
                if cost < best:
                    best, best_start, best_guess, best_leader = cost, start, state.bound[job, CREW_S], np.int64(leader)
            after = start + 900
    state.bound[job, LOW] = low
    if best_start >= FAR:
        return False
    return gather(model, state, job, best_leader, best_start, best_guess) < NEVER


@within
def gather(model: Model, state: State, job: int, leader: int, start: int, guess: int) -> int:
    """The cost of a crew that begins together, now placed, its leader first; NEVER if somebody is missing: all are out.

    ``guess`` is how long the crew may take.
    """
    first, roles = model.job[job, FIRST_NODE], model.job[job, ROLES]
    before = state.cost[0]
    asked = guess
    for _ in range(3):
        slowest = np.int64(0)
        state.bound[job, LOW], state.bound[job, HIGH], state.bound[job, CREW_S] = start, start, asked
        placed = 0
        for number in range(roles):
            node = first + (leader + number) % roles
            s, p, _cost, _start = best_place(model, state, node)
            if s < 0 or not put(model, state, node, s, p):
                break
            placed += 1
            slowest = max(slowest, np.int64(model.service[node, model.shift[s, OPERATIVE]]))
        if placed == roles and slowest == asked:
            return state.cost[0] - before
        for number in range(placed):
            take(model, state, first + (leader + number) % roles)
        if placed < roles:
            break
        asked = slowest
    return NEVER
