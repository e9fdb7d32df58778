"""A bulk export of 600,000 rows, from its request to the last byte in the client's file, whose hash is as told.

The memory is that of all the API's processes, of the one that copies too, and of PostgreSQL's without its shared
buffers. Then workers are killed while a part is fetched and while an export is made: the client goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import psycopg

from benchmarks.api import peers
from benchmarks.api.hub_server import Choice, token
from benchmarks.api.servers import Server
from benchmarks.api.state import PATH, SEED, database_of, multiply
from benchmarks.figures import keep
from cli.workplace import Workplace

ROWS = 600_000
SECONDS = {"ndjson": 3.0, "parquet": 3.0, "csv": None}
MOST_MIB = 200
LOOK_SECONDS, WEIGH_SECONDS = 0.02, 0.1
MAKING_SECONDS = 0.5
"""So long after its request an export is under way."""
BLOCK_BYTES = 2**20
SERVERS = (*peers.SERVER, "--workers", "2")
"""Two workers under a process that outlives them."""


@dataclass(frozen=True)
class Api:
    """The API as the client reaches it: its port and the headers of each request."""

    port: int
    headers: dict[str, str]

    def ask(
        self, method: str, path: str, more: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> HTTPResponse:
        """The answer, its body unread. Raises HTTPException and OSError."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {**self.headers, **(more or {})})
        return connection.getresponse()

    def told(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        answer = self.ask(method, path, body=body)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} is answered with {answer.status}")
        return dict(json.loads(answer.read()))


def measure(place: Workplace, choice: Choice, full: bool) -> None:
    """600,000 rows in full, 100,000 in short; every format."""
    rows = ROWS if full else 100_000
    multiply(place, rows)
    headers = {"Authorization": f"Bearer {token(choice)}", "Content-Type": "application/json"}
    with peers.hub(choice, [], SERVERS) as hub, tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        api, file = Api(hub.server.port, headers), Path(folder) / "part"
        postgres = _postmaster(place)
        for form, most in SECONDS.items():
            with _Peak(hub.server.pid, postgres) as peak:
                began = perf_counter()
                made = _made(api, form)
                whole = made["rows"] >= rows and _fetched(api, made, file)
                seconds = perf_counter() - began
            protocol = (
                f"{made['rows']:,} rows of {PATH}, {made['parts'][0]['bytes'] / 2**20:.0f} MiB, from the request to "
                f"the last byte fetched, hash as told: {whole}"
            )
            ok = None if most is None or not full else whole and seconds <= most
            keep(f"api: export, {form}", seconds, "s", f"<= {most:g}" if most else "-", ok, protocol)
            keep(f"api: export, {form}, peak memory", peak.mib, "MiB", f"<= {MOST_MIB}", peak.mib <= MOST_MIB,
                 f"{protocol}; all processes of API and PostgreSQL, above {peak.idle:.0f} MiB idle")  # fmt: skip
        _measure_kills(api, hub.server, file, 10 if full else 2)


def _measure_kills(api: Api, server: Server, file: Path, most: int) -> None:
    """Kills all workers while an export is made, then at random bytes of its part."""
    dice = random.Random(SEED)  # noqa: S311 - dice need no cryptography
    made = _made(api, "ndjson", lambda: _kill_workers(server.pid))
    size, kills = made["parts"][0]["bytes"], 0

    def kill() -> None:
        nonlocal kills
        kills += 1
        _kill_workers(server.pid)

    whole = _fetched(api, made, file, sorted(dice.randrange(size) for _ in range(most)), kill)
    protocol = f"{size / 2**20:.0f} MiB; workers killed while it was made, and {kills} times while it was fetched"
    keep("api: export, whole after kills", float(whole), "exports", "1: its hash is as told", whole, protocol)


class _Peak:
    """How far the memory of processes rises meanwhile, above what they had before: a group, and a process's children.

    Shared buffers are PostgreSQL's own and are left out.
    """

    def __init__(self, group: int, parent: int) -> None:
        self._group, self._parent, self._done = group, parent, threading.Event()
        self.idle, self.mib = self._now(), 0.0

    def __enter__(self) -> _Peak:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(WEIGH_SECONDS):
            self.mib = max(self.mib, self._now() - self.idle)

    def _now(self) -> float:
        found = [pid for pid, parent, group in _processes() if group == self._group or parent == self._parent]
        return sum(map(_own_kib, found)) / 1_024


def _processes() -> Iterator[tuple[int, int, int]]:
    """All processes: id, parent's id, group."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        yield int(stat.parent.name), int(fields[1]), int(fields[2])


def _own_kib(pid: int) -> int:
    """What a process holds, each share of a page counted once, shared memory apart."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    except OSError:
        return 0
    sizes = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
    return sizes.get("Pss:", 0) - sizes.get("Pss_Shmem:", 0)


def _postmaster(place: Workplace) -> int:
    """The process whose children serve the database."""
    with psycopg.connect(database_of(place).conninfo) as connection:
        return next(parent for pid, parent, _ in _processes() if pid == connection.info.backend_pid)


def _kill_workers(leader: int) -> None:
    for pid, parent, _ in list(_processes()):
        if parent == leader:
            os.kill(pid, signal.SIGKILL)


def _made(api: Api, form: str, meanwhile: Callable[[], None] | None = None) -> dict[str, Any]:
    """The export's manifest, once it stands. ``meanwhile`` is done once it has begun."""
    body = json.dumps({"resource": PATH, "format": form}).encode()
    told = api.told("POST", "/v1/exports", body)
    if meanwhile is not None:
        sleep(MAKING_SECONDS)
        meanwhile()
    while told["status"] == "waiting":
        sleep(LOOK_SECONDS)
        try:
            told = api.told("GET", f"/v1/exports/{told['id']}")
        except (OSError, HTTPException):  # its worker was killed
            continue
    if told["status"] != "ready":
        raise RuntimeError(f"the export of {form} is {told['status']}: {told.get('fault')}")
    return told


def _fetched(
    api: Api, made: dict[str, Any], file: Path, goals: Sequence[int] = (), kill: Callable[[], None] = lambda: None
) -> bool:
    """Whether the file, fetched from where it broke off each time, has the hash that the manifest tells.

    ``kill`` is called as the file comes to each of ``goals``.
    """
    [part], waiting = made["parts"], list(goals)
    file.unlink(missing_ok=True)
    digest, got = hashlib.sha256(), 0
    block = memoryview(bytearray(BLOCK_BYTES))
    with file.open("wb", buffering=0) as kept:
        while got < part["bytes"]:
            try:
                answer = api.ask("GET", part["href"], {"Range": f"bytes={got}-", "If-Range": f'"{part["sha256"]}"'})
                if answer.status != 206:
                    raise RuntimeError(f"a range is answered with {answer.status}")
                while size := answer.readinto(block):
                    kept.write(block[:size])
                    digest.update(block[:size])
                    got += size
                    if waiting and got >= waiting[0]:
                        waiting.pop(0)
                        kill()
            except (OSError, HTTPException):
                sleep(LOOK_SECONDS)
    return digest.hexdigest() == str(part["sha256"])
