"""Blocks of delimited text into records: by arrays where the quotes are in order, line by line where not."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from connectors.chunks import chunk_of

RAW_BYTES = 1 << 16
"""How much of a faulty record is kept."""
LF, CR, CTRL_Z = 10, 13, b"\x1a"

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TextFormat:
    """How the text is written. ``quote`` is None where quotes mean nothing."""

    delimiter: str
    quote: str | None
    encoding: str

    @cached_property
    def transparent(self) -> bool:
        """True where line ends and delimiters are the bytes of ASCII."""
        plain = bytes(range(128))
        try:
            return plain.decode(self.encoding) == plain.decode("ascii")
        except UnicodeDecodeError:
            return False


@dataclass(frozen=True)
class Piece:
    """The records that end within a block. ``used`` bytes and ``lines`` of it are done with."""

    table: pa.Table
    used: int
    lines: int


@dataclass(frozen=True)
class Record:
    """One record: its fields as bytes, or its fault. ``end`` in bytes, ``last_line`` as it is counted."""

    line: int
    fields: list[bytes] | None
    fault: str | None
    raw: bytes
    end: int
    last_line: int


def parse_block(
    buffer: bytes, ended: bool, first_line: int, names: Sequence[str], form: TextFormat, longest: int
) -> Piece:
    """The block's complete records as a chunk of text columns.

    A record of another number of fields is "broken", one longer than ``longest`` bytes "oversized", one with
    bytes that the encoding does not know (or NUL) "undecodable". A quote that is never closed breaks the
    line on which it stands, not what follows.
    """
    piece = _parse_in_order(buffer, ended, first_line, names, form, longest)
    return piece or _parse_with_care(buffer, ended, first_line, names, form, longest)


def line_ends(buffer: bytes, ended: bool) -> Positions:
    """Where the next line begins, for each line that ends within the buffer: after LF, CRLF or CR."""
    content = np.frombuffer(buffer, np.uint8)
    returns = np.flatnonzero(content == CR)
    # A CR that comes last may be half of a CRLF.
    known = returns[returns + 1 < len(content)]
    alone = known[content[known + 1] != LF]
    if ended and len(known) < len(returns):
        alone = np.append(alone, returns[-1])
    ends = np.flatnonzero(content == LF)
    if len(alone):
        ends = np.sort(np.concatenate([ends, alone]))
    ends = ends + 1
    if ended and len(content) and (not len(ends) or ends[-1] < len(content)):
        ends = np.append(ends, len(content))
    return ends


def readable(content: bytes, form: TextFormat) -> str:
    """The first part of a record as text without its line end; strange bytes as ``\\xNN``."""
    text = content[:RAW_BYTES].rstrip(b"\r\n").decode(form.encoding, "backslashreplace")
    return text.replace("\x00", "\\x00")


def records(buffer: bytes, ended: bool, first_line: int, form: TextFormat, longest: int) -> Iterator[Record]:
    """The block's complete records one by one, by the rules of Python's csv module."""
    csv.field_size_limit(max(csv.field_size_limit(), longest + 1))
    bounds = [0, *line_ends(buffer, ended).tolist()]
    # One character a byte: csv knows text only, and the encoding is a matter of each record.
    lines = [buffer[start:end].decode("latin-1") for start, end in pairwise(bounds)]
    at = 0
    while at < len(lines):
        start = at
        fields, last = _fields(lines, start, form, longest)
        whole = buffer[bounds[start] : bounds[last + 1]]
        fault = None
        if bounds[start + 1] - bounds[start] > longest:
            fields, fault, last = None, "oversized", start
        elif fields is None:
            if last == len(lines) - 1 and not ended and len(whole) <= longest:
                return  # the quote may be closed in the next block
            fault, last = "broken", start
            whole = buffer[bounds[start] : bounds[start + 1]]
        at = last + 1
        if whole.rstrip(b"\r\n") in (b"", CTRL_Z):
            continue
        content = None if fields is None else [field.encode("latin-1") for field in fields]
        yield Record(first_line + start, content, fault, whole, bounds[at], first_line + last)


def _fields(lines: Sequence[str], start: int, form: TextFormat, longest: int) -> tuple[list[str] | None, int]:
    """The record's fields, None where its quotes are out of order, and the last line looked at."""
    last = start - 1

    def feed() -> Iterator[str]:
        nonlocal last
        size = 0
        for at in range(start, len(lines)):
            size += len(lines[at])
            last = at
            if at > start and size > longest:
                return
            yield lines[at]

    reader = csv.reader(
        feed(),
        delimiter=form.delimiter,
        quotechar=form.quote,
        quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
        strict=True,
    )
    try:
        return next(reader), last
    except csv.Error:
        return None, last


