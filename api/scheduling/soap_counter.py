"""What the scheduler's operations have in common: who is asked, what was sent, which order and visit are meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scheduling.calendars import seconds_after
from scheduling.callers import Raising, Wish
from scheduling.desk import Desk, Refused
from scheduling.events import VisitRow
from scheduling.offers import Rules
from scheduling.order_book import Order, OrderBook, Visit
from scheduling.problem import Job, Priority

Values = dict[str, Any]
LONGEST_REF, MOST_MINUTES, MOST = 40, 24 * 60, 100_000
"""Characters of an order's number; minutes of a visit; any other number that is told."""


@dataclass(frozen=True)
class Counter:
    """Where callers in place of the old scheduler are served; used by the desk's thread alone."""

    desk: Desk
    book: OrderBook
    raising: Raising
    rules: Rules

    def order(self, ref: str | None) -> Order:
        """The order of that number. Raises Refused."""
        found = self.book.orders([ref]).get(ref) if ref else None
        if found is None:
            raise Refused("unknown-order", "There is no such order", "Create it first.")
        return found

    def visit(self, named: Mapping[str, Any]) -> tuple[Visit, Order]:
        """The visit of that bookingId, with its order; of an order that has one alone, by the order's number too."""
        number = named.get("bookingId")
        if isinstance(number, int) and (found := self.book.visit(number)) is not None:
            return found
        if not number and (ref := named.get("primaryOrderNumber")):
            order = self.order(ref)
            visits = self.numbered(order)
            if len(visits) == 1:
                return visits[0], order
        raise Refused("unknown-booking", "There is no such booking", "Name it by the bookingId that it was given.")

    def numbered(self, order: Order) -> list[Visit]:
        """The order's visits, after those in the plan got their numbers."""
        self._number({order.order_ref})
        return self.book.visits([order.id])

    def everything(self) -> tuple[dict[str, Order], dict[str, Visit]]:
        """All open orders by number, and all their visits by job."""
        refs = {self.order_of(job.job_ref) for job in self.jobs()}
        orders = self.book.orders(refs)
        self._number(refs)
        visits = self.book.visits([order.id for order in orders.values()])
        return orders, {visit.job_ref: visit for visit in visits}

    def rows(self, refs: Sequence[str] | None = None) -> dict[str, list[VisitRow]]:
        """The plan's visits by job: of those jobs, or all."""
        found: dict[str, list[VisitRow]] = {}
        wanted = None if refs is None else set(refs)
        for row in self.desk.visits():
            if wanted is None or row.job_ref in wanted:
                found.setdefault(row.job_ref, []).append(row)
        return {ref: sorted(rows, key=lambda row: row.role) for ref, rows in found.items()}

    def order_of(self, job_ref: str) -> str:
        """The order that a job is of."""
        order, _, part = job_ref.rpartition("/")
        return order if order and part else job_ref

    def note(self, kind: str, by: str, **told: Any) -> None:
        """Keeps what a caller told as an event that changes no route."""
        with self.desk.changing(kind, by) as draft:
            draft.told |= told

    def jobs(self) -> list[Job]:
        """The jobs that are still to be done."""
        desk = self.desk
        return [job for number, job in enumerate(desk.jobs) if number in desk.numbers_of(job.job_ref)]

    def _number(self, orders: set[str]) -> None:
        self.book.number(
            (job.job_ref, ref, job.priority is Priority.EMERGENCY)
            for job in self.jobs() if (ref := self.order_of(job.job_ref)) in orders
        )  # fmt: skip


def required(values: Mapping[str, Any], name: str) -> Values:
    """An element of elements. Raises Refused where it is missing."""
    found = values.get(name)
    if not isinstance(found, dict):
        raise Refused("missing", f"{name} is missing", "Send it as the WSDL has it.")
    return found


