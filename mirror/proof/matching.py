"""Finds identifiers in bytes: one pass over them, however many are looked for, in whatever way they are written.

What is looked for is a set of keys, and a key is a hash of what is left of an identifier once case, punctuation and
blanks are gone. The same walk makes the keys of what is looked for (``collect``) and looks them up (``search``), so
that both sides are normalised alike:

=========  ==========================================================================================================
token      letters and digits without a break, five digits or more: references, UPRNs; postcodes without a blank
names      two words near each other in either order, one word between them at most; case and apostrophes do not count
places     two words beside each other in this order: street and building names; postcodes with a blank
telephone  ten digits after 0, +44, 0044, +44 (0) or nothing, with blanks, dots, dashes and brackets anywhere
nino       two letters, six digits and, or without, the last letter, with blanks, dots, dashes and slashes anywhere
mail       what stands around an @
word       eight bytes that begin at a multiple of eight: ids, hashes and numbers as PostgreSQL stores them
=========  ==========================================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mirror.proof.walk import KINDS, TOKENS_ONLY, WITH_PLACES, WORD, fill, hash_of, keys_of, stored_words, walk

MOST_HITS = 10_000
"""So many places are remembered of one search; all are counted."""
ROW = b"\x1e"
"""Begins a row of text: no names or places reach over it."""


@dataclass(frozen=True)
class Keys:
    """Keys that are looked for, ``of`` which kind each is; both sorted by key."""

    values: np.ndarray
    of: np.ndarray

    def without(self, others: Keys) -> Keys:
        """Those of these that are not among the others."""
        rest = ~np.isin(self.values, others.values, assume_unique=True)
        return Keys(self.values[rest], self.of[rest])

    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return {KINDS[kind]: int(times) for kind, times in enumerate(np.bincount(self.of, minlength=len(KINDS)))}


@dataclass(frozen=True)
class Sought:
    """Keys laid out to be found: a filter that fits the processor's cache before a table with room."""

    filter: np.ndarray
    table: np.ndarray
    kinds: np.ndarray


@dataclass(frozen=True)
class Hits:
    """How often something sought was found; of the first so many the place and the slot of what it was."""

    times: int
    places: np.ndarray
    slots: np.ndarray


def merged(*parts: Keys) -> Keys:
    """All keys of the parts, each once."""
    values = np.concatenate([part.values for part in parts]) if parts else np.empty(0, np.uint64)
    of = np.concatenate([part.of for part in parts]) if parts else np.empty(0, np.uint8)
    kept, first = np.unique(values, return_index=True)
    return Keys(kept, of[first])


def collect(data: bytes, mode: int = TOKENS_ONLY, without: np.ndarray | None = None) -> Keys:
    """The keys of all that could identify somebody in the bytes.

    ``without`` are hashes of words (``words``) that make no names, such as titles.
    """
    if not data:
        return Keys(np.empty(0, np.uint64), np.empty(0, np.uint8))
    room = 16 + 6 * len(data)
    keys, of = np.empty(room, np.uint64), np.empty(room, np.uint8)
    barred = np.sort(without) if without is not None and len(without) else np.empty(0, np.uint64)
    empty = np.zeros(1, np.uint64)
    nothing = np.empty(0, np.int64)
    made = walk(np.frombuffer(data, np.uint8), True, mode, False, barred, keys, of, empty, empty, nothing, nothing)
    return merged(Keys(keys[:made], of[:made]))


def words(text: str) -> np.ndarray:
    """The hashes of the words of a text, as ``collect`` leaves them out."""
    return np.array([hash_of(np.frombuffer(word.encode(), np.uint8)) for word in text.lower().split()], np.uint64)


def distinct(values: np.ndarray) -> np.ndarray:
    """Each number once, sorted: np.unique hashes them first, which takes many times as long."""
    ordered = np.sort(values)
    is_first = np.ones(len(ordered), bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return np.compress(is_first, ordered)


def of_words(values: np.ndarray) -> Keys:
    """The keys of stored words: 64-bit numbers, or the first eight bytes of ids, as they stand in memory."""
    keys = np.sort(keys_of(distinct(values.view(np.uint64)), WORD))
    return Keys(keys, np.full(len(keys), WORD, np.uint8))


def laid_out(keys: Keys) -> Sought:
    """The keys, ready to be searched for."""
    size = 1 << max(10, int(np.ceil(np.log2(max(1, len(keys.values)) * 2))))
    table, kinds = np.zeros(size, np.uint64), np.zeros(size, np.uint8)
    bits = np.zeros(max(16, size // 8), np.uint64)  # eight bits of the filter for each slot: 16 or more for each key
    fill(keys.values, keys.of, table, kinds, bits)
    return Sought(bits, table, kinds)


def search(sought: Sought, data: bytes | np.ndarray, *, is_file: bool = False) -> Hits:
    """What of the sought stands in the bytes. In a file the length of a value may stand before and after it as a
    letter or digit; there a token is looked for without it too."""
    view = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else data
    places, slots = np.empty(MOST_HITS, np.int64), np.empty(MOST_HITS, np.int64)
    none = np.empty(0, np.uint64)
    times = walk(
        view, False, WITH_PLACES, is_file, none, none, np.empty(0, np.uint8), sought.table, sought.filter, places, slots
    )
    return Hits(times, places[:times], slots[:times])


def search_words(sought: Sought, data: np.ndarray) -> Hits:
    """The same for words of eight bytes, one after the other."""
    places, slots = np.empty(MOST_HITS, np.int64), np.empty(MOST_HITS, np.int64)
    times = stored_words(data.view(np.uint64), sought.table, sought.filter, places, slots)
    return Hits(times, places[:times], slots[:times])
