"""Staged rows that the canonical model would refuse: found by its own rules before it has to.

A mapping's rules and checks should have found them: a refused row is a gap in the mapping, yet one row's.
"""

from __future__ import annotations

import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import CheckConstraint, MetaData, Table

from ledger.values import Mapped
from loading.references import take_out
from loading.staging import staged
from mappings.apply import code


def refuse(cursor: psycopg.Cursor[tuple[object, ...]], model: MetaData, mapped: Mapped) -> pd.DataFrame:
    """The issues of source rows that make a row without a required field or against a check; they are taken out.

    The value told is the canonical table and the column or rule, never what stands in the row.
    """
    found: list[tuple[object, ...]] = []
    for target in (model.tables[f"canonical.{name}"] for name in mapped.rows):
        rules = _rules(target)
        names = sql.SQL(", ").join(
            sql.SQL("CASE WHEN NOT ({}) THEN {} END").format(rule, sql.Literal(f"{target.name}: {name}"))
            for name, rule in rules.items()
        )
        holds = sql.SQL(" AND ").join(sql.SQL("({})").format(rule) for rule in rules.values())
        cursor.execute(
            sql.SQL("SELECT source_row, source_key, concat_ws(', ', {}) FROM {} WHERE NOT ({})").format(
                names, staged(target), holds
            )
        )
        found += cursor.fetchall()
    issues = pd.DataFrame(found, columns=["row", "key", "value"]).drop_duplicates("row")
    if len(issues):
        take_out(cursor, model, mapped, issues["row"].tolist())
    return issues.assign(code=code(mapped.table, "ROW-REFUSED"), severity="error", field=mapped.table.key[0])


def _rules(target: Table) -> dict[str, sql.Composable]:
    """The table's own rules over one row, by name."""
    filled: dict[str, sql.Composable] = {
        column.name: sql.SQL("{} IS NOT NULL").format(sql.Identifier(column.name))
        for column in target.columns
        if not column.nullable
    }
    checks = [check for check in target.constraints if isinstance(check, CheckConstraint)]
    return filled | {str(check.name): sql.SQL(str(check.sqltext)) for check in checks}
