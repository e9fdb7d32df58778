"""Systems that call the old scheduler call the hub: all its operations, by its own interface, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.scheduling.soap_orders import _days
from connectors.scheduler_soap import SERVICE, SOAP_12, Interface
from estate.servers.soap import BOMB
from scheduling.offers import Day, Offers
from services.databases import create_database, drop_database
from tests.api.scheduling.callers import Caller, a_booking, a_client, a_code, an_order, asked, fill, running, served
from tests.scheduling.live import Clock, breaches, opened

MORNING, AFTERNOON = "08:00:00+01:00", "12:00:00+01:00"


@dataclass(frozen=True)
class Council:
    """A served town; ``caller`` is its housing system's."""

    url: str
    folder: Path
    address: str
    secret: str
    caller: Caller

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url.replace("+psycopg", "", 1), autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def council(
    postgres: str, empty_hub: str, tmp_path_factory: pytest.TempPathFactory, key: Ed25519PrivateKey
) -> Iterator[Council]:
    name, folder = f"soap_{uuid4().hex[:12]}", tmp_path_factory.mktemp("plans")
    url = create_database(postgres, name, template=empty_hub)
    fill(url)
    secret = a_client(url)
    with served(url, folder, Clock(), key) as address:
        yield Council(url, folder, address, secret, Caller(address, "housing", secret))
    desk = opened(url, folder, Clock())
    assert breaches(desk) == ()  # after all that the tests did
    desk.store.close()
    drop_database(postgres, name)


@pytest.fixture
def caller(council: Council) -> Caller:
    return council.caller


def created(caller: Caller, ref: str, **more: Any) -> int:
    """bookingId of a new order."""
    order = caller.done("createOrder", theOrder=an_order(ref, **more)).theOrder
    return int(order.theBookings[0].bookingId)


def on(day: int, clock: str = MORNING) -> str:
    return f"2026-09-{day}T{clock}"


def stands(caller: Caller, ref: str) -> Any:
    """The order's first booking as it stands."""
    (order,) = caller.done("selectOrder", primaryOrderNumber=[ref]).theOrders
    return order.theBookings[0]


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


# -- what there is --------------------------------------------------------------------------------------------------


def test_bookings_and_schedules_are_selected(caller: Caller) -> None:
    number = created(caller, "R1")
    caller.done("scheduleBooking", theBooking=a_booking(number, on(22), on(22, AFTERNOON), "R1"))
    (found,) = caller.done(
        "selectBooking", contract=["H01"], returnBookingsPWFrom=on(22), returnBookingsPWTo=on(22, "08:00:01+01:00"),
        bookingStatus=["PLANNED"],
    ).theBookings  # fmt: skip
    who = found.theResources[0].resourceID
    assert (found.bookingId, found.primaryOrderNumber) == (number, "R1")
    assert caller.done("selectBooking", contract=["X99"]).theBookings == []
    day = caller.done("getSchedule", resourceId=who, scheduleDate=on(22)).theBookings
    assert number in {each.bookingId for each in day}
    assert [each.assignedStart for each in day] == sorted(each.assignedStart for each in day)
    assert caller.refused("getSchedule", resourceId="OP99", scheduleDate=on(22)) == "There is no such resource"
    (order,) = caller.done("selectOrder", locationIDs=["H1"], resources=[who], returnBookingsFrom=on(22),
                           returnBookingsTo=on(23)).theOrders  # fmt: skip
    assert order.primaryOrderNumber == "R1"


def test_operatives_have_trades_and_hours(caller: Caller) -> None:
    (one,) = caller.done("selectResource", theResourceIDs=["OP3"], returnWorkingHoursFrom=on(14),
                         returnWorkingHoursTo=on(15, "23:00:00+01:00")).theResources  # fmt: skip
    assert [ability.value for ability in one.theAbilities] == ["EL", "PT"]
    assert [(each.dayOfWeek, each.beginDate.hour) for each in one.theWorkingHours] == [("monday", 8), ("tuesday", 8)]
    assert one.resourceName is None
    assert len(caller.done("selectResource", includeWorkingHours=False).theResources) == 4


def test_meta_data_and_alerts(caller: Caller) -> None:
    found = caller.done("selectMetaData", contract="H01")
    assert [each.name for each in found.theResourceTemplates] == ["EL", "MU", "PL", "PT"]
    assert caller.refused("selectMetaData", contract="X99") == "Unknown contract"
    created(caller, "R2", theBookingCodes=[{**a_code("R2"), "standardMinuteValue": "300"}], priority="P")
    alerts = caller.done("selectAlerts", contract=["H01"]).theAlerts
    assert {alert.reason for alert in alerts} <= {"RESCHEDULEFAILURES", "SUSPENDEDJOBS"}
    assert caller.done("selectAlerts", contract=["X99"]).theAlerts == []


# -- what the hub reads from elsewhere ------------------------------------------------------------------------------


