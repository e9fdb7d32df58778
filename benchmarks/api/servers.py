"""Servers on this machine's loopback, each a process group of its own that ends with its use."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_SECONDS = 90
STOP_SECONDS = 10


@dataclass(frozen=True)
class Server:
    """A server that answers. ``pid`` leads its process group."""

    port: int
    pid: int

    def memory_mib(self) -> float:
        """What its processes hold together, each share of a page counted once."""
        return sum(_proportional_kib(pid) for pid in _group(self.pid)) / 1_024


def free_port() -> int:
    """A port of the loopback that nobody has."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


@contextmanager
def serving(
    command: Sequence[str],
    port: int,
    path: str,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Runs a server that answers at ``path``, and ends it. Raises RuntimeError with its output where it does not."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=cwd, env={**os.environ, **(environment or {})}, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            if not _answers(process, f"http://127.0.0.1:{port}{path}"):
                output.seek(0)
                raise RuntimeError(f"{command[0]} does not serve:\n{output.read().decode(errors='replace')[-4_000:]}")
            yield Server(port, process.pid)
        finally:
            _end(process)


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
    if _group(process.pid):
        os.killpg(process.pid, signal.SIGKILL)


def _group(leader: int) -> list[int]:
    """The processes of a group, those that have ended apart."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[2] == str(leader) and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def _proportional_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
