"""CSV and the like: delimited text of any line end, read in blocks of bytes.

Layout of a table (each also of the system): ``files`` (a glob), ``encoding`` (utf-8), ``delimiter`` (","),
``quote`` ('"'; empty for none), ``header`` (true; else ``columns`` or the declared columns name the fields),
``header_row`` (1, counted in records), ``skip_rows`` after the header (0), ``label_column`` (true where the
first column only labels the header rows). A byte order mark of UTF-8 overrides the declared encoding.

Blank lines are no records. Every field is text; an empty one is empty text, never null.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO

import pyarrow as pa

from connectors.chunks import chunk_of, distinct_names
from connectors.delimited_blocks import Piece, TextFormat, line_ends, parse_block, readable, records
from connectors.files import FileSource, kind_of, setting
from connectors.protocol import CHUNK_ROWS, Unit
from ledger.errors import ConfigurationFault, ContractBroken, SourceUnreadable
from ledger.spec import SystemSpec, TableSpec

BLOCK_BYTES = 8 << 20
MAX_RECORD_BYTES = 1 << 20
"""No real record is longer. One that is becomes "oversized", and reading goes on after its line."""


def open_source(system: SystemSpec, url: str, secrets: Mapping[str, str]) -> DelimitedSource:
    """The folder or file as a source. Raises ConfigurationFault where it is not there."""
    return DelimitedSource(system, url)


class DelimitedSource(FileSource):
    """Delimited text files of a folder."""

    any_file = "*.csv"

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """The file's records as text columns under the headers found.

        Raises SourceUnreadable where the file is no delimited text, ContractBroken where it has no header.
        """
        form = self._format(table)
        with self._readable(table, unit), self.path(unit).open("rb") as file:
            head = file.read(4096)
            self._require_text(table, unit, head, form)
            if head.startswith(codecs.BOM_UTF8):
                form = replace(form, encoding="utf-8")
                file.seek(len(codecs.BOM_UTF8))
            else:
                file.seek(0)
            blocks = _blocks(file, form)
            if not form.transparent:
                form = replace(form, encoding="utf-8")
            for piece in self._pieces(table, unit, blocks, form):
                for start in range(0, piece.num_rows, CHUNK_ROWS):
                    yield piece.slice(start, CHUNK_ROWS)

    def _pieces(self, table: TableSpec, unit: Unit, blocks: Iterator[bytes], form: TextFormat) -> Iterator[pa.Table]:
        """The blocks' records as tables of any size; what is left of a block goes before the next."""
        names: list[str] | None = None
        buffer, line, ended, skipping = b"", 1, False, False
        while not ended:
            block = next(blocks, b"")
            ended = not block
            buffer += block
            if skipping:
                buffer, skipping = _after_line(buffer, ended)
                if skipping:
                    continue
                line += 1
            if names is None:
                header = self._header(table, unit, buffer, ended, form)
                if header is None:
                    continue
                names, used, lines = header
                buffer, line = buffer[used:], line + lines
            piece = parse_block(buffer, ended, line, names, form, MAX_RECORD_BYTES)
            if piece.table.num_rows:
                yield _without_labels(piece, names) if self._labelled(table) else piece.table
            buffer, line = buffer[piece.used :], line + piece.lines
            if len(buffer) > MAX_RECORD_BYTES and not len(line_ends(buffer, ended)):
                yield _oversized(line, buffer, names[1:] if self._labelled(table) else names, form)
                buffer, skipping = _after_line(buffer, ended)
                line += not skipping

    def _header(
        self, table: TableSpec, unit: Unit, buffer: bytes, ended: bool, form: TextFormat
    ) -> tuple[list[str], int, int] | None:
        """Names, bytes and lines up to the first record; None where the block ends before that."""
        if not setting(self.system, table, "header", True):
            declared = [column.name for column in table.columns]
            return [str(name) for name in setting(self.system, table, "columns", declared)], 0, 0
        header_row = int(setting(self.system, table, "header_row", 1))
        skipped = int(setting(self.system, table, "skip_rows", 0))
        names: list[str] = []
        found = records(buffer, ended, 1, form, MAX_RECORD_BYTES)
        for row, record in enumerate(found, start=1):
            if row == header_row:
                if record.fields is None:
                    break
                names = distinct_names([readable(field, form) for field in record.fields])
                if not _some_declared(table, names):  # then they may be a record's values: not to be told
                    break
            if row == header_row + skipped and names:
                return names, record.end, record.last_line
        if not ended and len(buffer) <= 16 * MAX_RECORD_BYTES:
            return None
        if ended and not buffer.strip():
            return [], len(buffer), 0
        raise ContractBroken(
            f"Row {header_row} is no header: it holds none of the declared columns.",
            system=self.system.name,
            place=f"{table.place}, file {unit.name}",
            next_step="Compare the file with layout.header_row, delimiter and quote in source.toml.",
        )

    def _labelled(self, table: TableSpec) -> bool:
        return bool(setting(self.system, table, "label_column", False))

    def _format(self, table: TableSpec) -> TextFormat:
        encoding = str(setting(self.system, table, "encoding", "utf-8"))
        delimiter = str(setting(self.system, table, "delimiter", ","))
        quote = str(setting(self.system, table, "quote", '"'))
        try:
            encoding = codecs.lookup(encoding).name
        except LookupError:
            encoding = ""
        if not encoding or len(delimiter.encode()) != 1 or len(quote.encode()) > 1:
            raise ConfigurationFault(
                "The encoding is not known, or delimiter or quote is not one plain character.",
                system=self.system.name,
                place=table.place,
                next_step="Correct layout.encoding, layout.delimiter or layout.quote in source.toml.",
            )
        return TextFormat(delimiter, quote or None, encoding.removesuffix("-sig"))

    def _require_text(self, table: TableSpec, unit: Unit, head: bytes, form: TextFormat) -> None:
        kind = kind_of(head)
        if kind is None and form.transparent:
            if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                kind = "text in UTF-16"
            elif head and sum(byte < 9 or 13 < byte < 32 for byte in head) > len(head) / 10:
                kind = "binary data"
        if kind is not None:
            raise SourceUnreadable(
                f"The file is {kind}, not delimited text.",
                system=self.system.name,
                place=f"{table.place}, file {unit.name}",
                next_step="Ask for the extract as CSV, or correct technology and encoding in source.toml.",
            )


