"""Whether a test of rents, repairs or people means something in a mirror: its figures beside the source's."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from mirror.proof.rows import Connection
from mirror.showing import DEMO

FIGURES = Path(__file__).with_name("figures.csv")
"""A line a distribution: its name, how many percent of its rows may be in another group, its query."""
DASHBOARD = Path(__file__).with_name("dashboard.csv")
"""A line a figure of a council's dashboards: its name, how many percent off it may be, whether it goes ``by`` a
quasi-identifier, its query, whose last column is the figure of the group that stands before it.

In a query ``{day}`` is the day at which masked birth dates keep the age."""
QUASI = "quasi"


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


def compare(source: Connection, mirror: Connection, profile: str, day: date) -> Utility:
    """The figures of the mirror beside those of the source, which holds the same rows.

    Of the profile for showing, which hides what would tell of somebody, the dashboard's alone: further off than they
    may be are those that rest on no quasi-identifier, which it need not touch.
    """
    figures, faults = [], []
    for path in (DASHBOARD,) if profile == DEMO else (FIGURES, DASHBOARD):
        with path.open(encoding="utf-8", newline="") as lines:
            stated = list(csv.DictReader(lines))
        for line in stated:
            query = line["query"].replace("{day}", day.isoformat())
            if path is DASHBOARD:
                figure = _dashboard(source, mirror, line["figure"], query)
            else:
                here, there = _distribution(source, query), _distribution(mirror, query)
                figure = Figure(line["figure"], len(here), _distance(here, there))
            figures.append(figure)
            is_hidden = profile == DEMO and line["by"] == QUASI
            if figure.distance * 100 > float(line["percent"]) and not is_hidden:
                faults.append(f"{figure.name}: {figure.distance:.2%} differ from the source's")
    return Utility(tuple(figures), tuple(faults))


def _dashboard(source: Connection, mirror: Connection, name: str, query: str) -> Figure:
    """How much of the source's figure, over its groups, is in the mirror too much or too little."""
    here, there = (
        {tuple(map(str, group)): Decimal(str(last or 0)) for *group, last in connection.execute(query.encode())}
        for connection in (source, mirror)
    )
    off = [there.get(group, Decimal()) - here.get(group, Decimal()) for group in here.keys() | there.keys()]
    more, less = sum((one for one in off if one > 0), Decimal()), sum((-one for one in off if one < 0), Decimal())
    total = sum(map(abs, here.values()), Decimal())
    return Figure(name, len(here), float(max(more, less) / total) if total else float(bool(more)))


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
