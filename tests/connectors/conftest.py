"""Private servers for the connectors' tests: a MariaDB of Debian's package."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

START_SECONDS = 60
LOGINS = """\
CREATE DATABASE housing CHARACTER SET utf8mb4;
CREATE USER hub@'%' IDENTIFIED BY 'secret';
GRANT ALL ON housing.* TO hub@'%';
CREATE USER guest@'%' IDENTIFIED BY 'secret';
"""


@dataclass
class MariaServer:
    """A running server that belongs to the test alone."""

    process: subprocess.Popen[bytes]
    port: int

    def url(self, user: str = "hub", password: str = "secret", database: str = "housing") -> str:
        """A URL of the server by TCP."""
        return f"mariadb+pymysql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def kill(self) -> None:
        """Ends the server as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaServer]:
    """One MariaDB for all tests that only read."""
    with running_mariadb() as server:
        yield server


@pytest.fixture
def mortal_mariadb() -> Iterator[MariaServer]:
    """A MariaDB that its test may kill."""
    with running_mariadb() as server:
        yield server


@contextmanager
def running_mariadb() -> Iterator[MariaServer]:
    """A MariaDB in a folder of its own, gone afterwards. Skips the test where the package is missing."""
    server = shutil.which("mariadbd", path=os.environ["PATH"] + ":/usr/sbin")
    install = shutil.which("mariadb-install-db")
    if server is None or install is None:
        pytest.skip("MariaDB is not installed (Debian package mariadb-server)")
    # The path of a socket may not be long, and the server's own user must reach it.
    home = Path(tempfile.mkdtemp(prefix="hub-maria-"))
    as_user = []
    if os.geteuid() == 0:
        shutil.chown(home, "mysql")
        as_user = ["--user=mysql"]
    place = [f"--datadir={home / 'data'}", *as_user]
    subprocess.run(
        [install, "--no-defaults", "--auth-root-authentication-method=normal", *place],
        check=True,
        capture_output=True,
    )
    logins = home / "logins.sql"
    logins.write_text(LOGINS, "utf-8")
    logins.chmod(0o644)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            *(server, "--no-defaults", *place, f"--socket={home / 'socket'}", f"--pid-file={home / 'pid'}"),
            *(f"--port={port}", "--bind-address=127.0.0.1", "--skip-name-resolve", f"--init-file={logins}"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    held = MariaServer(process, port)
    try:
        _await(held)
        yield held
    finally:
        process.terminate()
        process.wait(timeout=60)
        shutil.rmtree(home, ignore_errors=True)


def _await(server: MariaServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            sa.create_engine(server.url(), poolclass=sa.NullPool).connect().close()
        except sa.exc.DBAPIError:
            if time.monotonic() > deadline or server.process.poll() is not None:
                raise
            time.sleep(0.2)
        else:
            return
