"""Why a golden record is as it is: its records, what weighs for and against each pair, who decided, which value won."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql

from identity.decisions import MACHINE
from identity.frames import Connection
from identity.links import current
from ledger.errors import ConfigurationFault

RECORDS: LiteralString = """
SELECT l.entity_id, b.system, b.source_table, t.source_key, l.first_run_id, t.ended_run_id IS NOT NULL
FROM canonical.golden_link l LEFT JOIN {table} t ON t.id = l.entity_id LEFT JOIN ledger.batch b ON b.id = t.batch_id
WHERE l.entity_type = %s AND l.golden_id = %s ORDER BY l.first_run_id, l.entity_id
"""
PAIRS = b"""
SELECT left_id, right_id, weight, parts, vetoes, status, model_version FROM identity.pair
WHERE entity_type = %(kind)s AND (left_id = ANY(%(records)s) OR right_id = ANY(%(records)s))
  AND (status <> 'apart' OR left_id = ANY(%(records)s) AND right_id = ANY(%(records)s))
ORDER BY weight DESC, left_id, right_id
"""
DECISIONS = b"""
SELECT d.left_id, d.right_id, d.kind, d.decided_by, d.decided_at, d.reason, d.weight, d.model_version
FROM identity.decision d
WHERE d.entity_type = %(kind)s AND d.kind <> 'undo' AND (d.left_id = ANY(%(records)s) OR d.right_id = ANY(%(records)s))
  AND NOT EXISTS (SELECT FROM identity.decision u WHERE u.undoes = d.id)
ORDER BY d.id
"""
VALUES = b"""
SELECT field, rank, value, entity_id, system, trust::float8, reason FROM canonical.golden_value
WHERE golden_id = %s ORDER BY field, rank
"""


@dataclass(frozen=True)
class Record:
    """A record of a source, and where it came from; ``ended``: its source has it no more."""

    id: UUID
    system: str | None
    table: str | None
    key: str | None
    first_run: int
    ended: bool


@dataclass(frozen=True)
class Decision:
    """A decision in force on a pair: same or not_same, by whom and when."""

    left: UUID
    right: UUID
    kind: str
    by: str
    at: datetime
    reason: str | None
    weight: float | None
    model_version: str | None


@dataclass(frozen=True)
class Pair:
    """A pair as it was weighed: ``parts`` field -> level and weight in bits; the weights sum to ``weight``."""

    left: UUID
    right: UUID
    weight: float
    parts: Mapping[str, Mapping[str, Any]]
    vetoes: Sequence[str]
    status: str
    model_version: str


@dataclass(frozen=True)
class Value:
    """What a record has for a field; rank 1 stands in the golden record."""

    field: str
    rank: int
    value: str | None
    record: UUID
    system: str
    trust: float
    reason: str


@dataclass(frozen=True)
class Why:
    """A golden record and all that it rests on. ``values``: of golden records of several records; else ``stands``, the
    lone record's values by field, is all there is to tell."""

    id: UUID
    kind: str
    records: tuple[Record, ...]
    pairs: tuple[Pair, ...]
    decisions: tuple[Decision, ...]
    values: tuple[Value, ...]
    stands: Mapping[str, Any]


def why(connection: Connection, asked: UUID) -> list[Why]:
    """What each golden record rests on that the id leads to: a golden id, one that once was, or a record's.

    Raises ConfigurationFault where the id leads to none.
    """
    found = connection.execute(
        "SELECT DISTINCT entity_type, golden_id FROM canonical.golden_link "
        "WHERE golden_id = %(id)s OR entity_id = %(id)s ORDER BY 1, 2",
        {"id": asked},
    ).fetchall()
    if not found:
        ids = current(connection, asked)
        found = connection.execute(
            "SELECT DISTINCT entity_type, golden_id FROM canonical.golden_link WHERE golden_id = ANY(%s) ORDER BY 2",
            (ids,),
        ).fetchall()
    if not found:
        raise ConfigurationFault(
            "No golden record has, or ever had, that id, and no record of a person, place or household.",
            next_step="Check the id; `hub identity events` lists golden ids that changed.",
        )
    return [_why(connection, str(kind), golden_id) for kind, golden_id in found]


