"""Masks of addresses, postcodes and coordinates: another street in the same area.

Words that tell one street or building from another become invented ones, as long as they were and none of them a word
of the source's own addresses; numbers, kinds of street, floors and flats, localities and towns stay. The same word has
the same mask in every address, whatever system wrote it, and a slip of the pen is made in the mask too. Where a street
is named by such words alone (The Green, Mill Lane) its first is exchanged where the whole name stands.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import identity.addresses
from mirror.masks.columns import strings, texts
from mirror.masks.contacts import distinct, mapped
from mirror.masks.draws import of_numbers, of_texts
from mirror.masks.name_lists import fold
from mirror.masks.slips import between, repeated

Floats = NDArray[np.float64]
_POSTCODE = r"[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9O][A-Z]{2}"
_ANY_POSTCODE = re.compile(rf"\b({_POSTCODE})\b", re.IGNORECASE)
_PARTS = re.compile(r"^\s*([A-Z]{1,2}[0-9][A-Z0-9]?)(\s*[0-9O])([A-Z]{0,2})\s*$", re.IGNORECASE)
_UNITS = "ABDEFGHJLNPQRSTUWXYZ"
_LETTER = r"[^\W\d_ÂÃ]"  # those two are what is left of a hard blank or an accent in the wrong code page
_WORD = re.compile(rf"({_LETTER}+(?:['’`´]{_LETTER}+)*)")  # noqa: RUF001 - typed apostrophes
_NAMES_A_STREET = ("street_type", "building_type", "noise", "plain", "area")
_CONSONANTS, _VOWELS = "bdfgklmnprstvw", "aeiou"
_CELL_M, _FAR_M, _NEAR_M = 500.0, 100.0, 4.0
_OFTEN = 5
_LONGEST_NAME = 4


@dataclass(frozen=True)
class Vocabulary:
    """The folded words of a source's addresses: those that tell streets and buildings apart, those of its areas, and
    the names (as the words they are read as) of streets that no such word tells apart."""

    telling: frozenset[str]
    areas: frozenset[str]
    plain_names: frozenset[tuple[str, ...]]


@cache
def _listed() -> Mapping[str, tuple[str, str]]:
    """What a word of addresses is read as, and its kind."""
    path = Path(identity.addresses.__file__).with_name("words.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["word"]: (row["read_as"], row["kind"]) for row in csv.DictReader(file)}


def _words(text: str) -> list[str]:
    return [fold(word) for word in _WORD.findall(_ANY_POSTCODE.sub(" ", text)) if len(fold(word)) > 1]


def vocabulary(streets: Iterable[str], areas: Iterable[str], lines: Iterable[str]) -> Vocabulary:
    """The vocabulary of streets' and buildings' names, areas' names and whole addresses.

    A word that often follows an area's name in addresses (a county) is an area's too.
    """
    of_areas = {word for text in areas for word in _words(text)}
    names = [_words(text) for text in streets]
    words = {word for name in names for word in name if word not in _listed()}
    after: Counter[str] = Counter()
    for line in lines:
        found = _words(line)
        last = max((at for at, word in enumerate(found) if word in of_areas and word not in words), default=len(found))
        after.update(word for word in found[last + 1 :] if word not in words and word not in _listed())
    of_areas |= {word for word, times in after.items() if times >= _OFTEN}
    kinds = {word: kind for word, (_, kind) in _listed().items()} | dict.fromkeys(of_areas, "area")
    plain = {
        tuple(_read(word) for word in name)
        for name in names
        if len(name) > 1 and all(kinds.get(word) in _NAMES_A_STREET for word in name)
    }
    return Vocabulary(frozenset(words - of_areas), frozenset(of_areas), frozenset(plain))


def _read(word: str) -> str:
    return _listed().get(word, (word, ""))[0]


@cache
def _parts() -> tuple[list[str], ...]:
    """What places' names are put together from; the list was written for this project."""
    with Path(__file__).with_name("place_words.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row["words"].split("|") for row in csv.DictReader(file))


@cache
def _invented(length: int, count: int = 0) -> tuple[str, ...]:
    """Words of that length that sound like places: many times ``count``, or any that can be spelt."""
    composed = {word for word in map("".join, product(*_parts())) if len(word) == length}
    if len(composed) > max(300, 4 * count):
        return tuple(sorted(composed))
    rest = max(length - 5, 0)
    spelt = product(*((_CONSONANTS, _VOWELS)[place % 2] for place in range(length - rest)))
    return tuple(sorted({"".join(letters).capitalize() + "anerolitas"[:rest] for letters in spelt} | composed))


class Addresses:
    """The masks of a source's addresses under one key."""

    def __init__(self, key: bytes, known: Vocabulary) -> None:
        self._key, self._known = key, known
        theirs = known.telling | known.areas | _listed().keys()
        self._masks: dict[str, str] = {}
        for length, count in sorted(Counter(len(word) for word in known.telling).items()):
            words = _invented(length, count)
            taken = [number for number, word in enumerate(words) if word.upper() in theirs]
            drawn = distinct((word for word in known.telling if len(word) == length), key, len(words), taken)
            self._masks |= {word: words[number] for word, number in drawn.items()}

    def addresses(self, values: pa.Array) -> pa.Array:
        """Masked addresses, lines of addresses, or names of streets and buildings."""
        return mapped(values, self._address)

    def _address(self, text: str) -> str:
        parts = _ANY_POSTCODE.split(text)
        return "".join(postcode(self._key, part) if at % 2 else self._line(part) for at, part in enumerate(parts))

    def _line(self, text: str) -> str:
        pieces = _WORD.split(text)
        read = [_read(fold(word)) for word in pieces[1::2]]
        found, at = pieces.copy(), 0
        while at < len(read):
            place = 2 * at + 1
            ahead = range(min(_LONGEST_NAME, len(read) - at), 1, -1)
            length = next((n for n in ahead if tuple(read[at : at + n]) in self._known.plain_names), 0)
            if length:
                name = self._invent(" ".join(read[at : at + length]), len(fold(pieces[place])))
                found[place] = styled(pieces[place], name)
                at += length
                continue
            found[place] = self._piece(pieces[place])
            at += 1
        return "".join(found)

    def _piece(self, piece: str) -> str:
        word = fold(piece)
        if len(word) < 2 or word in _listed() or word in self._known.areas:
            return piece
        return styled(piece, self._word(word))

    @lru_cache(maxsize=100_000)  # noqa: B019 - a masker lives as long as its process
    def _word(self, word: str) -> str:
        if word in self._masks:
            return self._masks[word]
        for right in sorted(self._known.areas):
            if abs(len(right) - len(word)) < 2 and len(word) > 4 and between(right, word):
                return word  # an area misspelt is that area
        for right, mask in self._masks.items():
            if abs(len(right) - len(word)) < 2 and len(word) > 3 and (slip := between(right, word)):
                return repeated(slip, mask)
        return self._invent(word, len(word))

    def _invent(self, text: str, length: int) -> str:
        words = _invented(min(max(length, 3), 14))
        turn = int(of_texts(self._key, [text])[0] % np.uint64(len(words)))
        theirs = self._known.telling | self._known.areas | _listed().keys()
        return next(
            word for word in (*words[turn:], *words[:turn]) if word.upper() not in theirs and word.upper() != text
        )


def styled(written: str, word: str) -> str:
    """The word in the capitals of what was written."""
    if written.isupper():
        return word.upper()
    return word.lower() if written.islower() else word[:1].upper() + word[1:].lower()


def postcodes(key: bytes, values: pa.Array) -> pa.Array:
    """Masked postcodes: the district and sector stay, the unit's letters are exchanged within the district."""
    return mapped(values, lambda text: postcode(key, text))


def postcode(key: bytes, text: str) -> str:
    """The masked postcode. Letter stands for letter, so that one slip from another is one slip from its mask."""
    found = _PARTS.match(text)
    if not found or found[1].upper() == "XX99":
        return text
    letters = dict(zip(_UNITS, _exchanged(key, found[1].upper()), strict=True))
    unit = "".join(letters.get(letter.upper(), letter) for letter in found[3])
    at = found.start(3)
    return text[:at] + (unit if found[3].isupper() or not found[3] else unit.lower()) + text[found.end(3) :]


@lru_cache(maxsize=10_000)
def _exchanged(key: bytes, district: str) -> str:
    """The letters of units in another order, in which none keeps its place: one cycle through all of them."""
    draws = of_texts(key, [f"{district} {letter}" for letter in _UNITS])
    cycle = np.argsort(draws, kind="stable")
    after = dict(zip(cycle.tolist(), np.roll(cycle, 1).tolist(), strict=True))
    return "".join(_UNITS[after[place]] for place in range(len(_UNITS)))


def moved(key: bytes, easting_m: Floats, northing_m: Floats) -> tuple[Floats, Floats]:
    """Masked coordinates in metres: a street moves as one, by up to 150 m, and each home by a few metres more.

    Each corner of a grid of 500 m is moved by an amount of its own, and what lies between by what lies between.
    """
    found = []
    for axis, along in enumerate((easting_m, northing_m)):
        (x, right), (y, up) = (np.modf(metres / _CELL_M)[::-1] for metres in (easting_m, northing_m))
        near = _offset(key, x, y, axis) * (1 - right) + _offset(key, x + 1, y, axis) * right
        far = _offset(key, x, y + 1, axis) * (1 - right) + _offset(key, x + 1, y + 1, axis) * right
        own = _offset(key, np.round(easting_m * 100), np.round(northing_m * 100), axis + 2) * _NEAR_M / _FAR_M
        found.append(along + near * (1 - up) + far * up + own)
    return found[0], found[1]


def _offset(key: bytes, x: Floats, y: Floats, tweak: int) -> Floats:
    """Metres from -100 up to 100."""
    numbers = (x.astype(np.int64) << 32 | y.astype(np.int64) & 0xFFFFFFFF).view(np.uint64)
    return of_numbers(key, numbers, tweak).astype(np.float64) / 2.0**64 * 2 * _FAR_M - _FAR_M


def coordinates(key: bytes, easting_m: pa.Array, northing_m: pa.Array, axis: int) -> pa.Array:
    """The masked easting (axis 0) or northing (1), with as many decimals as it had, whole metres where it was of whole
    metres: so it is the same in a source that writes none; null where either is."""
    places = [np.array([float(text) if text else np.nan for text in texts(one)]) for one in (easting_m, northing_m)]
    known = ~np.isnan(places[0]) & ~np.isnan(places[1])
    masked = moved(key, places[0][known], places[1][known])[axis]
    found: list[str | None] = [None] * len(known)
    for row, text, metres in zip(
        np.flatnonzero(known), texts((easting_m, northing_m)[axis])[known], masked, strict=True
    ):
        decimals = text.partition(".")[2]
        found[row] = f"{metres if decimals.strip('0') else round(metres):.{len(decimals)}f}"
    return strings(found)
