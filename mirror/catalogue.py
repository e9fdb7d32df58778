"""What stands in a database: its columns, everything else that has a name, and the keys within its JSON.

Read in one snapshot before the first row, and held against the plan (``mirror.plan``). What an extension brought is
the extension's; what begins with ``pg_`` is PostgreSQL's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[object, ...]]
JSON = ("json", "jsonb")

OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
COLUMNS = f"""
SELECT n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {OURS} AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, a.attnum
"""
BROUGHT = "SELECT FROM pg_depend d WHERE d.classid = {catalogue}::regclass AND d.objid = {oid} AND d.deptype = 'e'"
KINDS = """CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialised view' WHEN 'S' THEN 'sequence'
    WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'composite type' ELSE 'table' END"""
OBJECTS = f"""
SELECT 'schema', n.nspname::text FROM pg_namespace n WHERE {OURS}
UNION ALL
SELECT {KINDS}, n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
  AND NOT EXISTS ({BROUGHT.format(catalogue="'pg_class'", oid="c.oid")})
UNION ALL
SELECT CASE t.typtype WHEN 'e' THEN 'enum type' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type' ELSE 'base type' END,
       n.nspname || '.' || t.typname
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE {OURS} AND t.typtype IN ('e', 'd', 'r', 'b') AND t.typcategory <> 'A'
  AND NOT EXISTS ({BROUGHT.format(catalogue="'pg_type'", oid="t.oid")})
UNION ALL
SELECT 'function', n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {OURS} AND NOT EXISTS ({BROUGHT.format(catalogue="'pg_proc'", oid="p.oid")})
UNION ALL
SELECT 'trigger', n.nspname || '.' || c.relname || '.' || g.tgname
FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT g.tgisinternal AND {OURS}
UNION ALL
SELECT 'rule', n.nspname || '.' || c.relname || '.' || r.rulename
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {OURS} AND r.rulename <> '_RETURN'
UNION ALL SELECT 'extension', extname FROM pg_extension
UNION ALL SELECT 'event trigger', evtname FROM pg_event_trigger
UNION ALL SELECT 'publication', pubname FROM pg_publication
UNION ALL SELECT 'foreign server', srvname FROM pg_foreign_server
UNION ALL SELECT 'large object', oid::text FROM pg_largeobject_metadata
"""
KEYS = """
WITH RECURSIVE walk (path, value) AS (
    SELECT ''::text, whole FROM (SELECT DISTINCT {column}::jsonb FROM {table} WHERE {column} IS NOT NULL) d (whole)
    UNION ALL
    SELECT inner_path, inner_value FROM walk, LATERAL (
        SELECT ltrim(walk.path || '.' || e.key, '.') AS inner_path, e.value AS inner_value
        FROM jsonb_each(CASE jsonb_typeof(walk.value) WHEN 'object' THEN walk.value END) e
        UNION ALL
        SELECT walk.path || '[]', e.value
        FROM jsonb_array_elements(CASE jsonb_typeof(walk.value) WHEN 'array' THEN walk.value END) e
    ) inside
)
SELECT DISTINCT path, jsonb_typeof(value) FROM walk WHERE path <> ''
"""


@dataclass(frozen=True)
class Catalogue:
    """``columns`` (table, column) -> type, tables with their schema; ``objects`` (kind, name); ``json_keys``
    (table.column, path, kind of value), a path as ``name.inner`` or ``list[].inner``."""

    columns: Mapping[tuple[str, str], str]
    objects: frozenset[tuple[str, str]]
    json_keys: frozenset[tuple[str, str, str]]


def read(connection: Connection, crossing: Iterable[tuple[str, str]] = ()) -> Catalogue:
    """The catalogue of the connection's database, as its transaction sees it.

    ``crossing`` are the (table, column) whose values reach a mirror: the keys of those that are JSON are read.
    """
    columns = {(str(table), str(column)): str(kind) for table, column, kind in connection.execute(COLUMNS)}
    objects = frozenset((str(kind), str(name)) for kind, name in connection.execute(OBJECTS))
    keys = {
        (f"{table}.{column}", path, kind)
        for table, column in crossing
        if columns.get((table, column)) in JSON
        for path, kind in _paths(connection, table, column)
    }
    return Catalogue(columns, objects, frozenset(keys))


def _paths(connection: Connection, table: str, column: str) -> list[tuple[str, str]]:
    query = sql.SQL(KEYS).format(column=sql.Identifier(column), table=sql.Identifier(*table.split(".", 1)))
    return [(str(path), str(kind)) for path, kind in connection.execute(query)]
