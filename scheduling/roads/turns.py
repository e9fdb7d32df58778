"""Turns that are forbidden at a crossing (`type=restriction`), built into the graph.

A crossing that turns matter at becomes as many nodes as roads lead in and out of it: each road in ends at one of its
own, which leads to those of the roads out that may be taken. So shortest ways need to know nothing of turns. Read are
`no_*` and `only_*` at a single node that both ways end at; not read are those by way of another way, and those that
hold at times of the day. Without them a shortest way never turns round; near them it would, to get past them, so no
van turns round there but at the end of a road.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_VANS = {"motorcar", "motor_vehicle", "vehicle", "goods"}
NEAR_M = 2_000.0  # so near to a forbidden turn nobody turns round to get past it
CONNECTOR_CM = 1  # from a road in to a road out: more than nothing, so that it is an edge


@dataclass(frozen=True)
class Restriction:
    """From one way to another over a node: forbidden, or the only turn that is allowed."""

    is_only: bool
    from_way: int
    via_node: int
    to_way: int


def restriction(tags: Mapping[str, str], members: Sequence[tuple[str, str, int]]) -> Restriction | None:
    """What a relation forbids to a van; None where it is nothing that is read. Members are kind, role and id."""
    stated = next(
        (tags[key] for key in ("restriction:goods", "restriction:motor_vehicle", "restriction") if key in tags), ""
    )
    by_role = defaultdict(list)
    for kind, role, number in members:
        by_role[kind + role].append(number)
    one_each = all(len(by_role[role]) == 1 for role in ("wfrom", "nvia", "wto"))
    if not (one_each and stated.startswith(("no_", "only_"))) or _VANS & set(tags.get("except", "").split(";")):
        return None
    return Restriction(stated.startswith("only_"), by_role["wfrom"][0], by_role["nvia"][0], by_role["wto"][0])


@dataclass(frozen=True, eq=False)
class Turned:
    """The ends of the edges anew, and the connectors between them, (connectors, 2) nodes; how many rules hold."""

    start: Ints
    end: Ints
    connectors: Ints
    applied: int


def turned(start: Ints, end: Ints, way: Ints, twin: Ints, crossings: Ints, rules: Sequence[Restriction]) -> Turned:
    """The graph with the rules in it, in which those crossings are many nodes.

    ``via_node`` counts nodes as ``start`` and ``end`` do; ``way`` is each edge's way, ``twin`` the edge that runs the
    other way on the same piece of road (-1: none).
    """
    if not rules:
        return Turned(start, end, np.empty((0, 2), dtype=np.int64), 0)
    edge = np.arange(len(start))
    into = pd.DataFrame({"node": end, "into": edge, "from_way": way, "back": twin})
    out = pd.DataFrame({"node": start, "out": edge, "to_way": way})
    into, out = into[np.isin(end, crossings)], out[np.isin(start, crossings)]
    pairs = into.merge(out, on="node")
    stated = pd.DataFrame(
        [(rule.via_node, rule.from_way, rule.to_way, rule.is_only) for rule in rules],
        columns=["node", "from_way", "to_way", "is_only"],
    ).drop_duplicates()
    # A way that runs on through the crossing has two roads there: which one is meant is not said.
    held = stated.merge(pairs, on=["node", "from_way", "to_way"])
    held = held[~held.duplicated(["node", "from_way", "to_way", "is_only"], keep=False)]
    forbidden = pairs["out"] == pairs["back"]
    only = held[held["is_only"]]
    forbidden |= pairs["into"].isin(only["into"]) & ~_among(pairs, only)
    forbidden |= _among(pairs, held[~held["is_only"]])
    pairs = pairs[~forbidden]
    first = int(max(start.max(), end.max())) + 1
    starts, ends = start.copy(), end.copy()
    ends[into["into"]] = first + np.arange(len(into))
    starts[out["out"]] = first + len(into) + np.arange(len(out))
    connectors = np.column_stack([ends[pairs["into"]], starts[pairs["out"]]])
    return Turned(starts, ends, connectors, len(held))


def _among(pairs: pd.DataFrame, those: pd.DataFrame) -> pd.Series:
    index = pd.MultiIndex.from_frame(pairs[["into", "out"]])
    return pd.Series(index.isin(pd.MultiIndex.from_frame(those[["into", "out"]])), index=pairs.index)
