"""Indexes, keys and constraints: taken off an empty mirror, and put back over its rows, two at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
Tell = Callable[[str, int], None]
WORKERS = 2

_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
CONSTRAINTS = f"""
SELECT format('%I.%I', n.nspname, c.relname), format('%I', k.conname), k.contype::text, pg_get_constraintdef(k.oid),
       CASE WHEN k.contype IN ('p', 'u') THEN pg_get_indexdef(k.conindid) END,
       CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END ||
           CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND k.contype IN ('p', 'u', 'x', 'f') ORDER BY k.contype = 'f' DESC, 1, 2
"""
INDEXES = f"""
SELECT format('%I.%I', n.nspname, c.relname), format('%I.%I', n.nspname, x.relname), pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype <> 'f')
ORDER BY 1, 2
"""
TRIGGERS = f"""
SELECT format('%I.%I', n.nspname, c.relname), format('%I', t.tgname), t.tgenabled::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND NOT t.tgisinternal AND t.tgenabled <> 'D' ORDER BY 1, 2
"""
WHEN = {"O": "", "A": "ALWAYS ", "R": "REPLICA "}
TABLES = f"""
SELECT format('%I.%I', n.nspname, c.relname), pg_table_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OURS} AND c.relkind = 'r'
"""


@dataclass(frozen=True)
class Constraint:
    """A key or constraint. ``index`` is the statement of its index where it can be made beforehand."""

    table: str
    name: str
    kind: str
    definition: str
    index: str | None
    deferrable: str

    @property
    def statement(self) -> str:
        """What puts it back; a foreign key is checked later."""
        added = f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name}"
        if self.index:
            kind = {"p": "PRIMARY KEY", "u": "UNIQUE"}[self.kind]
            return f"{added} {kind} USING INDEX {self.name}{self.deferrable}"
        return f"{added} {self.definition}{' NOT VALID' if self.kind == 'f' else ''}"


@dataclass(frozen=True)
class TakenOff:
    """All that was taken off. ``indexes`` and ``triggers`` are (table, statement that puts it back)."""

    constraints: tuple[Constraint, ...]
    indexes: tuple[tuple[str, str], ...]
    triggers: tuple[tuple[str, str], ...]


def take_off(where: str) -> TakenOff:
    """Drops every index, key, foreign key and exclusion, and rests the tables' own triggers; gives what puts them back.

    Checks stay: each row is held against them as it comes.
    """
    with psycopg.connect(where) as connection:
        constraints = tuple(Constraint(*row) for row in connection.execute(CONSTRAINTS))
        indexes = connection.execute(INDEXES).fetchall()
        for each in constraints:  # foreign keys first: what they lean on goes after them
            _run(connection, f"ALTER TABLE {each.table} DROP CONSTRAINT {each.name}")
        for _, name, _ in indexes:
            _run(connection, f"DROP INDEX {name}")
        triggers = rest_triggers(connection)
    return TakenOff(constraints, tuple((table, statement) for table, _, statement in indexes), tuple(triggers))


def rest_triggers(connection: Connection) -> list[tuple[str, str]]:
    """Has no trigger of the tables' own fire; gives (table, statement) to wake each as it was."""
    woken = []
    for table, name, when in connection.execute(TRIGGERS).fetchall():
        _run(connection, f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        woken.append((table, f"ALTER TABLE {table} ENABLE {WHEN[when]}TRIGGER {name}"))
    return woken


def put_back(where: str, taken: TakenOff, tell: Tell) -> None:
    """Makes all indexes, then keys and constraints, and checks every row against them; then statistics.

    Raises psycopg.IntegrityError where a row breaks one.
    """
    with psycopg.connect(where, autocommit=True) as connection:
        sizes = {str(table): int(size) for table, size in connection.execute(TABLES)}
        ahead = [(each.table, each.index) for each in taken.constraints if each.index]
        _side_by_side(where, [(each,) for each in _largest_first([*ahead, *taken.indexes], sizes)], tell)
        for each in sorted(taken.constraints, key=lambda each: each.kind == "f"):  # a foreign key leans on a key
            _run(connection, each.statement)
        last: dict[str, list[tuple[str, str]]] = {table: [] for table in sizes}
        for each in taken.constraints:
            if each.kind == "f":
                last[each.table].append((each.table, f"ALTER TABLE {each.table} VALIDATE CONSTRAINT {each.name}"))
        for table, statements in last.items():
            statements.append((table, f"ANALYZE {table}"))
        for table, statement in taken.triggers:
            last[table].append((table, statement))
        _side_by_side(where, [last[table] for table in sorted(sizes, key=lambda table: -sizes[table])], tell)


def _largest_first(statements: Iterable[tuple[str, str]], sizes: dict[str, int]) -> list[tuple[str, str]]:
    return sorted(statements, key=lambda each: -sizes[each[0]])


def _side_by_side(where: str, groups: Sequence[Sequence[tuple[str, str]]], tell: Tell) -> None:
    """Runs groups of (table, statement), two groups at a time; the statements of a group one after the other."""
    todo = iter(groups)

    def work() -> None:
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute("SET client_min_messages = warning")
            for group in todo:
                for table, statement in group:
                    _run(connection, statement)
                    tell(table, 1)

    with ThreadPoolExecutor(WORKERS, "indexes") as pool:
        for each in [pool.submit(work) for _ in range(WORKERS)]:
            each.result()


def _run(connection: Connection, statement: str) -> None:
    connection.execute(sql.SQL(statement))  # made of the catalogue's own definitions
