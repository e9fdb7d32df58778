"""Whole numbers in numpy to exact Arrow columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[Any]
"""int64, or Python integers where 18 digits do not hold the field."""


def numbers(values: Numbers, missing: npt.NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    """Whole numbers as an int64 column, or as a decimal128 one that counts them in its last place."""
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
    if kind == pa.int64():
        return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(values.astype(np.int64))])
    if values.dtype == object:
        data = b"".join(int(value).to_bytes(16, "little", signed=True) for value in values)
    else:
        data = np.stack((values, values >> 63), axis=1).astype(np.int64).tobytes()
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(data)])
