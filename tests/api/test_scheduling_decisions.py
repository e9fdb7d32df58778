"""Why and decisions over HTTP: seen first, done with the token, undone; each refusal a problem document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.api.test_scheduling import Service
from tests.scheduling.live import published, town

BOTH = "scheduling:read scheduling:plan"
ANN = {"by": "Ann Planner", "reason": "knows the boiler"}


@pytest.fixture
def service(hub_url: str, tmp_path: Path, key: Ed25519PrivateKey) -> Iterator[Service]:
    published(hub_url, tmp_path, town())
    service = Service(hub_url, tmp_path, key)
    yield service
    service.close()


def ask(service: Service, method: str, path: str, body: Any = None) -> Any:
    return service.ask(method, f"/v1/scheduling{path}", body, BOTH)


def test_a_pin_is_seen_done_explained_and_undone(service: Service) -> None:
    asked = {"order_ref": "W05", "operatives": ["OP2"], "date": "2026-09-22", **ANN}
    shown = ask(service, "POST", "/pins", asked)
    assert (shown.status_code, shown.json()["is_done"]) == (200, False)
    assert ask(service, "GET", "/decisions").json()["data"] == []
    blind = ask(service, "POST", "/pins", {**asked, "dry_run": False})
    assert (blind.status_code, blind.json()["code"]) == (422, "token-needed")
    stale = ask(service, "POST", "/pins", {**asked, "dry_run": False, "token": "0" * 20})
    assert (stale.status_code, stale.json()["code"]) == (409, "plan-changed")
    done = ask(service, "POST", "/pins", {**asked, "dry_run": False, "token": shown.json()["token"]})
    assert (done.status_code, done.json()["added_miles"]) == (201, shown.json()["added_miles"])
    (kept,) = ask(service, "GET", "/decisions").json()["data"]
    assert (kept["order_ref"], kept["operatives"], kept["date"], kept["by"]) == (
        "W05",
        ["OP2"],
        "2026-09-22",
        ANN["by"],
    )
    (why,) = ask(service, "GET", "/visits/W05/why").json()["jobs"]
    assert (why["here"]["operatives"], why["next_operative"]) == (["OP2"], None)
    assert "pin" in {one["rule"] for one in why["rules"]}
    assert len(ask(service, "GET", "/visits/W90/why").json()["jobs"]) == 2
    assert ask(service, "GET", "/visits/W90/EL/why").json()["jobs"][0]["order_ref"] == "W90/EL"
    assert service.audit.reads[-1].about.resource == "scheduling/why"
    undo = f"/pins/{kept['id']}?by=Ann&reason=over"
    token = ask(service, "DELETE", undo).json()["token"]
    assert ask(service, "DELETE", f"{undo}&token={token}").json()["is_done"]
    assert ask(service, "GET", "/decisions").json()["data"] == []


def test_swaps_and_blocks(service: Service) -> None:
    for path, body in (
        ("/swaps", {"order_ref": "W05", "other_ref": "W06", **ANN}),
        ("/blocks", {"operative_ref": "OP1", "date": "2026-09-16", **ANN}),
    ):
        shown = ask(service, "POST", path, body)
        assert shown.status_code == 200
        assert ask(service, "POST", path, {**body, "dry_run": False, "token": shown.json()["token"]}).status_code == 201
    assert [one["kind"] for one in ask(service, "GET", "/decisions").json()["data"]] == ["pin", "pin", "block"]


def test_what_is_refused(service: Service) -> None:
    for path, body, status, code in (
        ("/pins", {"order_ref": "W05", "operatives": ["OP3"], **ANN}, 422, "trade"),
        ("/pins", {"order_ref": "NONE", **ANN}, 404, "unknown-order"),
        ("/pins", {"order_ref": "W05", "by": " ", "reason": " "}, 422, "nameless"),
    ):
        answer = ask(service, "POST", path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert ask(service, "POST", "/pins", {"order_ref": "W05"}).status_code in (400, 422)
    reading = service.ask("POST", "/v1/scheduling/pins", {"order_ref": "W05", **ANN}, "scheduling:read")
    assert reading.status_code == 403
