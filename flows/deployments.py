"""Deployments on the Prefect server: one for each schedule, one for all systems, so that its pages show them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import httpx
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.runner import Runner
from prefect.schedules import Cron, Schedule
from prefect.states import Crashed

from connectors.opening import LONDON, Connection
from flows import golden, mirrors, runs, schedule
from flows.mirrors import Mirroring
from flows.orchestrate import limit_of, migrate, resolve
from flows.planning import Planning
from services.interrupts import stop_at_the_first, unheard

ALL = "all systems"
TAG = "housing-hub"

SERVED = "HOUSING_HUB_SERVED"
"""The environment variable by which a scheduled run, a process of its own, is told where everything is."""


@flow(name="nightly delta")
def delta(systems: list[str]) -> None:
    """Migrates what changed in these systems since the last run. Raises RuntimeError where the books do not close."""
    os.setpgid(0, 0)  # with its workers to come, so that they can be ended together
    served = json.loads(os.environ[SERVED])
    run = runs.begin(served["database_url"], Path(served["folder"]), Path(served["landing"]))
    results = migrate(run, {name: _connection(served["reached"][name]) for name in systems})
    closes = runs.finish(run, results)
    resolution = golden.standing(run) or resolve(run)
    if not resolution.skipped:
        runs.publish_identity(run, resolution)
    runs.publish(run, results)
    print(f"Run {run.run_id}: {', '.join(systems)}: {'the books close' if closes else 'NOT CLOSED'}", flush=True)
    if not closes:
        raise RuntimeError(f"Run {run.run_id} does not close. Next step: hub reconcile --run {run.run_id}")
    if resolution.fault:
        raise RuntimeError(f"Run {run.run_id} published no golden record. {resolution.fault}")


def serve(
    database_url: str,
    folder: Path,
    landing: Path,
    reached: Mapping[str, Connection],
    schedules: Mapping[str, str | None],
    planning: Planning | None = None,
    plans_at: str | None = None,
    mirroring: Mirroring | None = None,
    mirrors_at: str | None = None,
) -> None:
    """Serves a deployment for each schedule, one for all systems, one of plans (``planning``), one of the mirror
    (``mirroring``), until SIGINT or SIGTERM.

    Systems of one schedule run together, so that those which others refer to come first; a system without one is
    served alone. What Prefect keeps of a deployment is the systems' names and the schedule, in London's time;
    connections and their secrets pass to its runs in the environment of this process alone.
    """
    connections = {name: asdict(connection) for name, connection in reached.items()}
    served = {"database_url": database_url, "folder": folder, "landing": landing, "reached": connections}
    os.environ[SERVED] = json.dumps(served, default=str)
    planned = _planned(schedules)
    more = [*([schedule.NAME] if planning else []), *([mirrors.NAME] if mirroring else [])]
    _tidy(reached, [*more, *(name for name, _, _ in planned)])
    runner = Runner(pause_on_shutdown=False)
    for name, systems, when in planned:
        made: Any = delta.to_deployment(name=name, schedule=_cron(when), parameters={"systems": systems}, tags=[TAG])
        runner.add_deployment(made)
    if planning:
        os.environ[schedule.PLANNED] = schedule.written(planning)
        made = schedule.night.to_deployment(name=schedule.NAME, schedule=_cron(plans_at), tags=[TAG])
        runner.add_deployment(made)
    if mirroring:
        os.environ[mirrors.MIRRORED] = mirrors.written(mirroring)
        made = mirrors.night.to_deployment(name=mirrors.NAME, schedule=_cron(mirrors_at), tags=[TAG])
        runner.add_deployment(made)
    stop_at_the_first()
    resource_tracker.ensure_running()  # whoever starts it gets SIGINT unblocked
    over: Future[None] = Future()
    with ThreadPoolExecutor(1, "runner") as thread, suppress(KeyboardInterrupt):
        try:
            with unheard():
                serving = thread.submit(asyncio.run, _serve_until(over, runner))
            serving.result()
        finally:
            over.set_result(None)
    with suppress(httpx.HTTPError), get_client(sync_client=True) as client:  # else the next start tells it
        _tell_of_cut_off_runs(client)


def _cron(when: str | None) -> Schedule | None:
    return Cron(when, timezone=LONDON.key) if when else None


async def _serve_until(over: Future[None], runner: Runner) -> None:
    """Runs the runner until ``over``, then ends what it started: Prefect would wait until its runs are done."""
    serving = asyncio.create_task(runner.start())
    await asyncio.wait({serving, asyncio.wrap_future(over)}, return_when=asyncio.FIRST_COMPLETED)
    _end_runs()
    serving.cancel()
    while not serving.done():
        _end_runs()  # one may have begun meanwhile
        await asyncio.wait({serving}, timeout=0.1)
    with suppress(asyncio.CancelledError):
        serving.result()


def _end_runs() -> None:
    """Ends the processes of all runs under way, first each run's own, so that it starts no more of them."""
    for run in _runs_under_way():
        with suppress(ProcessLookupError):
            os.kill(run, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.killpg(run, signal.SIGKILL)


def _runs_under_way() -> list[int]:
    """The runs among this process's children; Prefect starts each as an engine of its own."""
    children = [int(pid) for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()]
    return [pid for pid in children if b"prefect.engine" in _command(pid)]


def _command(pid: int) -> list[bytes]:
    """The process's command line; empty where it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []


def _tell_of_cut_off_runs(client: SyncPrefectClient) -> None:
    """Marks our runs that nothing works on any more as crashed: they would be shown as running for ever."""
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING]))
    ours = FlowRunFilter(state=state, tags=FlowRunFilterTags(all_=[TAG]))
    for run in client.read_flow_runs(flow_run_filter=ours):
        part = FlowRunFilter(state=state, parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[run.id]))
        for each in (*client.read_flow_runs(flow_run_filter=part), run):
            client.set_flow_run_state(each.id, Crashed(message="The hub was stopped in its midst."), force=True)


def _planned(schedules: Mapping[str, str | None]) -> list[tuple[str, list[str], str | None]]:
    """Name, systems and schedule of each deployment."""
    together: dict[str, list[str]] = {}
    for name, when in schedules.items():
        together.setdefault(when or f"none of {name}", []).append(name)
    planned = [(", ".join(systems), systems, schedules[systems[0]]) for systems in together.values()]
    return [*planned, (ALL, list(schedules), None)]


def _tidy(systems: Mapping[str, Connection], planned: Sequence[str]) -> None:
    """Lets one run of each system after the other go on, and removes deployments of earlier settings."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    with get_client(sync_client=True) as client:
        _tell_of_cut_off_runs(client)
        for name in systems:
            client.upsert_global_concurrency_limit_by_name(limit_of(name), 1)
        for deployment in client.read_deployments(deployment_filter=ours):
            if deployment.name not in planned:
                client.delete_deployment(deployment.id)


def _connection(told: dict[str, Any]) -> Connection:
    today = told["today"] and date.fromisoformat(told["today"])
    return Connection(**{**told, "inbox": Path(told["inbox"]), "today": today})
