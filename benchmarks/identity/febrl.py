"""FEBRL4, the field's usual test of record linkage, by the hub's engine with a model for FEBRL's fields."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from benchmarks.figures import keep
from benchmarks.identity.metrics import agreement
from benchmarks.peers import environment
from identity.people import resolve
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
        found = resolve(pq.read_table(records), folder / name, model=model)
        both = found.clusters.to_pandas().merge(pd.read_parquet(truth), on="record_id", validate="one_to_one")
        result = agreement(both["cluster"], both["person"])
        title, mark = f"identity: FEBRL4 {name}", MARKS[name]
        protocol = f"FEBRL4, {len(both):,} records of {result.true:,} people, join at {model.thresholds.join} bits"
        keep(f"{title}, F1", 100 * result.f1, "%", f">= {100 * mark:g}", result.f1 >= mark, protocol)
        keep(f"{title}, precision", 100 * result.precision, "%", "100", result.precision == 1, protocol)


def without(model: Model, column: str) -> Model:
    """The model as if the records had no such column; it has a comparison, a rule and frequencies of its own."""
    return replace(
        model,
        comparisons=tuple(one for one in model.comparisons if one["output_column_name"] != column),
        evidence=tuple(name for name in model.evidence if name != column),
        frequencies={name: least for name, least in model.frequencies.items() if name != column},
        blocking={rule: key for rule, key in model.blocking.items() if key != column},
    )
