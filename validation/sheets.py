"""A landed batch as the sheets that its suite looks at, in slices of bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ledger.spec import TableSpec
from ledger.together import together
from validation.rules import NUMBER, Rule, prepared, unpadded

SLICE_ROWS = 150_000
"""Larger slices save little time (0.1 s of CPU each) and cost much memory."""

KEY_ROWS = 500_000
"""Keys that are held against each other at once; more are first parted by a hash, so that equals meet."""

MONEY = pa.decimal128(38, 6)

StatedControls = Sequence[tuple[str, int | None, Decimal | None]]
"""For each unit its name, and the rows and the total in pounds that the source states; None where silent."""


def slices(parts: Sequence[Path], columns: Sequence[str], rows_by_unit: Mapping[str, int]) -> Iterator[pa.Table]:
    """The parts' records in order, without those that the source marks as deleted, SLICE_ROWS at most.

    ``_unit`` names the unit of each; parts are in the units' order and none holds rows of two.
    """
    waiting: list[pa.Table] = []
    units, unit, left = iter(rows_by_unit.items()), "", 0
    for part in parts:
        rows = pq.read_metadata(part).num_rows
        while left < rows:
            unit, left = next(units)
        left -= rows
        if waiting and sum(map(len, waiting)) + rows > SLICE_ROWS:
            yield _undeleted(waiting)
            waiting = []
        waiting.append(_read(part, columns).append_column("_unit", pa.repeat(unit, rows)))
    if waiting:
        yield _undeleted(waiting)


def key_tables(parts: Sequence[Path], key: Sequence[str], rows: int) -> Iterator[pa.Table]:
    """The key columns of the whole records, in tables of about KEY_ROWS that never part two equal keys."""
    rules = [Rule(name, "MISSING") for name in key]
    shares = max(1, -(-rows // KEY_ROWS))
    share_of = [_shares(_whole(part, ["_fault", "_key"]), shares) for part in parts] if shares > 1 else []
    for share in range(shares if parts else 0):
        kept = []
        for n, part in enumerate(parts):
            table = _whole(part, ["_fault", *key])
            kept.append(prepared(rules, table.filter(pa.array(share_of[n] == share)) if share_of else table))
        yield together(kept)


def key_frame(keys: pa.Table) -> pd.DataFrame:
    """The keys as numbers, equal where the texts are: comparing them takes half the time and memory."""
    codes = {name: keys[name].combine_chunks().dictionary_encode() for name in keys.column_names}
    return frame_of(pa.table({name: code.indices for name, code in codes.items()}))


def units_sheet(
    table: TableSpec, parts: Sequence[Path], controls: StatedControls, rows_by_unit: Mapping[str, int]
) -> pd.DataFrame:
    """One row a unit: ``unit, rows_stated, rows_landed, total_stated, total_landed`` (pounds).

    The total of a unit with a record that could not be read whole is not held against the source's: what
    stood in that record is not known, and the record is accounted for by its fault.
    """
    stated = {unit: (rows, total) for unit, rows, total in controls}
    names = list(dict.fromkeys([*rows_by_unit, *stated]))
    totals: dict[str, Decimal | None] = {}
    if table.money and any(total is not None for _, total in stated.values()):
        totals = _landed_totals(table.money.amount, parts, rows_by_unit)
    return frame_of(
        pa.table(
            {
                "unit": pa.array(names, pa.string()),
                "rows_stated": pa.array([stated.get(name, (None, None))[0] for name in names], pa.int64()),
                "rows_landed": pa.array([rows_by_unit.get(name, 0) for name in names], pa.int64()),
                "total_stated": pa.array([stated.get(name, (None, None))[1] for name in names], MONEY),
                "total_landed": pa.array([totals.get(name) for name in names], MONEY),
            }
        )
    )


def frame_of(table: pa.Table) -> pd.DataFrame:
    """The table as pandas sees it best under GX: texts on Arrow, numbers for bounds as numpy floats.

    GX compares numpy numbers at once, and any other number one by one in Python.
    """
    frame: pd.DataFrame = table.to_pandas(
        types_mapper=lambda kind: None if pa.types.is_floating(kind) else pd.ArrowDtype(kind)
    )
    return frame


def _landed_totals(amount: str, parts: Sequence[Path], rows_by_unit: Mapping[str, int]) -> dict[str, Decimal | None]:
    """Per unit the sum of the amounts as they stand; None where a record is not whole. Parts are in unit order."""
    totals: dict[str, Decimal | None] = {}
    waiting = iter(parts)
    for unit, rows in rows_by_unit.items():
        total, whole, seen = Decimal(0), True, 0
        while seen < rows:
            table = _read(next(waiting), ["_fault", amount])
            seen += len(table)
            whole = whole and table["_fault"].null_count == len(table)
            total += pc.sum(_money(table[amount])).as_py() or 0 if amount in table.column_names else 0
        totals[unit] = total if whole else None
    return totals


def _money(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_string(values.type):
        values = unpadded(values)
        values = pc.if_else(pc.match_substring_regex(values, NUMBER), pc.utf8_ltrim(values, "+"), None)
    return values.cast(MONEY)


def _read(part: Path, columns: Sequence[str]) -> pa.Table:
    held = set(pq.read_schema(part).names)
    return pq.read_table(part, columns=[name for name in columns if name in held])


def _undeleted(tables: Sequence[pa.Table]) -> pa.Table:
    table = together(tables)
    deleted = pc.equal(table["_fault"].cast(pa.string()), "deleted").fill_null(False)
    return table.filter(pc.invert(deleted)) if pc.any(deleted).as_py() else table


def _whole(part: Path, columns: Sequence[str]) -> pa.Table:
    table = _read(part, columns)
    return table if table["_fault"].null_count == len(table) else table.filter(pc.is_null(table["_fault"]))


def _shares(table: pa.Table, shares: int) -> npt.NDArray[np.uint16]:
    hashes = pd.util.hash_array(table["_key"].to_numpy(), categorize=False)
    return (hashes % shares).astype(np.uint16)
