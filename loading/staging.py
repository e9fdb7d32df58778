"""Staging: frames go into temporary tables by COPY, from where everything else is SQL over sets."""

from __future__ import annotations

import io

import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
from psycopg import sql
from sqlalchemy import Table

from ledger.keys import UNREADABLE

NUL = b"\x00"
CSV = pa_csv.WriteOptions(include_header=False, quoting_style="needed")  # text is quoted, null is not


def staged(target: Table) -> sql.Identifier:
    """The name of the staging table of a canonical table."""
    return sql.Identifier(f"staged_{target.name}")


def canonical(target: Table) -> sql.Identifier:
    """The qualified name of a canonical table."""
    return sql.Identifier(str(target.schema), target.name)


def stage(cursor: psycopg.Cursor[tuple[object, ...]], target: Table, frame: pd.DataFrame) -> int:
    """Copies the frame's columns into the target's new staging table; gives the number of rows.

    Columns that the frame lacks take the target's defaults. The table is gone with the transaction.
    """
    cursor.execute(
        sql.SQL("CREATE TEMP TABLE {} (LIKE {} INCLUDING DEFAULTS) ON COMMIT DROP").format(
            staged(target), canonical(target)
        )
    )
    fillable = sql.SQL(", ").join(
        sql.SQL("ALTER {} DROP NOT NULL").format(sql.Identifier(column.name))
        for column in target.columns
        if not (column.nullable or column.primary_key)
    )
    cursor.execute(sql.SQL("ALTER TABLE {} {}").format(staged(target), fillable))
    copy_frame(cursor, staged(target), frame)
    # The planner needs no more than the number of rows.
    cursor.execute(sql.SQL("ANALYZE {} (id)").format(staged(target)))
    return len(frame)


def copy_frame(cursor: psycopg.Cursor[tuple[object, ...]], into: sql.Composable, frame: pd.DataFrame) -> None:
    """Appends the frame to a table by COPY; the frame's column names are the table's."""
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    buffer = io.BytesIO()
    # Arrow's CSV writer garbles a column of several chunks of which one is empty.
    table = pa.Table.from_pandas(frame, preserve_index=False).combine_chunks()
    pa_csv.write_csv(table, buffer, CSV)
    text = buffer.getvalue()
    if NUL in text:  # no text of the database can hold it
        text = text.replace(NUL, UNREADABLE.encode())
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(into, columns)) as copy:
        copy.write(text)
