"""Comparing a batch with the last one by key and row hash, so that only what changed is worked on.

The fates of a finished batch rest beside it (``fates.parquet``: key, row_hash, fate, retry). ``retry`` marks
rows to be mapped again although unchanged: quarantined ones, and those with a reference that led nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.chunks import frame_of
from connectors.landing import write_whole
from ledger.values import Batch, Part

FATES_FILE = "fates.parquet"
FATES = pa.schema([("key", pa.string()), ("row_hash", pa.int64()), ("fate", pa.string()), ("retry", pa.bool_())])
KEPT = ("loaded", "unchanged")


@dataclass(frozen=True)
class Delta:
    """What is new in a batch.

    ``rows``: a frame with one line a batch row, in batch order: ``key, row_hash, fate, retry``. Fate is set for
    rows that need no work (``unchanged``, ``merged``, ``excluded``, ``quarantined`` for a key that stands twice with
    different contents) and null for those to be mapped. ``retry``: the rows of such keys, which every run judges
    afresh; ``conflicts``: those that do not stand; ``copies``: the merged rows, which repeat an earlier one.
    ``vanished``: keys that are gone, whatever their fate was (a row set aside may have been loaded before).
    ``first``: nothing was loaded before.
    """

    rows: pd.DataFrame
    conflicts: np.ndarray
    copies: np.ndarray
    vanished: tuple[str, ...]
    first: bool

    @property
    def to_map(self) -> np.ndarray:
        """The batch rows that must be mapped, sorted."""
        return np.flatnonzero(self.rows["fate"].isna().to_numpy())


def compare(batch: Batch, previous: pd.DataFrame | None, *, remap: bool) -> Delta:
    """The difference between a batch and the fates of the last one; ``remap`` maps unchanged rows too."""
    rows = _keys(batch.parts)
    fate = np.full(len(rows), None, dtype=object)
    again = _repeated(rows["key"])
    conflicts, same = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    if again.any():
        again, same = _set_aside(rows, again, previous)
        fate[same] = "merged"
        conflicts = again & ~same
        fate[conflicts] = "quarantined"
    disputed = rows["key"].isin(rows["key"][conflicts]).to_numpy(dtype=bool) if conflicts.any() else conflicts
    vanished: tuple[str, ...] = ()
    if previous is not None:
        carried, vanished = _carried(rows, previous, again)
        if not remap:
            fate = np.where(pd.isna(fate) & ~disputed, carried, fate)
    rows["fate"], rows["retry"] = fate, disputed
    return Delta(rows, np.flatnonzero(conflicts), np.flatnonzero(same), vanished, previous is None)


def save_fates(folder: Path, rows: pd.DataFrame) -> None:
    """Keeps the fates of a finished batch (columns key, row_hash, fate, retry) for the next comparison."""
    write_whole(pa.Table.from_pandas(rows, FATES, preserve_index=False), folder / FATES_FILE)


def load_fates(folder: Path) -> pd.DataFrame | None:
    """The fates that ``save_fates`` kept; None where there are none."""
    path = folder / FATES_FILE
    return frame_of(pq.read_table(path)) if path.exists() else None


def _keys(parts: tuple[Part, ...]) -> pd.DataFrame:
    tables = [pq.read_table(part.path, columns=["_key", "_row_hash"]) for part in parts]
    if not tables:
        schema = pa.schema([("key", pa.string()), ("row_hash", pa.int64())])
        return frame_of(schema.empty_table())
    keys = pa.concat_tables(tables).rename_columns(["key", "row_hash"]).combine_chunks()
    return frame_of(keys)


def _repeated(keys: pd.Series[str]) -> np.ndarray:
    """True where an earlier row has the same key; null is no key."""
    # Arrow numbers distinct values as they come, so a number that is no new highest stood before.
    numbers = pc.dictionary_encode(_flat(keys)).indices.fill_null(-1).to_numpy()
    highest = np.maximum.accumulate(np.concatenate([[-1], numbers]))[:-1]
    again: np.ndarray = (numbers >= 0) & (numbers <= highest)
    return again


def _set_aside(rows: pd.DataFrame, again: np.ndarray, previous: pd.DataFrame | None) -> tuple[np.ndarray, np.ndarray]:
    """Of rows that share a key all but one, and those among them that are copies of it.

    The one that stands is the one that stood before, else the first: a database may give them in any order.
    """
    twice = rows[rows["key"].isin(rows["key"][again])]
    fell = np.ones(len(twice), dtype=bool)
    if previous is not None:
        stood = previous[previous["key"].isin(twice["key"]) & previous["fate"].isin(KEPT)]
        pairs = [pd.MultiIndex.from_frame(frame[["key", "row_hash"]]) for frame in (twice, stood)]
        fell = ~pairs[0].isin(pairs[1])
    ordered = twice.assign(fell=fell).sort_values(["key", "fell"], kind="stable")
    standing = ordered.groupby("key")["row_hash"].transform("first")
    others = ordered.index[ordered["key"].duplicated()]
    aside, copies = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    aside[others] = True
    copies[others] = (ordered["row_hash"] == standing)[others]
    return aside, copies


def _carried(rows: pd.DataFrame, previous: pd.DataFrame, again: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """The fates that unchanged rows carry over, and the keys that vanished."""
    again_before = _repeated(previous["key"])
    if again_before.any():  # the row that stood comes first
        previous = previous.iloc[np.argsort(~previous["fate"].isin(KEPT).to_numpy(dtype=bool), kind="stable")]
        again_before = _repeated(previous["key"])
    before = previous[previous["key"].notna().to_numpy() & ~again_before]
    position = _positions(_flat(rows["key"]), _flat(before["key"]))
    found = (position >= 0) & ~again
    carried = np.full(len(rows), None, dtype=object)
    if len(before):
        at = np.where(found, position, 0)
        same = found & (before["row_hash"].to_numpy()[at] == rows["row_hash"].to_numpy())
        same &= ~before["retry"].to_numpy(dtype=bool)[at]
        fates = before["fate"].to_numpy(dtype=object)
        carried[same] = np.where(fates == "loaded", "unchanged", fates)[at[same]]
    gone = np.ones(len(before), dtype=bool)
    gone[position[found]] = False
    return carried, tuple(before["key"][gone])


def _positions(keys: pa.Array, among: pa.Array) -> np.ndarray:
    """Where each key stands in ``among``, whose keys are distinct and not null; -1 where it does not."""
    if keys.equals(among):
        return np.arange(len(keys))
    positions: np.ndarray = pc.index_in(keys, value_set=among).fill_null(-1).to_numpy()
    return positions


def _flat(column: pd.Series[str]) -> pa.Array:
    array = pa.array(column, pa.string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
