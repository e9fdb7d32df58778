"""References of staged rows that lead nowhere, found and dealt with by SQL over sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import MetaData, Table

from ledger.values import ISSUE_COLUMNS, Mapped, Reference
from loading.staging import canonical, staged

Cursor = psycopg.Cursor[tuple[object, ...]]


def check_references(cursor: Cursor, model: MetaData, mapped: Mapped) -> tuple[pd.DataFrame, np.ndarray]:
    """The issues of dangling references, and the batch rows that stay although one of theirs dangles.

    An optional reference that finds nothing becomes null. A required one takes its whole source row out of
    every staging table, which may orphan other staged rows: repeated until nothing more falls.
    """
    issues: list[pd.DataFrame] = []
    fallen = True
    while fallen:
        fallen = False
        for target, references in mapped.references.items():
            for column, reference in references.items():
                if not reference.required or target not in mapped.rows:
                    continue
                found = _dangling(cursor, model, mapped, target, column, reference)
                if len(found):
                    fallen = True
                    issues.append(found)
                    take_out(cursor, model, mapped, found["row"].tolist())
    stay: list[int] = []
    for target, references in mapped.references.items():
        for column, reference in references.items():
            if reference.required or target not in mapped.rows:
                continue
            found = _dangling(cursor, model, mapped, target, column, reference)
            if len(found):
                issues.append(found)
                stay += found["row"].tolist()
                table = staged(model.tables[f"canonical.{target}"])
                cursor.execute(
                    sql.SQL("UPDATE {} SET {} = NULL WHERE source_row = ANY(%s)").format(table, sql.Identifier(column)),
                    (found["row"].tolist(),),
                )
    empty = pd.DataFrame({name: pd.Series(dtype="object") for name in ISSUE_COLUMNS})
    return (pd.concat(issues, ignore_index=True) if issues else empty), np.unique(np.array(stay, dtype=np.int64))


@contextmanager
def proven_keys(cursor: Cursor, target: Table, mapped: Mapped) -> Iterator[None]:
    """Rows that are written to the target within are not looked up again, one by one, in the tables they refer to.

    ``check_references`` has proven all of them at once. As the database's own look-up does, this holds what they
    refer to until the transaction ends, so that nobody can delete it. The database looks them up itself where it
    must: for a column that was not proven, for a table with a trigger of somebody's own that would be passed over
    (the change log's are not), for a role that may not say otherwise.
    """
    if not (_all_proven(target, mapped) and _may_say_so(cursor, target)):
        yield
        return
    columns = mapped.rows[target.name].columns
    for key in (key for key in target.foreign_keys if key.parent.name in columns):
        cursor.execute(
            sql.SQL(
                "SELECT count(*) FROM (SELECT FROM {} p WHERE p.id IN (SELECT s.{} FROM {} s) FOR KEY SHARE) held"
            ).format(canonical(key.column.table), sql.Identifier(key.parent.name), staged(target))
        )
    cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    cursor.execute("SET LOCAL session_replication_role = origin")


def _all_proven(target: Table, mapped: Mapped) -> bool:
    """Whether every foreign key that the staged rows fill is a reference into that very table."""
    references, filled = mapped.references.get(target.name, {}), mapped.rows[target.name].columns
    return all(
        key.column.name == "id"
        and key.parent.name in references
        and references[key.parent.name].targets == (key.column.table.name,)
        for key in target.foreign_keys
        if key.parent.name in filled
    )


def _may_say_so(cursor: Cursor, target: Table) -> bool:
    cursor.execute(
        "SELECT has_parameter_privilege('session_replication_role', 'SET') AND NOT EXISTS "
        "(SELECT FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal AND tgenabled IN ('O', 'R'))",
        (f"{target.schema}.{target.name}",),
    )
    return bool(cursor.fetchall()[0][0])


def _dangling(
    cursor: Cursor, model: MetaData, mapped: Mapped, target: str, column: str, reference: Reference
) -> pd.DataFrame:
    """The staged rows whose reference finds neither a canonical nor a staged row, as issues."""
    parents = [model.tables[f"canonical.{name}"] for name in reference.targets]
    places = [*map(canonical, parents), *(staged(parent) for parent in parents if parent.name in mapped.rows)]
    lacks = [
        sql.SQL(" AND NOT EXISTS (SELECT FROM {} p WHERE p.id = s.{})").format(place, sql.Identifier(column))
        for place in places
    ]
    cursor.execute(
        sql.SQL("SELECT s.source_row, s.source_key FROM {} s WHERE s.{} IS NOT NULL").format(
            staged(model.tables[f"canonical.{target}"]), sql.Identifier(column)
        )
        + sql.SQL("").join(lacks)
    )
    found = pd.DataFrame(cursor.fetchall(), columns=["row", "key"]).drop_duplicates("row")
    return found.assign(code=reference.code, severity="error", field=reference.source_columns[0], value=None)


def take_out(cursor: Cursor, model: MetaData, mapped: Mapped, rows: list[int]) -> None:
    """Takes source rows out of every staging table."""
    for target in mapped.rows:
        table = staged(model.tables[f"canonical.{target}"])
        cursor.execute(sql.SQL("DELETE FROM {} WHERE source_row = ANY(%s)").format(table), (rows,))
