"""Clusters of records: what the pairs, the vetoes, human decisions and the joins of earlier runs come to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa

from identity.people.agglomerate import (
    CAPPED,
    FORCED,
    HUMAN,
    Agglomerated,
    Edges,
    Members,
    Speak,
    agglomerate,
    components,
    spanning,
    told_apart,
)
from identity.people.arrays import Bools, Ints, read, spoken
from identity.people.model import Model
from identity.people.namesakes import guarded
from identity.people.vetoes import reasons

DECISIONS = pa.schema([("left_id", pa.string()), ("right_id", pa.string()), ("kind", pa.string())])
"""What people decided and what stands: ``kind`` is same or not_same."""
CLUSTERS = pa.schema([("record_id", pa.string()), ("cluster", pa.string())])
"""``cluster`` is the least record id of the cluster."""
RIVALLED, BETWEEN, HELD = "rivalled", "between", "held"
UNTOLD = "too little is known of the person to tell"
_MILLION = 1_000_000


@dataclass(frozen=True, eq=False)
class Clustered:
    """What the clustering gives, each sorted by its first columns.

    clusters  record_id, cluster (its least record id)
    edges     left_id, right_id, weight: the pairs that hold each cluster together; a person's have no weight
    doubtful  left_id, right_id, weight, kind, worth, left_cluster, right_cluster: what a person should decide.
              ``kind``: between the thresholds; rivalled by another join that excludes it; held, which is rivalled
              but stays as it stood before. ``worth``: how many records the answer moves, less the surer it is
    vetoed    left_id, right_id, weight, reason: pairs strong enough to ask about whose clusters stay apart
    capped    record_id, records: clusters, and records left out of them, that are too many for one person
    """

    clusters: pa.Table
    edges: pa.Table
    doubtful: pa.Table
    vetoed: pa.Table
    capped: pa.Table


def cluster(connection: duckdb.DuckDBPyConnection, model: Model, decisions: pa.Table, previous: pa.Table) -> Clustered:
    """The clusters of the tables node, member and pair; ``previous`` are the clusters that stood before.

    What was joined before stays joined down to the threshold ``split``; anything new needs ``join``.
    """
    connection.register("decision", decisions)
    connection.register("previous", previous)
    (sizes,) = read(connection, "SELECT copies FROM node ORDER BY node")
    speak = partial(reasons, connection, model)
    same, apart = _decided(connection, "same"), _decided(connection, "not_same")
    edges = _edges(connection, model, same)
    group = components(*_consistent(same, apart, len(sizes)), len(sizes))
    (before,) = read(
        connection,
        """SELECT coalesce(was, -1) AS was FROM node LEFT JOIN (
            SELECT node, CASE WHEN min(cluster) = max(cluster) THEN min(number) END AS was FROM member
            JOIN (
                SELECT record_id, cluster, dense_rank() OVER (ORDER BY cluster) AS number
                FROM previous) USING (record_id)
            GROUP BY node) USING (node) ORDER BY node""",
    )
    unclear, bare = guarded(connection, model, speak, group)
    edges = replace(edges, ready=edges.ready & ~(unclear[edges.pair] & (edges.weight < FORCED)))
    grow = partial(agglomerate, group=group, sizes=sizes, speak=speak, apart=apart, limit=model.cluster_limit)
    grown = grow(edges, np.arange(len(sizes)), margin=_bits(model.thresholds.margin))
    asked = grown.open.take(grown.open.asked)
    held = (before[edges.left] == before[edges.right]) & (before[edges.left] >= 0)
    stood = grow(replace(edges, ready=held), grown.root, margin=None)
    torn = np.unique(np.concatenate((asked.left, asked.right, np.flatnonzero(bare))))
    telling = _telling(connection, model) & ~unclear
    asked = asked.take(telling[asked.pair] & (stood.root[asked.left] == stood.root[asked.right]))
    ended = _questioned(_both(grown, stood), group, apart, speak, telling)
    return _told(connection, model, edges, ended, before, torn, asked.pair)


def _both(grown: Agglomerated, stood: Agglomerated) -> Agglomerated:
    """What stands at the end, with the questions and vetoes of both: of what grew, and of what was held."""
    asked = np.isin(stood.open.pair, grown.open.pair[grown.open.asked])
    return Agglomerated(
        stood.root, replace(stood.open, asked=asked),
        np.concatenate((grown.vetoed, stood.vetoed)), np.concatenate((grown.reasons, stood.reasons)),
    )  # fmt: skip


def _bits(weight: float) -> int:
    return round(weight * _MILLION)


def _decided(connection: duckdb.DuckDBPyConnection, kind: str) -> tuple[Ints, Ints]:
    """The nodes that a person joined, or told apart. Nodes are counted from 0 here, from 1 in the tables."""
    left, right = read(
        connection,
        """SELECT DISTINCT least(one.node, other.node) - 1 AS a, greatest(one.node, other.node) - 1 AS b FROM decision
        JOIN member AS one ON one.record_id = left_id JOIN member AS other ON other.record_id = right_id
        WHERE kind = ? AND one.node <> other.node ORDER BY a, b""",
        [kind],
    )
    return left, right


def _edges(connection: duckdb.DuckDBPyConnection, model: Model, same: tuple[Ints, Ints]) -> Edges:
    """The pairs from the threshold ``split`` on, and those that a person joined (their ``pair`` is -1)."""
    weighed = read(
        connection,
        f"""SELECT left_node - 1 AS a, right_node - 1 AS b, round(weight * {_MILLION})::BIGINT, pair FROM pair
        WHERE weight >= {model.thresholds.split} AND left_node <> right_node ORDER BY pair""",
    )
    forced = (*same, np.full(len(same[0]), FORCED), np.full(len(same[0]), -1))
    left, right, weight, pair = (np.concatenate(both) for both in zip(weighed, forced, strict=True))
    ready = weight >= _bits(model.thresholds.join)
    return Edges(left, right, weight, pair, ready, np.zeros(len(ready), dtype=bool))


def _telling(connection: duckdb.DuckDBPyConnection, model: Model) -> Bools:
    """Whether the evidence of a pair, without that of the household, is enough for a person to judge by.

    The last, which stands for no pair, tells nothing.
    """
    own = " + ".join(f"w_{name}" for name in model.fields if name not in model.household)
    (telling,) = read(connection, f"SELECT {own} >= {model.thresholds.ask} FROM pair ORDER BY pair")
    return np.append(telling > 0, False)


def _consistent(same: tuple[Ints, Ints], apart: tuple[Ints, Ints], count: int) -> tuple[Ints, Ints]:
    """The joins of a person that no word of theirs to the contrary touches: those of a contradictory group are out."""
    group = components(*same, count)
    torn = group[apart[0]][group[apart[0]] == group[apart[1]]]
    kept = ~np.isin(group[same[0]], torn)
    return same[0][kept], same[1][kept]


def _questioned(
    grown: Agglomerated, group: Ints, apart: tuple[Ints, Ints], speak: Speak, telling: Bools
) -> Agglomerated:
    """The same without the open edges that are no question: vetoes forbid them, or nobody could tell.

    Edges too weak to join were never asked for vetoes. ``telling``: pairs with enough evidence of the person's own.
    """
    left, right = grown.open.left, grown.open.right
    against = Members(grown.root, group).speak(left, right, speak)
    against[spoken(told_apart(left, right, grown.root, apart))] = HUMAN
    against[~spoken(against) & ~telling[grown.open.pair]] = UNTOLD
    closed = spoken(against)
    return Agglomerated(
        grown.root, grown.open.take(~closed),
        np.concatenate((grown.vetoed, grown.open.pair[closed])), np.concatenate((grown.reasons, against[closed])),
    )  # fmt: skip


def _told(
    connection: duckdb.DuckDBPyConnection, model: Model, edges: Edges, grown: Agglomerated, before: Ints, torn: Ints,
    held: Ints,
) -> Clustered:  # fmt: skip
    """The tables of what has grown, with record ids for nodes.

    ``torn`` are clusters that fit several others, ``held`` pairs that would be rivalled had they not stood before.
    """
    root = grown.root
    count = len(root)
    found = pa.table(
        {
            "node": np.arange(1, count + 1), "root": root + 1, "alone": np.bincount(root, minlength=count)[root] == 1,
            "torn": np.isin(root, torn), "was": before >= 0,
        }
    )  # fmt: skip
    connection.register("grown", found)
    # the records of one node are alike; they are one person where that is enough, or where all of them join others
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE clustered AS
        SELECT *, joins AND rank <= {model.cluster_limit} OR rank = 1 AS joined,
            CASE WHEN joins AND rank <= {model.cluster_limit} OR rank = 1 THEN least_id ELSE record_id END AS cluster
        FROM (
            SELECT member.record_id, member.node, node.record_id AS alike_id, first.record_id AS least_id,
                pair.weight AS alike,
                row_number() OVER (PARTITION BY member.node ORDER BY member.record_id) AS rank,
                NOT alone OR node.copies = 1 OR ((was OR NOT torn) AND coalesce(pair.weight >= CASE WHEN was
                    THEN {model.thresholds.split} ELSE {model.thresholds.join} END, false)) AS joins
            FROM member JOIN grown ON grown.node = member.node JOIN node ON node.node = member.node
            JOIN node AS first ON first.node = root
            LEFT JOIN pair ON left_node = member.node AND right_node = member.node)"""
    )
    within = edges.take((root[edges.left] == root[edges.right]) & (edges.weight < FORCED))
    connection.register("tree", pa.table({"pair": spanning(within, count)}))
    return Clustered(
        _table(connection, "SELECT record_id, cluster FROM clustered ORDER BY record_id"),
        _table(
            connection,
            """SELECT left_id, right_id, weight FROM pair SEMI JOIN tree USING (pair)
            UNION ALL SELECT alike_id, record_id, alike FROM clustered WHERE joined AND rank > 1
            UNION ALL SELECT left_id, right_id, NULL FROM decision JOIN clustered AS one ON one.record_id = left_id
                JOIN clustered AS other ON other.record_id = right_id AND other.cluster = one.cluster
            WHERE kind = 'same'
            ORDER BY left_id, right_id""",
        ),
        _doubtful(connection, grown, held, _bits(model.thresholds.join)),
        _vetoed(connection, grown),
        _capped(connection, model, grown),
    )


