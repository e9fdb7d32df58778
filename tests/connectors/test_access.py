"""Access files: two real ones against what mdbtools prints of them, and records built by hand."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectors import access, access_rows
from connectors.access import open_source
from connectors.access_rows import AccessTable, Database, Misfit
from ledger.errors import ContractBroken, SourceUnreadable
from tests.connectors.contract import Arranged, ConnectorContract, a_system, a_table, only_unit, rows_of

PAGE = 4096


class TestAccess(ConnectorContract):
    @pytest.fixture
    def arranged(self, real_files: Path, tmp_path: Path) -> Iterator[Arranged]:
        first = (real_files / "access-mdb" / "testV2003.mdb").read_bytes()
        second = (real_files / "access-mdb" / "test.mdb").read_bytes()
        for name, content in {
            "stock_1.mdb": _with_a_third_row(first),
            "page.mdb": b"<html>please sign in</html>",
            "cut.mdb": second[:100_000],
            "scrambled.mdb": second[:4096] + bytes(255 - byte for byte in second[4096:]),
            "nothing.mdb": b"",
        }.items():
            (tmp_path / name).write_bytes(content)
        table = a_table("Table1", "A", "H", files="stock_*.mdb")
        source = open_source(a_system("access", table), str(tmp_path), {})

        def reading(name: str) -> Any:
            return lambda: rows_of(source, a_table("ClarotyTable", "ID", files=name))

        with source:
            yield Arranged(
                source,
                table,
                whole_rows=2,
                faults={"broken": 1},
                module=access,
                folder=tmp_path,
                empty=a_table("Table2", "column1", files="stock_*.mdb"),
                missing=a_table("Garages", "UPRN", files="stock_*.mdb"),
                failures=[
                    *((reading(f"{name}.mdb"), SourceUnreadable) for name in ("page", "cut", "scrambled")),
                    (reading("nothing.mdb"), SourceUnreadable),
                    (reading("stock_1.mdb"), ContractBroken),
                ],
            )

    def test_controls_answer_once_the_unit_was_read(self, arranged: Arranged) -> None:
        unit = only_unit(arranged.source, arranged.table)
        assert arranged.source.controls(arranged.table, unit).rows == 2  # the third was slipped in here


def _with_a_third_row(content: bytes) -> bytes:
    """The file with a third slot on Table1's page, which leads to three bytes that are no record."""
    at = content.index("hijklmnop".encode("utf-16-le"))
    start = at - at % PAGE
    (count,) = struct.unpack_from("<H", content, start + 12)
    (last,) = struct.unpack_from("<H", content, start + 12 + 2 * count)
    changed = bytearray(content)
    struct.pack_into("<H", changed, start + 12, count + 1)
    struct.pack_into("<H", changed, start + 14 + 2 * count, (last & access_rows.OFFSET) - 3)
    return bytes(changed)


def read(folder: Path, file: str, name: str, **layout: Any) -> list[dict[str, Any]]:
    table = a_table(name, "ID", **layout)
    return [
        {key: value for key, value in row.items() if not key.startswith("_") or key == "_Data"}
        for row in rows_of(open_source(a_system("access", table), str(folder / file), {}), table)
    ]


def test_the_file_of_access_2003(real_files: Path) -> None:
    assert read(real_files / "access-mdb", "testV2003.mdb", "table1") == [
        {
            **{"A": "abcdefg", "B": "hijklmnop", "C": 2, "D": 222, "E": 333333333, "F": "444.555"},
            **{"G": datetime(1974, 9, 21), "H": Decimal("3.5000"), "I": True},
        },
        {
            **{"A": "a", "B": "b", "C": 0, "D": 0, "E": 0, "F": "0"},
            **{"G": datetime(1981, 12, 12), "H": Decimal("0.0000"), "I": False},
        },
    ]
    for name in ("Table2", "Table3", "Table4"):
        assert read(real_files / "access-mdb", "testV2003.mdb", name) == []


def test_the_other_file(real_files: Path) -> None:
    assert read(real_files / "access-mdb", "test.mdb", "claroty", relation="ClarotyTable") == [
        {"ID": 1, "Field1": "test", "Field2": "Claroty", "Field3": "ICS!"},
        {"ID": 2, "Field1": "test2", "Field2": "Claroty", "Field3": None},
    ]
    (theme,) = read(real_files / "access-mdb", "test.mdb", "f_AF8292619150475ABBCC3E04860C1240_Data")
    assert (theme["FileName"], theme["FileType"], theme["_Data"]) == ("Office Theme.thmx", "thmx", 1)
    assert theme["FileData"].startswith("01000000500c0000785e8d567934d4ef")
    assert len(theme["FileData"]) == 5588


def test_a_file_cut_at_a_page_has_fewer_rows_than_it_states(real_files: Path, tmp_path: Path) -> None:
    (tmp_path / "a.mdb").write_bytes((real_files / "access-mdb" / "test.mdb").read_bytes()[: 20 * PAGE])
    table = a_table("ClarotyTable", "ID")
    source = open_source(a_system("access", table), str(tmp_path), {})
    assert rows_of(source, table) == []
    assert source.controls(table, only_unit(source, table)).rows == 2


def test_deleted_records_are_passed_over(real_files: Path, tmp_path: Path) -> None:
    content = bytearray((real_files / "access-mdb" / "test.mdb").read_bytes())
    at = content.index(b"ICS!")
    content[at - at % 4096 + 14 + 1] |= 0x80  # the first slot's flag
    (tmp_path / "a.mdb").write_bytes(content)
    assert [row["ID"] for row in read(tmp_path, "a.mdb", "ClarotyTable")] == [2]


