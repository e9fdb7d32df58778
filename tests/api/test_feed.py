"""The feed: each caller is told of what it may read, in order, from where it was, as pages and as a stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api import streams
from api.app import create_app
from api.settings import ApiSettings
from canonical_model import changes
from canonical_model.base import CURRENT
from services.databases import create_database, drop_database
from tests.api.conftest import Api, Kept, _started
from tests.api.state import ACCOUNT, ANN, BEN, HOME, OLD_ANN, fill
from tests.api.tokens import token

PEOPLE = "people:read people:name"


@pytest.fixture(scope="module")
def feed_url(postgres: str, empty_hub: str) -> Iterator[str]:
    url = create_database(postgres, "api_feed_tests", template=empty_hub)
    fill(url)
    yield url
    drop_database(postgres, "api_feed_tests")


@pytest.fixture(scope="module")
def hub(feed_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(feed_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def feed_settings(settings: ApiSettings, feed_url: str) -> ApiSettings:
    return replace(settings, database_url=feed_url)


@pytest.fixture(scope="module")
def api(feed_settings: ApiSettings, key: Ed25519PrivateKey) -> Iterator[Api]:
    api = Api(feed_settings, key)
    yield api
    api.close()


def now(api: Api, scopes: str = PEOPLE) -> str:
    return str(api.get("/v1/changes?after=now", scopes).json()["next"])


def touch(hub: psycopg.Connection[Any], table: str, *ids: UUID) -> None:
    hub.execute(f"UPDATE {CURRENT}.{table} SET row_hash = row_hash + 1 WHERE id = ANY(%s)", (list(ids),))


def test_all_that_is_kept_comes_in_pages_and_each_only_once(api: Api, hub: psycopg.Connection[Any]) -> None:
    found, after, more = [], "", True
    while more:
        page = api.get(f"/v1/changes?entity=rent-transactions&limit=50{after}", "rents:read").json()
        found += page["data"]
        after, more = f"&after={page['next']}", page["more"]
    assert len(found) == len({one["id"] for one in found}) == 120
    assert found[0] == {
        "kind": "created", "entity": "rent-transactions", "id": found[0]["id"], "at": found[0]["at"],
        "link": f"/v1/rent-transactions/{found[0]['id']}", "run_id": 1,
    }  # fmt: skip


def test_only_what_the_scopes_open_is_fed(api: Api, hub: psycopg.Connection[Any]) -> None:
    after = now(api)
    touch(hub, "rent_account", ACCOUNT)
    touch(hub, "golden_person", ANN)
    told = api.get(f"/v1/changes?after={after}", PEOPLE).json()["data"]
    assert [(one["entity"], one["id"]) for one in told] == [("people", str(ANN))]
    assert api.get(f"/v1/changes?after={after}&entity=rent-accounts", PEOPLE).status_code == 403
    assert api.get("/v1/changes", "").status_code == 403


def test_records_come_with_the_fields_that_are_seen_and_the_audit_keeps_it(
    api: Api, hub: psycopg.Connection[Any]
) -> None:
    after = now(api)
    touch(hub, "golden_person", ANN)
    [told] = api.get(f"/v1/changes?after={after}&include=record", PEOPLE, purpose="a test").json()["data"]
    assert told["record"]["surname"] == "Marsh"
    assert not {"mobile", "national_insurance_number"} & set(told["record"])
    assert (api.audit.reads[-1].about.resource, api.audit.reads[-1].records) == ("people", 1)
    assert "surname" in api.audit.reads[-1].about.fields
    [told] = api.get(f"/v1/changes?after={after}&entity=people&fields=forename", PEOPLE).json()["data"]
    assert told["record"] == {"forename": "Ann"}
    hidden = api.get(f"/v1/changes?after={after}&entity=people&fields=mobile", PEOPLE)
    assert (hidden.status_code, hidden.json()["scope"]) == (403, "people:contact")


def test_what_has_ended_or_was_deleted_is_told_without_a_record(api: Api, hub: psycopg.Connection[Any]) -> None:
    after, gone = now(api), uuid4()
    hub.execute(f"UPDATE {CURRENT}.golden_person SET ended_run_id = 9 WHERE id = %s", (BEN,))
    hub.execute(
        f"INSERT INTO {CURRENT}.golden_person (id, record_count, system_count, run_id, row_hash) VALUES (%s,1,1,1,1)",
        (gone,),
    )
    hub.execute(f"DELETE FROM {CURRENT}.golden_person WHERE id = %s", (gone,))
    told = api.get(f"/v1/changes?after={after}&include=record", PEOPLE).json()["data"]
    assert [(one["kind"], one["id"], one["record"]) for one in told] == [
        ("ended", str(BEN), None), ("created", str(gone), None), ("deleted", str(gone), None),
    ]  # fmt: skip


def test_merges_tell_where_the_old_id_leads(api: Api) -> None:
    told = api.get("/v1/changes?entity=people&limit=500", PEOPLE).json()["data"]
    [merged] = [one for one in told if one["kind"] == "merged"]
    assert (merged["id"], merged["new_id"], merged["new_link"]) == (str(OLD_ANN), str(ANN), f"/v1/people/{ANN}")
    assert len([one for one in told if one["kind"] == "split"]) == 2


def test_a_page_is_the_same_when_it_is_read_again(api: Api) -> None:
    first = api.get("/v1/changes?entity=people&limit=3", PEOPLE)
    after = first.json()["next"]
    again = [api.get(f"/v1/changes?entity=people&limit=3&after={after}", PEOPLE) for _ in range(2)]
    assert again[0].json() == again[1].json()
    tag = again[0].headers["etag"]
    assert api.get(f"/v1/changes?entity=people&limit=3&after={after}", PEOPLE, if_none_match=tag).status_code == 304


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("after=forged", 400, "bad-cursor"),
        ("after=forged.1", 400, "bad-cursor"),
        ("limit=0", 400, "bad-limit"),
        ("limit=1000000", 400, "bad-limit"),
        ("colour=red", 400, "unknown-parameter"),
        ("entity=unicorns", 400, "bad-value"),
        ("fields=surname", 400, "bad-value"),
        ("entity=people&fields=colour", 400, "unknown-field"),
        ("include=rents", 400, "bad-value"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(api: Api, query: str, status: int, kind: str) -> None:
    for path in ("/v1/changes", "/v1/changes/stream"):
        answer = api.get(f"{path}?{query}", PEOPLE)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/docs#problem-{kind}")


def test_a_cursor_is_its_callers_own(api: Api) -> None:
    assert api.get(f"/v1/changes?after={now(api)}", PEOPLE, client="another").status_code == 400


def test_a_stream_tells_what_happens_and_resumes_where_it_was(
    feed_settings: ApiSettings, key: Ed25519PrivateKey, hub: psycopg.Connection[Any]
) -> None:
    async def follow() -> tuple[list[dict[str, Any]], list[dict[str, Any]], float]:
        app = create_app(feed_settings, lambda _: Kept())
        async with _started(app):
            headers = {"authorization": f"Bearer {token(key, scope=PEOPLE)}"}
            async with Following(app, "after=now", headers) as stream:
                for person in (ANN, OLD_ANN, ANN):
                    await asyncio.to_thread(touch, hub, "golden_person", person)
                committed = asyncio.get_running_loop().time()
                first = [await stream.event() for _ in range(3)]
                lag = asyncio.get_running_loop().time() - committed
            async with Following(app, "", {**headers, "last-event-id": first[0]["id"]}) as stream:
                again = [await stream.event() for _ in range(2)]
            return first, again, lag

    first, again, lag = asyncio.run(follow())
    assert [event["data"]["id"] for event in first] == [str(ANN), str(OLD_ANN), str(ANN)]
    assert [event["data"] for event in again] == [event["data"] for event in first[1:]]
    assert lag < 1


def test_a_stream_is_resumed_within_a_page(
    feed_settings: ApiSettings, key: Ed25519PrivateKey, hub: psycopg.Connection[Any]
) -> None:
    async def follow() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        app = create_app(feed_settings, lambda _: Kept())
        async with _started(app):
            headers = {"authorization": f"Bearer {token(key, scope=PEOPLE)}"}
            async with Following(app, "after=now", headers) as stream:
                await asyncio.to_thread(touch, hub, "golden_person", ANN, OLD_ANN, BEN)
                page = [await stream.event() for _ in range(3)]
            async with Following(app, "", {**headers, "last-event-id": page[1]["id"]}) as stream:
                return page, await stream.event()

    page, resumed = asyncio.run(follow())
    assert len({event["data"]["id"] for event in page}) == 3
    assert resumed["data"] == page[2]["data"]


def test_a_reader_that_takes_nothing_is_let_go(
    feed_settings: ApiSettings, key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STALLED_SECONDS", 0.2)

    async def stall() -> None:
        app = create_app(feed_settings, lambda _: Kept())
        async with _started(app):
            headers = {"authorization": f"Bearer {token(key, scope=PEOPLE)}"}
            async with Following(app, "", headers, takes=0) as stream:
                await asyncio.wait_for(stream.ended.wait(), 5)

    asyncio.run(stall())


def test_a_client_may_open_only_so_many_streams(
    feed_settings: ApiSettings, key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_OF_A_CLIENT", 1)

    async def crowd() -> tuple[int, int]:
        app = create_app(feed_settings, lambda _: Kept())
        async with _started(app):
            headers = {"authorization": f"Bearer {token(key, scope=PEOPLE)}"}
            async with Following(app, "after=now", headers) as one, Following(app, "after=now", headers) as two:
                return await one.begun, await two.begun

    assert asyncio.run(crowd()) == (200, 429)


def test_an_expired_token_ends_its_stream(
    feed_settings: ApiSettings, key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ALIVE_SECONDS", 0.1)

    async def outlive() -> None:
        app = create_app(feed_settings, lambda _: Kept())
        async with _started(app):
            soon = datetime.now(UTC).timestamp() + 0.5
            headers = {"authorization": f"Bearer {token(key, scope=PEOPLE, exp=soon)}"}
            async with Following(app, "after=now", headers) as stream:
                await asyncio.wait_for(stream.ended.wait(), 5)

    asyncio.run(outlive())


def test_a_cursor_older_than_what_is_kept_is_told_what_to_do(api: Api, hub: psycopg.Connection[Any]) -> None:
    """Runs last: it empties the log."""
    old = str(api.get("/v1/changes?entity=people&limit=1", PEOPLE).json()["next"])
    changes.purge_changes(hub, datetime.now(UTC) + timedelta(days=1))
    for path in ("/v1/changes", "/v1/changes/stream"):
        answer = api.get(f"{path}?after={old}", PEOPLE)
        assert answer.status_code == 410
        assert "Take the bulk export" in answer.json()["detail"]
    assert api.get(f"/v1/changes?after={now(api)}", PEOPLE).json()["data"] == []
    touch(hub, "golden_asset", HOME)
    assert len(api.get("/v1/changes", "places:read").json()["data"]) == 1


class Following:
    """A stream of the application, read part by part. ``takes``: bytes of so many parts are taken at most."""

    def __init__(self, app: Any, query: str, headers: dict[str, str], takes: int = 1_000) -> None:
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/v1/changes/stream", "raw_path": b"/v1/changes/stream", "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()], "root_path": "",
            "client": ("test", 1), "server": ("hub", 80), "state": {},
        }  # fmt: skip
        self._app, self._takes = app, takes
        self._parts: asyncio.Queue[bytes] = asyncio.Queue()
        self._text = ""
        self._left, self.ended = asyncio.Event(), asyncio.Event()
        self.begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Following:
        self._task = asyncio.create_task(self._run())
        await self.begun
        return self

    async def __aexit__(self, *_: object) -> None:
        self._left.set()
        await asyncio.gather(self._task, return_exceptions=True)

    async def event(self) -> dict[str, Any]:
        """The next event; lines that only keep the connection alive are passed over."""
        while True:
            while "\n\n" not in self._text:
                self._text += (await asyncio.wait_for(self._parts.get(), 5)).decode()
            text, _, self._text = self._text.partition("\n\n")
            found = dict(line.split(": ", 1) for line in text.splitlines())
            if "data" in found:
                return {"id": found["id"], "data": json.loads(found["data"])}

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        finally:
            self.ended.set()

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.begun.set_result(message["status"])
        elif self._takes > 0:
            self._takes -= 1
            await self._parts.put(message["body"])
        else:
            await asyncio.Event().wait()
