"""The scheduler's clock: instants as it writes them, and the slots of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")

SLOTS = (("08:00", "12:00"), ("12:00", "16:00"), ("09:30", "14:30"), ("08:00", "16:00"))
"""Offered on weekdays of which the store says nothing. They overlap, as the real ones do."""


def day_of_slots(day: date, listed: Mapping[str, Any] | None) -> dict[str, Any]:
    """The day as checkAvailability answers it, ``listed`` being what the store says of it.

    Slots begin in UK time with its offset and end in UTC: real answers mix the two.
    """
    weekend = day.weekday() >= 5
    usual = [] if weekend else [(*slot, "YES") for slot in SLOTS]
    return {
        "day": _local(day, "00:00"),
        "nonWorkingDay": bool(listed and listed.get("nonWorkingDay")),
        "weeklyDayOff": bool(listed.get("weeklyDayOff")) if listed else weekend,
        "slotsForDay": [
            {"available": available, "beginDate": _local(day, begin), "bestSlot": False, "endDate": _utc(day, end)}
            for begin, end, available in (listed.get("slots", []) if listed else usual)
        ],
    }


def instant(text: str | None) -> datetime | None:
    """The instant a text means, UK time where it has no offset; None for what is no instant."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UK)


def within(text: str | None, first: datetime | None, last: datetime | None) -> bool:
    """True where the instant lies between; without bounds every one does, also one that cannot be read."""
    if first is None and last is None:
        return True
    at = instant(text)
    return at is not None and (first is None or first <= at) and (last is None or at <= last)


def _local(day: date, clock: str) -> str:
    return datetime.combine(day, time.fromisoformat(clock), UK).isoformat()


def _utc(day: date, clock: str) -> str:
    at = datetime.combine(day, time.fromisoformat(clock), UK).astimezone(UTC)
    return at.isoformat().replace("+00:00", "Z")
