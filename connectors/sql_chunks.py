"""Chunks from what a database's driver hands over: lines of COPY, or columns of Python values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from connectors.chunks import chunk_of
from connectors.sql_types import arrow_column, raw_record


def parse_copy(first: int, lines: Sequence[bytes], kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """A chunk from lines of PostgreSQL's COPY in CSV. ``first`` is the first record's number."""
    text = pa.BufferReader(b"".join(lines))
    try:
        table = _parse(text, kinds)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        text.seek(0)
        table = _parse(text, dict.fromkeys(kinds, pa.binary()))
        strings = [
            [None if value is None else value.decode("utf-8", "surrogateescape") for value in column.to_pylist()]
            for column in table.columns
        ]
        return chunk_of_values(first, strings, kinds, loose=True)
    return chunk_of(
        pa.array(range(first, first + table.num_rows), pa.int64()),
        {name: table[at].combine_chunks() for at, name in enumerate(kinds)},
    )


def _parse(text: pa.BufferReader, kinds: Mapping[str, pa.DataType]) -> pa.Table:
    # An unquoted empty field is null in COPY's CSV, a quoted one is empty text.
    places = [str(at) for at in range(len(kinds))]
    return pa.csv.read_csv(
        text,
        pa.csv.ReadOptions(column_names=places, use_threads=False, block_size=1 << 24),
        pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        pa.csv.ConvertOptions(
            column_types=dict(zip(places, kinds.values(), strict=True)),
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def chunk_of_values(
    first: int, values: Sequence[Sequence[Any]], kinds: Mapping[str, pa.DataType], *, loose: bool
) -> pa.Table:
    """A chunk from columns of values; records with a value that does not fit its type become undecodable."""
    rows = len(values[0])
    columns: dict[str, pa.Array] = {}
    unfit: set[int] = set()
    for (name, kind), column in zip(kinds.items(), values, strict=True):
        columns[name], bad = arrow_column(column, kind, loose=loose)
        unfit.update(bad)
    lines = range(first, first + rows)
    if not unfit:
        return chunk_of(lines, columns)
    whole = pa.array([at not in unfit for at in range(rows)])
    columns = {name: pc.if_else(whole, column, pa.scalar(None, column.type)) for name, column in columns.items()}
    return chunk_of(
        lines,
        columns,
        ["undecodable" if at in unfit else None for at in range(rows)],
        [raw_record([column[at] for column in values]) if at in unfit else None for at in range(rows)],
    )
