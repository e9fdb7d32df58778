"""The live board of a day that goes on: what is begun stays, nothing is put before now, and who is nearest is known.

An operative who is on the way turns round only for an emergency. Where they are then is not known to the metre: the
shorter of the ways on and back is taken, which is never too short.
"""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from scheduling.engine.arrays import (
    CLOSE,
    CLOSED,
    DUE,
    EARLIEST,
    EMERGENCY,
    END_PLACE,
    FAR,
    FIRST_NODE,
    JOB,
    LATE,
    LEFT_OUT,
    METRES,
    OPERATIVE,
    PLACE,
    ROLES,
    SECONDS,
    STANDBY,
    START,
    START_PLACE,
    UNIT,
    Model,
    Numbers,
)
from scheduling.engine.board import put_job
from scheduling.engine.clock import arrival, departure, refresh, seconds
from scheduling.engine.compiled import compiled
from scheduling.engine.decided import DecidedBoard
from scheduling.engine.insertion import NEVER, may_follow, may_take, weigh
from scheduling.engine.outcome import ARRIVE, BEGIN, FINISH, trace
from scheduling.engine.search import begin_change, take_back
from scheduling.engine.state import CREW_S, HIGH, LOW, SHIFT, State, free_bound, keep, keep_job
from scheduling.problem import Job, Priority, Window, service_s

REACH = 5  # columns of what ``scan_reach`` finds: start, position, cost, metres, the job that waits


@dataclass(frozen=True)
class Reach:
    """When an operative could be at a job, and where in their route it would stand."""

    job: int
    shift: int
    position: int
    start_s: int
    extra_m: int
    extra_cost: int
    waits: int  # the job that they turn round from; -1 without one
    before_s: int  # it begins by then


@dataclass(frozen=True)
class Saved:
    """A board as it stood, to go back to."""

    arrays: tuple[Numbers, ...]
    windows: tuple[Numbers, Numbers]
    shifts: frozenset[int]
    bound: frozenset[int]


