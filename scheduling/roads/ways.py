"""The fastest ways by road between places, with the distance along them.

A way is the yards from a place to the nearest road, along that road to a junction, from junction to junction, and the
same at the other end; or along one road where both stand on it. All of it is whole milliseconds and centimetres, so
ways that were kept and ways that are new make one matrix, the same as if it had been computed at once. Another engine,
such as OSRM where it can be installed, may stand behind ``between``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from ledger.errors import Defect
from scheduling.roads.chains import LONGEST, chains, distance_cm, time_ms
from scheduling.roads.doors import Doors, doors, joined, reversed_
from scheduling.roads.extract import Graph
from scheduling.roads.files import replaced
from scheduling.roads.snapping import Snapping

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Whole = NDArray[np.int32]

KEPT_PLACES = 8_000  # of which the ways are kept, at 8 bytes a pair; more only if they are asked for at once
_CHUNK = 256  # junctions whose ways are searched at a time
_NONE = float(LONGEST)


@dataclass(frozen=True, eq=False)
class Between:
    """The ways between places on empty roads, each (from, to)."""

    duration_s: Whole
    distance_m: Whole


class Ways:
    """The ways on one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.snapping = graph, Snapping(graph)
        self._chains = chains(graph)
        self._backwards = csr_array(self._chains.roads.T)

    def between(self, latitude: Floats, longitude: Floats, folder: Path | None = None) -> Between:
        """The ways between all of these places, in degrees. What ``folder`` keeps of them is not computed again."""
        asked = points(latitude, longitude)
        own, of = np.unique(asked, axis=0, return_inverse=True)
        path = folder / f"{self.graph.key}.ways.npz" if folder else None
        known, there = _kept(path)
        at = _position(own, known)
        if (missing := own[at < 0]).size:
            if len(known) + len(missing) > KEPT_PLACES:  # those that nobody asks for any more make room
                there, known = _taken(there, at[at >= 0]), own[at >= 0]
            known, there = np.concatenate([known, missing]), self._grown(known, missing, there)
            if path:
                path.parent.mkdir(parents=True, exist_ok=True)
                with replaced(path) as file:
                    np.savez(file, places=known, duration_s=there.duration_s, distance_m=there.distance_m)
            at = _position(own, known)
        return _taken(there, at[of])

    def beside(self, places: Ints, added: Ints) -> tuple[Between, Between]:
        """The ways from added places to all (those added last), and from the places to the added ones.

        Places are latitudes and longitudes in ten millionths of a degree, (places, 2).
        """
        old, new = (self._doors(those) for those in (places, added))
        leaving = _between(_least(self._chains.roads, new, joined(old, new)), (len(added), len(places) + len(added)))
        # From few to many against the traffic is from many to few with it, and so few searches.
        arriving = _between(_least(self._backwards, reversed_(new), reversed_(old)), (len(added), len(places)))
        own = np.arange(len(added))
        leaving.duration_s[own, len(places) + own] = leaving.distance_m[own, len(places) + own] = 0
        return leaving, Between(arriving.duration_s.T, arriving.distance_m.T)

    def _grown(self, known: Ints, added: Ints, there: Between) -> Between:
        """The ways between known and added places, of which those between the known ones are there."""
        leaving, arriving = self.beside(known, added)
        if not len(known):
            return leaving
        return Between(
            *(
                np.vstack([np.hstack([kept, into]), out])
                for kept, into, out in zip(*(vars(ways).values() for ways in (there, arriving, leaving)), strict=True)
            )
        )

    def _doors(self, places: Ints) -> Doors:
        degrees = places / 1e7
        return doors(self.graph, self._chains, self.snapping.spots(degrees[:, 0], degrees[:, 1]))


def points(latitude: Floats, longitude: Floats) -> Ints:
    """Places as they are told apart: ten millionths of a degree, a centimetre, (places, 2)."""
    return np.round(np.column_stack([latitude, longitude]) * 1e7).astype(np.int64)


