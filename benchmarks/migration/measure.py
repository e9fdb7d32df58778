"""The migration: (a) legacy files to reconciled rows; (b) landed batches to canonical rows beside COPY and dlt.

One embedded PostgreSQL, one machine, one run. COPY takes the hub's own canonical rows into empty tables with the
same keys and indexes. dlt merges the same Parquet parts, in every way it has, the best of which is told.

The pass mark is held against the pass in which every row goes the whole way: the hub's first load, rules to ledger,
beside dlt's merge into tables with a primary key and the indexes of the canonical columns that each source column
feeds. Beside it stand dlt's merge into tables as it makes them itself, with neither, and the passes over standing
tables: the same parts again, which the hub tells by their hashes; the same, every row mapped anew; and the parts with
two rows in a hundred changed.
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
from benchmarks.migration.changed import change, listing_of, without_repeats
from benchmarks.migration.same_keys import source_indexes
from benchmarks.peers import environment
from canonical_model import schema
from canonical_model.tables import metadata
from cli.running import enabled_sources
from cli.workplace import Workplace, connections, settings_of, workplace
from estate import council
from flows import runs
from mappings.catalogue import load_system
from services.databases import create_database, drop_database
from settings.model import Settings

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SEED = 20260928
SECONDS = 90
PEAK_MIB = 1024
KEYED = "tables with the same keys and indexes (no foreign keys: dlt's rows refer to nothing)"
MERGE = {"disposition": "merge", "strategy": "upsert"}
SHORT = "upsert, unchanged rows skipped"
WAYS: dict[str, dict[str, Any]] = {
    "upsert": MERGE,
    SHORT: {**MERGE, "skip_unchanged_rows": True, "row_version_column_name": "_row_hash"},
    "delete-insert": {**MERGE, "strategy": "delete-insert"},
}
"""The ways dlt has to merge by key. Where it may compare rows, it is given the hash that they landed with."""

Peer = tuple[str, float]
"""The peer's name, with the way it wrote, and its rows a second."""


def measure(full: bool) -> None:
    """Measures with 2,000 homes in full, 500 in the short form; dlt in all its ways in full."""
    homes = 2_000 if full else 500
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as at:
        folder = Path(at)
        folder.chmod(0o755)
        settings = _settings(folder)
        with workplace(settings) as place:
            council.write(place.estate, council.Size(homes, SEED), place.legacy_tenancy_url)
            rows = _end_to_end(place, homes, full)
            ours = _replay(place, folder)
            protocol = f"{homes} homes, {rows:,} source rows, embedded PostgreSQL 18, all keys and indexes"
            first = ours["first"]
            copied = _copy(place)
            keep("migration: replay beside COPY", copied / first["seconds"], "ratio", ">= 1/3",
                 copied / first["seconds"] >= 1 / 3 and first["closes"], f"{protocol}; seconds of COPY / of the hub",
                 "COPY of the same canonical rows, seconds", copied)  # fmt: skip
            plain, keyed = _dlt(place, folder, full)
            beside = [
                ("replay rows a second", "first", keyed[0], f"first load, whole way; dlt: {KEYED}, empty before"),
                ("replay beside dlt without keys", "first", plain, "first load; dlt: tables without keys or indexes"),
                ("the same again", "again", keyed[1], f"hub: told by hash; dlt: {KEYED}, full before"),
                ("the same again, mapped anew", "remapped", keyed[1], f"hub: every row mapped; dlt: {KEYED}"),
                ("2 % changed", "changed", keyed[2], f"hub: changes alone are mapped; dlt: {KEYED}, full before"),
            ]  # fmt: skip
            for name, done, (peer, peer_rate), how in beside:
                rate = ours[done]["rows"] / ours[done]["seconds"]
                keep(f"migration: {name}", rate, "rows/s", ">= 1.0x dlt", rate >= peer_rate and ours[done]["closes"],
                     f"{protocol}; {how}", peer, peer_rate)  # fmt: skip
            peak = max(each["peak_mib"] for each in ours.values())
            keep("migration: peak memory of the worker", peak, "MiB", f"<= {PEAK_MIB}", peak <= PEAK_MIB, protocol)
            for stage, seconds in first["stages"].items():
                keep(f"migration: replay, {stage}", seconds, "s", "-", None, f"{protocol}; summed over two workers")


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


def _replay(place: Workplace, folder: Path) -> dict[str, dict[str, Any]]:
    """The hub's passes over landed batches, in processes of their own, at first over an empty database."""
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
    changed = {
        system: {table: str(folder / "changed" / system / table) for table in of} for system, of in listing.items()
    }
    for system, of in listing.items():
        for table, landed in of.items():
            change(Path(landed), load_system(system).spec.table(table), Path(changed[system][table]))
    (folder / "landed.json").write_text(json.dumps(listing), "utf-8")
    (folder / "changed.json").write_text(json.dumps(changed), "utf-8")
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


def _dlt(place: Workplace, folder: Path, full: bool) -> tuple[Peer, list[Peer]]:
    """The peer's best way of writing and its rows a second: into tables without keys; into keyed ones, each pass."""
    ways = WAYS if full else {SHORT: WAYS[SHORT]}
    landed, changed = (listing_of(folder / f"{name}.json") for name in ("landed", "changed"))
    indexes = {f"{system}_{table}": source_indexes(system, table) for system, of in landed.items() for table in of}
    parts = [_parts(listing, folder / "once" / name) for name, listing in (("landed", landed), ("changed", changed))]
    plain, keyed = [], []
    for at, (way, write) in enumerate(ways.items()):
        if "skip_unchanged_rows" not in write or not full:  # nothing stands that could be unchanged
            plain += _merged(place, folder, f"plain_{at}", way, {"write": write, "indexes": None, "passes": parts[:1]})
        passes = [parts[0], *parts]
        keyed.append(_merged(place, folder, f"keyed_{at}", way, {"write": write, "indexes": indexes, "passes": passes}))
    return max(plain, key=_rate), [max(each, key=_rate) for each in zip(*keyed, strict=True)]


def _parts(listing: dict[str, dict[str, Path]], folder: Path) -> dict[str, list[str]]:
    """By dlt's name of a table the parts that it is given: every key once."""
    return {
        f"{system}_{table}": [
            str(part) for part in without_repeats(sorted(where.glob("part-*.parquet")), folder / system / table)
        ]
        for system, of in listing.items() for table, where in of.items()
    }  # fmt: skip


def _merged(place: Workplace, folder: Path, name: str, way: str, stated: dict[str, Any]) -> list[Peer]:
    """For each pass the peer's name and its rows a second, in a database of its own."""
    told = folder / f"{name}.json"
    told.write_text(json.dumps(stated), "utf-8")
    url = _libpq(create_database(str(place.server_url), name))
    done = json.loads(_output([str(environment(HERE)), str(HERE / "dlt_merge.py"), url, str(told)]))
    drop_database(str(place.server_url), name)
    return [(f"dlt merge ({way}, Parquet through ADBC), rows/s", each["rows"] / each["seconds"]) for each in done]


def _rate(peer: Peer) -> float:
    return peer[1]


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
