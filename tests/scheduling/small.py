"""Problems small enough to know the answer: a straight road, a kilometre and two minutes between its places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from scheduling.plan import LeftOut, Plan, Rest, Visit
from scheduling.problem import (
    LONDON,
    Break,
    DayPart,
    Job,
    Operative,
    Place,
    Problem,
    Role,
    Shift,
    Travel,
    Window,
    service_s,
)  # fmt: skip
from scheduling.walk import Walk

HOUR, DAY = 3_600, 86_400
MONDAY = datetime(2026, 9, 14, tzinfo=LONDON)
EVEN = (DayPart(0, 100),)


def at(hour: float, day: int = 0) -> int:
    """Seconds of an hour of a day without a clock change."""
    return round(day * DAY + hour * HOUR)


def window(begins: float, ends: float, day: int = 0) -> Window:
    """From one hour to another."""
    return Window(at(begins, day), at(ends, day))


def road(places: int, day_parts: tuple[DayPart, ...] = EVEN) -> Travel:
    """A kilometre and two minutes from each place to the next."""
    apart = np.abs(np.subtract.outer(np.arange(places), np.arange(places)))
    return Travel((apart * 1_000).astype(np.int32), (apart * 120).astype(np.int32), day_parts)


def operative(ref: str, percent: dict[str, int], *skills: str) -> Operative:
    """An operative with a proficiency by trade."""
    return Operative(ref, percent, frozenset(skills))


def shift(whose: int, day: int = 0, begins: float = 8, ends: float = 16, home: int = 0, **changes: Any) -> Shift:
    """A day's shift from home and back."""
    return replace(Shift(whose, day, at(begins, day), at(ends, day), home, home), **changes)


def lunch(day: int = 0) -> Break:
    """Half an hour that begins between twelve and half past one."""
    return Break(at(12, day), at(13.5, day), HOUR // 2)


def job(ref: str, place: int, *trades: str, minutes: int = 60, **changes: Any) -> Job:
    """A job with a role for each trade."""
    return replace(Job(ref, place, tuple(Role(trade) for trade in trades), minutes * 60), **changes)


def problem(operatives: Sequence[Operative], shifts: Sequence[Shift], jobs: Sequence[Job], **changes: Any) -> Problem:
    """A problem on the road, of as many days as its shifts have."""
    count = 1 + max([each.place for each in jobs] + [max(each.start_place, each.end_place) for each in shifts])
    whole = Problem(
        starts_at=MONDAY, days=1 + max((each.day for each in shifts), default=0),
        places=tuple(Place(f"P{number}", 52.6 + number / 111, -1.1) for number in range(count)),
        operatives=tuple(operatives), shifts=tuple(shifts), jobs=tuple(jobs), travel=road(count),
    )  # fmt: skip
    return replace(whole, **changes)


def drive(whole: Problem, leave_s: int, duration_s: int) -> int:
    """When a drive ends, second by second: the second opinion on all faster ways."""
    scale = int(np.lcm.reduce([part.percent for part in whole.travel.day_parts]))
    left, now = duration_s * scale, leave_s
    while left > 0:
        wall = whole.instant(now)
        parts = whole.travel.day_parts
        begun = [part for part in parts if part.start_minute <= wall.hour * 60 + wall.minute] or [parts[-1]]
        left -= 100 * scale // begun[-1].percent
        now += 1
    return now


Step = tuple[int, int] | int
"""A job and its role, or the number of a break."""


def walked(
    whole: Problem,
    orders: Mapping[int, Sequence[Step]],
    starts: dict[int, int] | None = None,
    left_out: Sequence[int] = (),
) -> Plan:  # fmt: skip
    """The plan in which each shift takes its steps as soon as it can; ``starts`` holds jobs that begin later."""
    visits, rests = [], []
    for number, steps in orders.items():
        where, now = whole.shifts[number].start_place, whole.shifts[number].start_s
        for step in steps:
            if isinstance(step, int):
                asked = whole.shifts[number].breaks[step]
                begins = max(now, asked.earliest_s)
                now = begins + asked.duration_s
                rests.append(Rest(number, step, begins, now))
                continue
            task, role = step
            one = whole.jobs[task]
            arrive = drive(whole, now, 0 if where == one.place else int(whole.travel.duration_s[where, one.place]))
            first = min((each.start_s for each in one.windows if each.end_s >= arrive), default=0)
            begins = max(arrive, first, one.earliest_s, (starts or {}).get(task, 0))
            needs = max(
                service_s(one, one.roles[part], whole.operatives[whole.shifts[who].operative])
                for who, others in orders.items() for other in others if isinstance(other, tuple)
                for which, part in [other] if which == task
            )  # fmt: skip
            leg_m = int(whole.travel.distance_m[where, one.place])
            visits.append(Visit(task, role, number, arrive, begins, begins + needs, leg_m))
            where, now = one.place, begins + needs
    reasons = tuple(LeftOut(task, "no-room", "Nobody has room.", "Add a shift.") for task in left_out)
    return stated(whole, Plan("", 0, 0, tuple(visits), tuple(rests), reasons, 0, 0))


def stated(whole: Problem, plan: Plan) -> Plan:
    """The plan with the sums that are its own."""
    found = Walk(whole, plan).measure
    return replace(plan, distance_m=found.distance_m, cost=found.cost)