def window(named: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """The planning window of a booking. Raises Refused."""
    begin, end = named.get("planningWindowStart"), named.get("planningWindowEnd")
    if not isinstance(begin, datetime) or not isinstance(end, datetime):
        raise Refused("missing", "planningWindowStart or planningWindowEnd is missing", "Send both.")
    if begin >= end:
        raise Refused("bad-window", "The planning window ends before it begins", "Send an end after the start.")
    return begin, end


def told_order(values: Mapping[str, Any], by: str, known: Order | None = None) -> Order:
    """The order as a caller tells it; what he leaves out stays as it is known. Raises Refused."""
    ref = values.get("primaryOrderNumber") or (known.order_ref if known else "")
    target = values.get("targetDate") or (known.target_at if known else None)
    if not ref or target is None:
        raise Refused("missing", "primaryOrderNumber or targetDate is missing", "Send both.")
    if len(ref) > LONGEST_REF or "/" in ref:
        raise Refused("bad-number", "primaryOrderNumber is no order's number", f"Up to {LONGEST_REF} characters, no /.")
    place = values.get("theLocation") or {}
    latitude, longitude = degrees(place)
    location = values.get("locationID") or place.get("locationId") or (known.location_ref if known else "")
    if known is not None and known.location_ref == location and latitude is None:
        latitude, longitude = known.latitude, known.longitude
    return Order(
        id=known.id if known else 0,
        order_ref=ref,
        contract_ref=values.get("contract") or (known.contract_ref if known else ""),
        location_ref=location,
        latitude=latitude,
        longitude=longitude,
        priority=values.get("priority") or (known.priority if known else ""),
        target_at=target,
        user_ref=values.get("userId") or (known.user_ref if known else by),
        lines=told_lines(values) or (known.lines if known else []),
        status_code=known.status_code if known else "PLANNED",
        raised_by=by,
    )


def told_lines(values: Mapping[str, Any]) -> list[Values]:
    """The lines of work that a caller tells; a standard minute value is of the whole line."""
    return [
        {
            "sor_code": line["bookingCodeSORCode"],
            "quantity": number(line.get("quantity"), "quantity") or 1.0,
            "minutes": number(line.get("standardMinuteValue"), "standardMinuteValue"),
            "trade_ref": line.get("trade") or None,
        }
        for line in values.get("theBookingCodes") or ()
        if line.get("bookingCodeSORCode")
    ]


def told_wish(desk: Desk, booking: Mapping[str, Any] | None, order: Mapping[str, Any] | None = None) -> Wish:
    """How long a visit takes, whether it is an emergency, and not before when, as a caller tells it."""
    booking, earliest = booking or {}, (order or {}).get("earliestBookingDate")
    minutes = booking.get("duration")
    if isinstance(minutes, int) and not 0 <= minutes <= MOST_MINUTES:
        raise Refused("bad-duration", f"duration must be 0 to {MOST_MINUTES} minutes", "Send minutes.")
    soonest = seconds_after(desk.starts_at, earliest) if isinstance(earliest, datetime) else 0
    return Wish(minutes or None, bool(booking.get("isEmergency")), max(0, soonest))


def degrees(place: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Latitude and longitude that a caller tells; none where he tells neither. Raises Refused outside Great Britain."""
    latitude, longitude = number(place.get("latitude"), "latitude"), number(place.get("longitude"), "longitude")
    if not latitude and not longitude:  # an empty element, or 0 for unknown
        return None, None
    if latitude is None or longitude is None or not (49 <= latitude <= 61 and -9 <= longitude <= 2):
        raise Refused("bad-place", "latitude and longitude are not in Great Britain", "Send degrees, or neither.")
    return latitude, longitude


def number(text: object, name: str) -> float | None:
    """The number that a text is; None for an empty one. Raises Refused."""
    if text is None or text == "":
        return None
    try:
        found = float(str(text))
    except ValueError:
        found = -1.0
    if not -180 <= found <= MOST or (found < 0 and name not in {"latitude", "longitude"}):
        raise Refused("bad-number", f"{name} is no number that it can be", "Send digits with a decimal point.")
    return found


def same_work(order: Order, other: Order) -> bool:
    """Whether two states of an order make the same job."""
    return replace(order, target_at=other.target_at, user_ref=other.user_ref, raised_by=other.raised_by) == other