def _least(roads: csr_array, leaving: Doors, arriving: Doors) -> Iterator[tuple[int, Ints]]:
    """The least costs from places to places, many rows at a time: the number of the first, and (rows, to)."""
    if not len(leaving.access) or not len(arriving.access):
        return
    from_, row = np.unique(leaving.out_junction, return_inverse=True)
    to, column = np.unique(arriving.in_junction, return_inverse=True)
    row, column = row.reshape(2, -1), column.reshape(2, -1)
    onto = np.empty((len(from_), len(arriving.access)))
    for first in range(0, len(from_), _CHUNK):
        found = dijkstra(roads, indices=from_[first : first + _CHUNK])[:, to]
        np.minimum(
            found[:, column[0]] + arriving.in_cost[0],
            found[:, column[1]] + arriving.in_cost[1],
            out=onto[first : first + _CHUNK],
        )
    for first in range(0, row.shape[1], _CHUNK):
        part = slice(first, first + _CHUNK)
        costs = np.minimum(
            onto[row[0, part]] + leaving.out_cost[0, part, None], onto[row[1, part]] + leaving.out_cost[1, part, None]
        )
        of, to_place, along = _along(leaving, arriving, part)
        np.minimum.at(costs, (of, to_place), along)
        if (costs >= LONGEST).any():
            raise Defect("A way by road is longer than can be told.", next_step="report this with the road extract.")
        yield first, costs.astype(np.int64) + leaving.access[part, None] + arriving.access


def _along(leaving: Doors, arriving: Doors, part: slice) -> tuple[Ints, Ints, Ints]:
    """Pairs of places on one chain, the second ahead of the first, and the costs along it."""
    one, other = (
        pd.DataFrame(
            {"chain": of.chain[:, rows].ravel(), "position": of.position[:, rows].ravel(),
             "place": np.tile(np.arange(of.chain[:, rows].shape[1]), 2)}
        )
        for of, rows in ((leaving, part), (arriving, slice(None)))
    )  # fmt: skip
    pairs = one[one["chain"] >= 0].merge(other, on="chain", suffixes=("", "_to"))
    costs = (pairs["position_to"] - pairs["position"]).to_numpy()
    ahead = costs >= 0
    return pairs["place"].to_numpy()[ahead], pairs["place_to"].to_numpy()[ahead], costs[ahead]


def _between(rows: Iterator[tuple[int, Ints]], shape: tuple[int, int]) -> Between:
    """Costs as seconds and metres, rounded."""
    found = Between(np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32))
    for first, costs in rows:
        found.duration_s[first : first + len(costs)] = (time_ms(costs) + 500) // 1_000
        found.distance_m[first : first + len(costs)] = (distance_cm(costs) + 50) // 100
    return found


def _position(places: Ints, known: Ints) -> Ints:
    """Where each place stands among the known ones; -1 where it does not."""
    index = pd.MultiIndex.from_arrays([known[:, 0], known[:, 1]])
    return np.asarray(index.get_indexer(pd.MultiIndex.from_arrays([places[:, 0], places[:, 1]])), dtype=np.int64)


def _taken(ways: Between, at: Ints) -> Between:
    if len(at) == len(ways.duration_s) and np.array_equal(at, np.arange(len(at))):
        return ways
    return Between(*(matrix[np.ix_(at, at)] for matrix in (ways.duration_s, ways.distance_m)))


def _kept(path: Path | None) -> tuple[Ints, Between]:
    """Places and the ways between them, as they were kept; nothing where there are none or they cannot be read."""
    if path and path.exists():
        with suppress(BadZipFile, EOFError, KeyError, ValueError), np.load(path) as stored:
            return stored["places"], Between(stored["duration_s"], stored["distance_m"])
    nothing = np.empty((0, 0), dtype=np.int32)
    return np.empty((0, 2), dtype=np.int64), Between(nothing, nothing)
