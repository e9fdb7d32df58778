"""A local Prefect server as a child process: own folder, own database, no telemetry, this machine only."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import IO

from sqlalchemy import make_url

from ledger.errors import ConfigurationFault
from services.keeper import STOP_SECONDS

HOST = "127.0.0.1"
USUAL_PORT = 4200
START_SECONDS = 120
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
    """One Prefect server over its folder, for any number of processes. A context manager that gives its address.

    ``database_url`` is a PostgreSQL database of its own (any driver is put right); by default SQLite in the
    folder. The first process starts the server, and it stops with the last one that uses it.
    """

    def __init__(self, folder: Path, *, database_url: str | None = None) -> None:
        self._folder = folder.absolute()
        self._database_url = database_url
        self._use: IO[str] | None = None
        self._standing: Standing | None = None

    def __enter__(self) -> PrefectAddress:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def begin(self) -> PrefectAddress:
        """Starts or joins the server without waiting for it: it needs seconds that others can use. Gives where it will
        answer."""
        self._take(launch=True)
        assert self._standing is not None
        return self._standing.address

    def start(self) -> PrefectAddress:
        """The server's address, once it answers. Raises ConfigurationFault where it does not come up."""
        for _ in range(TRIES):  # another program may take the free port before the server does
            self.begin()
            address = self._wait()
            if address:
                return address
            self.stop()
        raise ConfigurationFault(
            "the Prefect server does not start.",
            system="prefect",
            place=str(self._folder),
            next_step=f"read {self._folder / 'server.log'} and set right what it names.",
        )

    def join(self) -> PrefectAddress | None:
        """The address of the server that another process started, which stays up until ``stop``; None where there is
        none."""
        if _standing(self._folder) is None:
            return None
        self._take(launch=False)
        address = self._wait()
        if address is None:
            self.stop()
        return address

    def ask_to_stop(self) -> None:
        """Lets go of the server. If nobody else uses it, it stops, and others can stop meanwhile: ``stop`` waits."""
        if self._use is None:
            return
        with self._lock(), self._use as use:
            self._use = None
            try:
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._standing = None  # another process uses it, and it stops with that one
            else:
                _address_file(self._folder).unlink(missing_ok=True)

    def stop(self) -> None:
        """Lets go of the server, and waits until it has stopped where nobody else uses it."""
        self.ask_to_stop()
        deadline = time.monotonic() + 2 * STOP_SECONDS  # its keeper kills it before
        while self._standing and self._standing.is_up(self._folder) and time.monotonic() < deadline:
            time.sleep(0.05)
        self._standing = None

    def _take(self, *, launch: bool) -> None:
        if self._use is not None:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._lock():
            self._use = self._users.open("a")
            fcntl.flock(self._use, fcntl.LOCK_SH)  # waits where the last user has just left and the server stops
            self._standing = _standing(self._folder)
            if launch and self._standing is None:
                self._standing = self._launch(_free_port())

    @property
    def _users(self) -> Path:
        return self._folder / "users"

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Coming and going happen one at a time."""
        with (self._folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _launch(self, port: int) -> Standing:
        ui_url = f"http://{HOST}:{port}"
        server = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        with (self._folder / "server.log").open("wb") as log:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "services.keeper", str(self._users), *server],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,  # by which others know the process again
                env={**inherited, **server_environment(self._folder, ui_url, self._database_url)},
                start_new_session=True,  # Ctrl-C reaches the hub, and the hub stops the server last
            )
        Thread(target=keeper.wait, daemon=True).start()  # it may outlive its use here, and leaves no zombie then
        standing = Standing(keeper.pid, PrefectAddress(f"{ui_url}/api", ui_url))
        _address_file(self._folder).write_text(json.dumps(asdict(standing)))
        return standing

    def _wait(self) -> PrefectAddress | None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._standing and self._standing.is_up(self._folder):
            if _answers(self._standing.address, self._folder):
                return self._standing.address
            time.sleep(0.1)
        return None


@dataclass(frozen=True)
class Standing:
    """A server that was started over a folder: the process that keeps it, and where it answers or soon will."""

    pid: int
    address: PrefectAddress

    def is_up(self, folder: Path) -> bool:
        """Whether the process is there still. The pid alone proves nothing: another may bear it by now."""
        try:
            return Path(f"/proc/{self.pid}/cwd").readlink() == folder.resolve()
        except OSError:
            return False


def find_server(folder: Path) -> PrefectAddress | None:
    """The address of the server that runs over the folder; None where none answers."""
    standing = _standing(folder)
    return standing.address if standing and _answers(standing.address, folder) else None


def _standing(folder: Path) -> Standing | None:
    """The server that was started over the folder, if it is there still."""
    try:
        told = json.loads(_address_file(folder).read_text())
        standing = Standing(told["pid"], PrefectAddress(**told["address"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return standing if standing.is_up(folder) else None


def _address_file(folder: Path) -> Path:
    return folder / "address.json"


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


def _answers(address: PrefectAddress, folder: Path) -> bool:
    """Whether the server over the folder answers there. Of two that begin at one moment both may have found the same
    port free: the one that came second hears the other's there, until it gives up."""
    try:
        with _DIRECT.open(f"{address.api_url}/admin/settings", timeout=2) as answer:
            return bool(json.load(answer)["home"] == quiet_environment(folder)["PREFECT_HOME"])
    except (OSError, ValueError, KeyError, TypeError):
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
