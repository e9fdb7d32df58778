"""Large numbers of people: time and memory beside plain Splink, the same bytes however it is run, ids that stay."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.figures import keep
from benchmarks.identity.crowd import Crowd, crowd
from benchmarks.identity.metrics import agreement, joined
from benchmarks.peers import environment
from identity import people
from identity.links import changes
from identity.people import evidence
from identity.people.model import Model, load

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SEED = 20261122
MINUTES, PEAK_MIB = 5, 4096
NEWCOMERS = 1_000
SMALL = 100_000
"""Records of the runs that are compared byte by byte."""
BLOCKED = """
CREATE TABLE blocked AS SELECT record_id, list(key ORDER BY key) AS keys FROM member JOIN node_key USING (node)
SEMI JOIN (SELECT key FROM node_key GROUP BY key HAVING count(*) <= ?) USING (key) GROUP BY record_id
"""
PARTS = ("evidence", "pairs", "clusters", "links", "golden", "kept")
"""The stages, by what each leaves."""
MADE = ("links.parquet", "golden.parquet", "kept.parquet", "clusters/*.parquet", "pairs/pair.parquet")


def measure(folder: Path, full: bool) -> None:
    """A million records in full, SMALL in the short form."""
    records = 1_000_000 if full else SMALL
    small, large = folder / "small", folder / "large"
    more = SMALL // 50
    _say(f"{SMALL:,} records and {more:,} more")
    _made(small, SMALL, more)
    _same_however_run(small, kills=8 if full else 3)
    _more(small, more)
    _say(f"{records:,} records and {NEWCOMERS:,} more")
    _made(large, records, NEWCOMERS)
    _speed(large, records, full)
    _say(f"{NEWCOMERS:,} newcomers, and a full run with them")
    _few(large, records, full)


def _made(folder: Path, records: int, more: int) -> None:
    """``base`` has that many cleaned records, ``more`` has as many more of the next run; the truth stands apart."""
    made = crowd(records + more, SEED)
    later = pa.array(np.where(np.arange(records + more) < records, 1, 2))
    raw = made.raw.set_column(made.raw.column_names.index("first_run_id"), "first_run_id", later)
    began = perf_counter()
    cleaned = people.clean(raw)
    seconds = perf_counter() - began
    keep(f"identity: {records + more:,} records, cleaning", seconds, "s", "-", None, "names, numbers, dates")
    for name, last in (("base", 1), ("more", 2)):
        (folder / name).mkdir(parents=True)
        for file, table in (("cleaned", cleaned), ("raw", raw)):
            chosen = table.filter(pc.less_equal(table["first_run_id"], last))
            pq.write_table(chosen, folder / name / f"{file}.parquet")
    _keep_truth(folder, made)


def _keep_truth(folder: Path, made: Crowd) -> None:
    for name in ("truth", "twins", "namesakes"):
        getattr(made, name).to_parquet(folder / f"{name}.parquet")


def _speed(folder: Path, records: int, full: bool) -> None:
    """From cleaned to golden beside plain Splink, and NEWCOMERS that are added to them."""
    work = folder / "work"
    ours = _child("whole", folder / "base", work, 2)
    seconds = sum(ours["seconds"].values())
    protocol = f"{records:,} records, {ours['golden']:,} golden people, {ours['pairs']:,} weighed pairs, own process"
    _say("Splink alone")
    plain = _plain(folder, work)
    theirs = sum(plain["seconds"].values())
    title = f"identity: {records:,} records, cleaned to golden"
    keep(title, seconds, "s", f"<= {60 * MINUTES} at 1,000,000", seconds <= 60 * MINUTES if full else None, protocol,
         "Splink, predict and cluster alone", theirs)  # fmt: skip
    keep(f"{title}, peak memory", ours["peak_mib"], "MiB", f"<= {PEAK_MIB}", ours["peak_mib"] <= PEAK_MIB, protocol,
         "Splink, predict and cluster alone", plain["peak_mib"])  # fmt: skip
    for stage, taken in ours["seconds"].items():
        keep(f"{title}, {stage}", taken, "s", "-", None, protocol)
    true = pd.read_parquet(folder / "truth.parquet")
    found = pd.read_parquet(work / "links.parquet").merge(true, on="record_id")
    beside = pd.read_parquet(folder / "plain.parquet").merge(true, on="record_id")
    result, other = (agreement(frame[name], frame["person_id"])
                     for frame, name in ((found, "golden_id"), (beside, "cluster_id")))  # fmt: skip
    for what in ("precision", "recall"):
        keep(f"identity: {records:,} records, pairs' {what}", 100 * getattr(result, what), "%", "-", None, protocol,
             "Splink, its own clusters", 100 * getattr(other, what))  # fmt: skip
    for kind in ("twins", "namesakes"):
        share = joined(found["golden_id"], found["person_id"], pd.read_parquet(folder / f"{kind}.parquet"))
        keep(f"identity: {records:,} records, {kind} joined", 100 * share, "%", "-", None, protocol)


def _few(folder: Path, records: int, full: bool) -> None:
    """NEWCOMERS added to all, beside a full run of all with them."""
    everybody = pq.read_table(folder / "more" / "raw.parquet")
    pq.write_table(everybody.filter(pc.equal(everybody["first_run_id"], 2)), folder / "newcomers.parquet")
    stood = pq.read_table(folder / "work" / "clusters" / "clusters.parquet")
    pq.write_table(stood, folder / "more" / "previous.parquet")
    ours = _child("few", folder / "work", folder / "newcomers.parquet", folder / "few")
    _child("whole", folder / "more", folder / "work_more", 2)
    added, doubtful = (pd.read_parquet(folder / "few" / f"{name}.parquet") for name in ("clusters", "doubtful"))
    before = stood.to_pandas()
    now = pd.concat([before[~before["record_id"].isin(added["record_id"])], added[["record_id", "cluster"]]])
    whole = pd.read_parquet(folder / "work_more" / "clusters" / "clusters.parquet")
    both = now.merge(whole, on="record_id", suffixes=("", "_whole"), validate="one_to_one")
    differing = both[both["record_id"].isin(_differing(both))]
    newcomers = pq.read_table(folder / "newcomers.parquet")["record_id"].to_pylist()
    missed = differing[differing["record_id"].isin(newcomers)]
    asked = both.loc[both["record_id"].isin([*doubtful["left_id"], *doubtful["right_id"]]), "cluster_whole"]
    unasked = int((~missed["cluster_whole"].isin(asked)).sum())
    equal = 1 - len(missed) / len(newcomers)
    protocol = (
        f"{len(newcomers):,} newcomers to {records:,} records, from raw rows; {ours['touched']:,} records touched"
    )
    title = f"identity: {len(newcomers):,} new among {records:,}"
    keep(title, ours["seconds"], "s", "<= 3 at 1,000,000", ours["seconds"] <= 3 if full else None, protocol)
    keep(f"{title}, peak memory", ours["peak_mib"], "MiB", "<= 2048", ours["peak_mib"] <= 2048, protocol)
    keep(f"{title}, newcomers as in a full run", 100 * equal, "%", ">= 99.9, the rest queued",
         equal >= 0.999 and not unasked,
         f"{protocol}; {len(missed)} differ, {unasked} of them not queued; {len(differing)} of all differ")  # fmt: skip


def _differing(both: pd.DataFrame) -> list[str]:
    """The records that are not with the same others in ``cluster`` and in ``cluster_whole``."""
    together = both.groupby(["cluster", "cluster_whole"])["record_id"].transform("size")
    sizes = [both.groupby(name)["record_id"].transform("size") for name in ("cluster", "cluster_whole")]
    return list(both.loc[(together != sizes[0]) | (together != sizes[1]), "record_id"])


def _plain(folder: Path, work: Path) -> dict[str, Any]:
    """Splink in its own environment over the same evidence, model, keys and threshold."""
    model = load()
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.read_parquet(str(folder / "base" / "cleaned.parquet")).create_view("record")
        for name in ("crowd", "member", "node_key"):
            connection.read_parquet(str(work / "evidence" / f"{name}.parquet")).create_view(name)
        connection.execute(BLOCKED, [model.key_limit])
        connection.execute("CREATE VIEW evidence AS " + evidence.evidence(connection, model, "record"))
        whole = connection.sql("SELECT * FROM evidence LEFT JOIN blocked USING (record_id)")
        whole.write_parquet(str(folder / "blocked.parquet"))
        count = len(whole)
    (folder / "settings.json").write_text(json.dumps(_alone(model, count)), "utf-8")
    files = [folder / name for name in ("blocked.parquet", "settings.json", "plain.parquet")]
    command = [environment(HERE), HERE / "plain_splink.py", *files[:2], str(model.thresholds.join), files[2]]
    return _last_line([str(part) for part in command])


def _alone(model: Model, records: int) -> dict[str, Any]:
    """The model's settings for records in place of nodes, without columns that only the hub needs."""
    lean = {"unique_id_column_name": "record_id", "retain_intermediate_calculation_columns": False}
    return model.settings(records) | lean


