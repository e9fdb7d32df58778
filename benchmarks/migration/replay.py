"""The hub's own way from landed batches to reconciled canonical rows, in two worker processes, pass after pass.

Arguments: database URL, folder with ``landed.json`` and ``changed.json`` (system, table, folder of the batch),
folder to work in. Prints for each pass seconds in all and by stage, rows and peak memory as JSON.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from benchmarks.peak import peak_mib
from flows import runs, stages
from flows.migrate import Clock, load_all
from flows.references import Landed, Run, mapping_of
from loading import records
from loading.load import connect

WORKERS = 2
STAGES = ("compare", "map and load", "check", "reconcile")
Listing = dict[str, dict[str, str]]


def replayed(run: Run, earlier: Landed, folder: Path) -> Landed:
    """The same batch under a new number of this database: its parts are linked, nothing is read again."""
    version = mapping_of(earlier.system).version
    with connect(run.database_url) as connection:
        batch_id, name = records.open_batch(connection, run.run_id, earlier.system, earlier.table, version)
        target = folder / name
        target.mkdir(parents=True)
        for path in earlier.folder.glob("part-*.parquet"):
            os.link(path, target / path.name)
        manifest = json.loads((earlier.folder / "manifest.json").read_text("utf-8"))
        (target / "manifest.json").write_text(json.dumps(manifest | {"batch_id": batch_id, "run_id": run.run_id}))
        landed = Landed(earlier.system, earlier.table, batch_id, target)
        records.landed(connection, landed.batch())
    return landed


def replay_system(run: Run, system: str, tables: dict[str, str]) -> dict[str, Any]:
    """One system from its landed batches to its lines of the reconciliation."""
    clock = Clock()
    known = mapping_of(system)
    with connect(run.database_url) as connection:
        records.keep_mapping(connection, known.version, system, known.field_origins())
        records.set_status(connection, run.run_id, system, "running")
    landed = [replayed(run, Landed(system, table, 0, Path(where)), run.landing) for table, where in tables.items()]
    for batch in landed:
        with clock.times("compare"):
            partitions = stages.compare_table(run, batch)
        with clock.times("map and load"):
            load_all(run, partitions)
            stages.close_table(run, batch)
    with clock.times("check"):
        stages.check_system(run, system)
    with clock.times("reconcile"):
        counts = stages.reconcile_system(run, system, landed, complete=True)
    return {
        "rows": sum(count.extracted for count in counts),
        "worked_on": sum(count.extracted - count.unchanged for count in counts),
        "closes": all(count.closes for count in counts),
        "stages": clock.seconds,
        "peak_mib": peak_mib(),
    }


def replay(workers: ProcessPoolExecutor, run: Run, listing: Listing) -> dict[str, Any]:
    """One pass over every batch, side by side as the migration runs, referred systems first."""
    waiting = {name: set(mapping_of(name).spec.after) & listing.keys() for name in runs.in_order(list(listing))}
    results: list[dict[str, Any]] = []
    running: dict[Future[dict[str, Any]], str] = {}
    began = perf_counter()
    while waiting or running:
        for name in [name for name, after in waiting.items() if not after]:
            del waiting[name]
            running[workers.submit(replay_system, run, name, listing[name])] = name
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            name = running.pop(future)
            results.append(future.result())
            for after in waiting.values():
                after.discard(name)
    return {
        "seconds": perf_counter() - began,
        "rows": sum(result["rows"] for result in results),
        "worked_on": sum(result["worked_on"] for result in results),
        "closes": all(result["closes"] for result in results),
        "stages": {stage: sum(result["stages"].get(stage, 0.0) for result in results) for stage in STAGES},
        "peak_mib": max(result["peak_mib"] for result in results),
    }


def main() -> None:
    """First into empty tables; the same batches again; again as under another mapping; then the changed ones."""
    database_url, finished, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    landed, changed = (json.loads((finished / f"{name}.json").read_text("utf-8")) for name in ("landed", "changed"))
    made: dict[str, dict[str, Any]] = {}
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as workers:
        wait([workers.submit(sleep, 1) for _ in range(WORKERS)])  # both are up before the clock runs
        for name, listing in (("first", landed), ("again", landed), ("remapped", landed), ("changed", changed)):
            if name == "remapped":
                _as_under_another_mapping(database_url)
            run = replace(runs.begin(database_url, folder, folder / "landing"), landing=folder / "landing")
            made[name] = replay(workers, run, listing)
    print(json.dumps(made))


def _as_under_another_mapping(database_url: str) -> None:
    """What stands was mapped in another way, says the ledger now: the next pass maps every row anew."""
    with connect(database_url) as connection:
        connection.execute("UPDATE ledger.batch SET mapping_version = 'another'")


if __name__ == "__main__":
    main()
