"""Deployments on the Prefect server: one a system on its schedule, one for all, so that its pages show them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow
from prefect import serve as serve_flows

from connectors.opening import Connection
from flows import runs
from flows.orchestrate import migrate

SERVED = "HOUSING_HUB_SERVED"
"""The environment variable by which a scheduled run, a process of its own, is told where everything is."""


@flow(name="nightly delta")
def delta(systems: list[str]) -> None:
    """Migrates what changed in these systems since the last run. Raises RuntimeError where the books do not close."""
    served = json.loads(os.environ[SERVED])
    run = runs.begin(served["database_url"], Path(served["folder"]), Path(served["landing"]))
    reached = {name: _connection(served["reached"][name]) for name in systems}
    if not runs.finish(run, migrate(run, reached)):
        raise RuntimeError(f"Run {run.run_id} does not close. Next step: hub reconcile --run {run.run_id}")


def serve(
    database_url: str,
    folder: Path,
    landing: Path,
    reached: Mapping[str, Connection],
    schedules: Mapping[str, str | None],
) -> None:
    """Serves a deployment for each system and one for all of them until it is interrupted.

    What Prefect keeps of a deployment is the systems' names and the schedule; connections and their secrets
    pass to its runs in the environment of this process alone.
    """
    connections = {name: asdict(connection) for name, connection in reached.items()}
    served = {"database_url": database_url, "folder": folder, "landing": landing, "reached": connections}
    os.environ[SERVED] = json.dumps(served, default=str)
    deployments: list[Any] = [
        delta.to_deployment(name=name, cron=schedule, parameters={"systems": [name]}, tags=["housing-hub"])
        for name, schedule in schedules.items()
    ]
    deployments.append(delta.to_deployment(name="all systems", parameters={"systems": list(reached)}))
    serve_flows(*deployments, pause_on_shutdown=False)


def _connection(told: dict[str, Any]) -> Connection:
    today = told["today"] and date.fromisoformat(told["today"])
    return Connection(**{**told, "inbox": Path(told["inbox"]), "today": today})
