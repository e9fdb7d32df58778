"""Landing: what a source yields becomes an immutable batch on disk, which can be replayed without the source.

A batch is a folder of Parquet parts and a ``manifest.json`` (written last: a batch without ``complete`` was cut
short). To the source's own columns a part adds ``_key`` (text, null where a key column is blank) and
``_row_hash`` (int64, over all columns). A unit of a known sha-256 is not read again: its parts are linked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.chunks import frame_of
from connectors.files import sha256_of
from connectors.protocol import Source, Unit
from ledger.keys import trimmed
from ledger.spec import TableSpec
from ledger.together import together
from ledger.values import Batch, Part, UnitControls

PART_ROWS = 150_000
"""Rows of a part at most. A part is also the unit of mapping and of a load transaction."""

OWN_COLUMNS = ("_line", "_fault", "_raw", "_key", "_row_hash")
CELL_SEPARATOR = "\x1f"
NULL_CELL = "\x00"


def land(
    source: Source,
    table: TableSpec,
    folder: Path,
    *,
    batch_id: int,
    run_id: int,
    mapping_version: str,
    previous: Batch | None = None,
    on_rows: Callable[[int], None] = lambda _: None,
) -> Batch:
    """The table as a new batch in ``folder``. ``on_rows`` hears of progress, in rows.

    Raises what the source raises; the parts that had landed by then are in the manifest all the same.
    """
    for missing in reversed([folder, *folder.parents]):
        missing.mkdir(mode=0o700, exist_ok=missing != folder)
    known = _known_parts(previous)
    writer = _PartWriter(folder, table)
    controls: list[UnitControls] = []
    try:
        for unit in source.units(table):
            if unit.sha256 and unit.sha256 in known:
                writer.link(known[unit.sha256], unit)
                on_rows(sum(part.rows for part in known[unit.sha256]))
                controls += _known_controls(previous, known[unit.sha256][0].unit, unit)
                continue
            for chunk in source.read(table, unit):
                writer.write(unit, chunk)
                on_rows(len(chunk))
            writer.finish_unit()
            stated = source.controls(table, unit)
            controls.append(UnitControls(unit.name, stated.rows, stated.total))
    except BaseException:
        writer.finish_unit()
        _save(writer.batch(batch_id, run_id, controls), mapping_version, complete=False)
        raise
    batch = writer.batch(batch_id, run_id, controls)
    _save(batch, mapping_version, complete=True)
    return batch


def read_batch(folder: Path, table: TableSpec) -> Batch:
    """The batch that landed in ``folder``, whole or cut short. Raises FileNotFoundError where none did."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    parts = tuple(Part(**{**part, "path": folder / part["path"]}) for part in manifest["parts"])
    controls = tuple(
        UnitControls(c["unit"], c["rows"], None if c["total"] is None else Decimal(c["total"]))
        for c in manifest["controls"]
    )
    return Batch(
        table=table, batch_id=manifest["batch_id"], run_id=manifest["run_id"], folder=folder, parts=parts,
        controls=controls, columns=tuple(manifest["columns"]), sha256=manifest["sha256"],
    )  # fmt: skip


def read_rows(batch: Batch, rows: np.ndarray) -> pd.DataFrame:
    """The batch rows ``rows`` (sorted, not none) on Arrow types with ``_row``, from whichever parts hold them."""
    tables = [
        pq.read_table(part.path).take(pa.array(inside - part.first_row)) for part, inside in parts_with(batch, rows)
    ]
    frame = frame_of(together(tables).combine_chunks())
    frame["_row"] = rows
    return frame


def raw_row(batch: Batch, row: int) -> tuple[Part, dict[str, Any]]:
    """The part that holds batch row ``row``, and the row's landed values by column."""
    part = next(p for p in batch.parts if p.first_row <= row < p.first_row + p.rows)
    values = pq.read_table(part.path).slice(row - part.first_row, 1).to_pylist()[0]
    return part, values


def row_hashes(chunk: pa.Table, columns: Iterable[str]) -> pa.Array:
    """A 64-bit hash of each row over the columns: equal rows are equal here, on every machine."""
    cells = [pc.fill_null(pc.cast(chunk[name], pa.string()), NULL_CELL) for name in columns]
    line = pc.binary_join_element_wise(*cells, CELL_SEPARATOR) if len(cells) > 1 else cells[0]
    hashes = pd.util.hash_array(line.to_numpy(), categorize=False)
    return pa.array(hashes.view(np.int64))


