"""The embedded PostgreSQL 18: binaries of the environment, a private data folder, a socket and no network.

The folder given is the server's home:

``data/``       what initdb makes, owned by the service user, 0700
``socket/``     the socket, 0700; a link into the temporary folder where a socket's path would be too long
``server.log``  start, stop and crashes; never a statement or a value

PostgreSQL refuses to run as root. Root therefore runs it as a service user: ``housing-hub`` where the machine
has one, else ``nobody``. Where that user cannot enter the folder (a checkout under /root), the home stands in
/var/lib/housing-hub and the folder is a link to it; likewise the binaries are copied there.

Any number of processes may use one folder. The first starts the server, the last stops it, and one that was
killed leaves a server that the next one takes over.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from ledger.errors import ConfigurationFault
from services.account import SERVICE_USERS, service_account
from services.binaries import find_binaries
from services.interrupts import unheard

MAJOR = 18
SUPERUSER = "hub"
PORT = 5432
SOCKET_PATH_BYTES = 107  # what Linux keeps for the path of a socket, less the closing zero
START_SECONDS = 120
STOP_SECONDS = 60
SHARED_HOME = Path("/var/lib/housing-hub")

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": 100,
    # Bulk loading on two cores: no replication, few checkpoints. What was committed still survives a crash.
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "shared_buffers": "512MB",
    "maintenance_work_mem": "256MB",
    "work_mem": "32MB",
    "fsync": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # An ERROR line may quote a value of a person; LOG and above never do.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class Postgres:
    """One embedded server, started over its folder. A context manager that gives the server's URL.

    ``superuser`` is the role that owns it, ``users`` whom root runs it as: the first that the machine has.
    """

    def __init__(
        self,
        folder: Path,
        *,
        shared_home: Path = SHARED_HOME,
        superuser: str = SUPERUSER,
        port: int = PORT,
        users: Sequence[str] = SERVICE_USERS,
        settings: Mapping[str, object] = SETTINGS,
    ) -> None:
        self._folder = folder.absolute()
        self._shared_home = shared_home
        self._superuser, self._port, self._users = superuser, port, users
        self._settings = {**settings, "port": port}
        self._use: IO[str] | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> str:
        """The SQLAlchemy URL of the server's ``postgres`` database, once the server takes connections.

        Raises ConfigurationFault where binaries, rights or the data folder's version do not allow it.
        """
        if self._use is not None:
            return self.url
        with self._lock(), unheard():  # between its start and the note of its use nobody would stop it
            self._settle()
            if not self._is_running():
                self._launch()
            self._use = self._sibling("users").open("a")
            fcntl.flock(self._use, fcntl.LOCK_SH)
        return self.url

    def stop(self) -> None:
        """Stops the server unless another process still uses it."""
        if self._use is None:
            return
        with self._lock(), self._use as use:
            self._use = None
            try:
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._shut_down()

    def start_and_leave(self) -> str:
        """As ``start``, but the server runs on when this process is done with it, until somebody stops it."""
        url = self.start()
        if self._use is not None:
            self._use.close()
            self._use = None
        return url

    def sync(self) -> None:
        """Has all that a stopped server wrote on the disk, should it have run with ``fsync`` off."""
        done = self._run("initdb", "--sync-only", "--sync-method=syncfs", "-D", str(self._data))
        if done.returncode:
            raise self._fault("the data folder could not be brought to the disk", done.stderr)

    @property
    def is_running(self) -> bool:
        """Whether a server runs over the folder."""
        return self._is_running()

    @property
    def url(self) -> str:
        """The URL of the server's ``postgres`` database."""
        query = {"host": str((self._home / "socket").resolve()), "port": str(self._port)}
        url = URL.create("postgresql+psycopg", username=self._superuser, database="postgres", query=query)
        return url.render_as_string(hide_password=False)

    # -- where it stands ------------------------------------------------------------------------------------

    @property
    def _home(self) -> Path:
        return self._folder.resolve()

    @property
    def _data(self) -> Path:
        return self._home / "data"

    def _sibling(self, what: str) -> Path:
        return self._folder.with_name(f".{self._folder.name}.{what}")

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Starting and stopping happen one at a time."""
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            lock = self._sibling("lock").open("a")
        except PermissionError:
            raise ConfigurationFault(
                "this user may not write here.",
                system="database",
                place=str(self._folder.parent),
                next_step="run as the folder's owner, or set another [hub] folder in hub.toml.",
            ) from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _settle(self) -> None:
        """Finds account, home and binaries, and makes the home and the data folder where they are missing."""
        self._account = service_account(self._data, self._users)
        if self._folder.is_symlink() and not self._folder.exists():
            self._folder.unlink()  # what it led to was removed by hand
        if not self._folder.is_symlink():
            self._folder.mkdir(exist_ok=True)
            if not self._account.can_enter(self._folder.parent):
                self._move_home()
        self._account.own(self._home)
        self._binaries = find_binaries(self._account, self._shared_home)
        version = self._data / "PG_VERSION"
        if not version.exists():
            self._create_data()
        elif version.read_text().strip() != str(MAJOR):
            raise ConfigurationFault(
                f"the data folder was written by PostgreSQL {version.read_text().strip()}, not {MAJOR}.",
                system="database",
                place=str(self._data),
                next_step="move the folder away; the hub makes a new one and migrates again.",
            )

    def _move_home(self) -> None:
        """Puts the home where the service user can reach it, and leaves a link in its place."""
        home = self._shared_home / hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:12]
        try:
            self._folder.rmdir()
        except OSError:
            raise ConfigurationFault(
                f"the service user {self._account.name} cannot enter the folder.",
                system="database",
                place=str(self._folder),
                next_step="give others the right to pass through its parent folders (chmod o+x).",
            ) from None
        if home.exists():  # of an earlier checkout at this path, which was removed
            self._binaries = find_binaries(self._account, self._shared_home)
            if self._is_running(home):
                self._run("pg_ctl", "stop", "-D", str(home / "data"), "-m", "immediate", "-w")
            shutil.rmtree(home)
        home.mkdir(parents=True)
        self._folder.symlink_to(home)

    def _create_data(self) -> None:
        """Makes the data folder whole or not at all: it gets its name last."""
        draft = self._home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        # The built-in C.UTF-8 sorts as fast as C and, unlike it, knows upper and lower case beyond ASCII.
        made = self._run(
            "initdb", "-D", str(draft), "-U", self._superuser, "-E", "UTF8", "--auth=trust", "--sync-method=syncfs",
            "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        )  # fmt: skip
        if made.returncode:
            raise self._fault("the data folder could not be made", made.stderr)
        draft.rename(self._data)

    # -- the server -----------------------------------------------------------------------------------------

    def _is_running(self, home: Path | None = None) -> bool:
        """Whether the process that postmaster.pid names is a server of this very data folder.

        The pid alone proves nothing: after a kill or a reboot another process may bear it.
        """
        data = (home or self._home) / "data"
        try:
            pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
            return Path(f"/proc/{pid}/cwd").readlink() == data
        except (FileNotFoundError, ProcessLookupError, PermissionError, ValueError):
            return False

    def _launch(self) -> None:
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        socket = self._socket_folder()
        for left in socket.glob(".s.PGSQL.*"):
            left.unlink()
        lines = [f"{name} = '{value}'" for name, value in self._settings.items()]
        lines.append("unix_socket_directories = '{}'".format(str(socket).replace("'", "''")))
        (self._data / "postgresql.conf").write_text("# Written by the hub at every start.\n" + "\n".join(lines) + "\n")
        log = self._home / "server.log"
        log.unlink(missing_ok=True)
        deadline = time.monotonic() + START_SECONDS
        while True:
            started = self._run(
                "pg_ctl", "start", "-D", str(self._data), "-l", str(log), "-w", "-t", str(START_SECONDS), "-s"
            )
            if started.returncode == 0:
                return
            said = log.read_text(errors="replace") if log.exists() else ""
            # Helpers of a killed server need a moment to notice and to leave.
            if "still in use" not in said or time.monotonic() > deadline:
                raise self._fault("the server does not start", said or started.stderr)
            time.sleep(0.5)

    def _socket_folder(self) -> Path:
        socket = self._home / "socket"
        if len(os.fsencode(socket)) + len(f"/.s.PGSQL.{self._port}.lock") > SOCKET_PATH_BYTES:
            if socket.is_symlink() and self._account.owns(socket.resolve()):
                return socket.resolve()
            socket.unlink(missing_ok=True)
            socket.symlink_to(tempfile.mkdtemp(prefix="housing-hub-"))
        socket.mkdir(exist_ok=True)
        self._account.own(socket.resolve())
        return socket.resolve()

    def _shut_down(self) -> None:
        if self._is_running():
            stop = ("pg_ctl", "stop", "-D", str(self._data), "-w", "-t", str(STOP_SECONDS), "-s")
            if self._run(*stop, "-m", "fast").returncode:
                self._run(*stop, "-m", "immediate")
        socket = self._home / "socket"
        if socket.is_symlink():
            shutil.rmtree(socket.resolve(), ignore_errors=True)
            socket.unlink()

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._account.run([str(self._binaries / program), *arguments])

    def _fault(self, what: str, said: str) -> ConfigurationFault:
        last = [line for line in said.splitlines() if line.strip()][-1:]
        return ConfigurationFault(
            f"{what}: {''.join(last).strip() or 'it gave no reason'}.",
            system="database",
            place=str(self._home),
            next_step=f"read {shlex.quote(str(self._home / 'server.log'))} and set right what it names.",
        )
