"""A plan under change: taken back, emptied of jobs, filled from another plan; and the best one that was seen.

A job leaves with its whole crew and with all that follows on it.
"""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scheduling.engine.arrays import (
    FIRST_NODE,
    JOB,
    LEFT_OUT,
    OPERATIVE,
    ROLES,
    TIED,
    Model,
    Numbers,
)
from scheduling.engine.compiled import compiled
from scheduling.engine.insertion import may_follow, part_ways, put, refresh_job, release
from scheduling.engine.state import (
    CREW_S,
    HIGH,
    LOW,
    POSITION,
    SHIFT,
    State,
    free_bound,
    hold,
    is_placed,
    unlink,
)
from scheduling.engine.timetable import refresh
from scheduling.engine.weighing import may_take


class Best(NamedTuple):
    """The best plan seen, the jobs now left out, and room for one iteration."""

    route: Numbers
    size: Numbers
    bound: Numbers
    cost: Numbers  # (2): of the best, with what it leaves out; and what is left out now
    changed: Numbers  # (shifts): those that differ from the best
    is_changed: Numbers
    changes: Numbers  # (3): how many shifts changed, jobs absent, jobs removed
    tied: Numbers  # jobs of crews and follow-ons
    absent: Numbers  # (jobs)
    removed: Numbers  # (jobs)
    rank: Numbers  # (jobs)
    chosen: Numbers  # (longest)


def best_of(model: Model, state: State, among: NDArray[np.bool_] | None = None) -> Best:
    """The state as the best seen so far; of the jobs left out only those ``among`` some (None: all) are sought for."""
    shifts, jobs = len(model.shift), len(model.job)
    is_absent = state.at[model.job[:, FIRST_NODE], SHIFT] < 0
    absent = np.flatnonzero(is_absent if among is None else is_absent & among)
    left = int(model.job[absent, LEFT_OUT].sum())
    best = Best(
        route=state.route.copy(), size=state.size.copy(), bound=state.bound.copy(),
        cost=np.array([int(state.cost[0]) + left, left], dtype=np.int64),
        changed=np.zeros(shifts, dtype=np.int64), is_changed=np.zeros(shifts, dtype=np.int64),
        changes=np.array([0, len(absent), 0], dtype=np.int64),
        tied=np.flatnonzero(model.job[:, TIED]).astype(np.int64),
        absent=np.zeros(jobs, dtype=np.int64), removed=np.zeros(jobs, dtype=np.int64),
        rank=np.zeros(jobs, dtype=np.int64),
        chosen=np.zeros(model.longest, dtype=np.int64),
    )  # fmt: skip
    best.absent[: len(absent)] = absent
    return best


@compiled
def begin_change(state: State) -> None:
    """Forget what was kept for taking the last change back."""
    state.trail.count[0] += 1
    state.trail.count[1], state.trail.count[2] = 0, 0


@compiled
def take_back(model: Model, state: State) -> None:
    """Set the routes and bounds as they stood before the change."""
    trail = state.trail
    for number in range(trail.count[2]):
        for column in range(4):
            state.bound[trail.jobs[number], column] = trail.bound[trail.jobs[number], column]
    for number in range(trail.count[1]):
        clear(model, state, trail.shifts[number])
    for number in range(trail.count[1]):
        s = trail.shifts[number]
        fill(model, state, s, trail.route, trail.size[s])
    for number in range(trail.count[1]):
        refresh(model, state, trail.shifts[number])


@compiled
def clear(model: Model, state: State, s: int) -> None:
    """Empty a route; its times are for ``clock.refresh``."""
    for p in range(state.size[s]):
        node = state.route[s, p]
        state.at[node, SHIFT], state.at[node, POSITION] = -1, -1
        hold(model, state, s, node, -1)
        state.route[s, p] = -1
    state.size[s] = 0
    refresh(model, state, s)


@compiled
def fill(model: Model, state: State, s: int, route: Numbers, size: int) -> None:
    """Fill an empty route with the nodes of another; its times are for ``clock.refresh``."""
    for p in range(size):
        node = route[s, p]
        state.route[s, p] = node
        state.at[node, SHIFT], state.at[node, POSITION] = s, p
        hold(model, state, s, node, 1)
    state.size[s] = size


