"""Runs of a system that were cut off (killed, power lost) before their books were closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flows.references import Run
from flows.stages import landed_tables
from loading import records

MESSAGE = "It was cut off; its books were closed by run {}. Next step: none, that run does its work again."


def close_interrupted(run: Run, database: records.Connection, system: str, reconcile: Callable[..., Any]) -> None:
    """Closes the books of the system's earlier runs that still count as running.

    To be called by who holds the system's lock: then none of them can be alive.
    """
    for run_id in records.runs_under_way(database, system):
        cut_off = replace(run, run_id=run_id)
        reconcile(cut_off, system, landed_tables(cut_off, system), complete=False)
        records.set_status(database, run_id, system, "failed", MESSAGE.format(run.run_id))
