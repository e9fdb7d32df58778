"""FEBRL4, the field's usual test of record linkage, by the hub's engine with a model for FEBRL's fields."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.figures import keep
from benchmarks.identity.metrics import agreement
from benchmarks.peers import environment
from identity.people import cluster, evidence, score
from identity.people.model import Model, load

HERE = Path(__file__).parent
NUMBER = "soc_sec_id"
MARKS = {"with ids": 0.9998, "without ids": 0.999}


def measure(folder: Path) -> None:
    """FEBRL4 with its social security numbers and without; its truth is read when the clusters stand."""
    records, truth = folder / "febrl.parquet", folder / "febrl_truth.parquet"
    subprocess.run([environment(HERE), HERE / "read_febrl.py", records, truth], check=True)
    whole = load(HERE / "febrl.json")
    for name, model in (("with ids", whole), ("without ids", without(whole, NUMBER))):
        clusters = linked(records, model)
        both = clusters.merge(pd.read_parquet(truth), on="record_id", validate="one_to_one")
        result = agreement(both["cluster"], both["person"])
        protocol = f"FEBRL4, {len(both):,} records of {result.true:,} people, join at {model.thresholds.join} bits"
        keep(
            f"identity: FEBRL4 {name}, F1", result.f1, "share", f">= {MARKS[name]}", result.f1 >= MARKS[name], protocol
        )
        keep(f"identity: FEBRL4 {name}, precision", result.precision, "share", "1.000", result.precision == 1, protocol)


def linked(records: Path, model: Model) -> pd.DataFrame:
    """record_id and cluster of each record, by the engine's own steps."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"CREATE TABLE record AS SELECT * FROM '{records}'")
        count = connection.execute("SELECT count(*) FROM record").fetchall()[0][0]
        evidence.build(connection, model)
        score.choose_keys(connection, model)
        score.score(connection, model, count)
        found = cluster.cluster(connection, model, cluster.DECISIONS.empty_table(), cluster.CLUSTERS.empty_table())
    return found.clusters.to_pandas()


def without(model: Model, column: str) -> Model:
    """The model as if the records had no such column; it has a comparison, a rule and frequencies of its own."""
    return replace(
        model,
        comparisons=tuple(one for one in model.comparisons if one["output_column_name"] != column),
        evidence=tuple(name for name in model.evidence if name != column),
        frequencies={name: least for name, least in model.frequencies.items() if name != column},
        blocking={rule: key for rule, key in model.blocking.items() if key != column},
    )
