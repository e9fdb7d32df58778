"""A server in a process of its own, on a socket that is bound here, as long as a context lasts."""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from ledger.errors import ConfigurationFault
from services.interrupts import unheard

START_SECONDS, STOP_SECONDS = 60, 15


@dataclass(frozen=True)
class Server:
    """What is started: ``python -m module``, which takes its start pickled on stdin and stops when that ends.

    ``section`` of hub.toml says where it listens; messages call it ``what``.
    """

    section: str
    what: str
    module: str
    listen: str
    log: Path
    start_seconds: float = START_SECONDS


@dataclass(frozen=True)
class Serving:
    """The server that answers at ``url``."""

    url: str
    process: subprocess.Popen[bytes]
    server: Server


@contextmanager
def served(server: Server, start: Callable[[int], object], *, anywhere: bool = False) -> Iterator[Serving]:
    """The server, once it answers; ``start`` gives what it has to know, by the descriptor of its socket.

    ``anywhere``: at a free port. Raises ConfigurationFault where its address is taken or it does not start.
    """
    host, _, port = server.listen.rpartition(":")
    with _listening(server, host, 0 if anywhere else int(port)) as listening, server.log.open("wb") as log:
        content = pickle.dumps(start(listening.fileno()))
        with unheard():
            process = subprocess.Popen(
                [sys.executable, "-m", server.module], stdin=subprocess.PIPE, stdout=log, stderr=log,
                pass_fds=[listening.fileno()], start_new_session=True,
            )  # fmt: skip
        url = f"http://{host}:{listening.getsockname()[1]}"
    assert process.stdin is not None
    try:
        process.stdin.write(content)
        process.stdin.flush()
        _wait(server, process, url)
        yield Serving(url, process, server)
    finally:
        process.stdin.close()  # by which it knows that it is to stop
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def not_serving(server: Server) -> ConfigurationFault:
    """That a server is not up, with the last that it said."""
    said = server.log.read_text(errors="replace").strip().rpartition("\n")[2]
    return ConfigurationFault(
        f"{server.what} does not serve: {said[:500] or 'it gave no reason'}", system=server.section,
        place=str(server.log), next_step="Read the log and set right what it names.",
    )  # fmt: skip


def _listening(server: Server, host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises ConfigurationFault where another program does."""
    try:
        return socket.create_server((host, port), backlog=2_048)
    except OSError as error:
        raise ConfigurationFault(
            f"{host}:{port} cannot be listened on: {error.strerror}.", system=server.section,
            place=f"hub.toml [{server.section}] listen",
            next_step="Stop the program that has it, or set another address.",
        ) from None  # fmt: skip


def _wait(server: Server, process: subprocess.Popen[bytes], url: str) -> None:
    """Comes back once the server answers. Raises ConfigurationFault."""
    deadline = time.monotonic() + server.start_seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(f"{url}/health", timeout=5).status_code == requests.codes.ok:
                return
        except requests.RequestException:
            pass  # it is not up yet
        time.sleep(0.05)
    raise not_serving(server)
