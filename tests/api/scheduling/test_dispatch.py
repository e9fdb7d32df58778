"""The day over HTTP: an emergency is on the operative's device at once, and is acknowledged; reports; consent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.scheduling.thread import TEND_SECONDS
from tests.api.test_scheduling import Service
from tests.scheduling import small
from tests.scheduling.live import published, town

EVERYTHING = "scheduling:read scheduling:book scheduling:plan scheduling:device"
LEAK = {"order_ref": "LEAK", "latitude": 52.63, "longitude": -1.1, "trade": "PL", "minutes": 30}
PATH = "/v1/scheduling"


@pytest.fixture
def service(hub_url: str, tmp_path: Path, key: Ed25519PrivateKey) -> Iterator[Service]:
    published(hub_url, tmp_path, town())
    service = Service(hub_url, tmp_path, key)
    service.clock.goes_on(hours=3)
    yield service
    service.close()


def ask(service: Service, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return service.ask(method, f"{PATH}/{path}", body, scopes=EVERYTHING, **headers)


def heard(service: Service, operative_ref: str, after: int, seconds: float = 1.5) -> list[dict[str, Any]]:
    """The events of a device's stream that come in so many seconds."""
    app = service._client._transport.app  # type: ignore[attr-defined]
    from tests.api.tokens import token  # noqa: PLC0415

    bearer = token(service._key, client_id="device", scope=EVERYTHING)
    parts: list[bytes] = []

    async def listen() -> None:
        async def receive() -> dict[str, Any]:
            await asyncio.sleep(seconds)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            parts.append(message.get("body", b""))

        path = f"{PATH}/devices/{operative_ref}/stream"
        headers = [(b"authorization", f"Bearer {bearer}".encode()), (b"last-event-id", str(after).encode())]
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
                 "headers": headers, "http_version": "1.1", "scheme": "http", "server": ("hub", 80),
                 "client": ("x", 1), "asgi": {"version": "3.0"}, "root_path": ""}  # fmt: skip
        await app(scope, receive, send)

    service._runner.run(listen())
    blocks = b"".join(parts).decode().split("\n\n")
    return [
        {**orjson.loads(lines["data"]), "event": lines["event"], "event_id": int(lines["id"])}
        for block in blocks
        if (lines := dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)) and "data" in lines
    ]


def test_an_emergency_reaches_the_device_and_is_acknowledged(service: Service) -> None:
    sent = ask(service, "POST", "emergencies", LEAK)
    assert sent.status_code == 201
    (visit,) = sent.json()["visits"]
    events = heard(service, visit["operative_ref"], 0)
    assert [one["sequence"] for one in events] == list(range(1, len(events) + 1))
    told = next(one for one in events if one["event"] == "emergency")
    assert told["job_ref"] == "LEAK"
    assert any(one["job_ref"] == "LEAK" for one in told["visits"])
    done = ask(service, "POST", f"messages/{told['event_id']}/acknowledged")
    assert done.json()["acknowledged_at"]
    assert ask(service, "POST", f"messages/{told['event_id']}/acknowledged").json() == done.json()
    assert heard(service, visit["operative_ref"], events[-1]["event_id"], 0.5) == []
    assert ask(service, "POST", "messages/999999/acknowledged").status_code == 404


def test_an_emergency_for_two_has_both_on_their_devices_and_nobody_came_before_it(service: Service) -> None:
    sent = ask(service, "POST", "emergencies", {**LEAK, "crew": 2}).json()["visits"]
    assert [one["role"] for one in sent] == [0, 1]
    assert len({one["operative_ref"] for one in sent}) == 2
    assert len({one["starts_at"] for one in sent}) == 1
    for one in sent:
        assert service.clock().isoformat() <= one["arrives_at"] <= one["starts_at"]
        assert any(each["event"] == "emergency" for each in heard(service, one["operative_ref"], 0, 0.5))


def test_what_nobody_acknowledges_goes_to_the_next_and_then_to_a_supervisor(service: Service) -> None:
    first = ask(service, "POST", "emergencies", LEAK).json()["visits"][0]["operative_ref"]
    service.clock.goes_on(minutes=6)
    service.waits(TEND_SECONDS + 0.7)
    today = service.clock().date().isoformat()
    visits = ask(service, "GET", f"visits?date={today}").json()["data"]
    now = next(one["operative_ref"] for one in visits if one["order_ref"] == "LEAK")
    if now != first:
        assert any(one["event"] == "emergency" for one in heard(service, now, 0, 0.5))
    for _ in range(3):
        service.clock.goes_on(minutes=6)
        service.waits(TEND_SECONDS + 0.7)
    assert any(one["event"] == "nobody-acknowledged" for one in heard(service, "supervisor", 0, 0.5))


def test_a_supervisor_hears_of_what_nobody_can_settle(service: Service) -> None:
    """An emergency that nobody has a place for, and a tenant who does not agree."""
    whole_day = {"kind": "away", "until_at": (small.MONDAY + timedelta(days=3)).isoformat()}
    for ref in ("OP0", "OP1", "OP2"):
        ask(service, "POST", "reports", {**whole_day, "operative_ref": ref})
    assert ask(service, "POST", "emergencies", LEAK).json()["visits"] == []
    (proposal,) = [one for one in ask(service, "GET", "proposals").json()["data"] if one["order_ref"] == "W03"]
    refused = ask(service, "POST", f"proposals/{proposal['id']}/refused")
    assert refused.status_code == 200, refused.text
    told = {one["event"]: one for one in heard(service, "supervisor", 0, 0.5)}
    assert {"consent-needed", "emergency-without-place", "consent-refused"} <= set(told)
    assert told["emergency-without-place"]["job_ref"] == "LEAK"
    assert (told["consent-refused"]["proposal"], told["consent-refused"]["job_ref"]) == (proposal["id"], "W03")


def test_sickness_is_replanned_and_the_others_are_told(service: Service) -> None:
    until, today = (small.MONDAY + timedelta(days=1)).isoformat(), service.clock().date().isoformat()
    rows = ask(service, "GET", f"visits?date={today}").json()["data"]
    whose = next(one["operative_ref"] for one in reversed(rows) if one["starts_at"] > service.clock().isoformat())
    sick = ask(service, "POST", "reports", {"kind": "away", "operative_ref": whose, "until_at": until})
    assert sick.status_code == 200
    left = ask(service, "GET", f"visits?date={today}&operative_ref={whose}").json()["data"]
    assert all(one["starts_at"] <= service.clock().isoformat() for one in left)
    assert heard(service, whose, 0, 0.5)
    assert ask(service, "GET", "proposals").json()["data"] == sick.json()["proposals"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "away", "operative_ref": "OP0"}, 422),
        ({"kind": "away", "operative_ref": "NONE", "until_at": "2026-09-15T00:00:00+01:00"}, 422),
        ({"kind": "completed", "order_ref": "NONE"}, 404),
        ({"kind": "overrun", "order_ref": "W00"}, 422),
        ({"kind": "started"}, 422),
        ({"kind": "away", "operative_ref": "OP0", "until_at": 0}, 400),
    ],
)
def test_reports_that_say_too_little_are_refused(service: Service, body: dict[str, Any], status: int) -> None:
    assert ask(service, "POST", "reports", body).status_code == status


def test_a_stream_resumes_by_numbers_alone(service: Service) -> None:
    assert ask(service, "GET", "devices/OP0/stream", last_event_id="x").status_code == 400
    assert service.ask("GET", f"{PATH}/devices/OP0/stream", scopes="scheduling:read").status_code == 403
