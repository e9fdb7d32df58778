"""Chunks built column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


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


def decimals_of(floats: pa.Array, kind: pa.DataType) -> pa.Array:
    """Binary numbers that stand for decimals of that type's scale, exactly.

    Raises ValueError where one lies beside every such decimal, so that nothing is rounded unseen.
    """
    numbers = floats.fill_null(0).to_numpy(zero_copy_only=False)
    if not stand_for_decimals(numbers, kind.scale):
        raise ValueError(f"not a number of {kind.scale} places")
    whole = np.rint(numbers * 10.0**kind.scale).astype(np.int64)
    # Whole pence are exact in int64; multiplying decimals puts the scale back.
    units = pa.array(whole, mask=floats.is_null().to_numpy(zero_copy_only=False)).cast(pa.decimal128(19, 0))
    unit = pa.scalar(Decimal(1).scaleb(-kind.scale), pa.decimal128(kind.scale + 1, kind.scale))
    return pc.multiply(units, unit).cast(kind)


def stand_for_decimals(numbers: npt.NDArray[np.float64], scale: int) -> bool:
    """True where every number is the nearest binary number to a decimal of that scale."""
    scaled = numbers * 10.0**scale
    whole = np.rint(scaled)
    return bool(np.all(np.abs(whole) < 2**52) and np.all(np.abs(scaled - whole) < 1e-4))


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
