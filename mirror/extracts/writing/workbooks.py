"""Excel workbooks: one a year, under that year's names of sheets and headers."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from estate.writers.stock_layouts import LAYOUTS, sheet_of
from estate.writers.workbooks import ErrorCell, Sheet, write_workbook
from mirror.extracts.landed import Tables

_YEAR = re.compile(r"(\d{4})")
_ERRORS = ("#N/A", "#REF!")


def write(tables: Tables, target: Path, made: date) -> None:
    """Writes the workbooks into the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    books: dict[str, list[Sheet]] = {}
    for name, landed in tables.items():
        for unit, rows in landed.by_unit():
            books.setdefault(unit, []).append(_sheet(name, rows[list(landed.columns)], unit))
    for unit, sheets in books.items():
        write_workbook(target / unit, sheets, made)


def _sheet(table: str, rows: pd.DataFrame, unit: str) -> Sheet:
    found = _YEAR.search(unit)
    year = min(max(int(found[1]), min(LAYOUTS)), max(LAYOUTS)) if found else max(LAYOUTS)
    cells = pd.DataFrame({name: _cells(values) for name, values in rows.items()}, index=rows.index)
    return sheet_of(cells, table.capitalize(), year)


def _cells(values: pd.Series[Any]) -> pd.Series[Any]:
    """Cells as the workbook holds them: a number, a day, text, or what a broken formula shows."""
    plain = values.astype(object).where(values.notna(), None)
    return plain.map(_cell).astype(object)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return ErrorCell(value) if value in _ERRORS else value
    return float(value) if hasattr(value, "as_tuple") else value