def _same_however_run(folder: Path, kills: int) -> None:
    """Run again, with the input shuffled, on one thread, killed at random moments and while each stage's result is
    written: always the same bytes."""
    began = perf_counter()
    _child("whole", folder / "base", folder / "work", 2)
    seconds = perf_counter() - began
    first = _digest(folder / "work")
    shuffled = folder / "shuffled"
    shuffled.mkdir()
    for path in (folder / "base").iterdir():
        table = pq.read_table(path)
        order = np.random.default_rng(SEED).permutation(table.num_rows)
        pq.write_table(table.take(order), shuffled / path.name)
    protocol = f"{SMALL:,} records; links, golden records, their values, pairs and clusters compared byte by byte"
    for name, source, threads in (("again", "base", 2), ("shuffled", "shuffled", 2), ("on one thread", "base", 1)):
        _say(name)
        work = folder / name.replace(" ", "_")
        _child("whole", folder / source, work, threads)
        differing = sum(first[file] != digest for file, digest in _digest(work).items())
        keep(f"identity: run {name}, files that differ", differing, "files", "0", differing == 0, protocol)
    _say(f"killed {kills} times, and in each stage")
    hit = 0
    for after in np.random.default_rng(SEED).uniform(1, seconds, kills):
        _killed(folder / "base", folder / "killed", after)
    for part in PARTS:
        shutil.rmtree(folder / "killed" / part, ignore_errors=True)
        hit += _killed_writing(part, folder / "base", folder / "killed")
    _child("whole", folder / "base", folder / "killed", 2)
    differing = sum(first[file] != digest for file, digest in _digest(folder / "killed").items())
    keep(f"identity: killed {kills} times and in each stage, files that differ", differing, "files", "0",
         differing == 0 and hit == len(PARTS),
         f"{protocol}; {hit} of {len(PARTS)} stages were killed while they were written")  # fmt: skip


