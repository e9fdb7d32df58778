"""How the people who type into each system write people: shares of records that a habit touches.

They are no faults of a row, and no truth records them: they are why one person looks like two. ``habits.csv`` states
them by mix (a whole council's way of working) and system.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType

FIRST = "first"


@dataclass(frozen=True)
class Habits:
    """Shares of the records that a habit can touch (a woman who never married has no name from before).

    ``maiden``         the surname from before a marriage
    ``middle``         the middle name in place of the forename
    ``nickname``       Bob for Robert
    ``spelling``       Mohammed for Muhammad, Steven for Stephen
    ``marks``          accents, apostrophes, hyphens and particles lost or parted
    ``misspelt``       a letter wrong in the forename or the surname
    ``swapped``        forename and surname exchanged, where the family name comes first or there is none
    ``initial``        the forename's first letter alone
    ``no_birth_date``, ``no_nino``, ``no_telephone``   not asked or not written down
    ``elsewhere``      of addresses: a home that is in no gazetteer of this town
    """

    maiden: float
    middle: float
    nickname: float
    spelling: float
    marks: float
    misspelt: float
    swapped: float
    initial: float
    no_birth_date: float
    no_nino: float
    no_telephone: float
    elsewhere: float


def habits_of(mix: str) -> Mapping[str, Habits]:
    """Each system's habits in that mix. Raises ValueError for a mix that nobody stated."""
    stated = _stated()
    if mix not in stated:
        raise ValueError(f"No mix of dirt is called {mix!r}: choose one of {', '.join(stated)}.")
    return stated[mix]


def mixes() -> tuple[str, ...]:
    """The names of the mixes."""
    return tuple(_stated())


@cache
def _stated() -> Mapping[str, Mapping[str, Habits]]:
    found: dict[str, dict[str, Habits]] = {}
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            shares = {field.name: float(row[field.name]) for field in fields(Habits)}
            found.setdefault(row["mix"], {})[row["system"]] = Habits(**shares)
    return MappingProxyType(found)
