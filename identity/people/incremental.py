"""A few new or changed records among very many: only what they touch is looked up, scored and clustered anew.

What a full run (resolve.resolve) left in its folder is not written again. Each addition adds a folder of its own
beside it, ``added/0001`` and so on, whole or not at all; a later one counts for the records and nodes it names.
New pairs weigh what they would in a full run. Pairs that stood keep their weights and crowds stay those of the full
run, so that nothing moves but what the new records touch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from identity.people import evidence
from identity.people.cluster import DECISIONS, Clustered, cluster
from identity.people.model import Model, load
from identity.people.namesakes import possible
from identity.people.resolve import ADDED, MEMORY, THREADS, connected, decided_on, standing_for, whole, working
from identity.people.score import check_usual, score_among
from ledger.errors import ConfigurationFault

LAYERED = ("member", "node", "node_key", "pair", "clusters", "component")
_KEY = {"member": "record_id", "clusters": "record_id", "component": "node"}
"""Tables of which a later layer replaces earlier rows of the same key; of the others every row counts."""


@dataclass(frozen=True, eq=False)
class Added(Clustered):
    """Of what the new records touch: clusters, edges, doubtful, vetoed and capped as Clustered tells, and besides

    pairs    the scored pairs among them, with the parts of their weights (score.score)
    members  record_id, node: which of them are alike in all evidence
    """

    pairs: pa.Table
    members: pa.Table


def add(
    records: pa.Table, folder: Path, decisions: pa.Table | None = None, *, ended: Sequence[str] = (),
    model: Model | None = None, threads: int = THREADS, memory: str = MEMORY,
) -> Added:  # fmt: skip
    """The clusters of all records that the new ones touch, as a full run would have them.

    ``records`` (clean.clean) are new or replace those of the same id; ``ended`` are ids of records that are no more.
    Raises ConfigurationFault where no full run of this model stands in the folder, ContractBroken for twice the usual
    pairs.
    """
    model = model or load()
    decisions = DECISIONS.empty_table() if decisions is None else decisions.select(DECISIONS.names).cast(DECISIONS)
    if not standing_for(folder, model):
        raise ConfigurationFault(
            "no full resolution of people by this model stands, so nothing can be added to it.",
            place=str(folder), next_step="Run the full resolution first.",
        )  # fmt: skip
    with working(folder, threads, memory) as connection:
        layers = [folder / ADDED / name for name in sorted(path.name for path in (folder / ADDED).glob("[0-9]*"))]
        _base(connection, folder, layers, model)
        connection.register("record", records)
        connection.register("decided", decided_on(decisions))
        lost = pa.table({"record_id": pa.array([*ended, *records["record_id"].to_pylist()], pa.string())})
        connection.from_arrow(lost).create("lost")
        _new_nodes(connection, model)
        _candidates(connection, model)
        _merge_alike(connection, model)
        nodes = _count_frequencies(connection, model)
        score_among(connection, model, nodes, "node IN (SELECT node FROM new_node)")
        check_usual(connection, model, nodes, "all_pair", "pair")
        _touched(connection, model)
        found = cluster(connection, model, decisions, connection.table("previously").to_arrow_table())
        connection.register("found", found.clusters)
        layer = folder / ADDED / f"{len(layers) + 1:04d}"
        with whole(layer, str(len(layers) + 1)) as part:
            for name, query in _layer().items():
                connection.execute(f"COPY ({query}) TO '{part / name}.parquet' (FORMAT parquet)")
        pairs, members = (connection.table(name).to_arrow_table() for name in ("pair", "member"))
    return Added(**vars(found), pairs=pairs, members=members)


def _base(connection: duckdb.DuckDBPyConnection, folder: Path, layers: list[Path], model: Model) -> None:
    """Views all_<table> of what stands, each row as its latest layer has it, and the tables of the full run."""
    stage = {"pair": "pairs", "clusters": "clusters", "component": "pairs"}
    for name in LAYERED:
        base = folder / stage.get(name, "evidence") / f"{name}.parquet"
        parts = [
            f"SELECT * FROM read_parquet('{base}')",
            *(f"SELECT * FROM read_parquet('{one / name}.parquet')" for one in layers),
        ]
        if name in _KEY:
            later = [f"SELECT {_KEY[name]} FROM read_parquet('{one / name}.parquet')" for one in layers]
            parts = [
                f"{part} ANTI JOIN ({' UNION ALL '.join(later[number:])}) USING ({_KEY[name]})"
                if later[number:]
                else part
                for number, part in enumerate(parts)
            ]
        connection.execute(f"CREATE VIEW all_{name} AS {' UNION ALL BY NAME '.join(parts)}")
    connection.execute(f"CREATE VIEW crowd AS FROM read_parquet('{folder / 'evidence' / 'crowd'}.parquet')")
    connection.execute(f"CREATE VIEW scoring AS FROM read_parquet('{folder / 'pairs' / 'scoring.parquet'}')")


def _new_nodes(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Tables new_node, new_member and new_key of the records."""
    connection.execute(f"CREATE TEMP TABLE evidence AS {evidence.evidence(connection, model, 'record')}")
    connection.execute(
        f"""CREATE TABLE new_node AS
        SELECT row_number() OVER (ORDER BY record_id) + (SELECT coalesce(max(node), 0) FROM all_node) AS node, *
        FROM ({evidence.alike(model)})"""
    )
    connection.execute("CREATE TABLE new_member AS SELECT unnest(record_ids) AS record_id, node FROM new_node")
    connection.execute("ALTER TABLE new_node DROP record_ids")
    connection.execute(f"CREATE TABLE new_key AS {evidence.keys(model, 'new_node')}")