def _parse_with_care(
    buffer: bytes, ended: bool, first_line: int, names: Sequence[str], form: TextFormat, longest: int
) -> Piece:
    found: list[Record] = []
    values: list[list[str | None]] = []
    faults: list[str | None] = []
    used, lines = 0, 0
    for record in records(buffer, ended, first_line, form, longest):
        fault, fields = record.fault, record.fields
        row: list[str | None] = [None] * len(names)
        if fields is not None and len(fields) != len(names):
            fault = "broken"
        elif fields is not None:
            decoded = [_decoded(field, form) for field in fields]
            if None in decoded:
                fault = "undecodable"
            else:
                row = decoded
        found.append(record)
        values.append(row)
        faults.append(fault)
        used, lines = record.end, record.last_line - first_line + 1
    columns = {name: pa.array([row[at] for row in values], pa.string()) for at, name in enumerate(names)}
    raws = [None if fault is None else readable(record.raw, form) for record, fault in zip(found, faults, strict=True)]
    return Piece(chunk_of([record.line for record in found], columns, faults, raws), used, lines)


def _parse_in_order(
    buffer: bytes, ended: bool, first_line: int, names: Sequence[str], form: TextFormat, longest: int
) -> Piece | None:
    """The block by arrays; None where quotes stand in odd places, so that a record's end is in doubt."""
    content = np.frombuffer(buffer, np.uint8)
    lines = line_ends(buffer, ended)
    quotes = np.flatnonzero(content == ord(form.quote)) if form.quote else np.empty(0, np.int64)
    if not _in_order(content, quotes, ord(form.delimiter)):
        return None
    ends = lines[_outside(quotes, lines)]
    if not len(ends) or (ended and ends[-1] < len(content)):
        return None  # nothing is complete, or a quote is never closed
    starts = np.concatenate([[0], ends[:-1]])
    lines_before = np.searchsorted(lines, starts, side="right")
    several = np.diff(np.append(lines_before, np.searchsorted(lines, ends[-1], side="right"))) > 1
    too_long = ends - starts > longest
    left_open = len(content) - ends[-1] > longest and lines[-1] > ends[-1]
    if left_open or (too_long & several).any():
        return None
    used, line_count = int(ends[-1]), int(np.searchsorted(lines, ends[-1], side="right"))

    delimiters = np.flatnonzero(content == ord(form.delimiter))
    delimiters = delimiters[_outside(quotes, delimiters)]
    fields = np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, starts) + 1
    blank = _blank(content, starts, ends)
    if blank.any():
        starts, ends, fields, too_long, lines_before = (
            array[~blank] for array in (starts, ends, fields, too_long, lines_before)
        )
    faults = np.where(too_long, "oversized", np.where(fields != len(names), "broken", "")).astype("U16")
    text = _text(buffer, starts, ends, faults, form)
    table = _parse(text, names, form)
    whole = faults == ""
    if table.num_rows != int(whole.sum()):
        return None
    positions = np.cumsum(whole) - 1
    rows = table if whole.all() else table.take(pa.array(positions, mask=~whole))
    columns = {name: rows[name].combine_chunks() for name in names}
    numbers = pa.array(lines_before + first_line, pa.int64())
    if whole.all():
        return Piece(chunk_of(numbers, columns), used, line_count)
    raws: list[str | None] = [None] * len(faults)
    for at in np.flatnonzero(~whole):
        raws[at] = readable(buffer[starts[at] : ends[at]], form)
    return Piece(chunk_of(numbers, columns, [fault or None for fault in faults.tolist()], raws), used, line_count)