def column(kind: int, number: int, *, fixed: int | None = None, variable: int = 0, length: int = 0) -> Any:
    return SimpleNamespace(
        type=kind,
        column_id=number,
        column_flags=SimpleNamespace(fixed_length=fixed is not None),
        fixed_offset=fixed or 0,
        variable_column_number=variable,
        length=length,
        various=SimpleNamespace(scale=2),
        col_name_str=f"c{number}",
    )


def table_of(*columns: Any, pages: dict[int, bytes] | None = None, version: int = 4) -> AccessTable:
    """A table of those columns over pages that are no file."""
    database = Database.__new__(Database)
    database.page_size, database.version = PAGE, version
    database._data_pages = {number * PAGE: page for number, page in (pages or {}).items()}
    table = AccessTable.__new__(AccessTable)
    table._database, table._declared, table._encoding = database, list(columns), "cp1252"
    table._pages = [page for number, page in sorted((pages or {}).items()) if number < 10]
    return table


def page_of(*records: bytes, flags: tuple[int, ...] = ()) -> bytes:
    """A data page of Access 2000 and later."""
    body, offsets, end = b"", [], PAGE
    for at, record in enumerate(records):
        end -= len(record)
        body = record + body
        offsets.append(end | (flags[at] if flags else 0))
    head = struct.pack(f"<BBHIIH{len(offsets)}H", 1, 1, 0, 2, 0, len(offsets), *offsets)
    return head + bytes(PAGE - len(head) - len(body)) + body


def record_of(count: int, fixed: bytes, *fields: bytes, mask: int = 0xFF) -> bytes:
    """A record of Access 2000 and later."""
    at, offsets = 2 + len(fixed), []
    for field in fields:
        offsets.append(at)
        at += len(field)
    offsets.append(at)
    tail = struct.pack(f"<{len(offsets)}H", *offsets[::-1]) + struct.pack("<H", len(fields))
    return struct.pack("<H", count) + fixed + b"".join(fields) + tail + bytes([mask])


def test_types_of_fixed_length() -> None:
    columns = [
        column(access_rows.BYTE, 0, fixed=0, length=1),
        column(access_rows.SINGLE, 1, fixed=1, length=4),
        column(access_rows.NUMERIC, 2, fixed=5, length=17),
        column(access_rows.GUID, 3, fixed=22, length=16),
        column(access_rows.BOOLEAN, 4, fixed=0),
    ]
    fixed = b"\xc8" + struct.pack("<f", 0.1) + struct.pack("<BIIII", 1, 0, 0, 0, 12345) + bytes(range(16))
    (values,) = table_of(*columns, pages={3: page_of(record_of(5, fixed))}).records()
    assert values == [200, "0.1", Decimal("-123.45"), "03020100-0504-0706-0809-0a0b0c0d0e0f", True]


def test_a_column_added_later_is_null_in_older_records() -> None:
    columns = [column(access_rows.LONG, 0, fixed=0, length=4), column(access_rows.TEXT, 1, variable=0)]
    later = column(access_rows.TEXT, 9, variable=1)
    record = record_of(2, struct.pack("<i", 7), "ü".encode("utf-16-le"))
    (values,) = table_of(*columns, later, pages={3: page_of(record)}).records()
    assert values == [7, "ü", None]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xff\xfe\xa325", "£25"),
        (b"\xff\xfeab\x00\x19 \x00cd", "ab’cd"),
        ("Łódź".encode("utf-16-le"), "Łódź"),
        (b"\xff\xfe\xc3\xa9", "Ã©"),
    ],
)
def test_compressed_text(content: bytes, text: str) -> None:
    assert table_of()._text(content) == text


def test_memos_within_elsewhere_and_in_a_chain() -> None:
    memo = column(access_rows.MEMO, 0, variable=0)
    text = "x".encode("utf-16-le") * 10
    pages = {
        11: page_of(text, struct.pack("<I", 12 << 8) + text[:8]),
        12: page_of(struct.pack("<I", 0) + text[8:]),
    }
    pointers = [
        struct.pack("<III", 0x80000000 | 20, 0, 0) + text,
        struct.pack("<III", 0x40000000 | 20, 11 << 8, 0),
        struct.pack("<III", 20, 11 << 8 | 1, 0),
        struct.pack("<III", 20, 99 << 8, 0),
    ]
    pages[3] = page_of(*(record_of(1, b"", pointer) for pointer in pointers))
    *found, missing = table_of(memo, pages=pages).records()
    assert found == [["x" * 10]] * 3
    assert isinstance(missing, Misfit) and missing.fault == "memo-missing"


def test_a_record_that_moved_to_another_page() -> None:
    number = column(access_rows.LONG, 0, fixed=0, length=4)
    moved = record_of(1, struct.pack("<i", 5))
    pages = {
        3: page_of(struct.pack("<I", 4 << 8), flags=(access_rows.ELSEWHERE,)),
        4: page_of(moved, flags=(access_rows.DELETED,)),
    }
    assert list(table_of(number, pages=pages).records()) == [[5]]


@pytest.mark.parametrize(
    ("days", "instant"),
    [
        (0.0, datetime(1899, 12, 30)),
        (45000.5, datetime(2023, 3, 15, 12)),
        (-1.25, datetime(1899, 12, 29, 6)),
        (2.0 + 1 / 86_400, datetime(1900, 1, 1, 0, 0, 1)),
    ],
)
def test_instants(days: float, instant: datetime) -> None:
    assert access_rows._instant(days) == instant


def test_offsets_of_access_97() -> None:
    # 300 bytes of the first field: the second field's offset needs 256 more.
    body = b"\x02" + b"a" * 300 + b"bc"
    record = body + bytes([(303) % 256, 301 % 256, 1]) + bytes([1, 2])
    assert access_rows._old_offsets(record, len(record) + 1) == [1, 301, 303]
