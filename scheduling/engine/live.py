"""The board of the live plan: it also keeps promises, takes new jobs in, and tells what a change touched.

A job that was promised a slot has that as its one window, in place of its own. Routes and the bounds of crews and
follow-ons are all that a plan depends on: set again, they give the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.errors import ContractBroken
from scheduling.engine import supplies
from scheduling.engine.arrays import (
    DAY,
    DEPTH,
    FAR,
    FIRST_NODE,
    JOB,
    OPERATIVE,
    RESTRICTED,
    ROLE,
    ROLES,
    TIED,
    UNIT,
    WANTS,
    WINDOW,
    WINDOWS_END,
    Model,
    Numbers,
    model_of,
)
from scheduling.engine.board import Board, Offer, put_job, scan, scan_crew
from scheduling.engine.changes import begin_change, best_of, clear, drop, fill, settle, take_back
from scheduling.engine.insertion import refresh_job
from scheduling.engine.outcome import plan_of, stops_in
from scheduling.engine.solve import begun
from scheduling.engine.state import LOW, SHIFT, free_bound
from scheduling.engine.timetable import refresh
from scheduling.plan import Plan, Visit
from scheduling.problem import Follow, Job, Place, Priority, Problem, Travel, Window, service_s
from scheduling.roads.estimate import estimated
from scheduling.roads.sphere import metres_between

SPARE = 400
"""Jobs, roles and places that a board takes in before it has to be made anew."""
STOPS = 16
"""That a route has room for, however few jobs the plan had."""

Legs = NDArray[np.int32]
Beside = Callable[[Sequence[Place], Place], tuple[Legs, Legs]]
"""The ways from a new place to others and from them, each (places, 2): metres and seconds."""


@dataclass(frozen=True)
class Routes:
    """Routes as they are, by shift: jobs with their role; and by job the bounds of those that wait for others."""

    stops: Mapping[int, tuple[tuple[int, int], ...]]
    bounds: Mapping[int, tuple[int, ...]]


class LiveBoard(Board):
    """A plan that changes all day. Jobs, shifts and places are numbered as in ``problem``, new ones at the end."""

    def __init__(self, problem: Problem, plan: Plan, beside: Beside | None = None) -> None:
        self._problem, self._beside = problem, beside or as_the_crow_flies
        self._seed, self._iterations = plan.seed, plan.iterations
        model = model_of(problem)
        self._windows = len(model.window)
        self._model = with_room(model, len(problem.jobs))
        self._own = self._model.node[:, [WINDOW, WINDOWS_END]].copy()
        self._state = begun(problem, self._model, plan.seed, plan)
        self._nodes, self._free_window = len(model.node), self._windows + len(self._model.job)
        self._jobs, self._points = list(problem.jobs), list(problem.places)
        self._places = {(place.latitude, place.longitude): number for number, place in enumerate(problem.places)}
        self._room = best_of(self._model, self._state)
        self._shifts: set[int] = set()
        self._bound: set[int] = set()

    @property
    def problem(self) -> Problem:
        """The problem with the jobs and places that came."""
        if len(self._jobs) == len(self._problem.jobs):
            return self._problem
        count, travel = len(self._points), self._problem.travel
        out = self._model.out[:count, :count]
        ways = Travel(out[:, :, 0], out[:, :, 1], travel.day_parts, travel.approximated)
        return replace(self._problem, jobs=tuple(self._jobs), places=tuple(self._points), travel=ways)

    def offers_instead(self, job: int, windows: Sequence[Window]) -> list[Offer]:
        """The best place in each of the windows that has one, cheapest first: in place of the job's own windows.

        What follows on the job finds a place too, or there is no offer.
        """
        begin_change(self._state)
        after = self._taken_out(job)
        rows = self._narrow(job, Window(self._jobs[job].earliest_s, FAR))
        if len(self._jobs[job].roles) > 1:  # a crew is sought on the days of one window at a time
            found = [offer for window in windows for offer in self._crew_in(job, window)]
            found.sort(key=lambda offer: (offer.extra_cost, offer.start_s, offer.shifts))
        else:
            found = self._scan(job, windows)
        self._widen(job, rows)
        take_back(self._model, self._state)
        return [offer for offer in found if not after or self._tried(offer)]

    def move(self, job: int, window: Window | None = None) -> Offer | None:
        """The cheapest place of a job in a window, or in its own ones, which it now has; None, and nothing is changed,
        where there is none, or what follows on it has none."""
        begin_change(self._state)
        return self._moved(job, window)

    def restrict(self, job: int, window: Window | None) -> bool:
        """Whether a job could be narrowed to a window where it stands, or given its own back; else nothing is done."""
        begin_change(self._state)
        rows = self._narrow(job, window)
        if not self.is_planned(job) or refresh_job(self._model, self._state, job):
            self._note()
            return True
        self._widen(job, rows)
        take_back(self._model, self._state)
        return False

    def remove(self, job: int) -> tuple[int, ...]:
        """The jobs taken out: this one, and those that follow on it."""
        removed = super().remove(job) if self.is_planned(job) else ()
        self._note()
        return removed

    def place(self, offer: Offer) -> bool:
        """As ``Board.place``."""
        placed = super().place(offer)
        self._note()
        return placed

    def add(self, job: Job, place: Place) -> int:
        """The number of a new job at its place; it has no visit yet. Raises ContractBroken where there is no room.

        One that follows on another follows on the job that was added just before it, whatever number that has.
        """
        model, number, node = self._model, len(self._jobs), self._nodes
        if (
            number == len(model.job)
            or node + len(job.roles) > len(model.node)
            or len(self._points) == len(model.out)
            or self._free_window + max(1, len(job.windows)) > len(model.window)
        ):
            raise ContractBroken(
                f"{number - len(self._problem.jobs)} jobs came since the plan was made, and there is no room for more.",
                system="scheduling", next_step="Plan anew and publish: hub schedule plan, hub schedule publish.",
            )  # fmt: skip
        follows = tuple(replace(one, job=number - 1) for one in job.follows[:1])
        job = replace(job, place=self._place(place), follows=follows)
        self._jobs.append(job)
        self._nodes += len(job.roles)
        self._write(job, number, node)
        return number

    @contextmanager
    def trying(self, job: Job, place: Place) -> Iterator[int]:
        """The number of a new job while it is only asked about; nothing of it stays."""
        places, node, window = len(self._points), self._nodes, self._free_window
        number = self.add(replace(job, follows=()), place)
        try:
            yield number
        finally:
            self._jobs.pop()
            self._nodes, self._free_window = node, window
            for new in self._points[places:]:
                del self._places[new.latitude, new.longitude]
            del self._points[places:]

    def routes(self, shifts: Iterable[int] | None = None, jobs: Iterable[int] = ()) -> Routes:
        """The routes of those shifts, or of all, and the bounds of those jobs, as they are."""
        state, node = self._state, self._model.node
        asked = np.arange(len(state.size)) if shifts is None else np.array(sorted(shifts), dtype=np.int64)
        stops = {
            s: tuple(map(tuple, node[state.route[s, : state.size[s]]][:, [JOB, ROLE]].tolist())) for s in asked.tolist()
        }
        return Routes(stops, {job: tuple(state.bound[job].tolist()) for job in sorted(jobs)})

    def put_routes(self, routes: Routes, windows: Mapping[int, Window | None]) -> bool:
        """Whether routes, bounds and windows could be set as they were: they are, whatever can be driven of them."""
        model, state = self._model, self._state
        begin_change(state)
        for job, window in windows.items():
            self._narrow(job, window)
        for job, bound in routes.bounds.items():
            state.bound[job] = bound
        for s in routes.stops:
            clear(model, state, s)
        for s, stops in routes.stops.items():
            state.route[s, : len(stops)] = [model.job[job, FIRST_NODE] + role for job, role in stops]
            fill(model, state, s, state.route, len(stops))
        stand = {int(state.at[model.job[job, FIRST_NODE], SHIFT]) for job in {*windows, *routes.bounds}} - {-1}
        can = [refresh(model, state, s) for s in sorted(stand | set(routes.stops))]
        return all(can)

    def touched(self) -> tuple[set[int], set[int]]:
        """The shifts and the bound jobs that changed since this was asked last."""
        shifts, jobs = self._shifts, self._bound
        self._shifts, self._bound = set(), set()
        return shifts, jobs

    def visits(self, shifts: Iterable[int]) -> list[Visit]:
        """The visits of those shifts, as the plan has them."""
        return stops_in(self._problem, self._model, self._state, shifts)[0]

    @property
    def distance_m(self) -> int:
        """Metres of all routes."""
        legs, place = self._state.leg, np.arange(self._state.leg.shape[1])[None, :]
        return int(legs[(place <= self._state.size[:, None]) & (self._state.size[:, None] > 0)].sum())

    def service_s(self, job: int, shifts: Sequence[int]) -> int:
        """Seconds that a job takes with the operatives of those shifts, by role: as long as the slowest."""
        first, who = int(self._model.job[job, FIRST_NODE]), self._model.shift[list(shifts), OPERATIVE]
        return int(self._model.service[np.arange(first, first + len(who)), who].max())

    def plan(self) -> Plan:
        """The plan as it stands, of ``problem``."""
        jobs = len(self._jobs)
        model = self._model._replace(job=self._model.job[:jobs], node=self._model.node[: self._nodes])
        state = self._state._replace(at=self._state.at[: self._nodes])
        return plan_of(self.problem, model, state, self._seed, self._iterations)

    # -- one change ---------------------------------------------------------------------------------------------

    def _moved(self, job: int, window: Window | None) -> Offer | None:
        """As ``move``, within a change that has begun."""
        after = self._taken_out(job)
        rows = self._narrow(job, window)
        found = self._scan(job, ())
        if found and self._put(found[0]) and all(self._put_anywhere(one) for one in after):
            self._note()
            return found[0]
        self._widen(job, rows)
        take_back(self._model, self._state)
        return None

    def _tried(self, offer: Offer) -> bool:
        """Whether an offer leaves a place for what follows on its job; nothing is changed."""
        begin_change(self._state)
        after = self._taken_out(offer.job)
        rows = self._narrow(offer.job, offer.window)
        fits = self._put(offer) and all(self._put_anywhere(one) for one in after)
        self._widen(offer.job, rows)
        take_back(self._model, self._state)
        return fits

    def _crew_in(self, job: int, window: Window) -> list[Offer]:
        self._narrow(job, window)
        return self._scan(job, [window])

    def _drop(self, job: int) -> tuple[int, ...]:
        """As ``Board``, in room that is kept."""
        model, state, best = self._model, self._state, self._room
        best.changes[2] = 0
        drop(model, state, best, job)
        settle(model, state, best)
        removed = tuple(best.removed[: best.changes[2]].tolist())
        for one in removed:
            free_bound(model, state, one)
        return removed

    def _put_anywhere(self, job: int) -> bool:
        found = self._scan(job, ())
        return bool(found) and self._put(found[0])

    def _put(self, offer: Offer) -> bool:
        window = offer.window or Window(0, FAR)
        ways = np.array(list(zip(offer.shifts, offer.positions, strict=True)), dtype=np.int64)
        return bool(put_job(self._model, self._state, offer.job, ways, offer.start_s, window.start_s, window.end_s))

    def _scan(self, job: int, windows: Sequence[Window]) -> list[Offer]:
        """The best places of a job that is not planned, cheapest first."""
        model, state = self._model, self._state
        asked = np.array([(each.start_s, each.end_s) for each in windows] or [(0, FAR)], dtype=np.int64)
        found = np.full((len(asked), 4 + 2 * int(model.job[job, ROLES])), -1, dtype=np.int64)
        (scan_crew if model.job[job, ROLES] > 1 else scan)(model, state, job, asked, False, found)
        return offers_of(job, windows, found)

    def _taken_out(self, job: int) -> tuple[int, ...]:
        """Takes a job out with what follows on it, which is returned: the first first."""
        return self._drop(job)[1:] if self.is_planned(job) else ()

    def _narrow(self, job: int, window: Window | None) -> tuple[int, int, int, int]:
        """Gives a job one window, or its own; what it had comes back, for ``_widen``."""
        model, first = self._model, int(self._model.job[job, FIRST_NODE])
        nodes = slice(first, first + int(model.job[job, ROLES]))
        row = self._windows + job
        begin, end = model.node[first, [WINDOW, WINDOWS_END]].tolist()
        low, high = model.window[row].tolist()
        if window is None:
            model.node[nodes, WINDOW : WINDOWS_END + 1] = self._own[nodes]
        else:
            model.window[row] = max(window.start_s, self._jobs[job].earliest_s), window.end_s
            model.node[nodes, WINDOW : WINDOWS_END + 1] = row, row + 1
        return begin, end, low, high

    def _widen(self, job: int, rows: tuple[int, int, int, int]) -> None:
        model, first = self._model, int(self._model.job[job, FIRST_NODE])
        model.window[self._windows + job] = rows[2:]
        model.node[first : first + int(model.job[job, ROLES]), WINDOW : WINDOWS_END + 1] = rows[:2]

    def _note(self) -> None:
        """Remembers what the change touched."""
        trail = self._state.trail
        self._shifts |= set(trail.shifts[: trail.count[1]].tolist())
        self._bound |= set(trail.jobs[: trail.count[2]].tolist())

    # -- new jobs -----------------------------------------------------------------------------------------------

    def _place(self, place: Place) -> int:
        """The number of a place, taken in where it is new."""
        at = place.latitude, place.longitude
        if (known := self._places.get(at)) is not None:
            return known
        number, (leaving, arriving) = len(self._points), self._beside(self._points, place)
        self._model.out[number, :number], self._model.out[:number, number] = leaving, arriving
        self._model.into[:number, number], self._model.into[number, :number] = leaving, arriving
        self._model.out[number, number] = self._model.into[number, number] = 0
        self._places[at] = number
        self._points.append(place)
        return number

    def _tie(self, number: int, follow: Follow) -> None:
        """Lets a new job wait for the one before it: both lists end there."""
        model, before = self._model, follow.job
        for begins, listed, of, other in (
            (model.before_from, model.before, number, before), (model.after_from, model.after, before, number),
        ):  # fmt: skip
            end = int(begins[of])
            listed[end] = other, follow.gap_s
            begins[of + 1 :] = end + 1
        model.job[[number, before], TIED] = True
        model.job[number, DEPTH] = model.job[before, DEPTH] + 1

    def _write(self, job: Job, number: int, node: int) -> None:
        """The rows of a new job."""
        model, costs, operatives = self._model, self._problem.costs, self._problem.operatives
        keys = sorted({one.key_ref for one in self._problem.jobs if one.key_ref is not None})
        key = keys.index(job.key_ref) if job.key_ref in keys else -1
        model.job[number] = (node, len(job.roles), costs.left_out[job.priority] * UNIT, job.earliest_s, 0,
                             len(job.roles) > 1)  # fmt: skip
        for follow in job.follows:
            self._tie(number, follow)
        rows = starts_of(job)
        begin, self._free_window = self._free_window, self._free_window + len(rows)
        model.window[begin : self._free_window] = np.array(rows, dtype=np.int64).reshape(-1, 2)
        for role, row in enumerate(range(node, self._nodes)):
            needed = job.roles[role]
            model.node[row] = -1
            model.node[row, :DAY] = (
                job.place, number, role, job.priority is Priority.EMERGENCY, begin, self._free_window,
                FAR if job.due_s is None or role else job.due_s, costs.late_per_day[job.priority] * UNIT,
                0 if role else job.load, -1 if role else key,
            )  # fmt: skip
            model.node[row, RESTRICTED] = 0
            model.needs[row] = 0 if role else supplies.taken(job, supplies.kinds(self._problem))
            model.node[row, WANTS] = model.needs[row].any()
            for who, one in enumerate(operatives):
                may = one.proficiency_percent.get(needed.trade, 0) > 0 and needed.skills <= one.skills
                outside = job.area is not None and bool(one.areas) and job.area not in one.areas
                model.service[row, who] = service_s(job, needed, one) if may else 0
                model.penalty[row, who] = costs.outside_area if outside else 0
        self._own[node : self._nodes] = begin, self._free_window
        self._state.bound[number, LOW] = job.earliest_s


def starts_of(job: Job) -> list[tuple[int, int]]:
    """When a job may begin."""
    allowed = sorted((max(each.start_s, job.earliest_s), each.end_s) for each in job.windows)
    return [row for row in allowed if row[0] <= row[1]] if allowed else [(job.earliest_s, FAR)]


def offers_of(job: int, windows: Sequence[Window], found: Numbers) -> list[Offer]:
    """What a scan found, cheapest first."""
    offers = [
        Offer(job, windows[row[0]] if windows else None, tuple(row[4::2]), tuple(row[5::2]), row[1], row[2],
              row[3] // UNIT)
        for row in found[found[:, 0] >= 0].tolist()
    ]  # fmt: skip
    return sorted(offers, key=lambda offer: (offer.extra_cost, offer.start_s, offer.shifts))


def with_room(model: Model, jobs: int) -> Model:
    """The arrays with a row for the promised window of each job, and room for jobs and places that come."""

    def longer(rows: Any, filling: int = 0, by: int = SPARE) -> Any:
        return np.concatenate([rows, np.full((by, *rows.shape[1:]), filling, dtype=rows.dtype)])

    places = len(model.out)
    out = np.full((places + SPARE, places + SPARE, 2), FAR, dtype=np.int32)
    out[:places, :places] = model.out
    into = np.full_like(out, FAR)
    into[:places, :places] = model.into
    return model._replace(
        node=longer(model.node, -1), job=longer(model.job), service=longer(model.service),
        penalty=longer(model.penalty), near=longer(model.near, -1), homes=longer(model.homes, -1),
        needs=longer(model.needs), before=longer(model.before), after=longer(model.after),
        longest=max(model.longest, STOPS + 1), out=out, into=into, window=longer(model.window, 0, jobs + 4 * SPARE),
        before_from=longer(model.before_from, len(model.before)), after_from=longer(model.after_from, len(model.after)),
    )  # fmt: skip


def as_the_crow_flies(places: Sequence[Place], new: Place) -> tuple[Legs, Legs]:
    """Ways from and to a new place, estimated."""
    at = np.array([(place.latitude, place.longitude) for place in places])
    here = np.full(len(at), new.latitude), np.full(len(at), new.longitude)
    seconds, metres = estimated(metres_between(*here, at[:, 0], at[:, 1]))
    ways = np.stack([metres, seconds], axis=1).astype(np.int32)
    return ways, ways
