"""Where the live plan is kept: the published plan, and every event since, by the one desk that may write them.

The desk holds a lock of its database session as long as it lives, and writes in that session alone: a desk that loses
it can write no more, and another one can take over. What is written is on disk before anybody is told of it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, LiteralString, TypeVar
from uuid import UUID

import orjson
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from ledger.errors import ConfigurationFault, ContractBroken, SourceUnavailable
from scheduling import carrying, decisions, keeping
from scheduling.carrying import Carried
from scheduling.decisions import Decision, Undone
from scheduling.events import Booking, Change, Event, Live, Proposal, VisitRow
from scheduling.mileage_watch import plan_hash
from scheduling.plan import Plan
from scheduling.problem import Problem

DESK_LOCK = 0x6465736B
"""Of the database's session that writes the live plan."""
ROLE = "hub_desk"
Row = TypeVar("Row")

HOLDER: LiteralString = """
SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objid = %s AND l.classid = 0
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
KEEP_PLAN: LiteralString = """
INSERT INTO scheduling.plan (status_code, starts_on, days, problem_hash, plan_hash, seed, iterations, jobs, left_out,
    distance_m, written, last_event)
VALUES ('draft', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
SUPERSEDE: LiteralString = (
    "UPDATE scheduling.plan SET status_code = 'superseded' WHERE status_code = 'published' AND id <> %s"
)
PUBLISH: LiteralString = """
UPDATE scheduling.plan SET status_code = 'published', published_at = now(), published_by = %s
WHERE id = %s AND status_code = 'draft' RETURNING id
"""
LIVE: LiteralString = (
    "SELECT id, problem_hash, written, last_event FROM scheduling.plan WHERE status_code = 'published'"
)
EVENTS: LiteralString = """
SELECT number, plan_id, happened_at, kind, done_by, reason, told, change FROM scheduling.event
WHERE plan_id = %s ORDER BY number
"""
APPEND: LiteralString = """
INSERT INTO scheduling.event (number, plan_id, happened_at, kind, done_by, reason, told, change)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
BOOKINGS: LiteralString = """
SELECT id, job_ref, status_code, day, slot, window_start_at, window_end_at, made_by, made_at, expires_at,
    idempotency_key
FROM scheduling.booking WHERE day >= %s OR status_code IN ('held', 'confirmed') ORDER BY made_at, id
"""
BOOK: LiteralString = """
INSERT INTO scheduling.booking (id, job_ref, status_code, day, slot, window_start_at, window_end_at, made_by, made_at,
    expires_at, idempotency_key)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET status_code = excluded.status_code, day = excluded.day, slot = excluded.slot,
    window_start_at = excluded.window_start_at, window_end_at = excluded.window_end_at,
    expires_at = excluded.expires_at
"""
PROPOSALS: LiteralString = """
SELECT id, job_ref, for_ref, why, told, status_code, made_at, decided_at, decided_by FROM scheduling.proposal
WHERE status_code = 'open' ORDER BY id
"""
PROPOSE: LiteralString = """
INSERT INTO scheduling.proposal (id, event_number, job_ref, for_ref, why, told, status_code, made_at, decided_at,
    decided_by)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET status_code = excluded.status_code, decided_at = excluded.decided_at,
    decided_by = excluded.decided_by
"""
UNDER_WAY: LiteralString = """
SELECT job_ref, operative_ref FROM scheduling.visit WHERE role = 0 AND start_at <= %(now)s AND end_at > %(now)s
"""
VISIT_COLUMNS = ("job_ref", "role", "operative_ref", "day", "shift", "sequence", "arrive_at", "start_at", "end_at",
                 "leg_m")  # fmt: skip
ORDER: LiteralString = """
SELECT status_code FROM canonical.work_order WHERE work_order_ref = %s AND ended_run_id IS NULL LIMIT 1
"""

Follower = Callable[[psycopg.Cursor[Any], Event, Sequence[Booking]], None]
"""Writes what follows of an event and the bookings that it changed, in the same transaction."""


class Store:
    """The live plan's rows, written by one desk. ``folder`` has the problems of the plans.

    ``followers`` are called with every event, before it is kept. Raises ConfigurationFault where another desk has the
    lock, by its name.
    """

    def __init__(self, database_url: str, folder: Path) -> None:
        self._folder, self.followers = folder, list[Follower]()
        name = f"hub desk {socket.gethostname()} {os.getpid()}"[:63]
        plain = make_conninfo(database_url.replace("+psycopg", "", 1), application_name=name)
        self._connection = psycopg.connect(plain, autocommit=True)
        taken = self._connection.execute("SELECT pg_try_advisory_lock(%s)", (DESK_LOCK,)).fetchone()
        if taken is None or not taken[0]:
            holder = self._connection.execute(HOLDER, (DESK_LOCK,)).fetchone()
            self._connection.close()
            whose = f"{holder[0]}, since {holder[1]:%Y-%m-%d %H:%M}" if holder else "another program"
            raise ConfigurationFault(
                f"the live plan is already kept by a desk: {whose}.", system="scheduling",
                next_step="Use that one, or stop it first: there is one desk for a database.",
            )  # fmt: skip
        self._connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(ROLE)))
        self._connection.execute("SET timezone = 'UTC'")

    def close(self) -> None:
        """Gives the lock back."""
        self._connection.close()

    def live(self) -> Live:
        """The published plan. Raises ConfigurationFault where there is none."""
        row = self._connection.execute(LIVE).fetchone()
        if row is None:
            raise ConfigurationFault(
                "no plan is published.", system="scheduling",
                next_step="Make one: hub schedule plan; approve it where its miles ask for it: hub schedule approve; "
                "then: hub schedule publish.",
            )  # fmt: skip
        return Live(row[0], keeping.kept(self._folder, row[1]), Plan.from_bytes(bytes(row[2])), row[3])

    def live_id(self) -> int | None:
        """Number of the published plan."""
        row = self._connection.execute("SELECT id FROM scheduling.plan WHERE status_code = 'published'").fetchone()
        return None if row is None else int(row[0])

    def last_number(self) -> int:
        """Number of the last event of all plans; 0 before the first."""
        return self._last("SELECT coalesce(max(number), 0) FROM scheduling.event")

    def events(self, plan_id: int) -> list[Event]:
        """What happened to a plan, in order."""
        with self._connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(EVENTS, (plan_id,)).fetchall()
        return [Event(**{**row, "change": Change.read(row["change"])}) for row in rows]

    def carried(self, starts_at: datetime, now: datetime) -> Carried:
        """What was told of the plan that the last event changed, for one that starts then."""
        return carrying.read(self._connection, starts_at, now)

    def still_open(self, refs: Collection[str]) -> frozenset[str]:
        """Those of the jobs whose order the systems have open still."""
        return carrying.still_open(self._connection, refs)

    def under_way(self, now: datetime) -> dict[str, str]:
        """Who is at which job, as the visits were written last."""
        return dict(self._connection.execute(UNDER_WAY, {"now": now}).fetchall())

    def bookings(self, since: date) -> list[Booking]:
        """Bookings for that day and later, and all that are active."""
        with self._connection.cursor(row_factory=class_row(Booking)) as cursor:
            return cursor.execute(BOOKINGS, (since,)).fetchall()

    def proposals(self) -> list[Proposal]:
        """What waits for somebody's consent."""
        with self._connection.cursor(row_factory=class_row(Proposal)) as cursor:
            return cursor.execute(PROPOSALS).fetchall()

    def fetch(self, kind: type[Row], query: LiteralString, values: Sequence[Any]) -> list[Row]:
        """The rows of a query, each as a value of that kind."""
        with self._connection.cursor(row_factory=class_row(kind)) as cursor:
            return cursor.execute(query, values).fetchall()

    def last_proposal(self) -> int:
        """Number of the last proposal; 0 before the first."""
        return self._last("SELECT coalesce(max(id), 0) FROM scheduling.proposal")

    def decisions(self) -> tuple[Decision, ...]:
        """What planners decided and nobody took back."""
        return decisions.in_force(self._connection)

    def last_decision(self) -> int:
        """Number of the last decision; 0 before the first."""
        return decisions.last_id(self._connection)

    def last_booking(self) -> int:
        """Number of the last booking; 0 before the first."""
        return self._last("SELECT coalesce(max(id), 0) FROM scheduling.booking")

    def _last(self, query: LiteralString) -> int:
        row = self._connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])

    def order_status(self, order_ref: str) -> str | None:
        """Status of an order as the canonical model has it; None where it has no such order."""
        row = self._connection.execute(ORDER, (order_ref,)).fetchone()
        return None if row is None else row[0] or "open"

    def order_ref(self, order_id: UUID) -> str | None:
        """Number of an order by its canonical id."""
        row = self._connection.execute("SELECT work_order_ref FROM canonical.work_order WHERE id = %s", (order_id,))
        found = row.fetchone()
        return None if found is None else found[0]

    def append(
        self, event: Event, bookings: Sequence[Booking], visits: Sequence[VisitRow], shifts: Collection[int] | None,
        proposals: Sequence[Proposal] = (), decided: Sequence[Decision | Undone] = (),
    ) -> None:  # fmt: skip
        """Keeps an event, and with it bookings and the visits of those shifts as they are now (None: of all).

        When it comes back, all of it is on disk. Raises SourceUnavailable where it is not.
        """
        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                cursor.execute(
                    APPEND,
                    (event.number, event.plan_id, event.happened_at, event.kind, event.done_by, event.reason,
                     Jsonb(event.told, dumps=orjson.dumps), Jsonb(event.change.written(), dumps=orjson.dumps)),
                )  # fmt: skip
                for one in bookings:
                    cursor.execute(BOOK, tuple(getattr(one, name) for name in Booking.__dataclass_fields__))
                decisions.keep(cursor, decided)
                for proposal in proposals:
                    cursor.execute(PROPOSE, (
                        proposal.id, event.number, proposal.job_ref, proposal.for_ref, proposal.why,
                        Jsonb(proposal.told, dumps=orjson.dumps), proposal.status_code, proposal.made_at,
                        proposal.decided_at, proposal.decided_by,
                    ))  # fmt: skip
                _put_visits(cursor, visits, shifts)
                for follower in self.followers:
                    follower(cursor, event, bookings)
        except psycopg.Error as error:
            raise SourceUnavailable(
                f"the database did not keep event {event.number}: {type(error).__name__}.", system="scheduling",
                next_step="See that the database is up; the desk starts again with what was kept.",
            ) from None  # fmt: skip


