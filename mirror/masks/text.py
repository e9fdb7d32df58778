"""Masks of free text: written anew from word lists by kind, never edited. Nothing of what stood there is used but
its length, its capitals, whether it held a telephone number and, for a repair, the trade whose words it has. The lists
were written for this project."""

from __future__ import annotations

import csv
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ledger.errors import ContractBroken
from mappings.mapping import telephone_in
from mirror.masks.contacts import mapped

_LISTS = Path(__file__).with_name("sentences.csv")
_ANY_TRADE = "repair.inside"
_SAMPLES = 6
_LONGEST = 4_000
_TELEPHONE = telephone_in("").pattern
_NUMBER = re.compile(r"(?:\+44|0)[ 0-9]{9,13}")


@cache
def _lists() -> Mapping[str, tuple[str, ...]]:
    with _LISTS.open(encoding="utf-8", newline="") as file:
        return {row["kind"]: tuple(row["words"].split("|")) for row in csv.DictReader(file)}


KINDS = ("repair", "note", "access", "comment", "reason", "remark", "title", "location", "product", "area")
_SHORT = ("location", "product", "area")
"""Kinds that a text never goes on after."""


def written(key: bytes, kind: str, values: pa.Array) -> pa.Array:
    """New texts of the kind, about as long as those of the column; the same for the same text."""
    if kind not in KINDS:
        raise ContractBroken(
            f"there is no free text of the kind {kind!r}.", place="mirror plan",
            next_step=f"Name one of {', '.join(KINDS)}.",
        )  # fmt: skip
    return mapped(values, lambda text: _written(key, kind, text))


def with_numbers(values: pa.Array, found: pa.Array, phones: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """The new texts; where an old one held a telephone number, the new one ends in the mask of it."""
    holds = pc.fill_null(pc.match_substring_regex(values, _TELEPHONE), False)
    if not pc.any(holds).as_py():
        return found
    numbers = [number[0] if (number := _NUMBER.search(text)) else "" for text in values.filter(holds).to_pylist()]
    masked = phones(pc.replace_substring(pa.array(numbers, pa.string()), " ", ""))  # half of one reads as a reference
    told = pc.binary_join_element_wise(found.filter(holds), masked, " ")
    return pc.replace_with_mask(found, holds, told)


def _written(key: bytes, kind: str, text: str) -> str:
    draws = _draws(key, kind, text)
    wanted = min(len(text), _LONGEST)
    plain = _plain(text)
    firsts = [one for _ in range(_SAMPLES) if _plain(one := _sentence(kind, text, draws)) != plain]
    found = min(firsts, key=lambda one: abs(len(one) - wanted)) if firsts else _lists()["note"][next(draws) % 2]
    more = _lists()["repair.more" if kind == "repair" else kind]
    while len(found) < 0.7 * wanted and kind not in _SHORT:
        found = f"{found}. {more[next(draws) % len(more)]}"
    return found.upper() if text.isupper() else found


def _sentence(kind: str, text: str, draws: Iterator[int]) -> str:
    lists = _lists()
    if kind != "repair":
        return _pick(lists[kind], draws)
    thing = _pick(lists[_trade(text)], draws)
    if any(text.startswith(work) for work in lists["work"]) or text[:1].isupper():
        return f"{_pick(lists['work'], draws)} {thing}"
    place = f" in {_pick(lists['place'], draws)}" if len(text) > 22 else ""
    return f"{thing} {_pick(lists['fault'], draws)}{place}"


def _trade(text: str) -> str:
    """The list of the trade that the text has most words of."""
    words = set(_plain(text).split())
    lists = {kind: things for kind, things in _lists().items() if kind.startswith("repair.") and kind != "repair.more"}
    votes = {kind: sum(bool(words & set(thing.split())) for thing in things) for kind, things in lists.items()}
    best = max(votes, key=lambda kind: votes[kind])
    return best if votes[best] else _ANY_TRADE


def _plain(text: str) -> str:
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text.lower()).split())


def _pick(words: tuple[str, ...], draws: Iterator[int]) -> str:
    return words[next(draws) % len(words)]


def _draws(key: bytes, kind: str, text: str) -> Iterator[int]:
    turn = 0
    while True:
        digest = hmac.digest(key, f"{kind}\x1f{turn}\x1f{text}".encode(), "sha256")
        yield from (int.from_bytes(digest[at : at + 4], "big") for at in range(0, 32, 4))
        turn += 1
