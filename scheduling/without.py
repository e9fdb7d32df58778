"""A problem, and a plan of it, without some of the jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scheduling.plan import Plan
from scheduling.problem import Problem


def problem_without(problem: Problem, gone: frozenset[int]) -> Problem:
    """The problem without some jobs, and without what people decided about them; the others are numbered anew."""
    if not gone:
        return problem
    now = _numbers(problem, gone)
    return replace(
        problem,
        jobs=tuple(
            replace(job, follows=tuple(replace(one, job=now[one.job]) for one in job.follows if one.job in now))
            if job.follows else job
            for job in (problem.jobs[number] for number in now)
        ),
        pins=tuple(replace(pin, job=now.get(pin.job, pin.job)) for pin in problem.pins if pin.job not in gone),
        blocks=tuple(
            block if block.job is None else replace(block, job=now[block.job])
            for block in problem.blocks if block.job not in gone
        ),
    )  # fmt: skip


def plan_without(problem: Problem, plan: Plan, gone: frozenset[int]) -> Plan:
    """The problem's plan in the numbers of ``problem_without``; the jobs that go have no visits in it."""
    if not gone:
        return plan
    now = _numbers(problem, gone)
    return replace(
        plan,
        visits=tuple(replace(visit, job=now[visit.job]) for visit in plan.visits),
        left_out=tuple(replace(left, job=now[left.job]) for left in plan.left_out if left.job in now),
        cost=plan.cost - sum(problem.costs.left_out[problem.jobs[number].priority] for number in gone),
    )


def _numbers(problem: Problem, gone: frozenset[int]) -> Mapping[int, int]:
    """The number of each job that stays, by the one that it had."""
    stays = (number for number in range(len(problem.jobs)) if number not in gone)
    return {number: position for position, number in enumerate(stays)}
