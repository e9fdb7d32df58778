"""Frames into database tables: by COPY where the server is PostgreSQL, else by many rows a statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import BytesIO
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import sqlalchemy as sa

ROWS_AT_ONCE = 5_000
_QUOTED = pa.csv.WriteOptions(include_header=False, quoting_style="needed")  # text is quoted, null is not


@contextmanager
def new_tables(url: str, tables: sa.MetaData) -> Iterator[sa.Connection]:
    """A connection in whose transaction the tables were made anew; committed at the end."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        tables.drop_all(connection)
        tables.create_all(connection)
        yield connection


def append(
    connection: sa.Connection, table: sa.Table, frame: pd.DataFrame,
    change: Callable[[pd.DataFrame], pd.DataFrame] = lambda rows: rows,
) -> None:  # fmt: skip
    """Adds the frame's rows, changed, some thousands at a time.

    It has the table's columns; amounts (Numeric with places) are int64 pence.
    """
    for first in range(0, len(frame), ROWS_AT_ONCE):
        _append(connection, table, change(frame.iloc[first : first + ROWS_AT_ONCE]))


def _append(connection: sa.Connection, table: sa.Table, frame: pd.DataFrame) -> None:
    columns = {column.name: _typed(frame[column.name], column.type) for column in table.columns}
    if connection.dialect.name == "postgresql":
        _copy(connection, table, pa.table(columns))
        return
    lite = connection.dialect.name == "sqlite"
    texts = {name: _text(values, table.c[name].type, pad=lite) for name, values in columns.items()}
    # Without types the values go as they stand: a driver's own adaption of decimals would round them.
    plain = sa.table(table.name, *(sa.column(column.name) for column in table.columns))
    connection.execute(sa.insert(plain), pa.table(texts).to_pylist())


def _copy(connection: sa.Connection, table: sa.Table, rows: pa.Table) -> None:
    driver: Any = connection.connection.driver_connection
    buffer = BytesIO()
    pa.csv.write_csv(rows, buffer, _QUOTED)
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in rows.column_names)
    with driver.cursor() as cursor, cursor.copy(f"COPY {quote(table.name)} ({names}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(buffer.getbuffer())


def _typed(values: pd.Series, kind: sa.types.TypeEngine[Any]) -> pa.Array:
    array = pa.array(values, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if isinstance(kind, sa.String):
        return pc.cast(array, pa.string())
    if isinstance(kind, sa.DateTime):
        return pc.cast(array, pa.timestamp("s"))
    if isinstance(kind, sa.Numeric) and kind.scale and pa.types.is_integer(array.type):
        pounds = pc.multiply(pc.cast(array, pa.decimal128(19, 0)), pa.scalar(Decimal("0.01")))
        return pc.cast(pounds, pa.decimal128(kind.precision or 38, kind.scale))
    return array


def _text(values: pa.Array, kind: sa.types.TypeEngine[Any], *, pad: bool) -> pa.Array:
    """The values as text, yes and no as 1 and 0; padded where the database does not pad by itself."""
    if pa.types.is_boolean(values.type):
        return pc.cast(values, pa.int8())
    texts = pc.cast(values, pa.string())
    if pad and isinstance(kind, sa.CHAR) and kind.length:
        return pc.utf8_rpad(texts, kind.length)
    return texts
