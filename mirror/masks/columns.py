"""Columns of text as bytes, and masks over their distinct values: what all masks stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
_SAMPLE = 2_000


def same_length(values: pa.Array, change: Callable[[Bytes], Bytes]) -> pa.Array:
    """The column with ``change`` done to its values, which it is given as matrices of bytes, one for each length.

    ``change`` returns as many bytes as it took; null and empty stay.
    """
    array = pa.concat_arrays([values.cast(pa.string())])  # begins at 0, whatever slice it was
    validity, offsets, data = array.buffers()
    if not len(array) or data is None or not data.size:
        return array
    starts = np.frombuffer(offsets, np.int32, len(array) + 1).astype(np.int64)
    changed = np.frombuffer(data, np.uint8).copy()
    for rows, length in _lengths(starts):
        if len(rows) == len(array):
            changed[: starts[-1]] = change(changed[: starts[-1]].reshape(-1, length)).reshape(-1)
        else:
            places = starts[rows][:, None] + np.arange(length)
            changed[places] = change(changed[places])
    return pa.StringArray.from_buffers(len(array), offsets, pa.py_buffer(changed.tobytes()), validity)


def _lengths(starts: Ints) -> Iterator[tuple[Ints, int]]:
    lengths = np.diff(starts)
    for length in np.unique(lengths):
        if length:
            yield np.flatnonzero(lengths == length), int(length)


def by_distinct(values: pa.Array, mask: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """``mask`` of the column, done once for each distinct value where values repeat."""
    sample = values.slice(0, _SAMPLE)
    if len(values) <= _SAMPLE or pc.count_distinct(sample).as_py() > 0.7 * len(sample):
        return mask(values)
    encoded = pc.dictionary_encode(values)
    return mask(encoded.dictionary).take(encoded.indices)


def texts(values: pa.Array) -> NDArray[np.object_]:
    """The column as Python strings; null is None."""
    found: NDArray[Any] = values.to_numpy(zero_copy_only=False)
    return found


def strings(values: NDArray[Any] | list[str | None], like: pa.Array | None = None) -> pa.Array:
    """A column of strings; null where ``like`` is."""
    found = pa.array(values, pa.string(), from_pandas=True)
    return found if like is None else pc.if_else(pc.is_valid(like), found, pa.scalar(None, pa.string()))
