"""What a database's refusal means for the person who must act."""

from __future__ import annotations

import re

from sqlalchemy import exc
from sqlalchemy.engine import Dialect

from ledger.errors import (
    ConfigurationFault,
    ContractBroken,
    HubError,
    SourceRefused,
    SourceUnavailable,
    SourceUnreadable,
)

# SQLSTATE (PostgreSQL), error numbers (MariaDB, SQL Server) and ORA numbers.
NO_ENTRY = {"28000", "28P01", "1045", "1698", "18456", "ORA-01017", "ORA-28000", "ORA-01045"}
NO_RIGHT = {"42501", "1044", "1142", "1143", "229", "230", "916", "ORA-01031"}
NO_DATABASE = {"3D000", "1049", "4060", "ORA-12514", "ORA-12505"}
NO_TABLE = {"42P01", "3F000", "1146", "208", "ORA-00942"}
NO_SNAPSHOT = {"3952"}
WORDS = {
    "password authentication failed": "28P01",
    "no pg_hba.conf entry": "28000",
    "no password supplied": "28P01",
    "authentication failed": "28P01",
    "is not permitted to log in": "28000",
    'role "': "28000",
    "login failed": "18456",
}
"""Drivers that have no code for a connection that was refused only say so in words."""


def fault_of(error: BaseException, dialect: Dialect, system: str, place: str) -> HubError:
    """The error of ours that a database's error amounts to. Its text never holds the driver's text."""
    cause = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    codes = codes_of(cause)
    said = f" ({' '.join([type(cause).__name__, *codes[:1]])})."
    kind: type[HubError]
    if isinstance(cause, exc.NoSuchTableError) or not NO_TABLE.isdisjoint(codes):
        kind, fault = ContractBroken, "The table is not there"
        step = "Check that the login may see the table, or correct its name in source.toml."
    elif not NO_ENTRY.isdisjoint(codes):
        kind, fault = SourceRefused, "The database refuses the login"
        step = "Check user and password: the password comes from the environment."
    elif not NO_RIGHT.isdisjoint(codes):
        kind, fault = SourceRefused, "The login may not read this"
        step = "Ask the database's administrator for the right to SELECT."
    elif not NO_DATABASE.isdisjoint(codes):
        kind, fault = ConfigurationFault, "There is no such database on the server"
        step = "Correct the name at the end of the source's URL in hub.toml."
    elif not NO_SNAPSHOT.isdisjoint(codes):
        kind, fault = ConfigurationFault, "The database does not allow snapshots"
        step = "Have ALLOW_SNAPSHOT_ISOLATION set ON, or set layout.isolation in source.toml."
    elif _not_a_database(cause):
        kind, fault = SourceUnreadable, "The file is not a database, or is damaged"
        step = "Ask for the file again, and check that its transfer was complete."
    elif _gone(error, cause, dialect):
        kind, fault = SourceUnavailable, "The database cannot be reached, or the connection was lost"
        step = "Check that the server is up, then run again: the run takes up where it stood."
    else:
        kind, fault = SourceUnreadable, "The database could not answer"
        step = "Read the table with the same login in the database's own client to see what is wrong with it."
    return kind(fault + said, system=system, place=place, next_step=step)


def codes_of(cause: BaseException) -> list[str]:
    """The database's own codes for an error: SQLSTATE, error number, ORA number; some drivers give two."""
    first = cause.args[0] if cause.args else None
    if isinstance(first, tuple) and first:
        first = first[0]
    said = str(cause).casefold()
    codes = [str(first)] if isinstance(first, int) and first else []
    codes += [str(getattr(cause, "sqlstate", None) or "")]
    codes += [code.upper() for code in re.findall(r"ora-[0-9]{5}", said)]
    codes += ["3D000"] if 'database "' in said and "does not exist" in said else []
    codes += [code for words, code in WORDS.items() if words in said]
    return [code for code in codes if code]


def _not_a_database(cause: BaseException) -> bool:
    text = str(cause)
    return "file is not a database" in text or "malformed" in text


def _gone(error: BaseException, cause: BaseException, dialect: Dialect) -> bool:
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return True
    driver = dialect.loaded_dbapi
    if isinstance(cause, OSError | driver.OperationalError | driver.InterfaceError):
        return True
    return isinstance(cause, driver.Error) and bool(dialect.is_disconnect(cause, None, None))
