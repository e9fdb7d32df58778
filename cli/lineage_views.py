"""Lineage as a person reads it."""

from __future__ import annotations

from uuid import UUID

from rich.table import Table

from canonical_model.tables import metadata
from cli import show
from cli.workplace import Workplace
from loading.load import connect
from mappings.catalogue import load_system
from reconciliation.lineage import fate_of, trace


def of_canonical_row(place: Workplace, entity: str, row_id: UUID, field: str | None) -> Table:
    """Each field of a canonical row with its source columns and raw values."""
    with connect(place.database_url) as connection:
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
