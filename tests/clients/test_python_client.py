"""The generated client over the API itself: typed, patient, cached, and up to date with the catalogue."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import generate_client
import httpx
import pytest
from housing_hub_client import Changes, Hub, Refused
from housing_hub_client.exports import export

from canonical_model.resources import RESOURCES
from tests.api.conftest import Api
from tests.api.state import ACCOUNT, ANN, HOME, OLD_ANN

PORTAL = """
from housing_hub_client import Hub

with Hub("https://hub.example", "portal", "secret") as hub:
    for account in hub.rent_accounts.all({"status_code": "open"}, include=["tenancy"]):
        tenancy = account["tenancy"]
        print(account["weekly_rent"], tenancy and tenancy["tenancy_ref"], hub.people.get("1")["records"][0]["surname"])
    print(hub.people.get("1")["colour"])
"""
SCOPES = "people:read people:name rents:read rents:money places:read tenancies:read"
Answering = Callable[[httpx.Request], httpx.Response]


def hub_of(answering: Answering, **said: Any) -> Hub:
    return Hub("http://hub", http=httpx.Client(transport=httpx.MockTransport(answering)), **{"token": "t", **said})


class Heard:
    """The API behind a transport, which keeps what was asked and answered."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.answers: list[httpx.Response] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        headers = {name.replace("-", "_"): request.headers[name] for name in request.headers if name != "authorization"}
        path = request.url.raw_path.decode()
        told = self._api.ask(request.method, path, SCOPES, content=request.content or None, **headers)
        self.answers.append(told)
        return httpx.Response(told.status_code, headers=told.headers, content=told.content)


@pytest.fixture
def heard(api: Api) -> Heard:
    return Heard(api)


@pytest.fixture
def hub(heard: Heard) -> Hub:
    return hub_of(heard, purpose="tests")


def test_the_client_is_what_the_catalogue_makes_it() -> None:
    assert generate_client.WRITTEN.read_text("utf-8") == generate_client.written(), (
        "Next step: .venv/bin/python clients/python/generate_client.py"
    )


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_every_resource_is_an_attribute(hub: Hub, path: str) -> None:
    assert getattr(hub, path.replace("-", "_")).path == path


def test_a_record_by_its_id_or_an_old_one(hub: Hub) -> None:
    assert hub.people.get(str(ANN), fields=["id", "surname"]) == {"id": str(ANN), "surname": "Marsh"}
    assert hub.people.get(str(OLD_ANN))["id"] == str(ANN)


def test_all_pages_follow_one_another(hub: Hub, heard: Heard) -> None:
    found = list(itertools.islice(hub.rent_transactions.all({"account_id": ACCOUNT}), 1_000))
    assert len(found) == 120
    page = hub.rent_transactions.page({"amount[lte]": "9.99", "effective_date[in]": ["2025-01-01", "2025-02-01"]})
    assert {record["effective_date"] for record in page.records} == {"2025-01-01", "2025-02-01"}


def test_what_did_not_change_is_not_sent_twice(hub: Hub, heard: Heard) -> None:
    first, second = hub.places.get(str(HOME)), hub.places.get(str(HOME))
    assert first == second
    assert [answer.status_code for answer in heard.answers] == [200, 304]


def test_a_large_answer_is_not_remembered(hub: Hub, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("housing_hub_client.session.LARGEST_KEPT", 10)
    assert hub.places.get(str(HOME)) == hub.places.get(str(HOME))
    assert [answer.status_code for answer in heard.answers] == [200, 200]


def test_what_was_remembered_is_the_callers_own(hub: Hub) -> None:
    hub.places.get(str(HOME))["postcode"] = "changed"
    assert hub.places.get(str(HOME))["postcode"] != "changed"


@pytest.mark.slow
def test_a_record_has_types_for_what_comes_along(tmp_path: Path) -> None:
    script = tmp_path / "portal.py"
    script.write_text(PORTAL)
    sources = Path(generate_client.__file__).parent
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(script)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, "MYPYPATH": str(sources)}, cwd=tmp_path
    )
    assert done.stdout.count("error:") == 1, done.stdout
    assert 'portal.py:8: error: TypedDict "Person" has no key "colour"' in done.stdout


