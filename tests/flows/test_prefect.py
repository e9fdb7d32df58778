"""The migration under a real Prefect server: what it shows, what it tries again, what it never gets to know."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from loading.load import connect
from services.prefect_server import PrefectAddress, PrefectServer
from tests.identity.people_of_a_council import write_council

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
CANARY, SECRET = "Zebedee Quillfeather", "opensesame-4711"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PrefectAddress, Path]]:
    folder = tmp_path_factory.mktemp("prefect")
    with PrefectServer(folder) as address:
        yield address, folder


def child(server: tuple[PrefectAddress, Path], code: str, *arguments: str) -> Any:
    """What the code prints last, as JSON, run in a process that uses the server."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        env=os.environ | server[0].environment(server[1]) | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def ask(server: tuple[PrefectAddress, Path], path: str) -> list[dict[str, Any]]:
    """What the server answers to a filter that takes all."""
    request = urllib.request.Request(f"{server[0].api_url}/{path}/filter", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


def write_register(folder: Path) -> None:
    """Three sound licences, with the canary in the address."""
    header = "Case Number,Location,Total Number Occupants,Total Number Units,Licence Commenced,Licence Expires"
    lines = [f"22/0001{n}/HMOLIC,{n} {CANARY} Road Kelborough KB1 1AB,6,6,01/02/2023,31/01/2028" for n in range(3)]
    folder.mkdir()
    (folder / "register.csv").write_text("\n".join([header, *lines]), "utf-8")


MIGRATE = """
import json, sys
from pathlib import Path
from connectors.opening import Connection
from flows import runs
from flows.orchestrate import migrate
url, folder, secret = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
run = runs.begin(url, folder, folder / "landing")
results = migrate(run, {name: Connection(str(folder / name), secrets={"password": secret}) for name in sys.argv[4:]})
runs.finish(run, results)
print(json.dumps([[r.system, r.status] for r in results]))
"""


def test_systems_migrate_side_by_side_and_stop_alone(
    server: tuple[PrefectAddress, Path], hub_url: str, tmp_path: Path
) -> None:
    write_register(tmp_path / "licensing")
    shutil.copytree(GOLDEN / "core_lettings" / "source", tmp_path / "core_lettings")
    results = child(server, MIGRATE, hub_url, str(tmp_path), SECRET, "licensing", "core_lettings")
    assert sorted(results) == [["core_lettings", "stopped"], ["licensing", "finished"]]
    names = {run["name"] for run in ask(server, "task_runs")}
    assert {"migrate licensing", "land licensing licences", "reconcile core_lettings"} <= names
    assert [artifact["key"] for artifact in ask(server, "artifacts")] == ["reconciliation"]
    (flow_run,) = ask(server, "flow_runs")
    assert flow_run["parameters"] == {"run_id": 1, "systems": flow_run["parameters"]["systems"]}


RETRY = """
import json
from prefect import flow
from flows.faults import only_hub_faults
from flows.orchestrate import RETRIES, _task
from ledger.errors import ContractBroken, SourceUnavailable
RETRIES["retry_delay_seconds"] = 0
calls = {"transient": 0, "terminal": 0, "defect": 0}
faults = {
    "transient": SourceUnavailable("gone.", next_step="Wait."), "terminal": ContractBroken("no.", next_step="Look."),
    "defect": KeyError("Zebedee Quillfeather"),
}
@only_hub_faults()
def step(kind):
    calls[kind] += 1
    raise faults[kind]
tried = _task(step, "step", "{kind}", **RETRIES)
@flow
def tries():
    for kind in calls:
        tried(kind, return_state=True)
    return "done"
tries()
print(json.dumps(calls))
"""


def test_only_transient_faults_are_tried_again(server: tuple[PrefectAddress, Path]) -> None:
    assert child(server, RETRY) == {"transient": 3, "terminal": 1, "defect": 1}


OPEN = """
import json, sys
from dataclasses import replace
from pathlib import Path
from prefect import flow
from connectors import delimited
from connectors.opening import Connection
from flows import runs
from flows.migrate import migrate_system
from flows.orchestrate import TASKS
from ledger.errors import SourceUnavailable
url, folder = sys.argv[1], Path(sys.argv[2])
calls, sound = [], delimited.open_source
def shaky(*told):
    calls.append(told)
    if len(calls) < 3:
        raise SourceUnavailable("gone.", next_step="Wait.")
    return sound(*told)
delimited.open_source = shaky
steps = replace(TASKS, open=TASKS.open.with_options(retry_delay_seconds=0))
@flow
def opens():
    run = runs.begin(url, folder, folder / "landing")
    return migrate_system(run, "licensing", Connection(str(folder / "licensing")), steps).status
print(json.dumps([opens(), len(calls)]))
"""


def test_a_source_that_is_away_for_a_moment_is_opened_again(
    server: tuple[PrefectAddress, Path], hub_url: str, tmp_path: Path
) -> None:
    write_register(tmp_path / "licensing")
    assert child(server, OPEN, hub_url, str(tmp_path)) == ["finished", 3]


SERVE = """
import sys
from pathlib import Path
from connectors.opening import Connection
from flows.deployments import serve
url, folder, secret = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
reached = {"licensing": Connection(str(folder / "licensing"), secrets={"password": secret})}
serve(url, folder, folder / "landing", reached, {"licensing": "0 3 * * 0"})
"""


@contextmanager
def serving(server: tuple[PrefectAddress, Path], url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that serves the licences' deployment, once it stands there; what it says goes to ``said``."""
    write_register(folder / "licensing")
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, url, str(folder), SECRET], cwd=folder, stdout=said, stderr=said,
            env=os.environ | server[0].environment(server[1]) | {"PYTHONPATH": str(ROOT)}, start_new_session=True,
        )  # fmt: skip
    try:
        until(lambda: len(ask(server, "deployments")) == 2 or process.poll() is not None)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def begin(server: tuple[PrefectAddress, Path]) -> Callable[[], str]:
    """Starts a run of the licences' deployment as its page does; gives how it stands."""
    deployments = {deployment["name"]: deployment for deployment in ask(server, "deployments")}
    assert deployments["licensing"]["schedules"][0]["schedule"]["cron"] == "0 3 * * 0"
    address = f"{server[0].api_url}/deployments/{deployments['licensing']['id']}/create_flow_run"
    request = urllib.request.Request(address, b'{"state": {"type": "SCHEDULED"}}', {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        flow_run = json.load(answer)["id"]

    def state() -> str:
        (found,) = [run["state_type"] for run in ask(server, "flow_runs") if run["id"] == flow_run]
        return str(found)

    return state


def test_deployments_run_on_schedule_or_by_hand(
    server: tuple[PrefectAddress, Path], hub_url: str, tmp_path: Path
) -> None:
    with serving(server, hub_url, tmp_path):
        state = begin(server)
        until(lambda: state() in ("COMPLETED", "FAILED", "CRASHED"))
        assert state() == "COMPLETED"


@pytest.mark.parametrize("seconds", [0, 1, 2, 4, 6])
def test_ctrl_c_ends_a_run_at_any_moment_without_a_word(
    server: tuple[PrefectAddress, Path], hub_url: str, tmp_path: Path, seconds: float
) -> None:
    """While its process imports, while its workers do, while they work; and Prefect is told."""
    with serving(server, hub_url, tmp_path) as process:
        state = begin(server)
        until(lambda: state() != "SCHEDULED", every=0.05)
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to all of them, and so does
        os.killpg(process.pid, signal.SIGINT)  # impatience
        assert process.wait(30) == 0
        assert (tmp_path / "said").read_text() in ("", "Run 1: licensing: the books close\n")
        assert state() in ("CRASHED", "COMPLETED")
        until(lambda: not [path for path in Path("/proc").glob("[0-9]*/cwd") if _leads_to(path, tmp_path)], 5)


def _leads_to(link: Path, folder: Path) -> bool:
    with suppress(OSError):
        return link.readlink() == folder
    return False


def until(holds: Any, seconds: float = 90, every: float = 0.5) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(every)


RESOLVING = """
import json, sys
from pathlib import Path
from flows.orchestrate import resolve
from flows.references import Run
folder = Path(sys.argv[2])
ended = resolve(Run(2, sys.argv[1], folder / "landing", folder / "docs", folder / "progress.jsonl"))
print(json.dumps([ended.counts.get("person_records"), str(ended.fault)]))
"""


def test_who_is_who_is_decided_in_tasks_and_only_counts_are_kept(
    server: tuple[PrefectAddress, Path], hub_url: str, tmp_path: Path
) -> None:
    write_council(hub_url, 60)
    with connect(hub_url) as connection:
        connection.execute("UPDATE canonical.person SET surname = %s WHERE source_key = '1'", (CANARY,))
    assert child(server, RESOLVING, hub_url, str(tmp_path)) == [60, "None"]
    names = {run["name"] for run in ask(server, "task_runs")}
    for stage in ("match addresses", "weigh places", "resolve people", "publish golden records"):
        assert any(stage in name for name in names), stage
    kept = [artifact for artifact in ask(server, "artifacts") if artifact["key"] == "golden-records"]
    rows = json.loads(max(kept, key=lambda artifact: artifact["created"])["data"])  # other tests keep theirs there too
    assert {"what": "person records", "number": 60} in rows
    assert all(isinstance(row["number"], int) for row in rows)


def test_prefect_knows_no_person_and_no_secret(server: tuple[PrefectAddress, Path]) -> None:
    """After all of the above: the whole text of its database, and its files."""
    with sqlite3.connect(server[1] / "prefect.db") as database:
        text = "\n".join(database.iterdump())
    assert "reconciliation" in text
    for word in (CANARY, SECRET):
        assert word not in text
    files = [path for path in server[1].rglob("*") if path.is_file()]
    assert not [path for path in files if CANARY.encode() in path.read_bytes() or SECRET.encode() in path.read_bytes()]
