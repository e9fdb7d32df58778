"""A few new people among very many who are resolved already, in a process of its own.

Arguments: folder of the resolution, Parquet of the raw newcomers, folder for what it gives. Prints seconds from raw
rows to clusters, records touched and peak memory as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter

import pyarrow.parquet as pq

from benchmarks.identity.whole import of_the_crowd
from benchmarks.peak import peak_mib
from identity import people


def main() -> None:
    """Cleans and adds the newcomers; reading the interpreter's libraries is not counted."""
    work, newcomers, target = Path(sys.argv[1]), pq.read_table(sys.argv[2]), Path(sys.argv[3])
    target.mkdir()
    model = of_the_crowd()
    began = perf_counter()
    found = people.add(people.clean(newcomers), work, model=model)
    seconds = perf_counter() - began
    for name in ("clusters", "doubtful"):
        pq.write_table(getattr(found, name), target / f"{name}.parquet")
    peak = peak_mib()
    print(json.dumps({"seconds": seconds, "touched": found.clusters.num_rows, "peak_mib": peak}))


if __name__ == "__main__":
    main()
