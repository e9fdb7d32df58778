"""The migration: the way of a system's records from its legacy source into the canonical model.

``migrate_system`` is the whole way on one screen. It works without Prefect; ``flows.orchestrate`` runs the same
function with each step wrapped as a task.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from connectors.opening import Connection, open_system
from flows import stages
from flows.stages import Landed, Run, mapping_of
from ledger.errors import HubError
from ledger.values import TableCount
from loading import records


@dataclass(frozen=True)
class Steps:
    """The steps as they are to be called: plain functions here, the same wrapped as tasks under Prefect."""

    land: Callable[..., Any] = stages.land_table
    gate: Callable[..., Any] = stages.gate_table
    compare: Callable[..., Any] = stages.compare_table
    load: Callable[..., Any] = stages.load_partition
    close: Callable[..., Any] = stages.close_table
    check: Callable[..., Any] = stages.check_system
    reconcile: Callable[..., Any] = stages.reconcile_system


@dataclass(frozen=True)
class SystemResult:
    """How one system's run ended: its lines of the reconciliation, and why it stopped if it did."""

    system: str
    status: str
    message: str | None
    counts: tuple[TableCount, ...]
    seconds: dict[str, float]


def migrate_system(run: Run, name: str, connection: Connection, steps: Steps = Steps()) -> SystemResult:
    """One system's records from source to reconciled canonical rows.

    A fault stops this system only. What had landed by then is accounted for: every row has a fate, every penny
    a place, and the message says what to do. Faults that are not ours are raised after the books are closed.
    """
    system, clock = mapping_of(name), Clock()
    landed: list[Landed] = []
    status, message = "finished", None
    with run.connection() as database:
        records.keep_mapping(database, system.version, name, system.field_origins())
        records.set_status(database, run.run_id, name, "running")
        try:
            with clock.times("read"), closing(open_system(system.spec, connection)) as source:
                for table in system.spec.tables:
                    landed.append(steps.land(run, source, table))
            with clock.times("gate"):
                for batch in landed:
                    steps.gate(run, batch).raise_if_stopped()
            for batch in landed:
                with clock.times("compare"):
                    partitions = steps.compare(run, batch)
                with clock.times("load"):
                    for partition in partitions:
                        steps.load(run, partition)
                    steps.close(run, batch)
            with clock.times("load"):
                for batch in reversed(landed):  # what refers ahead finds its target now
                    late = stages.orphans(run, batch)
                    for partition in late:
                        steps.load(run, partition)
                    if late:
                        steps.close(run, batch)
            with clock.times("check"):
                steps.check(run, name)
        except HubError as fault:
            status, message = "stopped", str(fault)
        except Exception as fault:
            status, message = "failed", f"{name}: {type(fault).__name__}. Next step: see the run's log, then run again."
            raise
        finally:
            with clock.times("reconcile"):
                landed = stages.landed_tables(run, name)
                counts = steps.reconcile(run, name, landed, complete=status == "finished")
            records.set_status(database, run.run_id, name, status, message, clock.seconds)
    return SystemResult(name, status, message, tuple(counts), clock.seconds)


class Clock:
    """Adds up wall-clock seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._stage, self._began = "", 0.0

    def times(self, stage: str) -> Clock:
        """Counts the seconds of the ``with`` block to the stage."""
        self._stage = stage
        return self

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(self, *_: object) -> None:
        taken = perf_counter() - self._began
        self.seconds[self._stage] = round(self.seconds.get(self._stage, 0.0) + taken, 2)
