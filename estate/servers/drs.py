"""The made-up council's repairs scheduler: what each of its 22 operations does, over a store in memory.

The store is a JSON file. Elements of the interface stand under their own names (``bookingId``,
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
import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from estate.servers.slots import UK, day_of_slots, instant, within

DEFAULT_DAYS, LONGEST_DAYS = 7, 14

Values = dict[str, Any]


class Refusal(Exception):
    """What the scheduler says when it does not do something."""


class DrsStore:
    """The scheduler's state. ``answer`` is safe to call from one thread at a time."""

    def __init__(self, content: Values, *, login: str, password: str, path: Path | None = None) -> None:
        self.login, self.password = login, password
        self.codes: dict[str, Values] = {}
        self.sessions: set[str] = set()
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

    @classmethod
    def from_file(cls, path: Path, *, login: str, password: str) -> DrsStore:
        """The store that a JSON file describes. What is changed is written there, for other servers over it."""
        return cls(json.loads(path.read_text()), login=login, password=password, path=path)

    def answer(self, operation: str, request: Values) -> Values:
        """What the ``return`` element holds; a refusal is an answer too, with status failure."""
        try:
            if operation != "openSession":
                self._check_session(request)
            elif self._path and _written_at(self._path) != self._read_at:
                self._read_at = _written_at(self._path)
                self._take(json.loads(self._path.read_text()))
            done = OPERATIONS[operation](self, request)
        except Refusal as refusal:
            return {"id": 0, "status": "failure", "errorMsg": str(refusal)}
        if operation not in READING:
            self._write()
        return {"id": 0, "status": "success", **done}

    def _write(self) -> None:
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

    # sessions

    def open_session(self, request: Values) -> Values:
        if (request.get("login"), request.get("password")) != (self.login, self.password):
            raise Refusal("Invalid login")
        session = uuid.uuid4().hex
        self.sessions.add(session)
        return {"sessionId": session}

    def close_session(self, request: Values) -> Values:
        self.sessions.discard(request["sessionId"])
        return {}

    # slots

    def check_availability(self, request: Values) -> Values:
        order = request.get("theOrder") or {}
        contract = self._known_contract(order.get("contract"))
        first = instant(request.get("periodBegin")) or datetime.combine(self.today, time.min, UK)
        last = instant(request.get("periodEnd")) or first + timedelta(days=DEFAULT_DAYS - 1)
        asked = (last.astimezone(UK).date() - first.astimezone(UK).date()).days + 1
        days = [first.astimezone(UK).date() + timedelta(days=at) for at in range(min(asked, LONGEST_DAYS))]
        slots = [day_of_slots(day, self.days.get((contract, day.isoformat()))) for day in days]
        best = next((slot for day in slots for slot in day["slotsForDay"] if slot["available"] == "YES"), None)
        if best is not None:
            best["bestSlot"] = True
        answer: Values = {"theSlots": slots}
        if asked > LONGEST_DAYS:
            answer["errorMsg"] = f"The period was limited to {LONGEST_DAYS} days"
        return answer

    # orders

    def create_order(self, request: Values) -> Values:
        order = _required(request, "theOrder")
        number = str(order.get("primaryOrderNumber"))
        if number in self.orders:
            raise Refusal("An order of that number exists")
        self._known_contract(order.get("contract"))
        order = {
            **order,
            "orderId": max((each["orderId"] for each in self.orders.values()), default=0) + 1,
            "status": "PLANNED",
        }
        self.orders[number] = order
        booking = self._book(order, {})
        # What the service's own interface does not declare, and real installations send.
        lines = [
            {**code, "originalQuantity": code.get("quantity"), "quantityUsed": "0", "timeRemaining": "0"}
            for code in _many(order, "theBookingCodes")
        ]
        return {"theOrder": {**order, "theBookingCodes": lines, "theBookings": [booking]}}

    def update_order(self, request: Values) -> Values:
        order = self._order(_required(request, "theOrder"))
        order.update(request["theOrder"], orderId=order["orderId"])
        return {"theOrder": order}

    def delete_order(self, request: Values) -> Values:
        order = self._order(_required(request, "theOrder"))
        del self.orders[order["primaryOrderNumber"]]
        for booking in self._bookings_of(order):
            del self.bookings[booking["bookingId"]]
        return {"theOrder": order}

    def complete_order(self, request: Values) -> Values:
        order = self._order(request)
        order["status"] = "COMPLETED"
        for booking in self._bookings_of(order):
            booking["bookingLifeCycleStatus"] = "COMPLETED"
        return {}

    def select_order(self, request: Values) -> Values:
        numbers, places = _many(request, "primaryOrderNumber"), _many(request, "locationIDs")
        asked = (
            [self.orders[number] for number in numbers if number in self.orders] if numbers else self.orders.values()
        )
        chosen = [
            {**order, "theBookings": self._sent(self._bookings_of(order))}
            for order in asked
            if order is not None
            and _among(order.get("contract"), _many(request, "contract"))
            and _among(order.get("locationID"), places)
        ]
        return {"theOrders": chosen}

    # bookings

    def create_booking(self, request: Values) -> Values:
        booking = _required(request, "theBooking")
        return {"theBookings": [self._book(self._order(request.get("theOrder") or booking), booking)]}

    def schedule_booking(self, request: Values) -> Values:
        self._place(request, "PLANNED")
        return {}

    def create_reservation(self, request: Values) -> Values:
        self._place(request, "RESERVED")
        return {}

    def confirm_reservation(self, request: Values) -> Values:
        if self._booking(request["theBooking"])["bookingLifeCycleStatus"] != "RESERVED":
            raise Refusal("The booking is not reserved")
        self._place(request, "PLANNED")
        return {}

    def update_booking(self, request: Values) -> Values:
        booking = self._booking(_required(request, "theBooking"))
        booking["bookingLifeCycleStatus"] = request.get("transactionType", "STARTED")
        booking["theResources"] = [{"resourceID": request.get("resourceId")}]
        if request.get("completeOrder") == "true":
            self._order(booking)["status"] = "COMPLETED"
        return {"theBooking": self._sent([booking])[0]}

    def delete_booking(self, request: Values) -> Values:
        booking = self._booking(_required(request, "theBooking"))
        del self.bookings[booking["bookingId"]]
        return {"theBooking": booking}

    def select_booking(self, request: Values) -> Values:
        first, last = instant(request.get("returnBookingsFrom")), instant(request.get("returnBookingsTo"))
        window = instant(request.get("returnBookingsPWFrom")), instant(request.get("returnBookingsPWTo"))
        chosen = [
            booking
            for booking in self.bookings.values()
            if _among(booking.get("contract"), _many(request, "contract"))
            and _among(booking.get("bookingLifeCycleStatus"), _many(request, "bookingStatus"))
            and within(booking.get("assignedStart") or booking.get("planningWindowStart"), first, last)
            and within(booking.get("planningWindowStart"), *window)
            and _worked_by(booking, _many(request, "workers"))
        ]
        return {"theBookings": self._sent(chosen)}

    def get_schedule(self, request: Values) -> Values:
        day = instant(request["scheduleDate"]) or datetime.combine(self.today, time.min, UK)
        chosen = [
            booking
            for booking in self.bookings.values()
            if within(booking.get("assignedStart"), day, day + timedelta(days=1))
            and _worked_by(booking, [request["resourceId"]])
        ]
        return {"theBookings": self._sent(chosen)}

    # operatives and reference data

    def select_resource(self, request: Values) -> Values:
        wanted = _many(request, "theResourceIDs")
        first, last = instant(request.get("returnWorkingHoursFrom")), instant(request.get("returnWorkingHoursTo"))
        hours = request.get("includeWorkingHours") in {"true", "1"}
        chosen = []
        for resource in self.resources.values():
            if _among(resource["resourceID"], wanted):
                shown = {**NO_BOOKING, **resource}
                absences = resource.get("theUnavailabilities", [])
                shown["theUnavailabilities"] = [a for a in absences if within(a.get("beginDateTime"), first, last)]
                shown["theWorkingHours"] = resource.get("theWorkingHours", []) if hours else []
                chosen.append(shown)
        return {"theResources": chosen}

    def update_resource(self, request: Values) -> Values:
        self.resources.update({each["resourceID"]: each for each in _many(request, "theResources")})
        return {}

    def update_location(self, request: Values) -> Values:
        location = _required(request, "theLocation")
        for order in self.orders.values():
            if (order.get("theLocation") or {}).get("locationId") == location.get("locationId"):
                order["theLocation"] = location
        return {"theLocation": location}

    def update_booking_code(self, request: Values) -> Values:
        self.codes.update({each["bookingCode"]: each for each in _many(request, "theBookingCodeDefinitions")})
        return {}

    def select_meta_data(self, request: Values) -> Values:
        return {"theUnavailabilityReasons": self.reasons}

    def select_alerts(self, request: Values) -> Values:
        return {"theAlerts": self.alerts}

    # what the operations share

    def _check_session(self, request: Values) -> None:
        if request.get("sessionId") not in self.sessions:
            raise Refusal("The session has expired or was never opened")

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

    def _book(self, order: Values, wish: Values) -> Values:
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

    def _place(self, request: Values, status: str) -> None:
        wish = _required(request, "theBooking")
        booking = self._booking(wish)
        booking.update(wish, bookingId=booking["bookingId"], orderId=booking["orderId"])
        booking["bookingLifeCycleStatus"] = status
        booking["assignedStart"], booking["assignedEnd"] = wish["planningWindowStart"], wish["planningWindowEnd"]

    def _sent(self, bookings: list[Values]) -> list[Values]:
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
                    for each in _many(booking, "theResources")
                ],
            }
            for booking in bookings
        ]

    def _known_contract(self, contract: str | None) -> str:
        if contract not in self.contracts:
            raise Refusal("Unknown contract")
        return contract

    def _order(self, named: Values) -> Values:
        try:
            return self.orders[named["primaryOrderNumber"]]
        except KeyError:
            raise Refusal("There is no such order") from None

    def _booking(self, named: Values) -> Values:
        try:
            return self.bookings[int(named["bookingId"])]
        except (KeyError, ValueError):
            raise Refusal("There is no such booking") from None

    def _bookings_of(self, order: Values) -> list[Values]:
        return [each for each in self.bookings.values() if each.get("orderId") == order["orderId"]]


