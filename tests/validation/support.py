"""Small source tables for the gate's tests: a spec with every kind of rule, and parts written as landing does."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ledger.spec import Column, MoneyColumn, TableSpec

TABLE = TableSpec(
    system="rents",
    name="post_ings",
    grain="one row a posting",
    key=("ref", "week"),
    max_fault_share=0.25,
    money=MoneyColumn(amount="amount", account="ref"),
    columns=(
        Column("ref", length=6, pattern=r"[0-9]{4}[A-Z]?", required=True),
        Column("week", "integer", minimum=Decimal(1), maximum=Decimal(53)),
        Column("code", values=("RNT", "CSH"), required=True),
        Column("amount", "decimal", scale=2, minimum=Decimal("-99.99"), maximum=Decimal("99.99")),
        Column("text_amount", "decimal", minimum=Decimal("0.5")),
        Column("posted", "date", required=True),
        Column("note", length=8),
        Column("late", optional=True, length=3),
    ),
)

SCHEMA = pa.schema(
    {
        "ref": pa.string(),
        "week": pa.int64(),
        "code": pa.string(),
        "amount": pa.decimal128(12, 2),
        "text_amount": pa.string(),
        "posted": pa.date32(),
        "note": pa.string(),
    }
)
COLUMNS = tuple(SCHEMA.names)


def landed(rows: Sequence[dict[str, object]], faults: Sequence[str | None] | None = None) -> pa.Table:
    """The rows as a landed part; a faulty row carries nulls, as connectors write it."""
    faults = faults or [None] * len(rows)
    rows = [row if fault is None else dict.fromkeys(row) for row, fault in zip(rows, faults, strict=True)]
    source = pa.Table.from_pylist(list(rows), SCHEMA) if rows else SCHEMA.empty_table()
    keys = [pc.cast(source[name], pa.string()) for name in TABLE.key]
    raw = pa.array([None if fault is None else "raw" for fault in faults], pa.string())
    return pa.table(
        {
            "_line": pa.array(range(1, len(rows) + 1), pa.int64()),
            "_fault": pa.array(faults, pa.string()),
            "_raw": raw,
            **{name: source[name] for name in source.column_names},
            "_key": pc.binary_join_element_wise(*keys, "|"),
            "_row_hash": pa.array(range(len(rows)), pa.int64()),
        }
    )


def write_parts(folder: Path, *parts: pa.Table) -> list[Path]:
    """The parts as Parquet files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"part-{n:05d}.parquet" for n, _ in enumerate(parts)]
    for path, part in zip(paths, parts, strict=True):
        pq.write_table(part, path)
    return paths
