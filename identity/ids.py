"""Stable ids: the same few raw source values give the same id, on every machine, for ever.

An id is the first 128 bits of BLAKE2b over ``system US table US part US key`` (US = unit separator), as a UUID.
"""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc


def stable_id(key_text: str) -> UUID:
    """The id of one key text."""
    return UUID(blake2b(key_text.encode(), digest_size=16).hexdigest())


def key_of(system: str, target: str, key: str, part: str = "") -> str:
    """The key text of a canonical row made from the source key ``key``."""
    return "\x1f".join((system, target, part, key))


def stable_ids(key_texts: pa.StringArray) -> pa.StringArray:
    """The ids of a column of key texts, as 32 hexadecimal digits each; null stays null.

    Each distinct text is hashed once: a reference column of a million rows has a few thousand of them.
    """
    encoded = pc.dictionary_encode(key_texts)
    texts = pc.cast(encoded.dictionary, pa.binary()).to_pylist()
    ids = pa.array([blake2b(text, digest_size=16).hexdigest() for text in texts], pa.string())
    return ids.take(encoded.indices)