OPERATIONS: dict[str, Callable[[DrsStore, Values], Values]] = {
    "openSession": DrsStore.open_session,
    "closeSession": DrsStore.close_session,
    "checkAvailability": DrsStore.check_availability,
    "createOrder": DrsStore.create_order,
    "updateOrder": DrsStore.update_order,
    "deleteOrder": DrsStore.delete_order,
    "completeOrder": DrsStore.complete_order,
    "selectOrder": DrsStore.select_order,
    "createBooking": DrsStore.create_booking,
    "scheduleBooking": DrsStore.schedule_booking,
    "updateBooking": DrsStore.update_booking,
    "deleteBooking": DrsStore.delete_booking,
    "selectBooking": DrsStore.select_booking,
    "createReservation": DrsStore.create_reservation,
    "confirmReservation": DrsStore.confirm_reservation,
    "selectResource": DrsStore.select_resource,
    "updateResource": DrsStore.update_resource,
    "getSchedule": DrsStore.get_schedule,
    "updateLocation": DrsStore.update_location,
    "updateBookingCode": DrsStore.update_booking_code,
    "selectMetaData": DrsStore.select_meta_data,
    "selectAlerts": DrsStore.select_alerts,
}

READING = {
    "openSession", "closeSession", "checkAvailability", "selectOrder", "selectBooking", "getSchedule",
    "selectResource", "selectMetaData", "selectAlerts",
}  # fmt: skip
"""The operations that change nothing but the sessions."""

NO_BOOKING: Values = {
    "bookingId": 0,
    "externalResourceCode": "",
    "isResourceLocked": False,
    "lockResource": False,
    "orderId": 0,
}
"""What the interface demands of an operative that is shown outside a booking."""


def _written_at(path: Path | None) -> int:
    return path.stat().st_mtime_ns if path and path.exists() else 0


def _many(values: Values, name: str) -> list[Any]:
    """A repeatable element's values, however often it came."""
    found = values.get(name)
    return found if isinstance(found, list) else [] if found is None else [found]


def _required(request: Values, name: str) -> Values:
    found = request.get(name)
    if not isinstance(found, dict):
        raise Refusal(f"{name} is missing")
    return found


def _among(value: object, wanted: list[Any]) -> bool:
    return not wanted or value in wanted


def _worked_by(booking: Values, workers: list[str]) -> bool:
    return not workers or any(each.get("resourceID") in workers for each in _many(booking, "theResources"))
