"""COBOL fields as columns of bytes, EBCDIC (cp1146), a column at a time.

Every function gives a matrix (records, width); a record is such matrices side by side.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]

# Letters, digits and blanks stand where cp1140 has them; a missing character (numpy pads with 0) is a blank.
_EBCDIC: Bytes = np.array([0x40, *bytes(range(1, 128)).decode("ascii").encode("cp1140")], np.uint8)


def text(values: pd.Series | list[str] | NDArray[np.object_], width: int) -> Bytes:
    """PIC X: ASCII text, cut or padded with blanks to ``width``."""
    characters: Bytes = np.asarray(values).astype(f"S{width}").view(np.uint8).reshape(-1, width)
    return _EBCDIC.take(characters)


def choice(index: ArrayLike, words: list[str], width: int) -> Bytes:
    """PIC X of few values: the word that each index names."""
    return text(words, width).take(np.asarray(index), axis=0)


def display(values: ArrayLike, digits: int) -> Bytes:
    """PIC 9: whole numbers, a digit a byte."""
    return (_digits(np.asarray(values), digits) | 0xF0).astype(np.uint8)


def signed(values: ArrayLike, digits: int) -> Bytes:
    """PIC S9: as ``display``, the sign in the last byte's zone."""
    numbers = np.asarray(values)
    found = display(np.abs(numbers), digits)
    found[:, -1] &= np.where(numbers < 0, 0xDF, 0xCF).astype(np.uint8)
    return found


def packed(values: ArrayLike, digits: int) -> Bytes:
    """PIC S9 COMP-3 of an odd number of digits: two digits a byte, the sign in the last half byte."""
    numbers = np.asarray(values)
    nibbles = np.empty((len(numbers), digits + 1), np.uint8)
    nibbles[:, :-1] = _digits(np.abs(numbers), digits)
    nibbles[:, -1] = np.where(numbers < 0, 0xD, 0xC)
    return (nibbles[:, 0::2] << 4 | nibbles[:, 1::2]).astype(np.uint8)


def binary(values: ArrayLike) -> Bytes:
    """PIC 9(4) COMP: two bytes, the high one first."""
    return np.asarray(values).astype(">u2").view(np.uint8).reshape(-1, 2)


def blanks(count: int, width: int) -> Bytes:
    """FILLER."""
    return np.full((count, width), 0x40, np.uint8)


def day(values: pd.Series, *, century: bool = True) -> Ints:
    """Dates as whole numbers CCYYMMDD (or YYMMDD), 0 where there is none."""
    dates = pd.DatetimeIndex(values)
    number = dates.year * 10_000 + dates.month * 100 + dates.day
    found: Ints = np.where(dates.isna(), 0, np.nan_to_num(number.to_numpy())).astype(np.int64)
    return found if century else found % 1_000_000


def records(*fields: Bytes, length: int) -> Bytes:
    """The fields side by side, filled up with blanks to ``length``."""
    joined = np.hstack(fields)
    return np.hstack([joined, blanks(len(joined), length - joined.shape[1])])


def _digits(numbers: NDArray[np.int64], count: int) -> Bytes:
    rest = numbers.astype(np.int64)
    found = np.empty((len(rest), count), np.uint8)
    for at in range(count - 1, -1, -1):
        rest, found[:, at] = np.divmod(rest, 10)
    return found