def test_subject_access_is_told_whole(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.SCOPES", "people:subject-access")
    told = hub_of(heard).subject_access(str(OLD_ANN))
    assert (told["id"], "people" in told["golden"]) == (str(ANN), True)


def test_a_refusal_is_told_with_what_is_missing(hub: Hub) -> None:
    with pytest.raises(Refused) as refused:
        hub.people.get(str(ANN), fields=["mobile"])
    assert (refused.value.status, refused.value.members["scope"]) == (403, "people:contact")


def test_search_and_lookup_put_no_name_in_an_address(hub: Hub, heard: Heard) -> None:
    assert [one["id"] for one in hub.people.search("Marsh")] == [str(ANN)]
    assert str(HOME) in {one["id"] for one in hub.lookup("uprn", "100012345678")}
    assert [answer.request.url.query for answer in heard.answers] == [b"", b""]


def test_the_feed_is_resumed_without_loss(hub: Hub) -> None:
    whole = [(one["entity"], one["id"]) for one in hub.changes(entities=["rent-transactions", "people"])]
    feed = hub.changes(entities=["rent-transactions", "people"])
    feed._asked["limit"] = "50"
    begun = []
    for number, change in enumerate(feed):
        if number == 75:  # in the middle of the second page
            break
        begun.append((change["entity"], change["id"]))
    rest = [(one["entity"], one["id"]) for one in hub.changes(feed.cursor, entities=["rent-transactions", "people"])]
    assert begun[:50] + rest == whole
    assert len(whole) >= 120


def test_a_token_is_fetched_once_and_renewed_in_time() -> None:
    asked: list[str] = []

    def answering(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path == "/oauth/token":
            assert request.headers["authorization"].startswith("Basic ")
            return httpx.Response(200, json={"access_token": f"t{len(asked)}", "expires_in": 600})
        return httpx.Response(200, json={"id": request.headers["authorization"]})

    hub = hub_of(answering, token=None, client_id="portal", client_secret="s")
    assert hub.people.get("1")["id"] == hub.people.get("2")["id"] == "Bearer t1"
    hub._expires = 0
    assert hub.people.get("3")["id"] == "Bearer t4"
    assert asked.count("/oauth/token") == 2


def test_a_busy_api_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("housing_hub_client.session.time.sleep", waited.append)
    answers = iter(
        [httpx.Response(429, headers={"retry-after": "7"}), httpx.Response(503), httpx.Response(200, json={})]
    )
    hub_of(lambda _: next(answers)).people.get("1")
    assert waited == [7.0, 2.0]


def test_a_followed_feed_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("housing_hub_client.changes.time.sleep", lambda _: None)
    pages = iter({"data": [{"id": str(at)}], "next": f"c{at}", "more": at % 2 == 0} for at in range(5))
    feed = Changes(hub_of(lambda _: httpx.Response(200, json=next(pages))), follow=True)
    assert [one["id"] for one in itertools.islice(feed, 5)] == ["0", "1", "2", "3", "4"]
    assert feed.cursor == "c3"


def test_an_export_is_fetched_on_from_where_it_broke_off(tmp_path: Path) -> None:
    content = b'{"id":1}\n' * 100
    part = {"href": "/part", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    asked: list[str | None] = []

    def answering(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/part":
            asked.append(request.headers.get("range"))
            begin = int(request.headers["range"].removeprefix("bytes=").rstrip("-"))
            return httpx.Response(206, content=_breaks_off(content) if begin == 0 else content[begin:])
        status = "waiting" if request.method == "POST" else "ready"
        return httpx.Response(200, json={"id": "e", "status": status, "parts": [part], "changes_after": "c"})

    made = export(hub_of(answering), "people", tmp_path / "people.ndjson")
    assert (made["changes_after"], (tmp_path / "people.ndjson").read_bytes()) == ("c", content)
    assert asked == ["bytes=0-", "bytes=300-"]


def test_an_export_that_came_wrong_is_told(tmp_path: Path) -> None:
    part = {"href": "/part", "bytes": 4, "sha256": "0"}

    def answering(request: httpx.Request) -> httpx.Response:
        return httpx.Response(206, content=b"what", json=None) if request.url.path == "/part" else httpx.Response(
            200, json={"id": "e", "status": "ready", "parts": [part]}
        )  # fmt: skip

    with pytest.raises(ValueError, match="not what was made"):
        export(hub_of(answering), "people", tmp_path / "people.ndjson")


def _breaks_off(content: bytes) -> Any:
    yield content[:300]
    raise httpx.ReadError("the connection broke off")
