"""The Great Expectations suite of a source table, derived from what ``source.toml`` declares.

The expectations look at four sheets of a batch: ``columns`` (no rows, the landed columns), ``units`` (a row
for each file or table read, with its control totals), ``records`` (every record that the source does not
mark as deleted), ``rows`` (those that were read whole, with the fields of ``validation.rules``) and ``keys``
(the key columns of all whole records: that keys are unique is a matter of the batch, not of a slice).

Severity: ``critical`` stops the system, ``warning`` is told and leaves the rows to be routed one by one.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # no network, and it is read when GX is imported

import great_expectations.expectations.core as gxe
from great_expectations import ExpectationSuite
from great_expectations.expectations.expectation import Expectation

from ledger.spec import TableSpec
from validation.rules import Rule, fault_code, rules_of

BREAKS = "_breaks"
"""Column of the sheet ``records``: true where the record has a fault or breaks any row rule."""


def suite_for(table: TableSpec, columns: Collection[str] | None = None) -> ExpectationSuite:
    """The table's suite; each expectation's ``meta`` has its sheet, column, kind and issue code.

    ``columns`` are the source columns that the batch has (all declared ones where it is not given): an
    optional column may be absent, and a row rule of an absent column is not judged.
    """
    declared = [column.name for column in table.columns]
    present = declared if columns is None else [name for name in declared if name in columns]
    optional = {column.name for column in table.columns if column.optional}
    expected = [name for name in declared if name not in optional or name in present]
    mostly = 1 - table.max_fault_share

    def place(sheet: str, column: str, kind: str, *, stops: bool = True) -> dict[str, Any]:
        meta = {"sheet": sheet, "column": column, "kind": kind, "code": fault_code(table, column, kind)}
        return {"meta": meta, "severity": "critical" if stops else "warning"}

    expectations: list[Expectation] = [
        gxe.ExpectTableColumnsToMatchSet(
            column_set=expected, exact_match=True, **place("columns", "columns", "CHANGED")
        ),
        gxe.ExpectTableColumnsToMatchOrderedList(
            column_list=expected, **place("columns", "columns", "ORDER", stops=False)
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="rows_stated",
            column_B="rows_landed",
            ignore_row_if="either_value_is_missing",
            **place("units", "rows", "CONTROL"),
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="total_stated",
            column_B="total_landed",
            ignore_row_if="either_value_is_missing",
            **place("units", "total", "CONTROL"),
        ),
        gxe.ExpectColumnValuesToBeNull(column="_fault", mostly=mostly, **place("records", "record", "BROKEN")),
        gxe.ExpectColumnValuesToBeInSet(
            column=BREAKS, value_set=[False], mostly=mostly, **place("records", "record", "FAULTY")
        ),
    ]
    if not table.may_be_empty:
        expectations.append(gxe.ExpectTableRowCountToBeBetween(min_value=1, **place("records", "rows", "EMPTY")))
    for rule in rules_of(table, present):
        meta = place("rows", rule.column, rule.kind, stops=False)
        expectations.append(_row_expectation(rule, mostly, meta))
    key = [name for name in table.key if name in present]
    if len(key) == len(table.key) > 1:
        expectations.append(
            gxe.ExpectCompoundColumnsToBeUnique(column_list=key, mostly=mostly, **place("keys", "key", "DUPLICATE"))
        )
    elif len(key) == len(table.key) == 1:
        expectations.append(
            gxe.ExpectColumnValuesToBeUnique(column=key[0], mostly=mostly, **place("keys", "key", "DUPLICATE"))
        )
    return ExpectationSuite(name=f"{table.system}.{table.name}", expectations=expectations)


def _row_expectation(rule: Rule, mostly: float, place: dict[str, Any]) -> Expectation:
    limit: Any = rule.limit
    common = {"column": rule.field, "mostly": mostly, **place}
    match rule.kind:
        case "MISSING":
            return gxe.ExpectColumnValuesToNotBeNull(**common)
        case "LENGTH":
            return gxe.ExpectColumnValueLengthsToBeBetween(max_value=limit, **common)
        case "PATTERN":
            return gxe.ExpectColumnValuesToMatchRegex(regex=limit, **common)
        case "UNKNOWN":
            return gxe.ExpectColumnValuesToBeInSet(value_set=list(limit), **common)
        case "BELOW":
            return gxe.ExpectColumnValuesToBeBetween(min_value=float(limit), **common)
        case "ABOVE":
            return gxe.ExpectColumnValuesToBeBetween(max_value=float(limit), **common)
