"""How many share what is known of somebody: k, the size of the smallest group that no quasi-identifier divides.

A person is known by what all rows that it is connected with show: its own, its homes' and its tenancies'.
"""

from __future__ import annotations

from dataclasses import dataclass

from mirror.proof.rows import Connection
from mirror.showing import ATTRIBUTES, DEMO, HIDDEN, LEAST, UNITS, WAYS


@dataclass(frozen=True)
class Group:
    """Persons, homes or tenancies by all quasi-identifiers that lead to them: how many there are, the smallest group,
    how many are in small ones. Who is seen in several ways counts in the group of each; of whom nothing is shown is in
    none, unless nothing is shown of anybody."""

    table: str
    columns: tuple[str, ...]
    rows: int
    k: int
    in_small: int


def report(mirror: Connection) -> tuple[Group, ...]:
    """A group for each kind whose quasi-identifiers the plan declares."""
    return tuple(_group(mirror, kind) for kind in WAYS)


def faults(groups: tuple[Group, ...], profile: str) -> tuple[str, ...]:
    """The kinds whose k is less than a mirror for showing may have; none of another profile."""
    if profile != DEMO:
        return ()
    return tuple(
        f"{group.table}: k = {group.k} on {', '.join(group.columns)}, not {LEAST}"
        for group in groups
        if group.rows and group.k < LEAST
    )


def _group(mirror: Connection, counted: str) -> Group:
    seen = [kind for kind in UNITS if kind == counted or kind in _ways(mirror, counted)]
    columns = [name for name, kind in ATTRIBUTES.items() if kind in seen]
    values = ", ".join(_value(name) for name in columns)
    connected = ", ".join(f"w.{kind} IS NULL" for kind in seen)
    joins = " ".join(f"LEFT JOIN ({UNITS[kind]}) the_{kind} ON the_{kind}.id = w.{kind}" for kind in seen)
    query = f"""
WITH g AS (
  SELECT count(DISTINCT w.{counted}) AS n, num_nonnulls({values}) > 0 AS tells
  FROM ({WAYS[counted]}) w {joins} GROUP BY {values}, {connected}
)
SELECT coalesce(sum(n), 0), coalesce(min(n) FILTER (WHERE tells), sum(n), 0),
  coalesce(sum(n) FILTER (WHERE tells AND n < {LEAST}), 0)
FROM g
"""
    rows, least, small = mirror.execute(query.encode()).fetchone() or (0, 0, 0)
    return Group(counted, tuple(columns), int(str(rows)), int(str(least)), int(str(small)))


def _value(name: str) -> str:
    """The attribute in SQL; null where it is hidden."""
    column = f"the_{ATTRIBUTES[name]}.{name}"
    return f"nullif({column}, '{HIDDEN[name]}')" if name in HIDDEN else column


def _ways(mirror: Connection, counted: str) -> list[str]:
    described = mirror.execute(f"SELECT * FROM ({WAYS[counted]}) w LIMIT 0".encode()).description
    return [column.name for column in described or ()]