def _candidates(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Tables used_key and node: the keys that new nodes share with any, and the nodes that have them or are of their
    homes and households."""
    connection.execute(
        f"""CREATE TABLE shared_key AS
            SELECT key, node FROM all_node_key SEMI JOIN new_key USING (key)
            UNION ALL SELECT key, node FROM new_key;
        CREATE TABLE used_key AS SELECT * FROM shared_key SEMI JOIN (
            SELECT key FROM shared_key GROUP BY key HAVING count(*) BETWEEN 2 AND {model.key_limit}) USING (key);
        CREATE TABLE node AS SELECT * FROM all_node WHERE node IN (SELECT node FROM used_key)
            OR home IN (SELECT home FROM new_node) OR household_id IN (SELECT household_id FROM new_node)"""
    )


def _merge_alike(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Adds the new nodes to ``node``. The records of a node that is alike in all evidence come into the new one, as in
    a full run they were of one node; ``left_behind`` are the nodes that lost a record."""
    same = " AND ".join(f"new_node.{name} IS NOT DISTINCT FROM node.{name}" for name in model.evidence)
    latest = "".join(f", max({name}) AS {name}" for name in model.latest)
    later = "".join(f", {name} = greatest(new_node.{name}, old.{name})" for name in model.latest)
    connection.execute(
        f"""CREATE TABLE alone AS SELECT node FROM all_member SEMI JOIN decided USING (record_id)
            UNION ALL SELECT node FROM new_member SEMI JOIN decided USING (record_id);
        CREATE TABLE alike AS SELECT new_node.node AS new, node.* EXCLUDE (record_id, copies)
            FROM new_node JOIN node ON {same}
            WHERE NOT EXISTS (FROM alone WHERE alone.node IN (new_node.node, node.node));
        CREATE TABLE came AS SELECT * FROM all_member JOIN alike USING (node)
            ANTI JOIN lost USING (record_id);
        UPDATE new_node SET copies = new_node.copies + old.copies, record_id = least(new_node.record_id, old.record_id)
            {later}
        FROM (SELECT new, min(record_id) AS record_id, count(*) AS copies{latest} FROM came GROUP BY new) AS old
        WHERE old.new = new_node.node;
        INSERT INTO new_member SELECT record_id, new FROM came;
        INSERT INTO lost SELECT record_id FROM came;
        CREATE TABLE left_behind AS SELECT DISTINCT node FROM all_member SEMI JOIN lost USING (record_id);
        DELETE FROM node WHERE node IN (SELECT node FROM alike);
        INSERT INTO node BY NAME SELECT * FROM new_node;
        CREATE TABLE member AS SELECT * FROM new_member"""
    )


def _count_frequencies(connection: duckdb.DuckDBPyConnection, model: Model) -> int:
    """How many nodes there are with the new ones; tables frequency_<column> of the values of ``node`` among them."""
    connection.execute(
        """CREATE TABLE empty AS SELECT node FROM all_node ANTI JOIN (
            SELECT node FROM all_member ANTI JOIN lost USING (record_id)) USING (node)"""
    )
    every = "(FROM all_node ANTI JOIN empty USING (node) UNION ALL BY NAME FROM new_node)"
    for column, least in model.frequencies.items():
        connection.execute(
            f"""CREATE TABLE frequency_{column} AS
            SELECT {column}, greatest(count(*), {least}) / (SELECT count({column}) FROM {every}) AS tf_{column}
            FROM {every} SEMI JOIN node USING ({column}) GROUP BY {column}"""
        )
    return int(connection.execute(f"SELECT count(*) FROM {every}").fetchall()[0][0])


def _touched(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """The tables node, member, pair and previously of all that the new nodes touch, numbered anew by record ids."""
    split = model.thresholds.split
    connection.execute(
        f"""CREATE TABLE new_pair AS SELECT * EXCLUDE (pair) FROM pair
            WHERE left_node IN (FROM (SELECT node FROM new_node))
            OR right_node IN (FROM (SELECT node FROM new_node));
        CREATE TABLE near AS SELECT DISTINCT component FROM all_component SEMI JOIN (
            SELECT left_node AS node FROM new_pair WHERE weight >= {split} UNION ALL
            SELECT right_node FROM new_pair WHERE weight >= {split} UNION ALL FROM left_behind UNION ALL
            SELECT b FROM ({possible(model, "new_node", "node")})) USING (node);
        CREATE TABLE near_node AS SELECT node FROM all_component SEMI JOIN near USING (component);
        DROP TABLE member; DROP TABLE pair; DROP TABLE node;
        CREATE TABLE near_member AS SELECT * FROM (
            SELECT record_id, node FROM all_member SEMI JOIN near_node USING (node) ANTI JOIN lost USING (record_id)
            UNION ALL SELECT record_id, node FROM new_member);
        CREATE TABLE numbered AS SELECT node AS old, row_number() OVER (ORDER BY min(record_id)) AS node,
            min(record_id) AS record_id, list_sort(list(record_id))[2] AS second, count(*) AS copies
            FROM near_member GROUP BY node;
        CREATE TABLE node AS SELECT numbered.* EXCLUDE (old, second), whole.* EXCLUDE (node, record_id, copies)
            FROM numbered
            JOIN (SELECT * FROM all_node SEMI JOIN near_node USING (node)
                UNION ALL BY NAME SELECT * FROM new_node) AS whole
            ON whole.node = old ORDER BY numbered.node;
        CREATE TABLE member AS SELECT near_member.record_id, numbered.node
            FROM near_member JOIN numbered ON old = near_member.node;
        CREATE TABLE pair AS SELECT row_number() OVER (ORDER BY left_id, right_id) - 1 AS pair, * FROM (
            SELECT found.* EXCLUDE (pair) REPLACE (least(one.node, other.node) AS left_node,
                greatest(one.node, other.node) AS right_node, least(one.record_id, other.record_id) AS left_id,
                CASE WHEN one.node = other.node THEN one.second
                    ELSE greatest(one.record_id, other.record_id) END AS right_id)
            FROM (SELECT * FROM all_pair UNION ALL BY NAME SELECT NULL AS pair, * FROM new_pair) AS found
            JOIN numbered AS one ON one.old = left_node JOIN numbered AS other ON other.old = right_node)
            WHERE right_id IS NOT NULL ORDER BY pair;
        CREATE TABLE previously AS SELECT record_id, cluster FROM all_clusters SEMI JOIN member USING (record_id)"""
    )
    connected(connection, model)


def _layer() -> dict[str, str]:
    """What an addition leaves, table by table. A component is known by the number of one of its nodes."""
    return {
        "member": "SELECT record_id, node FROM new_member UNION ALL"
        " SELECT record_id, NULL FROM lost ANTI JOIN new_member USING (record_id)",
        "node": "SELECT * FROM new_node",
        "node_key": "SELECT * FROM new_key",
        "pair": "SELECT NULL::BIGINT AS pair, * FROM new_pair",
        "clusters": "SELECT * FROM found",
        "component": """SELECT mine.old AS node, first.old AS component FROM component
            JOIN numbered AS mine ON mine.node = component.node JOIN numbered AS first ON first.node = component""",
    }
