"""Any database that SQLAlchemy reaches: PostgreSQL, MariaDB, SQLite, SQL Server, Oracle.

One connection reads everything in one read-only transaction, so that the tables fit together. Read one
table at a time from a source. ``layout.schema`` names the schema; ``layout.relation`` the relation where it
is called differently from the table; ``layout.isolation`` another isolation level than the default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.engine.interfaces import ReflectedColumn

from connectors.files import setting
from connectors.protocol import CHUNK_ROWS, Controls, Unit
from connectors.sql_chunks import chunk_of_values, parse_copy
from connectors.sql_faults import fault_of
from connectors.sql_types import arrow_type
from ledger.errors import ConfigurationFault, ContractBroken, HubError
from ledger.spec import SystemSpec, TableSpec
from services import outside

FETCH_ROWS = 20_000
"""Rows that stand in memory as Python values at once, where the driver has no columns to give."""

ISOLATION = {
    "postgresql": "REPEATABLE READ",
    "mysql": "REPEATABLE READ",
    "mariadb": "REPEATABLE READ",
    "mssql": "SNAPSHOT",
    "oracle": "SERIALIZABLE",
}
"""The level at which a database shows one state of all tables without holding up its writers."""

DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql", "mssql": "pymssql", "oracle": "oracledb"}
"""What a URL that names no driver is read by."""

PATIENCE: Mapping[str, Mapping[str, Any]] = {
    "psycopg": {"connect_timeout": 10, "keepalives_idle": 30, "tcp_user_timeout": 60_000},
    "pymysql": {"connect_timeout": 10, "read_timeout": 600},
    "pymssql": {"login_timeout": 10},
    "oracledb": {"tcp_connect_timeout": 10.0},
    "pysqlite": {"timeout": 30.0},
}
"""How long a silent server is waited for, in each driver's own words."""


def open_source(system: SystemSpec, url: str, secrets: Mapping[str, str]) -> SqlSource:
    """The database as a source. ``secrets`` may hold ``username`` and ``password`` that the URL leaves out.

    Raises ConfigurationFault where the URL cannot be used or a table has no key. Connects at the first call.
    """
    for table in system.tables:
        if not table.key:
            raise ConfigurationFault(
                "The table has no key, so its rows cannot be told apart.",
                system=system.name,
                place=table.place,
                next_step="Name the key columns in source.toml (a view with a row number will do).",
            )
    return SqlSource(system, connect(system.name, url, secrets))


def connect(system: str, url: str, secrets: Mapping[str, str]) -> sa.Engine:
    """An engine that opens one connection at a call. Raises ConfigurationFault where the URL cannot be used."""
    try:
        address = sa.make_url(url)
        if address.drivername in DRIVERS:
            address = address.set(drivername=f"{address.drivername}+{DRIVERS[address.drivername]}")
        if not address.password and "password" in secrets:
            address = address.set(password=secrets["password"])
        if not address.username and "username" in secrets:
            address = address.set(username=secrets["username"])
        if address.get_backend_name() == "sqlite":
            _require_file(system, address)
        else:
            outside.require("SQL", system=system)
        return sa.create_engine(
            address, poolclass=sa.NullPool, connect_args=dict(PATIENCE.get(address.get_driver_name(), {}))
        )
    except (exc.ArgumentError, ImportError) as error:
        raise ConfigurationFault(
            "The database URL cannot be used: it is malformed or its driver is not installed.",
            system=system,
            next_step="Correct the source in hub.toml, or install the optional extra of that database.",
        ) from error


