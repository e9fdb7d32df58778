"""What a path offers: every part of the API has its paths and methods, and the resources have theirs alone."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api
from tests.api.state import ANN, some

EXPORT = f"/v1/exports/{some(0x999)}"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/exports", "POST"),
        ("POST", EXPORT, "DELETE, GET"),
        ("OPTIONS", EXPORT, "DELETE, GET"),
        ("PUT", "/v1/webhooks", "GET, POST"),
        ("GET", "/oauth/token", "POST"),
        ("POST", f"/v1/people/{ANN}", "GET, HEAD"),
        ("DELETE", "/v1/people", "GET, HEAD"),
        ("POST", f"/v1/people/{ANN}/lineage", "GET, HEAD"),
        ("PATCH", "/v1/people/search", "GET, HEAD, POST"),
        ("POST", "/v1/changes", "GET"),
    ],
)
def test_a_method_that_a_path_lacks_is_told_with_all_that_it_has(
    api: Api, method: str, path: str, allowed: str
) -> None:
    answer = api.ask(method, path, "people:read exports:make")
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == path


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v2/people", "/v1/nothing", f"/v1/nothing/{ANN}", "/v1/people/x/y"]
)
def test_a_path_that_is_not_there_is_a_problem(api: Api, path: str) -> None:
    answer = api.get(path, "people:read")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["instance"] == path
