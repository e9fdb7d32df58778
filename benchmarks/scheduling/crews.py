"""Crews and follow-ons: all that can be, together and in order, and what that costs in miles.

The extra miles are those beyond a plan of the same day whose visits know nothing of each other: each role a job of its
own, nothing after anything, planned with the same CPU seconds. A crew that is left out can be only if it fits into the
day by itself.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.figures import keep
from benchmarks.scheduling.council import SEEDS, council_day
from scheduling.checker import check
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.faults import sound
from scheduling.plan import Plan
from scheduling.problem import Problem
from scheduling.rules import Rule

SIZE = "100x500"
TIED = {Rule.CREW, Rule.FOLLOW_ON}


def measure(full: bool) -> None:
    """Three days of 60 CPU seconds a plan in full, one of 20 in the short form."""
    seeds, cpu_s = (SEEDS, 60.0) if full else (SEEDS[:1], 20.0)
    tied = together = broken = tied_m = free_m = 0
    for seed in seeds:
        day = sound(council_day(SIZE, seed))
        plan = solve(day, Stop(cpu_s=cpu_s), seed)
        done = {visit.job for visit in plan.visits}
        members = _tied(day)
        wanted = {job for job in members if job in done or _fits_alone(day, job)}
        tied, together = tied + len(wanted), together + len(wanted & done)
        broken += sum(breach.rule in TIED for breach in check(day, plan))
        free = _untied(day, plan)
        tied_m += plan.distance_m
        free_m += solve(free, Stop(cpu_s=cpu_s), seed).distance_m
    extra = 100 * (tied_m / free_m - 1)
    told = f"{SIZE} council days, seeds {seeds}, {cpu_s:.0f} CPU s a plan, all ours; {tied} jobs with crews or an order"
    keep("scheduling, crews and follow-ons: planned of those that can be", 100 * together / tied, "%", "100%",
         together == tied, told)  # fmt: skip
    keep("scheduling, crews and follow-ons: half served or out of order", broken, "jobs", "0", broken == 0, told)
    keep("scheduling, crews and follow-ons: extra miles", extra, "%", "<= 2%", extra <= 2, told)


def _tied(day: Problem) -> set[int]:
    before = {follow.job for job in day.jobs for follow in job.follows}
    return {n for n, job in enumerate(day.jobs) if len(job.roles) > 1 or job.follows or n in before}


def _fits_alone(day: Problem, job: int) -> bool:
    """Whether the job, with what it comes after, has room in a day of nothing else."""
    wanted = [job]
    for one in wanted:
        wanted += [follow.job for follow in day.jobs[one].follows]
    at = {number: position for position, number in enumerate(wanted)}
    jobs = tuple(
        replace(day.jobs[n], follows=tuple(replace(f, job=at[f.job]) for f in day.jobs[n].follows)) for n in wanted
    )
    return not solve(replace(day, jobs=jobs, pins=(), blocks=()), Stop(iterations=200), 1).left_out


def _untied(day: Problem, plan: Plan) -> Problem:
    """The day of the same visits, each free of the others; what the plan leaves out is left out here too."""
    left_out = {left.job for left in plan.left_out}
    return replace(
        day,
        jobs=tuple(
            replace(job, job_ref=f"{job.job_ref}-{role}", roles=(asked,), follows=())
            for number, job in enumerate(day.jobs) if number not in left_out
            for role, asked in enumerate(job.roles)
        ),
    )  # fmt: skip
