"""Crews and follow-ons: all that can be, together and in order, and what that costs in miles.

The extra miles are those beyond a plan of the same day whose visits need not meet or wait: each role is a job of its
own at any time, nothing comes after anything, planned with the same CPU seconds. The two of a crew stay two people: one
who does both parts, one after the other, saves a way that no crew can save, and that is not what meeting costs. A part
of which every van has one, and both take one, sees to that. A figure beside it is without: one may do both.
A crew that is left out can be only if it fits into the day by itself.

The reference begins with the plan that it is held against, and so leaves nothing out that the plan serves: fewer visits
are fewer miles. Both are what a search of as many CPU seconds finds, and neither is the best there is: the extra miles
are those that a council drives, whether meeting takes them or the search does. The mean of the days is judged, for of
one day the searches' luck is worth a mile in a hundred.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from statistics import mean

from benchmarks.figures import keep
from benchmarks.scheduling.council import SEEDS, council_day
from scheduling.checker import check
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.engine.warm import warm
from scheduling.faults import sound
from scheduling.plan import Plan
from scheduling.problem import Job, Part, Problem
from scheduling.rules import Rule

SIZE = "100x500"
DAYS = (*SEEDS, 14, 15)
TIED = {Rule.CREW, Rule.FOLLOW_ON}


def measure(full: bool) -> None:
    """Five days of 60 CPU seconds a plan in full, one of 20 in the short form."""
    seeds, cpu_s = (DAYS, 60.0) if full else (DAYS[:1], 20.0)
    warm()
    tied = together = broken = 0
    extra, beyond = [], []
    for seed in seeds:
        day = sound(council_day(SIZE, seed))
        plan = solve(day, Stop(cpu_s=cpu_s), seed)
        done = {visit.job for visit in plan.visits}
        members = _tied(day)
        wanted = {job for job in members if job in done or _fits_alone(day, job)}
        tied, together = tied + len(wanted), together + len(wanted & done)
        broken += sum(breach.rule in TIED for breach in check(day, plan))
        apart, begun = _untied(day, plan), _as_untied(day, plan)
        free, alone = (solve(each, Stop(cpu_s=cpu_s), seed, warm=begun) for each in (apart, _alone(apart)))
        extra.append(100 * (plan.distance_m / free.distance_m - 1))
        beyond.append(100 * (plan.distance_m / alone.distance_m - 1))
    told = f"{SIZE} council days, seeds {seeds}, {cpu_s:.0f} CPU s a plan, all ours; {tied} jobs with crews or an order"
    keep("scheduling, crews and follow-ons: planned of those that can be", 100 * together / tied, "%", "100%",
         together == tied, told)  # fmt: skip
    keep("scheduling, crews and follow-ons: half served or out of order", broken, "jobs", "0", broken == 0, told)
    by_day = ", ".join(f"{each:+.1f}%" for each in extra)
    keep("scheduling, crews and follow-ons: extra miles", mean(extra), "%", "<= 2%", mean(extra) <= 2,
         f"{told}; beyond the same visits by as many people at any time: by day {by_day}")  # fmt: skip
    keep("scheduling, crews and follow-ons: extra miles beyond jobs that one person may do both parts of", mean(beyond),
         "%", "", None, told)  # fmt: skip


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
    """The day of the same visits at any time, by as many people; what the plan leaves out is left out here too."""
    left_out = {left.job for left in plan.left_out}
    members = [
        (replace(job if role == 0 else _second(job), job_ref=f"{job.job_ref}-{role}", roles=(asked,), follows=()),
         len(job.roles) > 1, job.job_ref)
        for number, job in enumerate(day.jobs) if number not in left_out
        for role, asked in enumerate(job.roles)
    ]  # fmt: skip
    kinds = sorted({ref for _, is_crew, ref in members if is_crew})
    return replace(
        day,
        jobs=tuple(replace(job, parts=(*job.parts, Part(ref, 1))) if is_crew else job for job, is_crew, ref in members),
        shifts=tuple(replace(one, stock=(*one.stock, *(Part(kind, 1) for kind in kinds))) for one in day.shifts),
        pins=(), blocks=(),
    )  # fmt: skip


def _second(job: Job) -> Job:
    """What the others of a crew do: key, load, tools, parts and target are the first one's."""
    return replace(job, key_ref=None, load=0, tools=frozenset(), parts=(), due_s=None)


def _as_untied(day: Problem, plan: Plan) -> Plan:
    """The plan's visits by the numbers of ``_untied``."""
    left_out = {left.job for left in plan.left_out}
    roles = [0 if number in left_out else len(job.roles) for number, job in enumerate(day.jobs)]
    first = list(accumulate(roles, initial=0))
    return replace(plan, visits=tuple(replace(each, job=first[each.job] + each.role, role=0) for each in plan.visits))


def _alone(day: Problem) -> Problem:
    """The same where one person may do the parts of both."""
    return replace(day, jobs=tuple(replace(job, parts=()) for job in day.jobs))
