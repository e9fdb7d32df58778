"""Who is who: the cleaned records of all systems become clusters, in stages that rest on disk.

The folder has one folder a stage, written whole and then named: ``evidence`` (crowd, member, node, node_key,
frequency_*), ``pairs`` and ``clusters``. A stage that stands with the fingerprint of the same inputs is not repeated,
so a run that was killed goes on where it was.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from identity.people import evidence
from identity.people.agglomerate import components
from identity.people.arrays import read
from identity.people.cluster import CLUSTERS, DECISIONS, Clustered, cluster
from identity.people.model import Model, load
from identity.people.namesakes import possible
from identity.people.score import choose_keys, score

FINGERPRINT = "fingerprint"
ADDED = "added"
"""What was added since the full run (incremental.add)."""
THREADS, MEMORY = 2, "2500MB"


@dataclass(frozen=True, eq=False)
class Resolved(Clustered):
    """Clusters, edges, doubtful, vetoed and capped as Clustered tells; ``pairs`` and ``flags`` besides.

    pairs  the Parquet file of all scored pairs with the parts of their weights (score.score)
    flags  field, value, people: values that so many people share that they are no evidence
    """

    pairs: Path
    flags: pa.Table


def resolve(
    records: pa.Table, folder: Path, decisions: pa.Table | None = None, previous: pa.Table | None = None, *,
    model: Model | None = None, threads: int = THREADS, memory: str = MEMORY,
) -> Resolved:  # fmt: skip
    """The clusters of all records (clean.clean), by human ``decisions`` and the clusters that stood before.

    Raises what score.score raises where nothing may be published.
    """
    model = model or load()
    decisions = DECISIONS.empty_table() if decisions is None else decisions.select(DECISIONS.names).cast(DECISIONS)
    previous = CLUSTERS.empty_table() if previous is None else previous.select(CLUSTERS.names).cast(CLUSTERS)
    decided = decided_on(decisions)
    seen = _fingerprint(model, records, decided)
    shutil.rmtree(folder / ADDED, ignore_errors=True)  # they are among the records
    with working(folder, threads, memory) as connection:
        connection.register("record", records)
        connection.register("decided", decided)
        tables = ("crowd", "member", "node", "node_key", *(f"frequency_{name}" for name in model.frequencies))
        _stage(connection, folder / "evidence", seen, tables, lambda: evidence.build(connection, model))

        def scored() -> None:
            choose_keys(connection, model)
            score(connection, model)
            connected(connection, model)

        _stage(connection, folder / "pairs", seen, ("pair", "component", "scoring"), scored)
        known = seen + _fingerprint(model, decisions, previous)
        clustered = _clustered(folder / "clusters", known, lambda: cluster(connection, model, decisions, previous))
        flags = connection.execute("SELECT field, value, people FROM crowd ORDER BY field, value").to_arrow_table()
    return Resolved(**clustered, pairs=folder / "pairs" / "pair.parquet", flags=flags)


def decided_on(decisions: pa.Table) -> pa.Table:
    """record_id: whom people have decided on."""
    both = pa.concat_arrays([*decisions["left_id"].chunks, *decisions["right_id"].chunks, pa.array([], pa.string())])
    return pa.table({"record_id": both.unique()})


def standing_for(folder: Path, model: Model) -> bool:
    """Whether a full run by that model and these rules stands in the folder."""
    return all((folder / stage / FINGERPRINT).is_file() for stage in ("evidence", "pairs", "clusters")) and (
        (folder / "clusters" / FINGERPRINT).read_text(encoding="ascii").startswith(_fingerprint(model)[:32])
    )


def connected(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Makes of node and pair the table component: node, component (the least node it is connected with).

    Whom a node is one with depends on the nodes of its component and on nobody else: on those that its pairs lead to,
    and on those that it may be a namesake of.
    """
    left, right = read(  # UNION, as DuckDB 1.5.6 never ends fetching a UNION ALL of such joins in their order
        connection,
        f"""SELECT left_node - 1 AS a, right_node - 1 AS b FROM pair WHERE weight >= {model.thresholds.split}
        UNION SELECT a - 1, b - 1 FROM ({possible(model, "node", "node")}) WHERE a < b""",
    )
    (count,) = read(connection, "SELECT count(*) FROM node")[0]
    root = components(left, right, int(count))
    connection.register("connected", pa.table({"node": np.arange(1, len(root) + 1), "component": root + 1}))
    connection.execute("CREATE OR REPLACE TABLE component AS SELECT * FROM connected ORDER BY node")


@contextmanager
def working(folder: Path, threads: int, memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB that spills into the folder."""
    spill = folder / "spill"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory,
        "temp_directory": str(spill),
        "preserve_insertion_order": True,
    }
    with duckdb.connect(config=config) as connection:
        yield connection
    shutil.rmtree(spill, ignore_errors=True)


def _fingerprint(model: Model, *tables: pa.Table) -> str:
    """A hash of what a stage is made from."""
    rules = hashlib.blake2b(repr(model).encode(), digest_size=16)
    for path in sorted(path for path in Path(__file__).parent.iterdir() if path.suffix in (".py", ".csv")):
        rules.update(path.read_bytes())
    digest = hashlib.blake2b(digest_size=16)
    for table in tables:
        for batch in table.combine_chunks().to_batches():
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_batch(batch)
            digest.update(sink.getvalue())
    return rules.hexdigest() + digest.hexdigest()


def _stage(
    connection: duckdb.DuckDBPyConnection, folder: Path, made_from: str, tables: Sequence[str], make: Callable[[], None]
) -> None:
    """Makes the tables and writes them whole, unless they stand; either way they are read from disk from then on."""
    if not _stands(folder, made_from):
        make()
        with whole(folder, made_from) as part:
            for name in tables:
                connection.execute(f"COPY {name} TO '{part / name}.parquet' (FORMAT parquet, COMPRESSION zstd)")
                connection.execute(f"DROP TABLE {name}")
    for name in tables:
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS FROM read_parquet('{folder / name}.parquet')")


def _clustered(folder: Path, made_from: str, make: Callable[[], Clustered]) -> dict[str, pa.Table]:
    names = [field.name for field in fields(Clustered)]
    if not _stands(folder, made_from):
        made = make()
        with whole(folder, made_from) as part:
            for name in names:
                pq.write_table(getattr(made, name), part / f"{name}.parquet", compression="zstd")
    return {name: pq.read_table(folder / f"{name}.parquet") for name in names}


def _stands(folder: Path, made_from: str) -> bool:
    stated = folder / FINGERPRINT
    return stated.is_file() and stated.read_text(encoding="ascii") == made_from


@contextmanager
def whole(folder: Path, made_from: str) -> Iterator[Path]:
    """A folder to write into that takes its name, and the place of the earlier one, when all is written."""
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    yield part
    (part / FINGERPRINT).write_text(made_from, encoding="ascii")
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
