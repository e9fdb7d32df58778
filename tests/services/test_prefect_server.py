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


def test_a_server_over_postgresql(tmp_path: Path, database_url: str) -> None:
    server = PrefectServer(tmp_path, database_url=database_url)
    server.begin()
    with server as address:
        assert get(f"{address.api_url}/health") == b"true"
    assert not (tmp_path / "prefect.db").exists()


def test_the_server_ends_with_a_killed_hub(tmp_path: Path) -> None:
    hub = subprocess.Popen(
        [sys.executable, "-c", f"from services.prefect_server import *; import time\n"
         f"PrefectServer(Path({str(tmp_path)!r})).start(); time.sleep(600)"],
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
    process = server._process
    assert process
    server.ask_to_stop()
    assert find_server(tmp_path) is None, "nobody joins it any more"
    assert process.wait(60) != -signal.SIGKILL
    server.stop()
    with server as again:
        assert get(f"{again.api_url}/health") == b"true"
