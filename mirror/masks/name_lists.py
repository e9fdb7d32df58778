"""The names that masks are taken from: the made-up council's lists, by culture, gender and age, common ones first.

They were written for this project and are nobody's data (``estate/names``).
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, product

from estate.names import forename_lists, surname_lists

FORENAME, SURNAME = "forename", "surname"
BRITISH, RARE = "english", "(rare)"
_COMMON = 6
"""How flat the weights of a list's first names are."""
_FOLDED = str.maketrans("ŁØĐÞłøđþ", "LODTLODT", "ÂÃ")  # the last two are what the wrong code page leaves


@dataclass(frozen=True)
class Pool:
    """Names to choose among, with the sums of their weights."""

    names: tuple[str, ...]
    sums: tuple[float, ...]


@lru_cache(1 << 16)
def fold(word: str) -> str:
    """The word as it is compared: capitals without accents, apostrophes, hyphens and blanks."""
    plain = unicodedata.normalize("NFKD", word.translate(_FOLDED))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha()).upper()


def listed(kind: str, word: str) -> tuple[tuple[str, str, int], ...]:
    """(culture, gender, era) of the lists that have the folded word; a surname's gender is ""."""
    return _index()[kind].get(word, ())


def kind_of(kind: str, word: str) -> str:
    """The kind of a folded word that stands as ``kind``: the other where only the other's lists have it."""
    other = FORENAME if kind == SURNAME else SURNAME
    return other if listed(other, word) and not listed(kind, word) else kind


def of_one_sex(word: str) -> str:
    """The ending of a folded surname that only men (KI) or only women (KA) have; "" for any other."""
    return word[-2:] if word.endswith(("SKI", "SKA", "CKI", "CKA")) else ""


@cache
def pool(kind: str, culture: str, gender: str, era: int, initial: str = "") -> Pool:
    """The names of one list (era 0 or one that it lacks: of all ages), those with the initial where one is named."""
    if kind == SURNAME:
        weighed = _weighed(tuple(_composed()) if culture == RARE else tuple(surname_lists()[culture]), culture == RARE)
    else:
        eras = {of: names for (of_culture, of_gender, of), names in forename_lists().items()
                if (of_culture, of_gender) == (culture, gender)}  # fmt: skip
        chosen = [eras[era]] if era in eras else list(eras.values())
        weighed = [pair for names in chosen for pair in _weighed(tuple(names), False)]
    fitting = [(name, weight) for name, weight in weighed if not initial or fold(name)[:1] == initial]
    return Pool(tuple(name for name, _ in fitting), tuple(accumulate(weight for _, weight in fitting)))


@cache
def everything(kind: str, gender: str, initial: str) -> tuple[str, ...]:
    """The names of all cultures with that gender and initial."""
    if kind == SURNAME:
        names = {*_composed(), *(name for culture in _cultures() for name in surname_lists()[culture])}
    else:
        names = {name for (_, of, _), some in forename_lists().items() if of == gender for name in some}
    return tuple(sorted(name for name in names if name.isalpha() and (not initial or fold(name)[:1] == initial)))


def _weighed(names: tuple[str, ...], alike: bool) -> list[tuple[str, float]]:
    return [(name, 1.0 if alike else 1 / (rank + _COMMON)) for rank, name in enumerate(names) if name.isalpha()]


@cache
def _composed() -> list[str]:
    stems, endings = surname_lists()["(stem)"], surname_lists()["(ending)"]
    return [stem + ending for stem, ending in product(stems, endings)]


def _cultures() -> list[str]:
    return [culture for culture in surname_lists() if not culture.startswith("(")]


@cache
def _index() -> dict[str, dict[str, tuple[tuple[str, str, int], ...]]]:
    found: dict[str, dict[str, list[tuple[str, str, int]]]] = {FORENAME: defaultdict(list), SURNAME: defaultdict(list)}
    for (culture, gender, era), names in forename_lists().items():
        for name in names:
            found[FORENAME][fold(name)].append((culture, gender, era))
    for culture in _cultures():
        for name in surname_lists()[culture]:
            found[SURNAME][fold(name)].append((culture, "", 0))
    for name in _composed():
        found[SURNAME].setdefault(fold(name), [(RARE, "", 0)])
    return {kind: {word: tuple(lists) for word, lists in words.items()} for kind, words in found.items()}
