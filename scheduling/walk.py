"""A plan walked through, for the checker and all who measure plans: nothing of the engine is asked.

What a drive, a rest and the cost are is told in ``scheduling/checker.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import cached_property
from math import lcm

import numpy as np
from numpy.typing import NDArray

from scheduling.plan import Fetch, Plan, Rest, Visit
from scheduling.problem import LONDON, Priority, Problem

_DAY_S = 86_400
LATER = 2**40  # more seconds than any plan has
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Measure:
    """What a plan comes to."""

    distance_m: int
    drive_s: int
    overtime_s: int
    outside_area: int  # visits
    late_days: dict[Priority, int]
    left_out: dict[Priority, int]
    cost: int


class _Clock:
    """When drives end, exactly: the way driven so far is a whole number of the percents' common part of a second."""

    def __init__(self, problem: Problem) -> None:
        parts = problem.travel.day_parts
        starts = np.array([part.start_minute for part in parts])
        hours = np.arange(-24, 24 * (problem.days + 2))
        utc = problem.starts_at.astimezone(UTC)
        offsets = [(utc + timedelta(hours=int(hour))).astimezone(LONDON).utcoffset() for hour in hours]
        midnight = problem.starts_at.utcoffset()
        shift = np.array([((offset or timedelta()) - (midnight or timedelta())).total_seconds() for offset in offsets])
        minutes = (hours[:, None] * 60 + np.arange(60)).ravel()
        wall = (minutes + np.repeat(shift, 60).astype(np.int64) // 60) % 1_440
        part = np.searchsorted(starts, wall, side="right") - 1  # -1 is the last part, of the day before
        percent = np.array([part.percent for part in parts])[part]
        begins = np.flatnonzero(np.diff(percent, prepend=-1))
        self.scale = lcm(*(part.percent for part in parts))
        kind = np.int64 if self.scale < 10**8 else object
        self.begins_s = (minutes[begins] * 60).astype(np.int64)
        self.rate = np.array([100 * self.scale // int(p) for p in percent[begins]], dtype=kind)
        gone = np.diff(self.begins_s) * self.rate[:-1]
        self.driven = np.concatenate([np.zeros(1, kind), np.cumsum(gone)])

    def arrive(self, leave_s: Whole, duration_s: Whole) -> Whole:
        """The seconds at which drives end."""
        at = np.searchsorted(self.begins_s, leave_s, side="right") - 1
        target = self.driven[at] + (leave_s - self.begins_s[at]) * self.rate[at] + duration_s * self.scale
        last = np.maximum(np.searchsorted(self.driven, target, side="left") - 1, at)
        end_s: Whole = (self.begins_s[last] - (self.driven[last] - target) // self.rate[last]).astype(np.int64)
        return end_s

    def leave(self, arrive_s: Whole, duration_s: Whole) -> Whole:
        """The last seconds at which one can leave to have driven by then."""
        at = np.searchsorted(self.begins_s, arrive_s, side="right") - 1
        target = self.driven[at] + (arrive_s - self.begins_s[at]) * self.rate[at] - duration_s * self.scale
        first = np.minimum(np.searchsorted(self.driven, target, side="right") - 1, at)
        leave_s: Whole = (self.begins_s[first] + (target - self.driven[first]) // self.rate[first]).astype(np.int64)
        return leave_s


def _at(stop: Visit | Fetch) -> tuple[int, int, int, int]:
    return stop.shift, stop.start_s, stop.end_s, stop.job if isinstance(stop, Visit) else -1


class Walk:
    """A plan walked through: what was driven, when each drive could begin and end, and who is back when.

    Arrays of stops, which are visits and calls at stores, stand in the order of ``stops`` (shift, then start), those of
    shifts in that of ``used``.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan, self.travel = problem, plan, problem.travel
        self.visits = sorted(plan.visits, key=_at)
        self.stops: list[Visit | Fetch] = sorted([*self.visits, *plan.fetches], key=_at)
        self.rests = sorted(plan.rests, key=lambda rest: (rest.shift, rest.start_s))
        self.shift = self._column("shift")
        self.arrive_s, self.start_s, self.end_s = (self._column(f"{name}_s") for name in ("arrive", "start", "end"))
        self.is_first = np.diff(self.shift, prepend=-1) != 0
        self.is_last = np.diff(self.shift, append=-1) != 0
        self.used = self.shift[self.is_first]  # shifts with stops
        self.place = np.array([self._place(stop) for stop in self.stops], dtype=np.int64)
        starts, places = self.shift_column("start_s")[self.shift], self.shift_column("start_place")[self.shift]
        self.from_place = np.where(self.is_first, places, np.roll(self.place, 1))
        self.leave_s = np.where(self.is_first, starts, np.roll(self.end_s, 1))
        self.leave_last_s = self.end_s[self.is_last]
        clock = _Clock(problem)
        self.free_s = self._way(self.travel.duration_s, self.from_place, self.place)  # on empty roads
        self.disturbed = list(self._take_rests())
        has_free_hours = np.array([shift.longest_s is not None for shift in problem.shifts], dtype=bool)
        for_first_s = np.maximum(self.leave_s, clock.leave(self.arrive_s, self.free_s))
        self.leave_s = np.where(self.is_first & has_free_hours[self.shift], for_first_s, self.leave_s)
        self.reach_s = clock.arrive(self.leave_s, self.free_s)
        end_place = self.shift_column("end_place")[self.used]
        last = self.place[self.is_last]
        self.back_s = clock.arrive(self.leave_last_s, self._way(self.travel.duration_s, last, end_place))
        self.leg_m = self._way(self.travel.distance_m, self.from_place, self.place)
        self.distance_m = int(self.leg_m.sum() + self._way(self.travel.distance_m, last, end_place).sum())
        self.drive_s = self.back_s - self.leave_last_s + self._by_shift(self.reach_s - self.leave_s)
        begins_s = np.minimum(self.leave_s[self.is_first], self._first_rests())
        begins_s = np.where(has_free_hours[self.used], begins_s, self.shift_column("start_s")[self.used])
        self.worked_s = self.back_s - begins_s - self._rested()  # from the shift's beginning to being back

    def _place(self, stop: Visit | Fetch) -> int:
        problem = self.problem
        return problem.jobs[stop.job].place if isinstance(stop, Visit) else problem.stores[stop.store].place

    def _column(self, name: str) -> Whole:
        return np.array([getattr(stop, name) for stop in self.stops], dtype=np.int64)

    def shift_column(self, name: str) -> Whole:
        """A field of all shifts of the problem."""
        return np.array([getattr(shift, name) for shift in self.problem.shifts], dtype=np.int64)

    def _by_shift(self, values: Whole) -> Whole:
        return np.add.reduceat(values, np.flatnonzero(self.is_first)) if len(values) else values

    @staticmethod
    def _way(matrix: NDArray[np.int32], a: Whole, b: Whole) -> Whole:
        return np.where(a == b, 0, matrix[a, b]).astype(np.int64)

    def _first_rests(self) -> Whole:
        """When each used shift has its first rest."""
        first = {rest.shift: rest.start_s for rest in reversed(self.rests)}
        return np.array([first.get(shift, LATER) for shift in self.used.tolist()], dtype=np.int64)

    def _rested(self) -> Whole:
        """Seconds of rests in each used shift."""
        rested: dict[int, int] = defaultdict(int)
        for rest in self.rests:
            rested[rest.shift] += rest.end_s - rest.start_s
        return np.array([rested[shift] for shift in self.used.tolist()], dtype=np.int64)

    def _take_rests(self) -> Iterator[Rest]:
        """Moves the drives behind the rests before them, and gives the rests that work or another rest runs into."""
        position = {int(shift): number for number, shift in enumerate(self.used)}
        keys = self.shift * LATER + self.start_s
        rest_keys = np.array([rest.shift * LATER + rest.start_s for rest in self.rests], dtype=np.int64)
        waited_s = self.arrive_s.copy()
        for rest, next_visit in zip(self.rests, np.searchsorted(keys, rest_keys), strict=True):
            number = position.get(rest.shift)
            if number is None:
                continue
            if next_visit == len(keys) or self.shift[next_visit] != rest.shift:
                free_s, until_s = self.leave_last_s[number], LATER
                self.leave_last_s[number] = max(free_s, rest.end_s)
            elif rest.start_s >= self.arrive_s[next_visit]:
                free_s, until_s = waited_s[next_visit], self.start_s[next_visit]
                waited_s[next_visit] = max(free_s, rest.end_s)
            else:
                free_s, until_s = self.leave_s[next_visit], LATER
                self.leave_s[next_visit] = max(free_s, rest.end_s)
            if rest.start_s < free_s or rest.end_s > until_s:
                yield rest

    @cached_property
    def visits_of(self) -> dict[int, list[Visit]]:
        """The visits of each job that has some."""
        found: dict[int, list[Visit]] = defaultdict(list)
        for visit in self.visits:
            found[visit.job].append(visit)
        return found

    def operative(self, stop: Visit | Fetch) -> int:
        """Who makes a visit, or calls at a store."""
        return self.problem.shifts[stop.shift].operative

    @cached_property
    def measure(self) -> Measure:
        """The distance, times and cost of the plan, counted anew."""
        problem, costs = self.problem, self.problem.costs
        overtime_s = np.maximum(0, self.back_s - self.shift_column("end_s")[self.used])
        late: dict[Priority, int] = defaultdict(int)
        for index, visits in self.visits_of.items():
            job = problem.jobs[index]
            if job.due_s is not None:
                late[job.priority] += max(0, -(-(max(visit.end_s for visit in visits) - job.due_s) // _DAY_S))
        left_out: dict[Priority, int] = defaultdict(int)
        for left in self.plan.left_out:
            left_out[problem.jobs[left.job].priority] += 1
        outside = sum(
            problem.jobs[visit.job].area is not None
            and bool(operative.areas)
            and problem.jobs[visit.job].area not in operative.areas
            for visit in self.visits
            for operative in [problem.operatives[problem.shifts[visit.shift].operative]]
        )
        cost = (
            self.distance_m
            + int(
                costs.per_drive_minute * self.drive_s.sum()
                + costs.per_overtime_minute * overtime_s.sum()
                + costs.per_working_minute * self.worked_s.sum()
            )
            // 60
            + costs.outside_area * outside
            + sum(costs.late_per_day[priority] * days for priority, days in late.items())
            + sum(costs.left_out[priority] * jobs for priority, jobs in left_out.items())
        )
        return Measure(
            self.distance_m, int(self.drive_s.sum()), int(overtime_s.sum()), outside, dict(late), dict(left_out), cost
        )

    def time(self, seconds: int) -> str:
        """A time of the plan for people."""
        return f"{self.problem.instant(int(seconds)):%a %d %b %H:%M:%S}"