def _put_visits(cursor: psycopg.Cursor[Any], visits: Sequence[VisitRow], shifts: Collection[int] | None) -> None:
    if shifts is None:
        cursor.execute("DELETE FROM scheduling.visit")
    else:
        cursor.execute("DELETE FROM scheduling.visit WHERE shift = ANY(%s)", (list(shifts),))
    if visits:
        columns = sql.SQL(", ").join(map(sql.Identifier, VISIT_COLUMNS))
        with cursor.copy(sql.SQL("COPY scheduling.visit ({}) FROM STDIN").format(columns)) as copy:
            for one in visits:
                copy.write_row(tuple(getattr(one, name) for name in VISIT_COLUMNS))


# -- plans, which are kept and published without the desk ------------------------------------------------------------


def keep_plan(
    connection: psycopg.Connection[Any], folder: Path, problem: Problem, plan: Plan, last_event: int = 0
) -> int:
    """Number of the plan, kept as a draft beside its problem; ``last_event`` is what the problem knew of."""
    name = keeping.keep(problem, folder)
    jobs = len({visit.job for visit in plan.visits})
    values = (problem.starts_at.date(), problem.days, name, plan_hash(plan), plan.seed, plan.iterations, jobs,
              len(plan.left_out), plan.distance_m, plan.to_bytes(), last_event)  # fmt: skip
    row = connection.execute(KEEP_PLAN, values).fetchone()
    assert row is not None
    return int(row[0])


def publish(connection: psycopg.Connection[Any], plan_id: int, by: str) -> None:
    """Makes a draft the live plan; the desk takes it up. Raises ContractBroken where it is no draft."""
    with connection.transaction():
        connection.execute(SUPERSEDE, (plan_id,))
        if connection.execute(PUBLISH, (by, plan_id)).fetchone() is None:
            raise ContractBroken(
                "it is no draft.", system="scheduling", place=f"plan {plan_id}", next_step="Publish a draft."
            )
