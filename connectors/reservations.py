"""Booking confirmations out: what the tenant agreed to is told to the repairs scheduler.

The scheduler's interface has one operation for it, ``confirmReservation``: a booking that it holds for a tenant
who has not agreed yet becomes one that is planned. (The confirmations in are ``connectors.confirmations``.)
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.opening import LONDON
from connectors.soap import SESSION, log_in, succeeded
from connectors.soap_client import SoapClient
from ledger.errors import ContractBroken, HubError

RESERVED = "RESERVED"
BOOKING = (
    "bookingId", "bookingReason", "contract", "duration", "isEmergency", "isNextBooking", "locationID", "orderId",
    "planningWindowEnd", "planningWindowStart", "primaryOrderNumber", "userId",
)  # fmt: skip
LINE = ("bookingCodeSORCode", "bookingId", "itemNumberWithinBooking", "orderId", "primaryOrderNumber", "quantity")
"""What a booking and its lines of work must hold; the rest is the scheduler's own."""


@dataclass(frozen=True)
class Visit:
    """A visit as the hub holds it: the scheduler's number, the order's number, the window promised (with zone)."""

    booking_ref: str
    work_order_ref: str
    window_start_at: datetime
    window_end_at: datetime


def confirm(client: SoapClient, secrets: Mapping[str, str], visit: Visit) -> None:
    """Returns once the scheduler has confirmed the reservation; ``secrets`` as ``connectors.soap`` has them.

    Raises ContractBroken where the scheduler does not hold the visit as the hub does: not at all, not reserved,
    in another window; then nothing was changed.
    """
    session = log_in(client, secrets)
    try:
        booking = _found(client, session, visit)
        reply = client.ask(
            "confirmReservation", bookingId=booking["bookingId"], force=False, sessionId=session, timeLock=True,
            theBooking=booking, userId=booking["userId"],
        )  # fmt: skip
        if not succeeded(reply):
            raise _differs(client, visit, "the scheduler does not confirm it")
    finally:
        with suppress(HubError):  # a session that nobody ends lasts until midnight
            client.ask(SESSION["close"], sessionId=session)


def _found(client: SoapClient, session: str, visit: Visit) -> dict[str, Any]:
    """The scheduler's booking, to be sent back as it stands."""
    answer = client.call(
        "selectOrder", includeCompletedBookings=False, primaryOrderNumber=[visit.work_order_ref], sessionId=session
    )
    bookings = [booking for order in answer.values["theOrders"] for booking in order["theBookings"]]
    booking = next((each for each in bookings if str(each["bookingId"]) == visit.booking_ref), None)
    if booking is None:
        raise _differs(client, visit, "the scheduler does not have it")
    if booking["bookingLifeCycleStatus"] != RESERVED:
        raise _differs(client, visit, f"it is {str(booking['bookingLifeCycleStatus']).lower()}, not reserved")
    window = (_instant(booking["planningWindowStart"]), _instant(booking["planningWindowEnd"]))
    if window != (visit.window_start_at, visit.window_end_at):
        raise _differs(client, visit, "the scheduler has moved it since")
    lines = [{name: line[name] for name in LINE} for line in booking["theBookingCodes"]]
    return {**{name: booking[name] for name in BOOKING}, "theBookingCodes": lines}


def _instant(at: datetime) -> datetime:
    """An instant without a zone is London wall clock."""
    return at if at.tzinfo else at.replace(tzinfo=LONDON)


def _differs(client: SoapClient, visit: Visit, why: str) -> ContractBroken:
    return ContractBroken(
        f"booking {visit.booking_ref} is not confirmed: {why}.",
        system=client.system,
        place="operation confirmReservation",
        next_step=f"Run `hub migrate --system {client.system}` to see the visit as the scheduler has it.",
    )
