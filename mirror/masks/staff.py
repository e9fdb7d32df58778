"""Masks of those who work for the council: officers' names and user names."""

from __future__ import annotations

import hmac

import pyarrow as pa

from mirror.masks import names
from mirror.masks.bodies import body
from mirror.masks.contacts import mapped
from mirror.masks.naming import Family

_MACHINES = frozenset(("MACHINE", "SYSTEM", "BATCH", "AUTO", "HUB", "ADMIN", "IMPORT"))


def staff(key: bytes, values: pa.Array) -> pa.Array:
    """Masked names of officers (initials stay initials) and user names (jsmith2); machines keep theirs."""
    return mapped(values, lambda text: _one(key, text))


def _one(key: bytes, text: str) -> str:
    if text.strip().upper() in _MACHINES:
        return text
    if " " not in text.strip() and (text.islower() or any(letter.isdigit() for letter in text)):
        return _user(key, text)
    return body(key, text) if names.is_body(text) else names.masked(key, text, Family(""))


def _user(key: bytes, text: str) -> str:
    """A user name as long, with letters for letters; its number stays in the number of its digits."""
    digest = hmac.digest(key, text.lower().encode(), "sha256")
    found = ""
    for at, letter in enumerate(text):
        turn = digest[at % len(digest)] + at // len(digest)
        if letter.isalpha():
            found += chr((ord("A") if letter.isupper() else ord("a")) + turn % 26)
        else:
            found += str(turn % 10) if letter.isdigit() else letter
    return found
