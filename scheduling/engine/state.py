"""A plan as compiled code keeps it: routes, and for every place in them how early one gets there and how late one may.

Labels count the breaks taken so far. ``depart[s, p, k]`` is when a shift can leave its stop ``p`` (0: where it starts)
at the earliest after ``k`` breaks, ``latest[s, p, k]`` when it must arrive at its stop ``p`` (from 0; the last is the
way home) for the rest to fit. So whether a visit fits between two others is seen without looking at the others.
"""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scheduling.engine.arrays import (
    CAPACITY,
    EARLIEST,
    FAR,
    FIRST_NODE,
    KEY,
    LOAD,
    NEAR,
    ON_DAY,
    OPERATIVE,
    ROLES,
    WANTS,
    Model,
    Numbers,
)
from scheduling.engine.compiled import compiled, within

# columns of State.bound
LOW, HIGH, END_BY, CREW_S = range(4)
# columns of State.tally
COST, TIME_COST, WORKED, CARRIED, TIMED, WAY_COST, LEAVES, TAKEN, LEAST, SPANNED = range(10)
TALLY_COLUMNS = 10
# where the two spans begin in State.span
AHEAD, BEHIND, SPAN_COLUMNS = 0, 4, 8
# columns of State.fetch
BEFORE, STORE, CALLED, SERVED, LEFT = range(5)
# columns of State.mode
WIDELY, BLINKS = range(2)
# columns of State.at, and of State.around
SHIFT, POSITION, LAST, STEP = range(4)


class Trail(NamedTuple):
    """How the routes and bounds stood before a change, so that it can be taken back."""

    count: Numbers  # (3): the number of the change; routes kept, jobs kept
    shifts: Numbers  # (shifts): those kept
    shift_in: Numbers  # (shifts): the change in which each was kept last
    route: Numbers
    size: Numbers
    jobs: Numbers  # (jobs): those kept, of crews and follow-ons only
    job_in: Numbers
    bound: Numbers


class State(NamedTuple):
    """The routes and what follows from them."""

    route: Numbers  # (shifts, longest): nodes
    size: Numbers  # (shifts)
    depart: Numbers  # (shifts, longest + 1, labels)
    spent: Numbers  # (shifts, longest + 1, labels): the cost of time up to there
    latest: Numbers  # (shifts, longest + 1, labels)
    span: Numbers  # (shifts, longest + 1, SPAN_COLUMNS): up to each stop, and from it on (``spans``)
    leg: Numbers  # (shifts, longest + 1): metres to each stop, and home
    at: Numbers  # (nodes, 2): shift and position; -1 if left out
    bound: Numbers  # (jobs, 4): what crews and follow-ons leave of a job's time, and how long the crew takes
    tally: Numbers  # (shifts, TALLY_COLUMNS)
    used: Numbers  # (shifts, kinds): pieces that the stops take
    fetch: Numbers  # (shifts, 5): before which stop a store is called at, -1 without; which; and when, set by ``trace``
    key_held: Numbers  # (keys, days, 2): how many jobs of a key, by which operative
    week: Numbers  # seconds worked by limited week
    random: NDArray[np.uint64]  # (1)
    label: Numbers  # (2, labels): room for one calculation
    cost: Numbers  # (1): of all routes
    trial: Numbers  # (longest + 1): room for a route that is tried
    pieces: Numbers  # (kinds): room for one count
    late: Numbers  # (labels): room for one look back
    around: Numbers  # (NEAR + shifts, 4): room for where a place is looked for: from a position to the last, by steps
    mode: Numbers  # (2): whether places are looked for everywhere, and overlooked now and then
    trail: Trail


def empty_state(model: Model, seed: int) -> State:
    """A state with no visits."""
    shifts, jobs, nodes = len(model.shift), len(model.job), len(model.node)
    labels = model.rest.shape[1] + 1
    bound = np.zeros((jobs, 4), dtype=np.int64)
    bound[:, LOW], bound[:, HIGH], bound[:, END_BY] = model.job[:, EARLIEST], FAR, FAR
    return State(
        route=np.full((shifts, model.longest), -1, dtype=np.int64),
        size=np.zeros(shifts, dtype=np.int64),
        depart=np.full((shifts, model.longest + 1, labels), FAR, dtype=np.int64),
        spent=np.zeros((shifts, model.longest + 1, labels), dtype=np.int64),
        latest=np.full((shifts, model.longest + 1, labels), -FAR, dtype=np.int64),
        span=np.zeros((shifts, model.longest + 1, SPAN_COLUMNS), dtype=np.int64),
        leg=np.zeros((shifts, model.longest + 1), dtype=np.int64),
        at=np.full((nodes, 2), -1, dtype=np.int64),
        bound=bound,
        tally=np.zeros((shifts, TALLY_COLUMNS), dtype=np.int64),
        used=np.zeros((shifts, model.stock.shape[1]), dtype=np.int64),
        fetch=np.full((shifts, 5), -1, dtype=np.int64),
        key_held=np.zeros((max(1, model.keys), model.days + 1, 2), dtype=np.int64),
        week=np.zeros(max(1, len(model.week_limit)), dtype=np.int64),
        random=np.array([(seed * 0x9E3779B97F4A7C15 + 0x2545F4914F6CDD1D) % 2**64 | 1], dtype=np.uint64),
        label=np.zeros((2, labels), dtype=np.int64),
        cost=np.zeros(1, dtype=np.int64),
        trial=np.zeros(model.longest + 1, dtype=np.int64),
        pieces=np.zeros(model.stock.shape[1], dtype=np.int64),
        late=np.zeros(labels, dtype=np.int64),
        around=np.zeros((NEAR + shifts, 4), dtype=np.int64),
        mode=np.zeros(2, dtype=np.int64),
        trail=Trail(
            count=np.zeros(3, dtype=np.int64),
            shifts=np.zeros(shifts, dtype=np.int64),
            shift_in=np.full(shifts, -1, dtype=np.int64),
            route=np.full((shifts, model.longest), -1, dtype=np.int64),
            size=np.zeros(shifts, dtype=np.int64),
            jobs=np.zeros(jobs, dtype=np.int64),
            job_in=np.full(jobs, -1, dtype=np.int64),
            bound=bound.copy(),
        ),
    )


