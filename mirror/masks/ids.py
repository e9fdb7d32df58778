"""Masks of ids and hashes: keyed permutations of their bits, so that what joined joins."""

from __future__ import annotations

import hmac
from pathlib import PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ledger.errors import ContractBroken
from mirror.masks.columns import Bytes, by_distinct, same_length, strings, texts
from mirror.masks.draws import enciphered, of_numbers

_DOCUMENTS = "https://documents.example.org/"
_DASHES = [8, 13, 18, 23]
_DIGITS = [place for place in range(36) if place not in _DASHES]
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_VALUE = np.full(256, 255, np.uint8)
_VALUE[_HEX] = np.arange(16)
_VALUE[np.frombuffer(b"ABCDEF", np.uint8)] = np.arange(10, 16)


def uuids(key: bytes, values: pa.Array) -> pa.Array:
    """Masked UUIDs, each spelt with dashes or without as it was. Raises ContractBroken for what is no UUID."""
    return by_distinct(values, lambda distinct: same_length(distinct, lambda matrix: _uuids(key, matrix)))


def _uuids(key: bytes, matrix: Bytes) -> Bytes:
    dashed = matrix.shape[1] == 36
    if not dashed and matrix.shape[1] != 32:
        raise _no_id("UUID")
    nibbles = _VALUE[matrix[:, _DIGITS] if dashed else matrix]
    if (nibbles == 255).any():
        raise _no_id("UUID")
    masked = enciphered(key, nibbles[:, 0::2] * np.uint8(16) + nibbles[:, 1::2])
    digits = np.empty((len(matrix), 32), np.uint8)
    digits[:, 0::2], digits[:, 1::2] = _HEX[masked >> 4], _HEX[masked & 15]
    if not dashed:
        return digits
    found = matrix.copy()
    found[:, _DIGITS] = digits
    return found


def hashes(key: bytes, values: pa.Array) -> pa.Array:
    """Masked 64 bit hashes, as the text of a signed number."""
    try:
        numbers = pc.cast(values, pa.int64())
    except pa.ArrowInvalid as fault:
        raise _no_id("64 bit number") from fault
    filled = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False)
    masked = pa.array(of_numbers(key, filled.view(np.uint64)).view(np.int64))
    return pc.if_else(pc.is_valid(values), pc.cast(masked, pa.string()), pa.scalar(None, pa.string()))


def digests(key: bytes, values: pa.Array) -> pa.Array:
    """Masked hexadecimal digests, as long as they were."""
    return by_distinct(values, lambda distinct: strings([_digest(key, text) for text in texts(distinct)]))


def uris(key: bytes, values: pa.Array) -> pa.Array:
    """Masked places of documents: a digest on a host that nobody has, with the ending that says what it is."""
    return by_distinct(values, lambda distinct: strings([_uri(key, text) for text in texts(distinct)]))


def _uri(key: bytes, text: str | None) -> str | None:
    if text is None:
        return None
    ending = PurePosixPath(text.partition("?")[0]).suffix
    return f"{_DOCUMENTS}{hmac.digest(key, text.encode(), 'sha256').hex()[:32]}{ending if len(ending) < 6 else ''}"


def _digest(key: bytes, text: str | None) -> str | None:
    if text is None:
        return None
    found = ""
    while len(found) < len(text):
        found += hmac.digest(key, f"{len(found)} {text}".encode(), "sha256").hex()
    return found[: len(text)]


def _no_id(kind: str) -> ContractBroken:
    return ContractBroken(
        f"a value that is to be masked as {kind} is none.", place="mirror plan",
        next_step="Look at the column's line in mirror/plan.csv: it names another kind of value.",
    )  # fmt: skip
