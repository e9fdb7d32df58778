"""Invented people's and streets' names: sampled by culture, gender, birth year and commonness.

Every name can be written in Latin-1, so cp1252 and cp1146 can carry it. Within a list the first name is
the most common (weights fall with the rank); a tail of composed surnames keeps rare names rare.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Strings = NDArray[np.object_]

SHARES = {
    "english": 0.545, "celtic": 0.09, "caribbean": 0.05, "pakistani": 0.05, "bangladeshi": 0.045,
    "punjabi": 0.025, "gujarati": 0.02, "westafrican": 0.05, "somali": 0.025, "polish": 0.03,
    "romanian": 0.015, "portuguese": 0.015, "turkish": 0.012, "arabic": 0.013, "chinese": 0.008,
    "vietnamese": 0.007,
}  # fmt: skip
"""Share of each culture among households. They sum to 1."""
CULTURES = tuple(SHARES)


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def street_words(part: str) -> tuple[str, ...]:
    """The words for one part of a place name: first, type, prefix, block, building, locality, estate."""
    return tuple(next(row["words"] for row in _rows("streets.csv") if row["part"] == part).split("|"))


@cache
def forename_lists() -> dict[tuple[str, str, int], Strings]:
    """Forenames by culture, gender and era (0: of any), the most common first."""
    return {
        (row["culture"], row["gender"], int(row["era"])): np.array(row["names"].split(), dtype=object)
        for row in _rows("forenames.csv")
    }


@cache
def surname_lists() -> dict[str, Strings]:
    """Surnames by culture, the most common first; "(stem)" and "(ending)" make rare ones."""
    return {row["culture"]: np.array(row["names"].split("|"), dtype=object) for row in _rows("surnames.csv")}


@cache
def variants(kind: str) -> dict[str, tuple[str, ...]]:
    """By name, what else it is called (``nickname``) or how else it is written (``spelling``)."""
    return {row["name"]: tuple(row["variants"].split("|")) for row in _rows("variants.csv") if row["kind"] == kind}


def _pick(rng: np.random.Generator, names: Strings, count: int) -> Strings:
    weights = 1 / (np.arange(len(names)) + 6)
    return names[rng.choice(len(names), count, p=weights / weights.sum())]


def forenames(
    rng: np.random.Generator, culture: NDArray[np.int64], female: NDArray[np.bool_], born: NDArray[np.int64]
) -> Strings:
    """One forename a person. ``culture`` indexes CULTURES, ``born`` is the year of birth."""
    era = np.select([born < 1948, born < 1981], [1, 2], 3)
    found: Strings = np.empty(len(culture), dtype=object)
    for (name, gender, of_era), names in forename_lists().items():
        here = (culture == CULTURES.index(name)) & (female == (gender == "F"))
        if of_era:
            here &= era == of_era
        found[here] = _pick(rng, names, int(here.sum()))
    return found


def surnames(rng: np.random.Generator, culture: NDArray[np.int64]) -> Strings:
    """One surname a household: listed ones by commonness, composed rare ones, double-barrelled ones."""
    found: Strings = np.empty(len(culture), dtype=object)
    for number, name in enumerate(CULTURES):
        here = culture == number
        found[here] = _pick(rng, surname_lists()[name], int(here.sum()))
    british = culture < 2
    rare = british & (rng.random(len(culture)) < 0.35)
    count = int(rare.sum())
    stems, endings = surname_lists()["(stem)"], surname_lists()["(ending)"]
    found[rare] = stems[rng.integers(len(stems), size=count)] + endings[rng.integers(len(endings), size=count)]
    double = british & (rng.random(len(culture)) < 0.02)
    second = _pick(rng, surname_lists()["english"][:200], int(double.sum()))
    found[double] = found[double] + "-" + second
    return found