def _some_declared(table: TableSpec, names: Sequence[str]) -> bool:
    known = {name.casefold() for column in table.columns for name in (column.name, *column.aliases)}
    return not known or any(name.strip().casefold() in known for name in names)


def _blocks(file: BinaryIO, form: TextFormat) -> Iterator[bytes]:
    """The file's bytes; in UTF-8 where the encoding hides line ends and delimiters (UTF-16, EBCDIC)."""
    if form.transparent:
        yield from iter(lambda: file.read(BLOCK_BYTES), b"")
        return
    decoder = codecs.getincrementaldecoder(form.encoding)("replace")
    while block := file.read(BLOCK_BYTES):
        if text := decoder.decode(block):
            yield text.encode("utf-8")
    if text := decoder.decode(b"", final=True):
        yield text.encode("utf-8")


def _after_line(buffer: bytes, ended: bool) -> tuple[bytes, bool]:
    """What stands after the first line end, and whether that is still to come."""
    ends = line_ends(buffer, ended)
    if len(ends):
        return buffer[int(ends[0]) :], False
    return (buffer[-1:] if buffer.endswith(b"\r") else b""), True


def _oversized(line: int, buffer: bytes, names: list[str], form: TextFormat) -> pa.Table:
    columns = {name: pa.nulls(1, pa.string()) for name in names}
    return chunk_of([line], columns, ["oversized"], [readable(buffer, form)])


def _without_labels(piece: Piece, names: list[str]) -> pa.Table:
    return piece.table.drop_columns([names[0]])