def test_a_place_that_is_told_holds_under_the_callers_name(council: Council) -> None:
    caller = council.caller
    created(caller, "U1", home="H2")
    place = {**an_order()["theLocation"], "locationId": "H2", "latitude": "52.61", "longitude": "-1.05"}
    caller.done("updateLocation", theLocation=place)
    (order,) = caller.done("selectOrder", primaryOrderNumber=["U1"]).theOrders
    assert (order.theLocation.latitude, order.theLocation.longitude) == ("52.610000", "-1.050000")
    ((by, told),) = council.rows("SELECT done_by, told FROM scheduling.event WHERE kind = 'location-told'")
    assert (by, told) == ("housing", {"location_ref": "H2", "latitude": 52.61, "longitude": -1.05})
    assert council.rows("SELECT count(*) FROM canonical.asset WHERE easting_m = 450600") == [(1,)]
    assert "not in Great Britain" in caller.refused("updateLocation", theLocation={**place, "latitude": "0.5"})
    only_names = {**place, "latitude": None, "longitude": None}
    assert "read elsewhere" in caller.done("updateLocation", theLocation=only_names).errorMsg


def test_a_codes_time_holds_for_orders_that_callers_raise(council: Council) -> None:
    caller = council.caller
    code = {"bookingCode": "PLX", "bookingCodeDescription": "", "bookingCodeTime": 25, "contract": "H01", "trade": "PL"}
    caller.done("updateBookingCode", contract=["H01"], theBookingCodeDefinitions=[code])
    number = created(caller, "U2", theBookingCodes=[a_code("U2", "PLX", "2")])
    assert stands(caller, "U2").duration == 50
    assert number
    assert council.rows("SELECT done_by FROM scheduling.event WHERE kind = 'code-told'") == [("housing",)]
    assert council.rows("SELECT count(*) FROM canonical.sor_item WHERE sor_code = 'PLX'") == [(0,)]
    bad = {**code, "bookingCodeTime": 0}
    assert "no time" in caller.refused("updateBookingCode", contract=["H01"], theBookingCodeDefinitions=[bad])


def test_nothing_of_a_tenant_is_kept(council: Council) -> None:
    created(council.caller, "U3", contactName="Mrs Example")
    for table in ("caller_order", "caller_booking", "event", "booking"):
        assert council.rows(f"SELECT count(*) FROM scheduling.{table} x WHERE x::text ~ 'Example|7946|High'") == [(0,)]


def test_who_is_away_is_not_planned_and_promised_slots_stay(council: Council) -> None:
    caller, number = council.caller, created(council.caller, "A1")
    caller.done("scheduleBooking", theBooking=a_booking(number, on(24), on(24, AFTERNOON), "A1"))
    who = stands(caller, "A1").theResources[0].resourceID
    worker = {"bookingId": 0, "externalResourceCode": "", "isResourceLocked": False, "lockResource": False,
              "orderId": 0, "resourceID": who}  # fmt: skip
    away = {"beginDateTime": on(24, "00:00:00"), "endDateTime": on(25, "00:00:00"), "reason": "sick, Mrs Example"}
    for _ in range(2):  # sent again, nothing more happens
        caller.done("updateResource", theResources=[{**worker, "theUnavailabilities": [away]}])
    events = council.rows("SELECT done_by FROM scheduling.event WHERE kind = 'away'")
    assert events == [("housing",)]
    after = stands(caller, "A1")
    assert after.theResources[0].resourceID != who
    assert after.planningWindowStart == datetime(2026, 9, 24, 7, tzinfo=UTC)
    assert after.planningWindowStart <= after.assignedStart <= after.planningWindowEnd
    assert caller.done("getSchedule", resourceId=who, scheduleDate=on(24)).theBookings == []
    assert council.rows("SELECT count(*) FROM scheduling.event e WHERE e::text ~ 'sick|Example'") == [(0,)]
    none = {**away, "endDateTime": None}
    assert "no begin" in caller.refused("updateResource", theResources=[{**worker, "theUnavailabilities": [none]}])


def test_hours_and_trades_are_the_works_systems(caller: Caller) -> None:
    worker = {"bookingId": 0, "externalResourceCode": "", "isResourceLocked": False, "lockResource": False,
              "orderId": 0, "resourceID": "OP0"}  # fmt: skip
    with_trade = {**worker, "theAbilities": [{"name": "trade", "value": "EL"}]}
    assert "the works system tells them" in caller.refused("updateResource", theResources=[with_trade])
    assert caller.refused("updateResource", theResources=[{**worker, "resourceID": "OP99"}]) == (
        "There is no such resource"
    )


# -- sessions -------------------------------------------------------------------------------------------------------


def test_who_is_nobody_gets_no_session(council: Council) -> None:
    assert Caller(council.address, "housing", "wrong").session is None
    assert Caller(council.address, "nobody", council.secret).session is None
    assert Caller(council.address, "housing", "wrong").opened == "failure"


