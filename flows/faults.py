"""Faults of any kind as faults of the hub: another library's message may quote a person's value."""

from __future__ import annotations

import errno
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.exc import DBAPIError

from ledger.errors import ConfigurationFault, ContractBroken, Defect, HubError, Transient

HOME = Path(__file__).parents[1]
NOT_WRITABLE = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENOTDIR,
}  # fmt: skip
"""What a full disk, a quota, a folder of somebody else or a file in a folder's place end in."""


@contextmanager
def only_hub_faults() -> Iterator[None]:
    """A context (or decorator) out of which come errors of ``ledger.errors`` alone, without what caused them.

    What is raised under Prefect is kept in its database, cause and all; a cause may hold the row that failed.
    """
    try:
        yield
    except HubError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not be told as it stands
        raise _told(error) from None


def _told(error: Exception) -> HubError:
    """The fault as one of ours."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, psycopg.IntegrityError | psycopg.DataError):
        told = cause.diag
        rule = told.constraint_name or told.column_name or type(cause).__name__
        return ContractBroken(
            f"rows do not fit the canonical model ({rule}).",
            place=f"table {told.schema_name}.{told.table_name}" if told.table_name else "the hub's database",
            next_step="Add a rule or a check for it to the mapping, then run again.",
        )
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return ConfigurationFault(
            "the hub's role may not do this in the hub's database.",
            place="hub.toml [database] url",
            next_step="Make that role the owner of the database and of its schemas, then run again.",
        )
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return Transient(
            f"the hub's database did not answer ({type(cause).__name__}).",
            next_step="See that it is up and has room, then run again.",
        )
    if isinstance(cause, OSError) and cause.errno in NOT_WRITABLE:
        return ConfigurationFault(
            f"the hub's own files cannot be written ({cause.strerror}).",
            place="hub.toml [hub] folder",
            next_step="Make room on its disk and see that the hub's user may write there, then run again.",
        )
    return Defect(
        f"the hub itself failed: {type(error).__name__} at {_where(error)}.",
        next_step="Report this line to those who look after the hub.",
    )


def _where(error: Exception) -> str:
    """The hub's own lines on the way to the fault, the innermost first."""
    frames = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)]
    own = [
        f"{path.relative_to(HOME)}:{line}"
        for path, line in zip(frames, lines, strict=True)
        if path.is_relative_to(HOME) and ".venv" not in path.parts and path != Path(__file__)
    ]
    return ", ".join(list(dict.fromkeys(reversed(own)))[:3])
