"""A local Prefect server as a child process: own folder, own database, no telemetry, this machine only."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from ledger.errors import ConfigurationFault

HOST = "127.0.0.1"
USUAL_PORT = 4200
START_SECONDS = 120
STOP_SECONDS = 20
TRIES = 3
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""A proxy in the environment has no business with a server on this machine."""


@dataclass(frozen=True)
class PrefectAddress:
    """Where the server is found: ``api_url`` for programs, ``ui_url`` for a browser."""

    api_url: str
    ui_url: str

    def environment(self, folder: Path) -> dict[str, str]:
        """What a process must have in its environment before it imports Prefect, to use this server."""
        return {**quiet_environment(folder), **client_environment(self.api_url)}


class PrefectServer:
    """One Prefect server over its folder. A context manager that gives its address.

    ``database_url`` is a PostgreSQL database of its own (any driver is put right); by default SQLite in the
    folder. A server that another process keeps over the same folder is used and left running.
    """

    def __init__(self, folder: Path, *, database_url: str | None = None) -> None:
        self._folder = folder.absolute()
        self._database_url = database_url
        self._process: subprocess.Popen[bytes] | None = None
        self._running: PrefectAddress | None = None
        self._asked = False

    def __enter__(self) -> PrefectAddress:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def begin(self) -> None:
        """Starts the server without waiting for it: it needs seconds that others can use.

        To be called from a thread that lives on: the server ends with the thread that started it.
        """
        self._running = find_server(self._folder)
        if self._running is None and self._process is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._launch(_free_port())

    def start(self) -> PrefectAddress:
        """The server's address, once it answers. Raises ConfigurationFault where it does not come up."""
        for _ in range(TRIES):  # another program may take the free port before the server does
            self.begin()
            address = self._running or self._wait()
            if address:
                return address
            self.stop()
        raise ConfigurationFault(
            "the Prefect server does not start.",
            system="prefect",
            place=str(self._folder),
            next_step=f"read {self._folder / 'server.log'} and set right what it names.",
        )

    def ask_to_stop(self) -> None:
        """Tells the server to stop, where this object started it; others can stop meanwhile. ``stop`` waits for it."""
        if self._process is not None and not self._asked:  # asked twice it would drop what it still writes
            self._asked = True
            self._address_file.unlink(missing_ok=True)
            self._process.send_signal(signal.SIGINT)

    def stop(self) -> None:
        """Stops the server where this object started it."""
        if self._process is None:
            return
        self.ask_to_stop()
        process, self._process, self._asked = self._process, None, False
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def _address_file(self) -> Path:
        return self._folder / "address.json"

    def _launch(self, port: int) -> None:
        ui_url = f"http://{HOST}:{port}"
        self._address = PrefectAddress(f"{ui_url}/api", ui_url)
        server = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
        tether = shutil.which("setpriv")  # the server must not outlive a hub that was killed
        command = [tether, "--pdeathsig", "INT", *server] if tether else server
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        with (self._folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,  # by which find_server knows the process again
                env={**inherited, **server_environment(self._folder, ui_url, self._database_url)},
                start_new_session=True,  # Ctrl-C reaches the hub, and the hub stops the server last
            )

    def _wait(self) -> PrefectAddress | None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process and self._process.poll() is None:
            if _is_healthy(self._address):
                told = {"pid": self._process.pid, "address": asdict(self._address)}
                self._address_file.write_text(json.dumps(told))
                return self._address
            time.sleep(0.1)
        return None


def find_server(folder: Path) -> PrefectAddress | None:
    """The address of the server that runs over the folder; None where none answers."""
    try:
        told = json.loads((folder / "address.json").read_text())
        address = PrefectAddress(**told["address"])
        at_home = Path(f"/proc/{told['pid']}/cwd").readlink() == folder.resolve()
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return address if at_home and _is_healthy(address) else None


def next_runs(api_url: str) -> dict[str, datetime]:
    """When each system runs next, by the scheduled runs of the server there; nothing where it does not answer."""
    wanted = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}, "sort": "EXPECTED_START_TIME_ASC"}
    request = urllib.request.Request(  # noqa: S310 - http or https: the settings see to it
        f"{api_url.rstrip('/')}/flow_runs/filter", json.dumps(wanted).encode(), {"Content-Type": "application/json"}
    )
    found: dict[str, datetime] = {}
    try:
        with _DIRECT.open(request, timeout=5) as answer:
            for run in json.load(answer):
                at = datetime.fromisoformat(run["expected_start_time"]).astimezone()
                for system in run["parameters"].get("systems", ()):
                    found.setdefault(system, at)
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found


def client_environment(api_url: str) -> Mapping[str, str]:
    """The settings of a process that uses the server there: the terminal is the hub's own, the log on its pages."""
    return {"PREFECT_API_URL": api_url, "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}


def quiet_environment(folder: Path) -> Mapping[str, str]:
    """Prefect's settings that keep it in its folder and from reporting to anybody."""
    return {
        "PREFECT_HOME": str(folder),
        "PREFECT_PROFILES_PATH": str(folder / "profiles.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        "PREFECT_CLI_PROMPT": "false",
        "DO_NOT_TRACK": "1",
    }


def server_environment(folder: Path, ui_url: str, database_url: str | None) -> Mapping[str, str]:
    """The server process's settings: no telemetry, no advertising, pages of other sites may not call it."""
    if database_url:
        database = make_url(database_url).set(drivername="postgresql+asyncpg")
        connection = database.render_as_string(hide_password=False)
    else:
        connection = f"sqlite+aiosqlite:///{folder / 'prefect.db'}"
    return {
        **quiet_environment(folder),
        "PREFECT_API_URL": f"{ui_url}/api",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": connection,
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": ui_url,
        "PREFECT_SERVER_UI_API_URL": f"{ui_url}/api",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "true",
        # Kept on disk, so that a place which a killed run took is given back after a restart too.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    }


def _is_healthy(address: PrefectAddress) -> bool:
    try:
        with _DIRECT.open(f"{address.api_url}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _free_port() -> int:
    """Prefect's usual port, or any other that is free."""
    for port in (USUAL_PORT, 0):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ConfigurationFault(
        "no port is free.", system="prefect", next_step="stop programs that keep ports open, then try again."
    )
