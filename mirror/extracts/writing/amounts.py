"""Pounds of a landed column as the made-up council's writers take them."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_POUNDS = pa.decimal128(18, 2)
_HUNDRED = pa.scalar(Decimal(100), pa.decimal128(3, 0))


def pence(values: pd.Series) -> pd.Series:
    """The column's decimals as int64 pence, index as given; 0 where there is none."""
    array = pa.chunked_array([pa.array(values, from_pandas=True)]).combine_chunks()
    pounds = pc.fill_null(pc.cast(array, _POUNDS), pa.scalar(Decimal(0), _POUNDS))
    return pd.Series(pc.cast(pc.multiply(pounds, _HUNDRED), pa.int64(), safe=False).to_numpy(), index=values.index)
