"""How many share what is known of somebody: k, the size of the smallest group that no quasi-identifier divides."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from mirror.plan import Plan
from mirror.proof.rows import Connection

DEMO = "demo"
LEAST = 5
"""What a mirror that is shown must reach."""


@dataclass(frozen=True)
class Group:
    """The rows of a table by its declared quasi-identifiers: the smallest group, how many rows are in small ones."""

    table: str
    columns: tuple[str, ...]
    rows: int
    k: int
    in_small: int


def report(mirror: Connection, plan: Plan) -> tuple[Group, ...]:
    """A group for each table that has quasi-identifiers of its subject."""
    return tuple(
        _group(mirror, table, columns)
        for table in plan.tables
        if plan.crosses(table) and (columns := tuple(each.column for each in plan.table(table).values() if each.quasi))
    )


def faults(groups: tuple[Group, ...], profile: str) -> tuple[str, ...]:
    """The tables whose k is less than a mirror for showing may have; none of another profile."""
    if profile != DEMO:
        return ()
    return tuple(
        f"{group.table} has k = {group.k} on {', '.join(group.columns)}, not {LEAST}"
        for group in groups
        if group.rows and group.k < LEAST
    )


def _group(mirror: Connection, table: str, columns: tuple[str, ...]) -> Group:
    fields = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL(
        "SELECT coalesce(sum(n), 0), coalesce(min(n), 0), coalesce(sum(n) FILTER (WHERE n < {}), 0) "
        "FROM (SELECT count(*) AS n FROM {} GROUP BY {}) g"
    ).format(sql.Literal(LEAST), sql.Identifier(*table.split(".", 1)), fields)
    rows, least, small = mirror.execute(query).fetchone() or (0, 0, 0)
    return Group(table, columns, int(str(rows)), int(str(least)), int(str(small)))
