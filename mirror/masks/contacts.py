"""Masks of telephone numbers, mail addresses and NI numbers: of the right shape, and such that they reach nobody.

Telephone numbers. Ofcom keeps ranges for drama (01632 960xxx, 07700 900xxx, 020 7946 0xxx ...), but a thousand of each,
so a masked number would be that of many. The National Telephone Numbering Plan has whole ranges that no operator holds:
a mobile becomes one of 071 or 072, any other number one of 04 or 06, which the plan keeps in reserve.

NI numbers. HMRC's NIM39110 names prefixes that look like one and are none: CR (its own investigations), MW (migrant
workers, 1980 to 1987), NC (dummy identifiers, which end in m or f) and PP (PP999999P). With a suffix of A to D nobody
has such a number. PY and PZ, the other two of the right shape, are of people whose account is for tax alone.

Mail is @example.org, which RFC 2606 keeps for examples.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Collection, Iterable
from itertools import zip_longest

import numpy as np
import pyarrow as pa

from mirror.masks.columns import by_distinct, strings, texts
from mirror.masks.draws import cycled, of_texts
from mirror.masks.slips import between, repeated

NINO_PREFIXES = ("CR", "MW", "NC", "PP")
_NINO = re.compile(r"([A-Z]{2})(\d{6})([A-D])")
_PREFIX = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]")
_SEVERAL = re.compile(r"[^\d\s()+.\-/]")
_SEPARATED = re.compile(r"[\s().\-/]")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_HOST = "@example.org"
_REMARKS = ("ask family", "no phone", "by letter", "ask at door", "via office", "see file")


def distinct(values: Iterable[str], key: bytes, space: int, taken: Collection[int] = ()) -> dict[str, int]:
    """A number below ``space`` for each value, no two the same and none of ``taken``.

    A value draws again while another, or one that is taken, has its number. Of two the one whose draw is the least goes
    first: who comes later changes nothing for those that stood.
    """
    names = np.array(sorted(set(values)), dtype=object)
    first = of_texts(key, names)
    names, found = names[np.argsort(first, kind="stable")], np.full(len(names), -1, np.int64)
    used, open_ = np.array(sorted(taken), np.int64), np.arange(len(names))
    turn = 0
    while len(open_):
        drawn = (of_texts(key, [f"{turn} {name}" for name in names[open_]]) % np.uint64(space)).astype(np.int64)
        free = ~np.isin(drawn, used)
        _, begins = np.unique(drawn, return_index=True)
        won = np.zeros(len(drawn), bool)
        won[begins] = True
        won &= free
        found[open_[won]] = drawn[won]
        used, open_, turn = np.concatenate([used, drawn[won]]), open_[~won], turn + 1
    return dict(zip(names.tolist(), found.tolist(), strict=True))


def mapped(values: pa.Array, mask: Callable[[str], str]) -> pa.Array:
    """``mask`` of each distinct value; null and blank stay."""
    return by_distinct(
        values, lambda some: strings([text if text is None or not text.strip() else mask(text) for text in texts(some)])
    )


def phones(key: bytes, values: pa.Array) -> pa.Array:
    """Masked telephone numbers, spelt as they were: blanks, +44, brackets. A remark becomes another remark."""
    return by_distinct(values, lambda some: _phones(key, some))


def _phones(key: bytes, values: pa.Array) -> pa.Array:
    spelt = [text or "" for text in texts(values)]
    plain = [_national(text) for text in spelt]
    masked = _numbers(key, plain)
    found = [
        text if not text.strip() else _remark(key, text) if _SEVERAL.search(text) else _spelt_like(text, old, new)
        for text, old, new in zip(spelt, plain, masked, strict=True)
    ]
    return strings(found, like=values)


def _national(text: str) -> str:
    """The digits behind the 0 or +44 of a number; all of them where it begins otherwise."""
    digits = _SEPARATED.sub("", text)
    for begin in ("+440", "+44", "0044", "0"):
        if digits.startswith(begin):
            return digits[len(begin) :]
    return digits.lstrip("+")


def _numbers(key: bytes, plain: list[str]) -> list[str]:
    """Masked national numbers by length and by what they begin with: no two of one beginning become the same."""
    found = list(plain)
    groups: dict[tuple[int, str], list[int]] = {}
    for row, digits in enumerate(plain):
        if digits.isdecimal() and len(set(digits)) > 1 and 3 < len(digits) < 16:
            groups.setdefault((len(digits), digits[: 2 if digits[0] == "7" else 1]), []).append(row)
    for (length, begin), rows in groups.items():
        into = _range(begin)
        left = length - len(into)
        numbers = np.array([int(plain[row][len(begin) :]) for row in rows], np.uint64)
        if len(begin) != len(into):
            continue
        masked = cycled(_tweaked(key, begin), numbers, 10 ** (left - left // 2), 10 ** (left // 2))
        for row, number in zip(rows, masked.tolist(), strict=True):
            found[row] = f"{into}{number:0{left}d}"
    return found


def _range(begin: str) -> str:
    if begin[0] == "7":
        return "72" if begin == "71" or int(begin[1]) % 2 else "71"
    return "4" if begin[0] in "2358" else "6"


def _tweaked(key: bytes, begin: str) -> bytes:
    return hmac.digest(key, begin.encode(), "sha256")


def _spelt_like(text: str, plain: str, masked: str) -> str:
    """``text`` with the digits of ``plain`` at its end exchanged for those of ``masked``."""
    if len(plain) != len(masked):
        return masked
    found, left = list(text), len(plain)
    for at in range(len(found) - 1, -1, -1):
        if left and found[at].isdigit():
            left -= 1
            found[at] = masked[left]
    return "".join(found)


def _remark(key: bytes, text: str) -> str:
    return _REMARKS[int(of_texts(key, [text])[0] % np.uint64(len(_REMARKS)))]


def mails(key: bytes, values: pa.Array) -> pa.Array:
    """Masked mail addresses @example.org, about as long as they were; what was wrong about one (no @, no host, a
    blank) still is. Upper and lower case are one address."""
    return mapped(values, lambda text: _mail(key, text))


def _mail(key: bytes, text: str) -> str:
    plain = re.sub(r"\s", "", text).lower()
    name, at, host = plain.partition("@")
    draw = int.from_bytes(hmac.digest(key, (name + host).encode() if at else plain.encode(), "sha256"), "big")
    length = max(10, min(24, len(plain) - len(_HOST)))
    local = "".join(_ALPHABET[draw // len(_ALPHABET) ** place % len(_ALPHABET)] for place in range(length))
    if not at:
        found = local + _HOST[1:]
    elif not host:
        found = local + "@"
    else:
        found = local + (" " if " " in text.strip() else "") + _HOST
    return found.upper() if text.isupper() else found


def nino_number(nino: str) -> int | None:
    """The number among those that masks may take, of a NI number that lies there; None for any other."""
    found = _NINO.fullmatch(nino)
    if not found or found[1] not in NINO_PREFIXES:
        return None
    return NINO_PREFIXES.index(found[1]) * 1_000_000 + int(found[2])


NINO_SPACE = len(NINO_PREFIXES) * 1_000_000


def nino_like(text: str, right: str, number: int) -> str:
    """What a source that wrote ``text`` for the NI number ``right`` writes for the one of that number below NINO_SPACE.

    HMRC gives a number once, whatever its suffix, which stays; so does what cannot be of a NI number: a prefix that is
    never given, a letter among the digits, a digit too few. A text without a digit is no number and stays.
    """
    plain = "".join(text.split()).upper()
    if not any(letter.isdigit() for letter in plain):
        return text
    prefix, digits = NINO_PREFIXES[number // 1_000_000], f"{number % 1_000_000:06d}"
    if slip := between(right[2:8], plain[2:8]):
        digits = repeated(slip, digits)
    elif right[2:8] == plain[2:8] and right[:2] != plain[:2] and _PREFIX.match(plain):
        digits = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    if not _PREFIX.match(plain):
        prefix = plain[:2]
    digits = (
        "".join(old if old.isalpha() else new for old, new in zip_longest(plain[2:8], digits, fillvalue="")) or digits
    )
    masked = iter((prefix + digits + plain[8:])[: max(len(plain), 1)])
    found = "".join(letter if letter.isspace() else next(masked, "") for letter in text) + "".join(masked)
    return found.lower() if text.islower() else found