class TodayBoard(DecidedBoard):
    """A live board that is told what time it is."""

    def goes_on(self, now_s: int) -> None:
        """Holds fast what is begun or under way by now; from here on nothing is put before it."""
        model, state = self._model, self._state
        begin_change(state)
        labels = model.rest.shape[1] + 1
        freeze(
            model, state, now_s, np.zeros((model.longest + 1, labels, 2), dtype=np.int64),
            np.zeros((model.longest, 3), dtype=np.int64), np.zeros(labels, dtype=np.int64),
        )  # fmt: skip
        self._note()
        jobs = len(self._jobs)
        np.maximum(model.job[:jobs, EARLIEST], now_s, out=model.job[:jobs, EARLIEST])
        absent = state.at[model.job[:jobs, FIRST_NODE], SHIFT] < 0
        np.maximum(state.bound[:jobs, LOW], now_s, out=state.bound[:jobs, LOW], where=absent)

    def nearest(
        self, job: int, now_s: int, until_s: int, shifts: Collection[int] | None = None, *, is_urgent: bool = True
    ) -> list[Reach]:
        """Who could begin a job of one person until then, without anything else leaving its windows.

        ``is_urgent``: soonest first, and operatives on the way elsewhere may turn round; else cheapest first.
        """
        model, state = self._model, self._state
        begin_change(state)
        labels = model.rest.shape[1] + 1
        asked = np.ones(len(model.shift), dtype=np.int64) if shifts is None else self._flags(shifts)
        found = np.full((len(model.shift), REACH), FAR, dtype=np.int64)
        scan_reach(
            model, state, job, now_s, until_s, is_urgent, asked,
            np.zeros((model.longest + 1, labels, 2), dtype=np.int64),
            np.zeros((model.longest, 3), dtype=np.int64), np.zeros(labels, dtype=np.int64), found,
        )  # fmt: skip
        take_back(model, state)
        able = np.flatnonzero(found[:, 0] < FAR)
        able = able[np.lexsort((able, found[able, 2], found[able, 0] if is_urgent else 0 * able))]
        return [
            Reach(job, shift, position, start, metres, cost // UNIT, waits, until_s)
            for shift, (start, position, cost, metres, waits) in zip(able.tolist(), found[able].tolist(), strict=True)
        ]

    def send(self, reach: Reach) -> bool:
        """Whether a job stands where ``nearest`` found a place; if not nothing has changed."""
        model, state = self._model, self._state
        begin_change(state)
        if reach.waits >= 0:
            loosen(model, state, reach.waits)
        keep(state, reach.shift)
        ways = np.array([(reach.shift, reach.position)], dtype=np.int64)
        if refresh(model, state, reach.shift) and put_job(
            model, state, reach.job, ways, reach.start_s, reach.start_s, reach.before_s
        ):
            self._note()
            return True
        take_back(model, state)
        return False

    def is_fixed(self, job: int) -> bool:
        """Whether a job of one person is begun or under way; a crew is where it has agreed to be."""
        bound = self._state.bound[job]
        return bool(bound[LOW] == bound[HIGH])

    def starts(self, job: int) -> int:
        """When a job that stands in the plan begins."""
        shift = self.shifts_of(job)[0]
        return next(visit.start_s for visit in self.visits([shift]) if visit.job == job)

    def shifts_of(self, job: int) -> tuple[int, ...]:
        """The shifts in which a job stands, by role; none without a visit."""
        first, roles = self._model.job[job, [FIRST_NODE, ROLES]].tolist()
        stands = self._state.at[first : first + roles, SHIFT].tolist()
        return () if stands[0] < 0 else tuple(stands)

    def shut(self, shifts: Iterable[int], *, is_shut: bool = True) -> None:
        """Lets nothing more be put into some shifts, or lets it again; what stands in them stays."""
        self._model.shift[list(shifts), CLOSED] = is_shut

    def amend(self, job: int, task: Job) -> bool:
        """Whether a job can be what it turned out to be - longer, shorter, sooner - where it stands.

        It is, even where it cannot: then its shift has to be put right.
        """
        model, state, costs = self._model, self._state, self._problem.costs
        self._jobs[job] = task
        first, roles = model.job[job, [FIRST_NODE, ROLES]].tolist()
        rows = slice(first, first + roles)
        model.job[job, LEFT_OUT] = costs.left_out[task.priority] * UNIT
        if task.earliest_s > model.job[job, EARLIEST]:
            model.job[job, EARLIEST] = task.earliest_s
            if not self.is_planned(job):
                state.bound[job, LOW] = max(state.bound[job, LOW], task.earliest_s)
        model.node[rows, EMERGENCY] = task.priority is Priority.EMERGENCY
        model.node[rows, LATE] = costs.late_per_day[task.priority] * UNIT
        model.node[first, DUE] = FAR if task.due_s is None else task.due_s
        for row, role in enumerate(task.roles, first):
            for who in np.flatnonzero(model.service[row]).tolist():
                model.service[row, who] = service_s(task, role, self._problem.operatives[who])
        begin_change(state)
        keep_job(state, job)
        stands = self.shifts_of(job)
        if len(stands) > 1:
            state.bound[job, CREW_S] = self.service_s(job, stands)
        for s in stands:
            keep(state, s)
        fits = [refresh(model, state, s) for s in stands]
        self._note()
        return all(fits)

    def stands(self, job: int, start_s: int) -> bool:
        """Whether a visit could be set to begin at that second and no other; if not nothing has changed."""
        model, state = self._model, self._state
        begin_change(state)
        keep_job(state, job)
        state.bound[job, LOW] = state.bound[job, HIGH] = start_s
        shifts = self.shifts_of(job)
        for s in shifts:
            keep(state, s)
        if all(refresh(model, state, s) for s in shifts):
            self._note()
            return True
        take_back(model, state)
        return False

    def save(self) -> Saved:
        """The board as it is, for ``back``; jobs that came meanwhile stay."""
        state = self._state
        arrays = (state.route, state.size, state.depart, state.spent, state.latest, state.leg, state.at, state.bound,
                  state.tally, state.key_held, state.week, state.cost)  # fmt: skip
        return Saved(
            tuple(each.copy() for each in arrays), (self._model.node.copy(), self._model.window.copy()),
            frozenset(self._shifts), frozenset(self._bound),
        )  # fmt: skip

    def back(self, saved: Saved) -> None:
        """Sets routes and windows as they were saved."""
        state = self._state
        arrays = (state.route, state.size, state.depart, state.spent, state.latest, state.leg, state.at, state.bound,
                  state.tally, state.key_held, state.week, state.cost)  # fmt: skip
        for each, was in zip(arrays, saved.arrays, strict=True):
            np.copyto(each, was)
        np.copyto(self._model.node, saved.windows[0])
        np.copyto(self._model.window, saved.windows[1])
        self._shifts, self._bound = set(saved.shifts), set(saved.bound)

    def able(self, job: int, window: Window, most: int) -> list[int]:
        """The shifts that could do a job of one person in a window if nothing else stood in them, the nearest first."""
        model, state = self._model, self._state
        node = int(model.job[job, FIRST_NODE])
        may = model.service[node, model.shift[:, OPERATIVE]] > 0
        may &= (model.shift[:, CLOSED] == 0) & (model.shift[:, START] <= window.end_s)
        may &= model.shift[:, CLOSE] > window.start_s
        if not model.node[node, EMERGENCY]:
            may &= model.shift[:, STANDBY] == 0
        shifts = np.flatnonzero(may)
        ways = model.into[model.node[node, PLACE], :, SECONDS]
        stands = state.route[shifts]
        stops = np.where(stands >= 0, ways[model.node[stands, PLACE]], FAR).min(axis=1, initial=FAR)
        away = np.minimum(stops, ways[model.shift[shifts, START_PLACE]])
        return shifts[np.lexsort((shifts, away, model.shift[shifts, START]))][:most].tolist()

    def not_before(self, shift: int, free_s: int, place: int) -> None:
        """Lets an operative leave a place at that second and not before: what they do next begins later."""
        model, state = self._model, self._state
        for node in state.route[shift, : state.size[shift]].tolist():
            job = int(model.node[node, JOB])
            if state.bound[job, LOW] != state.bound[job, HIGH]:
                begin_change(state)
                keep_job(state, job)
                keep(state, shift)
                low = state.bound[job, LOW]
                state.bound[job, LOW] = max(low, arrival(model, seconds(model, place, model.node[node, PLACE]), free_s))
                if not refresh(model, state, shift):
                    state.bound[job, LOW] = low
                    refresh(model, state, shift)
                self._note()
                return

    def _flags(self, shifts: Collection[int]) -> Numbers:
        asked = np.zeros(len(self._model.shift), dtype=np.int64)
        asked[list(shifts)] = 1
        return asked


@compiled
def freeze(model: Model, state: State, now: int, came: Numbers, times: Numbers, rested: Numbers) -> None:
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
        trace(model, state, s, came, times, rested)
        here = model.shift[s, START_PLACE]
        changed = False
        for p in range(state.size[s]):
            node = state.route[s, p]
            there = model.node[node, PLACE]
            if departure(model, seconds(model, here, there), times[p, ARRIVE]) > now:
                break
            job = model.node[node, JOB]
            if state.bound[job, LOW] != state.bound[job, HIGH]:
                keep_job(state, job)
                state.bound[job, LOW], state.bound[job, HIGH] = times[p, BEGIN], times[p, BEGIN]
                changed = True
            here = there
        if changed:
            refresh(model, state, s)


@compiled
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
        left = departure(model, seconds(model, here, on), arrives)
    if now >= arrives:
        return arrival(model, seconds(model, on, there), now)
    if now <= left:
        return arrival(model, seconds(model, here, there), now)
    onward = arrives - now + np.int64(model.out[on, there, SECONDS])
    back = now - left + np.int64(model.out[here, there, SECONDS])
    return arrival(model, min(onward, back), now)


@compiled
def scan_reach(  # noqa: PLR0912 - one walk over the shifts
    model: Model, state: State, job: int, now: int, until: int, is_urgent: bool, asked: Numbers, came: Numbers,
    times: Numbers, rested: Numbers, found: Numbers,
) -> None:  # fmt: skip
    """Find for each shift that is asked for the soonest start of a job of one person."""
    node = model.job[job, FIRST_NODE]
    place = model.node[node, PLACE]
    free_bound(model, state, job)
    if not may_follow(model, state, job):
        return
    low = max(state.bound[job, LOW], now)
    for s in range(len(model.shift)):
        if not asked[s] or model.shift[s, START] > until or model.shift[s, CLOSE] <= now:
            continue
        if not may_take(model, state, node, s):
            continue
        first = 0
        if model.shift[s, START] <= now:
            if state.size[s] > 0:
                trace(model, state, s, came, times, rested)
            while first < state.size[s] and times[first, BEGIN] <= now:
                first += 1
        busy = model.shift[s, START] > now or (first > 0 and times[first - 1, FINISH] > now)
        waits = np.int64(-1)
        if not busy and first < state.size[s]:
            other = model.node[state.route[s, first], JOB]
            if state.bound[other, LOW] == state.bound[other, HIGH]:
                if model.job[other, ROLES] == 1 and is_urgent:
                    waits = other
                    keep_job(state, other)
                    state.bound[other, HIGH] = FAR
                    refresh(model, state, s)
                else:
                    busy = True
                    first += 1
        best = np.int64(NEVER)
        for p in range(first, state.size[s] + 1):
            state.bound[job, LOW], state.bound[job, HIGH] = low, until
            if p == first and not busy:
                state.bound[job, LOW] = max(low, way_now(model, state, s, p, now, place, times))
            cost, start = weigh(model, state, node, s, p, np.int64(NEVER))
            if start < FAR and (start < found[s, 0] if is_urgent else cost < best):
                best = cost
                here = model.shift[s, START_PLACE] if p == 0 else model.node[state.route[s, p - 1], PLACE]
                then = model.shift[s, END_PLACE]
                if p < state.size[s]:
                    then = model.node[state.route[s, p], PLACE]
                found[s, 0], found[s, 1], found[s, 2] = start, p, cost
                found[s, 3] = (
                    np.int64(model.into[place, here, METRES]) + model.out[place, then, METRES] - state.leg[s, p]
                )
                found[s, 4] = waits if p == first else -1
        if waits >= 0:
            state.bound[waits, HIGH] = state.bound[waits, LOW]
            refresh(model, state, s)
