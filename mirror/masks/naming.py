"""Which name stands for which: of a family each word of its names has one mask, and each initial too.

A family (the anchor) are those who were ever in one household. Its members keep one surname where they had one,
namesakes stay namesakes, and no two names become one. All names with one initial get names with one initial, no two
initials the same: J SMITH can be as many, and as few, of a household as before.
"""

from __future__ import annotations

import hmac
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from string import ascii_uppercase

from mirror.masks.name_lists import BRITISH, RARE, SURNAME, Pool, everything, fold, listed, of_one_sex, pool

_TURNS = 12
_ERAS = ((1948, 1), (1981, 2))


@dataclass(frozen=True)
class Word:
    """A word of a family's names, folded: its kind, its bearer's sex (F, M or "") and year of birth (0: unknown)."""

    anchor: str
    word: str
    kind: str
    sex: str = ""
    born: int = 0


@dataclass(frozen=True)
class Family:
    """The masks of a family's words (folded word -> name as it is written) and of their initials; the words' kinds."""

    anchor: str
    words: Mapping[str, str] = field(default_factory=dict)
    initials: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)

    def initial(self, key: bytes, letter: str) -> str:
        """The initial that stands for a letter: that of the names, for any other letter one that is free."""
        if letter in self.initials:
            return self.initials[letter]
        order = sorted(ascii_uppercase, key=lambda other: draw(key, self.anchor, letter, other))
        return next(other for other in order if other not in self.initials.values() or other == order[-1])

    def other(self, key: bytes, word: str, kind: str, sex: str = "") -> str:
        """A name for a word that is not of the family's: the same for the same word."""
        initial = self.initials.get(word[:1], "")
        drawn = _choose(key, Word(self.anchor, word, kind, sex), BRITISH, initial, lambda name: name not in self.words)
        return drawn or word[:1] + "axley"


def families(key: bytes, words: Iterable[Word]) -> dict[str, Family]:
    """The families of those words, by anchor."""
    by_anchor: dict[str, dict[str, Word]] = defaultdict(dict)
    for word in words:
        by_anchor[word.anchor].setdefault(word.word, word)
    return {anchor: _family(key, anchor, list(words.values())) for anchor, words in by_anchor.items()}


def _family(key: bytes, anchor: str, words: list[Word]) -> Family:
    culture, own = _culture(words), {each.word for each in words}
    masks: dict[str, str] = {}
    initials: dict[str, str] = {}
    for each in sorted(words, key=lambda each: draw(key, anchor, each.word)):
        letter = each.word[0]
        taken = own | {fold(name) for name in masks.values()}
        others = set(initials.values())
        name = _choose(
            key, each, culture, initials.get(letter, ""), _free(taken, set() if letter in initials else others)
        )
        if not name:  # a family with more names than a list: what is left of any initial
            name = _choose(key, each, culture, "", _free(taken, set())) or f"{letter}axley"
        masks[each.word] = name
        if fold(name)[0] not in others:
            initials.setdefault(letter, fold(name)[0])
    return Family(anchor, masks, initials, {each.word: each.kind for each in words})


def _free(taken: set[str], initials: set[str]) -> Callable[[str], bool]:
    return lambda name: name not in taken and name[0] not in initials


def _choose(key: bytes, word: Word, culture: str, initial: str, free: Callable[[str], bool]) -> str:
    """A name of the word's own list that is free, else of ever wider ones; "" where there is none."""
    of, sex, era = _list_of(key, word, culture)
    ending = of_one_sex(word.word) if word.kind == SURNAME else ""

    def fits(name: str) -> bool:
        plain = fold(name)
        return plain != word.word and (word.kind != SURNAME or of_one_sex(plain) == ending) and free(plain)

    for turn in range(2 * _TURNS):
        among = pool(word.kind, of, sex, era if turn < _TURNS else 0, initial)
        if among.names and fits(name := _drawn(among, draw(key, word.anchor, word.word, f"{turn}"))):
            return name
    wide = everything(word.kind, sex, initial)
    begin = int(draw(key, word.anchor, word.word, "wide") * len(wide))
    return next((name for name in (*wide[begin:], *wide[:begin]) if fits(name)), "")


def _list_of(key: bytes, word: Word, culture: str) -> tuple[str, str, int]:
    """Culture, sex and era of the list that the word's mask is drawn from: one that has the word, or the family's."""
    lists = listed(word.kind, word.word)
    if word.sex:
        lists = tuple(one for one in lists if one[1] in (word.sex, "")) or lists
    found = next((one for one in lists if one[0] == culture), lists[0] if lists else None)
    drawn = "FM"[draw(key, word.anchor, word.word) < 0.5]
    sex = "" if word.kind == SURNAME else word.sex or (found[1] if found else drawn)
    born = next((era for before, era in _ERAS if word.born < before), 3) if word.born else 0
    if found is None:
        return (RARE if word.kind == SURNAME and culture == BRITISH else culture), sex, born
    return found[0], sex, found[2] or born


def _culture(words: list[Word]) -> str:
    """The culture whose lists have most of the words; of two the one that the lists name first."""
    # not a set: its order is another in each process, and would decide between two that have as many
    named = (dict.fromkeys(one[0] for one in listed(each.kind, each.word)) for each in words)
    votes = Counter(culture for each in named for culture in each if culture != RARE)
    return max(votes, key=lambda culture: votes[culture]) if votes else BRITISH


def _drawn(among: Pool, draw: float) -> str:
    return among.names[min(bisect_right(among.sums, draw * among.sums[-1]), len(among.names) - 1)]


def draw(key: bytes, *parts: str) -> float:
    """A number from 0 up to 1, the same for the same parts."""
    return int.from_bytes(hmac.digest(key, "\x1f".join(parts).encode(), "sha256")[:6], "big") / 2**48
