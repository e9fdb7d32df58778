"""Ten streets of a whole council: how long they take, and whether a row refers to what did not come along."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import psycopg

from benchmarks.api.state import database_of
from benchmarks.figures import keep
from benchmarks.mirror.state import beside, inside, machine, making, orphans
from cli.workplace import Workplace
from mirror import plan
from mirror.build import build

STREETS, SHORT = 10, 2
ROWS = 1_000_000
SECONDS = 10


def measure(place: Workplace, folder: Path, full: bool) -> None:
    """One mirror of ten streets in full, of two in short, without the proof and spares."""
    streets = STREETS if full else SHORT
    rows = _rows(place)
    with beside(place, folder / "streets", streets=streets, spares=0) as order:
        made = making(place, order, is_proven=False)
        began = perf_counter()
        state = build(order, made)
        seconds = perf_counter() - began
        with inside(order.site) as mirror:
            astray, keys = orphans(mirror)
    parts = ", ".join(f"{part} {took:.1f}" for part, took in state.seconds.items())
    protocol = f"{streets} streets of {rows:,} rows: {state.rows:,} rows; the whole build ({parts} s); {machine()}"
    keep("mirror: some streets", seconds, "s", f"<= {SECONDS}: ten of {ROWS:,} rows",
         seconds <= SECONDS if rows >= ROWS else None, protocol)  # fmt: skip
    keep("mirror: some streets, orphans", astray, "rows", "0", astray == 0, f"{keys} foreign keys; {protocol}")


def _rows(place: Workplace) -> int:
    """Rows of the council that a whole mirror has."""
    planned = plan.read()
    names = [name for name in planned.tables if planned.crosses(name)]
    with psycopg.connect(database_of(place).conninfo) as connection:
        query = "SELECT sum(reltuples)::bigint FROM pg_class WHERE oid = ANY(%s::regclass[]) AND reltuples > 0"
        row = connection.execute(query, (names,)).fetchone()
    return int(row[0]) if row else 0
