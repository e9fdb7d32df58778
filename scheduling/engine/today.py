"""The live board of a day that goes on: what is begun stays, nothing is put before now, and who is nearest is known.

An operative who is on the way turns round only for an emergency of one person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scheduling.engine.arrays import (
    CLOSE,
    CLOSED,
    DUE,
    EARLIEST,
    EMERGENCY,
    FAR,
    FIRST_NODE,
    JOB,
    LATE,
    LEFT_OUT,
    ON_DAY,
    OPERATIVE,
    PLACE,
    ROLES,
    SECONDS,
    STANDBY,
    START,
    START_PLACE,
    UNIT,
    Numbers,
)
from scheduling.engine.board import Offer
from scheduling.engine.changes import begin_change, take_back
from scheduling.engine.clock import arrival, seconds
from scheduling.engine.decided import DecidedBoard
from scheduling.engine.live import Beside
from scheduling.engine.reach import (
    BEGINS,
    COST,
    best_found,
    freeze,
    look_at,
    scan_reach,
    send_soonest,
    send_to,
    way_now,
)
from scheduling.engine.state import CREW_S, HIGH, LOW, SHIFT, keep, keep_job
from scheduling.engine.timetable import refresh
from scheduling.engine.urgent import BESIDE, NOWHERE, respond
from scheduling.plan import Plan
from scheduling.problem import Job, Priority, Problem, Window, service_s

ASKED_ALONE, ASKED_TWO = 16, 5
"""Shifts that are asked to make room for an emergency: alone, and two of them together."""
VICTIMS = 3
"""Promised visits that are named where one of them would have to make way, at the most."""


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
class Response:
    """What became of an emergency; ``moved`` and ``left_out`` are jobs that made way for it.

    Without a place ``victims`` are shifts and promised jobs, any one of which would be enough.
    """

    is_placed: bool
    moved: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()
    victims: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Saved:
    """A board as it stood, to go back to."""

    arrays: tuple[Numbers, ...]
    windows: tuple[Numbers, Numbers]
    shifts: frozenset[int]
    bound: frozenset[int]


class TodayBoard(DecidedBoard):
    """A live board that is told what time it is."""

    def __init__(self, problem: Problem, plan: Plan, beside: Beside | None = None) -> None:
        super().__init__(problem, plan, beside)
        self._look, self._now_s = look_at(self._model), 0

    def goes_on(self, now_s: int) -> None:
        """Holds fast what is begun or under way by now; from here on nothing is put before it."""
        model, state, self._now_s = self._model, self._state, now_s
        begin_change(state)
        freeze(model, state, now_s, self._look)
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
        model, state, look = self._model, self._state, self._look
        begin_change(state)
        look.asked[:] = 1 if shifts is None else self._flags(shifts)
        look.found[:, BEGINS] = FAR
        scan_reach(model, state, job, now_s, until_s, is_urgent, look)
        take_back(model, state)
        found = look.found
        able = np.flatnonzero(found[:, BEGINS] < FAR)
        able = able[np.lexsort((able, found[able, COST], found[able, BEGINS] if is_urgent else 0 * able))]
        return [
            Reach(job, shift, position, start, metres, cost // UNIT, waits, until_s)
            for shift, (start, position, cost, metres, waits) in zip(able.tolist(), found[able].tolist(), strict=True)
        ]

    def send(self, reach: Reach) -> bool:
        """Whether a job stands where ``nearest`` found a place; if not nothing has changed."""
        model, state = self._model, self._state
        begin_change(state)
        if send_to(
            model, state, reach.job, reach.shift, reach.position, reach.start_s, reach.before_s, reach.waits,
            self._look.ways,
        ):  # fmt: skip
            self._note()
            return True
        take_back(model, state)
        return False

    def go(self, job: int, now_s: int, until_s: int) -> bool:
        """Whether a job could be put in as soon as it can begin beside all that is planned, a crew with all of it."""
        self._look.asked[:] = 1
        begin_change(self._state)
        if send_soonest(self._model, self._state, job, now_s, until_s, self._look) < FAR:
            self._note()
            return True
        take_back(self._model, self._state)
        return False

    def respond(
        self, job: int, now_s: int, soon_s: int, until_s: int, promised: Iterable[int],
        without: Collection[int] = (),
    ) -> Response:  # fmt: skip
        """Puts an emergency in as soon as it can begin, a crew as soon as it can be together, until ``until_s``.

        Where nobody could come by ``soon_s``, other work makes way, and promised visits for one that has no other
        place: they keep their windows, and may be another's. ``without`` are shifts that are not sent.
        """
        model, state, room = self._model, self._state, self._room
        may_go = 1 - self._flags(without)
        kept = np.zeros(len(model.job), dtype=np.int64)
        kept[list(promised)] = 1
        before = state.at[:, SHIFT].copy()
        victims = np.full((VICTIMS, 2), -1, dtype=np.int64)
        pairs = self._pairs(job, Window(now_s, until_s), may_go)
        how = respond(model, state, room, job, now_s, soon_s, until_s, pairs, may_go, kept, self._look, victims)
        if how == NOWHERE:
            return Response(False, victims=tuple((int(s), int(one)) for s, one in victims if one >= 0))
        self._note()
        if how == BESIDE:
            return Response(True)
        out = np.unique(room.removed[: room.changes[2]])
        first = model.job[out, FIRST_NODE]
        now_at = state.at[first, SHIFT]
        return Response(
            True, tuple(out[(now_at >= 0) & (now_at != before[first])].tolist()), tuple(out[now_at < 0].tolist())
        )

    def _pairs(self, job: int, window: Window, may_go: Numbers) -> Numbers:
        """The shifts that could make room for a job, the nearest first: one alone (-1), then two together."""
        roles = int(self._model.job[job, ROLES])
        able = [
            [s for s in self.able(job, window, 4 * ASKED_ALONE, role) if may_go[s]][:ASKED_ALONE]
            for role in range(roles)
        ]
        alone = [(s, -1) for s in dict.fromkeys(s for each in able for s in each)]
        near = [each[:ASKED_TWO] for each in (able[0], able[-1])]
        two = sorted({(min(a, b), max(a, b)) for a in near[0] for b in near[1] if a != b})
        return np.array([*alone, *two], dtype=np.int64).reshape(-1, 2)

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
        return Saved(
            tuple(each.copy() for each in self._saved()), (self._model.node.copy(), self._model.window.copy()),
            frozenset(self._shifts), frozenset(self._bound),
        )  # fmt: skip

    def back(self, saved: Saved) -> None:
        """Sets routes and windows as they were saved."""
        for each, was in zip(self._saved(), saved.arrays, strict=True):
            np.copyto(each, was)
        np.copyto(self._model.node, saved.windows[0])
        np.copyto(self._model.window, saved.windows[1])
        self._shifts, self._bound = set(saved.shifts), set(saved.bound)

    def _saved(self) -> tuple[Numbers, ...]:
        """What ``save`` copies of the routes."""
        state = self._state
        return (
            state.route, state.size, state.depart, state.spent, state.latest, state.span, state.leg, state.at,
            state.bound, state.tally, state.key_held, state.week, state.cost, state.used, state.fetch,
        )  # fmt: skip

    def able(self, job: int, window: Window, most: int, role: int = 0) -> list[int]:
        """The shifts that could do a job's part in a window if nothing else stood in them, the nearest first."""
        model, state = self._model, self._state
        node = int(model.job[job, FIRST_NODE]) + role
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
        nearest: list[int] = shifts[np.lexsort((shifts, away, model.shift[shifts, ON_DAY]))][:most].tolist()
        return nearest

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

    def _scan(self, job: int, windows: Sequence[Window]) -> list[Offer]:
        """As ``LiveBoard``; without windows nobody begins before they can be there from where they are now."""
        if windows:
            return super()._scan(job, windows)
        if len(self._jobs[job].roles) > 1:
            return self._scan_crew(job)
        model, state, look = self._model, self._state, self._look
        keep_job(state, job)
        look.asked[:] = 1
        if not scan_reach(model, state, job, self._now_s, FAR, False, look):
            return []
        s = best_found(look, COST, BEGINS)
        if s < 0:
            return []
        start, position, cost, metres, _ = look.found[s].tolist()
        held = Window(start, FAR) if self._is_idle(s, position) else None
        return [Offer(job, held, (s,), (position,), start, metres, cost // UNIT)]

    def _scan_crew(self, job: int) -> list[Offer]:
        """The cheapest place of a crew of whom everybody can be there from where they are now."""
        begins = self._now_s
        while found := super()._scan(job, [Window(begins, FAR)]):
            there = max(self._there_by(job, *way) for way in zip(found[0].shifts, found[0].positions, strict=True))
            if there <= found[0].start_s:
                return found
            begins = there
        return []

    def _there_by(self, job: int, shift: int, position: int) -> int:
        """When somebody can be at a job who has nothing to do just now; 0 for others, whom their route brings there."""
        if not self._is_idle(shift, position):
            return 0
        place = int(self._model.node[self._model.job[job, FIRST_NODE], PLACE])
        times = [(visit.arrive_s, visit.start_s, visit.end_s) for visit in self.visits([shift])]
        rows = np.array(times, dtype=np.int64).reshape(-1, 3)
        return int(way_now(self._model, self._state, shift, position, self._now_s, place, rows))

    def _is_idle(self, shift: int, position: int) -> bool:
        """Whether an operative at work by now has ended what stands before a place in their route."""
        if self._model.shift[shift, START] > self._now_s:
            return False
        return position == 0 or bool(self.visits([shift])[position - 1].end_s <= self._now_s)

    def _flags(self, shifts: Collection[int]) -> Numbers:
        asked = np.zeros(len(self._model.shift), dtype=np.int64)
        asked[list(shifts)] = 1
        return asked
