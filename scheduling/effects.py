"""What a decision of a planner comes to: miles, minutes and days, and every visit that goes elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from scheduling.desk import Desk
from scheduling.offers import MILE_M
from scheduling.plan import LeftOut, Plan, Visit
from scheduling.walk import Measure, Walk


@dataclass(frozen=True)
class Moved:
    """A visit that goes elsewhere; None: nowhere, or from nowhere."""

    job_ref: str
    role: int
    before: tuple[str, datetime] | None
    after: tuple[str, datetime] | None


@dataclass(frozen=True)
class Effect:
    """What a decision comes to; ``decisions`` are its numbers once it is done, and none before.

    ``touched`` are promised jobs that are visited otherwise, but as was promised; ``broken`` those that are not.
    """

    token: str
    added_m: int
    added_drive_s: int
    added_overtime_s: int
    added_late_days: int
    added_cost: int
    moved: tuple[Moved, ...]
    left_out: tuple[str, ...]
    touched: tuple[str, ...]
    broken: tuple[str, ...]
    decisions: tuple[int, ...] = ()

    @property
    def added_miles(self) -> float:
        """What is driven more, to a tenth of a mile."""
        return round(self.added_m / MILE_M, 1)

    @property
    def is_done(self) -> bool:
        """Whether it was only shown, or done."""
        return bool(self.decisions)


@dataclass(frozen=True)
class Standing:
    """The visits and what they come to."""

    visits: dict[tuple[int, int], Visit]
    measure: Measure


def standing(desk: Desk) -> Standing:
    """The plan as it stands, measured."""
    visits, rests = desk.board.standing()
    planned = {visit.job for visit in visits}
    left = tuple(LeftOut(number, "", "", "") for number in sorted(desk.open_jobs() - planned))
    plan = Plan("", 0, 0, tuple(visits), tuple(rests), left, 0, 0)
    return Standing({(visit.job, visit.role): visit for visit in visits}, Walk(desk.board.problem, plan).measure)


def moved(desk: Desk, before: Standing, after: Standing) -> Iterator[Moved]:
    """The visits that another operative makes, or at another time."""
    for job, role in sorted(before.visits.keys() | after.visits.keys()):
        was, now = (_at(desk, one.visits.get((job, role))) for one in (before, after))
        if was != now:
            yield Moved(desk.jobs[job].job_ref, role, was, now)


def _at(desk: Desk, visit: Visit | None) -> tuple[str, datetime] | None:
    if visit is None:
        return None
    return desk.operatives[desk.shifts[visit.shift].operative].operative_ref, desk.at(visit.start_s)
