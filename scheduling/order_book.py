"""Orders and visits as callers in place of the old scheduler know them: by its numbers, which stay when visits move.

What a visit is now - held, promised, when, by whom - the desk knows; here is only what the desk has no word for.
An order that the hub has from the council's systems gets its numbers when it is first asked about: the old scheduler's
where it gave one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import orjson
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from canonical_model import ordering
from scheduling.store import ROLE

ORDER: LiteralString = """
SELECT id, order_ref, contract_ref, location_ref, latitude, longitude, priority, target_at, user_ref, lines,
    status_code, raised_by
FROM scheduling.caller_order WHERE deleted_at IS NULL
"""
VISIT: LiteralString = """
SELECT id, order_id, job_ref, reason, minutes, is_emergency, life_cycle, user_ref
FROM scheduling.caller_booking WHERE deleted_at IS NULL
"""
TAKE_OVER: LiteralString = f"""
INSERT INTO scheduling.caller_order (id, order_ref, contract_ref, location_ref, priority, target_at, user_ref, lines,
    status_code)
SELECT coalesce(k.old_id, nextval('scheduling.caller_order_id_seq')::integer), k.order_ref, %(contract)s,
    coalesce(k.location_ref, ''), coalesce(k.priority_code, ''), coalesce(k.target_at, now()), 'hub', k.lines, 'PLANNED'
FROM ({ordering.ORDERS}) k
WHERE NOT EXISTS (SELECT FROM scheduling.caller_order o WHERE o.order_ref = k.order_ref AND o.deleted_at IS NULL
    OR o.id = k.old_id)
ON CONFLICT DO NOTHING
"""  # noqa: S608 - both parts are the hub's own text
NUMBER: LiteralString = f"""
INSERT INTO scheduling.caller_booking (id, order_id, job_ref, reason, is_emergency, user_ref)
SELECT coalesce(CASE WHEN j.job_ref = j.first_ref THEN b.old_id END,
    nextval('scheduling.caller_booking_id_seq')::integer), o.id, j.job_ref,
    CASE WHEN j.job_ref = j.first_ref THEN 'first' ELSE 'follow on' END, j.is_emergency, o.user_ref
FROM unnest(%(jobs)s::text[], %(orders)s::text[], %(firsts)s::text[], %(emergencies)s::boolean[])
    j (job_ref, order_ref, first_ref, is_emergency)
JOIN scheduling.caller_order o ON o.order_ref = j.order_ref AND o.deleted_at IS NULL
LEFT JOIN ({ordering.BOOKED}) b ON b.order_ref = j.order_ref
    AND NOT EXISTS (SELECT FROM scheduling.caller_booking c WHERE c.id = b.old_id)
WHERE NOT EXISTS (SELECT FROM scheduling.caller_booking c WHERE c.job_ref = j.job_ref AND c.deleted_at IS NULL)
ON CONFLICT DO NOTHING
"""  # noqa: S608 - both parts are the hub's own text
ADD: LiteralString = """
INSERT INTO scheduling.caller_order (order_ref, contract_ref, location_ref, latitude, longitude, priority, target_at,
    user_ref, lines, status_code, raised_by)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'PLANNED', %s) RETURNING id
"""
AMEND: LiteralString = """
UPDATE scheduling.caller_order SET contract_ref = %s, location_ref = %s, latitude = %s, longitude = %s, priority = %s,
    target_at = %s, user_ref = %s, lines = %s, status_code = %s, raised_by = %s
WHERE id = %s
"""
TELL_CODE: LiteralString = """
INSERT INTO scheduling.caller_code (sor_code, trade_ref, minutes, told_by) VALUES (%s, %s, %s, %s)
ON CONFLICT (sor_code) DO UPDATE
SET trade_ref = excluded.trade_ref, minutes = excluded.minutes, told_by = excluded.told_by, told_at = now()
"""

GIVE_UP: LiteralString = """
UPDATE scheduling.confirmation c SET given_up_at = now()
WHERE sent_at IS NULL AND given_up_at IS NULL AND (window_end_at < %s OR EXISTS (
    SELECT FROM scheduling.confirmation later WHERE later.job_ref = c.job_ref AND later.id > c.id))
"""
DUE: LiteralString = """
SELECT id, job_ref, window_start_at, window_end_at, changed_at FROM scheduling.confirmation c
WHERE sent_at IS NULL AND given_up_at IS NULL AND next_at <= now() ORDER BY id LIMIT 1
"""
SENT: LiteralString = "UPDATE scheduling.confirmation SET sent_at = now(), problem = NULL WHERE id = %s"
NOT_SENT: LiteralString = """
UPDATE scheduling.confirmation SET attempts = attempts + 1, problem = %s,
    next_at = now() + least(power(2, attempts), 3600) * interval '1 second'
