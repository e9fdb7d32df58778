"""COBOL fields to Arrow columns: text, zoned and edited numbers, packed, binary and floating-point ones."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.codepages import Bytes, CodePage, Mask
from connectors.copybook import Field, Picture
from connectors.decimals import Numbers, numbers

BINARY_PRECISION = {2: 5, 4: 10, 8: 19}
"""Digits that fit into a binary field of so many bytes, whatever its picture says."""


def arrow_type(field: Field) -> pa.DataType:
    """The column type of a field: string, int64 for whole numbers up to 18 digits, else decimal128.

    Floating-point fields become strings, since nothing that a council counts is a binary fraction.
    """
    picture = field.picture
    if picture is None or picture.is_text:
        return pa.string()
    whole = picture.digits - min(picture.scale, 0)
    if picture.scale <= 0 and whole <= 18:
        return pa.int64()
    precision = max(whole, picture.scale)
    if field.usage == "binary":
        precision = max(precision, BINARY_PRECISION.get(field.size, 38))
    return pa.decimal128(min(precision, 38), max(picture.scale, 0))


def decode(field: Field, matrix: Bytes, page: CodePage) -> tuple[pa.Array, Mask]:
    """The column of a field from its bytes (records, field.size), and which records cannot be decoded.

    A number that is all blanks was never written and becomes null.
    """
    picture = field.picture
    if picture is None:
        return _floating(field, matrix, page)
    if picture.is_text:
        return page.strings(matrix)
    nothing: Mask = np.zeros(len(matrix), np.bool_)
    if field.usage == "packed":
        values, bad = _packed(picture, matrix)
    elif field.usage == "binary":
        values, bad = _binary(picture, matrix)
    else:
        nothing = np.asarray(_tables(page)["blank"][matrix].all(axis=1))
        values, bad = _zoned(field, picture, matrix, page)
        bad &= ~nothing
        if "." in picture.positions and bad.any():
            values[bad], bad[bad] = _written(picture, matrix[bad], page)
    if picture.scale < 0:
        values = values * 10**-picture.scale
    return numbers(values, nothing | bad, arrow_type(field)), bad


def _whole(digits: Bytes) -> Numbers:
    """The number that each row of digits writes."""
    if digits.shape[1] > 18:
        high: Numbers = _whole(digits[:, :-18]).astype(object) * 10**18
        return high + _whole(digits[:, -18:])
    values: Numbers = np.zeros(len(digits), np.int64)
    for position in range(digits.shape[1]):
        values = values * 10 + digits[:, position]
    return values


def _packed(picture: Picture, matrix: Bytes) -> tuple[Numbers, Mask]:
    """COMP-3: two digits a byte, the last half byte is the sign (C, A, E, F plus; D, B minus)."""
    nibbles = np.empty((len(matrix), matrix.shape[1] * 2), np.uint8)
    nibbles[:, 0::2] = matrix >> 4
    nibbles[:, 1::2] = matrix & 15
    digits, sign = nibbles[:, :-1], nibbles[:, -1]
    negative = (sign == 0xD) | (sign == 0xB)
    bad = (digits > 9).any(axis=1) | (sign < 10)
    if not picture.signed:
        bad |= negative
    if picture.digits % 2 == 0:
        bad |= digits[:, 0] != 0
    values = _whole(np.where(bad[:, None], np.uint8(0), digits[:, -picture.digits :]))
    return np.where(negative, -values, values), bad


def _binary(picture: Picture, matrix: Bytes) -> tuple[Numbers, Mask]:
    """COMP: two's complement, high byte first. An unsigned number past int64 does not fit its picture."""
    size, sound = matrix.shape[1], np.zeros(len(matrix), np.bool_)
    if size not in BINARY_PRECISION:
        rows = [int.from_bytes(row.tobytes(), "big", signed=picture.signed) for row in matrix]
        values = np.array(rows, object)
        bad = np.array([abs(value) >= 10**38 for value in rows], np.bool_)
        values[bad] = 0
        return values, bad
    kind = f">{'i' if picture.signed else 'u'}{size}"
    values = np.ascontiguousarray(matrix).view(kind)[:, 0].astype(np.int64)
    return values, sound if picture.signed else values < 0


@cache
def _tables(page: CodePage) -> dict[str, npt.NDArray[Any]]:
    """What each byte means in a zoned number: ``digit``, ``over`` (signed in its zone), 255 for none."""
    digit, over = np.full(256, 255, np.uint8), np.full(256, 255, np.uint8)
    minus, blank = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
    for byte, character in enumerate(page.characters):
        if character is not None and character in "0123456789":
            digit[byte] = over[byte] = int(character)
        blank[byte] = character in (" ", "\0")
    if page.is_ebcdic:
        for zone in (0xA0, 0xB0, 0xC0, 0xD0, 0xE0):
            over[zone : zone + 10] = range(10)
            minus[zone : zone + 10] = zone in (0xB0, 0xD0)
    else:
        for signs, negative in (("{ABCDEFGHI", False), ("}JKLMNOPQR", True), ("pqrstuvwxy", True)):
            for value, character in enumerate(signs):
                over[ord(character)], minus[ord(character)] = value, negative
    symbols = {
        symbol: np.array([character == symbol for character in page.characters], np.bool_) for symbol in "+-.*,$£"
    }
    return {"digit": digit, "over": over, "minus": minus, "blank": blank, **symbols}


