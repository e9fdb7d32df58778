"""Sessions of systems that call the old scheduler's operations, and messages that are none."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectors.scheduler_soap import SERVICE, SOAP_12
from estate.servers.soap import BOMB
from tests.api.scheduling.callers import (
    AFTERNOON,
    Caller,
    Council,
    a_booking,
    a_client,
    asked,
    created,
    fill,
    on,
    running,
    served,
    stands,
)
from tests.scheduling.live import Clock

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
