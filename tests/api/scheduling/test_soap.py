"""Systems that call the old scheduler call the hub: orders, their visits, and slots, over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from api.scheduling.soap_orders import _days
from connectors.scheduler_soap import Interface
from scheduling.offers import Day, Offers
from tests.api.scheduling.callers import (
    AFTERNOON,
    Caller,
    Council,
    a_booking,
    a_code,
    an_order,
    created,
    on,
    stands,
)

# -- an order's life ------------------------------------------------------------------------------------------------


def test_an_order_is_created_booked_moved_and_done(caller: Caller) -> None:
    slots = caller.done("checkAvailability", theOrder=an_order("L1")).theSlots
    assert [slot.available for slot in slots[1].slotsForDay] == ["YES"] * 4
    order = caller.done("createOrder", theOrder=an_order("L1")).theOrder
    assert (order.status, order.contract, order.locationID) == ("PLANNED", "H01", "H1")
    number = order.theBookings[0].bookingId
    assert number == order.theBookings[0].theBookingCodes[0].bookingId
    caller.done("scheduleBooking", theBooking=a_booking(number, on(15), on(15, AFTERNOON), "L1"))
    first = stands(caller, "L1")
    assert first.planningWindowStart == datetime(2026, 9, 15, 7, tzinfo=UTC)
    assert first.planningWindowStart <= first.assignedStart <= first.planningWindowEnd
    assert first.theResources[0].resourceID in {"OP0", "OP1", "OP2"}
    # Sent again it is the same; in another window the booking moves.
    caller.done("scheduleBooking", theBooking=a_booking(number, on(15), on(15, AFTERNOON), "L1"))
    caller.done("scheduleBooking", theBooking=a_booking(number, on(16, AFTERNOON), on(16, "16:00:00+01:00"), "L1"))
    moved = stands(caller, "L1")
    assert (moved.bookingId, moved.assignedStart.day) == (number, 16)
    caller.done("completeOrder", primaryOrderNumber="L1")
    (order,) = caller.done("selectOrder", primaryOrderNumber=["L1"]).theOrders
    assert (order.status, order.theBookings) == ("COMPLETED", [])
    (order,) = caller.done("selectOrder", primaryOrderNumber=["L1"], includeCompletedBookings=True).theOrders
    assert order.theBookings[0].bookingLifeCycleStatus == "COMPLETED"
    assert "done" in caller.refused("scheduleBooking", theBooking=a_booking(number, on(17), on(17, AFTERNOON), "L1"))


def test_an_order_of_that_number_exists(caller: Caller) -> None:
    created(caller, "L2")
    assert caller.refused("createOrder", theOrder=an_order("L2")) == "An order of that number exists"


def test_what_the_hub_had_is_taken_over_with_the_old_numbers(caller: Caller) -> None:
    order = caller.done("createOrder", theOrder=an_order("W00", home="H0")).theOrder
    assert (order.orderId, order.theBookings[0].bookingId) == (815, 4711)
    caller.done("scheduleBooking", theBooking=a_booking(4711, on(17), on(17, AFTERNOON), "W00"))
    assert stands(caller, "W00").assignedStart.day == 17


def test_a_reservation_is_held_and_confirmed(council: Council) -> None:
    caller, number = council.caller, created(council.caller, "L3")
    assert caller.refused("confirmReservation", theBooking=a_booking(number, on(17), on(17, AFTERNOON), "L3")) == (
        "The booking is not reserved"
    )
    caller.done("createReservation", theBooking=a_booking(number, on(17), on(17, AFTERNOON), "L3"))
    assert stands(caller, "L3").bookingLifeCycleStatus == "RESERVED"
    (until,) = council.rows("SELECT expires_at FROM scheduling.booking WHERE job_ref = 'L3' AND status_code = 'held'")
    assert until[0] == datetime(2026, 9, 14, 23, tzinfo=UTC)  # London's midnight
    caller.done("confirmReservation", theBooking=a_booking(number, on(17), on(17, AFTERNOON), "L3"))
    assert stands(caller, "L3").bookingLifeCycleStatus == "PLANNED"
    assert council.rows("SELECT status_code FROM scheduling.booking WHERE job_ref = 'L3'") == [("confirmed",)]


def test_a_visit_begins_and_ends_and_is_followed(caller: Caller) -> None:
    number = created(caller, "L4")
    caller.done("scheduleBooking", theBooking=a_booking(number, on(15), on(15, AFTERNOON), "L4"))
    told = {"completeOrder": False, "endDateAndTime": on(15, AFTERNOON), "resourceId": "OP0",
            "startDateAndTime": on(15)}  # fmt: skip
    booking = a_booking(number, on(15), on(15, AFTERNOON), "L4")
    answer = caller.done("updateBooking", theBooking=booking, transactionType="STARTED", **told)
    assert answer.theBooking.bookingLifeCycleStatus == "STARTED"
    (order,) = caller.done("selectOrder", primaryOrderNumber=["L4"]).theOrders
    assert order.status == "STARTED"
    caller.done(
        "updateBooking", theBooking=booking, transactionType="COMPLETED",
        theFollowOnBooking=a_booking(0, on(18), on(18, AFTERNOON), "L4", duration=30, bookingReason="follow on"),
        **told,
    )  # fmt: skip
    (order,) = caller.done("selectOrder", primaryOrderNumber=["L4"]).theOrders
    (after,) = order.theBookings
    assert (after.bookingReason, after.duration, after.bookingId != number) == ("follow on", 30, True)
    caller.done("updateBooking", theBooking={**booking, "bookingId": after.bookingId}, transactionType="COMPLETED",
                **{**told, "completeOrder": True})  # fmt: skip
    (order,) = caller.done("selectOrder", primaryOrderNumber=["L4"]).theOrders
    assert order.status == "COMPLETED"


def test_a_booking_is_deleted_and_made_anew(caller: Caller) -> None:
    number = created(caller, "L5")
    caller.done("scheduleBooking", theBooking=a_booking(number, on(15), on(15, AFTERNOON), "L5"))
    gone = caller.done("deleteBooking", theBooking=a_booking(number, on(15), on(15, AFTERNOON), "L5"))
    assert (gone.theBooking.bookingId, gone.theOrder.primaryOrderNumber) == (number, "L5")
    assert caller.refused("scheduleBooking", theBooking=a_booking(number, on(16), on(16, AFTERNOON), "L5")) == (
        "There is no such booking"
    )
    (again,) = caller.done("createBooking", theBooking=a_booking(0, on(16), on(16, AFTERNOON), "L5")).theBookings
    assert again.bookingId != number
    caller.done("scheduleBooking", theBooking=a_booking(again.bookingId, on(16), on(16, AFTERNOON), "L5"))
    (further,) = caller.done(
        "createBooking", theBooking=a_booking(0, on(17), on(17, AFTERNOON), "L5", bookingReason="follow on")
    ).theBookings
    assert (further.bookingReason, further.isNextBooking) == ("follow on", True)
    (order,) = caller.done("selectOrder", primaryOrderNumber=["L5"]).theOrders
    assert [each.bookingId for each in order.theBookings] == [again.bookingId, further.bookingId]


def test_an_order_changes_while_it_is_not_booked_and_goes(caller: Caller) -> None:
    number = created(caller, "L6")
    more = caller.done("updateOrder", theOrder=an_order("L6", code="PL2")).theOrder.theBookings[0]
    assert (more.bookingId, more.duration) == (number, 90)
    caller.done("scheduleBooking", theBooking=a_booking(number, on(16), on(16, AFTERNOON), "L6"))
    assert "is booked" in caller.refused("updateOrder", theOrder=an_order("L6", code="PL1"))
    later = caller.done("updateOrder", theOrder=an_order("L6", code="PL2", targetDate="2026-09-25T16:00:00"))
    assert later.theOrder.targetDate == datetime(2026, 9, 25, 15, tzinfo=UTC)
    assert caller.done("deleteOrder", theOrder=an_order("L6")).theOrder.primaryOrderNumber == "L6"
    assert caller.done("selectOrder", primaryOrderNumber=["L6"]).theOrders == []
    assert caller.refused("updateOrder", theOrder=an_order("L6")) == "There is no such order"


def test_duration_and_emergency_count(caller: Caller) -> None:
    number = created(caller, "L7")
    whole_day = a_booking(number, on(18), on(18, "16:00:00+01:00"), "L7", duration=240)
    caller.done("scheduleBooking", theBooking=whole_day)
    booking = stands(caller, "L7")
    assert (booking.assignedEnd - booking.assignedStart).total_seconds() >= 240 * 60
    urgent = created(caller, "L8", theBookings=[a_booking(0, on(15), on(15, AFTERNOON), "L8", isEmergency=True)])
    assert stands(caller, "L8").isEmergency
    assert stands(caller, "L8").bookingId == urgent


@pytest.mark.parametrize("zone", ["+01:00", "Z", ""])
def test_a_window_is_the_same_however_its_zone_is_told(caller: Caller, zone: str) -> None:
    ref = f"Z{zone[:1] == 'Z':d}{zone[:1] == '+':d}"
    number, hour = created(caller, ref), "07" if zone == "Z" else "08"
    begin, end = f"2026-09-21T{hour}:00:00{zone}", f"2026-09-21T{int(hour) + 4:02}:00:00{zone}"
    caller.done("scheduleBooking", theBooking=a_booking(number, begin, end, ref))
    assert stands(caller, ref).planningWindowStart == datetime(2026, 9, 21, 7, tzinfo=UTC)


# -- slots ----------------------------------------------------------------------------------------------------------


def test_a_week_of_overlapping_slots_is_offered(caller: Caller) -> None:
    answer = caller.done("checkAvailability", theOrder=an_order("S1"))
    assert answer.errorMsg is None
    assert [day.day.date().day for day in answer.theSlots] == list(range(14, 21))
    tuesday = answer.theSlots[1].slotsForDay
    hours = [(slot.beginDate.strftime("%H:%M%z"), slot.endDate.strftime("%H:%M")) for slot in tuesday]
    assert hours == [("08:00+0100", "12:00"), ("12:00+0100", "16:00"), ("09:30+0100", "14:30"), ("08:00+0100", "16:00")]
    assert sum(slot.bestSlot for day in answer.theSlots for slot in day.slotsForDay) == 1
    weekend = answer.theSlots[5:]
    assert [(day.weeklyDayOff, day.nonWorkingDay, day.slotsForDay) for day in weekend] == [(True, False, [])] * 2


def test_asking_leaves_nothing_behind(council: Council) -> None:
    before = council.rows("SELECT max(number) FROM scheduling.event")
    for _ in range(5):
        council.caller.done("checkAvailability", theOrder=an_order("S2"))
    assert council.rows("SELECT max(number) FROM scheduling.event") == before
    assert council.rows("SELECT count(*) FROM scheduling.caller_order WHERE order_ref = 'S2'") == [(0,)]


def test_long_periods_are_cut_off_and_that_is_told(caller: Caller) -> None:
    answer = caller.done(
        "checkAvailability", theOrder=an_order("S3"), periodBegin=on(14), periodEnd="2026-10-14T00:00:00"
    )
    assert len(answer.theSlots) == 14
    assert answer.errorMsg == "The period was limited to 14 days. The plan ends on 2026-09-25"
    assert not answer.theSlots[-1].slotsForDay


def test_slots_after_the_target_are_maybe(caller: Caller) -> None:
    order = an_order("S4", targetDate="2026-09-15T23:00:00")
    days = caller.done("checkAvailability", theOrder=order).theSlots
    assert {slot.available for slot in days[1].slotsForDay} == {"YES"}
    assert {slot.available for slot in days[3].slotsForDay} == {"MAYBE"}


def test_what_takes_longer_has_fewer_slots(caller: Caller) -> None:
    long = an_order("S5", theBookings=[a_booking(0, on(15), on(15, AFTERNOON), "S5", duration=290)])
    short = caller.done("checkAvailability", theOrder=an_order("S5")).theSlots
    found = caller.done("checkAvailability", theOrder=long).theSlots

    def taken(days: Any) -> int:
        return sum(slot.available != "NO" for day in days for slot in day.slotsForDay)

    assert taken(found) < taken(short)


def test_only_the_best_slots(caller: Caller) -> None:
    by_day = caller.done("checkAvailability", theOrder=an_order("S6"), onlyBestSlots="day").theSlots
    assert [len(day.slotsForDay) for day in by_day] == [1, 1, 1, 1, 1, 0, 0]
    whole = caller.done("checkAvailability", theOrder=an_order("S6"), onlyBestSlots="fullPeriod").theSlots
    (best,) = [slot for day in whole for slot in day.slotsForDay]
    assert best.bestSlot


def test_bank_holidays_are_known() -> None:
    day = date(2026, 8, 31)
    (found,) = _days(Offers("X", (), (Day(day, 0, "bank-holiday"),)), None)
    assert (found["nonWorkingDay"], found["weeklyDayOff"], found["slotsForDay"]) == (True, False, [])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"contract": "X99"}, "Unknown contract"),
        ({"locationID": "NOWHERE"}, "The order's place is not known: neither its locationID nor its latitude and"),
        ({"theBookingCodes": [a_code("S7", "NOPE")]}, "A booking code is not in the schedule of rates"),
        ({"theBookingCodes": [a_code("S7", "RF1")]}, "Nobody has the trade of the order"),
        ({"theBookingCodes": [a_code("S7", "PL1", "many")]}, "quantity is no number that it can be"),
        ({"theBookingCodes": []}, "The order has no booking codes"),
        ({"priority": "?"}, "Unknown priority"),
        ({"primaryOrderNumber": "9" * 99}, "primaryOrderNumber is no order's number"),
    ],
)
def test_what_is_not_known_is_refused_as_the_old_scheduler_did(caller: Caller, changes: Any, why: str) -> None:
    order = {**an_order("S7"), **changes}
    for operation in ("checkAvailability", "createOrder"):
        assert caller.refused(operation, theOrder=order).startswith(why)


def test_a_window_without_room_is_refused_and_changes_nothing(caller: Caller) -> None:
    number = created(caller, "S8")
    caller.done("scheduleBooking", theBooking=a_booking(number, on(15), on(15, AFTERNOON), "S8"))
    for begin, end in ((on(19), on(19, AFTERNOON)), (on(13), on(13, AFTERNOON)), (on(16, AFTERNOON), on(16))):
        caller.refused("scheduleBooking", theBooking=a_booking(number, begin, end, "S8"))
    assert stands(caller, "S8").assignedStart.day == 15


def test_all_operations_are_driven_here() -> None:
    """Each of the 22 is asked by a test beside this one."""
    text = "".join(each.read_text(encoding="utf-8") for each in Path(__file__).parent.glob("test_soap*.py"))
    assert [name for name in Interface().operations if f'"{name}"' not in text and name != "openSession"] == []
