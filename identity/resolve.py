"""Resolve: the key texts of mapped rows become the canonical ids they stand for."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pyarrow as pa

from identity.ids import stable_ids
from ledger.values import Mapped


def resolve(mapped: Mapped) -> Mapped:
    """The same rows with ``id`` and every reference as a UUID in hexadecimal."""
    rows = {}
    for target, frame in mapped.rows.items():
        columns = ("id", *mapped.references.get(target, ()))
        ids = {name: pd.Series(stable_ids(_array(frame[name])), index=frame.index, dtype=_TEXT) for name in columns}
        rows[target] = frame.assign(**ids)
    return replace(mapped, rows=rows)


_TEXT = pd.ArrowDtype(pa.string())


def _array(column: pd.Series[str]) -> pa.Array:
    array = pa.array(column, pa.string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
