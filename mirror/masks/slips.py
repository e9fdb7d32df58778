"""Slips of the pen: how one spelling came from another, and the same done to a third.

A source that wrote SIMTH for SMITH writes BORWN once SMITH is masked as BROWN: the two stay as near as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["left out", "put in", "exchanged", "mistaken", "cut", "longer"]
_SHORTEST = 3


@dataclass(frozen=True)
class Slip:
    """One slip: ``at`` which letter of how many, and the letters that were put in or written instead."""

    kind: Kind
    at: int
    of: int
    letters: str = ""


def between(right: str, written: str) -> Slip | None:
    """The one slip that makes ``written`` of ``right``; None where they are the same or further apart.

    A word cut short or one that goes on after three common letters counts as one.
    """
    if right == written or min(len(right), len(written)) < _SHORTEST:
        return None
    at = next((i for i, pair in enumerate(zip(right, written, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        short = min(len(right), len(written))
        if len(written) == len(right) - 1:
            return Slip("left out", short, len(right))
        if len(written) == len(right) + 1:
            return Slip("put in", short, len(right), _put_in(right, written, short))
        return Slip("cut" if len(written) < len(right) else "longer", short, len(right))
    if written[at:] == right[at + 1 :]:
        return Slip("left out", at, len(right))
    if written[at + 1 :] == right[at:]:
        return Slip("put in", at, len(right), _put_in(right, written, at))
    if written[at + 1 :] == right[at + 1 :]:
        return Slip("mistaken", at, len(right), written[at])
    if written[at : at + 2] == right[at : at + 2][::-1] and written[at + 2 :] == right[at + 2 :]:
        return Slip("exchanged", at, len(right))
    return None


def _put_in(right: str, written: str, at: int) -> str:
    """The letter put in; "" for one that doubles the letter before it."""
    return "" if at and written[at] == right[at - 1] else written[at]


def repeated(slip: Slip, word: str) -> str:
    """The slip made in another word: as early or late in it, and never without effect."""
    last = len(word) - 1
    at = min(last, round(slip.at * len(word) / slip.of)) if slip.at else 0
    if slip.kind == "exchanged":
        places = [i for i in range(last) if word[i] != word[i + 1]]
        if not places:
            return word + word[-1]
        at = min(places, key=lambda place: (abs(place - at), place))
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if slip.kind == "put in":
        before = max(at, 1)
        return word[:before] + (slip.letters or word[before - 1]) + word[before:]
    if slip.kind == "longer":
        return word + "as"
    if slip.kind == "cut":
        return word[: max(_SHORTEST, at)] if len(word) > _SHORTEST else word + word[-1]
    if slip.kind == "left out":
        return word[:at] + word[at + 1 :]
    letter = slip.letters if slip.letters != word[at] else "e" if word[at] != "e" else "a"
    return word[:at] + letter + word[at + 1 :]
