"""dBase III and Visual FoxPro tables with their memo files, written a column at a time.

A column that holds text where the field is a number, a date or a yes-or-no is written as it stands: so stars,
impossible dates and blanks get into a table.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

SLICE_ROWS = 100_000
WHOLE, DELETED = 0x20, 0x2A
FOXPRO_BLOCK, DBASE_BLOCK = 64, 512
_JULIAN_OF_1970 = 2_440_588
_FIXED = {"D": 8, "L": 1, "I": 4, "Y": 8, "T": 8}
_BACKLINK = 263  # bytes after a Visual FoxPro head, which name the database that the table belongs to


@dataclass(frozen=True)
class Field:
    """A field of a table: its name, type letter, length in bytes and decimals."""

    name: str
    type: str
    length: int
    decimals: int = 0


@dataclass(frozen=True)
class Kind:
    """The product that wrote a table. ``driver`` is the byte of the head that names the code page; 0 names none."""

    foxpro: bool
    page: str
    driver: int


FOXPRO = Kind(True, "cp1252", 0x03)
DBASE_III = Kind(False, "cp850", 0x00)


def fields(layout: str, kind: Kind) -> tuple[Field, ...]:
    """The fields of a layout such as ``"JOBNO C15, VALUE N10.2, RAISED D, NOTES M"``."""
    found = []
    for one in layout.split(", "):
        name, stated = one.split()
        letter, size = stated[0], stated[1:]
        whole, _, decimals = size.partition(".")
        fixed = _FIXED.get(letter, 4 if kind.foxpro else 10)
        found.append(Field(name, letter, int(whole or fixed), int(decimals or 0)))
    return tuple(found)


def write_table(
    path: Path, layout: str, rows: pd.DataFrame, kind: Kind = FOXPRO, *,
    marks: Bytes | None = None, lost_memos: NDArray[np.bool_] | None = None,
) -> None:  # fmt: skip
    """Writes the table, and its memo file where it has memos.

    ``rows`` has a column for each field: text, datetime64, bool, or int64 in units of the last decimal (Y: in
    hundredths). ``marks`` are the records' first bytes; ``lost_memos`` point behind the end of the memo file.
    """
    stated = fields(layout, kind)
    has_memos = any(field.type == "M" for field in stated)
    with path.open("wb") as file:
        file.write(_head(stated, len(rows), kind, has_memos))
        memos = _MemoFile(path.with_suffix(".FPT" if kind.foxpro else ".DBT"), kind) if has_memos else None
        for start in range(0, len(rows), SLICE_ROWS):
            part = slice(start, start + SLICE_ROWS)
            lost = None if lost_memos is None else lost_memos[part]
            columns = _columns(stated, rows.iloc[part], kind, memos, lost)
            mark = np.full(len(rows.iloc[part]), WHOLE, np.uint8) if marks is None else marks[part]
            file.write(np.hstack([mark[:, None], *columns]).tobytes())
        file.write(b"\x1a")
        if memos:
            memos.close()


def _head(stated: Sequence[Field], count: int, kind: Kind, has_memos: bool) -> bytes:
    entries, offset = b"", 1
    for field in stated:
        place = offset if kind.foxpro else 0
        entries += struct.pack(
            "<11scIBB14x", field.name.encode(), field.type.encode(), place, field.length, field.decimals
        )
        offset += field.length
    tail = b"\r" + (bytes(_BACKLINK) if kind.foxpro else b"")
    version = 0x30 if kind.foxpro else (0x83 if has_memos else 0x03)
    flags = 0x02 if kind.foxpro and has_memos else 0
    head = struct.pack(
        "<B3BIHH16xBB2x", version, 126, 9, 27, count, 32 + len(entries) + len(tail), offset, flags, kind.driver
    )
    return head + entries + tail


def _columns(
    stated: Sequence[Field], rows: pd.DataFrame, kind: Kind, memos: _MemoFile | None, lost: NDArray[np.bool_] | None
) -> Iterator[Bytes]:
    for field in stated:
        values = rows[field.name]
        if field.type == "M" and memos:
            yield memos.pointers(values, lost)
        elif field.type != "C" and not pd.api.types.is_string_dtype(values):
            yield _ENCODERS[field.type](values, field)
        else:
            aligned = values.str.rjust(field.length) if field.type == "N" else values
            yield encoded(aligned, field.length, kind.page)


def encoded(values: pd.Series, width: int, page: str) -> Bytes:
    """Characters of a single-byte code page, cut or padded with blanks to ``width``; "?" for what it lacks."""
    characters = values.to_numpy(dtype=object).astype(f"U{width}").view(np.uint32).reshape(len(values), width)
    found: Bytes = _bytes_of(page)[np.minimum(characters, 0xFFFF)]
    return found


@cache
def _bytes_of(page: str) -> Bytes:
    """The byte of each character up to U+FFFF; a zero (numpy pads with them) is a blank."""
    table = np.full(0x10000, ord("?"), np.uint8)
    for byte in range(256):
        character = bytes([byte]).decode(page, "ignore")
        if character:
            table[ord(character)] = byte
    table[0] = ord(" ")
    return table


def _number(values: pd.Series, field: Field) -> Bytes:
    """Digits to the right, a point before the decimals, a minus before the first digit."""
    numbers = values.to_numpy(dtype=np.int64)
    width = field.length - bool(field.decimals)
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    size = np.abs(numbers)[:, None]
    shown = (size >= powers) | (np.arange(width) >= width - field.decimals - 1)
    found: Bytes = np.where(shown, size // powers % 10 + ord("0"), ord(" ")).astype(np.uint8)
    negative = np.flatnonzero(numbers < 0)
    found[negative, shown[negative].argmax(axis=1) - 1] = ord("-")
    return np.insert(found, width - field.decimals, ord("."), axis=1) if field.decimals else found


def _date(values: pd.Series, field: Field) -> Bytes:
    dates = pd.DatetimeIndex(values)
    number = pd.Series(dates.year * 10_000 + dates.month * 100 + dates.day).fillna(0).astype("int64")
    return np.where(np.asarray(dates.isna())[:, None], np.uint8(ord(" ")), _number(number, field))


def _moment(values: pd.Series, field: Field) -> Bytes:
    """T: a Julian day and milliseconds; blanks where there is none."""
    seconds = values.to_numpy().astype("datetime64[s]")
    empty = np.isnat(seconds)
    day, second = np.divmod(np.where(empty, 0, seconds.astype(np.int64)), 86_400)
    parts = np.stack([day + _JULIAN_OF_1970, second * 1_000], axis=1).astype("<i4").view(np.uint8)
    return np.where(empty[:, None], np.uint8(ord(" ")), parts)


def _binary(values: pd.Series, kind: str) -> Bytes:
    return values.to_numpy().astype(kind).view(np.uint8).reshape(len(values), -1)


_ENCODERS: dict[str, Callable[[pd.Series, Field], Bytes]] = {
    "N": _number,
    "D": _date,
    "T": _moment,
    "L": lambda values, _: np.where(values.to_numpy(dtype=bool), ord("T"), ord("F")).astype(np.uint8)[:, None],
    "I": lambda values, _: _binary(values, "<i4"),
    "Y": lambda values, _: _binary(values * 100, "<i8"),
}


class _MemoFile:
    """The memo file of a table that is being written."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.kind = kind
        self.block = FOXPRO_BLOCK if kind.foxpro else DBASE_BLOCK
        self.next = DBASE_BLOCK // self.block
        self.file: BinaryIO = path.open("wb")
        self.file.write(bytes(DBASE_BLOCK))

    def pointers(self, memos: pd.Series, lost: NDArray[np.bool_] | None) -> Bytes:
        """Writes the memos and gives where they begin; 0, or blanks in dBase, for empty ones."""
        distinct, which = np.unique(memos.to_numpy(dtype=object).astype(str), return_inverse=True)
        blocks = [self._blocks(text) for text in distinct]
        filled = (distinct != "")[which]
        sizes = np.array([len(one) // self.block for one in blocks], np.int64)[which] * filled
        starts = np.where(filled, self.next + np.cumsum(sizes) - sizes, 0)
        self.file.write(b"".join(blocks[one] for one in which[filled]))
        self.next += int(sizes.sum())
        if lost is not None:
            starts = np.where(lost, starts + 5_000_000, starts)
        if self.kind.foxpro:
            return starts.astype("<u4").view(np.uint8).reshape(-1, 4)
        return encoded(pd.Series(starts).astype("str").where(starts > 0, "").str.rjust(10), 10, self.kind.page)

    def _blocks(self, memo: str) -> bytes:
        data = memo.encode(self.kind.page, "replace")
        data = struct.pack(">II", 1, len(data)) + data if self.kind.foxpro else data + b"\x1a\x1a"
        return data + bytes(-len(data) % self.block)

    def close(self) -> None:
        """Writes the head: the next free block, and FoxPro's block size."""
        self.file.seek(0)
        self.file.write(
            struct.pack(">IHH", self.next, 0, self.block) if self.kind.foxpro else struct.pack("<I", self.next)
        )
        self.file.close()
