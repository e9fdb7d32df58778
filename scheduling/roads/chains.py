"""The graph without the nodes that only bend a road: chains of edges become one, to the millisecond and centimetre.

Time and distance stand in one number, time first, so that the least number is the fastest way and, of ways equally
fast, the shortest; sums are exact in 64-bit integers and, below 2**53, in the floats that csgraph computes with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from scheduling.roads.bends import following
from scheduling.roads.extract import Graph

Ints = NDArray[np.int64]

_BITS = 27  # of a distance: up to 1,342 km in centimetres, which leaves 18 hours in milliseconds
LONGEST = 2**53


def cost(time_ms: Ints, distance_cm: Ints) -> Ints:
    """Time and distance as one number."""
    return (time_ms << _BITS) + distance_cm


def time_ms(costs: Ints) -> Ints:
    """The time in it."""
    return costs >> _BITS


def distance_cm(costs: Ints) -> Ints:
    """The distance in it."""
    return costs & ((1 << _BITS) - 1)


@dataclass(frozen=True, eq=False)
class Chains:
    """Junctions, numbered from 0, and the least cost from each to those that the road next leads to.

    Of each edge of the graph: the chain it is in, its cost, the junction that the chain comes from with the cost from
    there to the edge, and the junction that it leads to with the cost from the edge's beginning to there.
    """

    roads: csr_array  # (junctions, junctions) costs as floats
    chain: Ints  # (edges,)
    cost: Ints
    tail: Ints
    behind: Ints
    head: Ints
    ahead: Ints
    is_dead_end: NDArray[np.bool_]  # (junctions,) one road in, and the same out


def chains(graph: Graph) -> Chains:
    """The chains of a graph."""
    start, end, costs = graph.start, graph.end, cost(graph.time_ms, graph.distance_cm)
    onward = following(start, end, graph.twin)
    if (onward >= 0).all():
        onward[start[onward] == start[0]] = -1  # a ring without any junction has one
    ahead, last = _summed(costs, onward)
    preceding = np.full(len(start), -1, dtype=np.int64)
    goes_on = np.flatnonzero(onward >= 0)
    preceding[onward[goes_on]] = goes_on
    behind, first = _summed(costs, preceding)
    junctions = np.unique(start[preceding < 0])
    head, tail = (np.searchsorted(junctions, nodes) for nodes in (end[last], start[first]))
    whole = np.flatnonzero((preceding < 0) & (tail != head))
    order = whole[np.lexsort((ahead[whole], head[whole], tail[whole]))]
    _, best = np.unique(tail[order] * len(junctions) + head[order], return_index=True)  # of parallel roads
    order = order[best]
    count = len(junctions)
    roads = csr_array((ahead[order].astype(np.float64), (tail[order], head[order])), shape=(count, count))
    begins = np.flatnonzero(preceding < 0)
    back = np.full(count, -1, dtype=np.int64)
    back[head[begins]] = tail[begins]
    once = (np.bincount(tail[begins], minlength=count) == 1) & (np.bincount(head[begins], minlength=count) == 1)
    away = np.full(count, -1, dtype=np.int64)
    away[tail[begins]] = head[begins]
    return Chains(roads, first, costs, tail, behind - costs, head, ahead, once & (back == away))


def _summed(costs: Ints, onward: Ints) -> tuple[Ints, Ints]:
    """The cost of each edge and all that follow it, and the last of them. Looks twice as far ahead in every round."""
    total, at = costs.copy(), np.arange(len(costs))
    jump = onward.copy()
    while (moving := np.flatnonzero(jump >= 0)).size:
        to = jump[moving]
        total[moving] += total[to]
        at[moving] = at[to]
        jump[moving] = jump[to]
    return total, at
