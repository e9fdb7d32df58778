"""A council day that goes on: a published plan of 250 operatives, its desk over a database, and a clock that is set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psycopg

from benchmarks.scheduling.council import council_day
from canonical_model.schema import migrate
from scheduling.desk import Desk
from scheduling.devices import Devices
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.faults import sound
from scheduling.plan import Plan
from scheduling.problem import Job, Place, Priority, Problem, Role
from scheduling.store import Store, keep_plan, publish
from services.databases import create_database, drop_database
from services.postgres import Postgres

SIZE = "250x1250"
ONE_CREW_IN = 20


class Clock:
    """Shows the time that it was set to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def planned_day(seed: int, cpu_s: float) -> tuple[Problem, Plan]:
    """A council day and its plan."""
    day = sound(council_day(SIZE, seed))
    return day, solve(day, Stop(cpu_s=cpu_s), seed)


@contextmanager
def live(day: Problem, plan: Plan) -> Iterator[tuple[Desk, Clock, str, Path]]:
    """The desk over the plan, in a database of its own, which goes again."""
    with TemporaryDirectory() as folder, Postgres(Path(folder) / "postgres") as root:
        url = create_database(root, "hub_live_day")
        try:
            migrate(url)
            with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
                publish(connection, keep_plan(connection, Path(folder), day, plan), "benchmark")
            clock = Clock(day.starts_at + timedelta(hours=7))
            desk = Desk(Store(url, Path(folder)), clock)
            Devices(desk)
            yield desk, clock, url, Path(folder)
            desk.store.close()
        finally:
            drop_database(root, "hub_live_day")


def emergencies_of(day: Problem, count: int, seed: int) -> list[tuple[datetime, Job, Place]]:
    """So many emergencies between half past seven and three, like the day's own jobs in place, trade and minutes.

    One in twenty asks for two people of its trade, where there are as many.
    """
    rng = np.random.default_rng([seed, count])
    alike = rng.integers(0, len(day.jobs), count).tolist()
    minutes = np.sort(rng.integers(7 * 60 + 30, 15 * 60, count)).tolist()
    team = Counter(trade for one in day.operatives for trade in one.proficiency_percent)
    found = []
    for number, (minute, one) in enumerate(zip(minutes, alike, strict=True)):
        role = Role(day.jobs[one].roles[0].trade)
        members = 2 if number % ONE_CREW_IN == 0 and team[role.trade] > 1 else 1
        job = Job(f"EMERGENCY-{number}", 0, (role,) * members, int(rng.integers(2, 7)) * 600, Priority.EMERGENCY)
        found.append((day.starts_at + timedelta(minutes=minute), job, day.places[day.jobs[one].place]))
    return found
