"""How places get on the road and off it: by which junctions, at what cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduling.roads.chains import LONGEST, Chains, cost
from scheduling.roads.extract import Graph
from scheduling.roads.snapping import Spots

Ints = NDArray[np.int64]

ACCESS_KMH = 10.0  # from the road to the place: a yard, a car park, the search for a number


@dataclass(frozen=True, eq=False)
class Doors:
    """The ways out of places and in, up to two each; all but ``access`` are (2, places).

    One that a place lacks costs too much to be taken. ``position`` is how far along its chain (-1: none) a place is.
    """

    out_junction: Ints
    out_cost: Ints
    in_junction: Ints
    in_cost: Ints
    chain: Ints
    position: Ints
    access: Ints  # (places,) between the road and the place


def doors(graph: Graph, roads: Chains, spots: Spots) -> Doors:
    """The doors of places that stand there."""
    edge = np.stack([graph.ahead[spots.segment], graph.back[spots.segment]])
    there = edge >= 0
    time_ms, distance_cm = graph.time_ms[edge], graph.distance_cm[edge]
    share = np.stack([spots.share, 1 - spots.share])
    passed = cost(np.round(time_ms * share).astype(np.int64), np.round(distance_cm * share).astype(np.int64))
    tail, head = roads.tail[edge], roads.head[edge]
    # A dead end leads back past the place, so nobody leaves towards it or comes from it but along the same road.
    other = there[::-1]
    leads_back = other & (head[::-1] == tail) & (tail[::-1] == head) & (head != tail)
    leaves = there & ~(leads_back & roads.is_dead_end[head] & ~roads.is_dead_end[tail])
    comes = there & ~(leads_back & roads.is_dead_end[tail] & ~roads.is_dead_end[head])
    apart_cm = np.round(spots.apart_m * 100).astype(np.int64)
    return Doors(
        out_junction=_or_the_other(head, leaves), out_cost=np.where(leaves, roads.ahead[edge] - passed, LONGEST),
        in_junction=_or_the_other(tail, comes), in_cost=np.where(comes, roads.behind[edge] + passed, LONGEST),
        chain=np.where(there, roads.chain[edge], -1), position=roads.behind[edge] + passed,
        access=cost(np.round(apart_cm * 36 / ACCESS_KMH).astype(np.int64), apart_cm),
    )  # fmt: skip


def _or_the_other(junction: Ints, there: NDArray[np.bool_]) -> Ints:
    """The junctions, and in place of those that are not there the other one, so that nothing is searched for them."""
    return np.where(there, junction, junction[::-1])


def joined(one: Doors, other: Doors) -> Doors:
    """The doors of all places of both."""
    return Doors(*(np.concatenate([getattr(one, name), getattr(other, name)], axis=-1) for name in vars(one)))


def reversed_(of: Doors) -> Doors:
    """The same doors on roads that are all driven the other way round."""
    return Doors(of.in_junction, of.in_cost, of.out_junction, of.out_cost, of.chain, -of.position, of.access)
