"""Orders, visits, operatives and days as elements of the scheduler's interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from scheduling.desk import Desk
from scheduling.events import VisitRow
from scheduling.order_book import Order, Visit
from scheduling.problem import Shift

Values = dict[str, Any]
WORKFLOW = "0000"
SAID = ("DESPATCHED", "ACKNOWLEDGED", "ACCEPTED", "ARRIVED", "STARTED", "COMPLETED")
"""States of a visit that come from outside; the others follow from the plan."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NO_BOOKING: Values = {
    "bookingId": 0, "externalResourceCode": "", "isResourceLocked": False, "lockResource": False, "orderId": 0,
}  # fmt: skip
"""What the interface demands of an operative that is shown outside a booking."""


def order_element(order: Order, bookings: Sequence[Values] = ()) -> Values:
    """An order. Names, telephone numbers and comments are not kept, so they come back empty."""
    return {
        "contract": order.contract_ref, "locationID": order.location_ref, "orderComments": "", "orderId": order.id,
        "primaryOrderNumber": order.order_ref, "priority": order.priority, "status": order.status_code,
        "targetDate": order.target_at, "theBookingCodes": code_elements(order, 0), "theBookings": list(bookings),
        "theLocation": location_element(order), "userId": order.user_ref,
    }  # fmt: skip


def location_element(order: Order) -> Values:
    """The place of an order, by its reference."""
    at = {"latitude": order.latitude, "longitude": order.longitude}
    return {
        "address1": "", "locationId": order.location_ref, "name": "", "postCode": "", "workflowType": WORKFLOW,
        **{name: f"{degrees:.6f}" for name, degrees in at.items() if degrees is not None},
    }  # fmt: skip


def code_elements(order: Order, booking_id: int) -> list[Values]:
    """The lines of work. The interface demands one of every booking, so an order without lines has an empty one."""
    lines = order.lines or [{"sor_code": "", "quantity": 1}]
    return [
        {
            "bookingCodeSORCode": line["sor_code"] or "", "bookingId": booking_id,
            "itemNumberWithinBooking": str(number), "orderId": order.id, "primaryOrderNumber": order.order_ref,
            "quantity": _plain(line.get("quantity") or 1),
            "standardMinuteValue": None if line.get("minutes") is None else _plain(line["minutes"]),
            "trade": line.get("trade_ref"),
        }
        for number, line in enumerate(lines, 1)
    ]  # fmt: skip


def booking_element(desk: Desk, order: Order, visit: Visit, rows: Sequence[VisitRow]) -> Values:
    """A visit: what was promised as planningWindow, what the plan makes of it as assigned, and by whom."""
    numbers = desk.numbers_of(visit.job_ref)
    kept = desk.booking_of(numbers[0]) if numbers else None
    starts_at, ends_at = window_of(desk, order, numbers)
    job = desk.jobs[numbers[0]] if numbers else None
    return {
        "assignedStart": rows[0].start_at if rows else None, "assignedEnd": rows[0].end_at if rows else None,
        "bookingId": visit.id, "bookingReason": visit.reason, "contract": order.contract_ref,
        "bookingLifeCycleStatus": state_of(visit, "RESERVED" if kept and kept.status_code == "held" else "PLANNED"),
        "duration": visit.minutes or (job.duration_s // 60 if job else 0), "isEmergency": visit.is_emergency,
        "isNextBooking": visit.reason != "first", "locationID": order.location_ref, "orderId": order.id,
        "planningWindowStart": starts_at, "planningWindowEnd": ends_at, "primaryOrderNumber": order.order_ref,
        "theBookingCodes": code_elements(order, visit.id), "userId": visit.user_ref,
        "theResources": [
            {**NO_BOOKING, "bookingId": visit.id, "orderId": order.id, "resourceID": row.operative_ref} for row in rows
        ],
    }  # fmt: skip


def window_of(desk: Desk, order: Order, numbers: Sequence[int]) -> tuple[datetime, datetime]:
    """What the tenant was told, or that nothing was: from now on to the target."""
    if numbers and (kept := desk.booking_of(numbers[0])) is not None:
        return kept.window_start_at, kept.window_end_at
    if numbers and desk.is_confirmed(numbers[0]) and (windows := desk.windows_of(numbers[0])):
        return desk.at(windows[0].start_s), desk.at(windows[0].end_s)
    now = desk.clock().replace(microsecond=0)
    return now, max(order.target_at, now)


def state_of(visit: Visit, planned: str) -> str:
    """Where a visit stands: as it was told, else as the plan has it."""
    return visit.life_cycle if visit.life_cycle in SAID else planned


def resource_elements(
    desk: Desk, wanted: Iterable[str], hours: Mapping[str, list[Values]], away: Mapping[str, list[Values]]
) -> list[Values]:
    """Operatives with their trades; all where none is named."""
    named = set(wanted)
    return [
        {
            **NO_BOOKING, "resourceID": one.operative_ref,
            "theAbilities": [{"name": "trade", "value": trade} for trade in one.proficiency_percent],
            "theSectors": [{"name": area} for area in sorted(one.areas)],
            "theUnavailabilities": away.get(one.operative_ref, []),
            "theWorkingHours": hours.get(one.operative_ref, []),
        }
        for one in desk.operatives if not named or one.operative_ref in named
    ]  # fmt: skip


def hours_element(desk: Desk, shift: Shift) -> Values:
    """The hours of a shift, on its date."""
    begins = desk.at(shift.start_s)
    rest = shift.breaks[0] if shift.breaks else None
    return {
        "beginDate": begins, "endDate": desk.at(shift.end_s), "dayOfWeek": WEEKDAYS[begins.weekday()],
        "specificDate": begins.replace(hour=0, minute=0, second=0),
        "lunchBreakBeginDate": desk.at(rest.earliest_s) if rest else None,
        "lunchBreakEndDate": desk.at(rest.latest_s + rest.duration_s) if rest else None,
    }  # fmt: skip


def _plain(number: float) -> str:
    """A quantity as text: ``2``, ``1.5``."""
    return f"{float(number):g}"
