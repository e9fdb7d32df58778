"""The migration under Prefect: the same function, each step a task, systems side by side in two processes.

Between tasks travel references to batches, never rows: no personal data rests in the orchestrator.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from multiprocessing import active_children, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import Any, Self

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.concurrency.sync import concurrency
from prefect.futures import PrefectFuture
from prefect.logging.handlers import APILogHandler
from prefect.task_runners import ProcessPoolTaskRunner

from connectors.opening import Connection, open_system
from flows import golden, stages
from flows.faults import only_hub_faults
from flows.golden import Resolution, Stages
from flows.migrate import Steps, SystemResult, migrate_system
from flows.references import Run, mapping_of
from flows.runs import in_order
from flows.unchanged import repeat_tables
from flows.warm import warm_up
from ledger.errors import Defect, Transient
from ledger.values import TableCount
from services.interrupts import unheard

WORKERS = 2
LONGEST_WAIT_SECONDS = 30 * 60
LEASE_SECONDS = 60
"""After so long without a sign of life a run's place is free again."""


def _is_transient(_task: object, _run: object, state: State[Any]) -> bool:
    return isinstance(state.data, Transient) or isinstance(getattr(state.data, "exception", None), Transient)


def _task(function: Callable[..., Any], name: str, of: str, **options: Any) -> Callable[..., Any]:
    """The function as a task that keeps nothing: neither its result nor a cache of it."""
    wrapped: Any = task  # its overloads do not know options in a mapping
    made: Callable[..., Any] = wrapped(
        function, name=name, task_run_name=f"{name} {of}", cache_policy=NO_CACHE, persist_result=False, **options
    )
    return made


RETRIES: dict[str, Any] = {"retries": 2, "retry_delay_seconds": [1, 5], "retry_condition_fn": _is_transient}
OF_TABLE = "{landed.system} {landed.table}"
TASKS = Steps(
    open=_task(only_hub_faults()(open_system), "open", "{system.name}", **RETRIES),
    land=_task(stages.land_table, "land", "{table.system} {table.name}", **RETRIES),
    gate=_task(stages.gate_table, "gate", OF_TABLE, **RETRIES),
    compare=_task(stages.compare_table, "compare", OF_TABLE, **RETRIES),
    repeat=_task(repeat_tables, "repeat", "{system}", **RETRIES),
    load=_task(
        stages.load_partition, "load", "{partition.landed.system} {partition.landed.table} {partition.part}", **RETRIES
    ),
    close=_task(stages.close_table, "close", OF_TABLE, **RETRIES),
    check=_task(stages.check_system, "check", "{system}", **RETRIES),
    reconcile=_task(stages.reconcile_system, "reconcile", "{system}", **RETRIES),
)
"""Each step is one transaction or replaces what it wrote before, so that it may be called again."""


def migrate_one(run: Run, name: str, connection: Connection) -> SystemResult:
    """One system, with every step of it as a task; where the server limits its runs, it waits its turn first.

    The limit is the server's courtesy. What keeps two runs of a system apart is its lock in the hub's database:
    a place that a killed run left behind delays the next run and does not stop it.
    """
    with ExitStack() as place:
        with suppress(TimeoutError):
            place.enter_context(
                concurrency(limit_of(name), timeout_seconds=LONGEST_WAIT_SECONDS, lease_duration=LEASE_SECONDS)
            )
        return migrate_system(run, name, connection, TASKS)


def limit_of(system: str) -> str:
    """The name of the concurrency limit by which a server lets one run of the system after the other go on."""
    return f"system {system}"


