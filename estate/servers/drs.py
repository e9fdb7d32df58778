"""The made-up council's repairs scheduler: what each of its 22 operations does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from estate.servers.drs_state import NO_BOOKING, DrsState, Refusal, Values, many
from estate.servers.slots import UK, day_of_slots, instant, within

DEFAULT_DAYS, LONGEST_DAYS = 7, 14


class DrsStore(DrsState):
    """The scheduler's state and sessions. ``answer`` is safe to call from one thread at a time."""

    def __init__(self, content: Values, *, login: str, password: str, path: Path | None = None) -> None:
        super().__init__(content, path=path)
        self.login, self.password = login, password
        self.codes: dict[str, Values] = {}
        self.sessions: set[str] = set()

    @classmethod
    def from_file(cls, path: Path, *, login: str, password: str) -> DrsStore:
        """The store that a JSON file describes. What is changed is written there, for other servers over it."""
        return cls(json.loads(path.read_text()), login=login, password=password, path=path)

    def answer(self, operation: str, request: Values) -> Values:
        """What the ``return`` element holds; a refusal is an answer too, with status failure."""
        try:
            if operation != "openSession":
                self._check_session(request)
            else:
                self.refresh()
            done = OPERATIONS[operation](self, request)
        except Refusal as refusal:
            return {"id": 0, "status": "failure", "errorMsg": str(refusal)}
        if operation not in READING:
            self.save()
        return {"id": 0, "status": "success", **done}

    def _check_session(self, request: Values) -> None:
        if request.get("sessionId") not in self.sessions:
            raise Refusal("The session has expired or was never opened")

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
        contract = self.known_contract(order.get("contract"))
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
        self.known_contract(order.get("contract"))
        order = {
            **order,
            "orderId": max((each["orderId"] for each in self.orders.values()), default=0) + 1,
            "status": "PLANNED",
        }
        self.orders[number] = order
        booking = self.book(order, {})
        # What the service's own interface does not declare, and real installations send.
        lines = [
            {**code, "originalQuantity": code.get("quantity"), "quantityUsed": "0", "timeRemaining": "0"}
            for code in many(order, "theBookingCodes")
        ]
        return {"theOrder": {**order, "theBookingCodes": lines, "theBookings": [booking]}}

    def update_order(self, request: Values) -> Values:
        order = self.order(_required(request, "theOrder"))
        order.update(request["theOrder"], orderId=order["orderId"])
        return {"theOrder": order}

    def delete_order(self, request: Values) -> Values:
        order = self.order(_required(request, "theOrder"))
        del self.orders[order["primaryOrderNumber"]]
        for booking in self.bookings_of(order):
            del self.bookings[booking["bookingId"]]
        return {"theOrder": order}

    def complete_order(self, request: Values) -> Values:
        order = self.order(request)
        order["status"] = "COMPLETED"
        for booking in self.bookings_of(order):
            booking["bookingLifeCycleStatus"] = "COMPLETED"
        return {}

    def select_order(self, request: Values) -> Values:
        numbers, places = many(request, "primaryOrderNumber"), many(request, "locationIDs")
        asked = (
            [self.orders[number] for number in numbers if number in self.orders] if numbers else self.orders.values()
        )
        chosen = [
            {**order, "theBookings": self.sent(self.bookings_of(order))}
            for order in asked
            if order is not None
            and _among(order.get("contract"), many(request, "contract"))
            and _among(order.get("locationID"), places)
        ]
        return {"theOrders": chosen}

    # bookings

    def create_booking(self, request: Values) -> Values:
        booking = _required(request, "theBooking")
        return {"theBookings": [self.book(self.order(request.get("theOrder") or booking), booking)]}

    def schedule_booking(self, request: Values) -> Values:
        self.place(_required(request, "theBooking"), "PLANNED")
        return {}

    def create_reservation(self, request: Values) -> Values:
        self.place(_required(request, "theBooking"), "RESERVED")
        return {}

    def confirm_reservation(self, request: Values) -> Values:
        if self.booking(request["theBooking"])["bookingLifeCycleStatus"] != "RESERVED":
            raise Refusal("The booking is not reserved")
        self.place(_required(request, "theBooking"), "PLANNED")
        return {}

    def update_booking(self, request: Values) -> Values:
        booking = self.booking(_required(request, "theBooking"))
        booking["bookingLifeCycleStatus"] = request.get("transactionType", "STARTED")
        booking["theResources"] = [{"resourceID": request.get("resourceId")}]
        if request.get("completeOrder") == "true":
            self.order(booking)["status"] = "COMPLETED"
        return {"theBooking": self.sent([booking])[0]}

    def delete_booking(self, request: Values) -> Values:
        booking = self.booking(_required(request, "theBooking"))
        del self.bookings[booking["bookingId"]]
        return {"theBooking": booking}

    def select_booking(self, request: Values) -> Values:
        first, last = instant(request.get("returnBookingsFrom")), instant(request.get("returnBookingsTo"))
        window = instant(request.get("returnBookingsPWFrom")), instant(request.get("returnBookingsPWTo"))
        chosen = [
            booking
            for booking in self.bookings.values()
            if _among(booking.get("contract"), many(request, "contract"))
            and _among(booking.get("bookingLifeCycleStatus"), many(request, "bookingStatus"))
            and within(booking.get("assignedStart") or booking.get("planningWindowStart"), first, last)
            and within(booking.get("planningWindowStart"), *window)
            and _worked_by(booking, many(request, "workers"))
        ]
        return {"theBookings": self.sent(chosen)}

    def get_schedule(self, request: Values) -> Values:
        day = instant(request["scheduleDate"]) or datetime.combine(self.today, time.min, UK)
        chosen = [
            booking
            for booking in self.bookings.values()
            if within(booking.get("assignedStart"), day, day + timedelta(days=1))
            and _worked_by(booking, [request["resourceId"]])
        ]
        return {"theBookings": self.sent(chosen)}

    # operatives and reference data

    def select_resource(self, request: Values) -> Values:
        wanted = many(request, "theResourceIDs")
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
        self.resources.update({each["resourceID"]: each for each in many(request, "theResources")})
        return {}

    def update_location(self, request: Values) -> Values:
        location = _required(request, "theLocation")
        for order in self.orders.values():
            if (order.get("theLocation") or {}).get("locationId") == location.get("locationId"):
                order["theLocation"] = location
        return {"theLocation": location}

    def update_booking_code(self, request: Values) -> Values:
        self.codes.update({each["bookingCode"]: each for each in many(request, "theBookingCodeDefinitions")})
        return {}

    def select_meta_data(self, request: Values) -> Values:
        return {"theUnavailabilityReasons": self.reasons}

    def select_alerts(self, request: Values) -> Values:
        return {"theAlerts": self.alerts}


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


def _required(request: Values, name: str) -> Values:
    found = request.get(name)
    if not isinstance(found, dict):
        raise Refusal(f"{name} is missing")
    return found


def _among(value: object, wanted: list[Any]) -> bool:
    return not wanted or value in wanted


def _worked_by(booking: Values, workers: list[str]) -> bool:
    return not workers or any(each.get("resourceID") in workers for each in many(booking, "theResources"))
