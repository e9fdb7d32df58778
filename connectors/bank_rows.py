"""What the bank formats share: rows of small files, their columns and their dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

MONEY = pa.decimal128(18, 2)
PENNY = Decimal("0.01")

Columns = Mapping[str, pa.DataType]


@dataclass(frozen=True)
class Row:
    """A record by its line in the file: its values, or its fault and what was read of it."""

    line: int
    values: Mapping[str, Any]
    fault: str | None = None
    raw: str | None = None


class NotThisFormat(ValueError):
    """Why a file is not in the bank format that it should be in."""


class TotalsDiffer(ValueError):
    """Which of a file's own totals is missing, or is not what its records add up to."""


def chunks(rows: Iterator[Row], columns: Columns, size: int) -> Iterator[pa.Table]:
    """The rows as chunks of at most ``size``; one empty chunk where there are none."""
    own = [("_line", pa.int64()), ("_fault", pa.string()), ("_raw", pa.string())]
    schema = pa.schema([*own, *columns.items()])
    held: list[dict[str, Any]] = []
    yielded = False
    for row in rows:
        held.append({**row.values, "_line": row.line, "_fault": row.fault, "_raw": row.raw})
        if len(held) == size:
            yield pa.Table.from_pylist(held, schema=schema)
            held, yielded = [], True
    if held or not yielded:
        yield pa.Table.from_pylist(held, schema=schema)


def pennies(text: str) -> Decimal:
    """Pounds from a whole number of pence. Raises ValueError for anything else."""
    return Decimal(int(text)) * PENNY
