"""A live plan small enough to know: three plumbers and an electrician, two weeks, a straight road, a clock to set."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from scheduling.checker import check
from scheduling.desk import Desk
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.offers import Rules
from scheduling.problem import Follow, Job, Priority, Problem
from scheduling.store import Store, keep_plan, publish
from tests.scheduling import small

RULES = Rules(margin_s=0)
BEFORE_WORK = small.MONDAY + timedelta(hours=6)


class Clock:
    """Shows the time that it was set to."""

    def __init__(self, now: datetime = BEFORE_WORK) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def goes_on(self, **by: float) -> None:
        self.now += timedelta(**by)


def town(*more: Job, days: int = 12) -> Problem:
    """Twenty open orders along the road, two of them promised, one of a crew, one in two trades."""
    staff = [small.operative(f"OP{number}", {"PL": 100, "MU": 100}) for number in range(3)]
    staff.append(small.operative("OP3", {"EL": 100, "PT": 100}))
    shifts = [
        small.shift(who, day, home=who, breaks=(small.lunch(day),), overtime_s=1_800)
        for day in range(days) if day % 7 < 5 for who in range(4)
    ]  # fmt: skip
    jobs = [
        small.job(f"W{number:02}", 2 + number % 9, "PL", due_s=small.at(0, 3 + number % 6), priority=Priority.ROUTINE)
        for number in range(17)
    ]  # fmt: skip
    jobs[3] = replace(jobs[3], windows=(small.window(8, 12, 1),), is_confirmed=True)
    jobs[4] = replace(jobs[4], windows=(small.window(12, 16, 0),), is_confirmed=True)
    jobs += [
        small.job("CREW", 5, "PL", "PL"),
        small.job("W90/EL", 4, "EL"),
        small.job("W90/PT", 4, "PT", follows=(Follow(len(jobs) + 1, 2 * small.HOUR),)),
    ]
    return small.problem(staff, shifts, [*jobs, *more])


def published(url: str, folder: Path, problem: Problem, last_event: int = 0) -> int:
    """The number of a quickly made plan of a problem, published."""
    plan = solve(problem, Stop(iterations=200), 1)
    assert check(problem, plan) == ()
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        number = keep_plan(connection, folder, problem, plan, last_event)
        publish(connection, number, "a planner")
    return number


def opened(url: str, folder: Path, clock: Clock) -> Desk:
    """A desk over what is published."""
    return Desk(Store(url, folder), clock)


def breaches(desk: Desk) -> tuple[object, ...]:
    """What the checker finds wrong with the plan as it is."""
    return check(*desk.snapshot())
