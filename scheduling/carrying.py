"""What the desk was told that a plan made beside it may not know: orders that came and went, who is away, emergencies.

All of it stands in the events of the plan before, so a desk that was killed while a plan was published knows it too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, LiteralString

import psycopg

from canonical_model.workload import STANDING
from scheduling.calendars import midnight, seconds_after
from scheduling.events import Absence, Change
from scheduling.problem import Follow, Job, Place, Priority, Window

BEFORE = -1
"""A job that came follows on the one that came just before it, whose number nobody knows yet."""
CHANGES: LiteralString = """
SELECT p.starts_on, e.change FROM scheduling.event e JOIN scheduling.plan p ON p.id = e.plan_id
WHERE e.plan_id = (SELECT plan_id FROM scheduling.event ORDER BY number DESC LIMIT 1) ORDER BY e.number
"""
OPEN: LiteralString = f"""
SELECT DISTINCT work_order_ref FROM canonical.work_order
WHERE work_order_ref = ANY(%s) AND ended_run_id IS NULL AND status_code IN ({STANDING})
"""  # noqa: S608 - the hub's own words


@dataclass(frozen=True)
class Carried:
    """What the next plan has to know; seconds are after that plan's start.

    ``came``: jobs that no system had, each with its place; ``done`` and ``closed``: jobs that are done, or that nobody
    wants any more; ``away``: absences that are not over; ``amended``: jobs as they turned out to be.
    """

    came: Mapping[str, tuple[Job, Place]] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    away: tuple[Absence, ...] = ()
    amended: Mapping[str, Job] = field(default_factory=dict)

    @property
    def over(self) -> frozenset[str]:
        """The jobs that nobody has to go to any more."""
        return self.done | self.closed

    def as_it_is(self, job: Job) -> Job:
        """A system's job as the desk knows it: more pressing, or not before a day."""
        told = self.amended.get(job.job_ref)
        if told is None:
            return job
        job = replace(job, earliest_s=max(job.earliest_s, told.earliest_s))
        if told.priority is not Priority.EMERGENCY or job.priority is Priority.EMERGENCY:
            return job
        return replace(job, priority=told.priority, due_s=told.due_s, windows=(), is_confirmed=False)


def read(connection: psycopg.Connection[Any], starts_at: datetime, now: datetime) -> Carried:
    """What was told of the plan that the last event changed, for one that starts then."""
    rows = connection.execute(CHANGES).fetchall()
    if not rows:
        return Carried()
    return carried([Change.read(change) for _, change in rows], midnight(rows[0][0]), starts_at, now)


def carried(changes: Iterable[Change], before: datetime, starts_at: datetime, now: datetime) -> Carried:
    """What those changes of a plan that started at ``before`` come to, for one that starts at ``starts_at``."""
    came: dict[str, tuple[Job, Place]] = {}
    tied: dict[str, tuple[str, int]] = {}
    amended, away = dict[str, Job](), dict[Absence, None]()
    done, closed = set[str](), set[str]()
    for change in changes:
        for number, (job, place) in enumerate(change.added):
            came.pop(job.job_ref, None)
            came[job.job_ref] = job, place
            if job.follows and number:
                tied[job.job_ref] = change.added[number - 1][0].job_ref, job.follows[0].gap_s
            done.discard(job.job_ref)
            closed.discard(job.job_ref)
        amended |= {job.job_ref: job for job in change.amended}
        done |= {*change.done}
        closed |= {*change.closed, *change.gone}
        away |= dict.fromkeys(change.away)
    moved = seconds_after(starts_at, before)
    over = done | closed
    return Carried(
        {
            ref: (replace(shifted(amended.get(ref, job), moved), follows=_tie(tied.get(ref), over)), place)
            for ref, (job, place) in came.items() if ref not in over
        },
        frozenset(done), frozenset(closed),
        tuple(one for one in away if one.until_at > now),
        {ref: shifted(job, moved) for ref, job in amended.items() if ref not in over},
    )  # fmt: skip


def _tie(before: tuple[str, int] | None, over: Collection[str]) -> tuple[Follow, ...]:
    """What a job that came follows on, unless that is over."""
    return () if before is None or before[0] in over else (Follow(BEFORE, before[1]),)


def shifted(job: Job, seconds: int) -> Job:
    """The job of a plan that starts so many seconds later; what it follows on is not known there."""
    return replace(
        job, follows=(), earliest_s=max(0, job.earliest_s + seconds),
        due_s=None if job.due_s is None else max(0, job.due_s + seconds),
        windows=tuple(
            Window(max(0, one.start_s + seconds), one.end_s + seconds)
            for one in job.windows if one.end_s + seconds > 0
        ),
        clocks=tuple(
            replace(one, due_s=one.due_s + seconds, again_s=None if one.again_s is None else one.again_s + seconds)
            for one in job.clocks
        ),
    )  # fmt: skip


def still_open(connection: psycopg.Connection[Any], refs: Collection[str]) -> frozenset[str]:
    """Those of the jobs whose order the systems have open still."""
    orders = {ref: ref.rpartition("/")[0] or ref for ref in refs}
    found = {row[0] for row in connection.execute(OPEN, (sorted({*orders, *orders.values()}),))}
    return frozenset(ref for ref, order in orders.items() if {ref, order} & found)
