"""Families in which two have one name: a record with the name alone is neither's, however well it fits.

Two nodes of one name that share a home or stand in one household's list, and that a veto keeps apart or whose own
numbers and titles disagree, are namesakes.
At their homes nothing but what is a person's own (a birth date, a number) tells which of the two a record means.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from identity.people.agglomerate import Speak
from identity.people.arrays import Bools, Ints, read, spoken
from identity.people.model import Model

OWN = 5.0
"""Bits of identifying evidence from which a pair stands beside a namesake."""

_DISAGREE = """(len(one.mobiles) > 0 AND len(other.mobiles) > 0)::INT + coalesce(one.email <> other.email, false)::INT
    + coalesce(one.title <> other.title, false)::INT
    + coalesce(one.middle_initial <> other.middle_initial, false)::INT >= 2
    AND NOT list_has_any(one.mobiles, other.mobiles) AND coalesce(one.email <> other.email, true)
    AND coalesce(one.nino <> other.nino, true) AND coalesce(one.birth_date <> other.birth_date, true)"""
"""Two things of their own disagree and none agrees: no veto alone, but no sign of one person either."""
_OF_ONE_NAME = f"""SELECT one.node - 1 AS a, other.node - 1 AS b, {_DISAGREE} AS disagree
    FROM node AS one JOIN node AS other
    ON one.{{by}} = other.{{by}} AND one.surname = other.surname AND one.initial = other.initial
    AND one.node < other.node
    WHERE coalesce(list_has_any(one.forename_roots, other.forename_roots), true)"""


def possible(model: Model, left: str, right: str) -> str:
    """SQL of a and b: each node of the table ``left`` beside those of ``right`` that it may be a namesake of.

    What ``guarded`` tells of a node depends on those and on nobody else.
    """
    by = ("home", "household_id") if model.identifying else ()
    parts = [
        f"""SELECT one.node AS a, other.node AS b FROM {left} AS one
        JOIN {right} AS other USING ({name}, surname, initial)"""
        for name in by
    ]
    return " UNION ".join(parts) or "SELECT 0 AS a, 0 AS b WHERE false"


def guarded(connection: duckdb.DuckDBPyConnection, model: Model, speak: Speak, group: Ints) -> tuple[Bools, Bools]:
    """Which pairs (by number, the last is none) do not tell namesakes apart; which nodes are a namesake's, without
    anything of their own.

    Nodes of one ``group`` are one person by a person's word.
    """
    pairs, nodes = (int(read(connection, f"SELECT count(*) FROM {name}")[0][0]) for name in ("pair", "node"))
    if not model.identifying:
        return np.zeros(pairs + 1, dtype=bool), np.zeros(nodes, dtype=bool)
    both = " UNION ".join(_OF_ONE_NAME.format(by=by) for by in ("home", "household_id"))
    left, right, disagree = read(connection, f"SELECT a, b, disagree FROM ({both}) ORDER BY a, b")
    apart = spoken(speak(left, right)) | (disagree > 0)
    apart &= group[left] != group[right]
    connection.register("namesake", pa.table({"node": np.unique(np.concatenate((left[apart], right[apart]))) + 1}))
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE beside AS SELECT node FROM node SEMI JOIN (
            SELECT home, surname, initial FROM node SEMI JOIN namesake USING (node)) USING (home, surname, initial)"""
    )
    own = " + ".join(f"w_{name}" for name in model.identifying)
    (of_pairs,) = read(
        connection,
        f"""SELECT {own} < {OWN} AND (left_node IN (FROM beside) OR right_node IN (FROM beside)) AS guarded
        FROM pair ORDER BY pair""",
    )
    unlisted = "AND listed IS NULL" if "listed" in model.evidence else ""
    (bare,) = read(
        connection,
        f"""SELECT node IN (FROM beside) AND birth_date IS NULL AND nino IS NULL AND email IS NULL
            AND len(mobiles) = 0 {unlisted} AS bare
        FROM node ORDER BY node""",
    )
    return np.append(of_pairs > 0, False), bare > 0
