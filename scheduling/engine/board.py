"""A live plan: where a job fits best right now, and visits put in and taken out one at a time."""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scheduling.engine.arrays import (
    CLOSE,
    FAR,
    FIRST_NODE,
    NEVER,
    OPERATIVE,
    ROLES,
    START,
    UNIT,
    Model,
    Numbers,
    model_of,
)
from scheduling.engine.changes import begin_change, best_of, drop, settle, take_back
from scheduling.engine.compiled import compiled, within
from scheduling.engine.insertion import may_follow, part_ways, place_job, put, refresh_kept, release
from scheduling.engine.outcome import plan_of
from scheduling.engine.solve import before_of, begun
from scheduling.engine.state import (
    BLINKS,
    CREW_S,
    HIGH,
    LOW,
    POSITION,
    SHIFT,
    WIDELY,
    State,
    free_bound,
    keep_job,
    unlink,
)
from scheduling.engine.weighing import may_take, metres_more, weigh
from scheduling.plan import Plan
from scheduling.problem import Problem, Window


@dataclass(frozen=True)
class Offer:
    """A place for a job: of a crew those of all roles."""

    job: int
    window: Window | None  # of those that were asked for
    shifts: tuple[int, ...]  # by role
    positions: tuple[int, ...]  # in the shifts' routes, from 0
    start_s: int
    extra_m: int
    extra_cost: int  # in metres, as ``problem.Costs`` weighs it; moves against the plan before are counted


class Board:
    """A plan that changes under people's hands. Nothing on it leaves its window, day or operative by an offer."""

    def __init__(self, problem: Problem, plan: Plan, before: Plan | None = None) -> None:
        self._problem = problem
        self._model = model_of(problem, None if before is None else before_of(problem, before))
        self._state = begun(problem, self._model, plan.seed, plan)
        self._seed, self._iterations = plan.seed, plan.iterations

    def is_planned(self, job: int) -> bool:
        """Whether a job has its visits."""
        return bool(self._state.at[self._model.job[job, FIRST_NODE], SHIFT] >= 0)

    def offers(self, job: int, windows: Sequence[Window] = (), *, by_operative: bool = False) -> list[Offer]:
        """The best place for a job in each window that has one, cheapest first; or by operative, in any of them.

        Without windows the job's own hold. A job that is planned already is judged as if it were not.
        """
        model, state = self._model, self._state
        asked = np.array([(each.start_s, each.end_s) for each in windows] or [(0, FAR)], dtype=np.int64)
        begin_change(state)
        if self.is_planned(job):
            self._drop(job)
        is_crew = int(model.job[job, ROLES]) > 1
        rows = len(self._problem.operatives) if by_operative and not is_crew else len(asked)
        found = np.full((rows, 4 + 2 * int(model.job[job, ROLES])), -1, dtype=np.int64)
        (scan_crew if is_crew else scan)(model, state, job, asked, by_operative, found)
        take_back(model, state)
        offers = [
            Offer(
                job, windows[int(row[0])] if windows else None, tuple(row[4::2]), tuple(row[5::2]), row[1], row[2],
                row[3] // UNIT,
            )
            for row in found[found[:, 0] >= 0].tolist()
        ]  # fmt: skip
        return sorted(offers, key=lambda offer: (offer.extra_cost, offer.start_s, offer.shifts))

    def place(self, offer: Offer) -> bool:
        """Whether the job stands where it was offered; if something took the place since, nothing has changed.

        From here on the visit begins in the window that was offered.
        """
        model, state, job = self._model, self._state, offer.job
        if self.is_planned(job):
            return False
        window = offer.window or Window(0, FAR)
        begin_change(state)
        ways = np.array(list(zip(offer.shifts, offer.positions, strict=True)), dtype=np.int64)
        if put_job(model, state, job, ways, offer.start_s, window.start_s, window.end_s):
            return True
        take_back(model, state)
        return False

    def remove(self, job: int) -> tuple[int, ...]:
        """The jobs taken out: this one, and those that follow on it."""
        begin_change(self._state)
        return self._drop(job)

    def plan(self) -> Plan:
        """The plan as it stands."""
        return plan_of(self._problem, self._model, self._state, self._seed, self._iterations)

    def _drop(self, job: int) -> tuple[int, ...]:
        best = best_of(self._model, self._state)
        best.changes[2] = 0
        drop(self._model, self._state, best, job)
        settle(self._model, self._state, best)
        removed = tuple(best.removed[: best.changes[2]].tolist())
        for one in removed:  # a job of one person keeps the bounds of its last place
            free_bound(self._model, self._state, one)
        return removed


