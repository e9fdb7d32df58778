"""Which rows break which declared rule: the same rules as the gate's, judged in Arrow columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ledger.spec import TableSpec
from validation.rules import Kind, Rule, prepared, rules_of

Positions = npt.NDArray[np.int64]

_BREAKS: dict[Kind, Callable[[pa.ChunkedArray, Any], pa.ChunkedArray]] = {
    "MISSING": lambda values, _: pc.is_null(values),
    "LENGTH": lambda values, limit: pc.greater(pc.utf8_length(values), limit),
    "PATTERN": lambda values, limit: pc.invert(pc.match_substring_regex(values, limit)),
    "UNKNOWN": lambda values, limit: pc.and_(
        pc.is_valid(values), pc.invert(pc.is_in(values, pa.array(limit, pa.string())))
    ),
    "BELOW": lambda values, limit: pc.less(values, float(limit)),
    "ABOVE": lambda values, limit: pc.greater(values, float(limit)),
}


def row_faults(table: TableSpec, frame: pd.DataFrame) -> pd.DataFrame:
    """Every broken rule of every row: columns ``row`` (int64, of ``_row``), ``column``, ``kind``.

    ``frame`` holds landed columns and ``_row``; where it holds ``_fault``, rows that were not read whole
    are left out. Rules of columns that the frame lacks are not judged. A row may stand several times.
    """
    if "_fault" in frame:
        frame = frame[frame["_fault"].isna()]
    rules = rules_of(table, frame.columns)
    landed = pa.Table.from_pandas(frame[list(dict.fromkeys(rule.column for rule in rules))], preserve_index=False)
    rows = frame["_row"].to_numpy(dtype="int64")
    found = [(rule, rows[at]) for rule, at in broken(rules, prepared(rules, landed)) if len(at)]
    lengths = [len(hit) for _, hit in found]
    return pd.DataFrame(
        {
            "row": np.concatenate([hit for _, hit in found]) if found else np.empty(0, "int64"),
            "column": pd.Series(np.repeat([rule.column for rule, _ in found], lengths), dtype="str"),
            "kind": pd.Series(np.repeat([rule.kind for rule, _ in found], lengths), dtype="str"),
        }
    )


def broken(rules: Sequence[Rule], fields: pa.Table) -> list[tuple[Rule, Positions]]:
    """For every rule the positions (0 is the first row of ``fields``) of the rows that break it."""
    return [
        (rule, np.flatnonzero(_BREAKS[rule.kind](fields[rule.field], rule.limit).fill_null(False).to_numpy()))
        for rule in rules
    ]
