"""dBase and FoxPro fields to Arrow columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.codepages import Bytes, CodePage, Mask
from connectors.decimals import numbers

JULIAN_OF_1970 = 2_440_588
"""The Julian day number that FoxPro's date-times count from."""


@dataclass(frozen=True)
class DbfField:
    """A field of a table: its type letter, where it stands in the record, and its declared digits."""

    name: str
    type: str
    offset: int
    length: int
    decimals: int
    null_bit: int | None = None
    """Which bit of the record's null flags says that the field is null."""
    full_bit: int | None = None
    """Which bit says that a varying field does not fill its length, which its last byte then holds."""

    @property
    def is_memo(self) -> bool:
        """Whether the field points into the memo file."""
        return self.type in "MGP" or (self.type == "B" and self.length == 10)


Column = tuple[pa.Array, Mask]
"""The values, and which records cannot be decoded."""


def decode(field: DbfField, matrix: Bytes, page: CodePage) -> Column:
    """The column of a field from its bytes (records, length). Memo fields give the block number."""
    if field.is_memo:
        return _block_numbers(matrix)
    return DECODERS[field.type](field, matrix, page)


def _text(field: DbfField, matrix: Bytes, page: CodePage) -> Column:
    return page.strings(matrix)


def _hexadecimal(field: DbfField, matrix: Bytes, page: CodePage) -> Column:
    return pa.array([row.tobytes().hex() for row in matrix], pa.string()), _none(matrix)


def _number(field: DbfField, matrix: Bytes, page: CodePage) -> Column:
    """N and F: digits as text. Blank is null; stars mean that the number did not fit, and are no number."""
    texts = pc.utf8_trim_whitespace(page.strings(matrix)[0])
    fraction = rf"(\.[0-9]{{0,{field.decimals}}})?" if field.decimals else r"(\.0*)?"
    sound = pc.match_substring_regex(texts, rf"^[+-]?([0-9]+{fraction}|\.[0-9]+)$")
    kind = number_type(field)
    if kind == pa.int64():
        texts = pc.replace_substring_regex(texts, r"\..*$|^\+", "")
    else:
        texts = pc.replace_substring_regex(texts, r"^\+", "")
    values = pc.if_else(sound, texts, pa.scalar(None, pa.string())).cast(kind)
    return values, _mask(pc.invert(pc.or_(sound, pc.equal(texts, ""))))


def number_type(field: DbfField) -> pa.DataType:
    """int64 for whole numbers of up to 18 characters, else decimal128 as wide as the field."""
    if field.decimals == 0 and field.length <= 18:
        return pa.int64()
    return pa.decimal128(min(max(field.length, field.decimals + 1), 38), field.decimals)


def _date(field: DbfField, matrix: Bytes, page: CodePage) -> Column:
    """D: YYYYMMDD. Blanks and zeros are null."""
    digits = matrix.astype(np.int32) - ord("0")
    empty = np.isin(matrix, (0, ord(" "), ord("0"))).all(axis=1)
    bad = ~empty & ((digits < 0) | (digits > 9)).any(axis=1)
    digits[empty | bad] = 0
    year = digits[:, 0] * 1000 + digits[:, 1] * 100 + digits[:, 2] * 10 + digits[:, 3]
    month = digits[:, 4] * 10 + digits[:, 5]
    day = digits[:, 6] * 10 + digits[:, 7]
    first = (year - 1970).astype("M8[Y]").astype("M8[M]") + np.clip(month - 1, 0, 11)
    dates = first.astype("M8[D]") + np.clip(day - 1, 0, None)
    whole = (month >= 1) & (month <= 12) & (day >= 1) & (dates.astype("M8[M]") == first) & (year > 0)
    bad |= ~empty & ~whole
    return pa.array(dates, pa.date32(), mask=empty | bad), bad


def _logical(field: DbfField, matrix: Bytes, page: CodePage) -> Column:
    byte = matrix[:, 0]
    true, false = np.isin(byte, list(b"TtYy")), np.isin(byte, list(b"FfNn"))
    unset = np.isin(byte, list(b" ?\0"))
    return pa.array(true, pa.bool_(), mask=~(true | false)), ~(true | false | unset)


def _integer(field: DbfField, matrix: Bytes, page: CodePage) -> Column:
    return pa.array(_view(matrix, "<i4").astype(np.int64)), _none(matrix)


def _currency(field: DbfField, matrix: Bytes, page: CodePage) -> Column:
    """Y: ten-thousandths in 64 bits."""
    bad = _none(matrix)
    return numbers(_view(matrix, "<i8").astype(np.int64), bad, pa.decimal128(19, 4)), bad


def _double(field: DbfField, matrix: Bytes, page: CodePage) -> Column:
    """B: a binary fraction, rounded to the decimals that the field declares; as text where it declares none."""
    values = _view(matrix, "<f8").astype(np.float64)
    bad = ~np.isfinite(values)
    if not field.decimals:
        return pa.array(values.astype(str), pa.string(), mask=bad), bad
    scaled = np.where(bad, 0.0, values) * 10.0**field.decimals
    bad |= np.abs(scaled) >= 2**53
    places = np.rint(np.where(bad, 0.0, scaled)).astype(np.int64)
    return numbers(places, bad, pa.decimal128(18, field.decimals)), bad


def _moment(field: DbfField, matrix: Bytes, page: CodePage) -> Column:
    """T: a Julian day and milliseconds. Nothing written is null."""
    empty = np.isin(matrix, (0, ord(" "))).all(axis=1)
    parts = _view(matrix, "<i4", 2).astype(np.int64)
    days, milliseconds = parts[:, 0] - JULIAN_OF_1970, parts[:, 1]
    bad = ~empty & ((np.abs(days) > 1_000_000) | (milliseconds < 0) | (milliseconds > 86_400_000))
    micros = np.where(empty | bad, 0, days * 86_400_000_000 + milliseconds * 1000)
    return pa.array(micros.astype("M8[us]"), pa.timestamp("us"), mask=empty | bad), bad


def _block_numbers(matrix: Bytes) -> Column:
    """Where memos begin; 0 for none. Four bytes in FoxPro, ten characters before it."""
    if matrix.shape[1] == 4:
        return pa.array(_view(matrix, "<u4").astype(np.int64)), _none(matrix)
    blank = np.isin(matrix, (0, ord(" ")))
    digits = matrix.astype(np.int64) - ord("0")
    bad: Mask = np.asarray((~blank & ((digits < 0) | (digits > 9))).any(axis=1))
    blocks = np.zeros(len(matrix), np.int64)
    for at in range(matrix.shape[1]):
        blocks = np.where(blank[:, at] | bad, blocks, blocks * 10 + digits[:, at])
    return pa.array(blocks), bad


def _view(matrix: Bytes, kind: str, count: int = 1) -> npt.NDArray[Any]:
    values = np.ascontiguousarray(matrix).view(kind)
    return values[:, 0] if count == 1 else values


def _none(matrix: Bytes) -> Mask:
    return np.zeros(len(matrix), np.bool_)


def _mask(values: pa.Array) -> Mask:
    return np.asarray(values.to_numpy(zero_copy_only=False), np.bool_)


DECODERS: dict[str, Callable[[DbfField, Bytes, CodePage], Column]] = {
    "C": _text,
    "V": _text,
    "Q": _hexadecimal,
    "N": _number,
    "F": _number,
    "D": _date,
    "L": _logical,
    "I": _integer,
    "+": _integer,
    "Y": _currency,
    "B": _double,
    "T": _moment,
    "@": _moment,
}
"""How each type letter is decoded. ``0`` (null flags) is no column of its own."""
