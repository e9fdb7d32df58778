"""Records of an Access table from the pages that ``access_parser`` finds.

The parser knows the catalogue and the table definitions. Its own reading of records loses step after a column
was added or dropped, and turns currency into text with a currency sign; so the records are decoded here, after
the format description of the mdbtools project (HACKING) and what its programs print.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from access_parser import AccessParser

BOOLEAN, BYTE, SHORT, LONG, MONEY, SINGLE, DOUBLE, INSTANT = range(1, 9)
BINARY, TEXT, OLE, MEMO = range(9, 13)
GUID, NUMERIC, COMPLEX, BIG = 15, 16, 18, 19

DELETED, ELSEWHERE, OFFSET = 0x8000, 0x4000, 0x1FFF
"""Flags of a record's slot in a page, and the bits of its offset."""
EPOCH = datetime(1899, 12, 30)
ARROW = {
    BOOLEAN: pa.bool_(),
    **dict.fromkeys((BYTE, SHORT, LONG, COMPLEX, BIG), pa.int64()),
    MONEY: pa.decimal128(19, 4),
    INSTANT: pa.timestamp("us"),
}
NUMBERS = {BYTE: "<B", SHORT: "<h", LONG: "<i", COMPLEX: "<i", BIG: "<q"}


@dataclass(frozen=True)
class Misfit:
    """A record that cannot be decoded: its fault, and its bytes in hexadecimal."""

    fault: str
    raw: str


class MemoMissing(Exception):
    """A record points to a memo that is not in the file."""


class Database(AccessParser):  # type: ignore[misc]
    """An Access file's catalogue and pages, also of versions that the parser has not heard of."""

    @staticmethod
    def page_size_of(head: bytes) -> int:
        """Bytes of a page: 2,048 up to Access 97, 4,096 since."""
        return 2048 if head[0x14] == 0 else 4096

    def _parse_file_header(self, db_data: bytes) -> None:
        self.page_size = self.page_size_of(db_data)
        self.version = 3 if self.page_size == 2048 else 4

    def record(self, pointer: int) -> bytes:
        """The bytes that a pointer (page and slot) leads to. Raises MemoMissing where there are none."""
        page = self._data_pages.get((pointer >> 8) * self.page_size)
        slots = self.slots(page) if page else []
        if pointer & 0xFF >= len(slots):
            raise MemoMissing
        start, end, _ = slots[pointer & 0xFF]
        content: bytes = page[start:end]
        return content

    def slots(self, page: bytes) -> list[tuple[int, int, int]]:
        """Start, end and flags of each record of a page, in order."""
        at = 8 if self.version == 3 else 12
        (count,) = struct.unpack_from("<H", page, at)
        offsets = struct.unpack_from(f"<{count}H", page, at + 2)
        bounds = [self.page_size, *(offset & OFFSET for offset in offsets)]
        return [(start, end, offset & ~OFFSET) for (end, start), offset in zip(pairwise(bounds), offsets, strict=True)]


