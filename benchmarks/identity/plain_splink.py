"""Splink alone on the same records with the same model: predict, then its own clusters at the same threshold.

Runs in the environment of ``requirements.txt``. Arguments: Parquet of the records' evidence with the keys that they
are blocked by, JSON of Splink's settings, threshold in bits, Parquet of the clusters
to write. Prints seconds, pairs and peak memory as JSON.
"""

import json
import logging
import sys
from pathlib import Path
from time import perf_counter

import duckdb
from splink import DuckDBAPI, Linker


def main():
    records, settings, threshold = sys.argv[1], json.loads(Path(sys.argv[2]).read_text("utf-8")), float(sys.argv[3])
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect(config={"threads": 2})
    connection.read_parquet(records).create("evidence")
    began = perf_counter()
    linker = Linker("evidence", settings, DuckDBAPI(connection=connection), set_up_basic_logging=False)
    pairs = linker.inference.predict(threshold_match_weight=threshold)
    predicted = perf_counter()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_weight=threshold)
    ended = perf_counter()
    count = len(connection.table(pairs.physical_name))
    connection.table(clusters.physical_name).project("record_id, cluster_id").write_parquet(sys.argv[4])
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
    seconds = {"predict": predicted - began, "cluster": ended - predicted}
    print(json.dumps({"seconds": seconds, "pairs": count, "peak_mib": peak}))


if __name__ == "__main__":
    main()