WHERE id = %s
"""


@dataclass(frozen=True)
class Order:
    """An order. ``lines``: sor_code, quantity, minutes (of the whole line) and trade_ref, as they were told."""

    id: int
    order_ref: str
    contract_ref: str
    location_ref: str
    latitude: float | None
    longitude: float | None
    priority: str
    target_at: datetime
    user_ref: str
    lines: list[dict[str, Any]]
    status_code: str
    raised_by: str | None


@dataclass(frozen=True)
class Visit:
    """A visit by its number. ``minutes`` is the caller's own estimate; ``life_cycle`` where it stands, as told last."""

    id: int
    order_id: int
    job_ref: str
    reason: str
    minutes: int | None
    is_emergency: bool
    life_cycle: str | None
    user_ref: str


@dataclass(frozen=True)
class Home:
    """Where a home is; degrees or metres may be missing."""

    latitude: float | None
    longitude: float | None
    easting_m: float | None
    northing_m: float | None
    area: str | None
    is_in_block: bool


@dataclass(frozen=True)
class Item:
    """An item of the schedule of rates: ``is_skill`` where operatives are given it one by one."""

    sor_code: str
    trade_ref: str | None
    minutes: float | None
    crew: int
    is_skill: bool


@dataclass(frozen=True)
class Due:
    """A booking that the housing system is to be told of."""

    id: int
    job_ref: str
    window_start_at: datetime
    window_end_at: datetime
    changed_at: datetime