class AccessTable:
    """One table of a database."""

    def __init__(self, database: Database, name: str, encoding: str) -> None:
        parsed = database.get_table(name)
        self._database = database
        self._pages: list[bytes] = parsed.table.linked_pages
        self._declared = [parsed.columns[at] for at in sorted(parsed.columns)]
        self._encoding = encoding
        self.stated_rows: int = parsed.table_header.number_of_rows

    @property
    def columns(self) -> Mapping[str, pa.DataType]:
        """The columns with their Arrow types, in the order in which Access shows them."""
        return {column.col_name_str: _arrow_type(column) for column in self._declared}

    def records(self) -> Iterator[list[Any] | Misfit]:
        """The live records' values by column, in the order of the pages."""
        for page in self._pages:
            for start, end, flags in self._database.slots(page):
                if flags & DELETED:
                    continue
                content = page[start:end]
                try:
                    if flags & ELSEWHERE:
                        content = self._database.record(struct.unpack_from("<I", content)[0])
                    yield self._values(content)
                except MemoMissing:
                    yield Misfit("memo-missing", content.hex())
                except (struct.error, IndexError, ValueError, OverflowError):
                    yield Misfit("broken", content.hex())

    def _values(self, record: bytes) -> list[Any]:
        old = self._database.version == 3
        column_count = record[0] if old else struct.unpack_from("<H", record)[0]
        mask_bytes = (column_count + 7) // 8
        body, mask = record[:-mask_bytes], record[-mask_bytes:]
        variable = any(not column.column_flags.fixed_length for column in self._declared)
        offsets = (_old_offsets(body, len(record)) if old else _offsets(body)) if variable else []
        values: list[Any] = []
        for column in self._declared:
            number = column.column_id
            # A column that was added after the record was written has no bit in its mask.
            present = number < column_count and bool(mask[number // 8] >> number % 8 & 1)
            if column.type == BOOLEAN:
                values.append(present)
            elif not present:
                values.append(None)
            elif column.column_flags.fixed_length:
                start = column.fixed_offset + (1 if old else 2)
                values.append(self._value(column, body[start : start + column.length]))
            else:
                start, end = offsets[column.variable_column_number : column.variable_column_number + 2]
                values.append(self._value(column, body[start:end]))
        return values

    def _value(self, column: Any, content: bytes) -> Any:  # noqa: PLR0911 - one return a type
        kind = column.type
        if kind in NUMBERS:
            return struct.unpack(NUMBERS[kind], content)[0]
        if kind == TEXT:
            return self._text(content)
        if kind == MEMO:
            return self._text(self._long_value(content))
        if kind == OLE:
            return self._long_value(content).hex()
        if kind == MONEY:
            return Decimal(struct.unpack("<q", content)[0]).scaleb(-4)
        if kind == INSTANT:
            return _instant(struct.unpack("<d", content)[0])
        if kind == SINGLE:
            return str(np.float32(struct.unpack("<f", content)[0])).removesuffix(".0")
        if kind == DOUBLE:
            return repr(struct.unpack("<d", content)[0]).removesuffix(".0")
        if kind == NUMERIC:
            return _numeric(content, column.various.scale)
        return str(uuid.UUID(bytes_le=content)) if kind == GUID else content.hex()

    def _text(self, content: bytes) -> str:
        if self._database.version == 3:
            return content.decode(self._encoding)
        if not content.startswith(b"\xff\xfe"):
            return content.decode("utf-16-le")
        # Compressed: runs of Latin-1 and of UTF-16 by turns, with a zero byte at each change.
        runs = content[2:].split(b"\x00")
        return "".join(run.decode("utf-16-le" if turn % 2 else "latin-1") for turn, run in enumerate(runs))

    def _long_value(self, content: bytes) -> bytes:
        """A memo's bytes: in the record itself, in one record elsewhere, or in a chain of them."""
        length, pointer = struct.unpack_from("<II", content)
        size = length & 0x3FFFFFFF
        if length & 0x80000000:
            return content[12 : 12 + size]
        if length & 0x40000000:
            return self._database.record(pointer)[:size]
        pieces, left = [], size
        while pointer and left > 0:
            piece = self._database.record(pointer)
            (pointer,) = struct.unpack_from("<I", piece)
            pieces.append(piece[4:])
            left -= len(piece) - 4
        return b"".join(pieces)[:size]


def _arrow_type(column: Any) -> pa.DataType:
    if column.type == NUMERIC:
        return pa.decimal128(28, column.various.scale)
    return ARROW.get(column.type, pa.string())


def _offsets(body: bytes) -> list[int]:
    """Where the fields of variable length begin, and where the last ends; written backwards at the end."""
    (count,) = struct.unpack_from("<H", body, len(body) - 2)
    return list(struct.unpack_from(f"<{count + 1}H", body, len(body) - 4 - 2 * count))[::-1]


def _old_offsets(body: bytes, record_bytes: int) -> list[int]:
    """The same in Access 97: single bytes, and a table of the fields at which 256 more are to be added."""
    last = len(body) - 1
    count = body[last]
    jumps = (record_bytes - 1) // 256
    table = last - jumps - 1
    if (table - count) // 256 < jumps:
        jumps -= 1
    offsets, used = [], 0
    for at in range(count + 1):
        while used < jumps and at == body[last - used - 1]:
            used += 1
        offsets.append(body[table - at] + used * 256)
    return offsets


def _instant(days: float) -> datetime:
    """Days since the end of 1899; before that the time of day still counts forwards."""
    whole = int(days)
    seconds = round(abs(days - whole) * 86_400_000) / 1000
    return EPOCH + timedelta(days=whole, seconds=seconds)


def _numeric(content: bytes, scale: int) -> Decimal:
    sign, *words = struct.unpack("<BIIII", content)
    number = 0
    for word in words:
        number = number << 32 | word
    return Decimal(-number if sign else number).scaleb(-scale)
