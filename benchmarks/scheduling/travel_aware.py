"""Travel-aware offers against first-available: the same tenants ring for four weeks, and are offered slots either way.

Whoever rings can be at home in about half of the slots, the same ones either way, and takes the first offer in which
they can; offers lie from the next working day on. First-available is what a diary does: the earliest slot in which
anybody has room, and the first of the team who has it. Travel-aware offers stand in the order of
``scheduling.offers.rank``, and the cheapest place in the slot is taken; a day of waiting weighs as little as it can so
that tenants wait no longer than by the diary. Beside it stands the diary's slot with the cheapest operative, and what
planning all routes anew, with every promise kept, makes of each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.figures import keep
from benchmarks.scheduling.council import council_of
from scheduling.checker import check
from scheduling.engine.live import LiveBoard
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.offers import MILE_M, Rules, rank
from scheduling.plan import Plan
from scheduling.problem import Priority, Problem, Window

WORKING_DAYS, DAYS_AFTER = 20, 10
SLOTS = {"AM": (8 * 3_600, 12 * 3_600), "PM": (12 * 3_600, 16 * 3_600), "SCHOOL": (34_200, 52_200)}
DAY_S = 86_400
AHEAD = 15
"""Working days that are offered."""
AT_HOME = 0.5
SEEDS = (21, 22, 23)
JOBS_A_DAY = 6.0
"""Of an operative: at the standard minutes four fifths of the shifts, and a little more than a tenth on the roads."""
WEIGHTS = (2_000, 4_000, 6_000, 8_000, 16_000, 32_000)
"""Metres that a day of waiting may weigh."""
ITERATIONS = 20_000


@dataclass(frozen=True)
class Weeks:
    """How four weeks went: metres a job as booked, working days from call to visit, callers without any slot."""

    problem: Problem  # as it was promised
    plan: Plan
    waited_days: float
    refused: int

    @property
    def metres_a_job(self) -> float:
        """Metres of all routes by the jobs that were booked."""
        return self.plan.distance_m / len({visit.job for visit in self.plan.visits})

    def planned_anew(self, seed: int) -> float:
        """Metres a job after the routes were planned anew, every promise kept."""
        plan = solve(self.problem, Stop(iterations=ITERATIONS), seed, warm=self.plan)
        if breaches := check(self.problem, plan):
            raise RuntimeError(f"{len(breaches)} rules are broken: {breaches[0]}")
        return replace(self, plan=plan).metres_a_job


def measure(full: bool) -> None:
    """Towns of 40 operatives with three seeds; in short one of 15."""
    operatives, seeds = (40, SEEDS) if full else (15, SEEDS[:1])
    runs = []
    for seed in seeds:
        calls = Calls(seed, operatives)
        diary, slots = calls.weeks(None, is_diary=True), calls.weeks(None)
        aware = calls.as_soon_as(diary)
        runs.append(
            [diary.metres_a_job, slots.metres_a_job, aware.metres_a_job]
            + [weeks.planned_anew(seed) for weeks in (diary, slots, aware)]
            + [weeks.waited_days for weeks in (diary, slots, aware)]
            + [weeks.refused for weeks in (diary, slots, aware)]
        )
        told = ", ".join(f"{figure / MILE_M:.2f}" for figure in runs[-1][:6])
        print(f"     seed {seed}: miles a job {told}; days {runs[-1][6:9]}; refused {runs[-1][9:]}", flush=True)
    found = np.array(runs)
    share = 100 * (1 - found[:, 2] / found[:, 0])
    equal = bool((found[:, 8] <= found[:, 6]).all() and (found[:, 11] <= found[:, 9]).all())
    mean = found.mean(axis=0)
    protocol = (
        f"4 simulated weeks, {len(seeds)} towns of {operatives} operatives, the same callers either way, at home in "
        f"half of the slots, {JOBS_A_DAY:g} orders a day of an operative; mean working days from call to visit "
        f"{mean[6]:.2f} by the diary, {mean[8]:.2f} travel-aware"
    )
    name = "travel-aware offers, fewer miles a job"
    keep(
        f"{name} than first-available", float(share.mean()), "%", ">= 15 % at equal days to appointment",
        equal and float(share.mean()) >= 15, protocol,
    )  # fmt: skip
    beside = f"{protocol}; first-available slots, but the cheapest operative in each: {mean[7]:.2f} days"
    keep(
        f"{name} than with the earliest slots and the cheapest operative",
        _less(mean[2], mean[1]),
        "%",
        "-",
        None,
        beside,
    )
    anew = f"{protocol}; both planned anew with every promise kept, {ITERATIONS:,} iterations"
    keep(f"{name} than first-available, all routes planned anew", _less(mean[5], mean[3]), "%", "-", None, anew)


def _less(figure: float, than: float) -> float:
    """By how many percent a figure is less than another."""
    return float(100 * (1 - figure / than))


class Calls:
    """The callers of four weeks, by their order, day and the slots in which they are at home."""

    def __init__(self, seed: int, operatives: int) -> None:
        jobs, days = round(operatives * WORKING_DAYS * JOBS_A_DAY), WORKING_DAYS + DAYS_AFTER
        self._problem = _bare(council_of(operatives, jobs, days, seed))
        rng = np.random.default_rng(seed)
        self._day = np.sort(rng.integers(0, WORKING_DAYS, jobs))
        self._at_home = rng.random((jobs, days, len(SLOTS))) < AT_HOME
        self._seed = seed

    def as_soon_as(self, other: Weeks) -> Weeks:
        """The weeks of fewest miles in which tenants wait no longer, and no more are refused, than in others."""
        found = [self.weeks(Rules(wait_m=wait_m)) for wait_m in WEIGHTS]
        as_soon = [each for each in found if each.waited_days <= other.waited_days and each.refused <= other.refused]
        return min(as_soon or found[-1:], key=lambda weeks: weeks.metres_a_job)

    def weeks(self, rules: Rules | None, *, is_diary: bool = False) -> Weeks:
        """Four weeks by those rules; None: the earliest slot first, by a diary also the first who has room."""
        problem = self._problem
        board = LiveBoard(problem, Plan("", self._seed, 0, (), (), (), 0, 0))
        promised: dict[int, Window] = {}
        waited = []
        for job, called in enumerate(self._day.tolist()):
            days = range(called + 1, min(called + 1 + AHEAD, WORKING_DAYS + DAYS_AFTER))
            windows = [
                _window(day, name)
                for day in days for number, name in enumerate(SLOTS) if self._at_home[job, day, number]
            ]  # fmt: skip
            found = {offer.window: offer.extra_cost for offer in board.offers_instead(job, windows) if offer.window}
            if not found:
                continue
            if rules is None:
                window = min(found, key=lambda each: (each.start_s, each.end_s))
            else:
                window = min(found, key=lambda each: rank(rules, 0, found[each], _day_of(each) - called))
            _book(board, job, window, is_diary=is_diary)
            promised[job] = window
            waited.append(_day_of(window) - called)
        kept = replace(
            problem,
            jobs=tuple(
                replace(job, windows=(promised[number],), is_confirmed=True) if number in promised else job
                for number, job in enumerate(problem.jobs)
            ),
        )
        return Weeks(kept, board.plan(), float(np.mean(waited)), len(problem.jobs) - len(promised))


def _book(board: LiveBoard, job: int, window: Window, *, is_diary: bool) -> None:
    """Puts a job into a slot: where it costs least, or as a diary does with the first of the team who has room."""
    if is_diary:
        shifts = board.problem.shifts
        who = board.offers(job, [window], by_operative=True)
        first = min(who, key=lambda offer: shifts[offer.shifts[0]].operative)
        booked = board.place(first) and board.restrict(job, window)
    else:
        booked = board.move(job, window) is not None
    if not booked:
        raise RuntimeError(f"the offer of job {job} could not be had")


def _bare(problem: Problem) -> Problem:
    """The problem with jobs for one person that wait for nothing and for nobody, so that any slot could be theirs."""
    jobs = tuple(
        replace(
            job, roles=job.roles[:1], windows=(), follows=(), is_confirmed=False, key_ref=None, due_s=None,
            priority=Priority.ROUTINE,
        )
        for job in problem.jobs
    )  # fmt: skip
    return replace(problem, jobs=jobs)


def _window(day: int, name: str) -> Window:
    begin, end = SLOTS[name]
    calendar = day // 5 * 7 + day % 5
    return Window(calendar * DAY_S + begin, calendar * DAY_S + end)


def _day_of(window: Window) -> int:
    """The working day of a slot."""
    calendar = window.start_s // DAY_S
    return calendar // 7 * 5 + calendar % 7
