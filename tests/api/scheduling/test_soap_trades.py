"""An order of several trades by the old scheduler's operations: a booking for each, which wait for each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.api.scheduling.callers import Caller, a_booking, a_client, a_code, an_order, fill, served
from tests.scheduling.live import Clock, breaches, opened

RESTS = timedelta(hours=48)
"""Plaster dries before anything else is done (``follow_ons.csv``)."""


@pytest.fixture
def caller(hub_url: str, tmp_path: Path, key: Ed25519PrivateKey) -> Iterator[Caller]:
    fill(hub_url)
    secret = a_client(hub_url)
    with served(hub_url, tmp_path, Clock(), key) as address:
        yield Caller(address, "housing", secret)
    desk = opened(hub_url, tmp_path, Clock())
    assert breaches(desk) == ()
    desk.store.close()


def visits(caller: Caller, ref: str) -> list[Any]:
    (order,) = caller.done("selectOrder", primaryOrderNumber=[ref]).theOrders
    return list(order.theBookings)


def planned(url: str, ref: str) -> int:
    """How many visits of an order are in the plan."""
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        query = "SELECT count(*) FROM scheduling.visit WHERE starts_with(job_ref, %s)"
        return int((connection.execute(query, (ref,)).fetchone() or (0,))[0])


def told(number: int, day: int, ref: str = "T1", **more: Any) -> dict[str, Any]:
    """The morning of a day of September, promised."""
    return {"theBooking": a_booking(number, f"2026-09-{day}T08:00:00", f"2026-09-{day}T12:00:00", ref, **more)}


def test_each_trade_is_booked_by_its_own_number_and_after_the_one_before(caller: Caller, hub_url: str) -> None:
    codes = [a_code("T1", "MU1"), a_code("T1", "PT1")]
    assert caller.done("checkAvailability", theOrder=an_order("T1", theBookingCodes=codes)).theSlots
    order = caller.done("createOrder", theOrder=an_order("T1", theBookingCodes=codes)).theOrder
    plaster, finish = order.theBookings
    assert [each.bookingReason for each in (plaster, finish)] == ["first", "follow on"]
    assert plaster.bookingId != finish.bookingId
    caller.done("scheduleBooking", **told(plaster.bookingId, 15))
    caller.refused("scheduleBooking", **told(finish.bookingId, 16))  # it is not dry by then
    caller.done("scheduleBooking", **told(finish.bookingId, 18))
    first, second = visits(caller, "T1")
    assert (first.theResources[0].resourceID, second.assignedStart.day) == ("OP3", 18)
    assert second.assignedStart - first.assignedEnd >= RESTS
    caller.refused("scheduleBooking", **told(plaster.bookingId, 17))  # the second one was promised too
    assert visits(caller, "T1")[0].assignedStart.day == 15
    assert caller.done("deleteOrder", theOrder=an_order("T1")).theOrder
    assert planned(hub_url, "T1") == 0


@pytest.mark.parametrize("which", [0, 1])
def test_a_told_duration_leaves_them_in_their_order(caller: Caller, which: int) -> None:
    codes = [a_code("T1", "MU1"), a_code("T1", "PT1")]
    created = caller.done("createOrder", theOrder=an_order("T1", theBookingCodes=codes)).theOrder.theBookings
    lasts = {which: 75}
    caller.done("scheduleBooking", **told(created[0].bookingId, 15, duration=lasts.get(0, 0)))
    caller.refused("scheduleBooking", **told(created[1].bookingId, 16, duration=lasts.get(1, 0)))
    caller.done("scheduleBooking", **told(created[1].bookingId, 18, duration=lasts.get(1, 0)))
    found = visits(caller, "T1")
    assert [each.bookingId for each in found] == [each.bookingId for each in created]
    assert found[which].assignedEnd - found[which].assignedStart >= timedelta(minutes=75)
    assert found[1].assignedStart - found[0].assignedEnd >= RESTS


def test_a_further_visit_is_asked_about_and_goes_with_its_order(caller: Caller, hub_url: str) -> None:
    (first,) = caller.done("createOrder", theOrder=an_order("T2")).theOrder.theBookings
    caller.done("scheduleBooking", **told(first.bookingId, 15, "T2"))
    further = a_booking(0, "2026-09-17T08:00:00", "2026-09-17T12:00:00", "T2", bookingReason="follow on")
    done = {"completeOrder": False, "endDateAndTime": "2026-09-15T10:00:00", "resourceId": "OP0",
            "startDateAndTime": "2026-09-15T09:00:00", "transactionType": "COMPLETED"}  # fmt: skip
    caller.done("updateBooking", **told(first.bookingId, 15, "T2"), theFollowOnBooking=further, **done)
    assert caller.done("checkAvailability", theOrder=an_order("T2")).theSlots
    (again,) = caller.done("createBooking", theBooking=further).theBookings
    assert [each.bookingId for each in visits(caller, "T2")] == [again.bookingId]
    caller.done("scheduleBooking", **told(again.bookingId, 17, "T2"))
    assert planned(hub_url, "T2/") == 1
    caller.done("deleteOrder", theOrder=an_order("T2"))
    assert planned(hub_url, "T2/") == 0