def _more(folder: Path, more: int) -> None:
    """2 % more records: an id is not renamed where its records are the same, and each change has its event."""
    _say(f"{more:,} records more")
    clusters = pq.read_table(folder / "work" / "clusters" / "clusters.parquet")
    pq.write_table(clusters, folder / "more" / "previous.parquet")
    _child("whole", folder / "more", folder / "work_more", 2)
    old, new = (pd.read_parquet(folder / name / "links.parquet") for name in ("work", "work_more"))
    events = changes(old, new.assign(ended=False))
    both = old.merge(new, on="record_id", suffixes=("_old", "_new"))
    moved = both[both["golden_id_old"] != both["golden_id_new"]]
    protocol = f"{SMALL:,} records and {more:,} more; {events['kind_code'].value_counts().to_dict()}"
    renamed = _renamed(both)
    keep("identity: 2 % more records, ids renamed for nothing", renamed, "ids", "0", renamed == 0, protocol)
    told = events[["old_id", "new_id"]].drop_duplicates()
    known = moved.merge(told, left_on=["golden_id_old", "golden_id_new"], right_on=["old_id", "new_id"])
    created = ~new["golden_id"].isin(old["golden_id"]) & ~new["golden_id"].isin(events["new_id"])
    untold = len(moved) - len(known) + int(created.sum())
    keep("identity: 2 % more records, changes without an event", untold, "records", "0", untold == 0, protocol)


def _renamed(both: pd.DataFrame) -> int:
    """Old ids whose records are all and alone in one new id of another name."""
    cells = both.groupby(["golden_id_old", "golden_id_new"]).size().reset_index(name="records")
    alone = ~cells["golden_id_old"].duplicated(keep=False) & ~cells["golden_id_new"].duplicated(keep=False)
    return int((alone & (cells["golden_id_old"] != cells["golden_id_new"])).sum())


def _digest(work: Path) -> dict[str, str]:
    """The hash of each file that a run leaves, by its path."""
    files = sorted(path for pattern in MADE for path in work.glob(pattern))
    return {str(path.relative_to(work)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _killed(source: Path, work: Path, after: float) -> None:
    """Starts a run and kills it after so many seconds, with no chance to tidy up."""
    with subprocess.Popen(_command("whole", source, work, 2), cwd=ROOT, stdout=subprocess.DEVNULL) as child:
        sleep(after)
        child.send_signal(signal.SIGKILL)


def _killed_writing(part: str, source: Path, work: Path) -> bool:
    """Starts a run that is killed before what a stage left has its name; gives whether it was."""
    command = _command("whole", source, work, 2, part)
    return subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode == -signal.SIGKILL


def _child(name: str, *arguments: object) -> dict[str, Any]:
    return _last_line(_command(name, *arguments))


def _command(name: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.identity.{name}", *map(str, arguments)]


def _last_line(command: Sequence[str]) -> dict[str, Any]:
    """What the command prints last, as JSON."""
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ})
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def _say(what: str) -> None:
    print(f"     {what} ...", flush=True)
