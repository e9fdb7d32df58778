"""The past: the canonical model as it stood at the end of a day, made of its history.

A version of a record was the current one from the run that wrote it until the run that replaced it. What stood at a
day's end is what stood after the last run that had ended by then; what had ended by then stands as ended. Two tables
keep no history, ``golden_link`` and ``golden_value``: of them stays what is known now of what was known then.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import psycopg
from psycopg import sql

from canonical_model.base import CURRENT, HISTORY
from canonical_model.tables import metadata
from connectors.opening import LONDON
from ledger.errors import ContractBroken
from mirror.indexes import rest_triggers

Connection = psycopg.Connection[Any]
LAST_RUN = "SELECT max(id) FROM ledger.run WHERE finished_at < %s"
RUN_COLUMNS = {
    "ledger.run": "id",
    "canonical.golden_link": "first_run_id",
    "canonical.golden_value": "run_id",
    "canonical.golden_event": "run_id",
}
"""Of tables without history: what tells the run that wrote a row."""


def run_at(connection: Connection, as_of: date) -> int:
    """The last run that had ended by the end of the day, London time. Raises ContractBroken where there was none."""
    midnight = datetime.combine(as_of + timedelta(days=1), time(), LONDON)
    row = connection.execute(LAST_RUN, (midnight,)).fetchone()
    if row is None or row[0] is None:
        raise ContractBroken(
            f"no run had ended by {as_of:%d %B %Y}: there is nothing to go back to.",
            system="mirror",
            next_step="give a later day; 'hub status' shows the runs.",
        )
    return int(row[0])


def rows_at(table: str, columns: tuple[str, ...], run: int) -> sql.Composed | None:
    """The SELECT of a table's rows as they stood after the run; None where they are as now."""
    schema, _, name = table.partition(".")
    values = {"run": sql.Literal(run), "table": sql.Identifier(schema, name)}
    if schema == CURRENT and f"{HISTORY}.{name}" in metadata.tables:
        listed = sql.SQL(", ").join(
            sql.SQL("CASE WHEN ended_run_id <= {run} THEN ended_run_id END AS ended_run_id").format(**values)
            if column == "ended_run_id"
            else sql.Identifier(column)
            for column in columns
        )
        return sql.SQL(
            "SELECT {columns} FROM {table} WHERE run_id <= {run} UNION ALL "
            "SELECT {columns} FROM {history} WHERE run_id <= {run} AND replaced_run_id > {run}"
        ).format(columns=listed, history=sql.Identifier(HISTORY, name), **values)
    if written := _written_by(table, columns):
        listed = sql.SQL(", ").join(map(sql.Identifier, columns))
        return sql.SQL("SELECT {columns} FROM {table} WHERE {written} <= {run}").format(
            columns=listed, written=sql.Identifier(written), **values
        )
    return None


def go_back(where: str, as_of: date) -> int:
    """Takes a whole mirror back to the end of that day; gives the run. One transaction: all of it or nothing.

    Raises ContractBroken where a reference would lead nowhere.
    """
    with psycopg.connect(where) as connection:
        run = run_at(connection, as_of)
        woken = rest_triggers(connection)
        connection.execute("SET LOCAL session_replication_role = replica")  # what refers to what is checked at the end
        for table in metadata.tables.values():
            if table.schema == HISTORY:
                _restore(connection, table.name, tuple(metadata.tables[f"{CURRENT}.{table.name}"].columns.keys()), run)
        for name, columns in _others(connection):
            if (written := _written_by(name, columns)) and not name.startswith(f"{HISTORY}."):
                _forget(connection, name, written, run)
        for history in (table.name for table in metadata.tables.values() if table.schema == HISTORY):
            _forget(connection, f"{HISTORY}.{history}", "replaced_run_id", run)
        _require_whole(connection)
        for _, statement in woken:
            connection.execute(statement)
    return run


def _written_by(table: str, columns: tuple[str, ...]) -> str | None:
    schema = table.partition(".")[0]
    if table in RUN_COLUMNS:
        return RUN_COLUMNS[table]
    if schema == HISTORY:
        return "replaced_run_id"
    return "run_id" if schema in ("ledger", "identity") and "run_id" in columns else None


def _restore(connection: Connection, name: str, columns: tuple[str, ...], run: int) -> None:
    values = {
        "table": sql.Identifier(CURRENT, name), "history": sql.Identifier(HISTORY, name), "run": sql.Literal(run),
        "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
    }  # fmt: skip
    for statement in (
        "DELETE FROM {table} WHERE run_id > {run}",
        "INSERT INTO {table} ({columns}) "
        "SELECT {columns} FROM {history} WHERE run_id <= {run} AND replaced_run_id > {run}",
        "UPDATE {table} SET ended_run_id = NULL WHERE ended_run_id > {run}",
    ):
        connection.execute(sql.SQL(statement).format(**values))


def _forget(connection: Connection, table: str, written: str, run: int) -> None:
    connection.execute(
        sql.SQL("DELETE FROM {} WHERE {} > {}").format(
            sql.Identifier(*table.split(".", 1)), sql.Identifier(written), sql.Literal(run)
        )
    )


def _others(connection: Connection) -> list[tuple[str, tuple[str, ...]]]:
    """Tables that a run writes and that keep no history, with their columns."""
    found = connection.execute(
        "SELECT table_schema || '.' || table_name, array_agg(column_name::text) FROM information_schema.columns "
        "WHERE table_schema IN ('canonical', 'ledger', 'identity') GROUP BY 1"
    ).fetchall()
    versioned = {f"{CURRENT}.{table.name}" for table in metadata.tables.values() if table.schema == HISTORY}
    return [(str(name), tuple(columns)) for name, columns in found if name not in versioned]


def _require_whole(connection: Connection) -> None:
    for table in metadata.tables.values():
        for column in table.columns:
            for key in column.foreign_keys:
                row = connection.execute(
                    sql.SQL(
                        "SELECT count(*) FROM {child} c WHERE c.{column} IS NOT NULL "
                        "AND NOT EXISTS (SELECT FROM {parent} p WHERE p.id = c.{column})"
                    ).format(
                        child=sql.Identifier(table.schema or "", table.name),
                        parent=sql.Identifier(key.column.table.schema or "", key.column.table.name),
                        column=sql.Identifier(column.name),
                    )
                ).fetchone()
                if row and row[0]:
                    raise ContractBroken(
                        f"{row[0]} references of that day lead nowhere.",
                        system="mirror",
                        place=f"{table.schema}.{table.name}.{column.name}",
                        next_step="report this line to those who look after the hub; another day may do.",
                    )