def _in_order(content: npt.NDArray[np.uint8], quotes: Positions, delimiter: int) -> bool:
    """True where every second quote opens a field and the others close one or stand for themselves."""
    if not len(quotes):
        return True
    opening, closing = quotes[0::2], quotes[1::2]
    around = np.array([delimiter, LF, CR, content[quotes[0]]], np.uint8)
    before = content[opening[opening > 0] - 1]
    after = content[closing[closing < len(content) - 1] + 1]
    return bool(np.isin(before, around).all() and np.isin(after, around).all())


def _outside(quotes: Positions, positions: Positions) -> npt.NDArray[np.bool_]:
    """True for positions with an even number of quotes before them."""
    if not len(quotes):
        return np.ones(len(positions), np.bool_)
    outside: npt.NDArray[np.bool_] = np.searchsorted(quotes, positions) % 2 == 0
    return outside


def _blank(content: npt.NDArray[np.uint8], starts: Positions, ends: Positions) -> npt.NDArray[np.bool_]:
    """True for records that are a line end and nothing else, or DOS's mark of the file's end."""
    short = ends - starts <= 2
    blank = np.zeros(len(starts), np.bool_)
    for at in np.flatnonzero(short):
        line = content[starts[at] : ends[at]].tobytes().rstrip(b"\r\n")
        blank[at] = line in (b"", CTRL_Z)
    return blank


def _text(buffer: bytes, starts: Positions, ends: Positions, faults: npt.NDArray[np.str_], form: TextFormat) -> bytes:
    """The whole records in UTF-8; those that cannot be decoded are marked in ``faults`` and left out."""
    joined = _joined(buffer, starts, ends, faults == "")
    text = _decoded(joined, form)
    if text is None:
        content = np.frombuffer(buffer, np.uint8)
        strange = np.flatnonzero((content > 127) | (content == 0))
        doubtful = np.searchsorted(strange, ends) > np.searchsorted(strange, starts)
        for at in np.flatnonzero(doubtful & (faults == "")):
            if _decoded(buffer[starts[at] : ends[at]], form) is None:
                faults[at] = "undecodable"
        joined = _joined(buffer, starts, ends, faults == "")
        text = joined.decode(form.encoding)
    return joined if codecs.lookup(form.encoding).name == "utf-8" else text.encode("utf-8")


def _decoded(content: bytes, form: TextFormat) -> str | None:
    """The content as text; None where the encoding does not know it, or it holds NUL."""
    try:
        text = content.decode(form.encoding)
    except ValueError:
        return None
    return None if "\x00" in text else text


def _joined(buffer: bytes, starts: Positions, ends: Positions, chosen: npt.NDArray[np.bool_]) -> bytes:
    """The chosen records' bytes, copied a run of neighbours at a time."""
    first, last = starts[chosen], ends[chosen]
    if not len(first):
        return b""
    breaks = np.flatnonzero(first[1:] != last[:-1])
    heads = first[np.concatenate([[0], breaks + 1])]
    tails = last[np.concatenate([breaks, [len(last) - 1]])]
    return b"".join(buffer[head:tail] for head, tail in zip(heads, tails, strict=True))


def _parse(text: bytes, names: Sequence[str], form: TextFormat) -> pa.Table:
    """Text columns of whole records in UTF-8."""
    if not text:
        return pa.table({name: pa.array([], pa.string()) for name in names})
    return pa.csv.read_csv(
        pa.BufferReader(text),
        pa.csv.ReadOptions(column_names=list(names), block_size=len(text) + 1, use_threads=False),
        pa.csv.ParseOptions(
            delimiter=form.delimiter,
            quote_char=form.quote or False,
            newlines_in_values=True,
            ignore_empty_lines=False,
        ),
        pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )
