"""The plan of the night on a real Prefect server: by its schedule, marked where a person has to answer for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine

from scheduling import local_rules, publish
from scheduling.publish import Setup
from services.prefect_server import PrefectAddress, PrefectServer
from tests.flows.test_prefect import ROOT, ask, until
from tests.scheduling.council import MONDAY, Council, straight

SERVE = """
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from flows.deployments import serve
from flows.planning import Planning
url, folder, first = sys.argv[1], Path(sys.argv[2]), date.fromisoformat(sys.argv[3])
planning = Planning(
    url, folder / "plans", folder / "docs", None, folder / "roads", None, None, 5, 100, Decimal(0), first,
)
serve(url, folder, folder / "landing", {}, {}, planning, "30 3 * * *")
"""
NAME = "plan the next days"
ENDED = ("COMPLETED", "FAILED", "CRASHED")


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PrefectAddress, Path]]:
    folder = tmp_path_factory.mktemp("prefect")
    with PrefectServer(folder) as address:
        yield address, folder


@contextmanager
def serving(prefect: tuple[PrefectAddress, Path], url: str, folder: Path) -> Iterator[None]:
    """A process that serves the deployment, once it stands there."""
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, url, str(folder), f"{MONDAY}"], cwd=folder, stdout=said, stderr=said,
            env=os.environ | prefect[0].environment(prefect[1]) | {"PYTHONPATH": str(ROOT)}, start_new_session=True,
        )  # fmt: skip
    try:
        until(lambda: NAME in {one["name"] for one in ask(prefect, "deployments")} or process.poll() is not None)
        assert process.poll() is None, (folder / "said").read_text()
        yield
    finally:
        process.terminate()
        process.wait(30)


def ended(prefect: tuple[PrefectAddress, Path]) -> tuple[str, str]:
    """How a run of the deployment ends, and what it says."""
    (deployment,) = [one for one in ask(prefect, "deployments") if one["name"] == NAME]
    assert deployment["schedules"][0]["schedule"]["cron"] == "30 3 * * *"
    address = f"{prefect[0].api_url}/deployments/{deployment['id']}/create_flow_run"
    request = urllib.request.Request(address, b'{"state": {"type": "SCHEDULED"}}', {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        number = json.load(answer)["id"]
    until(lambda: _run(prefect, number)["state_type"] in ENDED, 240)
    run = _run(prefect, number)
    return run["state_type"], run["state"]["message"] or ""


def _run(prefect: tuple[PrefectAddress, Path], number: str) -> dict[str, Any]:
    (found,) = [run for run in ask(prefect, "flow_runs") if run["id"] == number]
    return dict(found)


@pytest.mark.slow
def test_the_plan_of_the_night_waits_for_a_name_and_is_published(
    prefect: tuple[PrefectAddress, Path], hub_url: str, tmp_path: Path
) -> None:
    engine = create_engine(hub_url)
    with engine.begin() as connection:
        council = Council(connection)
        for ref in ("W1", "W2", "W3"):
            council.line(council.order(ref))
    engine.dispose()
    with serving(prefect, hub_url, tmp_path):
        state, said = ended(prefect)
        assert state == "FAILED"
        assert "Plan 1 is not published" in said
        assert "hub schedule approve" in said
        with psycopg.connect(hub_url.replace("+psycopg", "", 1), autocommit=True) as connection:
            setup = Setup(tmp_path / "plans", straight, local_rules.load(), 100, Decimal(0))
            publish.approve(connection, setup, 1, "Ann Planner", "no manual week is kept")
            assert ended(prefect)[0] == "COMPLETED"
            rows = connection.execute("SELECT id, status_code, published_by FROM scheduling.plan").fetchall()
    assert rows == [(1, "published", "hub")]  # the problem had not changed, and was not planned again
    assert "W1" in (tmp_path / "docs" / "plan.html").read_text()
