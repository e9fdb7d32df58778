"""The peer: dlt merges the landed Parquet parts into PostgreSQL by key (Parquet through ADBC).

Runs in the environment of ``requirements.txt``. Arguments: database URL, strategy, a JSON file of
{table: [parts]}. Prints seconds and rows as JSON.
"""

import json
import os
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}

import dlt
import pyarrow.compute as pc
import pyarrow.parquet as pq


def chunks(parts):
    """The parts' whole, keyed rows. A column whose type differs from part to part is text: dlt wants one type."""
    kinds = {}
    for part in parts:
        for field in pq.read_schema(part):
            kinds.setdefault(field.name, set()).add(field.type)
    for part in parts:
        table = pq.read_table(part)
        table = table.filter(pc.is_valid(table["_key"])).drop_columns(["_fault", "_raw"])
        for at, name in enumerate(table.column_names):
            if len(kinds[name]) > 1:
                table = table.set_column(at, name, pc.cast(table[name], "string"))
        yield table


def credentials(url):
    """The URL as dlt takes it: the socket's folder stands in place of the host; the password is never asked for."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    host, port = quote(query["host"][0], safe=""), query["port"][0]
    return f"postgresql://{parts.username}:none@{host}:{port}{parts.path}"


def main():
    """Loads every table once, new."""
    url, strategy, listing = sys.argv[1:]
    tables = json.loads(Path(listing).read_text())
    destination = dlt.destinations.postgres(credentials=credentials(url))
    pipeline = dlt.pipeline("peer", destination=destination, dataset_name="peer", dev_mode=True)
    resources = [
        dlt.resource(
            chunks(parts), name=name, primary_key="_key",
            write_disposition={"disposition": "merge", "strategy": strategy},
        )
        for name, parts in tables.items()
    ]  # fmt: skip
    began = time.perf_counter()
    info = pipeline.run(resources, loader_file_format="parquet")
    info.raise_on_failed_jobs()
    seconds = time.perf_counter() - began
    counts = pipeline.last_trace.last_normalize_info.row_counts
    rows = sum(count for name, count in counts.items() if not name.startswith("_dlt"))
    print(json.dumps({"seconds": seconds, "rows": rows}))


if __name__ == "__main__":
    main()
