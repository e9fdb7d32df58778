"""Mainframe files: the contract, faults, record types, OCCURS, trailers, and the public files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors import ebcdic
from connectors.codepages import code_page
from connectors.ebcdic import open_source
from connectors.protocol import Controls
from ledger.errors import ConfigurationFault, ContractBroken, SourceUnreadable
from ledger.spec import TableSpec
from tests.connectors.contract import (
    Arranged,
    ConnectorContract,
    a_system,
    a_table,
    only_unit,
    read_all,
    rows_of,
)

COPYBOOK = """
       01  RENT-REC.
           05  REC-TYPE        PIC X.
           05  ACC-NO          PIC 9(4).
           05  DETAIL-AREA.
               10  SURNAME     PIC X(6).
               10  AMOUNT      PIC S9(5)V99 COMP-3.
               10  BALANCE     PIC S9(3)V99.
               10  WEEK        PIC S9(3) COMP-3 OCCURS 2.
           05  TRAILER-AREA REDEFINES DETAIL-AREA.
               10  TRL-COUNT   PIC 9(5).
               10  TRL-TOTAL   PIC S9(7)V99 COMP-3.
               10  FILLER      PIC X(9).
"""
PAGE = code_page("cp1146")
CONTROLS = "".join(map(chr, [*range(33), *range(127, 160)]))


def detail(account: int, amount: str = "0001250C", surname: str = "O'NEIL", kind: str = "D") -> bytes:
    """A record of 24 bytes; the balance is -1.23, the weeks are 7 and -8."""
    text = PAGE.encode(f"{kind}{account:04}{surname:6}")
    return text + bytes.fromhex(amount) + PAGE.encode("0012L") + bytes.fromhex("007C008D")


def trailer(count: int, total: str) -> bytes:
    return PAGE.encode(f"T9999{count:05}") + bytes.fromhex(total) + PAGE.encode(" " * 9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rent.cpy").write_text(COPYBOOK)
    records = [PAGE.encode("H".ljust(24)), *map(detail, range(1, 6)), trailer(5, "000006250C")]
    (tmp_path / "RENT.DAT").write_bytes(b"".join(records))
    return tmp_path


def rents(folder: Path, name: str = "rents", **layout: Any) -> TableSpec:
    return a_table(
        name,
        "ACC-NO",
        **{
            "files": "*.DAT",
            "copybook": str(folder / "rent.cpy"),
            "select": {"field": "REC-TYPE", "value": "D"},
            "ignore": ["H"],
            "trailer": {"value": "T", "rows": "TRL-COUNT", "total": "TRL-TOTAL"},
            **layout,
        },
    )


def opened(folder: Path, *tables: TableSpec) -> ebcdic.EbcdicSource:
    return open_source(a_system("ebcdic", *tables), str(folder), {})


class TestEbcdic(ConnectorContract):
    @pytest.fixture
    def arranged(self, folder: Path) -> Arranged:
        with (folder / "RENT.DAT").open("wb") as file:
            file.write(detail(1) + detail(2, amount="00012A0C") + detail(3) + detail(4, kind="Q"))
            file.write(detail(5)[:20])
        table = rents(folder, trailer=None)
        (folder / "none").mkdir()
        missing = rents(folder, name="missing", files="none/*.DAT")
        return Arranged(
            opened(folder, table, missing),
            table,
            whole_rows=2,
            faults={"undecodable": 1, "broken": 1, "truncated": 1},
            module=ebcdic,
            folder=folder,
            missing=missing,
        )


def test_values_of_every_kind(folder: Path) -> None:
    table = rents(folder)
    row = rows_of(opened(folder, table), table)[0]
    assert row == {
        **{"_line": 2, "_fault": None, "_raw": None, "REC-TYPE": "D", "ACC-NO": 1, "SURNAME": "O'NEIL"},
        **{"AMOUNT": Decimal("12.50"), "BALANCE": Decimal("-1.23"), "WEEK_1": 7, "WEEK_2": -8},
    }


def test_the_trailer_states_rows_and_total(folder: Path) -> None:
    source = opened(folder, table := rents(folder))
    assert source.controls(table, only_unit(source, table)) == Controls(5, Decimal("62.50"))


def test_a_missing_trailer_is_a_broken_contract(folder: Path) -> None:
    (folder / "RENT.DAT").write_bytes(detail(1) * 3)
    source = opened(folder, table := rents(folder))
    with pytest.raises(ContractBroken, match="may not be whole"):
        source.controls(table, only_unit(source, table))


def test_a_trailer_without_numbers_is_a_broken_contract(folder: Path) -> None:
    (folder / "RENT.DAT").write_bytes(detail(1) + trailer(1, "40404040404040"[:10]))
    source = opened(folder, table := rents(folder))
    with pytest.raises(ContractBroken, match="TRL-TOTAL"):
        source.controls(table, only_unit(source, table))


def test_each_type_is_its_own_table_and_none_is_lost(folder: Path) -> None:
    debits = rents(folder, name="debits", ignore=[], trailer=None)
    receipts = rents(
        folder, name="receipts", select={"field": "REC-TYPE", "value": ["R", "S"]}, ignore=[], trailer=None
    )
    kinds = "DRDSQD"
    data = b"".join(detail(at, kind=kind) for at, kind in enumerate(kinds, start=1))
    (folder / "RENT.DAT").write_bytes(data)
    source = opened(folder, debits, receipts)
    assert [(r["_line"], r["_fault"]) for r in rows_of(source, debits)] == [
        (1, None), (3, None), (5, "broken"), (6, None)
    ]  # fmt: skip
    assert [(r["_line"], r["REC-TYPE"]) for r in rows_of(source, receipts)] == [(2, "R"), (4, "S")]


def test_an_occurrence_a_row(folder: Path) -> None:
    bad = detail(2)[:-1] + b"\xfa"
    (folder / "RENT.DAT").write_bytes(detail(1) + bad + detail(3))
    table = rents(folder, explode="WEEK", trailer=None)
    rows = rows_of(opened(folder, table), table)
    assert [(r["_line"], r["_fault"], r["_occurrence"], r["ACC-NO"], r["WEEK"]) for r in rows] == [
        (1, None, 1, 1, 7),
        (1, None, 2, 1, -8),
        (2, "undecodable", None, None, None),
        (3, None, 1, 3, 7),
        (3, None, 2, 3, -8),
    ]


def test_a_group_of_another_table_is_left_out_and_its_damage_with_it(folder: Path) -> None:
    bad = detail(2)[:-1] + b"\xfa"
    (folder / "RENT.DAT").write_bytes(detail(1) + bad)
    accounts = rents(folder, "accounts", trailer=None, omit=["WEEK"])
    weeks = rents(folder, "weeks", trailer=None, omit=["SURNAME", "AMOUNT", "BALANCE"])
    source = opened(folder, accounts, weeks)
    assert [(r["_fault"], r["ACC-NO"], "WEEK_1" in r) for r in rows_of(source, accounts)] == [
        (None, 1, False),
        (None, 2, False),
    ]
    assert [(r["_fault"], r["WEEK_2"], "SURNAME" in r) for r in rows_of(source, weeks)] == [
        (None, -8, False),
        ("undecodable", None, False),
    ]


def test_redefined_fields_are_read_when_named(folder: Path) -> None:
    table = rents(folder, redefines=["TRAILER-AREA"], select={"field": "REC-TYPE", "value": "T"}, ignore=["H", "D"])
    (row,) = rows_of(opened(folder, table), table)
    assert (row["TRL-COUNT"], row["TRL-TOTAL"]) == (5, Decimal("62.50"))
    assert "SURNAME" not in row


def test_a_number_of_blanks_is_nothing_and_a_name_in_pounds_is_kept(folder: Path) -> None:
    record = bytearray(detail(1, surname="£[€]"))
    record[1:5] = PAGE.encode("    ")
    (folder / "RENT.DAT").write_bytes(bytes(record))
    table = rents(folder, trailer=None)
    (row,) = rows_of(opened(folder, table), table)
    assert (row["ACC-NO"], row["SURNAME"]) == (None, "£[€]  ")


def test_an_ascii_file(folder: Path) -> None:
    (folder / "a.cpy").write_text("       01 R.\n          05 K PIC X(3).\n          05 N PIC S9(3).\n")
    (folder / "A.DAT").write_bytes(b"ab 01{x\xe9y00J12312t")
    (folder / "RENT.DAT").unlink()
    table = a_table("a", "K", copybook=str(folder / "a.cpy"), encoding="ascii", files="*.DAT")
    rows = rows_of(opened(folder, table), table)
    assert [(r["_fault"], r["K"], r["N"]) for r in rows] == [
        (None, "ab ", 10), ("undecodable", None, None), (None, "123", -124)
    ]  # fmt: skip


def test_an_empty_file_has_columns_and_no_rows(folder: Path) -> None:
    (folder / "RENT.DAT").write_bytes(b"")
    source = opened(folder, table := rents(folder))
    (chunk,) = read_all(source, table)
    assert chunk.num_rows == 0
    assert chunk.schema.field("AMOUNT").type == pa.decimal128(7, 2)


@pytest.mark.parametrize("damage", [lambda data: data[1:], lambda data: data[:10], lambda data: data[::-1]])
def test_a_copybook_that_does_not_fit(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    path = folder / "RENT.DAT"
    path.write_bytes(damage(path.read_bytes()))
    table = rents(folder)
    with pytest.raises(SourceUnreadable, match="record has 24 bytes") as caught:
        rows_of(opened(folder, table), table)
    assert str(path.stat().st_size) in str(caught.value)
    assert "O'NEIL" not in str(caught.value)


@pytest.mark.parametrize(
    ("layout", "fault"),
    [
        ({"copybook": None}, "no layout.copybook"),
        ({"encoding": "cp9999"}, "cp9999"),
        ({"record": "NONE"}, "no record NONE"),
        ({"explode": "NONE"}, "no field NONE"),
        ({"select": {"field": "REC-TYPE", "value": "DD"}}, "longer than its 1 bytes"),
    ],
)
def test_wrong_layouts_are_configuration_faults(folder: Path, layout: dict[str, Any], fault: str) -> None:
    table = rents(folder, **layout)
    with pytest.raises(ConfigurationFault, match=fault):
        rows_of(opened(folder, table), table)


def real(real_files: Path, copybook: str, data: str, **layout: Any) -> list[dict[str, Any]]:
    folder = real_files / "cobol-ebcdic"
    table = a_table("real", "ID", copybook=str(folder / copybook), encoding="cp037", **layout)
    return rows_of(open_source(a_system("ebcdic", table), str(folder / data), {}), table)


def trimmed(value: Any) -> Any:
    """As the expected outputs have it: trimmed, of control characters too."""
    return value.strip(CONTROLS) if isinstance(value, str) else value


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {n.replace("-", "_"): trimmed(v) for n, v in row.items() if n[0] != "_" and v is not None}


def expected(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line, parse_float=Decimal) for line in path.read_text().splitlines()]


def test_real_transactions(real_files: Path) -> None:
    rows = real(real_files, "test3_copybook.cob", "test3_data/TRAN2.AUG31.DATA.dat")
    folder = real_files / "cobol-ebcdic" / "test3_expected"
    assert len(rows) == 1000
    wanted = expected(folder / "test3.txt")
    assert [plain(row) for row in rows[: len(wanted)]] == wanted
    untrimmed = expected(folder / "test3_trim_none.txt")
    as_found = [{n.replace("-", "_"): v for n, v in row.items() if n[0] != "_"} for row in rows]
    assert as_found[: len(untrimmed)] == untrimmed


def test_real_accounts_flattened(real_files: Path) -> None:
    both = ["COMPANY-ID-NUM", "COMPANY-ID-STR", "ACCOUNT-TYPE-N", "ACCOUNT-TYPE-X"]
    rows = real(real_files, "test1_copybook.cob", "test1_data/example.bin", redefines=both)
    with (real_files / "cobol-ebcdic" / "test1_expected" / "test1.csv").open() as file:
        wanted = [list(row.values()) for row in csv.DictReader(file)]
    got = [["" if v is None else str(trimmed(v)) for n, v in row.items() if n[0] != "_"] for row in rows]
    assert got == wanted


def test_real_accounts_one_row_each(real_files: Path) -> None:
    rows = real(
        real_files,
        "test1_copybook.cob",
        "test1_data/example.bin",
        explode="ACCOUNT-DETAIL",
        redefines=["ACCOUNT-TYPE-N", "ACCOUNT-TYPE-X"],
    )
    wanted = [
        (record["ID"], turn, detail)
        for record in expected(real_files / "cobol-ebcdic" / "test1_expected" / "test1.txt")
        for turn, detail in enumerate(record["METADATA"]["ACCOUNT"]["ACCOUNT_DETAIL"], start=1)
    ]
    names = ("ACCOUNT_NUMBER", "ACCOUNT_TYPE_N", "ACCOUNT_TYPE_X")
    assert [(row["ID"], row["_occurrence"], {name: plain(row)[name] for name in names}) for row in rows] == wanted


def test_real_display_numbers(real_files: Path) -> None:
    rows = real(real_files, "test19_display_num.cob", "test19_display_num/data.dat")
    wanted = expected(real_files / "cobol-ebcdic" / "test19_display_num_expected" / "test19.txt")
    for row in wanted:
        del row["File_Id"], row["Record_Id"]
    assert [plain(row) for row in rows[:5]] == wanted[:5]
    # The expected output makes a blank amount 0.00 but a blank number nothing; here both are nothing.
    assert wanted[5].pop("WS_AMOUNT_FRACTION") == 0
    assert plain(rows[5]) == wanted[5]
    # Letters in a number: there the field is nothing, here the record is set aside.
    assert (rows[6]["_fault"], len(rows)) == ("undecodable", 7)


def test_real_numbers_of_every_kind(real_files: Path) -> None:
    rows = real(real_files, "test6_copybook.cob", "test6_data/INTEGR.TYPES.NOV28.DATA.dat")
    assert len(rows) == 100
    assert all(row["_fault"] is None for row in rows)
    first, last = rows[0], rows[-1]
    assert len(first) == 3 + 195
    assert (first["ID"], first["STRING-VAL"]) == (1, "Timika    ")
    assert last["ID"] == 100
    hand_checked = {
        "NUM-STR-INT14": Decimal("3050393257676267687078781717600592714"),
        "NUM-STR-SDEC10": Decimal("-305039325767626768.7078781717"),
        "NUM-STR-EDEC06": Decimal("-30503.93257"),
        "NUM-BIN-INT13": Decimal("30503932576762676870"),
        "NUM-SBIN-DEC10": Decimal("-305039325767626768.7078781717"),
        "NUM-BCD-SINT14": Decimal("-3050393257676267687078781717600592714"),
        "NUM-SL-STR-INT01": -305039325,
        "NUM-ST-STR-DEC01": Decimal("-30.50"),
        "NUM-SLI-STR-DEC01": Decimal("-0.3050393"),
        "COMMON-S999DCCOMP3": Decimal("-305039325.76"),
        "COMMON-UPC5DDC": Decimal("0.00030503"),
        "COMMON-SPI5DDC": -30503000,
        "EX-NUM-INT04": -30503932,
        "EX-NUM-DEC03": Decimal("-305039.32"),
    }
    assert {name: first[name] for name in hand_checked} == hand_checked


@pytest.mark.parametrize(
    ("forms", "count"),
    [
        (("NUM-STR-INT", "NUM-BIN-INT", "NUM-BCD-INT"), 14),
        (("NUM-STR-SINT", "NUM-SBIN-SINT", "NUM-BCD-SINT"), 14),
        (("NUM-STR-DEC", "NUM-BIN-DEC", "NUM-BCD-DEC"), 10),
        (("NUM-STR-SDEC", "NUM-SBIN-DEC", "NUM-BCD-SDEC"), 10),
    ],
)
def test_real_numbers_agree_however_they_are_stored(real_files: Path, forms: tuple[str, ...], count: int) -> None:
    """The file writes each number as display, binary and packed: three decoders, one value."""
    for row in real(real_files, "test6_copybook.cob", "test6_data/INTEGR.TYPES.NOV28.DATA.dat"):
        for at in range(2, count + 1):
            assert len({row[f"{form}{at:02}"] for form in forms}) == 1, (row["ID"], forms, at)
