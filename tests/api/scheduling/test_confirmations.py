"""Bookings are told to the housing system as the old scheduler told them: each once, however they were made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectors.confirmations import Receiver
from connectors.soap_client import SoapClient
from tests.api.scheduling.callers import Caller, a_booking, a_client, an_order, fill, served
from tests.api.tokens import token
from tests.scheduling.live import Clock

FIRST = ("2026-09-15T08:00:00+01:00", "2026-09-15T12:00:00+01:00")
SECOND = ("2026-09-16T12:00:00+01:00", "2026-09-16T16:00:00+01:00")


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with Receiver(tmp_path / "inbox", system="works") as receiver:
        yield receiver


def heard(receiver: Receiver) -> list[dict[str, Any]]:
    """The confirmations that came in, by when they were made."""
    client = SoapClient("", system="works")
    messages = [client.read(path.read_bytes()) for path in receiver.inbox.glob("*.xml")]
    assert not any(message.drift for message in messages)
    return sorted((message.values for message in messages), key=lambda one: (one["changedDate"], one["bookingId"]))


def until(holds: Callable[[], bool]) -> None:
    """Waits for what happens by itself."""
    ends = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < ends, "it does not happen"
        time.sleep(0.05)


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def booked(caller: Caller, ref: str, window: tuple[str, str]) -> int:
    number = int(caller.done("createOrder", theOrder=an_order(ref)).theOrder.theBookings[0].bookingId)
    caller.done("scheduleBooking", theBooking=a_booking(number, *window, ref))
    return number


def test_bookings_made_and_moved_are_told_once_each(
    hub_url: str, tmp_path: Path, key: Ed25519PrivateKey, receiver: Receiver
) -> None:
    fill(hub_url)
    secret, clock = a_client(hub_url), Clock()
    with served(hub_url, tmp_path, clock, key, receiver.url) as address:
        caller = Caller(address, "housing", secret)
        number = booked(caller, "C1", FIRST)
        until(lambda: len(heard(receiver)) == 1)
        clock.goes_on(seconds=30)
        caller.done("scheduleBooking", theBooking=a_booking(number, *FIRST, "C1"))  # sent again: nothing new
        caller.done("scheduleBooking", theBooking=a_booking(number, *SECOND, "C1"))
        until(lambda: len(heard(receiver)) == 2)
        made, moved = heard(receiver)
        assert [one["bookingId"] for one in (made, moved)] == [number, number]
        assert made["planningWindowStart"].isoformat() == FIRST[0]
        assert moved["planningWindowEnd"].isoformat() == SECOND[1]
        assert (moved["primaryOrderNumber"], moved["contract"], moved["locationID"]) == ("C1", "H01", "H1")
        assert moved["planningWindowStart"] <= moved["assignedStart"] <= moved["planningWindowEnd"]
        # What REST books is told too.
        ask = httpx.Client(base_url=address, headers={
            "authorization": f"Bearer {token(key, client_id='portal', scope='scheduling:book scheduling:read')}"
        })  # fmt: skip
        clock.goes_on(seconds=30)
        offer = ask.post("/v1/scheduling/offers", json={"order_ref": "W01"}).json()["offers"][0]
        hold = ask.post("/v1/scheduling/holds", json={"offer": offer["offer"]}).json()
        assert ask.post("/v1/scheduling/bookings", json={"hold": hold["id"]}).status_code < 300
        until(lambda: len(heard(receiver)) == 3)
        assert heard(receiver)[2]["primaryOrderNumber"] == "W01"
    assert rows(hub_url, "SELECT count(*) FROM scheduling.confirmation WHERE sent_at IS NULL") == [(0,)]


def test_who_does_not_listen_is_told_later_and_nobody_waits(
    hub_url: str, tmp_path: Path, key: Ed25519PrivateKey, receiver: Receiver
) -> None:
    fill(hub_url)
    secret = a_client(hub_url)
    port = int(receiver.url.rstrip("/").rpartition(":")[2])
    receiver.stop()
    with served(hub_url, tmp_path, Clock(), key, receiver.url) as address:
        caller = Caller(address, "housing", secret)
        booked(caller, "C2", FIRST)
        tried = "SELECT attempts, problem FROM scheduling.confirmation WHERE sent_at IS NULL"
        until(lambda: rows(hub_url, tried) != [] and rows(hub_url, tried)[0][0] > 0)
        assert rows(hub_url, tried)[0][1] == "no answer (ConnectError)"
        caller.done("selectBooking")
        again = Receiver(receiver.inbox, system="works", address=("127.0.0.1", port))
        again.start()
        until(lambda: len(heard(again)) == 1)
        again.stop()
    receiver.start()  # which its fixture stops


def test_what_was_overtaken_or_is_over_is_not_told_any_more(
    hub_url: str, tmp_path: Path, key: Ed25519PrivateKey, receiver: Receiver
) -> None:
    fill(hub_url)
    secret, clock = a_client(hub_url), Clock()
    with served(hub_url, tmp_path, clock, key) as address:  # no address: nothing is sent
        caller = Caller(address, "housing", secret)
        number = booked(caller, "C3", FIRST)
        caller.done("scheduleBooking", theBooking=a_booking(number, *SECOND, "C3"))
        booked(caller, "C4", ("2026-09-14T12:00:00+01:00", "2026-09-14T16:00:00+01:00"))
    clock.goes_on(days=1)
    with served(hub_url, tmp_path, clock, key, receiver.url):
        until(lambda: len(heard(receiver)) == 1)
    (told,) = heard(receiver)
    assert (told["primaryOrderNumber"], told["planningWindowStart"].isoformat()) == ("C3", SECOND[0])
    assert rows(hub_url, "SELECT count(*) FROM scheduling.confirmation WHERE given_up_at IS NOT NULL") == [(2,)]
