"""The arrays that clustering works on, and how they are read."""

from __future__ import annotations

from typing import TypeAlias

import duckdb
import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[np.object_]
"""None where there is no text."""
_NOTHING = np.array(None, dtype=object)


def read(connection: duckdb.DuckDBPyConnection, sql: str, values: list[str] | None = None) -> tuple[Ints, ...]:
    """The columns of a query's rows, as whole numbers."""
    found = connection.execute(sql, values).fetchnumpy()
    return tuple(np.asarray(column).astype("int64") for column in found.values())


def text_where(there: Bools, text: str) -> Texts:
    """The text where it holds, None elsewhere."""
    found: Texts = np.full(len(there), None, dtype=object)
    found[there] = text
    return found


def spoken(texts: Texts) -> Bools:
    """Where there is a text."""
    found: Bools = np.not_equal(texts, _NOTHING).astype(bool)
    return found
