"""Excel workbooks: sheets, headers that drift, types of columns, and files that are no workbooks."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt  # type: ignore[import-untyped]
from openpyxl.styles import Font

from connectors import spreadsheet, workbook_archive
from connectors.spreadsheet import open_source
from ledger.errors import ContractBroken, HubError, SourceUnreadable
from tests.connectors.contract import Arranged, ConnectorContract, a_system, a_table, rows_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADER = ["UPRN", "Install Date", "Cost (£)", "Gas", "Floor", "Surveyed", None, "Notes"]
ROWS: list[list[Any]] = [
    [100023336956, date(2011, 3, 1), 1250.5, True, "G", datetime(2024, 5, 1, 9, 30), None, "ok"],
    [],
    [200001, date(2019, 12, 31), 99, False, 2, datetime(2024, 5, 2), None, None],
    [10, None, -0.05, None, None, None, None, None],
]


def write(path: Path, sheets: dict[str, Sequence[Sequence[Any]]]) -> None:
    """A workbook of those sheets, below a merged title."""
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet["A1"] = "Stock condition"
        sheet.merge_cells("A1:H1")
        sheet.append([])
        for row in rows:
            sheet.append(list(row))
        sheet["B60"].font = Font(bold=True)  # a formatted cell far below: no record
    book.save(path)


class TestSpreadsheet(ConnectorContract):
    @pytest.fixture
    def arranged(self, tmp_path: Path) -> Arranged:
        write(
            tmp_path / "stock_2024.xlsx",
            {"Notes": [["read me"]], "Stock 2024": [HEADER, *ROWS], "Voids": [["UPRN"]]},
        )
        write(tmp_path / "other_1.xlsx", {"Sheet1": [["Name", "Tel"], ["x", "y"]]})
        whole = (tmp_path / "stock_2024.xlsx").read_bytes()
        for name, content in {
            "page.xls": b"<html><table><tr><td>UPRN</td></tr></table></html>",
            "comma.xls": b"UPRN,Cost\n1,2\n",
            "locked.xlsx": OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "cut.xlsx": whole[: len(whole) // 2],
            "empty.xlsx": b"",
            "old.xls": OLE + b"\x00" * 600,
        }.items():
            (tmp_path / name).write_bytes(content)
        table = a_table("components", "UPRN", "Cost (£)", files="stock_*.xlsx", sheet="Stock 20*")
        empty = a_table("voids", "UPRN", files="stock_*.xlsx")
        system = a_system("spreadsheet", table, empty)
        source = open_source(system, str(tmp_path), {})

        def reading(file: str, **layout: Any) -> Any:
            return lambda: rows_of(source, a_table("components", "UPRN", files=file, **layout))

        return Arranged(
            source,
            table,
            whole_rows=3,
            module=spreadsheet,
            folder=tmp_path,
            empty=empty,
            missing=a_table("garages", "UPRN", files="garages*.xlsx"),
            failures=[
                *((reading(name), SourceUnreadable) for name in ("page.xls", "comma.xls", "locked.xlsx")),
                *((reading(name), SourceUnreadable) for name in ("cut.xlsx", "empty.xlsx", "old.xls")),
                (reading("stock_2024.xlsx", sheet="Garages"), ContractBroken),
                (reading("stock_2024.xlsx", sheet="*"), ContractBroken),
                (reading("other_1.xlsx"), ContractBroken),
            ],
        )

    def test_columns_have_the_types_of_their_cells(self, arranged: Arranged) -> None:
        first, second, third = rows_of(arranged.source, arranged.table)
        assert first == {
            "_line": 4,
            "_fault": None,
            "_raw": None,
            "UPRN": 100023336956,
            "Install Date": date(2011, 3, 1),
            "Cost (£)": Decimal("1250.5000"),
            "Gas": True,
            "Floor": "G",
            "Surveyed": datetime(2024, 5, 1, 9, 30),
            "Notes": "ok",
        }
        assert (second["_line"], second["Floor"], second["Surveyed"]) == (6, "2", datetime(2024, 5, 2))
        assert (third["Cost (£)"], third["Install Date"]) == (Decimal("-0.05"), None)

    @pytest.mark.parametrize(
        ("file", "said"),
        [
            ("page.xls", "HTML"),
            ("comma.xls", "plain text"),
            ("locked.xlsx", "password"),
            ("cut.xlsx", "cut short"),
            ("empty.xlsx", "empty"),
            ("old.xls", "damaged"),
        ],
    )
    def test_what_is_no_workbook_is_called_by_its_name(self, arranged: Arranged, file: str, said: str) -> None:
        with pytest.raises(HubError, match=said) as caught:
            rows_of(arranged.source, a_table("components", "UPRN", files=file))
        assert file in str(caught.value)


def read(path: Path, *columns: str, **layout: Any) -> list[dict[str, Any]]:
    table = a_table("stock", *columns, **layout)
    return [
        {name: value for name, value in row.items() if name not in ("_fault", "_raw")}
        for row in rows_of(open_source(a_system("spreadsheet", table), str(path), {}), table)
    ]


def test_error_cells_are_the_text_that_excel_shows(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", {"Any": [["UPRN", "Life"], [1, "#N/A"], [2, 30], [3, "#REF!"]]})
    rows = read(tmp_path / "a.xlsx", "UPRN")
    assert [row["Life"] for row in rows] == ["#N/A", "30", "#REF!"]


def test_mixed_columns_are_text_as_excel_counts(tmp_path: Path) -> None:
    cells: list[Any] = [1, 0.1 + 0.2, "x", True, date(2024, 1, 2), datetime(2024, 1, 2, 3, 4), time(9, 30), 1e20, None]
    table: list[Any] = [["UPRN", "Mixed"], *enumerate(cells)]
    write(tmp_path / "a.xlsx", {"Any": table})
    assert [row["Mixed"] for row in read(tmp_path / "a.xlsx", "UPRN")] == [
        *("1", "0.3", "x", "TRUE", "2024-01-02", "2024-01-02 03:04:00", "09:30:00"),
        *("100000000000000000000", None),
    ]


def test_the_header_row_is_found_under_other_names(tmp_path: Path) -> None:
    write(
        tmp_path / "a.xlsx",
        {"Any": [["Survey of UPRN"], [None, "uprn ", "Component\nType"], [None, 1, "Boiler"]]},
    )
    assert read(tmp_path / "a.xlsx", "UPRN") == [{"_line": 5, "uprn": 1, "Component Type": "Boiler"}]
    assert read(tmp_path / "a.xlsx", "UPRN", header_row=5) == []


def test_a_sheet_that_begins_further_right(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book["Sheet"]
    sheet["D5"], sheet["E5"], sheet["D6"], sheet["E6"] = "UPRN", "Life", 1, "#DIV/0!"
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx", "UPRN") == [{"_line": 6, "UPRN": 1, "Life": "#DIV/0!"}]


def test_the_old_format(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Stock")
    rows: list[list[Any]] = [["UPRN", "Cost", "Name"], [100023336956, 12.35, "£ Café"], [2, 3, "x"]]
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    book.save(str(tmp_path / "a.xls"))
    assert read(tmp_path / "a.xls", "UPRN") == [
        {"_line": 2, "UPRN": 100023336956, "Cost": Decimal("12.35"), "Name": "£ Café"},
        {"_line": 3, "UPRN": 2, "Cost": Decimal("3"), "Name": "x"},
    ]


def test_a_workbook_with_a_damaged_part(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", {"Any": [["UPRN"], ["#N/A"]]})
    content = bytearray((tmp_path / "a.xlsx").read_bytes())
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        at = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    content[at + 80 : at + 90] = b"0123456789"
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(SourceUnreadable):
        read(tmp_path / "a.xlsx", "UPRN")


def test_an_archive_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_archive, "MOST_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (2 << 20))
    with pytest.raises(SourceUnreadable, match="unpacks"):
        read(tmp_path / "a.xlsx", "UPRN")
