"""The scheduler's operations by name, and what each answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from api.scheduling import soap_orders as orders
from api.scheduling import soap_reads as reads
from api.scheduling.soap_counter import Counter, Values
from connectors.scheduler_soap import Request, told
from ledger.errors import SourceUnavailable
from scheduling.desk import Refused

OPERATIONS: dict[str, Callable[[Counter, Mapping[str, Any], str], Values]] = {
    "checkAvailability": orders.check_availability,
    "createOrder": orders.create_order,
    "updateOrder": orders.update_order,
    "deleteOrder": orders.delete_order,
    "completeOrder": orders.complete_order,
    "selectOrder": reads.select_order,
    "createBooking": orders.create_booking,
    "scheduleBooking": orders.schedule_booking,
    "updateBooking": orders.update_booking,
    "deleteBooking": orders.delete_booking,
    "selectBooking": reads.select_booking,
    "createReservation": orders.create_reservation,
    "confirmReservation": orders.confirm_reservation,
    "selectResource": reads.select_resource,
    "updateResource": reads.update_resource,
    "getSchedule": reads.get_schedule,
    "updateLocation": reads.update_location,
    "updateBookingCode": reads.update_booking_code,
    "selectMetaData": reads.select_meta_data,
    "selectAlerts": reads.select_alerts,
}
"""Beside openSession and closeSession, which need no desk."""


def answer(counter: Counter, request: Request, by: str) -> Values:
    """What the answer's element holds; a refusal is an answer too, with status failure, as callers know it.

    Raises SourceUnavailable where the database is gone.
    """
    if request.drift.unreadable:
        return failure(f"Not of their type: {told(request.drift)}")
    try:
        done = OPERATIONS[request.operation](counter, request.values, by)
    except Refused as refusal:
        return failure(refusal.fault)
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise SourceUnavailable(
            f"the order book has lost its database: {type(error).__name__}.", system="scheduling",
            next_step="See that the database is up; the desk starts again with what was kept.",
        ) from None  # fmt: skip
    return {"status": "success", **done}


def failure(why: str) -> Values:
    """An answer that nothing was done."""
    return {"status": "failure", "errorMsg": why}
