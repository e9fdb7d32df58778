"""Lineage as a person reads it."""

from __future__ import annotations

from uuid import UUID

from rich.table import Table

from canonical_model.golden import ENTITY_TYPES
from canonical_model.tables import metadata
from cli import show
from cli.workplace import Workplace
from identity.frames import Connection
from identity.links import current, members
from ledger.errors import ConfigurationFault
from loading.load import connect
from mappings.catalogue import load_system
from reconciliation.lineage import fate_of, trace

GOLDEN = "golden_"
VALUES = """
SELECT v.field, v.value, v.system, v.entity_id, CASE WHEN v.is_winner THEN 'stands' ELSE 'lost' END, v.reason
FROM canonical.golden_value v WHERE v.golden_id = ANY(%s) AND (%s::text IS NULL OR v.field = %s)
ORDER BY v.golden_id, v.field, v.rank
"""


def of_canonical_row(place: Workplace, entity: str, row_id: UUID, field: str | None) -> Table:
    """Each field of a canonical row with its source columns and raw values; of a golden record, what each record had.

    A golden id that stands no more leads to those that stand now.
    """
    with connect(place.database_url) as connection:
        if golden := _golden_ids(connection, entity, row_id):
            return _of_golden(connection, entity.removeprefix(GOLDEN), row_id, golden, field)
        found = trace(connection, metadata, place.landing, entity, row_id, field)
    title = (
        f"{found.entity} {found.id}: {found.system}.{found.table}, key {found.key}, "
        f"{found.unit or 'purged'} line {found.line}, batch {found.batch}, run {found.run}, "
        f"mapping {found.mapping_version}" + (f", ended in run {found.ended_run}" if found.ended_run else "")
    )
    lines = [
        (
            origin.field, origin.value, origin.rule, ", ".join(origin.columns),
            "purged" if origin.raw is None else ", ".join(repr(value) for value in origin.raw.values()),
        )
        for origin in found.fields
    ]  # fmt: skip
    return show.rows(title, ("Field", "Value", "Rule", "Source columns", "Raw values"), lines)


def of_source_row(place: Workplace, system: str, table: str, key: str) -> Table:
    """The fate of a source row, named by key or by UNIT:LINE, the canonical rows that it made, its standing issues."""
    with connect(place.database_url) as connection:
        fate = fate_of(connection, metadata, place.landing, load_system(system), table, key)
    lines = [
        *((f"fate of {where}" if where else "fate", what) for where, what in fate.fates),
        *((entity, str(row_id)) for entity, row_id in fate.rows),
        *(("issue", code) for code in fate.issues),
    ]  # fmt: skip
    return show.rows(f"{system}.{table} {key}", ("What", "Which"), lines)


def _golden_ids(connection: Connection, entity: str, row_id: UUID) -> list[UUID]:
    """The golden ids that stand now for one; none where the id is that of a record of the entity.

    Raises ConfigurationFault where a golden record is asked for and there never was one of that id.
    """
    kind = entity.removeprefix(GOLDEN)
    if kind not in ENTITY_TYPES:
        return []
    found = [one for one in current(connection, row_id) if members(connection, one)[0][0] == kind]
    if entity.startswith(GOLDEN) and not found:
        raise ConfigurationFault(f"There is no {entity} with that id.", next_step="Check the id; ids are UUIDs.")
    return found


def _of_golden(connection: Connection, kind: str, asked: UUID, now: list[UUID], field: str | None) -> Table:
    """What each record had for each field of a golden record, and why it stands or lost; the records below."""
    title = f"{GOLDEN}{kind} {asked}" + (f", now {', '.join(map(str, now))}" if now != [asked] else "")
    lines = connection.execute(VALUES.encode(), (now, field, field)).fetchall()
    records = [
        (None, None, None, record, "record", f"hub lineage {kind} {record}")
        for one in now for _, record in members(connection, one)
    ]  # fmt: skip
    return show.rows(title, ("Field", "Value", "System", "Record", "What", "Why"), [*lines, *records])
