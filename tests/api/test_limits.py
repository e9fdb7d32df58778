"""A client's rate, told in headers, and the crowd of all."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.limits import Crowd, Limits
from api.problems import Problem
from api.settings import ApiSettings
from tests.api.conftest import Api
from tests.api.state import ANN


def test_a_bucket_empties_and_refills() -> None:
    now = [0.0]
    limits = Limits(60, 2, clock=lambda: now[0])
    assert limits.take("a") == '"client";r=1;t=1'
    limits.take("a")
    with pytest.raises(Problem) as told:
        limits.take("a")
    assert told.value.headers["retry-after"] == "1"
    assert limits.take("b").startswith('"client";r=1')
    now[0] = 1.0
    limits.take("a")


@pytest.mark.parametrize("hot_path", [True, False])
def test_answers_tell_the_rate_and_its_end(settings: ApiSettings, key: Ed25519PrivateKey, hot_path: bool) -> None:
    api = Api(replace(settings, requests_per_minute=6, burst=2, hot_path=hot_path), key)
    first = api.get(f"/v1/people/{ANN}", "people:read")
    assert first.headers["ratelimit"].startswith('"client";r=1;t=')
    assert first.headers["ratelimit-policy"] == '"client";q=2;w=20'
    api.get(f"/v1/people/{ANN}", "people:read")
    refused = api.get(f"/v1/people/{ANN}", "people:read")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    assert refused.headers["ratelimit"] == '"client";r=0;t=10'
    assert refused.headers["ratelimit-policy"] == '"client";q=2;w=20'
    assert refused.headers["content-type"] == "application/problem+json"
    assert api.get(f"/v1/people/{ANN}", "people:read", client="another").status_code == 200
    api.close()


def test_a_crowd_has_an_end_and_room_again() -> None:
    crowd = Crowd(1)
    with crowd, pytest.raises(Problem), crowd:
        pass
    with crowd:
        pass


def test_one_request_too_many_is_told_to_come_again(settings: ApiSettings, key: Ed25519PrivateKey) -> None:
    api = Api(replace(settings, requests_at_once=3), key)

    async def many() -> list[int]:
        answers = await asyncio.gather(*(api._client.get("/health") for _ in range(20)))
        assert {answer.headers.get("retry-after") for answer in answers if answer.status_code == 503} == {"1"}
        return [answer.status_code for answer in answers]

    found = api._runner.run(many())
    assert set(found) == {200, 503}
    assert api.get("/health").status_code == 200
    api.close()


def test_every_answer_has_an_id(settings: ApiSettings, key: Ed25519PrivateKey) -> None:
    api = Api(settings, key)
    ids = {api.get(path).headers["request-id"] for path in ("/health", "/nowhere", "/v1/people")}
    assert len(ids) == 3
    api.close()
