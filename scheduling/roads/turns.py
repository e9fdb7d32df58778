"""Turns that are forbidden at a crossing (`type=restriction`), built into the graph.

At such a crossing the road out begins at a node of its own, and who comes in on a restricted road arrives at a copy of
the crossing that leads to the roads out that are allowed alone. So shortest ways need to know nothing of turns.
Read are `no_*` and `only_*` at a single node that both ways end at. Not read are restrictions by way of another way
and those that hold at times of the day. Turning round further on is not forbidden.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_VANS = {"motorcar", "motor_vehicle", "vehicle", "goods"}
CONNECTOR_CM = 1  # length of what joins a crossing to the roads out: more than nothing, so that it is an edge


@dataclass(frozen=True)
class Restriction:
    """From one way to another over a node: forbidden, or the only turn that is allowed."""

    is_only: bool
    from_way: int
    via_node: int
    to_way: int


@dataclass(frozen=True, eq=False)
class Turned:
    """The ends of the edges anew; connectors from node to node beside them; whose copy each new node is."""

    start: Ints
    end: Ints
    connectors: Ints  # (connectors, 2)
    copy_of: Ints  # node of each new node, which are numbered after the old ones


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


def apply(nodes: int, start: Ints, end: Ints, way: Ints, restrictions: Sequence[Restriction]) -> tuple[Turned, int]:
    """The graph with the restrictions in it, and how many of them could be applied.

    ``via_node`` counts nodes as ``start`` and ``end`` do, ``way`` is each edge's way.
    """
    via = np.unique([rule.via_node for rule in restrictions]).astype(np.int64)
    out, into = _edges_at(start, via), _edges_at(end, via)
    rules = defaultdict(list)
    applied = 0
    for rule in restrictions:
        come = [edge for edge in into[rule.via_node] if way[edge] == rule.from_way]
        go = [edge for edge in out[rule.via_node] if way[edge] == rule.to_way]
        if len(come) == len(go) == 1:  # a way that runs on through the node would be restricted on both sides
            rules[rule.via_node, come[0]].append((rule.is_only, go[0]))
            applied += 1
    start, end = start.copy(), end.copy()
    connectors, copy_of = list[tuple[int, int]](), list[int]()

    def copy(node: int) -> int:
        copy_of.append(node)
        return nodes + len(copy_of) - 1

    for node in sorted({node for node, _ in rules}):
        begins = {edge: copy(node) for edge in out[node]}
        connectors += [(node, beginning) for beginning in begins.values()]
        for edge in into[node]:
            if not (stated := rules.get((node, edge))):
                continue
            only = {go for is_only, go in stated if is_only}
            forbidden = {go for is_only, go in stated if not is_only}
            crossing = copy(node)
            connectors += [
                (crossing, begins[go]) for go in out[node] if (go in only or not only) and go not in forbidden
            ]
            end[edge] = crossing
        for edge, beginning in begins.items():
            start[edge] = beginning
    return Turned(
        start, end, np.array(connectors, dtype=np.int64).reshape(-1, 2), np.array(copy_of, dtype=np.int64)
    ), applied


def _edges_at(ends: Ints, nodes: Ints) -> defaultdict[int, list[int]]:
    """The edges that have those nodes at that end."""
    order = np.argsort(ends, kind="stable")
    first, last = np.searchsorted(ends[order], nodes), np.searchsorted(ends[order], nodes, side="right")
    found = defaultdict[int, list[int]](list)
    for node, begin, stop in zip(nodes.tolist(), first, last, strict=True):
        found[node] = order[begin:stop].tolist()
    return found