class SqlSource:
    """A database read in one snapshot."""

    def __init__(self, system: SystemSpec, engine: sa.Engine) -> None:
        self.system = system
        self.engine = engine
        self._connection: sa.Connection | None = None

    def units(self, table: TableSpec) -> Sequence[Unit]:
        """The one relation that holds the table. Raises ContractBroken where it is not there."""
        with self._translated(table):
            schema, name = self._relation(table)
        return [Unit(f"{schema}.{name}" if schema else name)]

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """All rows in order of the key, typed as the database declares them.

        A value that its declared type does not allow makes the record "undecodable". Zero dates of MariaDB
        and infinite dates of PostgreSQL have no place in a calendar: the first arrive as null, the second
        make the record undecodable.
        """
        with self._translated(table):
            schema, name = self._relation(table)
            connection = self._connected()
            columns = sa.inspect(connection).get_columns(name, schema=schema)
            statement = select_for(table, name, schema, columns, connection.dialect)
            kinds = {str(column["name"]): arrow_type(column["type"]) for column in columns}
            if connection.dialect.driver == "psycopg":
                yield from self._copy(connection, statement, kinds)
            else:
                yield from self._fetch(connection, statement, kinds)

    def controls(self, table: TableSpec, unit: Unit) -> Controls:
        """Nothing: a database states no totals of its own."""
        return Controls()

    def close(self) -> None:
        """Ends the snapshot and the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connected(self) -> sa.Connection:
        if self._connection is None:
            backend = self.engine.dialect.name
            level = str(self.system.layout.get("isolation", ISOLATION.get(backend, "")))
            connection = self.engine.connect()
            if level:
                connection = connection.execution_options(isolation_level=level)
            if backend == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            self._connection = connection
            if backend == "sqlite":
                connection.connection.driver_connection.text_factory = _text_with_strays  # type: ignore[union-attr]
                connection.exec_driver_sql("PRAGMA query_only = ON")
                connection.exec_driver_sql("BEGIN")
        return self._connection

    def _drop(self) -> None:
        """Gives up a connection with an answer that was not read to its end."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _relation(self, table: TableSpec) -> tuple[str | None, str]:
        """Schema and name as the database spells them: exactly, else whatever the case of the letters."""
        schema = setting(self.system, table, "schema", None)
        wanted = str(table.layout.get("relation", table.name))
        inspector = sa.inspect(self._connected())
        found = [*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)]
        same = [name for name in found if name == wanted] or [
            name for name in found if name.casefold() == wanted.casefold()
        ]
        if len(same) != 1:
            raise ContractBroken(
                f"There is no table {wanted}." if not same else f"{len(same)} tables are called {wanted}.",
                system=self.system.name,
                place=table.place,
                next_step="Check that the login may see the table, or correct its name in source.toml.",
            )
        return schema, same[0]

    def _fetch(
        self, connection: sa.Connection, statement: sa.Select[Any], kinds: Mapping[str, pa.DataType]
    ) -> Iterator[pa.Table]:
        streaming = connection.execution_options(stream_results=True, max_row_buffer=FETCH_ROWS)
        loose = connection.dialect.name == "sqlite"
        first, finished = 1, False
        result = streaming.execute(statement)
        cursor = result.cursor
        try:
            for rows in result.partitions(min(FETCH_ROWS, CHUNK_ROWS)):
                yield chunk_of_values(first, list(zip(*rows, strict=True)), kinds, loose=loose)
                first += len(rows)
            finished = True
        finally:
            if not finished:
                _abandon(cursor)
                self._drop()
            result.close()

    def _copy(
        self, connection: sa.Connection, statement: sa.Select[Any], kinds: Mapping[str, pa.DataType]
    ) -> Iterator[pa.Table]:
        """COPY hands over text, which Arrow parses: several times faster than rows of Python values."""
        driver: Any = connection.connection.driver_connection
        # In the named style a percent sign in a column's name is not doubled: COPY takes no parameters.
        command = statement.compile(dialect=PGDialect(paramstyle="named"))  # type: ignore[no-untyped-call]
        first, finished = 1, False
        try:
            with driver.cursor() as cursor, cursor.copy(f"COPY ({command}) TO STDOUT (FORMAT csv)") as copy:
                lines: list[bytes] = []
                for line in copy:
                    lines.append(line)
                    if len(lines) == CHUNK_ROWS:
                        yield parse_copy(first, lines, kinds)
                        first += len(lines)
                        lines = []
                if lines:
                    yield parse_copy(first, lines, kinds)
            finished = True
        finally:
            if not finished:
                self._drop()

    @contextmanager
    def _translated(self, table: TableSpec) -> Iterator[None]:
        """Errors of the database as errors of ours; the next call connects anew."""
        driver_error = self.engine.dialect.loaded_dbapi.Error
        try:
            yield
        except HubError:
            raise
        except (exc.SQLAlchemyError, driver_error, OSError) as error:
            fault = fault_of(error, self.engine.dialect, self.system.name, table.place)
            self._drop()
            # The driver's own text is left out: it may quote a value.
            raise fault from None


def select_for(
    table: TableSpec, name: str, schema: str | None, columns: Sequence[ReflectedColumn], dialect: Dialect
) -> sa.Select[Any]:
    """The SELECT of all columns in order of the key. Raises ContractBroken where a key column lacks."""
    found = {str(column["name"]).casefold(): str(column["name"]) for column in columns}
    # A table without a key is ordered by all columns, so that equal contents land equal.
    key = tuple(found.values()) if table.key == ("*",) else table.key
    lost = [column for column in key if column.casefold() not in found]
    if lost:
        raise ContractBroken(
            f"The key column {', '.join(lost)} is not there.",
            system=table.system,
            place=table.place,
            next_step="Ask the system's owner what changed, then correct the key in source.toml.",
        )
    # Without types the driver's own values arrive, whatever the database let in.
    relation = sa.table(name, *(sa.column(str(column["name"])) for column in columns), schema=schema)
    order = [relation.c[found[column.casefold()]] for column in key]
    return sa.select(*(_selected(relation, column, dialect) for column in columns)).order_by(*order)


def _selected(relation: sa.TableClause, column: ReflectedColumn, dialect: Dialect) -> sa.ColumnElement[Any]:
    plain = relation.c[str(column["name"])]
    if dialect.name != "postgresql":
        return plain
    if isinstance(column["type"], sa.LargeBinary):
        return sa.func.encode(plain, sa.literal_column("'hex'")).label(plain.name)
    if isinstance(column["type"], sa.DateTime) and column["type"].timezone:
        return sa.func.timezone(sa.literal_column("'UTC'"), plain).label(plain.name)
    return plain


def _abandon(cursor: Any) -> None:
    """Keeps pymysql from reading the rest of an answer, or from a connection that is gone."""
    unread = getattr(cursor, "_result", None)
    if unread is not None:
        unread.unbuffered_active = False


def _text_with_strays(content: bytes) -> str:
    """SQLite stores any bytes as text; those that are no UTF-8 are kept aside for the record's fault."""
    return content.decode("utf-8", "surrogateescape")


def _require_file(system: str, address: URL) -> None:
    """SQLite would make an empty database of a name that is mistyped."""
    if address.database and address.database != ":memory:" and not Path(address.database).is_file():
        raise ConfigurationFault(
            f"There is no file {address.database}.",
            system=system,
            next_step="Correct the system's source in hub.toml.",
        )
