"""Webhooks arrive signed, in order and at least once; nobody can have them sent into the house."""

from __future__ import annotations

import base64
import hmac
import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api import deliveries
from api.problems import Problem
from api.settings import ApiSettings
from api.webhooks import check_url, is_public
from canonical_model import changes
from services.databases import create_database, drop_database
from tests.api.conftest import Api
from tests.api.receiver import Receiver
from tests.api.state import ANN, BEN, HOME, fill

SCOPES = "people:read places:read"
JSON = "application/json"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def webhook_url(postgres: str, empty_hub: str) -> Iterator[str]:
    url = create_database(postgres, "api_webhook_tests", template=empty_hub)
    fill(url)
    yield url
    drop_database(postgres, "api_webhook_tests")


@pytest.fixture(scope="module")
def hub(webhook_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(webhook_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        yield connection


@pytest.fixture
def sending(
    settings: ApiSettings, webhook_url: str, hub: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[ApiSettings]:
    """The settings of a worker that sends at once, to this machine too."""
    monkeypatch.setattr(deliveries, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(deliveries, "ELECTION_SECONDS", 0.1)
    monkeypatch.setattr(deliveries, "BACK_OFF", (timedelta(seconds=0.1),))
    yield replace(settings, database_url=webhook_url, private_webhooks=True)
    hub.execute("DELETE FROM api.webhook")


@pytest.fixture
def api(sending: ApiSettings, key: Ed25519PrivateKey) -> Iterator[Api]:
    api = Api(sending, key)
    yield api
    api.close()


def subscribe(api: Api, url: str, **more: Any) -> dict[str, Any]:
    answer = api.ask("POST", "/v1/webhooks", SCOPES, content=json.dumps({"url": url, **more}), content_type=JSON)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def listed(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/v1/webhooks", SCOPES).json()["data"]
    return found


def touch(hub: psycopg.Connection[Any], table: str, *ids: UUID) -> None:
    hub.execute(f"UPDATE canonical.{table} SET row_hash = row_hash + 1 WHERE id = ANY(%s)", (list(ids),))


def until(api: Api, true: Callable[[], bool]) -> None:
    """Lets the worker work until something is true."""
    deadline = time.monotonic() + 15
    while not true():
        assert time.monotonic() < deadline
        api.get("/health")
        time.sleep(0.02)


def wait(api: Api) -> None:
    """Lets the worker work for some rounds."""
    for _ in range(20):
        api.get("/health")
        time.sleep(0.02)


def test_changes_arrive_signed(api: Api, hub: psycopg.Connection[Any], receiver: Receiver) -> None:
    told = subscribe(api, receiver.url, entity=["people"])
    touch(hub, "golden_asset", HOME)
    touch(hub, "golden_person", ANN)
    until(api, lambda: bool(receiver.messages))
    [message] = receiver.messages
    assert message.ids == [str(ANN)]
    key = base64.b64decode(told["secret"].removeprefix("whsec_"))
    signed = f"{message.headers['webhook-id']}.{message.headers['webhook-timestamp']}.".encode() + message.body
    expected = base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
    assert message.headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(message.headers["webhook-timestamp"]) - time.time()) < 60
    assert "surname" not in message.body.decode()


def test_what_is_not_taken_comes_again_as_it_was_before_what_came_later(
    api: Api, hub: psycopg.Connection[Any], receiver: Receiver
) -> None:
    receiver.statuses = [500, 302]
    subscribe(api, receiver.url)
    touch(hub, "golden_person", ANN)
    until(api, lambda: bool(receiver.messages))
    touch(hub, "golden_person", ANN, BEN)
    until(api, lambda: len(receiver.messages) >= 4)
    first, again, third, last = receiver.messages
    assert {first.headers["webhook-id"], again.headers["webhook-id"]} == {third.headers["webhook-id"]}
    assert first.body == again.body == third.body != last.body
    assert sorted(last.ids) == sorted([str(ANN), str(BEN)])
    until(api, lambda: listed(api)[0]["failures"] == 0 and listed(api)[0]["delivered_at"] is not None)


def test_who_does_not_answer_delays_nobody_else(
    api: Api, hub: psycopg.Connection[Any], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(host: str, *given: Any, **more: Any) -> Any:
        if host == "slow.test":
            time.sleep(8)
        return socket.getaddrinfo("127.0.0.1", *given, **more)

    monkeypatch.setattr(deliveries, "socket", SimpleNamespace(getaddrinfo=look_up, SOCK_STREAM=socket.SOCK_STREAM))
    with socket.create_server(("127.0.0.1", 0), backlog=100) as dead:
        for host in ("127.0.0.1", "slow.test"):
            told = subscribe(api, f"http://{host}:{dead.getsockname()[1]}/")
            hub.execute(
                "INSERT INTO api.webhook (client_id, url, entities, position) "
                "SELECT 'many', url, entities, position FROM api.webhook, generate_series(1, 59) WHERE id = %s",
                (told["id"],),
            )
        touch(hub, "golden_person", ANN)
        wait(api)  # now they all hang
        subscribe(api, receiver.url)
        touch(hub, "golden_person", BEN)
        began = time.monotonic()
        until(api, lambda: bool(receiver.messages))
        assert time.monotonic() - began < 3
        assert receiver.messages[0].ids == [str(BEN)]


def test_another_worker_goes_on_where_one_stopped(
    sending: ApiSettings, hub: psycopg.Connection[Any], receiver: Receiver, key: Ed25519PrivateKey
) -> None:
    receiver.statuses = [503] * 3
    first, second = Api(sending, key), Api(sending, key)
    subscribe(first, receiver.url)
    touch(hub, "golden_person", BEN)
    until(first, lambda: bool(receiver.messages))
    first.close()
    until(second, lambda: len(receiver.messages) >= 4)
    assert len({message.headers["webhook-id"] for message in receiver.messages}) == 1
    second.close()


def test_who_fails_for_long_is_disabled_with_a_message_and_can_be_resumed(
    api: Api, hub: psycopg.Connection[Any], receiver: Receiver
) -> None:
    receiver.statuses = [500] * 1_000
    told = subscribe(api, receiver.url)
    touch(hub, "golden_person", ANN)
    until(api, lambda: listed(api)[0]["failures"] > 0)
    hub.execute("UPDATE api.webhook SET failing_since = now() - interval '6 days'")
    until(api, lambda: listed(api)[0]["status"] == "disabled")
    receiver.statuses = []
    disabled = listed(api)[0]
    assert (disabled["status"], "resume" in disabled["message"]) == ("disabled", True)
    assert api.ask("POST", f"/v1/webhooks/{told['id']}/resume", SCOPES).json()["status"] == "active"
    sent = len(receiver.messages)
    until(api, lambda: len(receiver.messages) > sent)
    assert receiver.messages[-1].ids == [str(ANN)]


def test_who_says_gone_is_not_asked_again(api: Api, hub: psycopg.Connection[Any], receiver: Receiver) -> None:
    receiver.statuses = [410]
    subscribe(api, receiver.url)
    touch(hub, "golden_person", ANN)
    until(api, lambda: listed(api)[0]["status"] == "disabled")
    assert len(receiver.messages) == 1


def test_what_retention_took_is_told(
    sending: ApiSettings, hub: psycopg.Connection[Any], receiver: Receiver, key: Ed25519PrivateKey
) -> None:
    receiver.statuses = [500] * 1_000
    first = Api(sending, key)
    subscribe(first, receiver.url)
    touch(hub, "golden_person", ANN)
    until(first, lambda: bool(receiver.messages))
    first.close()
    changes.purge_changes(hub, datetime.now(UTC) + timedelta(days=1))
    second = Api(sending, key)
    until(second, lambda: listed(second)[0]["status"] == "disabled")
    assert "bulk export" in listed(second)[0]["message"]
    second.close()


def test_nothing_is_sent_to_a_client_that_was_revoked_or_may_read_less_now(
    api: Api, hub: psycopg.Connection[Any], receiver: Receiver
) -> None:
    hub.execute(
        "INSERT INTO api.client (id, secret_hash, scopes, purpose) VALUES ('portal', '-', '{places:read}', 'a test')"
    )
    subscribe(api, receiver.url)
    touch(hub, "golden_person", ANN)
    touch(hub, "golden_asset", HOME)
    until(api, lambda: bool(receiver.messages))
    hub.execute("UPDATE api.client SET revoked_at = now()")
    wait(api)
    touch(hub, "golden_asset", HOME)
    wait(api)
    hub.execute("DELETE FROM api.client")
    assert [message.ids for message in receiver.messages] == [[str(HOME)]]


def test_a_client_sees_and_ends_only_its_own(api: Api, receiver: Receiver) -> None:
    told = subscribe(api, receiver.url)
    path = f"/v1/webhooks/{told['id']}"
    assert api.get("/v1/webhooks", SCOPES, client="another").json()["data"] == []
    assert api.ask("DELETE", path, SCOPES, client="another").status_code == 404
    assert "secret" not in listed(api)[0]
    assert api.ask("DELETE", path, SCOPES).status_code == 204
    assert listed(api) == []


def test_only_what_may_be_read_can_be_followed(api: Api, receiver: Receiver) -> None:
    body = json.dumps({"url": receiver.url, "entity": ["rent-accounts"]})
    assert api.ask("POST", "/v1/webhooks", SCOPES, content=body, content_type=JSON).status_code == 403
    assert "rent-accounts" not in (told := subscribe(api, receiver.url)["entity"])
    assert {"people", "places"} <= set(told)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "https://127.0.0.1/", "https://10.1.2.3/", "https://169.254.169.254/latest/meta-data",
        "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[fd00::1]/",
        "https://example.org/50%:", "https://example.org/a|b", "https://v.info*/",
        "https://me:secret@example.org/", "ftp://example.org/", "https://", "nonsense", "https://example.org:99999/",
        "https://[2002:7f00:1::]/", "https://100.64.0.1/", "https://224.0.0.1/", "https://0.0.0.0/",
    ],
)  # fmt: skip
def test_messages_go_to_public_addresses_alone(url: str) -> None:
    with pytest.raises(Problem) as refused:
        check_url(url, private=False)
    assert refused.value.kind == "bad-value"


def test_public_addresses_are_taken() -> None:
    check_url("https://example.org/hook?a=1", private=False)
    assert is_public("93.184.215.14")
    assert is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")


def test_a_name_that_leads_into_the_house_is_not_connected_to(
    sending: ApiSettings, key: Ed25519PrivateKey, hub: psycopg.Connection[Any], receiver: Receiver
) -> None:
    api = Api(replace(sending, private_webhooks=False), key)
    port = receiver.url.split(":")[2].split("/")[0]
    subscribe(api, f"https://localhost:{port}/hook")
    touch(hub, "golden_person", ANN)
    until(api, lambda: listed(api)[0]["failures"] > 0)
    assert receiver.messages == []
    api.close()
