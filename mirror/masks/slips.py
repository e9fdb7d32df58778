"""Slips of the pen: how one spelling came from another, and the same done to a third.

A source that wrote SIMTH for SMITH writes BORWN once SMITH is masked as BROWN: the two stay as near as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["left out", "put in", "exchanged", "mistaken", "cut", "longer"]
_SHORTEST, _MORE = 3, "as"


@dataclass(frozen=True)
class Slip:
    """One slip: ``at`` which letter ``of`` how many, and the letter that was put in ("": the one before it, doubled) or
    written instead."""

    kind: Kind
    at: int
    of: int
    letters: str = ""


def between(right: str, written: str) -> Slip | None:
    """The one slip that makes ``written`` of ``right``; None where they are the same or further apart.

    A word cut short, or one that goes on, after three common letters counts as one.
    """
    if right == written or min(len(right), len(written)) < _SHORTEST:
        return None
    at = next((i for i, pair in enumerate(zip(right, written, strict=False)) if pair[0] != pair[1]), -1)
    at = at if at >= 0 else min(len(right), len(written))
    rest, rest_written = right[at:], written[at:]
    letters = rest_written[:1]
    found: Kind | None = None
    if rest_written == rest[1:]:
        found = "left out"
    elif rest_written[1:] == rest:
        found, letters = "put in", "" if at and letters == right[at - 1] else letters
    elif not rest or not rest_written:
        found = "cut" if rest else "longer"
    elif rest_written[1:] == rest[1:]:
        found = "mistaken"
    elif rest_written[:2] == rest[1::-1] and rest_written[2:] == rest[2:]:
        found = "exchanged"
    return Slip(found, at, len(right), letters) if found else None


def repeated(slip: Slip, word: str) -> str:
    """The slip made in another word: as early or late in it, and never without effect."""
    last = len(word) - 1
    at = min(last, round(slip.at * len(word) / slip.of)) if slip.at else 0
    found = word
    if slip.kind == "exchanged":
        places = [i for i in range(last) if word[i] != word[i + 1]]
        if places:
            at = min(places, key=lambda place: (abs(place - at), place))
            found = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    elif slip.kind == "put in":
        at = at if slip.letters else max(at, 1)
        found = word[:at] + (slip.letters or word[at - 1]) + word[at:]
    elif slip.kind == "cut":
        found = word[: max(_SHORTEST, at)]
    elif slip.kind == "left out":
        found = word[:at] + word[at + 1 :]
    elif slip.kind == "mistaken":
        found = word[:at] + next(new for new in (slip.letters, "e", "a") if new != word[at]) + word[at + 1 :]
    return found if found != word else word + _MORE