def _doubtful(connection: duckdb.DuckDBPyConnection, grown: Agglomerated, held: Ints, join: int) -> pa.Table:
    """Of the open edges the strongest of the smaller end, as its answer decides the others; and what is held."""
    first = np.full(len(grown.root), len(grown.open.left))
    places = np.arange(len(grown.open.left))
    np.minimum.at(first, grown.open.left, places)
    np.minimum.at(first, grown.open.right, places)
    # of a rivalled record the question is whose it is, not which of several such records somebody has
    small = np.where(
        _sizes(grown, grown.open.left) <= _sizes(grown, grown.open.right), grown.open.left, grown.open.right
    )
    chosen = grown.open.take(first[small] == places)
    strong = chosen.asked | (chosen.weight >= join)  # strong enough, but for a rival or a namesake
    kinds = [*np.where(strong, RIVALLED, BETWEEN), *[HELD] * len(held)]
    connection.register(
        "open_pair", pa.table({"pair": np.concatenate((chosen.pair, held)), "kind": pa.array(kinds, pa.string())})
    )
    return _table(
        connection,
        f"""WITH sized AS (SELECT record_id, cluster, count(*) OVER (PARTITION BY cluster) AS records FROM clustered)
        SELECT left_id, right_id, weight, kind,
            round(least(one.records, other.records) * CASE WHEN kind <> '{BETWEEN}' THEN 1
                ELSE 4 * pow(2, weight) / pow(1 + pow(2, weight), 2) END, 6) AS worth,
            one.cluster AS left_cluster, other.cluster AS right_cluster
        FROM open_pair JOIN pair USING (pair)
        JOIN sized AS one ON one.record_id = left_id JOIN sized AS other ON other.record_id = right_id
        ORDER BY left_id, right_id""",
    )


