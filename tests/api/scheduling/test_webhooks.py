"""Operatives' messages reach a receiver of the client's own: signed, in order, again where they were not taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api import deliveries
from tests.api.receiver import Receiver
from tests.api.scheduling.test_dispatch import LEAK, ask
from tests.api.test_scheduling import Service
from tests.scheduling.live import published, town


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def service(hub_url: str, tmp_path: Path, key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(deliveries, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(deliveries, "ELECTION_SECONDS", 0.1)
    monkeypatch.setattr(deliveries, "BACK_OFF", (timedelta(seconds=0.1),))
    published(hub_url, tmp_path, town())
    service = Service(hub_url, tmp_path, key)
    service.clock.goes_on(hours=3)
    yield service
    service.close()


def until(service: Service, true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        service.waits(0.05)


def subscribed(service: Service, url: str, **more: Any) -> dict[str, Any]:
    answer = ask(service, "POST", "webhooks", {"url": url, **more})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert answer.headers["location"].endswith(told["id"])
    return told


def test_an_emergency_is_sent_signed_and_can_be_acknowledged(service: Service, receiver: Receiver) -> None:
    told = subscribed(service, receiver.url)
    (visit,) = ask(service, "POST", "emergencies", LEAK).json()["visits"]
    until(service, lambda: any(one.told["kind"] == "emergency" for one in receiver.messages))
    message = next(one for one in receiver.messages if one.told["kind"] == "emergency")
    assert message.is_signed(told["secret"])
    assert (message.told["operative_ref"], message.told["job_ref"]) == (visit["operative_ref"], "LEAK")
    assert message.headers["webhook-id"].endswith(f"_{message.told['id']}")
    assert ask(service, "POST", f"messages/{message.told['id']}/acknowledged").json()["acknowledged_at"]
    numbers = [one.told["id"] for one in receiver.messages]
    assert numbers == sorted(set(numbers))


def test_what_is_not_taken_comes_again_and_what_came_later_waits(service: Service, receiver: Receiver) -> None:
    receiver.statuses = [500, 503]
    subscribed(service, receiver.url)
    ask(service, "POST", "emergencies", LEAK)
    until(service, lambda: len(receiver.messages) >= 3)
    first, again, third = receiver.messages[:3]
    assert {first.headers["webhook-id"]} == {again.headers["webhook-id"], third.headers["webhook-id"]}
    assert first.body == again.body == third.body
    until(service, lambda: not ask(service, "GET", "webhooks").json()["webhooks"][0]["failures"])


def test_a_subscription_has_the_devices_that_it_names(service: Service, receiver: Receiver) -> None:
    subscribed(service, receiver.url, operative_refs=["NOBODY"])
    ask(service, "POST", "emergencies", LEAK)
    service.waits(0.5)
    assert receiver.messages == []


def test_a_receiver_that_is_gone_has_no_more_until_it_is_resumed(service: Service, receiver: Receiver) -> None:
    receiver.statuses = [410]
    told = subscribed(service, receiver.url)
    ask(service, "POST", "emergencies", LEAK)
    until(service, lambda: ask(service, "GET", "webhooks").json()["webhooks"][0]["status"] == "disabled")
    assert ask(service, "POST", f"webhooks/{told['id']}/resume").json()["status"] == "active"
    until(service, lambda: len(receiver.messages) >= 2)
    assert receiver.messages[0].body == receiver.messages[1].body
    assert ask(service, "DELETE", f"webhooks/{told['id']}").status_code == 204
    assert ask(service, "DELETE", f"webhooks/{told['id']}").status_code == 404
    assert ask(service, "GET", "webhooks").json() == {"webhooks": []}


def test_it_takes_the_scope_of_devices(service: Service, receiver: Receiver) -> None:
    body = {"url": receiver.url}
    assert service.ask("POST", "/v1/scheduling/webhooks", body, scopes="scheduling:read").status_code == 403
    assert ask(service, "POST", "webhooks", {"url": "ftp://example.org"}).status_code == 400