def _why(connection: Connection, kind: str, golden_id: UUID) -> Why:
    records = connection.execute(
        sql.SQL(RECORDS).format(table=sql.Identifier("canonical", kind)), (kind, golden_id)
    ).fetchall()
    among = {"kind": kind, "records": [record[0] for record in records]}
    row = connection.execute(
        sql.SQL("SELECT * FROM {} WHERE id = %s").format(sql.Identifier("canonical", f"golden_{kind}")), (golden_id,)
    )
    cells = row.fetchone() or ()
    stands = {column.name: cell for column, cell in zip(row.description or (), cells, strict=False) if cell is not None}
    return Why(
        golden_id, kind,
        tuple(Record(*record) for record in records),
        tuple(Pair(*pair) for pair in connection.execute(PAIRS, among).fetchall()),
        tuple(Decision(*decision) for decision in connection.execute(DECISIONS, among).fetchall()),
        tuple(Value(*value) for value in connection.execute(VALUES, (golden_id,)).fetchall()),
        {name: value for name, value in stands.items() if name not in ("id", "run_id", "row_hash")},
    )  # fmt: skip


def in_words(told: Why) -> Iterator[str]:
    """The explanation, a line at a time, in plain English."""
    number = {record.id: at for at, record in enumerate(told.records, 1)}
    yield f"Golden {told.kind} {told.id}: {_count(len(told.records), 'record')}."
    for record in told.records:
        ended = ", which its source has no more" if record.ended else ""
        yield f"  {number[record.id]}. {record.system}.{record.table} {record.key}{ended} ({record.id})"
    for pair in told.pairs:
        inside = pair.left in number and pair.right in number
        yield f"{_name(pair.left, number)} and {_name(pair.right, number)}: {_status(pair, inside=inside)}"
        for field, part in sorted(pair.parts.items(), key=lambda one: -float(one[1]["weight"])):
            level = f" ({part['level']})" if part.get("level") else ""
            yield f"    {float(part['weight']):+8.2f}  {field.replace('_', ' ')}{level}"
        yield f"    {pair.weight:+8.2f}  in all, in bits: 10 bits are odds of about a thousand to one"
        for veto in pair.vetoes:
            yield f"    forbidden: {veto}"
    for decision in told.decisions:
        yield _decided(decision, number)
    yield from _fields(told, number)


def _status(pair: Pair, *, inside: bool) -> str:
    by = f"weighed by model {pair.model_version}"
    if pair.status == "vetoed":
        return f"kept apart whatever they weigh, {by}."
    if pair.status == "doubtful":
        return f"in doubt, for a person to decide, {by}."
    if pair.status == "joined":
        return f"{'joined' if inside else 'would be joined'}, {by}."
    return f"not joined by this pair{', but by others' if inside else ''}, {by}."


def _decided(decision: Decision, number: Mapping[UUID, int]) -> str:
    who = f"model {decision.model_version}" if decision.by == MACHINE else decision.by
    says = "are the same" if decision.kind == "same" else "are not the same"
    why_so = f": {decision.reason}" if decision.reason else ""
    both = f"{_name(decision.left, number)} and {_name(decision.right, number)}"
    return f"Decided by {who} on {decision.at:%d %B %Y, %H:%M}: {both} {says}{why_so}."


def _fields(told: Why, number: Mapping[UUID, int]) -> Iterator[str]:
    if not told.values:
        yield "Its values are those of its one record:" if len(told.records) == 1 else "Its values:"
        yield from (
            f"  {name.replace('_', ' ')}: {value}" for name, value in told.stands.items() if value not in ([], "")
        )
        return
    for value in told.values:
        of = f"{value.system}, {_name(value.record, number)}, trust {value.trust:.2f}"
        if value.rank == 1:
            yield f"{value.field.replace('_', ' ')}: {value.value}  - {of}: {value.reason}"
        else:
            yield f"    {value.value}  - {of}: {value.reason}"


def _name(record: UUID, number: Mapping[UUID, int]) -> str:
    return f"record {number[record]}" if record in number else f"the record {record}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
