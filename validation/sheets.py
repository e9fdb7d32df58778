"""A landed batch as the sheets that its suite looks at, in slices of bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ledger.spec import TableSpec
from validation.rules import NUMBER, Rule, prepared, unpadded

SLICE_ROWS = 1_500_000
KEY_ROWS = 6_000_000
"""Keys that are compared with each other at once; more are told apart by a hash of the key first."""

MONEY = pa.decimal128(38, 6)

StatedControls = Sequence[tuple[str, int | None, Decimal | None]]
"""For each unit its name, and the rows and the total in pounds that the source states; None where silent."""


def slices(parts: Sequence[Path], columns: Sequence[str]) -> Iterator[pa.Table]:
    """The parts' records in order, without those that the source marks as deleted, SLICE_ROWS at most."""
    waiting: list[pa.Table] = []
    for part in parts:
        rows = pq.read_metadata(part).num_rows
        if waiting and sum(map(len, waiting)) + rows > SLICE_ROWS:
            yield _undeleted(waiting)
            waiting = []
        waiting.append(_read(part, columns))
    if waiting:
        yield _undeleted(waiting)


def key_frames(parts: Sequence[Path], key: Sequence[str], rows: int) -> Iterator[pd.DataFrame]:
    """The key columns of the whole records, in frames of about KEY_ROWS that never part two equal keys."""
    shares = max(1, -(-rows // KEY_ROWS))
    for share in range(shares):
        kept = []
        for part in parts:
            table = _undeleted([_read(part, ["_fault", "_key", *key])])
            if table["_fault"].null_count < len(table):
                table = table.filter(pc.is_null(table["_fault"]))
            if shares > 1:
                hashes = pd.util.hash_array(table["_key"].to_numpy(), categorize=False)
                table = table.filter(pa.array(hashes % shares == share))
            kept.append(prepared([Rule(name, "MISSING") for name in key], table))
        if kept:
            yield frame_of(pa.concat_tables(kept, promote_options="permissive"))


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
    table = pa.concat_tables(tables, promote_options="permissive")
    deleted = pc.equal(table["_fault"].cast(pa.string()), "deleted").fill_null(False)
    return table.filter(pc.invert(deleted)) if pc.any(deleted).as_py() else table
