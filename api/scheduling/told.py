"""What the desk knows as JSON tells it: references, times with their offset, miles to a tenth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from scheduling.events import Booking, VisitRow
from scheduling.offers import MILE_M, Offer, Offers
from scheduling.problem import LONDON

JSON = "application/json"


def answer(request: Request, told: Any, status: int = 200, **headers: str) -> Response:
    """The document as a response, with what is left of the caller's rate."""
    more = {"cache-control": "no-store", "ratelimit": request.state.rate_limit, **headers}
    return Response(orjson.dumps(told), status, more, JSON)


def offer_told(offer: Offer) -> dict[str, Any]:
    return {
        "offer": offer.offer, "order_ref": offer.order_ref, "date": offer.day, "slot": offer.slot,
        "starts_at": offer.starts_at, "ends_at": offer.ends_at, "expected_at": offer.expected_at,
        "operative_ref": offer.operative_ref, "added_miles": offer.added_miles,
        "within_target": not offer.late_days, "late_days": offer.late_days, "preference": offer.preference,
        "why": offer.why,
    }  # fmt: skip


def offers_told(found: Offers) -> dict[str, Any]:
    days = [{"date": one.day, "offers": one.offers, "closed": one.closed} for one in found.days]
    return {"order_ref": found.order_ref, "offers": [offer_told(one) for one in found.offers], "days": days}


def booking_told(booking: Booking) -> dict[str, Any]:
    return {
        "id": booking.id, "order_ref": booking.job_ref, "status": booking.status_code, "date": booking.day,
        "slot": booking.slot, "starts_at": booking.window_start_at.astimezone(LONDON),
        "ends_at": booking.window_end_at.astimezone(LONDON),
        "expires_at": booking.expires_at and booking.expires_at.astimezone(LONDON),
    }  # fmt: skip


def visits_told(visits: Iterable[VisitRow]) -> list[dict[str, Any]]:
    return [
        {
            "order_ref": one.job_ref, "role": one.role, "operative_ref": one.operative_ref, "date": one.day,
            "sequence": one.sequence, "arrives_at": one.arrive_at, "starts_at": one.start_at, "ends_at": one.end_at,
            "miles": round(one.leg_m / MILE_M, 1),
        }
        for one in visits
    ]  # fmt: skip
