"""dBase III and IV and (Visual) FoxPro tables with their memo files.

Layout settings: ``files`` (which .dbf), ``encoding`` (in place of the code page that the table states).
A record that the source marks as deleted becomes a row with the fault ``deleted`` and its values as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.chunks import chunk_of
from connectors.codepages import Bytes, CodePage, Mask, code_page
from connectors.dbase_fields import DbfField, decode
from connectors.dbase_header import Header, NoTable, parse_header
from connectors.dbase_memo import MemoFile, memo_path
from connectors.files import FileSource, setting, sha256_of
from connectors.protocol import CHUNK_ROWS, Controls, Unit
from ledger.errors import ConfigurationFault, SourceUnreadable
from ledger.spec import SystemSpec, TableSpec

WHOLE, DELETED, END_OF_FILE = 0x20, 0x2A, 0x1A
"""First byte of a record; END_OF_FILE stands after the last one."""


@dataclass
class OpenTable:
    """A table that is being read."""

    header: Header
    page: CodePage
    memo: MemoFile | None
    memo_missing: SourceUnreadable
    """Raised when a record points into a memo file that is not there."""


class DbaseSource(FileSource):
    """Tables of a folder, decoded column by column."""

    any_file = "*.dbf"

    def units(self, table: TableSpec) -> Sequence[Unit]:
        """The table's files; one with a memo file beside it is known by the bytes of both."""
        return [self._with_memo(table, unit) for unit in super().units(table)]

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """The table's records. Raises SourceUnreadable where the file is no table or its memo file is gone."""
        with self._readable(table, unit), ExitStack() as opened:
            header = self._header(table, unit)
            path = memo_path(self.path(unit))
            has_memos = any(field.is_memo for field in header.fields)
            memo = opened.enter_context(MemoFile(path)) if path and has_memos else None
            reading = OpenTable(header, self._page(table, header), memo, self._memo_missing(table, unit))
            first = 1
            for matrix in self._blocks(unit, header):
                yield _chunk(reading, matrix, first)
                first += len(matrix)
            tail = self._tail(unit, header, first - 1)
            if tail:
                yield _truncated(reading, first, tail)
            elif first == 1:
                yield _chunk(reading, np.zeros((0, header.record_length), np.uint8), 1)

    def controls(self, table: TableSpec, unit: Unit) -> Controls:
        """The rows that the table's head counts, deleted ones too."""
        with self._readable(table, unit):
            return Controls(rows=self._header(table, unit).records)

    def _with_memo(self, table: TableSpec, unit: Unit) -> Unit:
        memo = memo_path(self.path(unit))
        if memo is None:
            return unit
        with self._readable(table, unit):
            both = f"{unit.sha256} {sha256_of(memo)}"
        return replace(unit, sha256=sha256(both.encode()).hexdigest())

    def _header(self, table: TableSpec, unit: Unit) -> Header:
        path = self.path(unit)
        with path.open("rb") as file:
            data = file.read(0x10000)
        try:
            header = parse_header(data, path.stat().st_size)
        except NoTable as error:
            raise SourceUnreadable(
                f"The file is no table that can be read: {error}.",
                system=self.system.name,
                place=f"{table.place}, file {unit.name}",
                next_step="Ask for the table again as dBase IV or FoxPro, copied whole and in binary.",
            ) from error
        return header

    def _page(self, table: TableSpec, header: Header) -> CodePage:
        name = setting(self.system, table, "encoding", header.code_page)
        try:
            return code_page(str(name))
        except LookupError as error:
            raise ConfigurationFault(
                "The table's code page is not known." if name is None else f"{name} is no code page.",
                system=self.system.name,
                place=table.place,
                next_step="State layout.encoding in source.toml.",
            ) from error

    def _memo_missing(self, table: TableSpec, unit: Unit) -> SourceUnreadable:
        return SourceUnreadable(
            "Records have memos, but the memo file is not beside the table.",
            system=self.system.name,
            place=f"{table.place}, file {unit.name}",
            next_step="Ask for the .fpt or .dbt file of the same name.",
        )

    def _blocks(self, unit: Unit, header: Header) -> Iterator[Bytes]:
        """Matrices (records, bytes) of whole records, up to the end mark."""
        with self.path(unit).open("rb") as file:
            file.seek(header.length)
            while len(data := file.read(header.record_length * CHUNK_ROWS)) >= header.record_length:
                whole = len(data) // header.record_length
                size = whole * header.record_length
                matrix = np.frombuffer(data, np.uint8, size).reshape(whole, header.record_length)
                ends = np.flatnonzero(matrix[:, 0] == END_OF_FILE)
                if len(ends):
                    if ends[0]:
                        yield matrix[: ends[0]]
                    return
                yield matrix

    def _tail(self, unit: Unit, header: Header, records: int) -> bytes:
        """What stands of a last record that ends too early; nothing where the table ends as it should."""
        with self.path(unit).open("rb") as file:
            file.seek(header.length + records * header.record_length)
            tail = file.read(header.record_length)
        return tail if records < header.records and tail and tail[0] in (WHOLE, DELETED) else b""


