"""Keyed draws: what a key makes of a value, and permutations of numbers. AES and HMAC-SHA256 over whole columns."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

UInts = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
_ROUNDS = 10  # as in FF1 of NIST SP 800-38G
_TABLE = 1_000_000
"""A half as small as this is enciphered once for each value it may have, and looked up."""


def enciphered(key: bytes, blocks: Bytes) -> Bytes:
    """AES-256 of each row of 16 bytes."""
    # Blocks are numbers that occur once or digests: there is no pattern that ECB could show.
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    return np.frombuffer(encryptor.update(np.ascontiguousarray(blocks).tobytes()), np.uint8).reshape(-1, 16)


def of_numbers(key: bytes, numbers: UInts, tweak: int = 0) -> UInts:
    """64 random bits for each number, the same for the same number and tweak."""
    blocks = np.empty((len(numbers), 2), np.uint64)
    blocks[:, 0], blocks[:, 1] = numbers, tweak
    return enciphered(key, blocks.view(np.uint8)).view(np.uint64)[:, 0].copy()


def of_texts(key: bytes, values: Iterable[str]) -> UInts:
    """64 random bits for each text, the same for the same text (HMAC-SHA256)."""
    digests = b"".join(hmac.digest(key, value.encode(), "sha256")[:8] for value in values)
    return np.frombuffer(digests, np.uint64).copy()


def cycled(key: bytes, numbers: UInts, left: int, right: int) -> UInts:
    """A permutation of 0 .. left * right - 1 in which no number stays: one keyed cycle through all of them."""
    after = (_feistel(key, numbers, left, right, -1) + np.uint64(1)) % np.uint64(left * right)
    return _feistel(key, after, left, right, 1)


def _feistel(key: bytes, numbers: UInts, left: int, right: int, direction: int) -> UInts:
    """Ten rounds over the two halves of each number, forwards (1) or back (-1)."""
    high, low = np.divmod(numbers.astype(np.uint64), np.uint64(right))
    for turn in range(_ROUNDS)[::direction]:
        if turn % 2:
            low = _moved(low, _round(key, high, turn, left, right), right, direction)
        else:
            high = _moved(high, _round(key, low, turn, right, left), left, direction)
    return high * np.uint64(right) + low


def _moved(half: UInts, by: UInts, domain: int, direction: int) -> UInts:
    return (half + (by if direction > 0 else np.uint64(domain) - by)) % np.uint64(domain)


def _round(key: bytes, half: UInts, turn: int, domain: int, other: int) -> UInts:
    """What a round adds to a half of ``other`` values, by the half of ``domain`` values beside it."""
    if domain <= min(_TABLE, max(4 * len(half), 1_000)):
        return _table(key, turn, domain, other)[half]
    return of_numbers(key, half, _tweak(turn, domain, other)) % np.uint64(other)


@lru_cache(maxsize=256)
def _table(key: bytes, turn: int, domain: int, other: int) -> UInts:
    return of_numbers(key, np.arange(domain, dtype=np.uint64), _tweak(turn, domain, other)) % np.uint64(other)


def _tweak(turn: int, domain: int, other: int) -> int:
    """The round and the domain in one number: no two permutations of a key share their rounds."""
    return turn | domain << 8 & (1 << 36) - 1 | (other % 1_000_003) << 40