class _PartWriter:
    """Writes chunks as parts of at most PART_ROWS rows, a unit never sharing a part with another."""

    def __init__(self, folder: Path, table: TableSpec) -> None:
        self.folder, self.table = folder, table
        self.parts: list[Part] = []
        self.columns: dict[str, None] = {}
        self.aliases = {alias: column.name for column in table.columns for alias in column.aliases}
        self.unit: Unit | None = None
        self.buffer: list[pa.Table] = []
        self.seen: pd.Series[int] = pd.Series(dtype="int64")

    def write(self, unit: Unit, chunk: pa.Table) -> None:
        if unit != self.unit:
            self.finish_unit()
            self.unit, self.seen = unit, pd.Series(dtype="int64")
        self.buffer.append(self._keyed(self._named(chunk)))
        while sum(map(len, self.buffer)) >= PART_ROWS:
            whole = pa.concat_tables(self.buffer, promote_options="permissive")
            self._part(whole.slice(0, PART_ROWS))
            rest = whole.slice(PART_ROWS)
            self.buffer = [rest] if len(rest) else []

    def finish_unit(self) -> None:
        if self.buffer:
            self._part(pa.concat_tables(self.buffer, promote_options="permissive"))
        self.buffer = []

    def link(self, parts: Sequence[Part], unit: Unit) -> None:
        """Takes over the parts of an earlier batch that hold the same bytes."""
        for part in parts:
            path = self.folder / f"part-{len(self.parts):05d}.parquet"
            os.link(part.path, path)
            self.columns.update(dict.fromkeys(_own(pq.read_schema(path).names)))
            self.parts.append(Part(path, unit.name, unit.sha256, part.rows, self.rows))

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    def batch(self, batch_id: int, run_id: int, controls: Sequence[UnitControls]) -> Batch:
        digest = sha256()
        for part in self.parts:
            digest.update(sha256_of(part.path).encode())
        for stated in controls:
            digest.update(repr(stated).encode())
        return Batch(
            table=self.table, batch_id=batch_id, run_id=run_id, folder=self.folder, parts=tuple(self.parts),
            controls=tuple(controls), columns=tuple(self.columns), sha256=digest.hexdigest(),
        )  # fmt: skip

    def _named(self, chunk: pa.Table) -> pa.Table:
        """The chunk under the agreed names, in the agreed order, with absent optional columns as null."""
        chunk = chunk.rename_columns([self.aliases.get(name, name) for name in chunk.column_names])
        for column in self.table.columns:
            if column.optional and column.name not in chunk.column_names:
                chunk = chunk.append_column(column.name, pa.nulls(len(chunk), pa.string()))
        agreed = [column.name for column in self.table.columns if column.name in chunk.column_names]
        new = [name for name in _own(chunk.column_names) if name not in agreed]
        return chunk.select(["_line", "_fault", "_raw", *agreed, *new])

    def _keyed(self, chunk: pa.Table) -> pa.Table:
        columns = _own(chunk.column_names)
        self.columns.update(dict.fromkeys(columns))
        broken = pc.is_valid(chunk["_fault"])
        hashes = row_hashes(chunk, ["_raw", *columns])
        keys = pc.if_else(broken, pa.scalar(None, pa.string()), self._keys(chunk, hashes))
        return chunk.append_column("_key", keys).append_column("_row_hash", hashes)

    def _keys(self, chunk: pa.Table, hashes: pa.Array) -> pa.Array:
        if self.table.key == ("*",):
            return self._whole_row_keys(hashes)
        if missing := set(self.table.key) - set(chunk.column_names):
            del missing  # the gate names the missing column and stops the system
            return pa.nulls(len(chunk), pa.string())
        parts = [trimmed(chunk[name]) for name in self.table.key]
        return pc.binary_join_element_wise(*parts, "|") if len(parts) > 1 else parts[0]

    def _whole_row_keys(self, hashes: pa.Array) -> pa.Array:
        """Row hash and occurrence in the unit: twice in one file is two records, in two files it is one."""
        values = pd.Series(hashes.to_numpy())
        earlier = values.map(self.seen).fillna(0).astype("int64")
        occurrence = values.groupby(values).cumcount() + earlier + 1
        self.seen = self.seen.add(values.value_counts(), fill_value=0).astype("int64")
        unsigned = pc.cast(pa.array(values.to_numpy().view(np.uint64)), pa.string())
        return pc.binary_join_element_wise(unsigned, pc.cast(pa.array(occurrence), pa.string()), "#")

    def _part(self, table: pa.Table) -> None:
        assert self.unit is not None
        path = self.folder / f"part-{len(self.parts):05d}.parquet"
        write_whole(table, path)
        self.parts.append(Part(path, self.unit.name, self.unit.sha256, len(table), self.rows))


def write_whole(table: pa.Table, path: Path) -> None:
    """Writes a Parquet file for the hub's user alone; whoever reads it sees all of it or no file."""
    unfinished = path.with_suffix(".part")
    with os.fdopen(_private(unfinished), "wb") as file:
        pq.write_table(table, file, compression="zstd", compression_level=1)
    unfinished.replace(path)


def _private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def _own(columns: Iterable[str]) -> list[str]:
    return [name for name in columns if name not in OWN_COLUMNS]


def _known_parts(batch: Batch | None) -> Mapping[str, list[Part]]:
    known: dict[str, list[Part]] = {}
    for part in batch.parts if batch else ():
        if part.unit_sha256 and part.path.exists():
            known.setdefault(part.unit_sha256, []).append(part)
    return known


def _known_controls(batch: Batch | None, before: str, unit: Unit) -> list[UnitControls]:
    """What the unit, known as ``before`` in the last batch, stated of itself there."""
    return [replace(stated, unit=unit.name) for stated in (batch.controls if batch else ()) if stated.unit == before]


def _save(batch: Batch, mapping_version: str, *, complete: bool) -> None:
    manifest = {
        "system": batch.table.system, "table": batch.table.name, "batch_id": batch.batch_id,
        "run_id": batch.run_id, "mapping_version": mapping_version, "complete": complete,
        "rows": batch.rows, "columns": batch.columns, "sha256": batch.sha256,
        "parts": [{**asdict(part), "path": part.path.name} for part in batch.parts],
        "controls": [{**asdict(c), "total": None if c.total is None else str(c.total)} for c in batch.controls],
    }  # fmt: skip
    path = batch.folder / "manifest.json"
    unfinished = path.with_suffix(".part")
    with os.fdopen(_private(unfinished), "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=1)
    unfinished.replace(path)


def parts_with(batch: Batch, rows: np.ndarray) -> Iterator[tuple[Part, np.ndarray]]:
    """Each part that holds some of the batch rows ``rows`` (sorted), with those rows."""
    for part in batch.parts:
        inside = rows[np.searchsorted(rows, part.first_row) : np.searchsorted(rows, part.first_row + part.rows)]
        if len(inside):
            yield part, inside
