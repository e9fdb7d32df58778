"""The fates of a batch's rows so far, from the files that comparing and loading leave beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.chunks import frame_of
from connectors.compare import compare
from ledger.values import FATES, Batch


def fates_so_far(batch: Batch) -> pd.DataFrame:
    """One line a batch row: ``key, row_hash, fate, retry``; rows that no stage reached are quarantined."""
    if (batch.folder / "delta.parquet").exists():
        table = pq.read_table(batch.folder / "delta.parquet", read_dictionary=["fate"])
        rows, fate = frame_of(table.drop_columns("fate")), _numbered(table["fate"])
    else:
        rows = compare(batch, None, remap=True).rows
        fate = np.full(len(rows), -1, dtype=np.int8)
    always, retry = rows["retry"].to_numpy(dtype=bool), fate < 0
    for path in sorted(batch.folder.glob("loaded-*.parquet")):
        loaded = pq.read_table(path, read_dictionary=["fate"])
        at = loaded["row"].to_numpy()
        fate[at] = _numbered(loaded["fate"])
        retry[at] = loaded["retry"].to_numpy(zero_copy_only=False)
    fate[fate < 0] = FATES.index("quarantined")
    named = pa.array(FATES, pa.string()).take(pa.array(fate))
    return rows.assign(fate=pd.Series(named, rows.index, pd.ArrowDtype(pa.string())), retry=retry | always)


def _numbered(fates: pa.ChunkedArray) -> np.ndarray:
    """The fates, dictionary-encoded, as their places in FATES, -1 for none: no text of ten million is looked at."""
    found = [np.array([], dtype=np.int8)]
    for chunk in fates.chunks:
        places = np.array([*map(FATES.index, chunk.dictionary.to_pylist()), -1], dtype=np.int8)
        found.append(places[chunk.indices.fill_null(-1).to_numpy()])
    return np.concatenate(found)


def orphaned(batch: Batch) -> np.ndarray:
    """The batch rows that were loaded with a reference that led nowhere, or not loaded for it; sorted."""
    loaded = [pq.read_table(path) for path in sorted(batch.folder.glob("loaded-1-*.parquet"))]
    rows = [table["row"].filter(table["retry"]).to_numpy() for table in loaded]
    return np.sort(np.concatenate(rows)) if rows else np.array([], dtype=np.int64)