@compiled
def drop(model: Model, state: State, best: Best, job: int) -> None:
    """Take a job out with its crew, and with all that follows on it; times are for ``clock.refresh``."""
    if not is_placed(model, state, job):
        return
    begun = best.changes[2]
    best.removed[begun] = job
    best.changes[2] += 1
    number = begun
    while number < best.changes[2]:
        one = best.removed[number]
        for node in range(model.job[one, FIRST_NODE], model.job[one, FIRST_NODE] + model.job[one, ROLES]):
            unlink(model, state, node)
        for row in range(model.after_from[one], model.after_from[one + 1]):
            after = model.after[row, 0]
            if is_placed(model, state, after):
                known = False
                for earlier in range(begun, best.changes[2]):
                    known = known or best.removed[earlier] == after
                if not known:
                    best.removed[best.changes[2]] = after
                    best.changes[2] += 1
        number += 1
    for number in range(begun, best.changes[2]):
        one = best.removed[number]
        if model.job[one, TIED]:
            free_bound(model, state, one)
            release(model, state, one)


@compiled
def settle(model: Model, state: State, best: Best) -> None:
    """Set the times of the routes that were ruined; one that cannot be driven any more is emptied."""
    number = 0
    while number < state.trail.count[1]:
        s = state.trail.shifts[number]
        if not refresh(model, state, s):
            while state.size[s] > 0:
                drop(model, state, best, model.node[state.route[s, 0], JOB])
            number = -1
        number += 1


@compiled
def return_to_best(model: Model, state: State, best: Best) -> None:
    """Set the state to the best plan seen."""
    begin_change(state)
    for number in range(len(best.tied)):
        for column in range(4):
            state.bound[best.tied[number], column] = best.bound[best.tied[number], column]
    for s in range(len(model.shift)):
        clear(model, state, s)
    for s in range(len(model.shift)):
        fill(model, state, s, best.route, best.size[s])
    for s in range(len(model.shift)):
        refresh(model, state, s)


@compiled
def load(model: Model, state: State, best: Best, visits: Numbers) -> None:  # noqa: PLR0912
    """Put a plan's visits in, by shift and start: node, shift, start, seconds; not what breaks a rule."""
    begin_change(state)
    for number in range(len(visits)):
        node, s, start, service = visits[number, 0], visits[number, 1], visits[number, 2], visits[number, 3]
        job = model.node[node, JOB]
        if state.at[node, SHIFT] >= 0 or not may_take(model, state, node, s):
            continue
        if model.job[job, ROLES] > 1:
            state.bound[job, LOW], state.bound[job, HIGH], state.bound[job, CREW_S] = start, start, service
        put(model, state, node, s, state.size[s])
    best.changes[2] = 0
    for number in range(len(best.tied)):
        job = best.tied[number]
        first, roles = model.job[job, FIRST_NODE], model.job[job, ROLES]
        there = 0
        slowest = np.int64(0)
        for node in range(first, first + roles):
            if state.at[node, SHIFT] >= 0:
                there += 1
                slowest = max(slowest, np.int64(model.service[node, model.shift[state.at[node, SHIFT], OPERATIVE]]))
        if there < roles or (roles > 1 and slowest != state.bound[job, CREW_S]):
            for node in range(first, first + roles):
                if state.at[node, SHIFT] >= 0:
                    unlink(model, state, node)
            free_bound(model, state, job)
    settle(model, state, best)
    changed = True
    while changed:  # by depth: what comes before has its bounds before what follows
        changed = False
        for number in range(len(best.tied)):
            job = best.tied[number]
            if model.before_from[job] == model.before_from[job + 1] or not is_placed(model, state, job):
                continue
            bound = state.bound[job, LOW]
            if not (may_follow(model, state, job) and refresh_job(model, state, job) and part_ways(model, state, job)):
                best.changes[2] = 0
                drop(model, state, best, job)
                settle(model, state, best)
                changed = True
            elif state.bound[job, LOW] != bound:
                changed = True
