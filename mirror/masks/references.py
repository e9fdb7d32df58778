"""Masks of references: the digits are permuted, all else of a reference stays as it is.

Every run of three and more digits is permuted among the numbers of as many digits, its leading zeros staying. It
depends on nothing beside it: P900001 and 900001, 00012207 and 12207, 0000001/1 and 0000001 go on fitting each other. A
run of ten digits without a leading zero is nine and their check digit (mappings.payment_refs): what was right stays
right, what was wrong stays wrong. No such run is its own mask.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mappings.payment_refs import WEIGHTS
from mirror.masks.columns import Bytes, by_distinct, same_length
from mirror.masks.draws import UInts, cycled

Bools = NDArray[np.bool_]
_SHORTEST, _CHECKED, _LONGEST = 3, 10, 18
_WEIGHTS = np.array(WEIGHTS, np.uint64)
_TENS = np.uint64(10) ** np.arange(19, dtype=np.uint64)
_ZERO = ord("0")


def references(key: bytes, values: pa.Array) -> pa.Array:
    """Masked references."""
    return by_distinct(values, lambda distinct: same_length(distinct, lambda matrix: _masked(key, matrix, False)))


def source_keys(key: bytes, values: pa.Array) -> pa.Array:
    """Masked keys of rows: references, in which days (2026-09-07) stay."""
    return by_distinct(values, lambda distinct: same_length(distinct, lambda matrix: _masked(key, matrix, True)))


def _masked(key: bytes, matrix: Bytes, keep_days: bool) -> Bytes:
    is_digit = (matrix >= _ZERO) & (matrix <= ord("9"))
    if keep_days:
        is_digit &= ~_days(matrix, is_digit)
    found = matrix.copy()
    for rows, shape in _shapes(is_digit):
        for begin, end in _runs(shape):
            block = found[rows, begin:end]
            found[rows, begin:end] = _run(key, block)
    return found


def _shapes(is_digit: Bools) -> Iterator[tuple[slice | NDArray[np.int64], Bools]]:
    """The rows whose digits stand in the same places, and where."""
    if (is_digit == is_digit[0]).all():
        yield slice(None), is_digit[0]
        return
    packed = np.packbits(is_digit, axis=1)
    _, first, shape_of = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(shape_of.reshape(-1), kind="stable")
    ends = np.cumsum(np.bincount(shape_of.reshape(-1)))
    for at, rows in zip(first, np.split(order, ends[:-1]), strict=True):
        yield rows, is_digit[at]


def _runs(shape: Bools) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], shape, [False]]).astype(np.int8)))
    for begin, end in edges.reshape(-1, 2):
        for start in range(int(begin), int(end), _LONGEST):
            stop = min(start + _LONGEST, int(end))
            if stop - start >= _SHORTEST:
                yield start, stop


def _run(key: bytes, block: Bytes) -> Bytes:
    digits = (block - _ZERO).astype(np.uint64)
    width = digits.shape[1]
    found = _checked(key, digits) if width == _CHECKED else _digits(_permuted(key, _numbers(digits)), width)
    return (found + _ZERO).astype(np.uint8)


def _checked(key: bytes, digits: UInts) -> UInts:
    """Nine digits and a check digit: the right ones permuted among themselves, the wrong ones too."""
    nine, check = _numbers(digits[:, :-1]), digits[:, -1]
    wrong_by = (check + 10 - _check_digit(digits[:, :-1])) % np.uint64(10)
    right, padded = wrong_by == 0, digits[:, 0] == 0
    found = nine.copy()
    found[right] = _permuted(key, nine[right])
    wrong = _permuted(key, nine[~right], 9, wrong_by[~right] - 1)
    found[~right], wrong_by[~right] = wrong // np.uint64(9), wrong % np.uint64(9) + 1
    masked = np.column_stack([_digits(found, 9), np.empty(len(found), np.uint64)])
    masked[:, -1] = (_check_digit(masked[:, :-1]) + wrong_by) % np.uint64(10)
    masked[padded] = _digits(_permuted(key, _numbers(digits[padded])), 10)  # padded to ten: no payment reference
    return masked


def _check_digit(digits: UInts) -> UInts:
    return (11 - (digits @ _WEIGHTS) % np.uint64(11)) % np.uint64(11) % np.uint64(10)


def _numbers(digits: UInts) -> UInts:
    return digits @ _TENS[: digits.shape[1]][::-1]


def _digits(numbers: UInts, width: int) -> UInts:
    return numbers[:, None] // _TENS[:width][::-1] % np.uint64(10)


def _permuted(key: bytes, numbers: UInts, extras: int = 1, extra: UInts | None = None) -> UInts:
    """Each number, permuted among those of as many digits; 0 stays. With an ``extra`` below ``extras`` both are
    permuted together, into number * extras + extra."""
    lengths = np.searchsorted(_TENS, numbers, side="right")
    found = numbers * np.uint64(extras) + (np.uint64(0) if extra is None else extra)
    for length in np.unique(lengths[lengths > 0]).tolist():
        rows, first = lengths == length, np.uint64(10 ** (length - 1) * extras)
        left, right = 9 * 10 ** (length - 1 - length // 2), 10 ** (length // 2) * extras
        if length == 1:
            left, right = 3, 3 * extras
        found[rows] = cycled(key, found[rows] - first, left, right) + first
    return found


def _days(matrix: Bytes, is_digit: Bools) -> Bools:
    """Where the digits of days stand: 2026-09-07 with no digit before or after."""
    found = np.zeros_like(is_digit)
    dash, (count, length) = matrix == ord("-"), matrix.shape
    none = np.zeros(count, bool)
    for at in range(length - 9):
        day = dash[:, at + 4] & dash[:, at + 7] & is_digit[:, [at, at + 1, at + 2, at + 3, at + 5, at + 6]].all(axis=1)
        day &= is_digit[:, at + 8] & is_digit[:, at + 9]
        day &= ~(is_digit[:, at - 1] if at else none) & ~(is_digit[:, at + 10] if at + 10 < length else none)
        found[day, at : at + 10] = True
    return found