def _chunk(reading: OpenTable, matrix: Bytes, first: int) -> pa.Table:
    deleted = matrix[:, 0] == DELETED
    fault = np.full(len(matrix), None, object)
    columns: dict[str, pa.Array] = {}
    for field in reading.header.fields:
        column, bad = _column(reading, field, matrix)
        if field.is_memo:
            column, undecodable, missing = _memos(reading, field, column, ~deleted)
            bad = bad | undecodable
            fault[missing] = "memo-missing"
        fault[bad] = "undecodable"
        columns[field.name] = column
    fault[~np.isin(matrix[:, 0], (WHOLE, DELETED))] = "broken"
    lost = fault != None  # noqa: E711 - element by element
    fault[deleted] = "deleted"
    faulty = np.flatnonzero(lost | deleted)
    lines = pa.array(np.arange(first, first + len(matrix)))
    if not len(faulty):
        return chunk_of(lines, columns)
    raws = np.full(len(matrix), None, object)
    values = pa.table(columns).take(pa.array(faulty)).to_pylist()
    for row, record in zip(faulty, values, strict=True):
        # A deleted record is kept as people know it, a damaged one as its bytes.
        raws[row] = matrix[row].tobytes().hex() if lost[row] else json.dumps(record, default=str)
    sound = pa.array(~(lost | deleted))
    columns = {n: pc.if_else(sound, c, pa.scalar(None, c.type)) for n, c in columns.items()}
    return chunk_of(lines, columns, list(fault), list(raws))


def _column(reading: OpenTable, field: DbfField, matrix: Bytes) -> tuple[pa.Array, Mask]:
    """A field's column, with Visual FoxPro's null flags and varying lengths."""
    window = matrix[:, field.offset : field.offset + field.length]
    varying = _flag(reading.header, matrix, field.full_bit)
    if varying is not None and field.type == "V":
        beyond = np.arange(field.length) >= window[:, -1:]
        window = np.where(varying[:, None] & beyond, np.uint8(0x20), window)
    column, bad = decode(field, window, reading.page)
    if varying is not None and field.type == "V":
        column = pc.if_else(pa.array(varying), pc.utf8_rtrim_whitespace(column), column)
    null = _flag(reading.header, matrix, field.null_bit)
    if null is not None:
        column, bad = pc.if_else(pa.array(null), pa.scalar(None, column.type), column), bad & ~null
    return column, bad


def _flag(header: Header, matrix: Bytes, bit: int | None) -> Mask | None:
    if bit is None or header.null_flags is None:
        return None
    flags: Bytes = matrix[:, header.null_flags[0] + bit // 8]
    return np.asarray((flags >> (bit % 8)) & 1, np.bool_)


def _memos(reading: OpenTable, field: DbfField, blocks: pa.Array, alive: Mask) -> tuple[pa.Array, Mask, Mask]:
    """The memos of those blocks, which do not decode, and which cannot be read. Of deleted records any is."""
    numbers = blocks.fill_null(0).to_numpy(zero_copy_only=False)
    undecodable, missing = np.zeros(len(numbers), np.bool_), np.zeros(len(numbers), np.bool_)
    memos: list[str | None] = [None] * len(numbers)
    pointing = np.flatnonzero(numbers)
    if reading.memo is None and alive[pointing].any():
        raise reading.memo_missing
    for row in pointing if reading.memo else ():
        try:
            data = reading.memo.read(int(numbers[row]))  # type: ignore[union-attr]
            memos[row] = data.hex() if field.type in "GP" else data.decode(reading.page.name)
        except UnicodeDecodeError:
            undecodable[row] = alive[row]
        except LookupError:
            missing[row] = alive[row]
    return pa.array(memos, pa.string()), undecodable, missing


def _truncated(reading: OpenTable, line: int, tail: bytes) -> pa.Table:
    schema = _chunk(reading, np.zeros((0, reading.header.record_length), np.uint8), 1).schema
    facts: dict[str, Any] = {"_line": line, "_fault": "truncated", "_raw": tail.hex()}
    return pa.Table.from_pylist([facts], schema=schema)


def open_source(system: SystemSpec, url: str, secrets: Mapping[str, str]) -> DbaseSource:
    """The opened folder of tables, or one table."""
    return DbaseSource(system, url)
