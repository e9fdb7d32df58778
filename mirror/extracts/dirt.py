"""Dirt that must outlast a mask: blanks too many, a wrong code page, a record torn apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mappings.text_rules import MOJIBAKE
from mirror.extracts.landed import Landed

_SPACED = r"^\s+\S|\S[^\S\n]{2,}\S"
_MISREAD = {plain: accented.encode().decode("cp1252") for plain, accented in zip("eouEOU", "éóúÉÓÚ", strict=True)}
_BROKEN_TAG = re.compile(r"(?<=>)[^<>]+")
_WORD = re.compile(r"[^\W\d_]{2,}")


class Masks(Protocol):
    """What torn records ask of the mirror's masks."""

    def apply(self, mask: str, values: pa.Array, by: tuple[pa.Array, ...] = ()) -> pa.Array:
        """The column under one mask."""


def through(values: pa.Array, mask: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """``mask`` of the texts as they were meant; what was wrong with a text is wrong with its mask."""
    spaced, misread = (_matches(values, pattern) for pattern in (_SPACED, MOJIBAKE))
    if not pc.any(pc.or_(spaced, misread)).as_py():
        return mask(values)
    meant = pc.replace_substring_regex(pc.utf8_ltrim_whitespace(values), r"[^\S\n]{2,}", " ")
    found = mask(_changed(meant, misread, meant, _read_again))
    found = _changed(found, misread, values, _misread)
    return _changed(found, spaced, values, _spaced)


def torn(landed: Landed, masks: Masks) -> Landed:
    """The table with what is left of its torn records masked: tags and commas stand, words and numbers are others."""
    raws = landed.raws()
    text = raws[~raws.str.fullmatch(r"(?:[0-9a-f]{2})+|\{.*\}")]
    if text.empty:
        return landed
    numbered = masks.apply("reference", pa.array(text, pa.string())).to_pylist()
    staff = {word: "" for one in numbered for word in _words(one)}
    names = masks.apply("staff", pa.array(list(staff), pa.string())).to_pylist()
    known = dict(zip(staff, names, strict=True))
    left = [_reworded(one, known) for one in numbered]
    return replace(landed, broken=landed.broken.reindex(raws.index).assign(_raw=pd.Series(left, index=text.index)))


def _words(text: str) -> list[str]:
    return _WORD.findall(" ".join(_BROKEN_TAG.findall(text)) if text.startswith("<") else text)


def _reworded(text: str, known: dict[str, str]) -> str:
    def put(found: re.Match[str]) -> str:
        return _WORD.sub(lambda word: known[word[0]].replace(",", ""), found[0])

    return _BROKEN_TAG.sub(put, text) if text.startswith("<") else re.sub(r"(?s).+", put, text)


def _matches(values: pa.Array, pattern: str) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(values, pattern), False)


def _changed(values: pa.Array, where: pa.Array, olds: pa.Array, change: Callable[[str, str], str]) -> pa.Array:
    """The texts changed one by one where they are few, those that are dirty; beside each its old text."""
    if not pc.any(where).as_py():
        return values
    pairs = zip(values.filter(where).to_pylist(), olds.filter(where).to_pylist(), strict=True)
    changed = [value and change(value, old) for value, old in pairs]
    return pc.replace_with_mask(values, where, pa.array(changed, pa.string()))


def _read_again(text: str, _: str) -> str:
    """The text without what a wrong code page put into it."""
    try:
        return text.encode("cp1252").decode("utf-8").strip()
    except UnicodeError:
        return re.sub(MOJIBAKE, "", text).strip()


def _misread(text: str, old: str) -> str:
    """The text read in a wrong code page: behind its end or in a vowel, as the old one was."""
    at = next((at for at, letter in enumerate(text) if at and letter in _MISREAD), None)
    if at is None or re.search(r"Â\s*$", old):
        return text + "Â\u00a0"
    return text[:at] + _MISREAD[text[at]] + text[at + 1 :]


def _spaced(text: str, old: str) -> str:
    """The text with the blanks before and between its words that the old one had too many of."""
    led = len(old) - len(old.lstrip())
    doubled = re.search(r"\S[^\S\n]{2,}\S", old)
    return " " * (led or (1 if doubled and " " not in text else 0)) + (text.replace(" ", "  ") if doubled else text)
