"""A state of the engine as a plan: times, breaks, cost, and why a job is left out."""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from scheduling.engine.arrays import (
    BEFORE_DAY,
    BEFORE_OPERATIVE,
    BREAKS,
    END_PLACE,
    FAR,
    FETCH_S,
    FIRST_NODE,
    JOB,
    LONGEST,
    MOVED_PRICE,
    ON_DAY,
    OPERATIVE,
    PLACE,
    REST_FROM,
    REST_S,
    ROLE,
    START,
    START_PLACE,
    STORE_PLACE,
    UNIT,
    Model,
    Numbers,
    breaks_of,
)
from scheduling.engine.changes import begin_change
from scheduling.engine.clock import (
    arrival,
    begin,
    fetched,
    finish,
    late_cost,
    rest_once,
    seconds,
    service_of,
    travel_by,
)
from scheduling.engine.compiled import compiled, within
from scheduling.engine.insertion import place_job, take
from scheduling.engine.state import (
    BEFORE,
    CALLED,
    COST,
    LEAVES,
    LEFT,
    SERVED,
    SHIFT,
    STORE,
    TAKEN,
    WIDELY,
    State,
    empty_state,
)
from scheduling.engine.timetable import refresh_all
from scheduling.hashes import problem_hash
from scheduling.misfit import misfit
from scheduling.plan import Fetch, LeftOut, Plan, Rest, Visit
from scheduling.problem import Job, Problem
from scheduling.rules import Rule

ARRIVE, BEGIN, FINISH = range(3)


def plan_of(problem: Problem, model: Model, state: State, seed: int, iterations: int) -> Plan:
    """The plan that a state holds."""
    driven = np.flatnonzero(state.size).tolist()
    visits, rests = stops_in(problem, model, state, driven)
    fetches = calls_in(problem, model, state, driven)
    left_out = tuple(reasons(problem, model, state))
    place = np.arange(state.leg.shape[1])[None, :]
    metres = int(state.leg[(place <= state.size[:, None]) & (state.size[:, None] > 0)].sum())
    cost = cost_of(problem, model, state)
    return Plan(
        problem_hash(problem), seed, iterations, tuple(visits), tuple(rests), left_out, metres, cost, tuple(fetches)
    )


def cost_of(problem: Problem, model: Model, state: State) -> int:
    """What the plan of a state costs, in metres; not what moved."""
    unserved = sum(problem.costs.left_out[problem.jobs[job].priority] for job in absent_in(model, state))
    return (int(state.tally[:, COST].sum()) - moved_cost(model, state)) // UNIT + unserved


def absent_in(model: Model, state: State) -> list[int]:
    """The jobs without a visit."""
    absent: list[int] = np.flatnonzero(state.at[model.job[:, FIRST_NODE], SHIFT] < 0).tolist()
    return absent


def stops_in(problem: Problem, model: Model, state: State, shifts: Iterable[int]) -> tuple[list[Visit], list[Rest]]:
    """The visits and breaks of those shifts, by shift and start."""
    labels = model.rest.shape[1] + 1
    came = np.zeros((model.longest + 1, labels, 2), dtype=np.int64)
    times = np.zeros((model.longest, 3), dtype=np.int64)
    rested = np.zeros(labels, dtype=np.int64)
    visits: list[Visit] = []
    rests: list[Rest] = []
    for s in shifts:
        if state.size[s] == 0:
            continue
        taken = trace(model, state, s, came, times, rested)
        numbers = [number for number, _ in breaks_of(problem.shifts[s])]
        for k in range(taken):
            start = int(rested[k])
            rests.append(Rest(s, numbers[k], start, start + problem.shifts[s].breaks[numbers[k]].duration_s))
        for p in range(int(state.size[s])):
            node = int(state.route[s, p])
            job, role = int(model.node[node, JOB]), int(model.node[node, ROLE])
            arrive, start, end = (int(each) for each in times[p])
            leg = int(state.leg[s, p])
            if p == state.fetch[s, BEFORE]:  # from the store on
                store = problem.stores[state.fetch[s, STORE]]
                leg = int(problem.travel.distance_m[store.place, model.node[node, PLACE]])
            visits.append(Visit(job, role, s, arrive, start, end, leg))
    return visits, rests


def calls_in(problem: Problem, model: Model, state: State, shifts: Iterable[int]) -> list[Fetch]:
    """The calls at stores of those shifts, as ``stops_in`` has timed them."""
    fetches = []
    for s in shifts:
        before, store, called, served, left = state.fetch[s].tolist()
        if before >= 0:
            here = problem.shifts[s].start_place if before == 0 else int(model.node[state.route[s, before - 1], PLACE])
            leg = int(problem.travel.distance_m[here, problem.stores[store].place])
            fetches.append(Fetch(s, store, called, served, left, leg))
    return fetches


def moved_cost(model: Model, state: State) -> int:
    """What visits that moved against the plan before add to the state's cost, which is not the plan's."""
    placed = np.flatnonzero((state.at[:, SHIFT] >= 0) & (model.node[:, BEFORE_OPERATIVE] >= 0))
    shift = model.shift[state.at[placed, SHIFT]]
    moved = (model.node[placed, BEFORE_OPERATIVE] != shift[:, OPERATIVE]) | (
        model.node[placed, BEFORE_DAY] != shift[:, ON_DAY]
    )
    return int(moved.sum()) * int(model.price[MOVED_PRICE])


def reasons(problem: Problem, model: Model, state: State) -> Iterator[LeftOut]:
    """Why each job without a visit has none, by job."""
    absent = absent_in(model, state)
    if not absent:
        return
    out = set(absent)
    alone = empty_state(model, 1)
    refresh_all(model, alone)
    alone.mode[WIDELY] = 1
    for job in absent:
        yield _reason(problem, model, alone, problem.jobs[job], job, out)


