"""Transfer files with a record type in column 1 and another list of columns for each type.

AddressBase Premium comes so: 10 header, 11 street, 15 street descriptor, 21 land and property unit,
23 cross reference, 24 land and property identifier, 28 delivery point, 29 metadata, 30 successor,
31 organisation, 32 classification, 99 trailer. A table's columns in source.toml are its record's fields in
their order, the record type first. A record may lack all of the columns that are declared ``optional``
(an older edition of the format), but not some of them. Values do not span lines.

Layout settings of a table (or of its system):

``record``    the record type of the table's rows, such as ``"21"``
``ignore``    record types that hold no table's rows, such as the header's
``trailer``   ``{record = "99", count = 3, without = ["10", "29", "99"]}``: the record whose third field counts
              the file's records, those of the types ``without`` left out
``encoding``  utf-8 unless told

A record of a type that no table of the file takes, and that is not ignored, is a broken row of the first table,
so that every record of a file has one place. Blank lines are no records.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from connectors.chunks import chunk_of
from connectors.codepages import Mask
from connectors.files import FileSource, kind_of, setting
from connectors.protocol import CHUNK_ROWS, Controls, Unit
from ledger.errors import ConfigurationFault, ContractBroken, SourceUnreadable
from ledger.spec import SystemSpec, TableSpec

BLOCK_BYTES = 8_000_000
LONGEST_LINE = 100_000
"""Bytes. No record of any edition comes near."""


class RecordSource(FileSource):
    """Records of transfer files, one table a record type."""

    any_file = "*.csv"

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """The table's records as text. Raises SourceUnreadable where the file is no transfer file."""
        own, known, takes_strange = self._types(table)
        encoding = str(setting(self.system, table, "encoding", "utf-8"))
        columns = [column.name for column in table.columns]
        required = [column.name for column in table.columns if not column.optional]
        with self._readable(table, unit):
            self._check_kind(table, unit)
            yielded = False
            for first, lines in _blocks(self.path(unit)):
                strange = ~_is_of(lines, known) & _mask(pc.greater(pc.binary_length(lines), 0))
                chosen = _is_of(lines, own) | (strange if takes_strange else False)
                if not chosen.any():
                    continue
                numbers = np.arange(first, first + len(lines))[chosen]
                chunk = _parse(lines.filter(pa.array(chosen)), numbers, strange[chosen], columns, required, encoding)
                for start in range(0, len(chunk), CHUNK_ROWS):
                    yielded = True
                    yield chunk.slice(start, CHUNK_ROWS)
            if not yielded:
                nothing = pa.array([], pa.binary())
                yield _parse(nothing, np.zeros(0, np.int64), np.zeros(0, np.bool_), columns, required, encoding)

    def controls(self, table: TableSpec, unit: Unit) -> Controls:
        """The rows that the trailer leaves for this table: its count less the records of other types.

        Raises ContractBroken where a declared trailer is missing or counts nothing.
        """
        declared = setting(self.system, table, "trailer", None)
        if declared is None:
            return Controls()
        record, position = str(declared["record"]), int(declared["count"])
        uncounted = [str(kind) for kind in declared.get("without", [record])]
        own, known, takes_strange = self._types(table)
        stated: list[str] = []
        others = 0
        with self._readable(table, unit):
            for _, lines in _blocks(self.path(unit)):
                stated += lines.filter(pa.array(_is_of(lines, [record]))).cast(pa.string()).to_pylist()
                counted = ~_is_of(lines, uncounted) & _mask(pc.greater(pc.binary_length(lines), 0))
                mine = _is_of(lines, own) | (~_is_of(lines, known) if takes_strange else False)
                others += int((counted & ~mine).sum())
        counts = [line.split(",")[position - 1].strip(' "\r') for line in stated if line.count(",") >= position - 1]
        if not counts or not all(count.isdigit() for count in counts):
            raise ContractBroken(
                f"The trailer (record {record}) is missing or has no count, so the file may not be whole.",
                system=self.system.name,
                place=f"{table.place}, file {unit.name}",
                next_step="Ask for the file again.",
            )
        return Controls(rows=sum(map(int, counts)) - others)

    def _types(self, table: TableSpec) -> tuple[list[str], list[str], bool]:
        """The table's record types, all types that have a place, and whether others are this table's."""
        sharing = [t for t in self.system.tables if self._pattern(t) == self._pattern(table)]
        own = [str(table.layout.get("record", ""))]
        if not own[0]:
            raise ConfigurationFault(
                "The table has no layout.record.",
                system=self.system.name,
                place=table.place,
                next_step="State its record type in source.toml.",
            )
        trailer = setting(self.system, table, "trailer", None) or {}
        ignored = [str(kind) for kind in setting(self.system, table, "ignore", ())]
        known = {*own, *ignored, *(str(t.layout.get("record")) for t in sharing)}
        known |= {str(trailer["record"])} if trailer else set()
        return own, sorted(known), not sharing or sharing[0].name == table.name

    def _check_kind(self, table: TableSpec, unit: Unit) -> None:
        with self.path(unit).open("rb") as file:
            kind = kind_of(file.read(4096))
        if kind:
            raise SourceUnreadable(
                f"The file is no transfer file but {kind}.",
                system=self.system.name,
                place=f"{table.place}, file {unit.name}",
                next_step="Ask for the transfer file as CSV, unpacked.",
            )


