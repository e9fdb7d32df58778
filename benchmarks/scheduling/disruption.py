"""Disruptions of a live day: how many promised slots and operatives they touch, and what that costs in miles.

People fall ill, take longer, find nobody in, are told not to come, or are done early: in that mix, one after the other,
over days of 250 operatives. The free re-plan of the same moment moves whatever is not begun and was not promised
another slot, begins from the plan as it was re-planned, and searches on for its CPU seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from benchmarks.figures import keep
from benchmarks.scheduling.council import SEEDS
from benchmarks.scheduling.live_day import SIZE, Clock, live, planned_day
from scheduling import replan
from scheduling.checker import check
from scheduling.desk import Desk
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.plan import Plan
from scheduling.problem import Pin, Problem

EVENTS, OF_A_DAY = 200, 20
KINDS = {"away": 0.15, "overrun": 0.3, "no_access": 0.25, "cancelled": 0.15, "completed": 0.15}


@dataclass
class Tally:
    """What the events of all days came to."""

    events: int = 0
    slots_moved: int = 0
    breaches: int = 0
    proposals: int = 0
    changed_percent: list[float] = field(default_factory=list)
    ours_m: int = 0
    free_m: int = 0


def measure(full: bool) -> None:
    """Ten days of twenty events in full, two in the short form."""
    cpu_s, free_s, days = (120.0, 60.0, EVENTS // OF_A_DAY) if full else (40.0, 20.0, 2)
    plans = [planned_day(seed, cpu_s) for seed in (SEEDS if full else SEEDS[:1])]
    tally = Tally()
    for number in range(days):
        seed = SEEDS[number % len(plans)]
        day, plan = plans[number % len(plans)]
        with live(day, plan) as (desk, clock, _, _):
            _a_day(desk, clock, np.random.default_rng([seed, number]), tally, free_s, seed)
    told = f"{tally.events} events on days {SIZE}, {tally.proposals} proposals, free re-plan of {free_s:.0f} CPU s"
    keep("scheduling, disruption: promised slots moved without consent", tally.slots_moved, "slots", "0",
         tally.slots_moved == 0 and tally.breaches == 0, told)  # fmt: skip
    changed = max(tally.changed_percent)
    keep("scheduling, disruption: jobs of the day that change operative, worst event", changed, "%", "<= 10%",
         changed <= 10, told)  # fmt: skip
    more = 100 * (tally.ours_m / tally.free_m - 1)
    keep("scheduling, disruption: more miles than a free re-plan", more, "%", "<= 3%", more <= 3, told)


def _a_day(desk: Desk, clock: Clock, rng: np.random.Generator, tally: Tally, free_s: float, seed: int) -> None:
    """The events of a day, the miles at its end beside those of a free re-plan."""
    minutes = np.sort(rng.integers(7 * 60 + 45, 15 * 60, OF_A_DAY)).tolist()
    for minute, kind in zip(minutes, rng.choice(list(KINDS), OF_A_DAY, p=list(KINDS.values())).tolist(), strict=True):
        clock.now = desk.starts_at + timedelta(minutes=minute)
        before, promised = _who(desk), _promises(desk)
        proposals, gone = _happens(desk, kind, rng)
        after = _who(desk)
        tally.events += 1
        tally.proposals += len(proposals)
        changed = sum(1 for ref, who in before.items() if ref in after and after[ref] != who)
        tally.changed_percent.append(100 * changed / len(before))
        starts = {row.job_ref: row.start_at for row in desk.visits()}
        tally.slots_moved += sum(
            1 for ref, (begin, end) in promised.items()
            if ref not in proposals and ref not in gone and not (ref in starts and begin <= starts[ref] <= end)
        )  # fmt: skip
    problem, plan = desk.snapshot()
    tally.breaches += len(check(problem, plan))
    tally.ours_m += plan.distance_m
    tally.free_m += solve(_freely(desk, problem, plan), Stop(cpu_s=free_s), seed, plan).distance_m


def _happens(desk: Desk, kind: str, rng: np.random.Generator) -> tuple[set[str], set[str]]:
    """One event of a kind to somebody whom it can happen to: the jobs proposed, and those that are gone by it."""
    now = desk.clock()
    rows = [row for row in desk.visits() if row.role == 0]
    under_way = [row for row in rows if row.start_at <= now < row.end_at and not _is_done(desk, row.job_ref)]
    to_come = [row for row in rows if row.start_at > now]
    rows = to_come if kind in ("away", "cancelled") else under_way
    row = rows[int(rng.integers(0, len(rows)))]
    gone: set[str] = set()
    if kind == "away":
        found = replan.away(desk, row.operative_ref, now, now + timedelta(hours=12), "benchmark")
    elif kind == "overrun":
        left = int((row.end_at - now).total_seconds() // 60) + int(rng.integers(20, 90))
        found = replan.overrun(desk, row.job_ref, left, "benchmark")
    elif kind == "cancelled":
        gone = {row.job_ref}
        found = replan.cancelled(desk, row.job_ref, "benchmark")
    else:
        found = (replan.no_access if kind == "no_access" else replan.completed)(desk, row.job_ref, "benchmark")
    return {one.job_ref for one in found.proposals}, gone


def _is_done(desk: Desk, job_ref: str) -> bool:
    return not desk.numbers_of(job_ref)


def _who(desk: Desk) -> dict[tuple[str, int], str]:
    return {(row.job_ref, row.role): row.operative_ref for row in desk.visits()}


def _promises(desk: Desk) -> dict[str, tuple[datetime, datetime]]:
    """The windows of what was promised and is to be done, with a visit now."""
    return {
        row.job_ref: (desk.at(window.start_s), desk.at(window.end_s))
        for row in desk.visits() for number in desk.numbers_of(row.job_ref)
        if desk.is_confirmed(number) for window in [desk.windows_of(number)[0]]
    }  # fmt: skip


def _freely(desk: Desk, problem: Problem, plan: Plan) -> Problem:
    """The problem in which what is begun stays as it is, and everything else may go anywhere."""
    now = desk.now_s
    members: dict[int, list[int]] = {}
    starts: dict[int, int] = {}
    for visit in sorted(plan.visits, key=lambda one: (one.job, one.role)):
        members.setdefault(visit.job, []).append(problem.shifts[visit.shift].operative)
        starts[visit.job] = visit.start_s
    refs = {job.job_ref: number for number, job in enumerate(desk.jobs)}
    fixed = {
        job for job in starts if starts[job] <= now or desk.board.is_fixed(refs[problem.jobs[job].job_ref])
    }  # fmt: skip
    pins = tuple(Pin(job, tuple(members[job]), None, starts[job], "benchmark", "begun") for job in sorted(fixed))
    jobs = tuple(
        job if number in fixed else replace(job, earliest_s=max(job.earliest_s, now))
        for number, job in enumerate(problem.jobs)
    )
    return replace(problem, jobs=jobs, pins=(*problem.pins, *pins))
