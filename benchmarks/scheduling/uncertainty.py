"""Weeks of a council in which nothing takes as long as it should: which promises hold, by the declared caution.

Each evening the next days are planned, and who is planned for tomorrow is promised the slot of their visit. By day the
rest of the day is planned again each hour with what is then known: who is late, who was not in, which emergencies came
in. Times are lognormal around the standard minutes, nobody opens at some doors, and each drive takes its own share of
what the roads say. A promise holds if the operative is there before the slot ends; one that is not visited is broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import log, sqrt

import numpy as np

from benchmarks.figures import keep
from benchmarks.scheduling.council import council_of, without_ties
from scheduling.caution import Caution, cautious
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.plan import Plan, Rest, Visit
from scheduling.problem import Costs, Job, Priority, Problem, Shift, Window, service_s

HOUR, DAY = 3_600, 86_400
SEEDS = (101, 102, 103)
OPERATIVES, JOBS_A_DAY, WORKDAYS, HORIZON = 20, 80, 30, 3
NO_ACCESS, NO_ACCESS_S = 0.08, 600
TRAVEL = (0.8, 1.4)
CAUTION = Caution()
OVERRUN_S = 1_200  # how much longer the office thinks that a visit takes which should be over
SLOTS = ((8, 12), (12, 16))
REPLANS = range(9, 21)  # hours
EVENING, BY_DAY = Stop(iterations=6_000), Stop(iterations=1_500)
COSTS = Costs(late_per_day={
    Priority.EMERGENCY: 500_000, Priority.URGENT: 200_000, Priority.ROUTINE: 200_000, Priority.PLANNED: 200_000,
})  # fmt: skip


def measure(full: bool) -> None:
    """Three seeds in full, one in the short form; the means are kept."""
    seeds = SEEDS if full else SEEDS[:1]
    found = [Weeks(seed).run() for seed in seeds]
    told = (
        f"{WORKDAYS} working days of {OPERATIVES} operatives and {JOBS_A_DAY} reports a day, seeds {seeds}; durations "
        f"lognormal (0.5, first visits 0.8: all but planned works), {NO_ACCESS:.0%} no access, travel x "
        f"{TRAVEL[0]}-{TRAVEL[1]}; {CAUTION}; planned again each hour"
    )
    for name, share, mark in (
        ("arrivals inside the slot", _mean(found, "kept", "broken"), 98),
        ("emergencies in 24 hours", _mean(found, "in_24_h", "after_24_h"), 100),
        ("routine in 28 days", _mean(found, "in_28_days", "after_28_days"), 95),
    ):
        keep(f"scheduling, uncertain durations: {name}", share, "%", f">= {mark}%", share >= mark, told)


def _mean(found: list[Counter[str]], good: str, bad: str) -> float:
    return 100 * sum(each[good] for each in found) / max(1, sum(each[good] + each[bad] for each in found))


@dataclass
class At:
    """Where somebody on a shift will be free, when, as they know and as it will be."""

    place: int
    free_s: int
    planned_free_s: int
    rests: set[int] = field(default_factory=set)


@dataclass
class Open:
    """A job that is not done."""

    number: int
    reported_s: int
    is_first: bool
    slot: Window | None = None  # promised for the day that comes


class Weeks:
    """A council's weeks, from a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        council = without_ties(council_of(OPERATIVES, JOBS_A_DAY * WORKDAYS, WORKDAYS, seed))
        self.whole = replace(council, costs=COSTS)
        self.planned_travel = cautious(self.whole, frozenset(), CAUTION).travel
        self.counts: Counter[str] = Counter()
        self.days = [day for day in range(self.whole.days) if day % 7 < 5]
        self.open = self._reports()
        self.shifts = [*self.whole.shifts, *self._on_call()]
        self.by_day = {day: [n for n, s in enumerate(self.shifts) if s.day == day] for day in range(self.whole.days)}

    def _reports(self) -> list[Open]:
        """When each job is reported: evenly over the working days, emergencies at any time of them."""
        found = []
        for number, job in enumerate(self.whole.jobs):
            day = self.days[number * len(self.days) // len(self.whole.jobs)]
            at_s = day * DAY + int(self.rng.integers(0 if job.priority is Priority.EMERGENCY else 8 * HOUR, 17 * HOUR))
            reported_s = at_s if job.priority is Priority.EMERGENCY else at_s - DAY
            found.append(Open(number, reported_s, is_first=job.priority is not Priority.PLANNED))
        return found

    def _on_call(self) -> Iterator[Shift]:
        """Evenings and weekends: the fewest operatives, greedily, who can do between them all that may come in."""
        asked = {job.roles[0] for job in self.whole.jobs if job.priority is Priority.EMERGENCY}
        able = [
            {role for role in asked if role.trade in one.proficiency_percent and role.skills <= one.skills}
            for one in self.whole.operatives
        ]
        while asked:
            whose = max(range(OPERATIVES), key=lambda one: len(able[one] & asked))
            asked -= able[whose]
            for day in range(self.whole.days):
                begins_s = day * DAY + (8 if day % 7 >= 5 else 19) * HOUR
                shift = self.whole.shifts[whose]
                yield replace(shift, day=day, start_s=begins_s, end_s=day * DAY + 22 * HOUR, breaks=(), is_standby=True)

    def run(self) -> Counter[str]:
        """The counts of promises kept and broken, and of jobs done in their time."""
        for day in range(self.whole.days):
            self._live(day)
            self._promise(day + 1)
        for each in self.open:
            age_s, priority = self.whole.days * DAY - each.reported_s, self.whole.jobs[each.number].priority
            self.counts["after_24_h"] += priority is Priority.EMERGENCY and age_s > DAY
            self.counts["after_28_days"] += priority is Priority.ROUTINE and age_s > 28 * DAY
        return self.counts

    def _promise(self, day: int) -> None:
        """Plans the days that come, and promises tomorrow's visits their slots."""
        known = [each for each in self.open if each.reported_s < day * DAY]
        days = [each for each in self.days if each >= day][:HORIZON]
        if not known or not days or days[0] != day:
            return
        numbers = [n for each in days for n in self.by_day[each]]
        windows = tuple(Window(d * DAY + a * HOUR, d * DAY + b * HOUR) for d in days for a, b in SLOTS)
        jobs = [self._job(each, windows if self._is_booked(each) else (), None) for each in known]
        problem = self._problem(jobs, [self.shifts[n] for n in numbers])
        plan = solve(cautious(problem, self._first(known), replace(CAUTION, travel_percent=100)), EVENING, 1)
        for visit in plan.visits:
            one, shift = known[visit.job], self.shifts[numbers[visit.shift]]
            if shift.day == day and self._is_booked(one):
                one.slot = next(window for window in windows if window.start_s <= visit.start_s < window.end_s)

    def _live(self, day: int) -> None:
        """A day: plans what is left of it each hour, and does what the plan says until the next."""
        at = {
            n: At(self.shifts[n].start_place, self.shifts[n].start_s, self.shifts[n].start_s) for n in self.by_day[day]
        }
        hours = [6, *REPLANS]
        for hour, following in zip(hours, [*hours[1:], 30], strict=True):
            now = day * DAY + hour * HOUR
            todo = [
                each for each in self.open
                if each.reported_s <= now and (each.slot is not None or not self._is_booked(each))
            ]  # fmt: skip
            if not todo:
                continue
            numbers = [n for n in at if max(at[n].planned_free_s, now) < self.shifts[n].end_s]
            shifts = [self._rest_of(n, at[n], now) for n in numbers]
            jobs = [self._job(each, (), now) for each in todo]
            problem = cautious(self._problem(jobs, shifts), self._first(todo), replace(CAUTION, travel_percent=100))
            self._do(solve(problem, BY_DAY, 1), todo, numbers, at, day * DAY + following * HOUR)
        for each in self.open:
            if each.slot is not None and each.slot.start_s < (day + 1) * DAY:
                self.counts["broken"] += 1
                each.slot = None

    def _rest_of(self, number: int, at: At, now: int) -> Shift:
        """What is left of a shift, as those in the office know."""
        shift = self.shifts[number]
        overrun = at.free_s > now > at.planned_free_s
        known_s = at.free_s if at.free_s <= now else now + OVERRUN_S if overrun else at.planned_free_s
        start_s = max(now, known_s)
        left = tuple(
            replace(rest, latest_s=max(rest.latest_s, start_s + HOUR))  # who worked through it has it later
            for each, rest in enumerate(shift.breaks) if each not in at.rests
        )  # fmt: skip
        return replace(shift, start_s=start_s, start_place=at.place, breaks=left, overtime_s=2 * HOUR)

    def _do(self, plan: Plan, todo: list[Open], numbers: list[int], at: dict[int, At], until_s: int) -> None:
        """Sets off, in the plan's order, to all that begins before the next plan."""
        steps: list[Visit | Rest] = sorted([*plan.rests, *plan.visits], key=lambda step: (step.shift, step.start_s))
        waiting: set[int] = set()  # shifts whose next step is the next plan's
        for step in steps:
            here, shift = at[numbers[step.shift]], self.shifts[numbers[step.shift]]
            if isinstance(step, Rest):
                leave_s = max(step.start_s, here.free_s)
            else:
                one, job = todo[step.job], self.whole.jobs[todo[step.job].number]
                way_s = int(self.whole.travel.duration_s[here.place, job.place]) if here.place != job.place else 0
                opens_s = one.slot.start_s if one.slot else 0
                leave_s = max(here.free_s, min(step.arrive_s, opens_s) - way_s * 3 // 2)
            if leave_s >= until_s:
                waiting.add(step.shift)
            if step.shift in waiting:
                continue
            if isinstance(step, Rest):
                here.free_s = here.planned_free_s = leave_s + step.end_s - step.start_s
                here.rests.add(next(n for n, _ in enumerate(shift.breaks) if n not in here.rests))
            else:
                arrive_s = leave_s + round(way_s * self.rng.uniform(*TRAVEL))
                self._visit(one, job, here, shift, arrive_s, step.end_s)

    def _visit(self, one: Open, job: Job, here: At, shift: Shift, arrive_s: int, planned_end_s: int) -> None:
        emergency = job.priority is Priority.EMERGENCY
        begins_s = max(arrive_s, one.slot.start_s if one.slot else 0)
        if one.slot is not None:
            self.counts["kept" if begins_s <= one.slot.end_s else "broken"] += 1
            one.slot = None
        here.place = job.place
        if not emergency and self.rng.random() < NO_ACCESS:
            here.free_s = here.planned_free_s = begins_s + NO_ACCESS_S
            self.counts["no_access"] += 1
            return
        spread = 0.8 if one.is_first else 0.5
        sigma = sqrt(log(1 + spread**2))
        needs_s = service_s(job, job.roles[0], self.whole.operatives[shift.operative])
        here.free_s = begins_s + round(needs_s * self.rng.lognormal(-(sigma**2) / 2, sigma))
        here.planned_free_s = max(planned_end_s, begins_s + needs_s)
        self.open.remove(one)
        if emergency:
            self.counts["in_24_h" if here.free_s <= one.reported_s + DAY else "after_24_h"] += 1
        elif job.priority is Priority.ROUTINE:
            self.counts["in_28_days" if here.free_s <= one.reported_s + 28 * DAY else "after_28_days"] += 1

    def _is_booked(self, one: Open) -> bool:
        """Whether its tenant is promised a slot: all but emergencies."""
        return self.whole.jobs[one.number].priority is not Priority.EMERGENCY

    def _first(self, known: list[Open]) -> frozenset[str]:
        return frozenset(self.whole.jobs[each.number].job_ref for each in known if each.is_first)

    def _job(self, one: Open, windows: tuple[Window, ...], now: int | None) -> Job:
        """A job as it is to be planned: by day its slot may be broken, at a price."""
        job = self.whole.jobs[one.number]
        due_s = one.reported_s + DAY * {0: 1, 1: 7, 2: 28, 3: 90}[int(job.priority)]
        if now is None or one.slot is None:
            return replace(job, windows=windows, due_s=due_s, earliest_s=max(0, one.reported_s), is_confirmed=False)
        margin_s = min(CAUTION.margin_s, max(0, (one.slot.end_s - now) // 4))
        return replace(job, windows=(), earliest_s=one.slot.start_s, is_confirmed=False,
                       due_s=one.slot.end_s - margin_s + job.duration_s + job.parking_s)  # fmt: skip

    def _problem(self, jobs: list[Job], shifts: list[Shift]) -> Problem:
        return replace(self.whole, jobs=tuple(jobs), shifts=tuple(shifts), travel=self.planned_travel)
