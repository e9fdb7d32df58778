"""Mainframe files of fixed-length records that a COBOL copybook describes.

Layout settings of a table (or of its system):

``copybook``     path of the copybook
``encoding``     code page: ``cp1146`` (the default), ``cp037``, ``ascii`` or any single-byte one
``record``       which 01 level; the first unless told. A record is as long as the longest 01 level
``select``       ``{field = "REC-TYPE", value = "D"}``: which records are this table's; value may be a list
``redefines``    names of the redefining fields to read in place of (or beside) the field they redefine
``explode``      a group with OCCURS: one row an occurrence, told apart by the column ``_occurrence``
``omit``         names of groups or fields that another table of the file holds: they are not read
``ignore``       values of the select field that hold no table's rows, such as a header's
``trailer``      ``{value = "T", rows = "TRL-COUNT", total = "TRL-TOTAL"}``: the record with the control
                 totals; ``field`` where it is not the select's
``max_undecodable``  share of records past which the copybook counts as the wrong one (0.5)

A record whose type no table of the file selects, and that is neither ignored nor the trailer, is a broken row
of the first table, so that every record of a file has one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from connectors.cobol_records import RecordLayout
from connectors.cobol_values import decode
from connectors.codepages import Bytes, CodePage, Mask, code_page
from connectors.copybook import Copybook, Field, does_not_fit, read_copybook
from connectors.files import FileSource, setting
from connectors.protocol import CHUNK_ROWS, Controls, Unit
from ledger.errors import ConfigurationFault, ContractBroken
from ledger.spec import SystemSpec, TableSpec


@dataclass(frozen=True)
class Selector:
    """Records whose field holds one of some values."""

    field: Field
    values: tuple[bytes, ...]

    def matches(self, matrix: Bytes) -> Mask:
        """Which records (records, bytes) it selects."""
        window = matrix[:, self.field.offset : self.field.offset + self.field.size]
        found = np.zeros(len(matrix), np.bool_)
        for value in self.values:
            found |= (window == np.frombuffer(value, np.uint8)).all(axis=1)
        return found


@dataclass(frozen=True)
class TableLayout:
    """What a table's layout settings come to."""

    book: Copybook
    page: CodePage
    records: RecordLayout
    mine: Selector | None
    known: Selector | None
    trailer: Selector | None
    takes_strange: bool
    """Whether records of unknown type are this table's."""
    step: int
    """Records read at a time."""


