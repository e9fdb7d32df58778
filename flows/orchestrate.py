"""The migration under Prefect: the same function, each step a task, systems side by side in two processes.

Between tasks travel references to batches, never rows: no personal data rests in the orchestrator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.logging.handlers import APILogHandler
from prefect.task_runners import ProcessPoolTaskRunner

from connectors.opening import Connection
from flows import stages
from flows.migrate import Steps, SystemResult, migrate_system
from flows.runs import in_order
from flows.stages import Run, mapping_of
from ledger.errors import Transient
from ledger.values import TableCount

WORKERS = 2


def _is_transient(_task: object, _run: object, state: State[Any]) -> bool:
    return isinstance(state.data, Transient) or isinstance(getattr(state.data, "exception", None), Transient)


def _task(function: Callable[..., Any], name: str, of: str, **options: Any) -> Callable[..., Any]:
    """The function as a task that keeps nothing: neither its result nor a cache of it."""
    wrapped: Any = task  # its overloads do not know options in a mapping
    made: Callable[..., Any] = wrapped(
        function, name=name, task_run_name=f"{name} {of}", cache_policy=NO_CACHE, persist_result=False, **options
    )
    return made


OF_TABLE = "{landed.system} {landed.table}"
TASKS = Steps(
    land=_task(
        stages.land_table, "land", "{table.system} {table.name}", retries=2, retry_delay_seconds=[1, 5],
        retry_condition_fn=_is_transient,
    ),
    gate=_task(stages.gate_table, "gate", OF_TABLE),
    compare=_task(stages.compare_table, "compare", OF_TABLE),
    load=_task(
        stages.load_partition, "load", "{partition.landed.system} {partition.landed.table} {partition.part}"
    ),
    close=_task(stages.close_table, "close", OF_TABLE),
    check=_task(stages.check_system, "check", "{system}"),
    reconcile=_task(stages.reconcile_system, "reconcile", "{system}"),
)  # fmt: skip


def migrate_one(run: Run, name: str, connection: Connection) -> SystemResult:
    """One system, with every step of it as a task."""
    return migrate_system(run, name, connection, TASKS)


MIGRATE_ONE: Any = _task(migrate_one, "migrate", "{name}")
RUNNER: Any = ProcessPoolTaskRunner(max_workers=WORKERS)


@flow(name="migrate", task_runner=RUNNER, validate_parameters=False)
def migrate(run: Run, connections: Mapping[str, Connection]) -> list[SystemResult]:
    """All systems, those that others refer to first, and the reconciliation as an artifact."""
    waiting: dict[str, PrefectFuture[SystemResult]] = {}
    for name in in_order(connections):
        after = [waiting[other] for other in mapping_of(name).spec.after if other in waiting]
        waiting[name] = MIGRATE_ONE.submit(run, name, connections[name], wait_for=after)
    results = [future.result() for future in waiting.values()]
    keep_artifact(run, [count for result in results for count in result.counts])
    return results


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