@compiled
def scan(model: Model, state: State, job: int, windows: Numbers, by_operative: bool, found: Numbers) -> None:
    """Find the best place of a job of one person in each window or for each operative.

    A row is: window, start, metres, cost, shift, position.
    """
    node = model.job[job, FIRST_NODE]
    keep_job(state, job)
    if not may_follow(model, state, job):
        return
    low = state.bound[job, LOW]
    for s in range(len(model.shift)):
        if not may_take(model, state, node, s):
            continue
        for number in range(len(windows)):
            if windows[number, 0] > model.shift[s, CLOSE] or windows[number, 1] < model.shift[s, START]:
                continue
            state.bound[job, LOW], state.bound[job, HIGH] = max(low, windows[number, 0]), windows[number, 1]
            row = model.shift[s, OPERATIVE] if by_operative else number
            for p in range(state.size[s] + 1):
                limit = found[row, 3] if found[row, 0] >= 0 else np.int64(NEVER)
                cost, start = weigh(model, state, node, s, p, limit)
                if cost < limit:
                    found[row, 0], found[row, 1], found[row, 3] = number, start, cost
                    found[row, 2] = metres_more(model, state, node, s, p)
                    found[row, 4], found[row, 5] = s, p


@compiled
def scan_crew(model: Model, state: State, job: int, windows: Numbers, by_operative: bool, found: Numbers) -> None:
    """Find the best places of a crew in each window, as ``scan`` does: by putting it there and taking it out again."""
    first, roles = model.job[job, FIRST_NODE], model.job[job, ROLES]
    for number in range(len(windows)):
        for widely in range(2):
            if found[number, 0] >= 0:
                continue
            free_bound(model, state, job)
            state.mode[WIDELY], state.mode[BLINKS] = widely, 0
            state.bound[job, LOW] = max(state.bound[job, LOW], windows[number, 0])
            state.bound[job, HIGH] = windows[number, 1]
            before = state.cost[0]
            if not place_job(model, state, job):
                continue
            found[number, 0], found[number, 3] = number, state.cost[0] - before
            found[number, 1] = state.bound[job, HIGH]
            for role in range(roles):
                found[number, 4 + 2 * role] = state.at[first + role, SHIFT]
                found[number, 5 + 2 * role] = state.at[first + role, POSITION]
            after = legs(state)
            for node in range(first, first + roles):
                unlink(model, state, node)
            free_bound(model, state, job)
            release(model, state, job)
            refresh_kept(model, state)
            found[number, 2] = after - legs(state)


@within
def legs(state: State) -> int:
    """Metres of the routes that the change under way has touched."""
    total = 0
    for number in range(state.trail.count[1]):
        s = state.trail.shifts[number]
        for p in range(state.size[s] + 1):
            total += state.leg[s, p]
    return total


@compiled
def put_job(model: Model, state: State, job: int, ways: Numbers, start: int, low: int, high: int) -> bool:
    """Whether a job's nodes stand where they should: a crew from ``start``, one person from ``low`` to ``high``."""
    first, roles = model.job[job, FIRST_NODE], model.job[job, ROLES]
    free_bound(model, state, job)
    if not may_follow(model, state, job):
        return False
    if roles > 1:
        slowest = np.int64(0)
        for role in range(roles):
            slowest = max(slowest, np.int64(model.service[first + role, model.shift[ways[role, 0], OPERATIVE]]))
        if state.bound[job, LOW] > start:
            return False
        state.bound[job, LOW], state.bound[job, HIGH], state.bound[job, CREW_S] = start, start, slowest
    else:
        state.bound[job, LOW] = max(state.bound[job, LOW], low)
        state.bound[job, HIGH] = high
    for role in range(roles):
        s, p = ways[role, 0], ways[role, 1]
        if (
            p > state.size[s]
            or not may_take(model, state, first + role, s)
            or not put(model, state, first + role, s, p)
        ):
            return False
    return part_ways(model, state, job)