@pytest.mark.parametrize("session", ["", "x" * 43, "x" * 500])
def test_a_session_that_was_never_opened(caller: Caller, session: str) -> None:
    assert caller.refused("selectBooking", sessionId=session) == "The session has expired or was never opened"


def test_a_session_ends_at_midnight_or_when_it_is_closed(council: Council) -> None:
    first, second = (Caller(council.address, "housing", council.secret) for _ in range(2))
    (ends,) = council.rows(
        "SELECT max(expires_at AT TIME ZONE 'Europe/London')::time::text FROM scheduling.caller_session"
    )
    assert ends == ("00:00:00",)
    first.done("closeSession")
    assert first.refused("selectBooking") == "The session has expired or was never opened"
    second.done("selectMetaData", contract="H01")
    council.rows(
        "UPDATE scheduling.caller_session SET expires_at = now() WHERE closed_at IS NULL"
        " AND opened_at = (SELECT max(opened_at) FROM scheduling.caller_session)"
    )
    assert second.refused("selectBooking") == "The session has expired or was never opened"
    council.caller.done("selectMetaData", contract="H01")


def test_sessions_end_with_their_client_and_need_its_scope(council: Council) -> None:
    secret = a_client(council.url, "reader", "scheduling:read")
    reader = Caller(council.address, "reader", secret)
    assert "needs the scope scheduling:book" in reader.refused("selectBooking")
    council.rows("UPDATE api.client SET revoked_at = now() WHERE id = 'reader'")
    assert reader.refused("selectBooking") == "The session has expired or was never opened"


def test_sessions_and_bookings_outlive_the_process(
    hub_url: str, tmp_path: Path, key: Ed25519PrivateKey
) -> None:  # fmt: skip
    fill(hub_url)
    with served(hub_url, tmp_path, Clock(), key) as address:
        caller = Caller(address, "housing", a_client(hub_url))
        number = created(caller, "P1")
        caller.done("scheduleBooking", theBooking=a_booking(number, on(15), on(15, AFTERNOON), "P1"))
        before = stands(caller, "P1")
    with running(hub_url, tmp_path, Clock(), key) as address:
        again = Caller(address, "housing", "wrong")
        again.session = caller.session
        after = stands(again, "P1")
    assert (after.bookingId, after.assignedStart, after.assignedEnd) == (
        number,
        before.assignedStart,
        before.assignedEnd,
    )


# -- messages that are none -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not well-formed"),
        (b"<html>", "not well-formed"),
        (BOMB, "document type"),
        (asked("getSchedule", "", "http://example.org/"), "namespace"),
        (asked("dropTable", ""), "no such operation"),
    ],
)
def test_what_is_no_request_is_a_fault(caller: Caller, body: bytes, why: str) -> None:
    answer = caller.post(body)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert "soap:Client" in answer.text
    assert why in answer.text


def test_who_speaks_soap_1_2_is_answered_so(caller: Caller) -> None:
    inside = f"<sessionId>{caller.session}</sessionId><contract>H01</contract>"
    answer = caller.post(asked("selectMetaData", inside, soap=SOAP_12))
    assert answer.headers["content-type"].startswith("application/soap+xml")
    assert "<status>success</status>" in answer.text
    bad = caller.post(asked("selectMetaData", inside, "urn:other", SOAP_12))
    assert (bad.status_code, "soap:Sender" in bad.text) == (400, True)


def test_a_body_that_is_too_large_is_not_read(caller: Caller) -> None:
    assert caller.post(b"<x>" + b"y" * 10_000_000).status_code == 413


def test_undeclared_elements_are_read_over_and_told(caller: Caller) -> None:
    inside = f"<sessionId>{caller.session}</sessionId><contract>H01</contract><timeRemaining>5</timeRemaining>"
    answer = caller.post(asked("selectMetaData", inside))
    assert "<status>success</status>" in answer.text
    assert answer.headers["hub-undeclared"] == "selectMetaData/timeRemaining"


def test_values_of_another_type_are_told_by_their_place(caller: Caller) -> None:
    inside = f"<contract>H01</contract><sessionId>{caller.session}</sessionId><scheduleDate>Mrs Example</scheduleDate>"
    answer = caller.post(asked("getSchedule", inside))
    assert "<errorMsg>Not of their type: getSchedule/scheduleDate</errorMsg>" in answer.text
    assert "Example" not in answer.text


def test_the_wsdl_is_served_with_its_address(council: Council) -> None:
    answer = httpx.get(f"{council.address}/soap/scheduler?wsdl")
    assert f'location="{council.address}/soap/scheduler"' in answer.text
    assert SERVICE in answer.text


def test_all_operations_are_driven_here() -> None:
    """Each of the 22 is asked by a test of this file."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in Interface().operations if f'"{name}"' not in text and name != "openSession"] == []