class Workers(ProcessPoolTaskRunner):
    """Prefect's processes, which never hear Ctrl-C, end at once with a flow that is interrupted, and outlive nobody.

    What a worker was about is closed by the next run, as after a power cut.
    """

    _interrupted = True

    def __enter__(self) -> Self:
        # Python's own tracker cleans up after killed workers; that it did is no news to the person at the terminal.
        os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker:UserWarning")
        super().__enter__()
        if self._executor is not None and parent_process() is None:  # a worker enters it too, around each task
            try:
                self._executor._mp_context = warm_up()  # Prefect's own choice imports everything again in each worker
                with unheard():
                    for _ in range(self._max_workers):
                        self._executor.submit(bool)  # each starts a worker, and no other call starts one
            except KeyboardInterrupt as interrupt:  # nobody leaves what was never wholly entered
                self.__exit__(type(interrupt), interrupt, interrupt.__traceback__)
                raise
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._interrupted = kind is not None and not issubclass(kind, Exception)
        super().__exit__(kind, error, trace)

    def cancel_all(self) -> None:
        """Stops the workers, in the midst of their work where the flow is interrupted."""
        if self._interrupted:
            for worker in active_children():
                worker.kill()
        super().cancel_all()


def end_with_parent() -> None:
    """Makes this worker end where its parent is killed: it would wait for that one's next call for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), name="parent", daemon=True).start()


MIGRATE_ONE: Any = _task(migrate_one, "migrate", "{name}")
RUNNER: Any = Workers(max_workers=WORKERS, initializer=end_with_parent)


def migrate(run: Run, connections: Mapping[str, Connection]) -> list[SystemResult]:
    """How each system's run ended, those that others refer to first; the reconciliation is kept as an artifact.

    The flow's own parameters are the run's number and the systems' names: Prefect keeps parameters in its
    database, and connections hold secrets.
    """

    @flow(name="migrate", task_runner=RUNNER)
    def migration(run_id: int, systems: list[str]) -> list[SystemResult]:
        waiting: dict[str, PrefectFuture[SystemResult]] = {}
        for name in systems:
            after = [waiting[other] for other in mapping_of(name).spec.after if other in waiting]
            waiting[name] = MIGRATE_ONE.submit(run, name, connections[name], wait_for=after)
        results = [_outcome(name, future) for name, future in waiting.items()]
        keep_artifact(run, [count for result in results for count in result.counts])
        return results

    return migration(run.run_id, in_order(connections))


GOLDEN = Stages(
    addresses=_task(golden.match_addresses, "match addresses", "of run {run.run_id}", **RETRIES),
    places=_task(golden.weigh_places, "weigh places", "of run {run.run_id}", **RETRIES),
    people=_task(golden.resolve_people, "resolve people", "of run {run.run_id}", **RETRIES),
    publish=_task(golden.publish, "publish golden records", "of run {run.run_id}", **RETRIES),
)
"""A stage leaves its result whole or not at all, and publishing is one transaction: each may be called again."""


def resolve(run: Run) -> Resolution:
    """How it ended to decide anew who is who and what is where; what it came to is kept as an artifact."""

    @flow(name="golden records")
    def golden_records(run_id: int) -> Resolution:
        ended = golden.resolve(run, GOLDEN)
        counts: list[Any] = [{"what": name.replace("_", " "), "number": count} for name, count in ended.counts.items()]
        create_table_artifact(key="golden-records", table=counts, description=f"Golden records of run {run_id}")
        return ended

    return golden_records(run.run_id)


def _outcome(name: str, future: PrefectFuture[SystemResult]) -> SystemResult:
    """What the system's task gave; a task that died (its process was killed) is a system that failed."""
    result: Any = future.result(raise_on_failure=False)
    if isinstance(result, SystemResult):
        return result
    fault = Defect(
        f"its process died ({type(result).__name__}).", system=name,
        next_step="See that the machine has memory enough, then run again: the next run closes its books.",
    )  # fmt: skip
    return SystemResult(name, "failed", str(fault), (), {})


def keep_artifact(run: Run, counts: Sequence[TableCount]) -> None:
    """Shows the reconciliation on Prefect's pages: counts and pounds, no values of people."""
    table = [
        {key: str(value) if key.startswith("money") and value is not None else value
         for key, value in vars(count).items()}
        for count in counts
    ]  # fmt: skip
    create_table_artifact(key="reconciliation", table=table, description=f"Reconciliation of run {run.run_id}")


def flush_log() -> None:
    """Returns once the server has the whole log: it may be stopped then."""
    APILogHandler().flush()
