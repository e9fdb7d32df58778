"""A landed table as the masks see it: a column at a time as text, broken records included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.landing import read_batch
from ledger.errors import ContractBroken
from ledger.spec import TableSpec

Ints = np.ndarray


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of a part of a batch, with the unit (the file, the table) that they came from."""

    unit: str
    rows: pa.Table


@dataclass(frozen=True, eq=False)
class Landed:
    """A landed table. ``broken`` has a line a record that could not be read, by its row, and its cells as text."""

    table: TableSpec
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    broken: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __len__(self) -> int:
        return sum(len(part.rows) for part in self.parts)

    def values(self, column: str) -> pa.Array:
        """The column of all rows as text; a broken record's cell as its bytes have it."""
        found = [pc.cast(part.rows[column], pa.string()).combine_chunks() for part in self.parts]
        values = pa.concat_arrays([one for one in found if len(one)] or [pa.array([], pa.string())])
        if column not in self.broken:
            return values
        texts = values.to_pandas().astype(object)
        texts.loc[self.broken.index] = self.broken[column]
        return pa.array(texts, pa.string(), from_pandas=True)

    def with_values(self, column: str, values: pa.Array) -> Landed:
        """The table with the column's texts replaced; each part keeps its type where the texts fit it."""
        parts, first = [], 0
        broken = self.broken
        if column in broken:
            cells = values.take(pa.array(broken.index.to_numpy())).to_pandas()
            broken = broken.assign(**{column: cells.to_numpy()})
            whole = np.ones(len(self), dtype=bool)
            whole[broken.index] = False
            values = pc.if_else(pa.array(whole), values, pa.scalar(None, pa.string()))
        for part in self.parts:
            here = values.slice(first, len(part.rows))
            at = part.rows.schema.get_field_index(column)
            kind = part.rows.schema.field(at).type
            rows = part.rows.set_column(at, column, here if pa.types.is_string(kind) else here.cast(kind))
            parts.append(Part(part.unit, rows))
            first += len(part.rows)
        return replace(self, parts=tuple(parts), broken=broken)

    def without_rows(self) -> Landed:
        """The table with no row left."""
        return replace(self, parts=tuple(Part(p.unit, p.rows.slice(0, 0)) for p in self.parts), broken=pd.DataFrame())

    def raws(self) -> pd.Series[str]:
        """The bytes of each broken record as they landed, by row."""
        return self._broken("_raw")

    def faults(self) -> pd.Series[str]:
        """What is wrong with each broken record, by row."""
        return self._broken("_fault")

    def _broken(self, column: str) -> pd.Series[str]:
        faults = pa.concat_arrays([part.rows["_fault"].combine_chunks() for part in self.parts])
        at = np.flatnonzero(pc.is_valid(faults).to_numpy(zero_copy_only=False))
        values = pa.concat_arrays([part.rows[column].combine_chunks() for part in self.parts])
        return pd.Series(values.take(pa.array(at)).to_pylist(), index=at, dtype="str")

    def by_unit(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Each unit and its rows with ``_row``; Arrow types, broken records' cells still null."""
        frames: dict[str, list[pd.DataFrame]] = {}
        first = 0
        for part in self.parts:
            frame = part.rows.to_pandas(types_mapper=pd.ArrowDtype)
            frame["_row"] = np.arange(first, first + len(frame))
            frames.setdefault(part.unit, []).append(frame)
            first += len(frame)
        for unit, found in frames.items():
            yield unit, found[0] if len(found) == 1 else pd.concat(found, ignore_index=True)

    def frame(self) -> pd.DataFrame:
        """All rows with ``_row`` and ``_unit``."""
        return pd.concat([rows.assign(_unit=unit) for unit, rows in self.by_unit()], ignore_index=True)


def last_batch(landing: Path, table: TableSpec) -> Path:
    """The folder of the table's last whole batch. Raises ContractBroken where none landed."""
    home = landing / table.system / table.name
    folders = sorted(home.iterdir()) if home.is_dir() else []
    for folder in reversed(folders):
        if (folder / "manifest.json").exists() and '"complete": true' in (folder / "manifest.json").read_text("utf-8"):
            return folder
    raise ContractBroken(
        "No whole batch of the table has landed.", system=table.system, place=table.place,
        next_step="Run `hub migrate` of the system, then write the extracts again.",
    )  # fmt: skip


def columns_of(landing: Path, table: TableSpec) -> tuple[str, ...]:
    """The columns that landed, as the manifest has them: no row is read."""
    return tuple(read_batch(last_batch(landing, table), table).columns)


def read(landing: Path, table: TableSpec) -> Landed:
    """The table's last whole batch."""
    batch = read_batch(last_batch(landing, table), table)
    parts = tuple(Part(part.unit, pq.read_table(part.path)) for part in batch.parts)
    return Landed(table, tuple(batch.columns), parts)


Tables = Mapping[str, Landed]
