"""Lineage: from a canonical value back to the raw one, and from a source row to what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import psycopg
import pyarrow.parquet as pq
from psycopg import sql
from sqlalchemy import MetaData

from connectors.compare import load_fates
from connectors.landing import raw_row, read_batch
from identity.ids import key_of, stable_id
from ledger.errors import ConfigurationFault
from ledger.spec import TableSpec
from ledger.values import Batch, Part
from mappings.catalogue import System

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Origin:
    """Where one canonical field comes from. ``raw`` is None once purged, where the record has changed since."""

    field: str
    value: Any
    columns: tuple[str, ...]
    rule: str
    raw: dict[str, Any] | None


@dataclass(frozen=True)
class Lineage:
    """Where a canonical row comes from, field by field."""

    entity: str
    id: UUID
    system: str
    table: str
    key: str
    unit: str | None
    line: int | None
    mapping_version: str
    run: int
    ended_run: int | None
    batch: int
    fields: tuple[Origin, ...]


def trace(
    connection: Connection, model: MetaData, landing: Path | None, entity: str, row_id: UUID, field: str | None = None
) -> Lineage:
    """The origin of a canonical row, or of one field of it; without raw values where no landing folder is given.

    Raises ConfigurationFault where there is no such entity, row or field, naming those there are.
    """
    table = model.tables.get(f"canonical.{entity}")
    if table is None:
        known = sorted(name.removeprefix("canonical.") for name in model.tables if name.startswith("canonical."))
        raise ConfigurationFault(f"There is no entity {entity!r}.", next_step=f"Use one of: {', '.join(known)}.")
    row = connection.execute(
        sql.SQL("SELECT * FROM {} WHERE id = %s").format(sql.Identifier("canonical", entity)), (row_id,)
    )
    values: dict[str, Any] = dict(
        zip((column.name for column in row.description or ()), row.fetchone() or (), strict=False)
    )
    if not values:
        raise ConfigurationFault(f"There is no {entity} with that id.", next_step="Check the id; ids are UUIDs.")
    batch: Any = connection.execute(
        "SELECT b.system, b.source_table, b.folder, b.mapping_version, v.fields FROM ledger.batch b "
        "JOIN ledger.mapping_version v ON v.version = b.mapping_version WHERE b.id = %s", (values["batch_id"],)
    ).fetchone()  # fmt: skip
    system, source_table, folder, version, mappings = batch
    unit, line, raw = None, None, None
    if landing is not None:
        unit, line, raw = _raw(landing / folder, system, source_table, values["source_row"])
        if raw is None:
            unit, line, raw = _raw_of_last_batch(connection, landing, system, source_table, values)
    made = _made_by(mappings[source_table], system, entity, row_id, raw)
    if field is not None and field not in made:
        raise ConfigurationFault(
            f"The {entity} has no mapped field {field!r}.", next_step=f"Use one of: {', '.join(sorted(made))}."
        )
    fields = tuple(
        Origin(
            name, values[name], tuple(origin["columns"]), origin["rule"],
            None if raw is None else {column: raw.get(column) for column in origin["columns"]},
        )
        for name, origin in made.items() if field in (None, name)
    )  # fmt: skip
    return Lineage(
        entity, row_id, system, source_table, values["source_key"], unit, line, version, values["run_id"],
        values["ended_run_id"], values["batch_id"], fields,
    )  # fmt: skip


def _made_by(
    mappings: list[dict[str, Any]], system: str, entity: str, row_id: UUID, raw: dict[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """The fields of the mapping that made the row: the one whose key gives its id, or all once raw is purged."""
    mine = [mapping for mapping in mappings if mapping["target"] == entity]
    if raw is not None and len(mine) > 1:
        for mapping in mine:
            key = "|".join(
                str(raw.get(column) if raw.get(column) is not None else "").strip() for column in mapping["key"]
            )
            if stable_id(key_of(system, entity, key, mapping["part"])) == row_id:
                mine = [mapping]
                break
    return {name: origin for mapping in mine for name, origin in mapping["fields"].items()}


def _raw(folder: Path, system: str, table: str, row: int) -> tuple[str | None, int | None, dict[str, Any] | None]:
    """The unit, line and landed values of a batch row; None once they were purged."""
    if not (folder / "manifest.json").exists():
        return None, None, None
    part, values = raw_row(read_batch(folder, TableSpec(system, table, (), (), "")), row)
    return part.unit, values["_line"], values


def _raw_of_last_batch(
    connection: Connection, landing: Path, system: str, table: str, values: dict[str, Any]
) -> tuple[str | None, int | None, dict[str, Any] | None]:
    """As ``_raw``, from the table's last batch where the record stands in it as it was."""
    last = _last_batch(connection, system, table)
    fates = load_fates(landing / last[1]) if last else None
    if last is None or fates is None:
        return None, None, None
    same = (fates["key"] == values["source_key"]) & (fates["row_hash"] == values["row_hash"])
    rows = np.flatnonzero(same.fillna(False))
    return _raw(landing / last[1], system, table, int(rows[0])) if len(rows) else (None, None, None)


