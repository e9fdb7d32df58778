"""What the canonical API reads: SQL text and its arguments, numbered ``$1`` as asyncpg wants them.

PostgreSQL makes the JSON, so that a record leaves it as the text that goes out. A text depends on the shape of a
question alone (resource, fields, kinds of filter), never on its values: it is prepared once and kept by the connection.
Every text that reads a resource gives ``body`` (the record as JSON); amounts are texts with two decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from canonical_model.base import CURRENT, HISTORY
from canonical_model.resources import RESOURCES, Field, Include, Resource

MOST_INCLUDED = 100
"""So many records come along at most under an include that leads to many."""

SQL_TYPES = {
    "uuid": "uuid", "text": "text", "texts": "text", "integer": "bigint", "decimal": "numeric", "money": "numeric",
    "boolean": "boolean", "date": "date", "time": "time", "instant": "timestamptz",
}  # fmt: skip


@dataclass(frozen=True)
class Query:
    """SQL and what its ``$1``, ``$2`` ... stand for."""

    sql: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Included:
    """What comes along with a record: under which name, of which resource, with which of its fields."""

    include: Include
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Filter:
    """A condition on a field. ``test``: eq, gte, lte, in or null; ``value`` is of its kind, a list of them for in."""

    field: Field
    test: str
    value: Any


@dataclass(frozen=True)
class Order:
    """How a list is sorted: by a field, then by id. Records without a value stand last, first where descending."""

    field: Field
    descending: bool = False


# -- one record and a page ----------------------------------------------------------------------------------------


def some(resource: Resource, fields: Sequence[Field], included: Sequence[Included] = (), *, then: bool = False) -> str:
    """SQL that gives id, body and run_id of those of the records ``$1`` that stand.

    ``then``: as they were at the instant ``$2``.
    """
    moment = "$2" if then else None
    standing = "" if then else " AND t.ended_run_id IS NULL"
    return (
        f"{_moment(moment)}SELECT t.id, row_to_json(r)::text AS body, t.run_id "
        f"FROM {_rows(resource.table, moment)} t CROSS JOIN LATERAL (SELECT {told(fields, included, moment)}) r "
        f"WHERE t.id = ANY($1::uuid[]){standing}"
    )


def page(
    resource: Resource,
    fields: Sequence[Field],
    filters: Sequence[Filter],
    order: Order,
    limit: int,
    *,
    included: Sequence[Included] = (),
    after: tuple[str | None, str] | None = None,
    at: Any = None,
) -> Query:
    """The records that the filters let through: body, id, and key, which is the sort field's value as text.

    ``after`` is key and id of the last record of the page before; ``at`` an instant that they are wanted of.
    """
    args: list[Any] = [] if at is None else [at]
    moment = None if at is None else "$1"
    conditions = [f"t.{filtered(one, args)}" for one in filters]
    if at is None:
        conditions.append("t.ended_run_id IS NULL")
    direction = "DESC" if order.descending else "ASC"
    key, sorting = f"t.{order.field.name}", f"{direction} NULLS {'FIRST' if order.descending else 'LAST'}"
    ordered = f"{key} {sorting}, t.id {direction} LIMIT {limit:d}"
    made = f"SELECT row_to_json(r)::text AS body, t.id, {key}::text AS key FROM"
    columns = f"CROSS JOIN LATERAL (SELECT {told(fields, included, moment)}) r"
    condition = " AND ".join(conditions) or "true"
    places, segments = _standing(resource.table, moment), _segments(key, order, after, args)
    if len(places) == len(segments) == 1:
        table = f"{CURRENT}.{resource.table}"
        text = f"{made} {table} t {columns} WHERE {condition}{segments[0]} ORDER BY {ordered}"
    else:  # each part comes from its index in order and ends after a page; JSON is made of what is left
        parts = " UNION ALL ".join(
            f"(SELECT {part} AS part, {_columns(resource)} FROM {place} t "
            f"WHERE {condition}{standing}{segment} ORDER BY {ordered})"
            for part, segment in enumerate(segments)
            for place, standing in places
        )
        rows = f"(SELECT * FROM ({parts}) t ORDER BY t.part, {ordered}) t"
        text = f"{made} {rows} {columns} ORDER BY t.part, {ordered}"
    return Query(_moment(moment) + text, tuple(args))


def joined(page: Query, limit: int) -> Query:
    """A page of one record more than ``limit`` as one row, which costs less to send than many.

    ``body`` are the first records as they stand in a JSON array, ``id`` and ``key`` those of the last of them, null
    where there are fewer; ``count`` counts all.
    """
    parts = "array_agg(p.body) AS bodies, array_agg(p.id) AS ids, array_agg(p.key) AS keys, count(*) AS count"
    text = (
        f"SELECT array_to_string(g.bodies[:{limit:d}], ',') AS body, g.ids[{limit:d}] AS id, g.keys[{limit:d}] AS key, "
        f"g.count FROM (SELECT {parts} FROM ({page.sql}) p) g"
    )
    return Query(text, page.args)


def place(order: Order, after: tuple[str | None, str]) -> tuple[str, ...]:
    """What the SQL of a page has as its last arguments where it begins after a record of that key and id."""
    value, last = after
    return (last,) if order.field.name == "id" or value is None else (value, last)


def _segments(key: str, order: Order, after: tuple[str | None, str] | None, args: list[Any]) -> list[str]:
    """The conditions of what is still to come; where some have no value, those with and those without one in turn."""
    if after is None:
        return [""]
    args += place(order, after)
    sign, kind = "<" if order.descending else ">", SQL_TYPES[order.field.kind]
    if order.field.name == "id" or after[0] is None:
        beyond = f" AND t.id {sign} ${len(args)}::text::uuid"
        if order.field.name == "id":
            return [beyond]
        rest = f" AND {key} IS NULL{beyond}"
        return [rest, f" AND {key} IS NOT NULL"] if order.descending else [rest]
    rest = f" AND ({key}, t.id) {sign} (${len(args) - 1}::text::{kind}, ${len(args)}::text::uuid)"
    return [rest, f" AND {key} IS NULL"] if order.field.nullable and not order.descending else [rest]


def filtered(one: Filter, args: list[Any]) -> str:
    """The condition of a filter, without the table; its value joins the arguments."""
    name, kind = one.field.name, SQL_TYPES[one.field.kind]
    if one.test == "null":
        return f"{name} IS {'' if one.value else 'NOT '}NULL"
    args.append(one.value)
    place = f"${len(args)}"
    if one.field.kind == "texts":
        return f"{name} @> ARRAY[{place}::text]"
    if one.test == "in":
        return f"{name} = ANY({place}::{kind}[])"
    return f"{name} {({'eq': '=', 'gte': '>=', 'lte': '<='})[one.test]} {place}::{kind}"


def told(fields: Sequence[Field], included: Sequence[Included] = (), moment: str | None = None) -> str:
    """The columns of a record ``t`` as it is told, with what comes along as JSON in columns of their own."""
    return ", ".join([*(_column(field, "t") for field in fields), *(_included(one, moment) for one in included)])


def _column(field: Field, table: str) -> str:
    return f"{table}.{field.name}{f'::text AS {field.name}' if field.kind == 'money' else ''}"


def _columns(resource: Resource) -> str:
    return ", ".join(f"t.{field.name}" for field in resource.fields)


def _included(one: Included, moment: str | None) -> str:
    include, table = one.include, RESOURCES[one.include.path].table
    standing = "" if moment else " AND i.ended_run_id IS NULL"
    rows = (
        f"(SELECT i.* FROM {_rows(table, moment)} i WHERE {include.condition.format(this='t', that='i')}{standing} "
        f"ORDER BY i.id LIMIT {MOST_INCLUDED if include.many else 1})"
    )
    made = "coalesce(json_agg(j ORDER BY i.id), '[]')" if include.many else "row_to_json(j)"
    columns = ", ".join(_column(field, "i") for field in one.fields)
    return f"(SELECT {made} FROM {rows} i CROSS JOIN LATERAL (SELECT {columns}) j) AS {include.name}"


# -- as it was ----------------------------------------------------------------------------------------------------


def _moment(moment: str | None) -> str:
    """The last run whose result stood at an instant; a run that never finished counts from its start."""
    if moment is None:
        return ""
    return (
        "WITH moment AS MATERIALIZED (SELECT coalesce(max(id), 0) AS run FROM ledger.run "
        f"WHERE coalesce(finished_at, started_at) <= {moment}) "
    )


def _standing(table: str, moment: str | None) -> list[tuple[str, str]]:
    """Where a table's rows are, each with the condition that they stood after the moment's run (``t`` is the table).

    It is the rule of ``canonical_model.queries.as_of``.
    """
    if moment is None:
        return [(f"{CURRENT}.{table}", "")]
    run = "(SELECT run FROM moment)"
    stood = f" AND t.run_id <= {run} AND (t.ended_run_id IS NULL OR t.ended_run_id > {run})"
    return [(f"{CURRENT}.{table}", stood), (f"{HISTORY}.{table}", f"{stood} AND t.replaced_run_id > {run}")]


def _rows(table: str, moment: str | None) -> str:
    """The table's rows, or those that stood after the moment's run."""
    if moment is None:
        return f"{CURRENT}.{table}"
    resource = next(one for one in RESOURCES.values() if one.table == table)
    parts = (
        f"SELECT {_columns(resource)}, t.run_id FROM {place} t WHERE true{stood}"
        for place, stood in _standing(table, moment)
    )
    return f"({' UNION ALL '.join(parts)})"


# -- what became of an id -----------------------------------------------------------------------------------------

SUCCESSORS = f"""
WITH RECURSIVE walk(id) AS (
    SELECT $1::uuid
    UNION
    SELECT e.new_id FROM walk w JOIN {CURRENT}.golden_event e ON e.old_id = w.id AND e.new_id IS NOT NULL
    WHERE NOT EXISTS (SELECT FROM {CURRENT}.golden_link l WHERE l.golden_id = w.id)
      AND e.happened_at = (SELECT last.happened_at FROM {CURRENT}.golden_event last
                           WHERE last.old_id = w.id ORDER BY last.id DESC LIMIT 1)
)
SELECT w.id::text AS id, EXISTS (SELECT FROM {CURRENT}.golden_link l WHERE l.golden_id = w.id) AS stands,
       EXISTS (SELECT FROM {CURRENT}.golden_event e WHERE w.id IN (e.old_id, e.new_id)) AS was
FROM walk w WHERE EXISTS (
    SELECT FROM {CURRENT}.golden_event e WHERE e.entity_type = $2 AND $1::uuid IN (e.old_id, e.new_id)
) ORDER BY w.id
"""
"""Where a golden id of that kind leads now (``identity.links`` walks alike): ids, those that stand marked."""


def ended(resource: Resource) -> str:
    """SQL that tells whether there is a record ``$1`` that has ended; null where there is none."""
    return f"SELECT ended_run_id IS NOT NULL FROM {CURRENT}.{resource.table} WHERE id = $1"


RUN_TIME = "SELECT started_at FROM ledger.run WHERE id = $1"
