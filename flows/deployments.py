"""Deployments on the Prefect server: one for each schedule, one for all systems, so that its pages show them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.runner import Runner
from prefect.schedules import Cron

from connectors.opening import LONDON, Connection
from flows import runs
from flows.orchestrate import limit_of, migrate

ALL = "all systems"
TAG = "housing-hub"

SERVED = "HOUSING_HUB_SERVED"
"""The environment variable by which a scheduled run, a process of its own, is told where everything is."""


@flow(name="nightly delta")
def delta(systems: list[str]) -> None:
    """Migrates what changed in these systems since the last run. Raises RuntimeError where the books do not close."""
    served = json.loads(os.environ[SERVED])
    run = runs.begin(served["database_url"], Path(served["folder"]), Path(served["landing"]))
    results = migrate(run, {name: _connection(served["reached"][name]) for name in systems})
    closes = runs.finish(run, results)
    runs.publish(run, results)
    print(f"Run {run.run_id}: {', '.join(systems)}: {'the books close' if closes else 'NOT CLOSED'}", flush=True)
    if not closes:
        raise RuntimeError(f"Run {run.run_id} does not close. Next step: hub reconcile --run {run.run_id}")


def serve(
    database_url: str,
    folder: Path,
    landing: Path,
    reached: Mapping[str, Connection],
    schedules: Mapping[str, str | None],
) -> None:
    """Serves a deployment for each schedule and one for all systems until SIGINT or SIGTERM.

    Systems of one schedule run together, so that those which others refer to come first; a system without one is
    served alone. What Prefect keeps of a deployment is the systems' names and the schedule, in London's time;
    connections and their secrets pass to its runs in the environment of this process alone.
    """
    connections = {name: asdict(connection) for name, connection in reached.items()}
    served = {"database_url": database_url, "folder": folder, "landing": landing, "reached": connections}
    os.environ[SERVED] = json.dumps(served, default=str)
    os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = (
        "CRITICAL"  # runs: what they did is one line, the log on the pages
    )
    planned = _planned(schedules)
    _tidy(reached, [name for name, _, _ in planned])
    runner = _Runner(pause_on_shutdown=False)
    for name, systems, schedule in planned:
        cron = Cron(schedule, timezone=LONDON.key) if schedule else None
        made: Any = delta.to_deployment(name=name, schedule=cron, parameters={"systems": systems}, tags=[TAG])
        runner.add_deployment(made)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins with it ignored
    with suppress(KeyboardInterrupt):
        asyncio.run(runner.start())


class _Runner(Runner):
    """Prefect's runner, which ends on SIGTERM as it does on Ctrl-C; its own way leaves a stack trace."""

    def handle_sigterm(self, *_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)


def _planned(schedules: Mapping[str, str | None]) -> list[tuple[str, list[str], str | None]]:
    """Name, systems and schedule of each deployment."""
    together: dict[str, list[str]] = {}
    for name, schedule in schedules.items():
        together.setdefault(schedule or f"none of {name}", []).append(name)
    planned = [(", ".join(systems), systems, schedules[systems[0]]) for systems in together.values()]
    return [*planned, (ALL, list(schedules), None)]


def _tidy(systems: Mapping[str, Connection], planned: Sequence[str]) -> None:
    """Lets one run of each system after the other go on, and removes deployments of earlier settings."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    with get_client(sync_client=True) as client:
        for name in systems:
            client.upsert_global_concurrency_limit_by_name(limit_of(name), 1)
        for deployment in client.read_deployments(deployment_filter=ours):
            if deployment.name not in planned:
                client.delete_deployment(deployment.id)


def _connection(told: dict[str, Any]) -> Connection:
    today = told["today"] and date.fromisoformat(told["today"])
    return Connection(**{**told, "inbox": Path(told["inbox"]), "today": today})
