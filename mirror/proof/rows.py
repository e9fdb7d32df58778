"""Columns of a database as arrays, by COPY: text as Arrow, ids and numbers as eight bytes each."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
import psycopg
import pyarrow as pa
from psycopg import sql
from psycopg.pq import ExecStatus
from pyarrow import csv

Connection = psycopg.Connection[tuple[object, ...]]

BLOCK = 8 << 20
_HEAD, _TAIL = 19, 2  # of what a binary COPY sends


def texts(connection: Connection, query: sql.Composable, width: int) -> list[pa.Array]:
    """The query's ``width`` columns as arrays of text."""
    told = sql.SQL(r"COPY ({}) TO STDOUT (FORMAT csv, NULL '\N')").format(query)
    data = b"".join(_sent(connection, told))
    names = [str(number) for number in range(width)]
    if not data:
        return [pa.array([], pa.string()) for _ in names]
    table = csv.read_csv(
        io.BytesIO(data),
        read_options=csv.ReadOptions(column_names=names),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=[r"\N"], strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )  # fmt: skip
    return [column.combine_chunks() for column in table.columns]


def eights(connection: Connection, table: str, columns: Sequence[tuple[str, str]]) -> np.ndarray:
    """The first eight bytes of each value of the columns, as memory and data files have them; null is 0.

    ``columns`` are (name, type), the type ``uuid`` or ``bigint``.
    """
    fields, kinds = [], [("columns", ">i2")]
    for number, (name, kind) in enumerate(columns):
        none = "'00000000-0000-0000-0000-000000000000'::uuid" if kind == "uuid" else "0::bigint"
        fields.append(sql.SQL("coalesce({}, {})").format(sql.Identifier(name), sql.SQL(none)))
        kinds += [(f"length_{number}", ">i4"), (f"value_{number}", "V16" if kind == "uuid" else ">i8")]
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT binary)").format(
        sql.SQL(", ").join(fields), sql.Identifier(*table.split(".", 1))
    )
    data = b"".join(_sent(connection, query))
    rows = np.frombuffer(
        data, np.dtype(kinds), offset=_HEAD, count=(len(data) - _HEAD - _TAIL) // np.dtype(kinds).itemsize
    )
    parts = []
    for number, (_, kind) in enumerate(columns):
        values = rows[f"value_{number}"]
        if kind == "uuid":
            parts.append(np.frombuffer(values.tobytes(), np.uint64)[::2])
        else:
            parts.append(values.astype(np.int64).view(np.uint64))
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def blocks(connection: Connection, query: sql.Composable) -> Iterator[bytes]:
    """What a COPY sends, in blocks of whole rows."""
    gathered: list[bytes] = []
    size = 0
    for row in _sent(connection, query):
        gathered.append(row)
        size += len(row)
        if size >= BLOCK:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)


def _sent(connection: Connection, query: sql.Composable) -> Iterator[bytes]:
    """The rows that a COPY sends, without psycopg's wait for each, which takes longer than the row."""
    server = connection.pgconn
    result = server.exec_(query.as_bytes(connection))
    if result.status != ExecStatus.COPY_OUT:
        raise psycopg.DatabaseError(result.error_message.decode(errors="replace"))
    while True:
        size, row = server.get_copy_data(0)
        if size < 0:
            break
        yield bytes(row)
    while (result := server.get_result()) is not None:  # type: ignore[assignment]
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.DatabaseError(result.error_message.decode(errors="replace"))
