"""Columns of characters out of byte matrices: single-byte code pages, EBCDIC's among them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

CP1146_DIFFERENCES = {0x4A: "$", 0x5B: "£", 0xA1: "¯", 0xB0: "¢", 0xB1: "[", 0xBA: "^", 0xBC: "~"}
"""Where IBM's code page 1146 (United Kingdom with euro) differs from 1140, which Python knows."""


@dataclass(frozen=True, eq=False)
class CodePage:
    """A code page as tables over its 256 bytes. ``lengths`` is 0 where the page knows no character."""

    name: str
    characters: tuple[str | None, ...]
    utf8: Bytes
    """Shape (256, longest): each byte's character in UTF-8."""
    lengths: npt.NDArray[np.uint8]
    """Shape (256,): bytes of each character in UTF-8."""

    @property
    def is_ebcdic(self) -> bool:
        """Whether digits stand at F0 to F9."""
        return self.characters[0xF0] == "0"

    def encode(self, text: str) -> bytes:
        """The text's bytes. Raises ValueError for a character that the page does not have."""
        return bytes(self.characters.index(character) for character in text)

    def decode(self, data: bytes) -> str:
        """The characters of those bytes, with U+FFFD where the page knows none."""
        return "".join(self.characters[byte] or "�" for byte in data)

    def strings(self, matrix: Bytes) -> tuple[pa.Array, Mask]:
        """Strings of a matrix (records, width), blanks kept, and which records hold unknown bytes.

        A zero byte becomes a blank: COBOL and dBase leave it where nothing was ever written, and no
        database stores it in a text.
        """
        records, width = matrix.shape
        lengths = self.lengths[matrix]
        unknown: Mask = (lengths == 0).any(axis=1)
        if int(lengths.max(initial=1)) == 1 and not unknown.any():
            data = np.ascontiguousarray(self.utf8[:, 0][matrix])
            ends = np.arange(records + 1, dtype=np.int64) * width
        else:
            kept = np.arange(self.utf8.shape[1], dtype=np.uint8) < lengths[:, :, None]
            data = self.utf8[matrix][kept]
            ends = np.concatenate(([0], np.cumsum(lengths.sum(axis=1, dtype=np.int64))))
        offsets = pa.py_buffer(ends.astype(np.int32))
        return pa.StringArray.from_buffers(records, offsets, pa.py_buffer(data)), unknown


@cache
def code_page(name: str) -> CodePage:
    """The code page of that name. Raises LookupError where neither Python nor this module knows it."""
    characters = list(_characters("cp1140" if name.lower() == "cp1146" else name))
    if name.lower() == "cp1146":
        for byte, character in CP1146_DIFFERENCES.items():
            characters[byte] = character
    encoded = [b" " if c == "\0" else (c or "").encode() for c in characters]
    longest = max(map(len, encoded))
    table: Any = np.frombuffer(b"".join(c.ljust(longest, b"\0") for c in encoded), np.uint8)
    lengths = np.array([len(c) for c in encoded], np.uint8)
    return CodePage(name.lower(), tuple(characters), table.reshape(256, longest), lengths)


def _characters(name: str) -> list[str | None]:
    characters = [bytes([byte]).decode(name, "ignore") or None for byte in range(256)]
    if sum(character is None for character in characters) > 128:
        raise LookupError(f"{name} is not a single-byte code page")
    return characters
