"""Ruin and recreate: short strings of neighbouring routes are taken out and put back where they cost least.

Slack induction by string removals (Christiaens and Vanden Berghe, Transportation Science 54, 2020), with crews and
follow-ons that leave and return together, and routes or an operative's days taken out whole now and then.
"""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

import numpy as np

from scheduling.engine.arrays import (
    DEPTH,
    FIRST_NODE,
    JOB,
    LEFT_OUT,
    OPERATIVE,
    PLACE,
    START_PLACE,
    WINDOW,
    WINDOWS_END,
    Model,
    Numbers,
)
from scheduling.engine.changes import (
    Best,
    begin_change,
    drop,
    settle,
    take_back,
)
from scheduling.engine.clock import metres
from scheduling.engine.compiled import compiled, within
from scheduling.engine.insertion import place_job
from scheduling.engine.state import (
    BLINKS,
    POSITION,
    SHIFT,
    WIDELY,
    State,
    dice,
    is_placed,
)

MEAN_REMOVED = 10
LONGEST_STRING = 10
MOST_REMOVED = 60
ABSENT_TRIED = 8  # jobs left out that an iteration tries beside those it removed
SELDOM = 16  # once in so many a job left out is tried everywhere
NEGATIVE_LOG = np.rint(-np.log((np.arange(4_096) + 0.5) / 4_096) * 65_536).astype(np.int64)


@within
def drop_string(model: Model, state: State, best: Best, node: int, most: int) -> None:
    """Take a string of a route out that holds a node; every other time one stop within it stays."""
    s, at = state.at[node, SHIFT], state.at[node, POSITION]
    size = state.size[s]
    length = 1 + dice(state.random, min(size, most))
    spared = -1
    span = length
    if length > 1 and length < size and dice(state.random, 2) == 0:
        span = length + 1
    low, high = max(0, at - span + 1), min(at, size - span)
    begin = low + dice(state.random, high - low + 1)
    if span > length:
        spared = begin + 1 + dice(state.random, span - 2)
    for number in range(span):
        best.chosen[number] = -1 if begin + number == spared else model.node[state.route[s, begin + number], JOB]
    for number in range(span):
        if best.chosen[number] >= 0 and best.changes[2] < MOST_REMOVED:
            drop(model, state, best, best.chosen[number])


