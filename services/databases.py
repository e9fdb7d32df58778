"""Databases on any PostgreSQL server, embedded or given by URL."""

from __future__ import annotations

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from ledger.errors import ConfigurationFault
from services.postgres import MAJOR

LOCK = 0x68756264  # any number; of two processes that would make a database one waits for the other


def check_server(url: str) -> int:
    """The server's major version. Raises ConfigurationFault below 18 and where we are not let in."""
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 15})
        if engine.dialect.name != "postgresql":
            raise _url_fault(f"is of {engine.dialect.name}, and the hub needs PostgreSQL.")
        with engine.connect() as connection:
            found = int(connection.execute(text("show server_version_num")).scalar_one()) // 10_000
    except (ArgumentError, NoSuchModuleError):
        raise _url_fault("is not a database URL.") from None
    except DBAPIError as error:
        said = str(error.orig).strip().splitlines()
        raise _url_fault(
            f"does not lead to a server that lets us in: {said[-1] if said else 'no reason given'}"
        ) from None
    if found < MAJOR:
        raise _url_fault(f"leads to PostgreSQL {found}, and the hub needs {MAJOR} or newer.")
    return found


def create_database(url: str, name: str, *, template: str = "template1") -> str:
    """The URL of the named database on the server of ``url``; it is made from the template where missing."""
    with _administration(url) as connection:
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})  # until the connection closes
        found = connection.execute(text("select from pg_database where datname = :name"), {"name": name})
        if found.first() is None:
            quote = connection.dialect.identifier_preparer.quote
            connection.execute(text(f"create database {quote(name)} template {quote(template)}"))
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop_database(url: str, name: str) -> None:
    """Drops the named database of the server of ``url``, with whoever is connected to it."""
    with _administration(url) as connection:
        quoted = connection.dialect.identifier_preparer.quote(name)
        connection.execute(text(f"drop database if exists {quoted} with (force)"))


def _administration(url: str) -> Connection:
    engine = create_engine(make_url(url).set(database="postgres"), poolclass=NullPool)
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _url_fault(fault: str) -> ConfigurationFault:
    return ConfigurationFault(
        f"the URL {fault}",
        system="database",
        place="hub.toml [database] url",
        next_step='set it to a PostgreSQL 18 or newer, or to "embedded".',
    )
