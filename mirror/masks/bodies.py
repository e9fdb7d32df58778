"""Masks of firms' and other bodies' names: what tells one from another is exchanged, what says its trade stays."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa

from mirror.masks.contacts import mapped
from mirror.masks.draws import of_texts
from mirror.masks.name_lists import RARE, SURNAME, fold, pool
from mirror.masks.places import styled

_STAY = frozenset(Path(__file__).with_name("body_words.csv").read_text(encoding="utf-8").split()[1:])
"""Legal forms, trades and kinds of bodies."""
_WORD = re.compile(r"([^\W\d_]+)")


def bodies(key: bytes, values: pa.Array, areas: Collection[str] = ()) -> pa.Array:
    """Masked names of firms and bodies; the names of ``areas`` (the council's own among them) stay."""
    return mapped(values, lambda text: body(key, text, areas))


def body(key: bytes, text: str, areas: Collection[str] = ()) -> str:
    """The masked name: a word has the same mask in every name."""
    return "".join(
        piece if at % 2 == 0 or fold(piece) in areas else _word(key, piece)
        for at, piece in enumerate(_WORD.split(text))
    )


def _word(key: bytes, piece: str) -> str:
    word = fold(piece)
    if len(word) < 2 or word in _STAY:
        return piece
    names = pool(SURNAME, RARE, "", 0).names
    turn = int(of_texts(key, [word])[0] % np.uint64(len(names)))
    return styled(piece, next(name for name in (*names[turn:], *names[:turn]) if fold(name) != word))
