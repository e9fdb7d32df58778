"""The declared rules of a source table, and the values that they are judged on.

The gate (Great Expectations) and the routing of rows (Arrow) both start from these two, so that they
cannot disagree about what is declared; ``tests/validation`` holds them to the same counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from ledger.errors import ConfigurationFault
from ledger.spec import Column, TableSpec

Kind = Literal["MISSING", "LENGTH", "PATTERN", "UNKNOWN", "BELOW", "ABOVE"]

BLANKS = " \t\r\n\x00\xa0"
"""What legacy systems pad with. A text of blanks alone is a missing value."""

NUMBER = r"^[+-]?[0-9]+(\.[0-9]*)?$"
"""Texts that can be held against a bound. Other texts are for the mapping to judge, which knows the format."""


@dataclass(frozen=True)
class Rule:
    """One declared rule of one column. ``limit``: characters, regular expression, values or bound."""

    column: str
    kind: Kind
    limit: int | str | tuple[str, ...] | Decimal | None = None

    @property
    def field(self) -> str:
        """The prepared field that the rule is judged on: the column's text, or its number."""
        return f"{self.column} as number" if self.kind in ("BELOW", "ABOVE") else self.column


def rules_of(table: TableSpec, present: Collection[str] | None = None) -> tuple[Rule, ...]:
    """The table's row rules in column order; only those of columns in ``present`` where it is given.

    Raises ConfigurationFault where a pattern is no regular expression as Arrow (RE2) knows them.
    """
    rules = tuple(
        rule
        for column in table.columns
        if present is None or column.name in present
        for rule in _column_rules(column, column.name in table.key)
    )
    for rule in rules:
        if rule.kind == "PATTERN":
            _try_pattern(table, rule)
    return rules


def _try_pattern(table: TableSpec, rule: Rule) -> None:
    try:
        pc.match_substring_regex(pa.array([""]), rule.limit)
    except pa.ArrowInvalid as error:
        raise ConfigurationFault(
            f"The pattern of column {rule.column} cannot be used: {error}.",
            system=table.system,
            place=table.place,
            next_step=f"Correct it in {rules_file(table)} (RE2 syntax, without look-around).",
        ) from error


def _column_rules(column: Column, is_key: bool) -> list[Rule]:
    rules = []
    if column.required or is_key:
        rules.append(Rule(column.name, "MISSING"))
    if column.length is not None:
        rules.append(Rule(column.name, "LENGTH", column.length))
    if column.pattern is not None:
        rules.append(Rule(column.name, "PATTERN", f"^(?:{column.pattern})$"))
    if column.values:
        rules.append(Rule(column.name, "UNKNOWN", column.values))
    if column.minimum is not None:
        rules.append(Rule(column.name, "BELOW", column.minimum))
    if column.maximum is not None:
        rules.append(Rule(column.name, "ABOVE", column.maximum))
    return rules


def rules_file(table: TableSpec) -> str:
    """Where a person corrects a table's rules."""
    return f"mappings/{table.system}/source.toml"


def fault_code(table: TableSpec, column: str, kind: str) -> str:
    """The stable code ``<SYSTEM>-<TABLE>-<COLUMN>-<KIND>``, as the mapping stage writes it on issues."""
    return "-".join((table.system, table.name, column, kind)).upper().replace("_", "-").replace(" ", "-")


def prepared(rules: Sequence[Rule], landed: pa.Table) -> pa.Table:
    """The fields that the rules are judged on, row for row with ``landed``.

    Texts lose their padding and blanks become null. A field for bounds is float64: with at most 2**53
    smallest units (pence: 90 million million pounds) a decimal compares with its bound as it would exactly.
    """
    kinds: dict[str, set[Kind]] = {}
    for rule in rules:
        kinds.setdefault(rule.field, set()).add(rule.kind)
    columns = {rule.field: landed[rule.column] for rule in rules}
    return pa.table({field: _field(columns[field], kinds[field]) for field in columns})


def _field(values: pa.ChunkedArray, kinds: set[Kind]) -> pa.ChunkedArray:
    if kinds & {"BELOW", "ABOVE"}:
        return _as_number(values)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return unpadded(values.cast(pa.string()))
    return values if kinds == {"MISSING"} else values.cast(pa.string())


def _as_number(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        values = unpadded(values.cast(pa.string()))
        values = pc.if_else(pc.match_substring_regex(values, NUMBER), values, None)
        # Arrow reads "-5" but not "+5"
        values = pc.utf8_ltrim(values, "+")
    # unsafe: a whole number past 2**53 is rounded, which no bound will notice
    return values.cast(pa.float64(), safe=False)


def unpadded(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed: Any = pc.utf8_trim(texts, BLANKS)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)
