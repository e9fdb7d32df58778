"""The scheduler's store and the confirmations it sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from estate.servers.drs import DrsStore
from estate.truth import Truth
from estate.world import World
from estate.writers import drs


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth()


@pytest.fixture(scope="module")
def folder(small_world: World, truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("drs")
    drs.write(small_world, target, truth)
    return target


@pytest.fixture(scope="module")
def content(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / drs.FILE).read_text("utf-8"))
    return found


def test_the_last_weeks_and_the_next_are_booked(content: dict[str, Any]) -> None:
    days = {booking["planningWindowStart"][:10] for booking in content["bookings"]}
    assert min(days) == "2026-08-24" and max(days) > "2026-10-04"
    states = {booking["bookingLifeCycleStatus"] for booking in content["bookings"]}
    assert {"COMPLETED", "PLANNED", "DESPATCHED"} <= states


def test_instants_are_spelt_in_three_ways(content: dict[str, Any]) -> None:
    ends = {booking["planningWindowStart"][19:] for booking in content["bookings"]}
    assert ends == {"+01:00", "Z", ""}


def test_every_booking_has_its_order_but_those_that_nobody_knows(content: dict[str, Any], truth: Truth) -> None:
    orders = {order["primaryOrderNumber"] for order in content["orders"]}
    strange = [str(each["bookingId"]) for each in content["bookings"] if each["primaryOrderNumber"] not in orders]
    faults = truth.faults().to_pandas()
    assert sorted(faults.loc[faults["kind"] == "order-missing", "key"]) == sorted(strange)


def test_the_service_answers_from_it(folder: Path) -> None:
    store = DrsStore.from_file(folder / drs.FILE, login="hub", password="right")
    session = store.answer("openSession", {"login": "hub", "password": "right"})["sessionId"]
    asked = {"sessionId": session, "contract": drs.CONTRACT, "returnBookingsFrom": "2026-09-28T00:00:00"}
    answer = store.answer("selectBooking", {**asked, "returnBookingsTo": "2026-10-04T23:59:59"})
    assert answer["status"] == "success" and answer["theBookings"]
    hours = store.answer("selectResource", {"sessionId": session, "includeWorkingHours": "true"})["theResources"]
    assert {resource["resourceID"] for resource in hours} >= {drs.AGENCY}


def test_confirmations_are_messages_of_visits_to_come(folder: Path, content: dict[str, Any], truth: Truth) -> None:
    faults = truth.faults().to_pandas()
    broken = set(faults.loc[faults["table"] == "confirmations", "unit"])
    known = {str(booking["bookingId"]) for booking in content["bookings"]}
    files = sorted((folder / drs.CONFIRMATIONS).iterdir())
    assert len(files) > 7 and len(broken) == 1
    for file in files:
        if file.name in broken:
            continue
        message = etree.fromstring(file.read_bytes())
        assert message.findtext(".//bookingId") in known
        assert str(message.findtext(".//changedDate")) < "2026-09-28"


def test_the_same_seed_gives_the_same_bytes(folder: Path, small_world: World, tmp_path: Path) -> None:
    drs.write(small_world, tmp_path, Truth())
    assert (tmp_path / drs.FILE).read_bytes() == (folder / drs.FILE).read_bytes()
