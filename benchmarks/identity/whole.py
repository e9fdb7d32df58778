"""The hub's own way from cleaned records to golden people, in a process of its own that may be killed at any moment.

Arguments: folder with cleaned.parquet and raw.parquet (and previous.parquet, the clusters that stood before), folder
to work in, threads; for one that is to be killed, what it has written then and not yet named (evidence, pairs,
clusters, links, golden or kept). The golden rows, the values they were chosen from and the links stand in the folder
to work in. Prints seconds by stage, counts and peak memory as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.peak import peak_mib
from identity import golden, people
from identity.links import golden_ids
from identity.people import Resolved
from identity.people.model import Model, load
from identity.survivorship import FIELDS, PERSON, names
from identity.trust import load_trust

CONTACTS = ("mobile", "telephone", "email")
USUAL_PAIRS = 3.0
NO_FAULTS = pd.DataFrame({"record_id": [], "field": [], "severity": []})


def main() -> None:
    """Resolves and survives, each stage whole on disk before the next."""
    source, folder, threads = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    if len(sys.argv) > 4:
        _be_killed_before_naming(sys.argv[4])
    began = perf_counter()
    cleaned = pq.read_table(source / "cleaned.parquet")
    before = source / "previous.parquet"
    previous = pq.read_table(before) if before.exists() else None
    resolved = people.resolve(cleaned, folder, previous=previous, model=of_the_crowd(), threads=threads)
    decided = perf_counter()
    links = linked(resolved, cleaned)
    write(pa.Table.from_pandas(links, preserve_index=False), folder / "links.parquet")
    rows = survived(resolved, links, cleaned, pq.read_table(source / "raw.parquet"))
    write(pa.Table.from_pandas(rows.rows, preserve_index=False), folder / "golden.parquet")
    write(rows.kept, folder / "kept.parquet")
    seconds = {"people": decided - began, "survivorship": perf_counter() - decided}
    print(
        json.dumps(
            {
                "seconds": seconds, "records": cleaned.num_rows, "golden": len(rows.rows),
                "pairs": pq.read_metadata(resolved.pairs).num_rows, "doubtful": resolved.doubtful.num_rows,
                "peak_mib": peak_mib(),
            }
        )
    )  # fmt: skip


def of_the_crowd() -> Model:
    """The hub's model; how many pairs are usual is the crowd's own, whose names are drawn from few."""
    return replace(load(), pairs_per_node=USUAL_PAIRS)


def linked(resolved: Resolved, cleaned: pa.Table) -> pd.DataFrame:
    """record_id and golden_id of every record."""
    members = resolved.clusters.to_pandas().merge(
        cleaned.select(["record_id", "first_run_id"]).to_pandas(), on="record_id", validate="one_to_one"
    )
    return golden_ids(members, "person")[["record_id", "golden_id"]]


def survived(resolved: Resolved, links: pd.DataFrame, cleaned: pa.Table, raw: pa.Table) -> golden.Rows:
    """The golden people, with the confidence of what holds each together, and what their records had."""
    columns = ["record_id", "system", "active_date", "home"]
    numbers = cleaned.select(["record_id", "mobiles", "landlines", "email"]).to_pandas()
    contacts = numbers[["record_id", "email"]].assign(
        mobile=numbers["mobiles"].str[0], telephone=numbers["landlines"].str[0]
    )
    stated = [name for name in names(PERSON) if name in raw.column_names]
    records = raw.select([*columns, *stated]).to_pandas(date_as_object=False)
    records = records.rename(columns={"active_date": "as_of", "home": "asset_id"})
    unsaid = [name for name in names(PERSON) if name not in records and name not in CONTACTS]
    records = records.assign(**{name: pd.Series(pd.NA, records.index, dtype="str") for name in unsaid})
    of = links.set_index("record_id")["golden_id"]
    homes = pd.Series(records["asset_id"].dropna().unique())
    trust = load_trust({kind: names(fields) for kind, fields in FIELDS.items()})["person"]
    found = golden.people(records, contacts, of, homes.set_axis(homes), NO_FAULTS, trust)
    edges = resolved.edges.to_pandas()
    return golden.Rows(golden.confidence(found.rows, edges, of), found.kept)


def _be_killed_before_naming(part: str) -> None:
    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.rename" and Path(str(arguments[0])).name == f"{part}.part":
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def write(table: pa.Table, path: Path) -> None:
    """Leaves the table under that name, whole."""
    part = path.with_suffix(".part")
    pq.write_table(table, part)
    part.rename(path)


if __name__ == "__main__":
    main()
