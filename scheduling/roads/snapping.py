"""Where places meet the road: the nearest point of the nearest road that vans stop on, not only of its nodes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from scheduling.roads.extract import Graph
from scheduling.roads.sphere import EARTH_M

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_STEP_M = 100.0  # between two samples of a segment


@dataclass(frozen=True, eq=False)
class Spots:
    """For each place: the segment, how far along it (0 to 1), and how far off it the place is, metres."""

    segment: Ints
    share: Floats
    apart_m: Floats


class Snapping:
    """Finds the nearest roads of a graph, on a plane that is true to scale at its middle latitude."""

    def __init__(self, graph: Graph) -> None:
        self._segments = np.flatnonzero(graph.stops)
        self._latitude, self._longitude = (float(values.mean()) for values in (graph.latitude, graph.longitude))
        plane = self._plane(graph.latitude, graph.longitude)
        self._start, end = plane[graph.segment_from[self._segments]], plane[graph.segment_to[self._segments]]
        self._along = end - self._start
        length = np.abs(self._along)
        count = np.maximum(1, np.ceil(length / _STEP_M)).astype(np.int64)
        self._of = np.repeat(np.arange(len(count)), count)
        turn = np.arange(len(self._of)) - np.repeat(np.cumsum(count) - count, count)
        samples = self._start[self._of] + self._along[self._of] * ((turn + 0.5) / count[self._of])
        self._reach = float((length / count).max()) / 2  # no point of a segment is farther from one of its samples
        self._tree = KDTree(np.column_stack([samples.real, samples.imag]))

    def spots(self, latitude: Floats, longitude: Floats) -> Spots:
        """The nearest road to each point in degrees."""
        points = self._plane(latitude, longitude)
        plane = np.column_stack([points.real, points.imag])
        nearest, _ = self._tree.query(plane)
        # Whatever is nearer than the nearest sample has a sample of its own within reach.
        around = self._tree.query_ball_point(plane, nearest + self._reach + 1e-6)
        counts = np.array([len(near) for near in around], dtype=np.int64)
        place = np.repeat(np.arange(len(points)), counts)
        samples = np.fromiter(chain.from_iterable(around), dtype=np.int64, count=int(counts.sum()))
        segment = self._of[samples]
        along, gap = self._along[segment], points[place] - self._start[segment]
        share = np.clip((gap * along.conj()).real / np.maximum(np.abs(along) ** 2, 1e-12), 0, 1)
        apart = np.abs(gap - along * share)
        best = np.lexsort((segment, apart, place))
        best = best[np.unique(place[best], return_index=True)[1]]
        return Spots(self._segments[segment[best]], share[best], apart[best])

    def _plane(self, latitude: Floats, longitude: Floats) -> NDArray[np.complex128]:
        east = np.radians(longitude - self._longitude) * np.cos(np.radians(self._latitude))
        found: NDArray[np.complex128] = EARTH_M * (east + 1j * np.radians(latitude - self._latitude))
        return found
