"""The fates of a batch's rows so far, from the files that comparing and loading leave beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.chunks import frame_of
from connectors.compare import compare
from ledger.values import FATES, Batch


def fates_so_far(batch: Batch) -> pd.DataFrame:
    """One line a batch row: ``key, row_hash, fate, retry``; rows that no stage reached are quarantined."""
    if (batch.folder / "delta.parquet").exists():
        rows = frame_of(pq.read_table(batch.folder / "delta.parquet"))
    else:
        rows = compare(batch, None, remap=True).rows.assign(fate=None)
    fate = _numbered(rows["fate"])
    always, retry = rows["retry"].to_numpy(dtype=bool), fate < 0
    for path in sorted(batch.folder.glob("loaded-*.parquet")):
        loaded = pq.read_table(path)
        at = loaded["row"].to_numpy()
        fate[at] = _numbered(loaded["fate"])
        retry[at] = loaded["retry"].to_numpy(zero_copy_only=False)
    fate[fate < 0] = FATES.index("quarantined")
    named = pa.array(FATES, pa.string()).take(pa.array(fate))
    return rows.assign(fate=pd.Series(named, rows.index, pd.ArrowDtype(pa.string())), retry=retry | always)


def _numbered(fates: pd.Series[str] | pa.ChunkedArray) -> np.ndarray:
    """The fates as their places in FATES, -1 for none: of ten million rows no text is held as an object."""
    values = pa.chunked_array([pa.array(fates, pa.string())]) if isinstance(fates, pd.Series) else fates
    places: pa.ChunkedArray = pc.index_in(values.cast(pa.string()), value_set=pa.array(FATES, pa.string()))
    numbers: np.ndarray = places.fill_null(-1).to_numpy().astype(np.int8)
    return numbers


def orphaned(batch: Batch) -> np.ndarray:
    """The batch rows that were loaded with a reference that led nowhere, or not loaded for it; sorted."""
    loaded = [pq.read_table(path) for path in sorted(batch.folder.glob("loaded-1-*.parquet"))]
    rows = [table["row"].filter(table["retry"]).to_numpy() for table in loaded]
    return np.sort(np.concatenate(rows)) if rows else np.array([], dtype=np.int64)
