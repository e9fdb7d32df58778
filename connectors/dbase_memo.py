"""Memo files of dBase III and IV (.dbt) and FoxPro (.fpt)."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Self

DBASE_BLOCK = 512
DBASE_IV_MARK = b"\xff\xff\x08\x00"


class MemoFile:
    """An opened memo file, read by block number."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        empty = path.stat().st_size == 0
        self._data: mmap.mmap | bytes = b"" if empty else mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        self._is_foxpro = path.suffix.casefold() == ".fpt"
        if self._is_foxpro:
            self._block = int.from_bytes(self._data[6:8], "big") or DBASE_BLOCK
        else:
            # dBase IV states the size; dBase III has zeros or remains of something else there.
            stated = int.from_bytes(self._data[20:22], "little")
            self._block = stated if stated >= DBASE_BLOCK and stated % DBASE_BLOCK == 0 else DBASE_BLOCK

    def read(self, block: int) -> bytes:
        """The memo that begins at the block. Raises LookupError where none can be read there."""
        start = block * self._block
        head = self._data[start : start + 8]
        if len(head) < 8:
            raise LookupError(block)
        if self._is_foxpro:
            return self._exactly(start + 8, int.from_bytes(head[4:], "big"), block)
        if head[:4] == DBASE_IV_MARK:
            return self._exactly(start + 8, int.from_bytes(head[4:], "little") - 8, block)
        end = self._data.find(b"\x1a", start)
        return self._data[start : end if end >= 0 else len(self._data)]

    def _exactly(self, start: int, length: int, block: int) -> bytes:
        data = self._data[start : start + max(length, 0)]
        if length < 0 or len(data) < length:
            raise LookupError(block)
        return data

    def close(self) -> None:
        """Gives the file back."""
        if isinstance(self._data, mmap.mmap):
            self._data.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def memo_path(table: Path) -> Path | None:
    """The memo file beside a table: the same name with .fpt or .dbt, in any case."""
    beside = {path.name.casefold(): path for path in table.parent.iterdir()}
    for ending in (".fpt", ".dbt"):
        found = beside.get(table.stem.casefold() + ending)
        if found is not None:
            return found
    return None
