"""Chunks built column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import pyarrow as pa


def chunk_of(
    lines: Sequence[int] | pa.Array,
    columns: Mapping[str, pa.Array],
    faults: Sequence[str | None] | None = None,
    raws: Sequence[str | None] | None = None,
) -> pa.Table:
    """A chunk as ``connectors.protocol`` describes it. Without ``faults`` every record is whole."""
    rows = len(lines)
    return pa.table(
        {
            "_line": lines if isinstance(lines, pa.Array) else pa.array(lines, pa.int64()),
            "_fault": pa.nulls(rows, pa.string()) if faults is None else pa.array(faults, pa.string()),
            "_raw": pa.nulls(rows, pa.string()) if raws is None else pa.array(raws, pa.string()),
            **columns,
        }
    )


def distinct_names(found: Sequence[object]) -> list[str]:
    """Column names as found, stripped; blank ones by position (``column 3``), repeated ones numbered."""
    names: list[str] = []
    taken: set[str] = set()
    for position, value in enumerate(found, start=1):
        name = " ".join(str(value).split()) if value is not None else ""
        name = base = name or f"column {position}"
        repeat = 1
        while name in taken:
            repeat += 1
            name = f"{base} ({repeat})"
        taken.add(name)
        names.append(name)
    return names


def frame_of(table: pa.Table) -> pd.DataFrame:
    """The table as a frame on Arrow types: nothing is converted, null stays null."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame
