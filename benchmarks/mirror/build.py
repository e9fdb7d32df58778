"""The build of a mirror beside a dump and a restore of the same database, which mask nothing, in the same run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from statistics import median
from time import perf_counter

import psycopg

from benchmarks.api.state import database_of
from benchmarks.figures import keep
from benchmarks.mirror.state import beside, machine, making
from cli.workplace import Workplace
from mirror.build import build
from mirror.cluster import State
from services.account import service_account
from services.binaries import find_binaries
from services.databases import create_database, drop_database
from services.postgres import SHARED_HOME

JOBS = "-j2"
WITHOUT, WITH = 1.5, 3.0
"""The most, as a multiple of dump and restore: without the proof, and with it."""
RESTORED = "restored"


def measure(place: Workplace, folder: Path, full: bool) -> None:
    """Dump and restore, a build without the proof and one with it, three times in turn in full, once in short."""
    rounds = 3 if full else 1
    dumped, without, proven = [], [], []
    for number in range(1, rounds + 1):
        dumped.append(_dump_and_restore(place, folder / "dump"))
        without.append(_built(place, folder / "plain", is_proven=False))
        proven.append(_built(place, folder / "proven", is_proven=True))
        print(f"     round {number} of {rounds}: dump and restore {dumped[-1]:.1f} s, build {without[-1][0]:.1f} s, "
              f"with the proof {proven[-1][0]:.1f} s", flush=True)  # fmt: skip
    peer = median(dumped)
    with psycopg.connect(database_of(place).conninfo) as connection:
        size = connection.execute("SELECT pg_database_size(current_database()) / 1000000").fetchone()
    state = without[0][1]
    protocol = (
        f"{state.rows:,} rows, a source of {size[0] if size else 0:,} MB; the whole build, from the plan's check to a "
        f"mirror that serves, a snapshot and a spare beside it; medians of {rounds}; {machine()}"
    )
    for name, found, most in (("build", without, WITHOUT), ("build with the proof", proven, WITH)):
        ratio = median(seconds for seconds, _ in found) / peer
        keep(f"mirror: {name} beside dump and restore", ratio, "x", f"<= {most:g}", ratio <= most, protocol,
             f"pg_dump -Fd {JOBS} and pg_restore {JOBS}, seconds", peer)  # fmt: skip
    for part in ("begin", "fill", "proof"):
        keep(f"mirror: build, {part}", median(built.seconds[part] for _, built in proven), "s", "-", None, protocol)


def _built(place: Workplace, folder: Path, *, is_proven: bool) -> tuple[float, State]:
    with beside(place, folder) as order:
        made = making(place, order, is_proven=is_proven)
        began = perf_counter()
        state = build(order, made)
        return perf_counter() - began, state


def _dump_and_restore(place: Workplace, dump: Path) -> float:
    """Seconds of both. The restored database stands on the hub's own server and goes at the end."""
    assert place.server_url is not None
    programs = find_binaries(service_account(place.folder / "postgres" / "data"), SHARED_HOME)
    at = database_of(place)
    reach = ["-h", at.host, "-p", str(at.port), "-U", at.user]
    create_database(place.server_url, RESTORED, template="template0")
    try:
        began = perf_counter()
        for command in (
            ["pg_dump", *reach, "-Fd", JOBS, "-f", str(dump), at.name],
            ["pg_restore", *reach, JOBS, "-d", RESTORED, str(dump)],
        ):
            subprocess.run([str(programs / command[0]), *command[1:]], check=True)
        return perf_counter() - began
    finally:
        drop_database(place.server_url, RESTORED)
        shutil.rmtree(dump, ignore_errors=True)
