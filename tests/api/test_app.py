"""The door and the framework: every error is a problem document of bounded cost."""

from __future__ import annotations

from tests.api.conftest import Api


def test_a_worker_tells_that_it_is_well(api: Api) -> None:
    assert api.get("/health").json() == {"status": "ok"}


def test_what_is_not_there_is_a_problem(api: Api) -> None:
    answer = api.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/docs#problem-not-found"


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
