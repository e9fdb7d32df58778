"""A bulk export of 600,000 rows, asked for and fetched as a client does: seconds, and the memory of all processes."""

from __future__ import annotations

import hashlib
import json
import threading
from time import perf_counter, sleep
from typing import Any

import httpx

from benchmarks.api import peers
from benchmarks.api.hub_server import Choice, token
from benchmarks.api.servers import Server
from benchmarks.api.state import PATH, multiply
from benchmarks.figures import keep
from cli.workplace import Workplace

ROWS = 600_000
SECONDS = {"ndjson": 3.0, "parquet": 3.0, "csv": None}
MOST_MIB = 200
LOOK_SECONDS = 0.02


def measure(place: Workplace, choice: Choice, full: bool) -> None:
    """600,000 rows in full, 100,000 in short; every format."""
    rows = ROWS if full else 100_000
    multiply(place, rows)
    headers = {"Authorization": f"Bearer {token(choice)}", "Content-Type": "application/json"}
    with peers.hub(choice, []) as hub:
        base = f"http://127.0.0.1:{hub.server.port}"
        for form, most in SECONDS.items():
            with _Peak(hub.server) as peak:
                began = perf_counter()
                made = _made(base, headers, form)
                seconds = perf_counter() - began
                fetched = _fetched(base, headers, made)
            whole = made["rows"] >= rows and fetched
            protocol = (
                f"{made['rows']:,} rows of {PATH}, {made['parts'][0]['bytes'] / 2**20:.0f} MiB, hash as told: {whole}"
            )
            ok = None if most is None or not full else whole and seconds <= most
            keep(f"api: export, {form}", seconds, "s", f"<= {most:g}" if most else "-", ok, protocol)
            keep(f"api: export, {form}, peak memory", peak.mib, "MiB", f"<= {MOST_MIB}", peak.mib <= MOST_MIB,
                 f"{protocol}; all the API's processes, fetching too, above {peak.idle:.0f} MiB idle")  # fmt: skip


class _Peak:
    """How far the memory of a server's processes rises meanwhile, above what they had before."""

    def __init__(self, server: Server) -> None:
        self._server, self._done = server, threading.Event()
        self.idle, self.mib = server.memory_mib(), 0.0

    def __enter__(self) -> _Peak:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(LOOK_SECONDS):
            self.mib = max(self.mib, self._server.memory_mib() - self.idle)


def _made(base: str, headers: dict[str, str], form: str) -> dict[str, Any]:
    """The export's manifest, once it stands."""
    body = json.dumps({"resource": PATH, "format": form}).encode()
    told = httpx.post(f"{base}/v1/exports", content=body, headers=headers).raise_for_status().json()
    while told["status"] == "waiting":
        sleep(LOOK_SECONDS)
        told = httpx.get(f"{base}/v1/exports/{told['id']}", headers=headers).raise_for_status().json()
    if told["status"] != "ready":
        raise RuntimeError(f"the export of {form} is {told['status']}: {told.get('fault')}")
    return dict(told)


def _fetched(base: str, headers: dict[str, str], made: dict[str, Any]) -> bool:
    """Whether every part, fetched in two ranges, has the hash that the manifest tells."""
    for part in made["parts"]:
        digest, half = hashlib.sha256(), part["bytes"] // 2
        for wanted in (f"bytes=0-{half - 1}", f"bytes={half}-"):
            with httpx.stream("GET", f"{base}{part['href']}", headers={**headers, "Range": wanted}) as answer:
                for block in answer.raise_for_status().iter_raw():
                    digest.update(block)
        if digest.hexdigest() != part["sha256"]:
            return False
    return True
