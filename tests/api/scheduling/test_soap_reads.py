"""What the old scheduler's operations tell of the plan, and what callers tell of what the hub reads from elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime

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
