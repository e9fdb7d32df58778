"""The probabilities of febrl.json: Splink's expectation maximisation on the records alone, never on their truth.

Runs in the environment of ``requirements.txt``. Arguments: Parquet of the records, the model's JSON, written anew.
"""

import json
import sys
from pathlib import Path

import pandas as pd
from splink import DuckDBAPI, Linker

TRAINED_ON = (
    "l.date_of_birth = r.date_of_birth",
    "l.given_name = r.given_name AND l.surname = r.surname",
    "l.suburb = r.suburb AND l.postcode = r.postcode",
)
"""Records alike in one of these train the probabilities of all other comparisons."""
PROBABILITIES = ("m_probability", "u_probability")


def main():
    records, path = pd.read_parquet(sys.argv[1]), Path(sys.argv[2])
    records = records.astype(object).where(records.notna(), None)
    model = json.loads(path.read_text("utf-8"))
    files = [file for _, file in records.groupby("system")]
    names = sorted(records["system"].unique())
    linker = Linker(files, _settings(model), DuckDBAPI(), input_table_aliases=names)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in TRAINED_ON:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    trained = {one["output_column_name"]: one for one in linker.misc.save_model_to_json()["comparisons"]}
    for comparison in model["comparisons"]:
        learnt = trained[comparison["output_column_name"]]["comparison_levels"]
        for level, found in zip(comparison["comparison_levels"], learnt, strict=True):
            level |= {name: float(f"{value:.6g}") for name, value in found.items() if name in PROBABILITIES}
    path.write_text(json.dumps(model, indent=1) + "\n", "utf-8")


def _settings(model):
    """Splink's settings of the model's comparisons without what they have learnt before."""
    return {
        "link_type": "link_only",
        "unique_id_column_name": "record_id",
        "source_dataset_column_name": "system",
        "probability_two_random_records_match": 1 / 5_000,
        "blocking_rules_to_generate_predictions": [],
        "max_iterations": 50,
        "sql_dialect": "duckdb",
        "comparisons": [
            comparison | {"comparison_levels": [
                {name: value for name, value in level.items() if name not in PROBABILITIES}
                for level in comparison["comparison_levels"]
            ]}
            for comparison in model["comparisons"]
        ],
    }  # fmt: skip


if __name__ == "__main__":
    main()
