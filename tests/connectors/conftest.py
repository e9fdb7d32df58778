"""Private servers for the connectors' tests: MariaDB and OpenSSH of Debian's packages."""

from __future__ import annotations

import getpass
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

import paramiko
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


@dataclass(frozen=True)
class OpenSsh:
    """A running server that belongs to the tests alone, and what its owner would tell a user of it."""

    url: str
    host_key: str
    rsa_fingerprint: str
    private_key: str


@pytest.fixture(scope="module")
def openssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    """A private OpenSSH server on a free port, with keys of its own; it serves ``/`` to this user's key."""
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if sshd is None:
        pytest.skip("no OpenSSH server on this machine (apt-get install openssh-server)")
    folder = tmp_path_factory.mktemp("sshd")
    for kind, name in (("ed25519", "host"), ("rsa", "host_rsa"), ("ed25519", "user")):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(folder / name)], check=True, timeout=60)
    shutil.copy(folder / "user.pub", folder / "authorized")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nHostKey {folder}/host_rsa\n"
        f"AuthorizedKeysFile {folder}/authorized\nPasswordAuthentication no\nUsePAM no\nStrictModes no\n"
        f"PermitRootLogin prohibit-password\nPidFile {folder}/pid\nSubsystem sftp internal-sftp\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd separates its privileges
    running = subprocess.Popen([sshd, "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.PIPE)
    try:
        _until_it_answers(port, running)
        rsa = paramiko.PKey.from_path(folder / "host_rsa").fingerprint
        yield OpenSsh(
            f"sftp://{getpass.getuser()}@127.0.0.1:{port}",
            (folder / "host.pub").read_text(),
            rsa,
            (folder / "user").read_text(),
        )
    finally:
        running.terminate()
        running.wait(timeout=10)
        assert running.stderr is not None
        running.stderr.close()


def _until_it_answers(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if server.poll() is not None:
            assert server.stderr is not None
            pytest.skip(f"OpenSSH does not start here: {server.stderr.read().decode()[-200:]}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("OpenSSH did not answer within 10 seconds")