@within
def dice(random: NDArray[np.uint64], sides: int) -> int:
    """The next of the whole numbers from 0 below ``sides`` (xorshift64*)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return np.int64((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(33)) % sides


@compiled
def keep(state: State, s: int) -> None:
    """Remember a route as it stands, before the first time that a change touches it."""
    trail = state.trail
    if trail.shift_in[s] != trail.count[0]:
        trail.shift_in[s] = trail.count[0]
        trail.shifts[trail.count[1]] = s
        trail.count[1] += 1
        trail.size[s] = state.size[s]
        for p in range(state.size[s]):
            trail.route[s, p] = state.route[s, p]


@compiled
def keep_job(state: State, job: int) -> None:
    """Remember a job's bounds, before the first time that a change touches them."""
    trail = state.trail
    if trail.job_in[job] != trail.count[0]:
        trail.job_in[job] = trail.count[0]
        trail.jobs[trail.count[2]] = job
        trail.count[2] += 1
        for column in range(4):
            trail.bound[job, column] = state.bound[job, column]


@within
def hold(model: Model, state: State, s: int, node: int, change: int) -> None:
    """Count a node in or out of what its shift carries and of the keys that its operative holds."""
    state.tally[s, CARRIED] += change * model.node[node, LOAD]
    key = model.node[node, KEY]
    if key >= 0:
        state.key_held[key, model.shift[s, ON_DAY], 0] += change
        state.key_held[key, model.shift[s, ON_DAY], 1] = model.shift[s, OPERATIVE]
    if model.node[node, WANTS]:
        for kind in range(model.needs.shape[1]):
            state.used[s, kind] += change * model.needs[node, kind]


@within
def is_short(model: Model, state: State, s: int, node: int) -> bool:
    """Whether a van has not all that its stops and a node take."""
    if model.node[node, WANTS]:
        for kind in range(model.needs.shape[1]):
            if state.used[s, kind] + model.needs[node, kind] > model.stock[s, kind]:
                return True
    return state.fetch[s, BEFORE] >= 0


@within
def is_fetched(model: Model, state: State, s: int, node: int) -> bool:
    """Whether there is a store that has all of which a van is short with a node."""
    for store in range(len(model.store)):
        has = True
        for kind in range(model.needs.shape[1]):
            short = state.used[s, kind] + model.needs[node, kind] > model.stock[s, kind]
            has = has and (model.holds[store, kind] > 0 or not short)
        if has:
            return True
    return False


@within
def is_free(model: Model, state: State, s: int, node: int) -> bool:
    """Whether a shift's van, its tools and parts, and its operative's keys allow a node."""
    if state.tally[s, CARRIED] + model.node[node, LOAD] > model.shift[s, CAPACITY]:
        return False
    if model.node[node, WANTS] and is_short(model, state, s, node) and not is_fetched(model, state, s, node):
        return False
    key = model.node[node, KEY]
    if key >= 0:
        day = model.shift[s, ON_DAY]
        return bool(state.key_held[key, day, 0] == 0 or state.key_held[key, day, 1] == model.shift[s, OPERATIVE])
    return True


@within
def link(model: Model, state: State, node: int, s: int, p: int) -> None:
    """Put a node into a route; its times are for ``clock.refresh``."""
    keep(state, s)
    for place in range(state.size[s], p, -1):
        moved = state.route[s, place - 1]
        state.route[s, place] = moved
        state.at[moved, POSITION] = place
    state.route[s, p] = node
    state.size[s] += 1
    state.at[node, SHIFT], state.at[node, POSITION] = s, p
    hold(model, state, s, node, 1)


@within
def unlink(model: Model, state: State, node: int) -> int:
    """Take a node out of its route, which is returned; times are for ``clock.refresh``."""
    s, p = state.at[node, SHIFT], state.at[node, POSITION]
    keep(state, s)
    for place in range(p, state.size[s] - 1):
        moved = state.route[s, place + 1]
        state.route[s, place] = moved
        state.at[moved, POSITION] = place
    state.size[s] -= 1
    state.route[s, state.size[s]] = -1
    state.at[node, SHIFT], state.at[node, POSITION] = -1, -1
    hold(model, state, s, node, -1)
    return s


@within
def is_placed(model: Model, state: State, job: int) -> bool:
    """Whether a job's whole crew stands in the plan."""
    first = model.job[job, FIRST_NODE]
    return state.at[first + model.job[job, ROLES] - 1, SHIFT] >= 0 and state.at[first, SHIFT] >= 0


@compiled
def free_bound(model: Model, state: State, job: int) -> None:
    """Give a job that is left out its own times back."""
    keep_job(state, job)
    state.bound[job, LOW], state.bound[job, HIGH] = model.job[job, EARLIEST], FAR
    state.bound[job, END_BY], state.bound[job, CREW_S] = FAR, 0
