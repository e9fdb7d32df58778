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
from scheduling.roads.ways import Between, Ways, points

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
        at = _degrees(places)
        known, on_road = self._standing(at)
        if self.ways and len(on_road):
            found = self.ways.between(at[on_road, 0], at[on_road, 1], self.folder)
            if len(on_road) == len(at):
                return Travel(found.distance_m, found.duration_s, self.day_parts)
        else:
            found = _nowhere(0)
        filled = _nowhere(len(at))
        _put(filled, found, on_road, on_road)
        return self._whole(filled, at, known, on_road, 0)

    def extended(self, travel: Travel, places: Sequence[Place], added: Sequence[Place]) -> Travel:
        """The ways between places and added ones, the same as of all of them; ``travel`` has those of the places.

        Nothing is read or kept on disk: it is for places that come up during the day.
        """
        at, old = _degrees([*places, *added]), len(places)
        known, on_road = self._standing(at)
        filled = _nowhere(len(at))
        filled.duration_s[:old, :old], filled.distance_m[:old, :old] = travel.duration_s, travel.distance_m
        is_new = on_road >= old
        before, new = on_road[~is_new], on_road[is_new]
        if self.ways and len(new):
            spots = points(at[on_road, 0], at[on_road, 1])
            leaving, arriving = self.ways.beside(spots[~is_new], spots[is_new])
            _put(filled, leaving, new, on_road)
            _put(filled, arriving, before, new)
            one, other = np.nonzero((spots[is_new][:, None] == spots).all(axis=2))
            for matrix in (filled.duration_s, filled.distance_m):  # of flats in one block
                matrix[new[one], on_road[other]] = matrix[on_road[other], new[one]] = 0
        return self._whole(filled, at, known, on_road, old)

    def beside(self, places: Sequence[Place], new: Place) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The ways from a new place to others, and from them to it, each (places, 2): metres and seconds.

        As ``extended`` finds them, without the ways between the others.
        """
        at = _degrees([*places, new])
        known, on_road = self._standing(at)
        last = len(places)
        leaving, arriving = (np.full((last, 2), (NOWHERE_M, NOWHERE_S), dtype=np.int32) for _ in range(2))
        if last in known:
            others = known[known < last]
            seconds, metres = estimated(metres_between(at[last, 0], at[last, 1], at[others, 0], at[others, 1]))
            leaving[others, 0] = arriving[others, 0] = metres
            leaving[others, 1] = arriving[others, 1] = seconds
        if self.ways and last in on_road:
            others = on_road[on_road < last]
            spots = points(at[on_road, 0], at[on_road, 1])
            there, back = self.ways.beside(spots[:-1], spots[-1:])
            leaving[others] = np.stack([there.distance_m[0, :-1], there.duration_s[0, :-1]], axis=1)
            arriving[others] = np.stack([back.distance_m[:, 0], back.duration_s[:, 0]], axis=1)
            same = others[(spots[:-1] == spots[-1]).all(axis=1)]  # flats in one block
            leaving[same] = arriving[same] = 0
        return leaving, arriving

    def _standing(self, at: Floats) -> tuple[Ints, Ints]:
        """The places that have coordinates, and those of them that a road is near."""
        known = np.flatnonzero(np.isfinite(at).all(axis=1))
        if self.ways is None or not len(known):
            return known, known[:0]
        apart_m = self.ways.snapping.spots(at[known, 0], at[known, 1]).apart_m
        return known, known[apart_m <= COVERED_M]

    def _whole(self, filled: Between, at: Floats, known: Ints, on_road: Ints, first: int) -> Travel:
        """The ways with those estimated that have a place off the road and one from the ``first`` on."""
        approximated = np.setdiff1d(known, on_road)
        for place in approximated:
            others = known if place >= first else known[known >= first]
            seconds, metres = estimated(metres_between(at[place, 0], at[place, 1], at[others, 0], at[others, 1]))
            filled.duration_s[place, others] = filled.duration_s[others, place] = seconds
            filled.distance_m[place, others] = filled.distance_m[others, place] = metres
        np.fill_diagonal(filled.duration_s, 0)
        np.fill_diagonal(filled.distance_m, 0)
        return Travel(filled.distance_m, filled.duration_s, self.day_parts, frozenset(approximated.tolist()))


def _degrees(places: Sequence[Place]) -> Floats:
    return np.array([(place.latitude, place.longitude) for place in places], dtype=np.float64).reshape(-1, 2)


def _nowhere(count: int) -> Between:
    """Ways between places that nobody can get to."""
    return Between(
        np.full((count, count), NOWHERE_S, dtype=np.int32), np.full((count, count), NOWHERE_M, dtype=np.int32)
    )


def _put(into: Between, ways: Between, rows: Ints, columns: Ints) -> None:
    at = np.ix_(rows, columns)
    into.duration_s[at], into.distance_m[at] = ways.duration_s, ways.distance_m


def roads(extract: Path | None, folder: Path, parts: Path | None = None) -> Roads:
    """The roads of an extract (None: there is none) and the day parts of a file (None: the hub's own).

    ``folder`` keeps the graph and the ways. Raises ConfigurationFault or SourceUnreadable where a file is no use.
    """
    known = day_parts(parts) if parts else day_parts()
    return Roads(Ways(graph(extract, folder)) if extract else None, folder, known)
