"""The migration: the way of a system's records from its legacy source into the canonical model.

``migrate_system`` is the whole way on one screen. It works without Prefect; ``flows.orchestrate`` runs the same
function with each step wrapped as a task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

from pyarrow import default_memory_pool

from connectors.opening import Connection, open_system
from connectors.protocol import Source
from connectors.sftp import Left
from flows import stages
from flows.ahead import one_ahead
from flows.faults import only_hub_faults
from flows.interrupted import close_interrupted
from flows.references import Partition, Run, mapping_of
from flows.unchanged import Repeated, repeat_tables, unchanged
from ledger.errors import Defect, HubError
from ledger.spec import SystemSpec
from ledger.values import TableCount
from loading import records
from services import outside


@dataclass(frozen=True)
class Steps:
    """The steps as they are to be called: plain functions here, the same wrapped as tasks under Prefect."""

    open: Callable[..., Any] = open_system
    land: Callable[..., Any] = stages.land_table
    gate: Callable[..., Any] = stages.gate_table
    compare: Callable[..., Any] = stages.compare_table
    repeat: Callable[..., Any] = repeat_tables
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
    """How one system's way from source to reconciled canonical rows ended. Raises nothing but interrupts.

    A fault stops this system only. What had landed by then is accounted for: every row has a fate, every penny
    a place, and the message says what to do.
    """
    clock = Clock()
    counts: list[TableCount] = []
    left: list[Left] = []
    fault: HubError | None = None
    try:
        with only_hub_faults(), run.connection() as database, records.sole_run(database, name):
            outside.look(database)
            outside.require("the reading of systems", system=name)  # and originals would come in
            close_interrupted(run, database, name, steps.reconcile)
            records.keep_mapping(database, mapping_of(name).version, name, mapping_of(name).field_origins())
            records.set_status(database, run.run_id, name, "running")
            try:
                _migrate(run, name, partial(steps.open, connection=connection, on_left=left.append), steps, clock)
            except HubError as stopped:
                fault = stopped
            with clock.times("reconcile"):
                counts = steps.reconcile(run, name, stages.landed_tables(run, name), complete=fault is None)
            records.set_status(database, run.run_id, name, _status(fault), _message(fault, left), clock.seconds)
    except HubError as failed:
        fault = failed
    return SystemResult(name, _status(fault), _message(fault, left), tuple(counts), clock.seconds)


@only_hub_faults()
def _migrate(run: Run, name: str, opened: Callable[[SystemSpec], Source], steps: Steps, clock: Clock) -> None:
    """The way of a system's records, stage by stage."""
    system = mapping_of(name).spec
    with clock.times("read"), closing(opened(system)) as source:
        landed = [steps.land(run, source, table) for table in system.tables]
    same = unchanged(run, landed)
    with clock.times("gate"):
        for batch in landed:
            if batch not in same:
                steps.gate(run, batch).raise_if_stopped()
                default_memory_pool().release_unused()  # what a whole table took the machine has back
    with clock.times("compare"):
        repeated = steps.repeat(run, name, same, whole=same == landed) if same else Repeated({}, 0)
    written = repeated.written
    for batch in landed:
        if batch in same and not repeated.partitions[batch.table]:
            continue
        with clock.times("compare"):
            partitions = repeated.partitions[batch.table] if batch in same else steps.compare(run, batch)
            default_memory_pool().release_unused()
        with clock.times("load"):
            written += load_all(run, partitions, steps.load)
            steps.close(run, batch)
    with clock.times("load"):
        for batch in reversed(landed) if written else ():  # what refers ahead finds its target now
            late = stages.orphans(run, batch)
            load_all(run, late, steps.load)
            if late:
                steps.close(run, batch)
    with clock.times("check"):
        steps.check(run, name, written=written > 0)


def load_all(run: Run, partitions: Sequence[Partition], load: Callable[..., int] = stages.load_partition) -> int:
    """Loads a table's partitions, each mapped while the one before it is loaded; gives the canonical rows written."""
    with one_ahead(stages.map_partition, partitions) as turns:
        return sum(load(run, partition) for partition in turns)


def _status(fault: HubError | None) -> str:
    return "finished" if fault is None else "failed" if isinstance(fault, Defect) else "stopped"


def _message(fault: HubError | None, left: Sequence[Left]) -> str | None:
    """Why the system stopped, else which new files stayed on their server."""
    if fault is not None:
        return str(fault)
    files = "; ".join(f"file {file.name!r}, {file.reason}" for file in dict.fromkeys(left))  # once, if opened twice
    return f"Not taken: {files}." if files else None


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
