"""Which rows of the source a mirror gets: all of them, those of a past day's end, those that belong to some streets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from psycopg import sql

from mirror import subset, travel
from mirror.copying import Connection, Table


def selected(
    connection: Connection, tables: Sequence[Table], streets: int | tuple[int, ...] | None, as_of: date | None
) -> list[Table]:
    """The tables with the SELECTs of the rows that cross. ``connection`` holds the snapshot that they are read in.

    Raises ContractBroken where there is no such street, or no run by that day.
    """
    chosen = list(tables)
    if as_of:
        run = travel.run_at(connection, as_of)
        chosen = [replace(table, rows=travel.rows_at(table.name, table.columns, run)) for table in chosen]
    if streets:
        conditions = subset.choose(connection, streets)
        chosen = [_cut_down(table, conditions.get(table.name)) for table in chosen]
    return chosen


def _cut_down(table: Table, condition: sql.Composable | None) -> Table:
    if condition is None:
        return table
    rows = sql.SQL("SELECT t.* FROM ({}) t WHERE {}").format(table.selected, condition)
    return replace(table, rows=rows, is_chosen=True)