def _reason(problem: Problem, model: Model, alone: State, one: Job, job: int, out: set[int]) -> LeftOut:
    for follow in one.follows:
        if follow.job in out:
            before = problem.jobs[follow.job].job_ref
            return LeftOut(job, Rule.FOLLOW_ON, f"It comes after {before}, which is left out.", f"Plan {before} first.")
    for role in one.roles:
        trained = [each for each in problem.operatives if each.proficiency_percent.get(role.trade, 0) > 0]
        if not trained:
            return LeftOut(
                job,
                Rule.TRADE,
                f"No operative has trade {role.trade}.",
                "Take on, borrow or contract one of this trade.",
            )
        if not any(role.skills <= each.skills for each in trained):
            wanted = ", ".join(sorted(role.skills))
            return LeftOut(
                job, Rule.SKILL, f"No {role.trade} operative holds {wanted}.", "Certify or contract somebody."
            )
    if not one.follows:
        begin_change(alone)
        if place_job(model, alone, job):
            for node in range(model.job[job, FIRST_NODE], model.job[job, FIRST_NODE] + len(one.roles)):
                take(model, alone, node)
            return LeftOut(
                job, Rule.SHIFT, "The shifts of everybody who could do it are full in its windows.",
                "Offer the tenant another window, give overtime, or move a job of lower priority.",
            )  # fmt: skip
    return LeftOut(job, *misfit(problem, job))


@compiled
def trace(model: Model, state: State, s: int, came: Numbers, times: Numbers, rested: Numbers) -> int:  # noqa: PLR0912, PLR0915
    """How many breaks a shift takes; arrival, start and end at its stops and the starts of its breaks are written.

    ``came`` notes by which way each label came to be: it is 1 where a break had just been taken, on arrival (0) or
    before leaving (1).
    """
    size, breaks, label = state.size[s], model.shift[s, BREAKS], state.label
    for p in range(size + 1):
        for k in range(breaks + 1):
            came[p, k, 0], came[p, k, 1] = 0, 0
    for k in range(breaks + 1):
        label[0, k], label[1, k] = FAR, 0
    begins = state.tally[s, LEAVES] if model.shift[s, LONGEST] >= 0 else model.shift[s, START]
    label[0, 0] = begins
    rest_noting(model, label, s, came, 0, 1)
    here = model.shift[s, START_PLACE]
    for p in range(size):
        node = state.route[s, p]
        there = model.node[node, PLACE]
        travel_by(model, label, s, here, state.fetch[s, STORE] if p == state.fetch[s, BEFORE] else -1, there)
        rest_noting(model, label, s, came, p + 1, 0)
        service = service_of(model, state, node, s)
        for k in range(breaks + 1):
            if label[0, k] < FAR:
                start = begin(model, state.bound, node, service, label[0, k])
                if start < FAR:
                    label[0, k] = start + service
                    label[1, k] += late_cost(model, node, start + service)
                else:
                    label[0, k] = FAR
        rest_noting(model, label, s, came, p + 1, 1)
        here = there
    _cost, _worked, taken = finish(model, state, s, seconds(model, here, model.shift[s, END_PLACE]))
    if model.shift[s, LONGEST] >= 0:
        taken = state.tally[s, TAKEN]
    k = taken
    for p in range(size, -1, -1):
        leaving = k
        while came[p, k, 1] == 1:
            k -= 1
        served = k
        while p > 0 and came[p, k, 0] == 1:
            k -= 1
        came[p, 0, 0], came[p, 0, 1] = served - k, leaving - served
    time, k, here = begins, 0, model.shift[s, START_PLACE]
    for p in range(size + 1):
        if p > 0:
            node = state.route[s, p - 1]
            if p - 1 == state.fetch[s, BEFORE]:
                time = call(model, state, s, here, time)
                here = model.store[state.fetch[s, STORE], STORE_PLACE]
            time = arrival(model, seconds(model, here, model.node[node, PLACE]), time)
            times[p - 1, ARRIVE] = time
            for _ in range(came[p, 0, 0]):
                rested[k] = max(time, model.rest[s, k, REST_FROM])
                time = rested[k] + model.rest[s, k, REST_S]
                k += 1
            service = service_of(model, state, node, s)
            time = begin(model, state.bound, node, service, time)
            times[p - 1, BEGIN], times[p - 1, FINISH] = time, time + service
            time += service
            here = model.node[node, PLACE]
        for _ in range(came[p, 0, 1]):
            rested[k] = max(time, model.rest[s, k, REST_FROM])
            time = rested[k] + model.rest[s, k, REST_S]
            k += 1
    return taken


@within
def call(model: Model, state: State, s: int, here: int, leave: int) -> int:
    """When a shift that leaves for its store then has fetched; the times of the call are written."""
    store = state.fetch[s, STORE]
    called = arrival(model, seconds(model, here, model.store[store, STORE_PLACE]), leave)
    left = fetched(model, store, called)
    state.fetch[s, CALLED], state.fetch[s, SERVED], state.fetch[s, LEFT] = (
        called,
        left - model.store[store, FETCH_S],
        left,
    )
    return left


@within
def rest_noting(model: Model, label: Numbers, s: int, came: Numbers, p: int, side: int) -> None:
    """``clock.rest``, with a note of the labels that came to be by a break."""
    for k in range(model.shift[s, BREAKS]):
        if rest_once(model, label, s, k):
            came[p, k + 1, side] = 1
