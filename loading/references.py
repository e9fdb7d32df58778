"""References of staged rows that lead nowhere, found and dealt with by SQL over sets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import MetaData

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
