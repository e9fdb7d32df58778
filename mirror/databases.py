"""The databases of a mirror's server: how they are named, made, marked and exchanged.

``mirror`` is what testers use; beside it stand ``mirror_snapshot_<name>`` (to go back to), ``mirror_spare_<name>_*``
(copies of a snapshot made beforehand), ``mirror_branch_<tester>`` and, on its way out, ``mirror_gone_*``. Each bears in
its comment the state of the mirror that it is of. ``mirror_build_*`` and ``mirror_new_*`` are drafts.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from ledger.errors import ContractBroken
from mirror.cluster import TESTER, Site, State, address, read_state

Connection = psycopg.Connection[Any]

BASE = "base"
"""The snapshot of a mirror as it was built."""

_PASSING = re.compile(r"_(gone|build|new)_[0-9a-f]{8}")

LISTED: LiteralString = """
SELECT d.datname, shobj_description(d.oid, 'pg_database')
FROM pg_database d WHERE d.datname = %(name)s OR starts_with(d.datname, %(name)s || '_') ORDER BY 1
"""
TERMINATE: LiteralString = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()
"""
EXCHANGE = """
DO $exchange$
DECLARE others int;
BEGIN
    ALTER DATABASE {served} ALLOW_CONNECTIONS false;
    COMMIT;
    LOOP
        LOOP
            PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {served_text};
            PERFORM pg_stat_clear_snapshot();
            SELECT count(*) INTO others FROM pg_stat_activity WHERE datname = {served_text};
            EXIT WHEN others = 0;
            PERFORM pg_sleep(0.002);
        END LOOP;
        BEGIN
            {renames}
            EXIT;
        EXCEPTION WHEN object_in_use THEN  -- one that was let in a moment before
            PERFORM pg_stat_clear_snapshot();
        END;
    END LOOP;
    {opened}
END $exchange$
"""
"""Ends all sessions of a database and gives its name to another, in one call that the server carries out to its end
whatever becomes of the caller: there is no moment at which the name leads to the database of before again."""


@contextmanager
def administration(where: str) -> Iterator[Connection]:
    """A connection to the own database of a server that psycopg finds there, each statement by itself."""
    with psycopg.connect(where, dbname="postgres", autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        yield connection


def name_of(url: str) -> str:
    """The database that a URL names."""
    return str(make_url(url).database)


def make_tester(where: str) -> None:
    """Makes the role that owns what stands in the mirror, and lets it make the roles that the migrations name."""
    with administration(where) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(sql.Identifier(TESTER)))
        for database in ("postgres", "template1"):
            connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))


def settle_tester(where: str) -> None:
    """Takes from the testers' role what only the migrations needed."""
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER ROLE {} NOCREATEROLE").format(sql.Identifier(TESTER)))


def create(server: str, name: str, owner: str | None) -> str:
    """The SQLAlchemy URL of a new database, for its owner; None: the server URL's own role."""
    with administration(address(server)) as connection:
        owned = sql.SQL(" OWNER {}").format(sql.Identifier(owner)) if owner else sql.SQL("")
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'{}").format(sql.Identifier(name), owned)
        )
    url = make_url(server).set(drivername="postgresql+psycopg", database=name)
    return (url.set(username=owner) if owner else url).render_as_string(hide_password=False)


def revision(where: str) -> str:
    """The version of the schema of a database."""
    with psycopg.connect(where, autocommit=True) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def standing(connection: Connection, name: str) -> dict[str, State | None]:
    """The mirror's databases and what they are of; None: it has no mark."""
    return {str(each): _state(told) for each, told in connection.execute(LISTED, {"name": name}).fetchall()}


def require_target(site: Site) -> None:
    """Nothing where a mirror may be put. Raises ContractBroken where something stands there that is none."""
    if site.is_local:
        return
    with administration(address(site.url)) as connection:
        there = standing(connection, site.database)
    if there.get(site.database, site):  # none of that name, or a mirror
        return
    with psycopg.connect(address(site.url), autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
        ).fetchone()
    if row and row[0]:
        raise ContractBroken(
            f"the database that it would replace is no mirror and not empty: {row[0]} tables stand in it.",
            system="mirror",
            place="hub.toml [mirror] url",
            next_step="name a database that is not there yet, or drop that one yourself.",
        )


def mark(connection: Connection, name: str, state: State) -> None:
    """Writes into a database's comment what it is."""
    connection.execute(
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(state.written()))
    )


def close(connection: Connection, name: str) -> None:
    """Lets nobody into the database: it is there to be copied."""
    connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))


def duplicate(connection: Connection, of: str, copy: str, state: State, *, name: str, is_open: bool) -> None:
    """A copy of a database of the mirror ``name``, file by file. Whoever is in the copied one is put out as long as it
    takes. It gets its own name last, marked: a copy that is cut off has the name of a draft."""
    draft = f"{name}_new_{secrets.token_hex(4)}"
    owner = connection.execute(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", (of,)
    ).fetchone()  # a copy belongs to whoever makes it, where nothing is said
    with _nobody_in(connection, of):
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY OWNER {}").format(
                sql.Identifier(draft), sql.Identifier(of), sql.Identifier(str(owner[0] if owner else ""))
            )
        )
    close(connection, draft)
    mark(connection, draft, state)
    drop(connection, copy)
    exchange(connection, draft, [(draft, copy)], opened=copy if is_open else None)


def drop(connection: Connection, name: str) -> None:
    """Drops the database, with whoever is connected to it."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def exchange(connection: Connection, served: str, renames: Sequence[tuple[str, str]], *, opened: str | None) -> None:
    """Ends all sessions of ``served`` and renames databases, all or none; then lets testers into ``opened``."""
    statement = sql.SQL(EXCHANGE).format(
        served=sql.Identifier(served),
        served_text=sql.Literal(served),
        renames=sql.SQL(" ").join(
            sql.SQL("ALTER DATABASE {} RENAME TO {};").format(sql.Identifier(old), sql.Identifier(new))
            for old, new in renames
        ),
        opened=sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true;").format(sql.Identifier(opened))
        if opened
        else sql.SQL(""),
    )
    connection.execute(statement)


def tidy(connection: Connection, name: str) -> None:
    """Lets testers into the mirror and its branches, should a crash of the server have come in an exchange's midst, and
    drops what is a draft or on its way out."""
    for each, state in standing(connection, name).items():
        own = each.removeprefix(name)
        if _PASSING.fullmatch(own):
            drop(connection, each)
        elif state and (not own or own.startswith("_branch_")):
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(each)))


def gone(name: str) -> str:
    """A name for a database that is on its way out."""
    return f"{name}_gone_{secrets.token_hex(4)}"


@contextmanager
def _nobody_in(connection: Connection, name: str) -> Iterator[None]:
    """A context in which whoever comes into the database is put out again: it is being copied. New ones wait by
    themselves, since a copy locks what it copies."""
    over = Event()

    def put_out() -> None:
        with psycopg.connect(connection.info.dsn, password=connection.info.password or None, autocommit=True) as guard:
            while True:
                guard.execute(TERMINATE, (name,))
                if over.wait(0.01):
                    return

    connection.execute(TERMINATE, (name,))
    thread = Thread(target=put_out, name="guard", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _state(comment: str | None) -> State | None:
    if not comment:
        return None
    try:
        return read_state(comment)
    except (ValueError, TypeError, KeyError):  # somebody else's remark
        return None
