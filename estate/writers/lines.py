"""Rows as the lines of a delimited file, some of which are no whole records."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def delimited(rows: pd.DataFrame, broken: Mapping[int, str], line_end: str) -> str:
    """The header and the rows as text; those at the positions ``broken`` stand there as they are given."""
    parts = [rows.iloc[:0].to_csv(index=False, lineterminator=line_end)]
    first = 0
    for at in sorted(broken):
        parts += [_lines(rows.iloc[first:at], line_end), broken[at] + line_end]
        first = at + 1
    return "".join([*parts, _lines(rows.iloc[first:], line_end)])


def _lines(rows: pd.DataFrame, line_end: str) -> str:
    return str(rows.to_csv(index=False, header=False, lineterminator=line_end)) if len(rows) else ""
