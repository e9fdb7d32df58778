"""Families in which two have one name: a record with the name alone is neither's, however well it fits.

Two nodes of one name that share a home or stand in one household's list, and that a veto keeps apart, are namesakes.
At their homes nothing but what is a person's own (a birth date, a number) tells which of the two a record means.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from identity.people.agglomerate import Bools, Speak
from identity.people.model import Model

OWN = 5.0
"""Bits of identifying evidence from which a pair stands beside a namesake."""

_OF_ONE_NAME = """SELECT DISTINCT one.node - 1 AS a, other.node - 1 AS b FROM node AS one JOIN node AS other
    ON one.{by} = other.{by} AND one.surname = other.surname AND one.initial = other.initial AND one.node < other.node
    WHERE list_has_any(one.forename_roots, other.forename_roots)"""


def guarded(connection: duckdb.DuckDBPyConnection, model: Model, speak: Speak) -> tuple[Bools, Bools]:
    """Which pairs (by number) do not tell namesakes apart, and which nodes are a namesake's without anything own."""
    pairs, nodes = (connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in ("pair", "node"))
    if not model.identifying:
        return np.zeros(pairs, dtype=bool), np.zeros(nodes, dtype=bool)
    both = " UNION ".join(_OF_ONE_NAME.format(by=by) for by in ("home", "household_id"))
    found = connection.execute(f"SELECT a, b FROM ({both}) ORDER BY a, b").fetchnumpy()
    left, right = found["a"].astype("int64"), found["b"].astype("int64")
    apart = speak(left, right) != None  # noqa: E711 - an array
    connection.register("namesake", pa.table({"node": np.unique(np.concatenate((left[apart], right[apart]))) + 1}))
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE beside AS SELECT node FROM node SEMI JOIN (
            SELECT home, surname, initial FROM node SEMI JOIN namesake USING (node)) USING (home, surname, initial)"""
    )
    own = " + ".join(f"w_{name}" for name in model.identifying)
    of_pairs = connection.execute(
        f"""SELECT {own} < {OWN} AND (left_node IN (FROM beside) OR right_node IN (FROM beside)) AS guarded
        FROM pair ORDER BY pair"""
    ).fetchnumpy()["guarded"]
    bare = connection.execute(
        """SELECT node IN (FROM beside) AND birth_date IS NULL AND nino IS NULL AND email IS NULL AND len(mobiles) = 0 AS bare
        FROM node ORDER BY node"""
    ).fetchnumpy()["bare"]
    return np.asarray(of_pairs).astype(bool), np.asarray(bare).astype(bool)
