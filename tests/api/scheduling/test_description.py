"""The description tells of every operation what it answers; each answer of the tests is held against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.api.test_scheduling import Service
from tests.scheduling.live import published, town


@pytest.fixture
def service(hub_url: str, tmp_path: Path, key: Ed25519PrivateKey) -> Iterator[Service]:
    published(hub_url, tmp_path, town())
    service = Service(hub_url, tmp_path, key)
    yield service
    service.close()


def test_every_operation_tells_its_answers_and_its_problems(service: Service) -> None:
    told = service.ask("GET", "/v1/scheduling/openapi.json").json()
    names = set()
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            names.add(operation["operationId"])
            assert operation["summary"], where
            done = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            for answer in done:
                for content in answer.get("content", {}).values():
                    assert content["schema"], where
            assert done, where
            assert "application/problem+json" in operation["responses"]["403"]["content"], where
    assert len(names) == sum(map(len, told["paths"].values()))
    assert told["components"]["schemas"]["ProblemTold"]["required"] == ["type", "title", "status", "detail"]
    assert set(told["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]["scopes"]) == {
        "scheduling:read", "scheduling:book", "scheduling:plan", "scheduling:device",
    }  # fmt: skip