def _last_batch(connection: Connection, system: str, table: str) -> tuple[int, str] | None:
    """Number and folder of the table's last finished batch: no purge takes that."""
    found: Any = connection.execute(
        "SELECT id, folder FROM ledger.batch WHERE system = %s AND source_table = %s AND finished "
        "ORDER BY id DESC LIMIT 1", (system, table),
    ).fetchone()  # fmt: skip
    return found  # type: ignore[no-any-return]


@dataclass(frozen=True)
class SourceFate:
    """What became of a source row.

    ``fates``: (UNIT:LINE, fate) of each row of the last batch that has its key; one ("", "ended") where none has.
    ``rows``: canonical rows as (entity, id); ``issues``: the codes of its standing issues.
    """

    fates: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, UUID], ...]
    issues: tuple[str, ...]


def fate_of(
    connection: Connection, model: MetaData, landing: Path, system: System, table: str, asked: str
) -> SourceFate:
    """What became of the source row with the key ``asked``, or of the one at ``UNIT:LINE``, by the last whole run.

    Raises ConfigurationFault where the hub never saw such a row.
    """
    if table not in system.mappings:
        raise ConfigurationFault(
            f"The system has no table {table!r}.", system=system.spec.name,
            next_step=f"Use one of: {', '.join(system.mappings)}.",
        )  # fmt: skip
    last = _last_batch(connection, system.spec.name, table)
    key: str | None = asked
    places: tuple[tuple[str, str], ...] = ()
    numbers = np.array([], dtype=np.int64)
    if last and (fates := load_fates(landing / last[1])) is not None:
        batch = read_batch(landing / last[1], system.spec.table(table))
        numbers = _rows_of(fates, asked)
        if not len(numbers) and len(numbers := _rows_at(batch, asked)):
            key = fates["key"].fillna("").iloc[numbers[0]] or None
            numbers = _rows_of(fates, key) if key else numbers
        places = tuple((_place(batch, row), str(fates["fate"].iloc[row])) for row in numbers.tolist())
    where = (system.spec.name, table, key)
    rows: list[tuple[str, UUID]] = []
    for target in sorted({mapping.target for mapping in system.mappings[table] if mapping.target}):
        found = connection.execute(
            sql.SQL(
                "SELECT t.id FROM {} t JOIN ledger.batch b ON b.id = t.batch_id "
                "WHERE b.system = %s AND b.source_table = %s AND t.source_key = %s"
            ).format(sql.Identifier("canonical", model.tables[f"canonical.{target}"].name)), where,
        ).fetchall()  # fmt: skip
        rows += [(target, UUID(str(row_id))) for (row_id,) in found]
    if not places and not rows:
        raise ConfigurationFault(
            "The hub has seen no such row.", system=system.spec.name, place=f"table {table}",
            next_step="Check the key (its columns' values without outer blanks, joined by |), or give UNIT:LINE.",
        )  # fmt: skip
    issues = connection.execute(
        "SELECT DISTINCT i.code FROM restricted.issue i JOIN ledger.batch b ON b.id = i.batch_id WHERE b.system = %s "
        "AND b.source_table = %s AND i.closed_run_id IS NULL AND (i.source_key = %s OR i.source_key IS NULL "
        "AND i.batch_id = %s AND i.source_row = ANY(%s)) ORDER BY 1",
        (*where, last[0] if last else None, numbers.tolist()),
    ).fetchall()
    return SourceFate(places or (("", "ended"),), tuple(rows), tuple(str(code) for (code,) in issues))


def _rows_of(fates: pd.DataFrame, key: str) -> np.ndarray:
    return np.flatnonzero((fates["key"] == key).fillna(False))


def _rows_at(batch: Batch, place: str) -> np.ndarray:
    """The batch rows at ``UNIT:LINE``: of a record with several occurrences there are several."""
    unit, _, line = place.rpartition(":")
    if not line.isdecimal():
        return np.array([], dtype=np.int64)
    found = [part.first_row + np.flatnonzero(_lines(part) == int(line)) for part in batch.parts if part.unit == unit]
    return np.concatenate(found) if found else np.array([], dtype=np.int64)


def _place(batch: Batch, row: int) -> str:
    part = next(part for part in batch.parts if part.first_row <= row < part.first_row + part.rows)
    return f"{part.unit}:{_lines(part)[row - part.first_row]}"


def _lines(part: Part) -> np.ndarray:
    lines: np.ndarray = pq.read_table(part.path, columns=["_line"])["_line"].to_numpy()
    return lines
