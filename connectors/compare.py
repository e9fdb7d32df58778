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
from ledger.values import FATES as FATE_NAMES
from ledger.values import Batch, Part

FATES_FILE = "fates.parquet"
FATES = pa.schema([("key", pa.string()), ("row_hash", pa.int64()), ("fate", pa.string()), ("retry", pa.bool_())])
KEPT = ("loaded", "unchanged")

KEY_ROWS = 1_000_000
"""About as many keys are held against each other at once: the tables that this takes are ten times the keys."""


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
    """The difference between a batch and the fates of the last one; ``remap`` maps unchanged rows too.

    ``vanished`` is in the order of ``previous``. What becomes of a row depends on the rows of its own key
    alone, so the keys are compared share by share, and no more is held of a table than its rows themselves.
    """
    rows = _keys(batch.parts)
    before = FATES.empty_table() if previous is None else pa.Table.from_pandas(previous, FATES, preserve_index=False)
    shares = max(1, -(-max(len(rows), len(before)) // KEY_ROWS))
    share_of, share_before = _shares(rows["key"], shares), _shares(before["key"], shares)
    fate, retry = np.full(len(rows), -1, dtype=np.int8), np.zeros(len(rows), dtype=bool)
    conflicts, copies, gone = (np.zeros(length, dtype=bool) for length in (len(rows), len(rows), len(before)))
    for share in range(shares):
        here, there = share_of == share, share_before == share
        known = frame_of(before.filter(pa.array(there)))
        found = _compared(frame_of(rows.filter(pa.array(here))), known, remap=remap)
        fate[here], retry[here], conflicts[here], copies[here] = found.fate, found.retry, found.conflicts, found.copies
        gone[there] = found.gone
    vanished = tuple(before["key"].filter(pa.array(gone)).to_pylist())
    named = pa.array(FATE_NAMES, pa.string()).take(pa.array(fate, mask=fate < 0))
    lines = frame_of(rows.append_column("fate", named).append_column("retry", pa.array(retry)))
    return Delta(lines, np.flatnonzero(conflicts), np.flatnonzero(copies), vanished, previous is None)


def save_fates(folder: Path, rows: pd.DataFrame) -> None:
    """Keeps the fates of a finished batch (columns key, row_hash, fate, retry) for the next comparison."""
    write_whole(pa.Table.from_pandas(rows, FATES, preserve_index=False), folder / FATES_FILE)


def load_fates(folder: Path) -> pd.DataFrame | None:
    """The fates that ``save_fates`` kept; None where there are none."""
    path = folder / FATES_FILE
    return frame_of(pq.read_table(path)) if path.exists() else None


def _keys(parts: tuple[Part, ...]) -> pa.Table:
    tables = [pq.read_table(part.path, columns=["_key", "_row_hash"]) for part in parts]
    empty = pa.schema([("key", pa.string()), ("row_hash", pa.int64())]).empty_table()
    return pa.concat_tables([empty, *(table.rename_columns(["key", "row_hash"]) for table in tables)])


def _shares(keys: pa.ChunkedArray, shares: int) -> np.ndarray:
    """The share of each key, equal for equal keys: the sum of its bytes tells, which costs next to nothing."""
    found = np.zeros(len(keys), dtype=np.uint16)
    at = 0
    for chunk in keys.cast(pa.large_string()).chunks if shares > 1 else ():
        _, places, texts = chunk.buffers()
        ends = np.frombuffer(places, dtype=np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
        if texts is not None and len(chunk):
            sums = np.zeros(ends[-1] - ends[0] + 1, dtype=np.int64)
            np.cumsum(np.frombuffer(texts, dtype=np.uint8)[ends[0] : ends[-1]], out=sums[1:])
            found[at : at + len(chunk)] = np.diff(sums[ends - ends[0]]) % shares
        at += len(chunk)
    return found


@dataclass(frozen=True)
class _Compared:
    """What comparing a share found, row for row: ``fate`` by its place in FATES, -1 where the row is to be mapped.

    ``gone``: of the rows before, those whose key vanished.
    """

    fate: np.ndarray
    retry: np.ndarray
    conflicts: np.ndarray
    copies: np.ndarray
    gone: np.ndarray


def _compared(rows: pd.DataFrame, previous: pd.DataFrame, *, remap: bool) -> _Compared:
    fate = np.full(len(rows), -1, dtype=np.int8)
    again = _repeated(rows["key"])
    conflicts, same = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    if again.any():
        again, same = _set_aside(rows, again, previous)
        fate[same] = FATE_NAMES.index("merged")
        conflicts = again & ~same
        fate[conflicts] = FATE_NAMES.index("quarantined")
    disputed = rows["key"].isin(rows["key"][conflicts]).to_numpy(dtype=bool) if conflicts.any() else conflicts
    carried, gone = _carried(rows, previous, again)
    if not remap:
        fate = np.where((fate < 0) & ~disputed, carried, fate)
    return _Compared(fate, disputed, conflicts, same, gone)


def _repeated(keys: pd.Series[str]) -> np.ndarray:
    """True where an earlier row has the same key; null is no key."""
    # Arrow numbers distinct values as they come, so a number that is no new highest stood before.
    numbers = pc.dictionary_encode(_flat(keys)).indices.fill_null(-1).to_numpy()
    highest = np.maximum.accumulate(np.concatenate([[-1], numbers]))[:-1]
    again: np.ndarray = (numbers >= 0) & (numbers <= highest)
    return again


def _set_aside(rows: pd.DataFrame, again: np.ndarray, previous: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Of rows that share a key all but one, and those among them that are copies of it.

    The one that stands is the one that stood before, else the first: a database may give them in any order.
    """
    twice = rows[rows["key"].isin(rows["key"][again])]
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


def _carried(rows: pd.DataFrame, previous: pd.DataFrame, again: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The fates that unchanged rows carry over, and which of the rows before have a key that vanished."""
    order = np.arange(len(previous))
    if _repeated(previous["key"]).any():  # the row that stood comes first
        order = np.argsort(~previous["fate"].isin(KEPT).to_numpy(dtype=bool), kind="stable")
    order = order[~_repeated(previous["key"].iloc[order]) & previous["key"].notna().to_numpy()[order]]
    before = previous if len(order) == len(previous) else previous.iloc[order]
    position = _positions(_flat(rows["key"]), _flat(before["key"]))
    found = (position >= 0) & ~again
    carried = np.full(len(rows), -1, dtype=np.int8)
    if len(before):
        at = np.where(found, position, 0)
        same = found & (before["row_hash"].to_numpy()[at] == rows["row_hash"].to_numpy())
        same &= ~before["retry"].to_numpy(dtype=bool)[at]
        names = pa.array(FATE_NAMES, pa.string())
        fates = pc.index_in(_flat(before["fate"]), value_set=names).fill_null(-1).to_numpy().astype(np.int8)
        fates[fates == FATE_NAMES.index("loaded")] = FATE_NAMES.index("unchanged")
        carried[same] = fates[at[same]]
    gone = np.zeros(len(previous), dtype=bool)
    gone[order] = True
    gone[order[position[found]]] = False
    return carried, gone


def _positions(keys: pa.Array, among: pa.Array) -> np.ndarray:
    """Where each key stands in ``among``, whose keys are distinct and not null; -1 where it does not."""
    if keys.equals(among):
        return np.arange(len(keys))
    positions: np.ndarray = pc.index_in(keys, value_set=among).fill_null(-1).to_numpy()
    return positions


def _flat(column: pd.Series[str]) -> pa.Array:
    array = pa.array(column, pa.string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
