"""Excel workbooks as offices keep them: titles above the header, dates as dates, cells with errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter


class ErrorCell(str):
    """What a broken formula shows, such as ``#N/A``."""

    __slots__ = ()


@dataclass(frozen=True)
class Sheet:
    """One worksheet: its name, its rows under the frame's column names, and titles above the header.

    Cells are text, int, float, bool, date, datetime or ErrorCell; missing values are blank cells.
    """

    name: str
    frame: pd.DataFrame
    titles: Sequence[str] = ()


def write_workbook(path: Path, sheets: Sequence[Sheet], made: date) -> None:
    """Writes the sheets into one .xlsx file, row by row, so that memory stays small. The bytes depend on nothing else.

    Titles are merged over the table's width; a blank row parts them from the header.
    """
    options = {"constant_memory": True, "default_date_format": "dd/mm/yyyy", "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": datetime(made.year, made.month, made.day)})
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.add_write_handler(ErrorCell, _write_error)
            header_row = len(sheet.titles) + 1 if sheet.titles else 0
            for row, title in enumerate(sheet.titles):
                page.merge_range(row, 0, row, len(sheet.frame.columns) - 1, title, bold)
            page.write_row(header_row, 0, list(sheet.frame.columns), bold)
            for row, cells in enumerate(zip(*map(_cells, sheet.frame.items()), strict=True), start=header_row + 1):
                page.write_row(row, 0, cells)


def _cells(column: tuple[Any, pd.Series]) -> list[Any]:
    """The column as Python values; None where it has none."""
    values = column[1]
    found = values.astype(object).where(values.notna(), None).tolist()
    return [None if cell == "" else cell for cell in found]


def _write_error(page: Any, row: int, column: int, value: ErrorCell, cell_format: Any = None) -> int:
    formula = "=NA()" if value == "#N/A" else "=Lookups!#REF!"
    return int(page.write_formula(row, column, formula, cell_format, str(value)))