def _zoned(field: Field, picture: Picture, matrix: Bytes, page: CodePage) -> tuple[Numbers, Mask]:
    """DISPLAY numbers: a digit a byte, the sign in a zone, apart, or edited in; edited points and blanks."""
    of = _tables(page)
    bad = np.zeros(len(matrix), np.bool_)
    negative = np.zeros(len(matrix), np.bool_)
    if field.sign_separate:
        sign = matrix[:, 0 if field.sign_leading else -1]
        negative, bad = of["-"][sign], ~(of["-"][sign] | of["+"][sign])
        matrix = matrix[:, 1:] if field.sign_leading else matrix[:, :-1]
    positions = picture.positions
    edited = {symbol for symbol in "+-$£" if positions.count(symbol) > 1}
    held = [at for at, symbol in enumerate(positions) if symbol in "9Z*" or symbol in edited]
    zone_at = held[0 if field.sign_leading else -1] if positions[held[-1]] == "9" else None
    if field.sign_separate or any(symbol in positions for symbol in ("+", "-", "CR", "DB")):
        zone_at = None
    digits = np.zeros((len(matrix), len(held)), np.uint8)
    for column, at in enumerate(held):
        byte = matrix[:, at]
        found = of["over" if at == zone_at else "digit"][byte]
        if at == zone_at:
            negative = negative | of["minus"][byte]
        if positions[at] != "9":
            suppressed = of["blank"][byte] | of["*"][byte] | of["$"][byte] | of["£"][byte]
            if positions[at] in "+-":
                suppressed |= of["+"][byte] | of["-"][byte]
                negative = negative | of["-"][byte]
            found = np.where(suppressed, np.uint8(0), found)
        bad |= found > 9
        digits[:, column] = found
    for at, symbol in enumerate(positions):
        byte = matrix[:, at]
        if symbol in "+-" and symbol not in edited:
            negative = negative | of["-"][byte]
            bad |= ~(of["-"][byte] | of["+"][byte] | of["blank"][byte])
        elif symbol == ".":
            bad |= ~(of["."][byte] | of["blank"][byte])
        elif symbol in "CD":
            negative = negative | ~of["blank"][byte]
    if not (picture.signed or field.sign_separate):
        bad |= negative
    values = _whole(np.where(bad[:, None], np.uint8(0), digits))
    return np.where(negative, -values, values), bad


def _written(picture: Picture, matrix: Bytes, page: CodePage) -> tuple[Numbers, Mask]:
    """Numbers with a written point that do not stand in their columns: moved to the left, say."""
    texts = pc.utf8_trim_whitespace(page.strings(matrix)[0])
    form = rf"^[+-]?[£$]?[0-9,]{{1,{38 - picture.scale}}}(\.[0-9]{{0,{picture.scale}}})?(\+|-|CR|DB)?$"
    sound = pc.match_substring_regex(texts, form).to_numpy(zero_copy_only=False)
    negative = pc.match_substring_regex(texts, "^-|-$|CR$|DB$").to_numpy(zero_copy_only=False)
    plain = pc.replace_substring_regex(texts, "[^0-9.]", "")
    plain = pc.if_else(pa.array(sound), plain, pa.scalar("0"))
    amounts = plain.cast(pa.decimal128(38, picture.scale))
    halves = np.frombuffer(amounts.buffers()[1], np.int64).reshape(-1, 2)[: len(texts)]
    values = halves[:, 0].copy()
    sound &= (halves[:, 1] == 0) & (values >= 0)
    return np.where(negative, -values, values), ~sound


def _floating(field: Field, matrix: Bytes, page: CodePage) -> tuple[pa.Array, Mask]:
    """COMP-1 and COMP-2 as text: IBM's hexadecimal floating point in EBCDIC files, else IEEE 754."""
    kind = np.float32 if field.usage == "float" else np.float64
    data = np.ascontiguousarray(matrix)
    if page.is_ebcdic:
        bits = data.view(f">u{field.size}")[:, 0].astype(np.uint64)
        width = np.uint64(field.size * 8)
        exponent = ((bits >> (width - np.uint64(8))) & np.uint64(127)).astype(np.int64) - 64
        fraction = (bits & ((np.uint64(1) << (width - np.uint64(8))) - np.uint64(1))).astype(np.float64)
        sign = np.where(bits >> (width - np.uint64(1)), -1.0, 1.0)
        values = sign * np.ldexp(fraction, (exponent * 4 - (field.size * 8 - 8)).astype(np.int32))
    else:
        values = data.view(f">f{field.size}")[:, 0].astype(np.float64)
    with np.errstate(over="ignore"):
        return pa.array(values.astype(kind).astype(str), pa.string()), ~np.isfinite(values)
