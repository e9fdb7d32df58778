"""The hub's own way from landed batches to reconciled canonical rows, as one worker process.

Arguments: database URL, folder of a finished migration, folder to work in. Prints seconds by stage, rows and
peak memory as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from flows import runs, stages
from flows.migrate import Clock
from flows.stages import Landed
from loading import records
from loading.load import connect


def replayed(run: stages.Run, earlier: Landed, folder: Path) -> Landed:
    """The same batch under a new number of this database: its parts are linked, nothing is read again."""
    version = stages.mapping_of(earlier.system).version
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


def main() -> None:
    """Replays every finished batch, systems in the order of the migration."""
    database_url, finished, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    run = replace(runs.begin(database_url, folder, folder / "landing"), landing=folder / "landing")
    listing: dict[str, dict[str, str]] = json.loads((finished / "landed.json").read_text("utf-8"))
    rows, closes, clock, began = 0, True, Clock(), perf_counter()
    for system in runs.in_order(list(listing)):
        known = stages.mapping_of(system)
        with connect(database_url) as connection:
            records.keep_mapping(connection, known.version, system, known.field_origins())
            records.set_status(connection, run.run_id, system, "running")
        landed = [
            replayed(run, Landed(system, table, 0, Path(where)), run.landing)
            for table, where in listing[system].items()
        ]
        for batch in landed:
            with clock.times("compare"):
                partitions = stages.compare_table(run, batch)
            with clock.times("map and load"):
                for partition in partitions:
                    stages.load_partition(run, partition)
                stages.close_table(run, batch)
        with clock.times("check"):
            stages.check_system(run, system)
        with clock.times("reconcile"):
            counts = stages.reconcile_system(run, system, landed, complete=True)
        rows += sum(count.extracted for count in counts)
        closes = closes and all(count.closes for count in counts)
    seconds = perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "rows": rows, "closes": closes, "stages": clock.seconds, "peak_mib": peak}))


if __name__ == "__main__":
    main()
