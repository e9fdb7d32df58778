"""Deployments on the Prefect server: one a system on its schedule, one for all, so that its pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect import flow
from prefect import serve as serve_flows

from connectors.opening import Connection
from flows import runs
from flows.orchestrate import migrate


def serve(
    database_url: str,
    folder: Path,
    landing: Path,
    reached: Mapping[str, Connection],
    schedules: Mapping[str, str | None],
) -> None:
    """Serves a deployment for each system and one for all of them until it is interrupted.

    Connections stay in this process: what Prefect keeps of a deployment is the system's name and its schedule.
    """

    @flow(name="nightly delta")
    def delta(systems: list[str]) -> bool:
        """Migrates what changed in these systems since the last run; false where the books do not close."""
        run = runs.begin(database_url, folder, landing)
        closes = runs.finish(run, migrate(run, {name: reached[name] for name in systems}))
        if not closes:
            raise RuntimeError(f"Run {run.run_id} does not close. Next step: hub reconcile --run {run.run_id}")
        return closes

    deployments: list[Any] = [
        delta.to_deployment(name=name, cron=schedule, parameters={"systems": [name]}, tags=["housing-hub"])
        for name, schedule in schedules.items()
    ]
    deployments.append(delta.to_deployment(name="all systems", parameters={"systems": list(reached)}))
    serve_flows(*deployments, pause_on_shutdown=False)
