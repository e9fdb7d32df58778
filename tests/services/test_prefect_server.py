from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from ledger.errors import ConfigurationFault
from services import prefect_server
from services.keeper import STOP_SECONDS
from services.prefect_server import PrefectServer, find_server

pytestmark = pytest.mark.slow


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())


def test_a_server_over_sqlite_is_quiet_and_shared(tmp_path: Path) -> None:
    folder = tmp_path / "prefect"
    with PrefectServer(folder) as address:
        settings = json.loads(get(f"{address.api_url}/admin/settings"))
        assert settings["server"]["analytics_enabled"] is False
        assert settings["server"]["ui"]["show_promotional_content"] is False
        assert settings["server"]["services"]["scheduler"]["enabled"] is True
        assert settings["home"] == str(folder)
        assert b"<html" in get(address.ui_url).lower()
        assert address.environment(folder)["PREFECT_API_URL"] == address.api_url
        with PrefectServer(folder) as joined:
            assert joined == address
        assert find_server(folder) == address, "whoever joined may not stop it"
    assert find_server(folder) is None


def test_the_server_stays_until_its_last_user_leaves(tmp_path: Path) -> None:
    """Whoever started it may leave first: a run that joined would wait for its answers for ever."""
    first, second, third = (PrefectServer(tmp_path) for _ in range(3))
    assert third.join() is None
    first.begin()
    assert second.join() == first.start() == second.start(), "one that is not up yet is joined too"
    first.stop()
    assert third.start() == find_server(tmp_path)
    second.stop()
    assert find_server(tmp_path)
    third.stop()
    assert find_server(tmp_path) is None
    assert not [line for line in Path("/proc").glob("[0-9]*/cwd") if line.exists() and line.readlink() == tmp_path]


def test_a_server_over_postgresql(tmp_path: Path, database_url: str) -> None:
    server = PrefectServer(tmp_path, database_url=database_url)
    server.begin()
    with server as address:
        assert get(f"{address.api_url}/health") == b"true"
    assert not (tmp_path / "prefect.db").exists()


def test_the_server_ends_with_a_killed_hub(tmp_path: Path) -> None:
    hub = subprocess.Popen(
        [sys.executable, "-c", f"from services.prefect_server import *; import time\n"
         f"server = PrefectServer(Path({str(tmp_path)!r})); server.start(); time.sleep(600)"],
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not (address := find_server(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.2)
    os.kill(hub.pid, signal.SIGKILL)
    hub.wait()
    assert address
    while find_server(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert find_server(tmp_path) is None


def test_a_server_that_cannot_start_says_where_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_server, "TRIES", 1)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ConfigurationFault, match=r"does not start.*server\.log"):
        PrefectServer(tmp_path).start()


def test_a_server_asked_to_stop_does_so_while_others_do(tmp_path: Path) -> None:
    server = PrefectServer(tmp_path)
    server.start()
    asked = time.monotonic()
    server.ask_to_stop()
    assert find_server(tmp_path) is None, "nobody joins it any more"
    server.stop()
    assert time.monotonic() - asked < STOP_SECONDS, "it is killed only after that"
    with server as again:
        assert get(f"{again.api_url}/health") == b"true"