def _parse(
    lines: pa.Array,
    numbers: np.ndarray,
    strange: Mask,
    columns: Sequence[str],
    required: Sequence[str],
    encoding: str,
) -> pa.Table:
    """The chunk of those lines; ``numbers`` are theirs in the file."""
    texts, undecodable = _decoded(lines, encoding)
    oversized = _mask(pc.greater(pc.binary_length(lines), LONGEST_LINE))
    odd = _mask(pc.equal(pc.bit_wise_and(pc.count_substring(texts, '"'), 1), 1))
    fault = np.full(len(lines), None, object)
    fault[strange | odd], fault[undecodable], fault[oversized] = "broken", "undecodable", "oversized"
    pieces = []
    left = np.flatnonzero(fault == None)  # noqa: E711 - element by element
    for names in dict.fromkeys((tuple(columns), tuple(required))):
        values, fitting = _split(texts.take(pa.array(left)), names)
        absent = {name: pa.nulls(len(values), pa.string()) for name in columns if name not in names}
        cells = {name: values[name] if name in names else absent[name] for name in columns}
        pieces.append(chunk_of(pa.array(numbers[left[fitting]], pa.int64()), cells))
        left = left[~fitting]
    fault[left] = "broken"
    bad = np.flatnonzero(fault != None)  # noqa: E711 - element by element
    if len(bad):
        raws = [lines[int(at)].as_py()[:LONGEST_LINE].decode(encoding, "backslashreplace") for at in bad]
        empty = {name: pa.nulls(len(bad), pa.string()) for name in columns}
        pieces.append(chunk_of(pa.array(numbers[bad], pa.int64()), empty, list(fault[bad]), raws))
    return pa.concat_tables(pieces).sort_by("_line").combine_chunks()


def _split(texts: pa.Array, names: Sequence[str]) -> tuple[pa.Table, Mask]:
    """The fields of the lines that have as many as there are names, and which lines those are."""
    fitting = np.ones(len(texts), np.bool_)
    if not len(texts):
        return pa.table({name: pa.array([], pa.string()) for name in names}), fitting

    def set_aside(row: csv.InvalidRow) -> str:
        fitting[row.number - 1] = False
        return "skip"

    text = pc.binary_join(pa.ListArray.from_arrays([0, len(texts)], texts), "\n")[0]
    table = csv.read_csv(
        pa.BufferReader(text.as_buffer()),
        csv.ReadOptions(column_names=list(names), use_threads=False),
        csv.ParseOptions(invalid_row_handler=set_aside),
        csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
    )
    return table, fitting


def _decoded(lines: pa.Array, encoding: str) -> tuple[pa.Array, Mask]:
    """The lines as text, and which of them are not in the encoding (those are empty)."""
    bad = np.zeros(len(lines), np.bool_)
    if encoding == "utf-8":
        try:
            return lines.cast(pa.string()), bad
        except pa.ArrowInvalid:
            pass  # some line is not: one by one
    texts: list[str] = []
    for at, line in enumerate(lines.to_pylist()):
        try:
            texts.append(line.decode(encoding))
        except UnicodeDecodeError:
            texts.append("")
            bad[at] = True
    return pa.array(texts, pa.string()), bad


def _is_of(lines: pa.Array, types: Sequence[str]) -> Mask:
    """Which lines are records of one of the types."""
    found = np.zeros(len(lines), np.bool_)
    for kind in types:
        for start in (f"{kind},", f'"{kind}",'):
            found |= _mask(pc.starts_with(lines, start))
        found |= _mask(pc.equal(lines, kind.encode()))
    return found


def _mask(values: pa.Array) -> Mask:
    return np.asarray(values.to_numpy(zero_copy_only=False), np.bool_)


def _blocks(path: Path) -> Iterator[tuple[int, pa.Array]]:
    """Number of the first line and lines (without their ends) of each block.

    A line without end is cut shortly after LONGEST_LINE: no line is ever held whole.
    """
    with path.open("rb") as file:
        first, held = 1, b""
        while block := file.read(BLOCK_BYTES):
            data = held + (block.removeprefix(codecs.BOM_UTF8) if first == 1 and not held else block)
            cut = data.rfind(b"\n") + 1
            if not cut:
                held = data[: LONGEST_LINE + 1]
                continue
            lines = pa.array(data[:cut].replace(b"\r\n", b"\n").split(b"\n")[:-1], pa.binary())
            if pc.max(pc.binary_length(lines)).as_py() > LONGEST_LINE:
                lines = pc.binary_slice(lines, 0, LONGEST_LINE + 1)
            held = data[cut:]
            yield first, lines
            first += len(lines)
        if held.strip(b"\r\n\x1a"):
            yield first, pa.array([held.rstrip(b"\r")[: LONGEST_LINE + 1]], pa.binary())


def open_source(system: SystemSpec, url: str, secrets: Mapping[str, str]) -> RecordSource:
    """The opened folder of transfer files, or one file."""
    return RecordSource(system, url)
