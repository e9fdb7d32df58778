"""Excel workbooks (.xlsx, .xlsm, .xls): one sheet a table, its header row found, its columns typed.

Layout: ``files`` (a glob), ``sheet`` (a name or a pattern; else the table's name, else the only sheet),
``header_row`` (the row's number; else the row that holds most of the declared columns and their aliases).

A column has one type in a workbook: whole numbers, decimals of four places, dates, instants or booleans;
where its cells are of several kinds, all are text. Numbers count with the 15 digits that Excel keeps. An
error cell is the text that Excel shows (``#N/A``); in the old .xls format it cannot be told from a blank one.
Blank rows are no records. ``_line`` is the row's number on the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from connectors.chunks import chunk_of, decimals_of, distinct_names, stand_for_decimals
from connectors.files import FileSource, kind_of, setting
from connectors.protocol import CHUNK_ROWS, Unit
from connectors.workbook_archive import Damaged, check_archive, error_cells
from ledger.errors import ContractBroken, SourceUnreadable
from ledger.spec import SystemSpec, TableSpec

HEADER_WITHIN = 50
"""The header row is looked for in so many rows."""
DECIMAL = pa.decimal128(28, 4)

Row = list[Any]


def open_source(system: SystemSpec, url: str, secrets: Mapping[str, str]) -> SpreadsheetSource:
    """The folder or workbook as a source. Raises ConfigurationFault where it is not there."""
    return SpreadsheetSource(system, url)


class SpreadsheetSource(FileSource):
    """Workbooks of a folder."""

    any_file = "*.xls*"

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """The sheet's records below its header row.

        Raises SourceUnreadable where the file is no workbook, ContractBroken where sheet or header is missing.
        """
        with self._readable(table, unit), self._workbook(table, unit) as workbook:
            sheet = self._sheet(table, unit, workbook)
            errors = error_cells(self.path(unit), sheet.name)
            header_row, names = self._header(table, unit, sheet, errors)
            kinds = _kinds(sheet, header_row, len(names), errors)
            used = [at for at in range(len(names)) if kinds[at] or not _unnamed(names[at], at)]
            for numbers, rows in _blocks(sheet, header_row, errors):
                cells = list(zip(*rows, strict=True))
                yield chunk_of(numbers, {names[at]: _column(cells[at], kinds[at]) for at in used})

    @contextmanager
    def _workbook(self, table: TableSpec, unit: Unit) -> Iterator[CalamineWorkbook]:
        path = self.path(unit)
        try:
            check_archive(path)
            with CalamineWorkbook.from_path(path) as workbook:
                yield workbook
        except (CalamineError, Damaged) as error:
            raise SourceUnreadable(
                f"The file is no workbook that can be read: it is {_what_it_is(path, error)}.",
                system=self.system.name,
                place=f"{table.place}, file {unit.name}",
                next_step="Open it in Excel, save it as .xlsx without a password, and deliver it again.",
            ) from error

    def _sheet(self, table: TableSpec, unit: Unit, workbook: CalamineWorkbook) -> CalamineSheet:
        sheets = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        wanted = str(setting(self.system, table, "sheet", table.name))
        found = [name for name in sheets if name.strip().casefold() == wanted.casefold()] or [
            name for name in sheets if fnmatchcase(name.strip().casefold(), wanted.casefold())
        ]
        if not found and "sheet" not in {*table.layout, *self.system.layout} and len(sheets) == 1:
            found = sheets
        if len(found) != 1:
            raise ContractBroken(
                f"{len(found) or 'No'} sheets are called {wanted}; there are: {', '.join(sheets)}.",
                system=self.system.name,
                place=f"{table.place}, file {unit.name}",
                next_step="Correct layout.sheet in source.toml, or the sheet's name in the workbook.",
            )
        return workbook.get_sheet_by_name(found[0])

    def _header(
        self, table: TableSpec, unit: Unit, sheet: CalamineSheet, errors: Mapping[tuple[int, int], str]
    ) -> tuple[int, list[str]]:
        """The header row's number and the columns' names; no names where the sheet is blank."""
        known = {_same(name) for column in table.columns for name in (column.name, *column.aliases)}
        stated = int(setting(self.system, table, "header_row", 0))
        best, header, blank = 0, (0, list[str]()), True
        for numbers, rows in _blocks(sheet, 0, errors):
            for number, row in zip(numbers, rows, strict=True):
                blank = False
                hits = len({_same(str(value)) for value in row if value is not None} & known)
                if number == stated or (not stated and hits > best):
                    best, header = hits, (number, distinct_names(row))
            if numbers[-1] >= max(HEADER_WITHIN, stated):
                break
        if not header[1] and not blank:
            raise ContractBroken(
                f"No row among the first {HEADER_WITHIN} holds the declared columns.",
                system=self.system.name,
                place=f"{table.place}, sheet {sheet.name}, file {unit.name}",
                next_step="Set layout.header_row in source.toml, or add the new headers as aliases.",
            )
        return header


def _blocks(
    sheet: CalamineSheet, after: int, errors: Mapping[tuple[int, int], str]
) -> Iterator[tuple[list[int], list[Row]]]:
    """Row numbers and cells of the rows after that number, without blank rows; blank cells are None."""
    width, left = sheet.width, (sheet.start or (0, 0))[1]
    rows = enumerate(sheet.iter_rows(), start=1)
    while block := list(islice(rows, CHUNK_ROWS)):
        numbers: list[int] = []
        kept: list[Row] = []
        for number, row in block:
            cells = [None if value == "" else value for value in row]
            cells += [None] * (width - len(cells))
            if errors:
                cells = [errors.get((number, left + at), cell) for at, cell in enumerate(cells)]
            if number > after and any(cell is not None for cell in cells):
                numbers.append(number)
                kept.append(cells)
        if numbers:
            yield numbers, kept


def _kinds(sheet: CalamineSheet, header_row: int, width: int, errors: Mapping[tuple[int, int], str]) -> list[set[str]]:
    """What kinds of cells each column holds."""
    kinds: list[set[str]] = [set() for _ in range(width)]
    for _, rows in _blocks(sheet, header_row, errors):
        for found, cells in zip(kinds, zip(*rows, strict=True), strict=True):
            found.update(_kinds_of(cells))
    return kinds


def _kinds_of(cells: Sequence[Any]) -> set[str]:
    types = set(map(type, cells))
    kinds = {kind for kind, of in (("boolean", bool), ("date", date), ("instant", datetime)) if of in types}
    if types & {int, float}:
        numbers = np.array([cell for cell in cells if type(cell) in (int, float)], np.float64)
        whole = bool(np.all(numbers == np.rint(numbers)) and np.all(np.abs(numbers) < 2**53))
        kinds.add("whole" if whole else "decimal" if stand_for_decimals(numbers, DECIMAL.scale) else "real")
    if types - {int, float, bool, date, datetime, type(None)}:
        kinds.add("text")
    return kinds


def _column(cells: Sequence[Any], kinds: set[str]) -> pa.Array:
    if kinds == {"whole"}:
        return pa.array([None if cell is None else int(cell) for cell in cells], pa.int64())
    if kinds and kinds <= {"whole", "decimal"}:
        return decimals_of(pa.array(cells, pa.float64()), DECIMAL)
    if kinds == {"date"}:
        return pa.array(cells, pa.date32())
    if kinds and kinds <= {"date", "instant"}:
        return pa.array([_instant(cell) for cell in cells], pa.timestamp("us"))
    if kinds == {"boolean"}:
        return pa.array(cells, pa.bool_())
    return pa.array([_text(cell) for cell in cells], pa.string())


def _instant(cell: date | None) -> datetime | None:
    if cell is None or isinstance(cell, datetime):
        return cell
    return datetime(cell.year, cell.month, cell.day)


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return f"{cell:.15g}" if abs(cell) < 1e15 else f"{cell:.0f}"
    return str(cell)


def _same(name: str) -> str:
    return " ".join(name.split()).casefold()


def _unnamed(name: str, position: int) -> bool:
    return name == f"column {position + 1}"


def _what_it_is(path: Path, error: Exception) -> str:
    with path.open("rb") as file:
        content = file.read(1 << 20)
    if isinstance(error, PasswordError) or "EncryptedPackage".encode("utf-16-le") in content:
        return "protected by a password"
    if isinstance(error, Damaged):
        return str(error)
    if not content:
        return "empty"
    kind = kind_of(content)
    if kind is None:
        return "plain text, perhaps CSV under another name" if b"\x00" not in content else "binary data"
    office = content.startswith((b"PK", b"\xd0\xcf"))
    return f"damaged ({kind})" if office else kind
