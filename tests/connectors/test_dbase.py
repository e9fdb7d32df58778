"""dBase and FoxPro tables: the contract, memos, faults, field types, and the public files beside dbfread."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dbfread import DBF

from connectors import dbase
from connectors.dbase import open_source
from connectors.protocol import Controls
from ledger.errors import ConfigurationFault, SourceUnreadable
from ledger.spec import TableSpec
from tests.connectors.contract import Arranged, ConnectorContract, a_system, a_table, only_unit, rows_of

Fields = Sequence[tuple[str, str, int, int]]
JOBS: Fields = [("JOB", "C", 6, 0), ("COST", "N", 8, 2), ("DONE", "D", 8, 0), ("NOTES", "M", 10, 0)]
"""Name, type, length and decimals of each field."""


def write_dbf(
    path: Path,
    fields: Fields,
    records: Sequence[bytes],
    *,
    version: int = 0x03,
    driver: int = 0x03,
    flags: dict[str, int] | None = None,
    end: bytes = b"\x1a",
) -> None:
    """A table of those records, deletion marks included."""
    entries = b"".join(
        struct.pack("<11sc4xBBB13x", name.encode(), kind.encode(), length, decimals, (flags or {}).get(name, 0))
        for name, kind, length, decimals in fields
    )
    length = 1 + sum(length for _, _, length, _ in fields)
    head = struct.pack("<B3xIHH17xB2x", version, len(records), 33 + len(entries), length, driver)
    path.write_bytes(head + entries + b"\r" + b"".join(records) + end)


def job(ref: str, cost: str = "12.50", done: str = "20260102", memo: str = "", mark: str = " ") -> bytes:
    return f"{mark}{ref:6}{cost:>8}{done:8}{memo:>10}".encode("cp1252")


def write_dbt(path: Path, *memos: bytes) -> None:
    blocks = [b"\0" * 512, *(memo.ljust(512, b"\x1a") for memo in memos)]
    path.write_bytes(b"".join(blocks))


def read(folder: Path, table: TableSpec) -> list[dict[str, Any]]:
    return rows_of(open_source(a_system("dbase", table), str(folder), {}), table)


@pytest.fixture
def jobs() -> TableSpec:
    return a_table("jobs", "JOB", files="JOBS.DBF")


class TestDbase(ConnectorContract):
    @pytest.fixture
    def arranged(self, tmp_path: Path, jobs: TableSpec) -> Arranged:
        records = [
            job("J1", memo="1"),
            job("J2", mark="*"),
            job("J3", cost="********"),
            job("J4", memo="77"),
            job("J5", done="20261301"),
            job("J6", mark="?"),
            job("J7", cost="", done=""),
        ]
        write_dbf(tmp_path / "JOBS.DBF", JOBS, records, version=0x83)
        write_dbt(tmp_path / "JOBS.DBT", b"Gate stuck")
        write_dbf(tmp_path / "NONE.DBF", JOBS, [])
        source = open_source(a_system("dbase", jobs), str(tmp_path), {})
        return Arranged(
            source,
            jobs,
            whole_rows=2,
            faults={"deleted": 1, "undecodable": 2, "memo-missing": 1, "broken": 1},
            module=dbase,
            folder=tmp_path,
            empty=a_table("none", "JOB", files="none.dbf"),
            missing=a_table("absent", "JOB", files="absent.dbf"),
        )

    def test_units_are_known_by_their_bytes(self, arranged: Arranged) -> None:
        """Those of the table and of its memo file: a memo may be written anew in its place."""
        (before,) = arranged.source.units(arranged.table)
        assert arranged.folder is not None
        write_dbt(arranged.folder / "JOBS.DBT", b"Gate mended")
        (after,) = arranged.source.units(arranged.table)
        assert before.name == after.name and before.sha256 != after.sha256


def test_values_and_a_deleted_record(tmp_path: Path, jobs: TableSpec) -> None:
    records = [job("J1 ", memo="1"), job("J2", memo="2", mark="*"), job("J3", "", "00000000")]
    write_dbf(tmp_path / "jobs.dbf", JOBS, records, version=0x83)
    write_dbt(tmp_path / "jobs.dbt", "£5 gate — stuck".encode("cp1252"), b"old")
    first, second, third = read(tmp_path, jobs)
    assert first == {
        **{"_line": 1, "_fault": None, "_raw": None, "JOB": "J1    ", "COST": Decimal("12.50")},
        **{"DONE": date(2026, 1, 2), "NOTES": "£5 gate — stuck"},
    }
    assert second["_fault"] == "deleted"
    assert json.loads(second["_raw"]) == {
        **{"JOB": "J2    ", "COST": "12.50", "DONE": "2026-01-02", "NOTES": "old"},
    }
    assert (third["COST"], third["DONE"], third["NOTES"]) == (None, None, None)


def test_a_table_without_its_memo_file(tmp_path: Path, jobs: TableSpec) -> None:
    write_dbf(tmp_path / "JOBS.DBF", JOBS, [job("J1"), job("J2", memo="1")], version=0x83)
    with pytest.raises(SourceUnreadable, match=r"file JOBS\.DBF.*\.fpt or \.dbt"):
        read(tmp_path, jobs)
    write_dbf(tmp_path / "JOBS.DBF", JOBS, [job("J1"), job("J2", memo="1", mark="*")], version=0x83)
    assert [row["_fault"] for row in read(tmp_path, jobs)] == [None, "deleted"]


def test_a_truncated_table(tmp_path: Path, jobs: TableSpec) -> None:
    path = tmp_path / "JOBS.DBF"
    write_dbf(path, JOBS, [job(f"J{at}") for at in range(1, 6)])
    path.write_bytes(path.read_bytes()[:-44])
    source = open_source(a_system("dbase", jobs), str(tmp_path), {})
    rows = rows_of(source, jobs)
    assert [row["_fault"] for row in rows] == [None, None, None, "truncated"]
    assert rows[3]["_raw"] == job("J4")[:23].hex()
    assert source.controls(jobs, only_unit(source, jobs)) == Controls(rows=5)


def test_visual_foxpro_types(tmp_path: Path) -> None:
    fields: Fields = [
        *[("ID", "I", 4, 0), ("FEE", "Y", 8, 0), ("HOURS", "B", 8, 2), ("SHARE", "B", 8, 0)],
        *[("AT", "T", 8, 0), ("NAME", "V", 8, 0), ("OPEN", "L", 1, 0), ("PLACE", "C", 4, 0)],
        *[("NOTE", "M", 4, 0), ("_NullFlags", "0", 1, 0)],
    ]
    moment = struct.pack("<ii", 2_461_043, 34_200_000)
    head = struct.pack("<iqdd", -7, 123_456, 7.5, 0.1) + moment
    full = b" " + head + "Müller12".encode("cp1252") + b"T" + b"Bath" + struct.pack("<I", 8) + b"\x00"
    short = b" " + head + b"Ann    \x03" + b" " + b"    " + struct.pack("<I", 0) + b"\x03"
    flags = {"PLACE": 2}
    write_dbf(tmp_path / "v.dbf", fields, [full, short], version=0x30, flags=flags)
    note = "naïve".encode("cp1252")
    (tmp_path / "v.FPT").write_bytes(
        struct.pack(">IHH", 0, 0, 64).ljust(512, b"\0") + struct.pack(">II", 1, len(note)) + note
    )
    first, second = read(tmp_path, a_table("v", "ID"))
    assert {name: value for name, value in first.items() if name[0] != "_"} == {
        **{"ID": -7, "FEE": Decimal("12.3456"), "HOURS": Decimal("7.50"), "SHARE": "0.1"},
        **{"AT": datetime(2026, 1, 2, 9, 30), "NAME": "Müller12", "OPEN": True, "PLACE": "Bath"},
        **{"NOTE": "naïve"},
    }
    assert (second["NAME"], second["OPEN"], second["PLACE"], second["NOTE"]) == ("Ann", None, None, None)


def test_dbase_iv_memos(tmp_path: Path, jobs: TableSpec) -> None:
    write_dbf(tmp_path / "JOBS.DBF", JOBS, [job("J1", memo="1"), job("J2", memo="2")], version=0x8B)
    memo = b"\xff\xff\x08\x00" + struct.pack("<I", 8 + 5) + b"Leak!"
    cut = b"\xff\xff\x08\x00" + struct.pack("<I", 8 + 900) + b"Lea"
    (tmp_path / "JOBS.DBT").write_bytes(b"\0" * 512 + memo.ljust(512, b"\0") + cut)
    first, second = read(tmp_path, jobs)
    assert first["NOTES"] == "Leak!"
    assert second["_fault"] == "memo-missing"


@pytest.mark.parametrize(
    ("text", "value"),
    [("  -0.50", "-0.50"), ("+12.5", "12.50"), (".5", "0.50"), ("7", "7.00"), ("1e3", None), ("1,2", None)],
)
def test_numbers_as_they_are_written(tmp_path: Path, jobs: TableSpec, text: str, value: str | None) -> None:
    write_dbf(tmp_path / "JOBS.DBF", JOBS, [job("J1", text)])
    (row,) = read(tmp_path, jobs)
    assert row["COST"] == (value and Decimal(value))
    assert row["_fault"] == (None if value else "undecodable")


@pytest.mark.parametrize(("driver", "byte"), [(0x01, 0x9C), (0x02, 0x9C), (0x03, 0xA3)])
def test_the_tables_own_code_page(tmp_path: Path, driver: int, byte: int) -> None:
    write_dbf(tmp_path / "p.dbf", [("P", "C", 2, 0)], [b" " + bytes([byte]) + b"5"], driver=driver)
    assert read(tmp_path, a_table("p", "P"))[0]["P"] == "£5"


def test_without_a_code_page_a_table_is_ascii_until_told(tmp_path: Path) -> None:
    write_dbf(tmp_path / "p.dbf", [("P", "C", 2, 0)], [b" \xa35"], driver=0)
    assert read(tmp_path, a_table("p", "P"))[0]["_fault"] == "undecodable"
    assert read(tmp_path, a_table("p", "P", encoding="cp1252"))[0]["P"] == "£5"
    write_dbf(tmp_path / "p.dbf", [("P", "C", 2, 0)], [b" \xa35"], driver=0x13)
    with pytest.raises(ConfigurationFault, match=r"layout\.encoding"):
        read(tmp_path, a_table("p", "P"))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "no dBase"),
        (b"PK\x03\x04".ljust(600, b"\0"), "Excel workbook"),
        (b"<html><body>Not found</body></html>".ljust(600), "HTML page"),
        (b"\x03" + b"\0" * 7 + b"\x61\x00\x05\x00" + b"\0" * 40, "before its first record"),
        (b"\x03" + b"\0" * 7 + b"\x21\x00\x05\x00" + b"\0" * 20 + b"\r", "fill 1 bytes"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, jobs: TableSpec, content: bytes, fault: str) -> None:
    (tmp_path / "JOBS.DBF").write_bytes(content)
    with pytest.raises(SourceUnreadable, match=fault):
        read(tmp_path, jobs)


def summary(path: Path) -> tuple[int, list[tuple[str, str, int, int]]]:
    """Records and fields as the summary beside a public table lists them."""
    text = path.read_text()
    fields = re.findall(r"^(\w+) +([A-Z]) +(\d+) +(\d+) *$", text, re.MULTILINE)
    records = re.search(r"Records: (\d+)", text)
    assert records
    return int(records[1]), [(n, k, int(size), int(decimals)) for n, k, size, decimals in fields]


@pytest.mark.parametrize(
    ("name", "encoding"), [("cp1251", None), ("dbase_03", None), ("dbase_30", None), ("dbase_83", "cp1252")]
)
def test_public_tables_as_their_summaries_and_dbfread_have_them(
    real_files: Path, name: str, encoding: str | None
) -> None:
    folder = real_files / "dbf-foxpro"
    layout = {"files": f"{name}.dbf"} | ({"encoding": encoding} if encoding else {})
    table = a_table(name, "ID", **layout)
    source = open_source(a_system("dbase", table), str(folder), {})
    rows = rows_of(source, table)
    records, fields = summary(folder / f"{name}_summary.txt")
    assert (len(rows), source.controls(table, only_unit(source, table)).rows) == (records, records)
    names = [column for column in rows[0] if column[0] != "_"]
    assert [column.removesuffix(" (2)") for column in names] == [field[0] for field in fields]
    assert {row["_fault"] for row in rows} == {None}
    twice = {field[0] for field in fields if sum(other[0] == field[0] for other in fields) > 1}
    for row, other in zip(rows, DBF(folder / f"{name}.dbf", encoding=encoding), strict=True):
        for column in set(names) & set(other) - twice:
            assert _comparable(row[column]) == _comparable(other[column]), (row["_line"], column)


def _comparable(value: Any) -> Any:
    if isinstance(value, str):
        return value.rstrip(" \0") or None
    return float(value) if isinstance(value, Decimal) else value


def test_public_cyrillic(real_files: Path) -> None:
    rows = read(real_files / "dbf-foxpro", a_table("c", "RN", files="cp1251.dbf"))
    assert [row["RN"] for row in rows] == [1, 2, 3, 4]
    assert rows[0]["NAME"].rstrip() == "амбулаторно-поликлиническое"


def test_first_public_record_with_memo(real_files: Path) -> None:
    (row, *_) = read(real_files / "dbf-foxpro", a_table("p", "ID", files="dbase_83.dbf", encoding="cp1252"))
    assert (row["ID"], row["CATCOUNT"], row["ORDER"], row["CODE"].rstrip()) == (87, 2, 87, "1")
    assert (row["PRICE"], row["WEIGHT"]) == (Decimal("0.00"), Decimal("5.51"))
    assert (row["TAXABLE"], row["ACTIVE"]) == (True, True)
    assert row["DESC"].startswith("Our Original assortment...a little taste of heaven")
    assert row["DESC"].endswith("Milk chocolate squares, and Raspberry Blanc.")
