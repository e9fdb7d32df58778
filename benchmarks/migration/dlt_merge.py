"""The peer: dlt merges landed Parquet parts into PostgreSQL by key (Parquet through ADBC), one pass after the other.

Runs in the environment of ``requirements.txt``. Arguments: database URL and a JSON file:

``write``    how dlt is to write: disposition, strategy and the strategy's options
``indexes``  {table: columns of each index}: the tables stand with a primary key on ``_key`` and these indexes before
             the first pass; null: as dlt makes them, with neither
``passes``   for each pass {table: parts}; the second and later ones merge into what stands

Prints a list of seconds and rows, one a pass, as JSON. Making keys and indexes is not counted.
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

FORMAT = "parquet"


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


def key_tables(pipeline, indexes):
    """Gives the tables that dlt has made their primary key and indexes."""
    name_of = pipeline.default_schema.naming.normalize_identifier
    pipeline.sync_schema()
    with pipeline.sql_client() as client:
        for table, of in indexes.items():
            into = client.make_qualified_table_name(name_of(table))
            client.execute_sql(f"ALTER TABLE {into} ADD PRIMARY KEY (_key)")
            for columns in of:
                named = ", ".join(client.escape_column_name(name_of(column)) for column in columns)
                client.execute_sql(f"CREATE INDEX ON {into} ({named})")


def merge(pipeline, write, tables, indexes):
    """Seconds that one pass takes from reading the parts to the last commit, and its rows."""
    resources = [
        dlt.resource(chunks(parts), name=name, primary_key="_key", write_disposition=dict(write))
        for name, parts in tables.items()
    ]
    began = time.perf_counter()
    pipeline.extract(resources, loader_file_format=FORMAT)
    pipeline.normalize()
    seconds = time.perf_counter() - began
    rows = pipeline.last_trace.last_normalize_info.row_counts
    if indexes is not None:
        key_tables(pipeline, indexes)
    began = time.perf_counter()
    pipeline.load().raise_on_failed_jobs()
    seconds += time.perf_counter() - began
    return {"seconds": seconds, "rows": sum(count for name, count in rows.items() if not name.startswith("_dlt"))}


def main():
    """Runs the passes over one database, new at the first."""
    stated = json.loads(Path(sys.argv[2]).read_text())
    destination = dlt.destinations.postgres(credentials=credentials(sys.argv[1]))
    pipeline = dlt.pipeline("peer", destination=destination, dataset_name="peer", dev_mode=True)
    indexes = [stated["indexes"], *[None] * (len(stated["passes"]) - 1)]
    print(json.dumps([merge(pipeline, stated["write"], *each) for each in zip(stated["passes"], indexes, strict=True)]))


if __name__ == "__main__":
    main()
