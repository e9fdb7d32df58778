"""What planners decided against the engine: kept with name and reason, and held to by every plan.

A decision names its job, people and day as the systems do, so it outlives the plan that it was made in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, LiteralString

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from scheduling.calendars import seconds_after
from scheduling.plan import Visit
from scheduling.problem import Block, Operative, Pin, Problem, Shift

IN_FORCE: LiteralString = """
SELECT id, kind, job_ref, operative_refs, day, start_at, decided_at, decided_by, reason FROM scheduling.override
WHERE undone_at IS NULL AND (until IS NULL OR until > now()) ORDER BY id
"""
KEEP: LiteralString = """
INSERT INTO scheduling.override (id, kind, job_ref, operative_refs, day, start_at, decided_at, decided_by, reason)
OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
UNDO: LiteralString = "UPDATE scheduling.override SET undone_at = %s, undone_by = %s WHERE id = %s"


@dataclass(frozen=True)
class Decision:
    """A pin or a block. ``operative_refs`` of a pin are by role, of a block it is one; None leaves it free."""

    id: int
    kind: Literal["pin", "block"]
    job_ref: str | None
    operative_refs: tuple[str, ...] | None
    day: date | None
    start_at: datetime | None
    decided_at: datetime
    decided_by: str
    reason: str

    def told(self) -> str:
        """The decision as a sentence."""
        who = " and ".join(self.operative_refs or ())
        when = f"on {self.day:%d %B %Y}" if self.day else ""
        at = f"at {self.start_at:%H:%M}" if self.start_at else ""
        what = f"{self.job_ref or 'every job'} is pinned" if self.kind == "pin" else f"{who} is barred"
        to = f"to {who}" if self.kind == "pin" and who else ""
        off = f"from {self.job_ref or 'every job'}" if self.kind == "block" else ""
        return f"{' '.join(part for part in (what, to, off, when, at) if part)}, by {self.decided_by}: {self.reason}"


@dataclass(frozen=True)
class Undone:
    """A decision that is taken back."""

    id: int
    at: datetime
    by: str


def in_force(connection: psycopg.Connection[Any]) -> tuple[Decision, ...]:
    """The decisions that nobody took back, oldest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(IN_FORCE).fetchall()
    return tuple(_decision(row) for row in rows)


def last_id(connection: psycopg.Connection[Any]) -> int:
    """Number of the last decision; 0 before the first."""
    row = connection.execute("SELECT coalesce(max(id), 0) FROM scheduling.override").fetchone()
    assert row is not None
    return int(row[0])


def keep(cursor: psycopg.Cursor[Any], made: Iterable[Decision | Undone]) -> None:
    """Writes decisions, and marks those that are taken back."""
    for one in made:
        if isinstance(one, Undone):
            cursor.execute(UNDO, (one.at, one.by, one.id))
            continue
        who = None if one.operative_refs is None else Jsonb(list(one.operative_refs))
        cursor.execute(KEEP, (one.id, one.kind, one.job_ref, who, one.day, one.start_at, one.decided_at,
                              one.decided_by, one.reason))  # fmt: skip


def decided(problem: Problem, decisions: Sequence[Decision]) -> Problem:
    """The problem of a plan to come, held to what people decided."""
    numbers = {job.job_ref: number for number, job in enumerate(problem.jobs)}
    pins, blocks = pins_and_blocks(decisions, numbers, problem.operatives, problem.starts_at, problem.days)
    return replace(problem, pins=(*problem.pins, *pins), blocks=(*problem.blocks, *blocks))


def pins_and_blocks(
    decisions: Sequence[Decision], numbers: Mapping[str, int], operatives: Sequence[Operative], starts_at: datetime,
    days: int,
) -> tuple[tuple[Pin, ...], tuple[Block, ...]]:  # fmt: skip
    """The decisions as a plan of those days knows them, without those of others; of a job's pins the last."""
    who = {one.operative_ref: number for number, one in enumerate(operatives)}
    pins: dict[int, Pin] = {}
    blocks: list[Block] = []
    for one in decisions:
        day = None if one.day is None else (one.day - starts_at.date()).days
        job = None if one.job_ref is None else numbers.get(one.job_ref)
        refs = one.operative_refs
        is_of_plan = (day is None or 0 <= day < days) and (one.job_ref is None or job is not None)
        if not is_of_plan or not all(ref in who for ref in refs or ()):
            continue
        if one.kind == "block" and refs:
            blocks.append(Block(who[refs[0]], job, day, one.decided_by, one.reason))
        elif job is not None:
            at = None if one.start_at is None else seconds_after(starts_at, one.start_at)
            people = None if refs is None else tuple(who[ref] for ref in refs)
            pins[job] = Pin(job, people, day, at, one.decided_by, one.reason)
    return tuple(pins[job] for job in sorted(pins)), tuple(blocks)


def standing_against(
    visits: Iterable[Visit], shifts: Sequence[Shift], pins: Iterable[Pin], blocks: Iterable[Block]
) -> list[int]:
    """The jobs whose visits are not as people decided, in order."""
    pinned = {pin.job: pin for pin in pins}
    barred = {(block.operative, block.job, block.day) for block in blocks}
    found = set()
    for visit in visits:
        who, day = shifts[visit.shift].operative, shifts[visit.shift].day
        if barred & {(who, None, None), (who, None, day), (who, visit.job, None), (who, visit.job, day)}:
            found.add(visit.job)
        if (pin := pinned.get(visit.job)) is not None:
            asked = (pin.operatives and pin.operatives[visit.role], pin.day, pin.start_s)
            if any(a is not None and a != b for a, b in zip(asked, (who, day, visit.start_s), strict=True)):
                found.add(visit.job)
    return sorted(found)


def written(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """Decisions as an event keeps them."""
    return [asdict(one) for one in decisions]


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Decision, ...]:
    """The decisions that ``written`` gave, after JSON."""
    return tuple(
        _decision({
            **row,
            "day": row["day"] and date.fromisoformat(row["day"]),
            "start_at": row["start_at"] and datetime.fromisoformat(row["start_at"]),
            "decided_at": datetime.fromisoformat(row["decided_at"]),
        })
        for row in rows
    )  # fmt: skip


def _decision(row: Mapping[str, Any]) -> Decision:
    refs = row["operative_refs"]
    return Decision(**{**row, "operative_refs": None if refs is None else tuple(refs)})
