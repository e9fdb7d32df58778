"""Slots over HTTP: from the question to the promise, and every refusal a problem document."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.scheduling.app import create_app
from api.scheduling.thread import TEND_SECONDS
from api.settings import ApiSettings
from scheduling.desk import Desk
from scheduling.store import Store
from tests.api.conftest import Kept, _started
from tests.api.scheduling.described import as_described
from tests.api.tokens import AUDIENCE, ISSUER, token
from tests.scheduling.live import RULES, Clock, published, town

BOOK = "scheduling:book"
OFFERS, HOLDS, BOOKINGS = "/v1/scheduling/offers", "/v1/scheduling/holds", "/v1/scheduling/bookings"


class Service:
    """The scheduling service in its own event loop: ``ask(method, path, body)``."""

    def __init__(self, url: str, folder: Path, key: Ed25519PrivateKey) -> None:
        self.clock, self.audit, self.lost, self._key = Clock(), Kept(), [0], key
        self._settings = ApiSettings(
            url, ISSUER, AUDIENCE, {"k1": key.public_key()}, b"a secret of the tests" * 2, private_webhooks=True
        )
        self._url, self._folder = url, folder
        self._runner, self._stack = asyncio.Runner(), AsyncExitStack()
        self._client = self._runner.run(self._open())

    async def _open(self) -> httpx.AsyncClient:
        app = create_app(
            self._settings, lambda _: self.audit, lambda: Desk(Store(self._url, self._folder), self.clock), RULES,
            lambda: self.lost.append(1),
        )  # fmt: skip
        self._app = app
        await self._stack.enter_async_context(_started(app))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        return await self._stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://hub"))

    def ask(self, method: str, path: str, body: Any = None, scopes: str = BOOK, **headers: str) -> httpx.Response:
        return self._runner.run(self._ask(method, path, body, scopes, **headers))

    async def _ask(self, method: str, path: str, body: Any, scopes: str = BOOK, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["authorization"] = f"Bearer {token(self._key, client_id='portal', scope=scopes)}"
        found = await self._client.request(method, path, json=body, headers=sent)
        as_described(self._app, method, path, found)
        return found

    def all_at_once(self, asked: list[tuple[str, str, Any]]) -> list[httpx.Response]:
        async def every() -> list[httpx.Response]:
            return await asyncio.gather(*(self._ask(method, path, body) for method, path, body in asked))

        return self._runner.run(every())

    def waits(self, seconds: float) -> None:
        self._runner.run(asyncio.sleep(seconds))

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()


@pytest.fixture
def service(hub_url: str, tmp_path: Path, key: Ed25519PrivateKey) -> Iterator[Service]:
    published(hub_url, tmp_path, town())
    service = Service(hub_url, tmp_path, key)
    yield service
    service.close()


def first_offer(service: Service, order_ref: str = "W00") -> str:
    return str(service.ask("POST", OFFERS, {"order_ref": order_ref}).json()["offers"][0]["offer"])


def test_from_the_question_to_the_promise_and_back(service: Service) -> None:
    found = service.ask("POST", OFFERS, {"order_ref": "W00", "days": 12}).json()
    one = found["offers"][0]
    assert (one["preference"], one["within_target"]) == (1, True)
    assert {"offer", "slot", "date", "starts_at", "ends_at", "added_miles", "why", "operative_ref"} <= one.keys()
    assert len(found["days"]) == 12
    held = service.ask("POST", HOLDS, {"offer": one["offer"]})
    assert (held.status_code, held.json()["status"]) == (201, "held")
    assert held.json()["expires_at"] == (service.clock() + timedelta(minutes=10)).isoformat()
    number = held.json()["hold"]
    done = service.ask("POST", BOOKINGS, {"hold": number})
    assert (done.status_code, done.json()["status"], done.headers["location"]) == (
        201, "confirmed", f"{BOOKINGS}/{number}",
    )  # fmt: skip
    again = service.ask("POST", BOOKINGS, {"hold": number})
    assert (again.status_code, again.json()) == (200, done.json())
    other = service.ask("POST", OFFERS, {"booking": number, "from": "2026-09-21"}).json()["offers"][0]
    moved = service.ask("POST", f"{BOOKINGS}/{number}/change", {"offer": other["offer"]}).json()
    assert (moved["id"], moved["date"], moved["slot"]) == (number, other["date"], other["slot"])
    assert service.ask("GET", f"{BOOKINGS}/{number}").json() == moved
    assert service.ask("DELETE", f"{BOOKINGS}/{number}?reason=no+longer+needed").json()["status"] == "cancelled"
    assert service.ask("POST", OFFERS, {"order_ref": "W00"}).status_code == 200


def test_a_hold_that_is_over_is_refused_with_fresh_offers(service: Service) -> None:
    number = service.ask("POST", HOLDS, {"offer": first_offer(service)}).json()["hold"]
    service.clock.goes_on(minutes=11)
    refused = service.ask("POST", BOOKINGS, {"hold": number})
    assert (refused.status_code, refused.json()["code"]) == (410, "hold-expired")
    assert refused.headers["content-type"] == "application/problem+json"
    assert service.ask("POST", HOLDS, {"offer": refused.json()["offers"][0]["offer"]}).status_code == 201


def test_a_hold_ends_though_nobody_asks(service: Service, hub_url: str) -> None:
    service.ask("POST", HOLDS, {"offer": first_offer(service)})
    service.clock.goes_on(minutes=11)
    service.waits(TEND_SECONDS + 1)
    with psycopg.connect(hub_url.replace("+psycopg", "", 1)) as connection:
        kept = connection.execute("SELECT status_code FROM scheduling.booking WHERE job_ref = 'W00'").fetchall()
    assert kept == [("expired",)]


def test_a_hold_is_given_back(service: Service) -> None:
    number = service.ask("POST", HOLDS, {"offer": first_offer(service)}).json()["hold"]
    assert service.ask("DELETE", f"{HOLDS}/{number}").json()["status"] == "cancelled"
    number = service.ask("POST", HOLDS, {"offer": first_offer(service)}).json()["hold"]
    service.ask("POST", BOOKINGS, {"hold": number})
    assert service.ask("DELETE", f"{HOLDS}/{number}").status_code == 409


def test_the_same_key_is_the_same_hold(service: Service) -> None:
    offer = first_offer(service)
    answers = [service.ask("POST", HOLDS, {"offer": offer}, idempotency_key="k 1").json() for _ in range(2)]
    assert answers[0] == answers[1]
    refused = service.ask("POST", HOLDS, {"offer": first_offer(service, "W01")}, idempotency_key="k 1")
    assert (refused.status_code, refused.json()["code"]) == (409, "key-used")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"order_ref": "W99"}, 404, "unknown-order"),
        ({"work_order_id": "6d0d0e0e-0000-4000-8000-000000000000"}, 404, "unknown-order"),
        ({}, 422, "one-is-needed"),
        ({"order_ref": "W00", "booking": 1}, 422, "one-is-needed"),
        ({"order_ref": "W03"}, 409, "already-booked"),
        ({"order_ref": "W00", "days": 29}, 422, "too-many-days"),
        ({"order_ref": "W00", "from": "2026-09-13"}, 422, "past"),
        ({"order_ref": "W00", "from": "2031-09-13"}, 422, "beyond-plan"),
        ({"order_ref": "W00", "slots": ["NIGHT"]}, 422, "unknown-slot"),
    ],
)
def test_refusals_are_problem_documents(service: Service, body: dict[str, Any], status: int, code: str) -> None:
    refused = service.ask("POST", OFFERS, body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"]


@pytest.mark.parametrize(
    "body", [{"order_ref": ""}, {"orderref": "W00"}, {"order_ref": "W00", "from": "tomorrow"}, [], None]
)
def test_a_body_that_does_not_fit_is_a_problem(service: Service, body: Any) -> None:
    assert service.ask("POST", OFFERS, body).status_code == 400


def test_scopes_and_tokens_are_those_of_the_hub(service: Service) -> None:
    refused = service.ask("POST", OFFERS, {"order_ref": "W00"}, "scheduling:read")
    assert (refused.status_code, refused.json()["scope"]) == (403, BOOK)
    assert service.ask("GET", "/v1/scheduling/plan").status_code == 403
    assert service.ask("GET", "/nowhere").status_code == 404


def test_an_order_raised_today_is_booked_and_withdrawn(service: Service) -> None:
    order = {"order_ref": "NEW/1", "latitude": 52.62, "longitude": -1.1, "trade": "PL", "minutes": 60}
    assert service.ask("POST", "/v1/scheduling/orders", order).status_code == 201
    assert service.ask("POST", "/v1/scheduling/orders", {**order, "trade": "XX"}).status_code == 422
    held = service.ask("POST", HOLDS, {"offer": first_offer(service, "NEW/1")})
    assert held.status_code == 201
    assert service.ask("DELETE", "/v1/scheduling/orders/NEW/1").status_code == 200
    gone = service.ask("POST", OFFERS, {"order_ref": "NEW/1"})
    assert (gone.status_code, gone.json()["code"]) == (410, "order-closed")


def test_the_plan_and_the_visits_of_a_day(service: Service) -> None:
    told = service.ask("GET", "/v1/scheduling/plan", scopes="scheduling:read").json()
    assert (told["days"], told["left_out"], told["jobs"]) == (12, 0, 20)
    assert told["miles"] > 0
    whole = service.ask("GET", "/v1/scheduling/visits?date=2026-09-15", scopes="scheduling:read").json()["data"]
    assert "W03" in {visit["order_ref"] for visit in whole}
    one = whole[0]["operative_ref"]
    own = service.ask("GET", f"/v1/scheduling/visits?date=2026-09-15&operative_ref={one}", scopes="scheduling:read")
    assert own.json()["data"] == [visit for visit in whole if visit["operative_ref"] == one]
    assert [read.about.resource for read in service.audit.reads] == ["scheduling/visits"] * 2


def test_fifty_book_the_same_mornings_at_once_and_nobody_twice(service: Service) -> None:
    orders = [f"W{number:02}" for number in (0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)]
    offer = "2026-09-16.AM"
    answers = service.all_at_once([("POST", HOLDS, {"offer": f"{offer}.{ref}"}) for ref in orders for _ in range(3)])
    held = [answer.json()["hold"] for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} == {201, 409}
    confirmed = service.all_at_once([("POST", BOOKINGS, {"hold": number}) for number in held])
    done = [answer.json()["order_ref"] for answer in confirmed if answer.status_code in (200, 201)]
    assert len(done) == len(set(done)) >= 9
    visits = service.ask("GET", "/v1/scheduling/visits?date=2026-09-16", scopes="scheduling:read").json()["data"]
    assert set(done) <= {visit["order_ref"] for visit in visits}


def test_a_desk_that_lost_its_database_says_so_and_asks_to_be_started_again(service: Service, hub_url: str) -> None:
    offer = first_offer(service)
    with psycopg.connect(hub_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'hub desk%' AND datname = current_database()"
        )
    refused = service.ask("POST", HOLDS, {"offer": offer})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert len(service.lost) > 1


def test_the_description_is_there(service: Service) -> None:
    paths = service.ask("GET", "/v1/scheduling/openapi.json").json()["paths"]
    assert {OFFERS, HOLDS, BOOKINGS, "/v1/scheduling/visits", "/v1/scheduling/plan"} <= paths.keys()
