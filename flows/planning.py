"""The plan of the next days, step by step: asked, made, published or waiting for a name, and drawn.

Each step is a plain function that is told by references (hash of a problem, number of a plan) and may be called again;
``flows.schedule`` runs the same function with each step as a task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from ledger.errors import ContractBroken
from scheduling import local_rules, publish, show
from scheduling.horizon import Horizon
from scheduling.problem import LONDON
from scheduling.publish import Asked, Setup
from scheduling.roads.travel import Roads, roads

PAGE = "plan.html"


@dataclass(frozen=True)
class Planning:
    """Where everything is and how it is planned. ``first`` is the first day; None plans from now on."""

    database_url: str
    plans: Path
    docs: Path
    roads: Path | None
    kept_roads: Path
    day_parts: Path | None
    rules: Path | None
    days: int
    iterations: int
    limit_percent: Decimal
    first: date | None = None
    is_test_data: bool = False

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """The hub's database."""
        with psycopg.connect(self.database_url.replace("+psycopg", "", 1), autocommit=True) as connection:
            yield connection

    def horizon(self) -> Horizon:
        """The days to be planned."""
        if self.first:
            return Horizon(self.first, self.days)
        now = datetime.now(LONDON)
        return Horizon(now.date(), self.days, now)

    def ways(self) -> Roads:
        """The roads that are driven on."""
        return roads(self.roads, self.kept_roads, self.day_parts)

    def setup(self) -> Setup:
        """What plans are made with."""
        return Setup(self.plans, self.ways().travel, local_rules.load(self.rules), self.iterations, self.limit_percent)


@dataclass(frozen=True)
class Planned:
    """How it ended. ``is_new``: the plan was made now. ``waits``: why it is not published; empty if it is."""

    plan_id: int
    is_new: bool
    waits: str
    page: Path


def ask(planning: Planning) -> Asked:
    """The problem as it is now, kept."""
    with planning.connection() as connection:
        return publish.ask(connection, planning.setup(), planning.horizon())


def draft(planning: Planning, asked: Asked) -> int:
    """Number of the plan of that problem, checked."""
    with planning.connection() as connection:
        return publish.draft(connection, planning.setup(), asked)


def put_up(planning: Planning, plan_id: int) -> str:
    """Publishes the plan; gives why it waits for a name instead, or nothing."""
    with planning.connection() as connection:
        try:
            publish.publish(connection, planning.setup(), plan_id, publish.HUB)
        except ContractBroken as fault:
            return str(fault)
    return ""


def draw(planning: Planning, plan_id: int | None) -> Path:
    """The page of the plan; of the newest one without a number."""
    with planning.connection() as connection:
        found = publish.kept(connection, planning.plans, plan_id)
    ways = planning.ways().ways
    return show.write(planning.docs / PAGE, found, ways.graph if ways else None, planning.is_test_data)


@dataclass(frozen=True)
class Steps:
    """The steps, plain or as tasks."""

    ask: Callable[[Planning], Asked] = ask
    draft: Callable[[Planning, Asked], int] = draft
    put_up: Callable[[Planning, int], str] = put_up
    draw: Callable[[Planning, int | None], Path] = draw


def plan_ahead(planning: Planning, steps: Steps = Steps()) -> Planned:
    """How it ended to plan those days; a plan that stands is drawn anew and nothing else."""
    asked = steps.ask(planning)
    number = steps.draft(planning, asked)
    waits = steps.put_up(planning, number)
    return Planned(number, asked.is_new, waits, steps.draw(planning, number))
