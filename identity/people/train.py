"""The model's probabilities, learnt from records alone: what the clusters of one round agree on trains the next.

No truth is read. Levels that a declaration fixes (``fix_m_probability``, ``fix_u_probability``) stay as declared:
they are too rare in any estate that fits a test. Run it on a made-up estate and keep what it writes:

    python -m identity.people.train records.parquet
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from splink import DuckDBAPI, Linker

from identity.people.model import MODEL, Model, load
from identity.people.resolve import Resolved, resolve
from identity.people.score import scored_nodes

ROUNDS = 6
RANDOM_PAIRS = 3e6
SEED = 1
LEARNT_FROM = 1.0
"""Bits from which pairs are learnt from: a little better than even. Surer ones alone would teach that all is alike."""


def train(records: pa.Table, model: Model, rounds: int = ROUNDS) -> Model:
    """The model with probabilities of these records (clean.clean), and with what is usual among them.

    A level that did not occur has none afterwards, and the model is refused (model.check_trained) until it has.
    """
    even = replace(model.thresholds, join=LEARNT_FROM, split=LEARNT_FROM)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            found = resolve(records, Path(folder) / str(number), model=replace(model, thresholds=even))
            model = _learnt(Path(folder) / str(number), model, found, random=number == 0)
    return model


def _learnt(folder: Path, model: Model, found: Resolved, *, random: bool) -> Model:
    """The model with what these clusters teach; ``random`` also learns what pairs at random agree on."""
    with duckdb.connect(config={"threads": 2}) as connection:
        for name in ("node", "member", *(f"frequency_{name}" for name in model.frequencies)):
            connection.read_parquet(str(folder / "evidence" / f"{name}.parquet")).create_view(name)
        connection.register("clusters", found.clusters)
        own = "SELECT node, any_value(cluster) AS keys FROM member JOIN clusters USING (record_id) GROUP BY node"
        connection.execute(
            "CREATE TABLE scored_node AS SELECT *, (node % 100) / 100 AS __splink_salt"
            f" FROM ({scored_nodes(model, own)})"
        )
        nodes, pairs = connection.execute(
            f"SELECT count(*), (SELECT count(*) FROM read_parquet('{found.pairs}')) FROM node"
        ).fetchall()[0]
        same = connection.execute(
            "SELECT coalesce(sum(n * (n - 1)), 0) FROM (SELECT count(*) AS n FROM scored_node GROUP BY keys)"
        ).fetchall()[0][0]
        linker = Linker("scored_node", model.settings(nodes), DuckDBAPI(connection), set_up_basic_logging=False)
        linker.table_management.register_table_input_nodes_concat_with_tf("scored_node")
        if random:
            linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
        linker.training.estimate_m_from_label_column("keys")
        learnt = linker.misc.save_model_to_json()["comparisons"]
    trained = {comparison["output_column_name"]: comparison["comparison_levels"] for comparison in learnt}
    comparisons = tuple(
        comparison | {"comparison_levels": [
            _level(stated, new)
            for stated, new in zip(comparison["comparison_levels"], trained[_name(comparison)], strict=True)
        ]}
        for comparison in model.comparisons
    )  # fmt: skip
    return replace(
        model, comparisons=comparisons, matches_per_node=round(same / nodes, 3), pairs_per_node=round(pairs / nodes, 3)
    )


def _name(comparison: dict[str, Any]) -> str:
    return str(comparison["output_column_name"])


def _level(stated: dict[str, Any], learnt: dict[str, Any]) -> dict[str, Any]:
    if stated.get("is_null_level"):
        return stated
    new = {}
    for name in ("m_probability", "u_probability"):
        value = stated.get(name) if stated.get(f"fix_{name}") else learnt.get(name)
        new[name] = float(f"{value:.6g}") if isinstance(value, float) else None
    return stated | new


def write(model: Model, path: Path) -> None:
    """Writes the model's trained parts into its file; the rest of the file is left as it stands."""
    stated = json.loads(path.read_text(encoding="utf-8"))
    stated |= {name: getattr(model, name) for name in ("matches_per_node", "pairs_per_node")}
    stated["comparisons"] = list(model.comparisons)
    path.write_text(json.dumps(stated, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(train(pq.read_table(sys.argv[1]), load(MODEL)), MODEL)
