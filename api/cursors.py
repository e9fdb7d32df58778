"""Opaque cursors: sealed for one caller and one query, unreadable, the same for the same place on the same day.

A cursor can hold a value of a person (the surname that a list had come to), so it is encrypted, not only signed. The
cipher is deterministic (AES-SIV, RFC 5297), so that a page's body and with it its ETag stay the same.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.problems import Problem

DAY = 86_400
LONGEST = 2_000
"""Characters; no cursor that was made here is longer."""


class Cursors:
    """Makes and opens cursors under one secret, which all workers share. ``days`` is how long one is good."""

    def __init__(self, secret: bytes, *, days: int = 7, clock: Callable[[], float] = time.time) -> None:
        self._cipher = AESSIV(HKDF(SHA512(), 64, None, b"housing-hub cursors").derive(secret))
        self._days, self._clock = days, clock

    def seal(self, client: str, about: str, position: Sequence[Any]) -> str:
        """The cursor of a place in what ``about`` says (resource, filters, sort ...), for that client alone.

        ``position`` is of plain JSON values.
        """
        plain = orjson.dumps([self._today(), *position])
        return base64.urlsafe_b64encode(self._cipher.encrypt(plain, _bound(client, about))).rstrip(b"=").decode()

    def open(self, cursor: str, client: str, about: str) -> list[Any]:
        """The place that a cursor stands for. Raises Problem: forged, another's or another query's, or too old."""
        try:
            sealed = base64.urlsafe_b64decode(cursor[:LONGEST].encode("ascii") + b"=" * (-len(cursor) % 4))
            made, *position = orjson.loads(self._cipher.decrypt(sealed, _bound(client, about)))
        except (ValueError, InvalidTag):
            raise Problem(
                "bad-cursor", "The cursor was not made for this caller and this query. Start again without it."
            ) from None
        if made + self._days < self._today():
            raise Problem("cursor-too-old", f"A cursor is good for {self._days} days. Start again without it.")
        return list(position)

    def _today(self) -> int:
        return int(self._clock() // DAY)


def _bound(client: str, about: str) -> list[bytes]:
    """What a cursor is bound to; no part may be empty."""
    return [b"client " + client.encode(), b"about " + about.encode()]