def _sizes(grown: Agglomerated, clusters: Ints) -> Ints:
    sizes: Ints = np.bincount(grown.root, minlength=len(grown.root))[clusters]
    return sizes


def _vetoed(connection: duckdb.DuckDBPyConnection, grown: Agglomerated) -> pa.Table:
    pairs = pa.table({"pair": grown.vetoed, "reason": pa.array(grown.reasons, pa.string())})
    connection.register("forbidden", pairs)
    return _table(
        connection,
        f"""SELECT left_id, right_id, any_value(weight) AS weight, min(reason) AS reason
        FROM forbidden JOIN pair USING (pair) GROUP BY left_id, right_id
        UNION ALL SELECT alike_id, record_id, alike, '{CAPPED}' FROM clustered WHERE joins AND NOT joined
        ORDER BY left_id, right_id""",
    )


def _capped(connection: duckdb.DuckDBPyConnection, model: Model, grown: Agglomerated) -> pa.Table:
    ends = np.isin(np.arange(len(grown.root)), _roots_of(connection, grown, CAPPED))
    connection.register("full_root", pa.table({"node": np.flatnonzero(ends) + 1}))
    return _table(
        connection,
        f"""SELECT cluster AS record_id, count(*) AS records FROM clustered
        WHERE node IN (SELECT grown.node FROM grown JOIN full_root ON full_root.node = grown.root)
            OR node IN (SELECT node FROM clustered WHERE rank > {model.cluster_limit})
        GROUP BY cluster ORDER BY cluster""",
    )


def _roots_of(connection: duckdb.DuckDBPyConnection, grown: Agglomerated, reason: str) -> Ints:
    """The clusters that the pairs kept apart for that reason are in now."""
    connection.register("for_reason", pa.table({"pair": grown.vetoed[grown.reasons == reason]}))
    ends = read(
        connection, "SELECT left_node - 1 AS a, right_node - 1 AS b FROM pair SEMI JOIN for_reason USING (pair)"
    )
    roots: Ints = grown.root[np.concatenate(ends)]
    return roots


def _table(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    return connection.execute(sql).to_arrow_table()
