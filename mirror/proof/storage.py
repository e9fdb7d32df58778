"""How a mirror stores its values, so that its files can be read: nothing is compressed."""

from __future__ import annotations

import psycopg

Connection = psycopg.Connection[tuple[object, ...]]

COMPRESSIBLE = """
SELECT c.oid::regclass::text, quote_ident(a.attname)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attstorage IN ('x', 'm') AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
  AND (n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' OR c.oid = 'pg_statistic'::regclass)
ORDER BY c.oid, a.attnum
"""
LARGE = """
SELECT c.oid::regclass::text, array_agg(quote_ident(a.attname) ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind = 'r' AND c.reltoastrelid <> 0 AND a.attnum > 0 AND NOT a.attisdropped AND t.typlen = -1
  AND c.relnamespace NOT IN ('pg_toast'::regnamespace, 'information_schema'::regnamespace)
  AND (c.relnamespace <> 'pg_catalog'::regnamespace OR c.oid = 'pg_statistic'::regclass)
GROUP BY 1
"""


def uncompressed(connection: Connection) -> None:
    """Has every value stored as it is, those of PostgreSQL's statistics too; for an owner who is a superuser.

    To be called when the tables are made and empty.
    """
    connection.execute("SET allow_system_table_mods = on")
    changes: dict[str, list[str]] = {}
    for table, column in connection.execute(COMPRESSIBLE).fetchall():
        changes.setdefault(str(table), []).append(f"ALTER {column} SET STORAGE EXTERNAL")
    for table, told in changes.items():
        connection.execute(f"ALTER TABLE {table} {', '.join(told)}".encode())
    connection.execute("RESET allow_system_table_mods")


def compressed(connection: Connection) -> list[str]:
    """The columns, as ``table.column``, that hold a compressed value; empty where files tell everything."""
    found = []
    for table, columns in connection.execute(LARGE).fetchall():
        assert isinstance(columns, list)
        tests = ", ".join(
            f"coalesce(bool_or(pg_column_compression({column}) IS NOT NULL), false)" for column in columns
        )
        ours = " WHERE starelid >= 16384" if table == "pg_statistic" else ""  # others are of PostgreSQL's own tables
        row = connection.execute(f"SELECT {tests} FROM {table}{ours}".encode()).fetchone() or ()
        found += [f"{table}.{column}" for column, is_so in zip(columns, row, strict=True) if is_so]
    return found
