"""Frames from and into the database by COPY. An id in a frame is 32 hexadecimal digits."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]
Types = Mapping[str, pa.DataType]

TEXT, WHOLE, REAL, INSTANT = pa.string(), pa.int64(), pa.float64(), pa.timestamp("us", tz="UTC")
YES_OR_NO = pa.bool_()
WRITE = pa_csv.WriteOptions(include_header=False, quoting_style="needed")  # text is quoted, null is not


def read(
    connection: Connection, query: str, types: Types, values: Mapping[str, object] | None = None
) -> pd.DataFrame:  # fmt: skip
    """What the query gives, its columns in the order of ``types``. An empty text is not null."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(
        f"COPY ({query}) TO STDOUT (FORMAT csv)".encode(), values
    ) as copy:  # fmt: skip
        for piece in copy:
            buffer.write(piece)
    convert = pa_csv.ConvertOptions(
        column_types=types, null_values=[""], true_values=["t"], false_values=["f"], strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )  # fmt: skip
    parse = pa_csv.ParseOptions(newlines_in_values=True)
    if not buffer.tell():
        return _frame(pa.schema(list(types.items())).empty_table())
    buffer.seek(0)
    reading = pa_csv.ReadOptions(column_names=list(types))
    return _frame(pa_csv.read_csv(buffer, reading, parse, convert))


def append(cursor: psycopg.Cursor[Any], into: sql.Composable, frame: pd.DataFrame) -> None:
    """Adds the frame's rows to a table whose columns bear its names; other columns take their defaults."""
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    buffer = io.BytesIO()
    # Arrow's CSV writer garbles a column of several chunks of which one is empty.
    pa_csv.write_csv(pa.Table.from_pandas(frame, preserve_index=False).combine_chunks(), buffer, WRITE)
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(into, columns)) as copy:
        copy.write(buffer.getvalue())


def one_of(texts: pd.Series[str], values: pd.Series[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """True where a text is one of the values. (pandas' own ``isin`` walks over a million texts in Python.)"""
    found: np.ndarray[Any, np.dtype[np.bool_]] = np.asarray(
        pc.is_in(pa.array(texts, pa.string()), value_set=pa.array(values, pa.string()))
    )
    return found


def _frame(table: pa.Table) -> pd.DataFrame:
    """Whole numbers stay whole where some are missing."""
    kinds = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=kinds.get)
    return frame
