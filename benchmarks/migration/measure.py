"""The migration: (a) legacy files to reconciled rows; (b) landed batches to canonical rows beside COPY and dlt.

One embedded PostgreSQL, one machine, one run. (b) starts from the same Parquet parts for the hub and for dlt;
COPY takes the hub's own canonical rows into empty tables with the same keys and indexes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg

from benchmarks.figures import keep
from benchmarks.peers import environment
from canonical_model import schema
from canonical_model.tables import metadata
from cli.running import enabled_sources
from cli.workplace import Workplace, connections, settings_of, workplace
from estate import council
from flows import runs
from services.databases import create_database
from settings.model import Settings

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SEED = 20260928
SECONDS = 90
PEAK_MIB = 1024


def measure(full: bool) -> None:
    """Measures with 2,000 homes in full, 500 in the short form; dlt with both of its strategies in full."""
    homes = 2_000 if full else 500
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as at:
        folder = Path(at)
        folder.chmod(0o755)
        settings = _settings(folder)
        with workplace(settings) as place:
            council.write(place.estate, homes, SEED, place.legacy_tenancy_url)
            rows = _end_to_end(place, homes, full)
            ours = _replay(place, folder)
            protocol = f"{homes} homes, {rows:,} source rows, embedded PostgreSQL 18, all keys and indexes"
            rate = ours["rows"] / ours["seconds"]
            copied = _copy(place)
            keep("migration: replay beside COPY", copied / ours["seconds"], "ratio", ">= 1/3",
                 copied / ours["seconds"] >= 1 / 3 and ours["closes"], f"{protocol}; seconds of COPY / of the hub",
                 "COPY of the same canonical rows, seconds", copied)  # fmt: skip
            peer, rows_peer = _dlt(place, folder, ("upsert", "delete-insert") if full else ("upsert",))
            keep("migration: replay rows a second", rate, "rows/s", ">= 1.0x dlt", rate >= rows_peer, protocol,
                 peer, rows_peer)  # fmt: skip
            keep("migration: peak memory of the worker", ours["peak_mib"], "MiB", f"<= {PEAK_MIB}",
                 ours["peak_mib"] <= PEAK_MIB, protocol)  # fmt: skip
            for stage, seconds in ours["stages"].items():
                keep(f"migration: replay, {stage}", seconds, "s", "-", None, protocol)


def _settings(folder: Path) -> Settings:
    settings = settings_of(ROOT / "hub.toml")
    return settings.model_copy(update={"hub": settings.hub.model_copy(update={"folder": folder / "hub"})})


def _end_to_end(place: Workplace, homes: int, full: bool) -> int:
    """Figure (a), in one process without Prefect; gives the source rows."""
    sources = enabled_sources(place.settings)
    with connections(place, sources) as reached:
        run = runs.begin(place.database_url, place.folder, place.landing)
        began = perf_counter()
        results = runs.migrate_plainly(run, reached)
        seconds = perf_counter() - began
        closes = runs.finish(run, results)
    rows = sum(count.extracted for result in results for count in result.counts)
    protocol = f"{homes} homes, {rows:,} source rows, one process, books close: {closes}"
    keep("migration: read to reconcile", seconds, "s", f"<= {SECONDS} at 2,000 homes",
         seconds <= SECONDS and closes if full else None, protocol)  # fmt: skip
    stages: dict[str, float] = {}
    for result in results:
        for stage, taken in result.seconds.items():
            stages[stage] = stages.get(stage, 0.0) + taken
    for stage, taken in stages.items():
        keep(f"migration: end to end, {stage}", rows / taken if taken else 0, "rows/s", "-", None, protocol)
    return rows


def _replay(place: Workplace, folder: Path) -> dict[str, Any]:
    """The hub's way from landed batches, in a process of its own over an empty database."""
    with psycopg.connect(_libpq(place.database_url)) as connection:
        found = connection.execute(
            "SELECT DISTINCT ON (system, source_table) system, source_table, folder FROM ledger.batch WHERE finished "
            "ORDER BY system, source_table, id DESC"
        ).fetchall()
        order = connection.execute("SELECT system, source_table FROM ledger.batch ORDER BY id").fetchall()
    where = {(system, table): str(place.landing / path) for system, table, path in found}
    listing: dict[str, dict[str, str]] = {}
    for system, table in order:  # the order of landing is the order of loading
        if (system, table) in where:
            listing.setdefault(system, {})[table] = where[system, table]
    (folder / "landed.json").write_text(json.dumps(listing), "utf-8")
    url = _empty(place, "replayed")
    work = folder / "replay"
    work.mkdir()
    command = [sys.executable, "-m", "benchmarks.migration.replay", url, str(folder), str(work)]
    return dict(json.loads(_output(command)))


def _copy(place: Workplace) -> float:
    """Seconds that COPY needs for the replayed canonical rows, into empty tables with the same keys and indexes."""
    source, target = _libpq(_url(place, "replayed")), _libpq(_empty(place, "copied"))
    seconds = 0.0
    with psycopg.connect(source) as reading, psycopg.connect(target, autocommit=True) as writing:
        writing.execute("SET synchronous_commit = off")
        for table in (t for t in metadata.sorted_tables if t.schema == "canonical"):
            name = f"canonical.{table.name}"
            with tempfile.TemporaryFile() as held:
                with reading.cursor().copy(f"COPY {name} TO STDOUT") as out:
                    for block in out:
                        held.write(block)
                held.seek(0)
                began = perf_counter()
                with writing.cursor().copy(f"COPY {name} FROM STDIN") as into:
                    while block := held.read(1 << 20):
                        into.write(block)
                seconds += perf_counter() - began
    return seconds


def _dlt(place: Workplace, folder: Path, strategies: tuple[str, ...]) -> tuple[str, float]:
    """The peer's best rows a second over its merge strategies, and which one that was."""
    python = environment(HERE)
    listing = json.loads((folder / "landed.json").read_text("utf-8"))
    tables = {
        f"{system}_{table}": sorted(map(str, Path(where).glob("part-*.parquet")))
        for system, of in listing.items() for table, where in of.items()
    }  # fmt: skip
    (folder / "parts.json").write_text(json.dumps(tables), "utf-8")
    best = ("", 0.0)
    for strategy in strategies:
        url = _libpq(create_database(str(place.server_url), f"dlt_{strategy.replace('-', '_')}"))
        command = [str(python), str(HERE / "dlt_merge.py"), url, strategy, str(folder / "parts.json")]
        result = json.loads(_output(command))
        rate = result["rows"] / result["seconds"]
        if rate > best[1]:
            best = (f"dlt merge ({strategy}, Parquet through ADBC), rows/s", rate)
    return best


def _output(command: list[str]) -> str:
    """The last line that the command prints."""
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ})
    return done.stdout.strip().splitlines()[-1]


def _empty(place: Workplace, name: str) -> str:
    url = create_database(str(place.server_url), name)
    schema.migrate(url)
    return url


def _url(place: Workplace, name: str) -> str:
    return place.database_url.replace("/hub?", f"/{name}?")


def _libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
