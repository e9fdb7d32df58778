"""The ways of a problem: by road where an extract covers its places, estimated where none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scheduling.problem import DayPart, Place, Travel
from scheduling.roads.estimate import estimated
from scheduling.roads.extract import graph
from scheduling.roads.sphere import metres_between
from scheduling.roads.traffic import day_parts
from scheduling.roads.ways import Ways

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COVERED_M = 500.0  # a place farther from every road than that is not covered by the extract
NOWHERE_S, NOWHERE_M = 86_400, 1_000_000  # to a place without coordinates: no van gets there within a day


@dataclass(frozen=True, eq=False)
class Roads:
    """What ways are found with. Without an extract all of them are estimates."""

    ways: Ways | None = None
    folder: Path | None = None  # keeps ways from call to call
    day_parts: tuple[DayPart, ...] = field(default_factory=day_parts)

    def travel(self, places: Sequence[Place]) -> Travel:
        """The ways between places; ``approximated`` names those that no road of the extract is near.

        Places without coordinates are a day's drive from everywhere: their jobs are faults of the problem.
        """
        at = np.array([(place.latitude, place.longitude) for place in places], dtype=np.float64).reshape(-1, 2)
        known = np.flatnonzero(np.isfinite(at).all(axis=1))
        on_road = self._covered(at, known)
        if self.ways and len(on_road) == len(at):
            found = self.ways.between(at[:, 0], at[:, 1], self.folder)
            return Travel(found.distance_m, found.duration_s, self.day_parts)
        duration_s = np.full((len(at), len(at)), NOWHERE_S, dtype=np.int32)
        distance_m = np.full((len(at), len(at)), NOWHERE_M, dtype=np.int32)
        if self.ways and len(on_road):
            found = self.ways.between(at[on_road, 0], at[on_road, 1], self.folder)
            between = np.ix_(on_road, on_road)
            duration_s[between], distance_m[between] = found.duration_s, found.distance_m
        approximated = np.setdiff1d(known, on_road)
        for place in approximated:
            seconds, metres = estimated(metres_between(at[place, 0], at[place, 1], at[known, 0], at[known, 1]))
            duration_s[place, known] = duration_s[known, place] = seconds
            distance_m[place, known] = distance_m[known, place] = metres
        np.fill_diagonal(duration_s, 0)
        np.fill_diagonal(distance_m, 0)
        return Travel(distance_m, duration_s, self.day_parts, frozenset(approximated.tolist()))

    def _covered(self, at: Floats, known: Ints) -> Ints:
        """Those of the known places that a road is near."""
        if self.ways is None or not len(known):
            return known[:0]
        apart_m = self.ways.snapping.spots(at[known, 0], at[known, 1]).apart_m
        return known[apart_m <= COVERED_M]


def roads(extract: Path | None, folder: Path, parts: Path | None = None) -> Roads:
    """The roads of an extract (None: there is none) and the day parts of a file (None: the hub's own).

    ``folder`` keeps the graph and the ways. Raises ConfigurationFault or SourceUnreadable where a file is no use.
    """
    known = day_parts(parts) if parts else day_parts()
    return Roads(Ways(graph(extract, folder)) if extract else None, folder, known)
