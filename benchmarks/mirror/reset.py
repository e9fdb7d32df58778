"""Resets with twenty clients at work: how long each takes, what the clients read, and when a spare is ready again.

The clients are a process of their own, which is told the number of the last reset that is done before it begins to
read. Before each reset a tester writes its number; who reads it after it is done, reads wrongly.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from time import perf_counter
from typing import Any

import numpy as np
import psycopg

from benchmarks.figures import keep
from benchmarks.mirror.state import machine, mirror_of
from cli.workplace import Workplace
from mirror import snapshots
from mirror.cluster import Site

CLIENTS, RESETS, SHORT = 20, 100, 20
P95_MS, SPARE_SECONDS, SPARE_MB = 250, 5, 500
WRITTEN = 1_000_000
"""Above what any home has: a reset's number is written as so much more."""
PAUSE = 0.02
READ = "SELECT bedrooms FROM canonical.asset WHERE id = %s"
WRITE = "UPDATE canonical.asset SET bedrooms = %s WHERE id = %s"


def measure(place: Workplace, full: bool) -> None:
    """100 resets in full, 20 in short."""
    site, _ = mirror_of(place)
    where, name, url = site.administration(), site.database, site.tester_url()
    resets = RESETS if full else SHORT
    with psycopg.connect(url) as tester:
        row = tester.execute("SELECT id::text FROM canonical.asset ORDER BY 1 LIMIT 1").fetchone()
        home = str(row[0]) if row else ""
    spawn = get_context("spawn")
    done, over, reads, wrong = (spawn.Value("l", 0) for _ in range(4))
    clients = spawn.Process(target=read, args=(url, home, done, over, reads, wrong))
    clients.start()
    took, refills = [], []
    try:
        while reads.value < CLIENTS:
            if not clients.is_alive():
                raise RuntimeError("the clients ended before they had read")
            time.sleep(PAUSE)
        for number in range(1, resets + 1):
            with psycopg.connect(url, autocommit=True) as tester:
                tester.execute(WRITE, (WRITTEN + number, home))
            began = perf_counter()
            snapshots.reset(where, name)
            took.append(perf_counter() - began)
            done.value = number
            began = perf_counter()
            snapshots.refill(where, name)
            refills.append(perf_counter() - began)
    finally:
        over.value = 1
        clients.join()
    _keep(site, np.array(took), np.array(refills), reads.value, wrong.value)


def read(url: str, home: str, done: Synchronized[int], over: Synchronized[int], reads: Synchronized[int],
         wrong: Synchronized[int]) -> None:  # fmt: skip
    """The clients, until it is over."""
    counts: list[list[int]] = [[0, 0] for _ in range(CLIENTS)]
    threads = [threading.Thread(target=_client, args=(url, home, done, over, each, reads)) for each in counts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wrong.value = sum(each[1] for each in counts)


def _client(url: str, home: str, done: Any, over: Any, count: list[int], reads: Any) -> None:
    while not over.value:
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            while not over.value:
                told = done.value
                row = connection.execute(READ, (home,)).fetchone()
                count[0] += 1
                count[1] += row is None or WRITTEN < (row[0] or 0) <= WRITTEN + told
                with reads.get_lock():
                    reads.value += 1
                time.sleep(PAUSE)


def _keep(site: Site, took: np.ndarray, refills: np.ndarray, reads: int, wrong: int) -> None:
    size = max(size for each, size in snapshots.listed(site) if each.kind == "spare") / 1e6
    p95, spare = float(np.quantile(took, 0.95)) * 1_000, float(np.quantile(refills, 0.95))
    protocol = (
        f"{len(took)} resets, {CLIENTS} clients that read every {PAUSE * 1_000:g} ms, {size:,.0f} MB; {machine()}"
    )
    keep("mirror: reset, p95", p95, "ms", f"<= {P95_MS}", p95 <= P95_MS,
         f"{protocol}; median {np.median(took) * 1_000:.0f} ms, worst {took.max() * 1_000:.0f} ms")  # fmt: skip
    keep("mirror: reset, wrong reads", wrong, "reads", "0", wrong == 0, f"{protocol}; {reads:,} reads")
    mark, protocol = f"<= {SPARE_SECONDS} of {SPARE_MB} MB", f"{protocol}; median {np.median(refills):.1f} s"
    keep("mirror: spare ready again, p95", spare, "s", mark, spare <= SPARE_SECONDS if size >= SPARE_MB else None,
         protocol)  # fmt: skip
