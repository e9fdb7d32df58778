"""Whether a test of rents, repairs or people means something in a mirror: its figures beside the source's."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mirror.proof.rows import Connection

FIGURES = Path(__file__).with_name("figures.csv")
"""A line a distribution: its name, how many percent of its rows may be in another group, its query."""


@dataclass(frozen=True)
class Figure:
    """A distribution's distance from the source's: 0 is the same, 1 has nothing in common."""

    name: str
    groups: int
    distance: float


@dataclass(frozen=True)
class Utility:
    """All figures, and by name those that are further off than they may be."""

    figures: tuple[Figure, ...]
    faults: tuple[str, ...]


def compare(source: Connection, mirror: Connection) -> Utility:
    """The figures of the mirror beside those of the source, which holds the same rows."""
    figures, faults = [], []
    with FIGURES.open(encoding="utf-8", newline="") as lines:
        stated = list(csv.DictReader(lines))
    for line in stated:
        here, there = _distribution(source, line["query"]), _distribution(mirror, line["query"])
        figure = Figure(line["figure"], len(here), _distance(here, there))
        figures.append(figure)
        if figure.distance * 100 > float(line["percent"]):
            faults.append(f"{figure.name}: {figure.distance:.2%} differ from the source's")
    return Utility(tuple(figures), tuple(faults))


def _distribution(connection: Connection, query: str) -> Counter[tuple[str, ...]]:
    """Group and sums -> how many rows. The last column of a query is what is counted, but for money and its like."""
    told: Counter[tuple[str, ...]] = Counter()
    for *group, last in connection.execute(query.encode()):
        if isinstance(last, int):
            told[tuple(map(str, group))] += last
        else:
            told[tuple(map(str, (*group, last)))] += 1
    return told


def _distance(here: Counter[tuple[str, ...]], there: Counter[tuple[str, ...]]) -> float:
    total = max(here.total(), there.total(), 1)
    return sum(((here - there) | (there - here)).values()) / (2 * total)
