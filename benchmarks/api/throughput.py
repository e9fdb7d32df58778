"""Pages and records a second beside the peers, what the audit costs, and 250 devices that ask once a second.

What is compared is measured in turns, so that a busy minute of the machine is everybody's; the median of the turns is
told. What the audit costs is told of pairs of turns, one with it and one without, since it is a small difference.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.api import peers
from benchmarks.api.hub_server import Choice
from benchmarks.api.load import CONNECTIONS, Asked, Load, devices, load
from benchmarks.api.peers import Peer
from benchmarks.api.state import count_of, database_of, ids_of
from benchmarks.figures import keep
from cli.workplace import Workplace

IDS = 2_000
WARM_SECONDS = 2
DEVICES = 250
SETTLED = 0.25
"""The share of the time after which a server's memory is first looked at: its caches are full by then."""
BUSY = 250
"""Connections at which the audit's cost is measured: with few, what is measured is how long a disk takes to commit."""
ASKED = {"page of 50": "pages", "one record": "records"}


def measure(place: Workplace, choice: Choice, folder: Path, full: bool) -> None:
    """The hub beside its peers, and with its audit beside without: 5 turns of 10 s in full, 3 of 4 s in short.

    Those of the audit are twice as many of half the time.
    """
    turns, seconds = (5, 10) if full else (3, 4)
    ids, database = ids_of(place, IDS), database_of(place)
    with ExitStack() as stack:
        hub = stack.enter_context(peers.hub(choice, ids))
        silent = stack.enter_context(peers.hub(replace(choice, audit=False), ids))
        postgraphile = stack.enter_context(peers.postgraphile(database, ids))
        fastapi = stack.enter_context(peers.fastapi(database, ids))
        datasette = stack.enter_context(peers.datasette(database, ids, folder))
        protocol = (
            f"{count_of(place):,} rent transactions, {IDS:,} of them asked for in turn, wrk with {CONNECTIONS} "
            f"connections, {turns} turns of {seconds} s, the hub in 1 process, its peers in 2; token, scopes, ETag and "
            "audit on"
        )
        for what, kind in ASKED.items():
            told = _in_turns([hub, postgraphile, fastapi, datasette], kind, turns, seconds, CONNECTIONS)
            ours = told[hub.name]
            for peer, least in ((postgraphile, 1.0 if kind == "pages" else 0.8), (fastapi, 1.5), (datasette, 2.5)):
                _beside(what, ours, peer.name, told[peer.name], least, protocol)
            _tails(what, ours, postgraphile.name, told[postgraphile.name], protocol)
            busy = _turns([hub, silent], kind, 2 * turns, seconds // 2, BUSY)
            kept, unkept = busy[hub.name], busy[silent.name]
            cost = 100 * median(1 - one.rate / other.rate for one, other in zip(kept, unkept, strict=True))
            keep(f"api: {what}, what the audit costs", cost, "% of the rate", "<= 10", cost <= 10,
                 f"{BUSY} connections, {2 * turns} pairs of turns of {seconds // 2} s, the median pair; 1 process; "
                 f"{_middle(kept).rate:,.0f}/s with it",
                 "without audit, requests/s", _middle(unkept).rate)  # fmt: skip


def measure_devices(place: Workplace, choice: Choice, full: bool) -> None:
    """250 devices for 10 minutes in full, 1 minute in short."""
    seconds = 600 if full else 60
    with peers.hub(choice, ids_of(place, IDS)) as hub:
        asked: list[Asked] = [one for pair in zip(hub.pages, hub.records, strict=True) for one in pair]
        devices(hub.server.port, asked, hub.headers, DEVICES, 5)
        early: list[float] = []
        look = threading.Timer(seconds * SETTLED, lambda: early.append(hub.server.memory_mib()))
        look.start()
        told = devices(hub.server.port, asked, hub.headers, DEVICES, seconds)
        look.join()
        late = hub.server.memory_mib()
    protocol = f"{DEVICES} devices, a request a second each, pages and records by turns, {seconds} s"
    keep(
        "api: devices, errors", told.faults, "errors", "0", told.faults == 0, f"{protocol}, {told.requests:,} requests"
    )
    keep("api: devices, p99", told.p99_ms, "ms", "<= 100", told.p99_ms <= 100, f"{protocol}; p50 {told.p50_ms:.1f} ms")
    growth = 100 * (late / early[0] - 1)
    keep("api: devices, memory grown", growth, "%", "<= 3", growth <= 3,
         f"{protocol}; {early[0]:.0f} MiB after a quarter of it, {late:.0f} MiB at its end")  # fmt: skip


def _in_turns(all_of_them: Sequence[Peer], kind: str, turns: int, seconds: int, connections: int) -> dict[str, Load]:
    """Of each by name the turn of the median rate."""
    told = _turns(all_of_them, kind, turns, seconds, connections)
    return {name: _middle(found) for name, found in told.items()}


def _turns(all_of_them: Sequence[Peer], kind: str, turns: int, seconds: int, connections: int) -> dict[str, list[Load]]:
    """Of each by name its turns as they followed. Raises RuntimeError where one answered with errors."""
    told: dict[str, list[Load]] = {peer.name: [] for peer in all_of_them}
    for peer in all_of_them:
        load(peer.server.port, getattr(peer, kind), peer.headers, WARM_SECONDS, connections)
    for _ in range(turns):
        for peer in all_of_them:
            found = load(peer.server.port, getattr(peer, kind), peer.headers, seconds, connections)
            if found.faults:
                raise RuntimeError(f"{peer.name}: {found.faults} of {found.requests} answers are errors")
            told[peer.name].append(found)
    return told


def _middle(turns: Sequence[Load]) -> Load:
    return sorted(turns, key=lambda one: one.rate)[len(turns) // 2]


def _beside(what: str, ours: Load, peer: str, theirs: Load, least: float, protocol: str) -> None:
    ratio = ours.rate / theirs.rate
    keep(f"api: {what}, beside {peer}", ratio, "ratio", f">= {least:g}x", ratio >= least,
         f"{protocol}; the hub {ours.rate:,.0f}/s", f"{peer}, requests/s", theirs.rate)  # fmt: skip


def _tails(what: str, ours: Load, peer: str, theirs: Load, protocol: str) -> None:
    """The page's tail is held against the peer's, the record's against 50 ms."""
    most, mark = (theirs.p99_ms, "no worse") if ASKED[what] == "pages" else (50.0, "<= 50")
    keep(f"api: {what}, p99", ours.p99_ms, "ms", mark, ours.p99_ms <= most, protocol, f"{peer}, ms", theirs.p99_ms)
