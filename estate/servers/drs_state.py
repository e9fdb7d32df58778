"""What the made-up council's repairs scheduler knows, in memory and in a JSON file.

Elements of the interface stand under their own names (``bookingId``,
``planningWindowStart``...) and are sent as they are written, so the writer decides about dirt; instants are ISO
texts, with ``Z``, ``+01:00`` or neither (then UK time)::

    {"today": "2026-09-28",
     "contracts": ["H01"],
     "resources": [{"resourceID": "OP001", "externalResourceCode": "...", "resourceName": "...",
                    "theAbilities": [{"name": "trade", "value": "PL"}],
                    "theWorkingHours": [{"dayOfWeek": "monday", "beginDate": "...", "endDate": "..."}],
                    "theUnavailabilities": [{"beginDateTime": "...", "endDateTime": "...", "reason": "..."}]}],
     "orders": [{"orderId": 1, "primaryOrderNumber": "10000001", "contract": "H01", "locationID": "...",
                 "orderComments": "...", "priority": "...", "targetDate": "...", "userId": "...",
                 "status": "PLANNED", "theLocation": {"locationId": "...", "name": "...", "workflowType": "..."},
                 "theBookingCodes": [{"bookingCodeSORCode": "...", "quantity": "1", ...}]}],
     "bookings": [{"bookingId": 1, "orderId": 1, "primaryOrderNumber": "10000001", "contract": "H01",
                   "locationID": "...", "assignedStart": "...", "assignedEnd": "...",
                   "planningWindowStart": "...", "planningWindowEnd": "...",
                   "bookingLifeCycleStatus": "PLANNED", "duration": 60, "userId": "...",
                   "theBookingCodes": [...], "theResources": [{"resourceID": "OP001"}]}],
     "days": [{"contract": "H01", "day": "2026-09-29", "nonWorkingDay": false, "weeklyDayOff": false,
               "slots": [["08:00", "12:00", "YES"]]}],
     "alerts": [], "reasons": [{"name": "LEAVE", "description": "Annual leave"}]}

Every list may be missing. Days that are not listed have four overlapping slots, weekends none.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from estate.servers.slots import UK

Values = dict[str, Any]

NO_BOOKING: Values = {
    "bookingId": 0,
    "externalResourceCode": "",
    "isResourceLocked": False,
    "lockResource": False,
    "orderId": 0,
}
"""What the interface demands of an operative that is shown outside a booking."""


class Refusal(Exception):
    """What the scheduler says when it does not do something."""


class DrsState:
    """Orders, bookings, operatives and days, each by its number. Lookups raise Refusal for what is not there."""

    def __init__(self, content: Values, *, path: Path | None = None) -> None:
        self._path, self._read_at = path, _written_at(path)
        self._take(content)

    def _take(self, content: Values) -> None:
        self.today = date.fromisoformat(content.get("today", "2026-09-28"))
        self.contracts: list[str] = content.get("contracts", [])
        self.resources: dict[str, Values] = {each["resourceID"]: each for each in content.get("resources", [])}
        self.orders: dict[str, Values] = {each["primaryOrderNumber"]: each for each in content.get("orders", [])}
        self.bookings: dict[int, Values] = {each["bookingId"]: each for each in content.get("bookings", [])}
        self.days: dict[tuple[str, str], Values] = {(d["contract"], d["day"]): d for d in content.get("days", [])}
        self.alerts: list[Values] = content.get("alerts", [])
        self.reasons: list[Values] = content.get("reasons", [])

    def refresh(self) -> None:
        """Takes what another server over the same file has written."""
        if self._path and _written_at(self._path) != self._read_at:
            self._read_at = _written_at(self._path)
            self._take(json.loads(self._path.read_text()))

    def save(self) -> None:
        """Writes what is known into the file, if there is one."""
        if self._path is None:
            return
        content = {
            "today": self.today.isoformat(), "contracts": self.contracts, "resources": [*self.resources.values()],
            "orders": [*self.orders.values()], "bookings": [*self.bookings.values()],
            "days": [*self.days.values()], "alerts": self.alerts, "reasons": self.reasons,
        }  # fmt: skip
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(content), "utf-8")
        part.replace(self._path)
        self._read_at = _written_at(self._path)

    def confirmation(self, booking_id: int, changed_at: str | None = None) -> Values:
        """What the scheduler tells the council of a booking (the inbound bookingConfirmation)."""
        booking = self.bookings[booking_id]
        own = (
            "assignedEnd",
            "assignedStart",
            "bookingId",
            "contract",
            "locationID",
            "planningWindowEnd",
            "planningWindowStart",
            "primaryOrderNumber",
        )
        return {
            **{name: booking.get(name) for name in own},
            "bookingReason": booking.get("bookingReason", "first"),
            "bookingSequence": "FIRST",
            "changedDate": changed_at,
            "originalBookingId": booking_id,
            "theBookingCodes": booking.get("theBookingCodes", []),
            "userId": booking.get("userId", ""),
        }

    def book(self, order: Values, wish: Values) -> Values:
        """A new booking of the order."""
        own = ("orderId", "primaryOrderNumber", "contract", "locationID", "userId", "theBookingCodes")
        booking = {
            "bookingReason": "first",
            "duration": 60,
            "isEmergency": False,
            "isNextBooking": False,
            "planningWindowStart": datetime.combine(self.today, time(8), UK).isoformat(),
            "planningWindowEnd": order.get("targetDate"),
            "bookingLifeCycleStatus": "PLANNED",
            **{name: order.get(name) for name in own},
            **wish,
            "bookingId": max(self.bookings, default=0) + 1,
        }
        self.bookings[booking["bookingId"]] = booking
        return booking

    def place(self, wish: Values, status: str) -> None:
        """Puts a booking where it is wished."""
        booking = self.booking(wish)
        booking.update(wish, bookingId=booking["bookingId"], orderId=booking["orderId"])
        booking["bookingLifeCycleStatus"] = status
        booking["assignedStart"], booking["assignedEnd"] = wish["planningWindowStart"], wish["planningWindowEnd"]

    def sent(self, bookings: list[Values]) -> list[Values]:
        """Bookings with what the interface wants to know of their operatives."""
        return [
            {
                **booking,
                "theResources": [
                    {
                        **NO_BOOKING,
                        "bookingId": booking["bookingId"],
                        "orderId": booking.get("orderId", 0),
                        **{
                            name: value
                            for name, value in self.resources.get(each.get("resourceID", ""), each).items()
                            if not name.startswith("the")
                        },
                    }
                    for each in many(booking, "theResources")
                ],
            }
            for booking in bookings
        ]

    def known_contract(self, contract: str | None) -> str:
        """The contract, if there is one of that name."""
        if contract not in self.contracts:
            raise Refusal("Unknown contract")
        return contract

    def order(self, named: Values) -> Values:
        """The order whose number is named."""
        try:
            return self.orders[named["primaryOrderNumber"]]
        except KeyError:
            raise Refusal("There is no such order") from None

    def booking(self, named: Values) -> Values:
        """The booking whose number is named."""
        try:
            return self.bookings[int(named["bookingId"])]
        except (KeyError, ValueError):
            raise Refusal("There is no such booking") from None

    def bookings_of(self, order: Values) -> list[Values]:
        """The bookings of the order."""
        return [each for each in self.bookings.values() if each.get("orderId") == order["orderId"]]


def _written_at(path: Path | None) -> int:
    return path.stat().st_mtime_ns if path and path.exists() else 0


def many(values: Values, name: str) -> list[Any]:
    """A repeatable element's values, however often it came."""
    found = values.get(name)
    return found if isinstance(found, list) else [] if found is None else [found]
