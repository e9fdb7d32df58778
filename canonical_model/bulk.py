"""What a bulk export reads: whole resources as JSON lines or as columns, in one statement for COPY."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import types

from canonical_model.base import CURRENT
from canonical_model.reads import Filter, Query, filtered, told
from canonical_model.resources import Field, Resource
from canonical_model.tables import current

FORMULA = r"^'*([=+@\t\r\n\uff1d\uff0b\uff0d\uff20]|-(?!\d+(\.\d+)?$))"
"""How a text begins that a spreadsheet takes for a formula (OWASP, CSV injection); a negative number is none.

One that has quotes before it already gets another, so that whoever takes the first away has the text that was.
"""
LIST_MARK = "\x1f"
"""Between the texts of a list, where a column has to hold them as one text."""
LAST_RUN = "SELECT max(id) FROM ledger.run WHERE finished_at IS NOT NULL"


@dataclass(frozen=True)
class ColumnType:
    """A column of an export: its name, its kind as the catalogue has it, digits of a decimal and of its fraction."""

    name: str
    kind: str
    precision: int = 0
    scale: int = 0


def json_lines(resource: Resource, fields: Sequence[Field], filters: Sequence[Filter]) -> Query:
    """Each record as one line of JSON, as the API tells it."""
    args: list[Any] = []
    rows = _rows(resource, told(fields), filters, args)
    return Query(f"SELECT row_to_json(r)::text FROM ({rows}) r", tuple(args))


def harmless_columns(resource: Resource, fields: Sequence[Field], filters: Sequence[Filter]) -> Query:
    """The records as columns for a spreadsheet: what it would take for a formula has a quote before it."""
    args: list[Any] = []
    return Query(_rows(resource, ", ".join(map(_harmless, fields)), filters, args), tuple(args))


def plain_columns(resource: Resource, fields: Sequence[Field], filters: Sequence[Filter]) -> Query:
    """The records as columns, lists as one text."""
    args: list[Any] = []
    return Query(_rows(resource, ", ".join(map(_plain, fields)), filters, args), tuple(args))


def column_types(resource: Resource, fields: Sequence[Field]) -> tuple[ColumnType, ...]:
    """The types of the columns, in the order of the fields."""
    return tuple(_type(resource, field) for field in fields)


def _type(resource: Resource, field: Field) -> ColumnType:
    kind = current(resource.table).c[field.name].type
    if isinstance(kind, types.Numeric) and kind.precision:
        return ColumnType(field.name, field.kind, kind.precision, kind.scale or 0)
    return ColumnType(field.name, field.kind)


def _rows(resource: Resource, columns: str, filters: Sequence[Filter], args: list[Any]) -> str:
    conditions = ["t.ended_run_id IS NULL", *(f"t.{filtered(one, args)}" for one in filters)]
    return f"SELECT {columns} FROM {CURRENT}.{resource.table} t WHERE {' AND '.join(conditions)}"


def _plain(field: Field) -> str:
    if field.kind != "texts":
        return f"t.{field.name}"
    return f"array_to_string(t.{field.name}, '{LIST_MARK}') AS {field.name}"


def _harmless(field: Field) -> str:
    value = f"array_to_string(t.{field.name}, ';')" if field.kind == "texts" else f"t.{field.name}"
    if field.kind not in ("text", "texts") or field.codes:
        return f"{value} AS {field.name}"
    formula = FORMULA.replace("'", "''")
    return f"CASE WHEN {value} ~ '{formula}' THEN '''' || {value} ELSE {value} END AS {field.name}"