class EbcdicSource(FileSource):
    """Records of mainframe files, decoded column by column."""

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """The table's records. Raises SourceUnreadable where the copybook does not fit the file."""
        layout = self._layout(table)
        length = layout.book.record_length
        with self._readable(table, unit):
            file_length = self.path(unit).stat().st_size
            rest = file_length % length
            yielded = False
            for first, matrix in _blocks(self.path(unit), length, layout.step):
                chosen, strange = _chosen(layout, matrix)
                lines = np.arange(first, first + len(matrix))[chosen]
                chunk = layout.records.table(matrix[chosen], lines, strange[chosen])
                if first == 1 and not self._fits(table, layout, chunk, float(strange.mean()), rest):
                    place = f"{table.place}, file {unit.name}"
                    raise does_not_fit(self.system.name, place, length, file_length)
                if len(chunk):
                    yielded = True
                    yield chunk
            if rest:
                if file_length < length:
                    place = f"{table.place}, file {unit.name}"
                    raise does_not_fit(self.system.name, place, length, file_length)
                tail = _tail(self.path(unit), rest)
                if _owns_tail(layout, tail, length):
                    yielded = True
                    yield _truncated(layout, file_length // length + 1, tail)
            if not yielded:
                yield layout.records.empty()

    def controls(self, table: TableSpec, unit: Unit) -> Controls:
        """Rows and total of the trailer records. Raises ContractBroken where a declared one is missing."""
        layout, declared = self._layout(table), setting(self.system, table, "trailer", None)
        if declared is None or layout.trailer is None:
            return Controls()
        with self._readable(table, unit):
            found = [
                matrix[layout.trailer.matches(matrix)]
                for _, matrix in _blocks(self.path(unit), layout.book.record_length, CHUNK_ROWS)
            ]
        trailers = np.concatenate(found) if found else np.zeros((0, 1), np.uint8)
        place = f"{table.place}, file {unit.name}"
        if not len(trailers):
            raise ContractBroken(
                "The trailer record with the control totals is missing, so the file may not be whole.",
                system=self.system.name,
                place=place,
                next_step="Ask for the file again.",
            )
        sums: dict[str, Decimal] = {}
        for total in ("rows", "total"):
            if total in declared:
                field = self._field(table, layout.book, str(declared[total]))
                window = trailers[:, field.offset : field.offset + field.size]
                column, bad = decode(field, window, layout.page)
                if bad.any() or column.null_count:
                    raise ContractBroken(
                        f"The trailer's {field.name} is no number.",
                        system=self.system.name,
                        place=place,
                        next_step="Ask for the file again, or correct layout.trailer in source.toml.",
                    )
                sums[total] = sum(map(Decimal, column.to_pylist()), Decimal(0))
        rows = sums.get("rows")
        return Controls(None if rows is None else int(rows), sums.get("total"))

    def _fits(self, table: TableSpec, layout: TableLayout, chunk: pa.Table, strange: float, rest: int) -> bool:
        limit = float(setting(self.system, table, "max_undecodable", 0.5))
        faulty = (len(chunk) - chunk["_fault"].null_count) / max(len(chunk), 1)
        can_tell = layout.records.checks or layout.known is not None
        return faulty <= limit and strange <= limit and (can_tell or not rest)

    def _layout(self, table: TableSpec) -> TableLayout:
        path = setting(self.system, table, "copybook", None)
        if path is None:
            raise self._fault(table, "It has no layout.copybook.")
        book = read_copybook(Path(str(path)))
        name = str(setting(self.system, table, "encoding", "cp1146"))
        try:
            page = code_page(name)
        except LookupError as error:
            raise self._fault(table, f"{name} is no code page that can be read.") from error
        wanted = setting(self.system, table, "record", None)
        try:
            record = book.record(wanted)
        except KeyError as error:
            raise self._fault(table, f"The copybook has no record {wanted}.") from error
        explode = setting(self.system, table, "explode", None)
        group = self._field(table, book, str(explode)) if explode else None
        redefines = frozenset(str(n).upper() for n in setting(self.system, table, "redefines", ()))
        omit = frozenset(str(n).upper() for n in setting(self.system, table, "omit", ()))
        sharing = [t for t in self.system.tables if self._pattern(t) == self._pattern(table)]
        trailer = self._trailer(table, book, page)
        mine = self._selector(table, book, page, setting(self.system, table, "select", None))
        known = None
        if mine is not None:
            ignored = {"field": mine.field.name, "value": setting(self.system, table, "ignore", [])}
            others = [self._selector(t, book, page, setting(self.system, t, "select", None)) for t in sharing]
            selectors = [*others, self._selector(table, book, page, ignored), trailer]
            same = [s for s in selectors if s is not None and s.field.offset == mine.field.offset]
            known = Selector(mine.field, tuple({v for s in same for v in s.values}))
        return TableLayout(
            book=book,
            page=page,
            records=RecordLayout(record, page, redefines, group, omit),
            mine=mine,
            known=known,
            trailer=trailer,
            takes_strange=not sharing or sharing[0].name == table.name,
            step=max(1, CHUNK_ROWS // (group.occurs if group else 1)),
        )

    def _trailer(self, table: TableSpec, book: Copybook, page: CodePage) -> Selector | None:
        declared = setting(self.system, table, "trailer", None)
        if declared is None:
            return None
        select = setting(self.system, table, "select", {})
        return self._selector(table, book, page, {"field": select.get("field"), **declared})

    def _selector(
        self, table: TableSpec, book: Copybook, page: CodePage, declared: Mapping[str, Any] | None
    ) -> Selector | None:
        if declared is None:
            return None
        field = self._field(table, book, str(declared.get("field")))
        value = declared.get("value", [])
        texts = [str(v) for v in (value if isinstance(value, list | tuple) else [value])]
        try:
            values = tuple(page.encode(text.ljust(field.size)) for text in texts)
        except ValueError as error:
            raise self._fault(table, f"A value for {field.name} is not in the code page.") from error
        if any(len(value) != field.size for value in values):
            raise self._fault(table, f"A value for {field.name} is longer than its {field.size} bytes.")
        return Selector(field, values)

    def _field(self, table: TableSpec, book: Copybook, name: str) -> Field:
        try:
            return book.field(name)
        except KeyError as error:
            raise self._fault(table, f"The copybook has no field {name}.") from error

    def _fault(self, table: TableSpec, fault: str) -> ConfigurationFault:
        return ConfigurationFault(
            fault, system=self.system.name, place=table.place, next_step="Correct layout in source.toml."
        )


def _blocks(path: Path, length: int, step: int) -> Iterator[tuple[int, Bytes]]:
    """Number of the first record and matrix (records, bytes) of each block of whole records."""
    with path.open("rb") as file:
        first = 1
        while len(data := file.read(length * step)) >= length:
            whole = len(data) // length
            yield first, np.frombuffer(data, np.uint8, whole * length).reshape(whole, length)
            first += whole


def _chosen(layout: TableLayout, matrix: Bytes) -> tuple[Mask, Mask]:
    """Which records become rows of the table, and which are of no known type."""
    if layout.mine is None or layout.known is None:
        trailer = layout.trailer.matches(matrix) if layout.trailer else np.zeros(len(matrix), np.bool_)
        return ~trailer, np.zeros(len(matrix), np.bool_)
    strange = ~layout.known.matches(matrix)
    mine = layout.mine.matches(matrix)
    return mine | strange if layout.takes_strange else mine, strange


def _tail(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(-size, 2)
        return file.read()


def _owns_tail(layout: TableLayout, tail: bytes, length: int) -> bool:
    """Whether the record that ends too early is this table's, as far as its type can be read."""
    matrix = np.frombuffer(tail.ljust(length, b"\0"), np.uint8).reshape(1, length)
    chosen, strange = _chosen(layout, matrix)
    if layout.trailer is not None and layout.trailer.matches(matrix)[0]:
        return layout.takes_strange
    return bool(chosen[0]) or (bool(strange[0]) and layout.takes_strange)


def _truncated(layout: TableLayout, line: int, tail: bytes) -> pa.Table:
    empty = layout.records.empty()
    facts = {"_line": line, "_fault": "truncated", "_raw": tail.hex()}
    return pa.Table.from_pylist([facts], schema=empty.schema)


def open_source(system: SystemSpec, url: str, secrets: Mapping[str, str]) -> EbcdicSource:
    """The opened folder or file of mainframe records."""
    return EbcdicSource(system, url)
