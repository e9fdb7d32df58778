"""The door and the framework: every error is a problem document of bounded cost."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import replace
from typing import Any
from unittest.mock import AsyncMock

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.door import Door
from api.settings import ApiSettings
from tests.api.conftest import Api
from tests.api.state import ANN


def test_a_worker_tells_that_it_is_well(api: Api) -> None:
    assert api.get("/health").json() == {"status": "ok"}


def test_what_is_not_there_is_a_problem(api: Api) -> None:
    answer = api.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/docs#problem-not-found"


@pytest.mark.parametrize("hot_path", [True, False])
def test_a_slash_at_the_end_is_another_address(settings: ApiSettings, key: Ed25519PrivateKey, hot_path: bool) -> None:
    api = Api(replace(settings, hot_path=hot_path), key)
    assert api.get("/v1/people/", "people:read").status_code == 404
    api.close()


def test_a_method_that_is_not_offered_is_told_with_those_that_are(api: Api) -> None:
    answer = api.ask("DELETE", "/health")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_ten_megabytes_of_query_are_not_read(api: Api) -> None:
    answer = api.get("/v1/people?q=" + "x" * 60_000)
    assert answer.status_code == 414
    assert "xxx" not in answer.text


def test_a_large_body_is_not_read(api: Api) -> None:
    assert api.ask("POST", "/health", content=b"x" * 100_000).status_code == 413


def test_every_answer_is_safe_to_open_in_a_browser(api: Api) -> None:
    assert api.get("/health").headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("hot_path", [True, False])
def test_masked_data_are_marked_in_every_answer_and_in_the_description(
    settings: ApiSettings, key: Ed25519PrivateKey, hot_path: bool
) -> None:
    api = Api(replace(settings, test_data=True, hot_path=hot_path), key)
    for path in ("/health", "/docs", "/v1/openapi.json", f"/v1/people/{ANN}", "/v1/places", "/v1/changes", "/nowhere"):
        assert api.get(path, "people:read places:read").headers["hub-data"] == "TEST DATA", path
    told = api.get("/v1/openapi.json").json()
    assert (told["info"]["title"], told["servers"][0]["description"]) == (
        "Housing Hub - TEST DATA", "This server, with test data",
    )  # fmt: skip
    api.close()


@pytest.mark.parametrize("hot_path", [True, False])
@pytest.mark.parametrize(
    ("fault", "status"), [(ValueError("Marsh"), 500), (asyncpg.QueryCanceledError("Marsh"), 503), (OSError(), 500)]
)
def test_a_fault_that_nobody_expected_is_a_problem_and_tells_nothing(
    settings: ApiSettings, key: Ed25519PrivateKey, hot_path: bool, fault: Exception, status: int,
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    api = Api(replace(settings, hot_path=hot_path), key)
    monkeypatch.setattr(api.audit, "write", AsyncMock(side_effect=fault))
    answer = api.get(f"/v1/people/{ANN}", "people:read people:name")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.headers["request-id"]
    assert "Marsh" not in answer.text + caplog.text
    api.close()


def test_an_answer_that_breaks_off_tells_the_log_nothing(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    async def breaks(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("Marsh")

    async def taken(_: Any) -> None:
        return None

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    with pytest.raises(ConnectionAbortedError) as broken:
        asyncio.run(Door(breaks, api.settings)(scope, taken, taken))
    assert "Marsh" not in "".join(traceback.format_exception(broken.value)) + caplog.text
    assert "ValueError" in caplog.text


def test_real_data_are_not_marked(api: Api) -> None:
    assert "hub-data" not in api.get(f"/v1/people/{ANN}", "people:read").headers


@pytest.mark.parametrize("header", ["purpose", "if_none_match", "last_event_id", "range", "if_range"])
def test_a_header_has_a_bound(api: Api, header: str) -> None:
    answer = api.get("/v1/people", "people:read", **{header: "x" * 3_000})
    assert (answer.status_code, answer.json()["parameter"].lower()) == (400, header.replace("_", "-"))
    assert "xxx" not in answer.text