@within
def ruin(model: Model, state: State, best: Best, mean_size: int) -> None:
    """Take some jobs out that lie near each other."""
    nodes = len(model.node)
    seed = dice(state.random, nodes)
    absent = best.changes[1]
    if absent > 0 and dice(state.random, 4) == 0:
        seed = model.job[best.absent[dice(state.random, absent)], FIRST_NODE]
    kind = dice(state.random, 24)
    most = min(LONGEST_STRING, max(1, mean_size))
    strings = 1 + dice(state.random, max(1, 4 * MEAN_REMOVED // (1 + most)))
    if kind == 0:  # whole routes
        most, strings = 1_000, 2
    round_of = state.trail.count[0]
    if kind == 1 and state.at[seed, SHIFT] >= 0:  # the days of one operative
        operative = model.shift[state.at[seed, SHIFT], OPERATIVE]
        first, last = model.shifts_from[operative], model.shifts_from[operative + 1]
        for _ in range(min(strings, last - first)):
            s = model.shifts_of[first + dice(state.random, last - first)]
            if state.size[s] > 0 and state.trail.shift_in[s] != round_of:
                drop_string(model, state, best, state.route[s, dice(state.random, state.size[s])], most)
    done = 0
    for number in range(-1, model.near.shape[1]):
        node = seed if number < 0 else model.near[seed, number]
        if node < 0 or done >= strings or best.changes[2] >= MOST_REMOVED:
            break
        s = state.at[node, SHIFT]
        if s < 0 or state.trail.shift_in[s] == round_of:
            continue
        if kind == 2:  # single stops
            drop(model, state, best, model.node[node, JOB])
        else:
            drop_string(model, state, best, node, most)
        done += 1
    settle(model, state, best)


@within
def rank_removed(model: Model, state: State, best: Best, count: int) -> None:
    """Sort the jobs to be put back: what comes before first, else in one of several orders."""
    kind = dice(state.random, 12)
    for number in range(count):
        job = best.removed[number]
        node = model.job[job, FIRST_NODE]
        if kind < 3:
            rank = dice(state.random, 2**30)
        elif kind < 6:
            operative = max(0, model.homes[node, 0])
            rank = -np.int64(model.service[node, operative])
        elif kind < 8:
            rank = np.int64(0)
            for home in range(model.homes.shape[1]):
                rank += model.homes[node, home] >= 0
            rank = rank * 2**20 - np.int64(model.service[node, max(0, model.homes[node, 0])])
        elif kind < 10:
            operative = max(0, model.homes[node, 0])
            at = model.shift[model.shifts_of[min(model.shifts_from[operative], len(model.shifts_of) - 1)], START_PLACE]
            way = metres(model, at, model.node[node, PLACE])
            rank = -way if kind == 8 else way
        else:
            low, high = model.node[node, WINDOW], model.node[node, WINDOWS_END]
            rank = np.int64(0)
            if low < high:
                rank = model.window[high - 1, 1] if kind == 10 else model.window[high - 1, 1] - model.window[low, 0]
        best.rank[number] = rank + model.job[job, DEPTH] * 2**40
    for number in range(1, count):
        job, rank = best.removed[number], best.rank[number]
        at = number
        while at > 0 and best.rank[at - 1] > rank:
            best.removed[at], best.rank[at] = best.removed[at - 1], best.rank[at - 1]
            at -= 1
        best.removed[at], best.rank[at] = job, rank


@within
def recreate(model: Model, state: State, best: Best) -> int:
    """What is left out costs now, after what was removed and a few of the jobs left out were put in."""
    left = best.cost[1]
    for number in range(best.changes[2]):
        left += model.job[best.removed[number], LEFT_OUT]
    count = best.changes[2]
    absent = best.changes[1]
    if absent > 0:
        begin = dice(state.random, absent)
        for number in range(min(absent, ABSENT_TRIED)):
            best.removed[count] = best.absent[(begin + number) % absent]
            count += 1
    rank_removed(model, state, best, count)
    widely = dice(state.random, SELDOM) == 0
    for number in range(count):
        job = best.removed[number]
        state.mode[WIDELY], state.mode[BLINKS] = 0, 1
        if place_job(model, state, job):
            left -= model.job[job, LEFT_OUT]
        elif widely:
            state.mode[WIDELY], state.mode[BLINKS] = 1, 0
            if place_job(model, state, job):
                left -= model.job[job, LEFT_OUT]
    best.changes[2] = count
    return left


@within
def accept(model: Model, state: State, best: Best, left: int) -> None:  # noqa: PLR0912
    """Take a change as made: note which jobs are left out now, and keep the plan if none was better."""
    count = 0
    for number in range(best.changes[1]):
        if not is_placed(model, state, best.absent[number]):
            best.absent[count] = best.absent[number]
            count += 1
    before = count
    for number in range(best.changes[2]):
        job = best.removed[number]
        if not is_placed(model, state, job):
            known = False
            for earlier in range(before):
                known = known or best.absent[earlier] == job
            if not known:
                best.absent[count] = job
                count += 1
    best.changes[1] = count
    best.cost[1] = left
    for number in range(state.trail.count[1]):
        s = state.trail.shifts[number]
        if not best.is_changed[s]:
            best.is_changed[s] = 1
            best.changed[best.changes[0]] = s
            best.changes[0] += 1
    if state.cost[0] + left < best.cost[0]:
        best.cost[0] = state.cost[0] + left
        for number in range(best.changes[0]):
            s = best.changed[number]
            best.is_changed[s] = 0
            best.size[s] = state.size[s]
            for p in range(state.size[s]):
                best.route[s, p] = state.route[s, p]
        best.changes[0] = 0
        for number in range(len(best.tied)):
            for column in range(4):
                best.bound[best.tied[number], column] = state.bound[best.tied[number], column]


@compiled
def run(model: Model, state: State, best: Best, iterations: int, heat: int) -> None:
    """Search for so many iterations, taking what costs more now and then: the more of it, the greater the heat."""
    placed, used = 0, 0
    for s in range(len(model.shift)):
        placed += state.size[s]
        used += state.size[s] > 0
    mean_size = placed // max(1, used)
    for _ in range(iterations):
        begin_change(state)
        best.changes[2] = 0
        before = state.cost[0] + best.cost[1]
        ruin(model, state, best, mean_size)
        left = recreate(model, state, best)
        threshold = (heat * NEGATIVE_LOG[dice(state.random, 4_096)]) >> 16
        if state.cost[0] + left < before + threshold:
            accept(model, state, best, left)
        else:
            take_back(model, state)


@compiled
def construct(model: Model, state: State, jobs: Numbers) -> None:
    """Put the jobs in one after another, each at its cheapest place."""
    for number in range(len(jobs)):
        begin_change(state)
        for widely in range(2):
            state.mode[WIDELY], state.mode[BLINKS] = widely, 0
            if not is_placed(model, state, jobs[number]):
                place_job(model, state, jobs[number])
