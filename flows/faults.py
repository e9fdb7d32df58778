"""Faults of any kind as faults of the hub: another library's message may quote a person's value."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from ledger.errors import ContractBroken, Defect, HubError, Transient

HOME = Path(__file__).parents[1]


@contextmanager
def only_hub_faults() -> Iterator[None]:
    """A context (or decorator) out of which come errors of ``ledger.errors`` alone, without what caused them.

    What is raised under Prefect is kept in its database, cause and all; a cause may hold the row that failed.
    """
    try:
        yield
    except HubError:
        raise
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        told = error.diag
        rule = told.constraint_name or told.column_name or type(error).__name__
        raise ContractBroken(
            f"rows do not fit the canonical model ({rule}).",
            place=f"table {told.schema_name}.{told.table_name}" if told.table_name else "the hub's database",
            next_step="Add a rule or a check for it to the mapping, then run again.",
        ) from None
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise Transient(
            f"the hub's database did not answer ({type(error).__name__}).",
            next_step="See that it is up and has room, then run again.",
        ) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not be told as it stands
        raise Defect(
            f"the hub itself failed: {type(error).__name__} at {_where(error)}.",
            next_step="Report this line to those who look after the hub.",
        ) from None


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
