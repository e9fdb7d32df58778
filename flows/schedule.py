"""The plan of the next days under Prefect: ``flows.planning`` with each of its steps as a task.

Between tasks travel the hash of a problem and the number of a plan: Prefect keeps nothing of who is where.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from prefect import flow

from flows import planning
from flows.faults import only_hub_faults
from flows.orchestrate import RETRIES, _task
from flows.planning import Planned, Planning, Steps

NAME = "plan the next days"
PLANNED = "HOUSING_HUB_PLANNING"
"""The environment variable by which a scheduled run, a process of its own, is told how plans are made."""

STEPS = Steps(
    ask=_task(only_hub_faults()(planning.ask), "ask", "for the problem", **RETRIES),
    draft=_task(only_hub_faults()(planning.draft), "plan", "{asked.problem_hash}", **RETRIES),
    put_up=_task(only_hub_faults()(planning.put_up), "publish", "plan {plan_id}", **RETRIES),
    draw=_task(only_hub_faults()(planning.draw), "draw", "plan {plan_id}", **RETRIES),
)
"""A step does nothing anew that stands: each may be called again."""


def plan_ahead(told: Planning) -> Planned:
    """How it ended to plan those days, as a flow of its own."""

    @flow(name=NAME)
    def plan_the_next_days(first: str, days: int) -> Planned:
        return planning.plan_ahead(told, STEPS)

    return plan_the_next_days(str(told.horizon().starts_on), told.days)


@flow(name="nightly plan")
def night() -> None:
    """Plans the next days. Raises RuntimeError where the plan waits for a person: the night's run is marked."""
    os.setpgid(0, 0)  # with its processes to come, so that they can be ended together
    planned = plan_ahead(read(os.environ[PLANNED]))
    print(f"Plan {planned.plan_id}: {planned.waits or 'published'}", flush=True)
    if planned.waits:
        raise RuntimeError(f"Plan {planned.plan_id} is not published. {planned.waits}")


def written(told: Planning) -> str:
    """What ``read`` reads."""
    return json.dumps(asdict(told), default=str)


def read(text: str) -> Planning:
    """The planning that ``written`` wrote."""
    told: dict[str, Any] = json.loads(text)
    for name in ("plans", "docs", "roads", "kept_roads", "day_parts", "rules"):
        told[name] = told[name] and Path(told[name])
    told["first"] = told["first"] and date.fromisoformat(told["first"])
    return Planning(**{**told, "limit_percent": Decimal(told["limit_percent"])})