class OrderBook:
    """The rows, over a connection of its own. ``contract`` and ``old_scheduler`` are those of what the hub had."""

    def __init__(self, database_url: str, contract: str, old_scheduler: str) -> None:
        self._contract, self._old_scheduler = contract, old_scheduler
        plain = make_conninfo(database_url.replace("+psycopg", "", 1), application_name="hub order book")
        self._connection = psycopg.connect(plain, autocommit=True)
        self._connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(ROLE)))
        self._connection.execute("SET timezone = 'UTC'")

    def close(self) -> None:
        """Gives the connection back."""
        self._connection.close()

    # -- orders -------------------------------------------------------------------------------------------------

    def orders(self, refs: Collection[str]) -> dict[str, Order]:
        """The orders of those numbers that there are; ones that the hub has from elsewhere are taken over."""
        named = {"refs": list(refs), "contract": self._contract, "scheduler": self._old_scheduler}
        if not refs:
            return {}
        self._connection.execute(TAKE_OVER, named)
        return {one.order_ref: one for one in self._orders(f"{ORDER} AND order_ref = ANY(%s)", (list(refs),))}

    def orders_at(self, locations: Collection[str]) -> list[Order]:
        """The orders at those places that callers asked about before or raised."""
        return self._orders(f"{ORDER} AND location_ref = ANY(%s) ORDER BY id", (list(locations),))

    def add(self, order: Order) -> Order:
        """The order with its number."""
        row = self._connection.execute(ADD, (
            order.order_ref, order.contract_ref, order.location_ref, order.latitude, order.longitude, order.priority,
            order.target_at, order.user_ref, _json(order.lines), order.raised_by,
        )).fetchone()  # fmt: skip
        assert row is not None
        return self._order(row[0])

    def amend(self, order: Order) -> Order:
        """The order as it is from now on."""
        self._connection.execute(AMEND, (
            order.contract_ref, order.location_ref, order.latitude, order.longitude, order.priority, order.target_at,
            order.user_ref, _json(order.lines), order.status_code, order.raised_by, order.id,
        ))  # fmt: skip
        return self._order(order.id)

    def delete(self, order: Order) -> None:
        """Forgets an order and its visits; their numbers are not given again."""
        with self._connection.transaction():
            self._connection.execute("UPDATE scheduling.caller_order SET deleted_at = now() WHERE id = %s", (order.id,))
            self._connection.execute(
                "UPDATE scheduling.caller_booking SET deleted_at = now() WHERE order_id = %s AND deleted_at IS NULL",
                (order.id,),
            )

    # -- visits -------------------------------------------------------------------------------------------------

    def number(self, jobs: Iterable[tuple[str, str, bool]]) -> None:
        """Gives numbers to visits that have none: job, its order, whether it is an emergency, in the order's order."""
        rows, first = list(jobs), dict[str, str]()
        for job_ref, order_ref, _ in rows:
            first.setdefault(order_ref, job_ref)
        if not rows:
            return
        self._connection.execute(NUMBER, {
            "jobs": [row[0] for row in rows], "orders": [row[1] for row in rows],
            "firsts": [first[row[1]] for row in rows], "emergencies": [row[2] for row in rows], "refs": list(first),
        })  # fmt: skip

    def visits(self, orders: Collection[int]) -> list[Visit]:
        """The visits of those orders."""
        return self._visits(f"{VISIT} AND order_id = ANY(%s) ORDER BY id", (list(orders),))

    def ever(self, order: Order) -> int:
        """How many visits the order has had, deleted ones too."""
        row = self._connection.execute(
            "SELECT count(*) FROM scheduling.caller_booking WHERE order_id = %s", (order.id,)
        ).fetchone()
        return 0 if row is None else int(row[0])

    def visits_of(self, job_refs: Collection[str]) -> dict[str, Visit]:
        """The visits of those jobs that have numbers."""
        return {one.job_ref: one for one in self._visits(f"{VISIT} AND job_ref = ANY(%s)", (list(job_refs),))}

    def visit(self, number: int) -> tuple[Visit, Order] | None:
        """The visit of that number, with its order."""
        found = self._visits(f"{VISIT} AND id = %s", (number,))
        return (found[0], self._order(found[0].order_id)) if found else None

    def tell(self, visit: Visit, **changes: Any) -> None:
        """Keeps what a caller told of a visit: any of minutes, is_emergency, life_cycle, user_ref and reason."""
        columns = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in changes)
        statement = sql.SQL("UPDATE scheduling.caller_booking SET {} WHERE id = %s").format(columns)
        self._connection.execute(statement, (*changes.values(), visit.id))

    def delete_visit(self, visit: Visit) -> None:
        """Forgets a visit; its number is not given again."""
        self._connection.execute("UPDATE scheduling.caller_booking SET deleted_at = now() WHERE id = %s", (visit.id,))

    # -- what the housing system is told -----------------------------------------------------------------------

    def due_confirmation(self, now: datetime) -> Due | None:
        """The next that is to be sent; what is over by then, or was overtaken, is given up."""
        self._connection.execute(GIVE_UP, (now,))
        with self._connection.cursor(row_factory=class_row(Due)) as cursor:
            return cursor.execute(DUE).fetchone()

    def confirmed(self, number: int, problem: str | None) -> None:
        """Notes that a confirmation was taken, or why not: the next attempt waits twice as long, an hour at most."""
        if problem is None:
            self._connection.execute(SENT, (number,))
        else:
            self._connection.execute(NOT_SENT, (problem, number))

    # -- what they are made of ----------------------------------------------------------------------------------

    def home(self, location_ref: str) -> Home | None:
        """Where that home is, as the hub knows it."""
        with self._connection.cursor(row_factory=class_row(Home)) as cursor:
            return cursor.execute(ordering.HOME, (location_ref,)).fetchone()

    def items(self, codes: Collection[str]) -> dict[str, Item]:
        """The items of those codes that the schedule of rates has, in the times that callers told where they did."""
        with self._connection.cursor(row_factory=class_row(Item)) as cursor:
            found = {one.sor_code: one for one in cursor.execute(ordering.ITEMS, (list(codes),))}
        told = self._connection.execute(
            "SELECT sor_code, trade_ref, minutes FROM scheduling.caller_code WHERE sor_code = ANY(%s)", (list(codes),)
        ).fetchall()
        for code, trade_ref, minutes in told:
            known = found.get(code, Item(code, None, None, 1, False))
            found[code] = Item(code, trade_ref or known.trade_ref, float(minutes), known.crew, known.is_skill)
        return found

    def tell_code(self, sor_code: str, trade_ref: str | None, minutes: int, by: str) -> None:
        """Keeps the time of a code for orders that callers raise from now on."""
        self._connection.execute(TELL_CODE, (sor_code, trade_ref, minutes, by))

    def away(self, first: datetime, last: datetime) -> list[tuple[str, datetime, datetime]]:
        """operative_ref, start and end of absences between the two instants."""
        return self._connection.execute(ordering.AWAY, {"first": first, "last": last}).fetchall()

    def _order(self, number: int) -> Order:
        (found,) = self._orders(f"{ORDER} AND id = %s", (number,))
        return found

    def _orders(self, query: LiteralString, values: Sequence[Any]) -> list[Order]:
        with self._connection.cursor(row_factory=class_row(Order)) as cursor:
            return cursor.execute(query, values).fetchall()

    def _visits(self, query: LiteralString, values: Sequence[Any]) -> list[Visit]:
        with self._connection.cursor(row_factory=class_row(Visit)) as cursor:
            return cursor.execute(query, values).fetchall()


def _json(value: Any) -> Jsonb:
    return Jsonb(value, dumps=orjson.dumps)
