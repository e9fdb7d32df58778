"""Files from the bank: the contract for each format, totals, dialects, and the public files."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors import bank
from connectors.bank import open_source
from connectors.protocol import Controls
from ledger.errors import ConfigurationFault, ContractBroken, SourceUnreadable
from ledger.spec import TableSpec
from tests.connectors.contract import Arranged, ConnectorContract, a_system, a_table, only_unit, rows_of

MT940 = """\
:20:STMT1
:25:20-00-00 12345678
:28C:270/1
:60F:C260925GBP1000,00
:61:2609280928C85,50NTRFREF1//BANK1
:86:RENT 100234
SECOND LINE
:61:2609280928D10,00NCHGNONREF
:61:260928RC5,25NTRFREF3
:62F:C260928GBP1070,25
:64:C260928GBP1070,25
-
"""
CUT = ":20:STMT2\n:25:1\n:28C:1\n:60F:C260925GBP0,00\n:61:260928C1,00NTRF"
ODD = ":20:STMT3\n:25:1\n:28C:1\n:60F:C260925GBP0,00\n:61:nonsense SMITH\n:62F:C260928GBP1,00\n"
BAI2 = """\
01,BANK,COUNCIL,260928,0200,1,80,,2/
02,COUNCIL,200000,1,260927,2359,GBP,2/
03,12345678,,010,100000,,,015,+105500,,,400,4500,1,/
16,142,10000,V,260928,,B1,C1,RENT, JONES/
88,AND A SECOND LINE/
16,475,4500,0,,CHQ 17/
49,224500,5/
98,224500,1,7/
99,224500,1,9/
"""


def labelled(*records: str, debit: int = 0, credit: int = 0, items: tuple[int, int] = (0, 0)) -> str:
    """A payment file with its labels and a user trailer."""
    trailer = f"UTL1{debit:013}{credit:013}{items[0]:07}{items[1]:07}".ljust(80)
    head = ["VOL1000001".ljust(80), "HDR1A".ljust(80), "UHL1 26271999999    00".ljust(80)]
    return "\r\n".join([*head, *records, "EOF1A".ljust(80), trailer, ""])


def payment(pence: int | str, reference: str = "100234", code: str = "99", day: str = " 26272") -> str:
    amount = f"{pence:011}" if isinstance(pence, int) else pence
    return f"200000123456780{code}30000087654321    {amount}{'MS J SMITH':18}{reference:18}{'COUNCIL RENTS':18}{day}"


def opened(folder: Path, table: TableSpec) -> bank.BankSource:
    return open_source(a_system("bank", table), str(folder), {})


def read(folder: Path, text: str, **layout: Any) -> list[dict[str, Any]]:
    (folder / "a.txt").write_bytes(text.encode())
    table = a_table("entries", "amount", **layout)
    return rows_of(opened(folder, table), table)


def stated(folder: Path, text: str, **layout: Any) -> Controls:
    (folder / "a.txt").write_bytes(text.encode())
    source = opened(folder, table := a_table("entries", "amount", **layout))
    return source.controls(table, only_unit(source, table))


class BankContract(ConnectorContract):
    """The contract over one file of a format."""

    text: str
    layout: dict[str, str]
    whole: int
    faults: dict[str, int]

    @pytest.fixture
    def arranged(self, tmp_path: Path) -> Arranged:
        (tmp_path / "a.txt").write_bytes(self.text.encode())
        (tmp_path / "none").mkdir()
        (tmp_path / "none" / "b.txt").write_bytes(b"")
        table = a_table("entries", "amount", files="*.txt", **self.layout)
        return Arranged(
            opened(tmp_path, table),
            table,
            whole_rows=self.whole,
            faults=self.faults,
            module=bank,
            folder=tmp_path,
            empty=a_table("entries", "amount", files="none/*.txt", **self.layout),
            missing=a_table("absent", "amount", files="absent/*.txt", **self.layout),
        )


class TestMt940(BankContract):
    text, layout = MT940 + ODD + CUT, {"format": "mt940"}
    whole, faults = 3, {"truncated": 1, "broken": 1}


class TestBai2(BankContract):
    text = BAI2.replace("49,", "17,what/\n16,142,x,0,,,/\n49,").replace(",5/", ",7/").replace(",7/\n99", ",9/\n99")
    text = text.replace("1,9/\n99,224500,1,9/", "1,9/\n99,224500,1,11/")
    layout, whole, faults = {"format": "bai2"}, 2, {"broken": 2}


class TestBacs(BankContract):
    text = labelled(
        *[payment(8550), payment(1), payment("0000000x001"), payment(2, code="77"), payment(5)[:60]],
        *[payment(8551, "CONTRA", "17"), payment(3)],
        debit=8551,
        credit=8554,
        items=(1, 6),
    )
    layout, whole, faults = {"format": "bacs"}, 3, {"broken": 2, "truncated": 1}


def test_mt940_entries_and_statement(tmp_path: Path) -> None:
    first, second, third = read(tmp_path, MT940, format="mt940")
    assert {name: value for name, value in first.items() if name[0] != "_"} == {
        **{"reference": "STMT1", "account": "20-00-00 12345678", "statement_number": "270"},
        **{"sequence_number": "1", "currency": "GBP", "entry": 1, "value_date": date(2026, 9, 28)},
        **{"entry_date": date(2026, 9, 28), "amount": Decimal("85.50"), "mark": "C", "funds_code": None},
        **{"transaction_type": "NTRF", "customer_reference": "REF1", "bank_reference": "BANK1"},
        **{"extra_details": "", "details": "RENT 100234\nSECOND LINE"},
    }
    assert (second["_line"], second["amount"]) == (8, Decimal("-10.00"))
    assert (third["mark"], third["amount"]) == ("RC", Decimal("-5.25"))
    (statement,) = read(tmp_path, MT940, format="mt940", record="statement")
    assert (statement["opening_balance"], statement["closing_balance"]) == (Decimal("1000"), Decimal("1070.25"))
    assert (statement["entries"], statement["entries_total"]) == (3, Decimal("70.25"))
    assert statement["available_balance"] == Decimal("1070.25")


def test_mt940_balances_leave_a_total_for_the_entries(tmp_path: Path) -> None:
    assert stated(tmp_path, MT940, format="mt940") == Controls(total=Decimal("70.25"))
    assert stated(tmp_path, MT940.replace("1070,25", "1080,25"), format="mt940").total == Decimal("80.25")
    assert stated(tmp_path, MT940, format="mt940", record="statement") == Controls()


def test_what_an_mt940_line_holds_reaches_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    (row,) = read(tmp_path, ODD, format="mt940")
    assert (row["_fault"], "SMITH" in row["_raw"]) == ("broken", True)
    assert "SMITH" not in caplog.text


def test_bai2_entries_and_statement(tmp_path: Path) -> None:
    rent, cheque = read(tmp_path, BAI2, format="bai2")
    assert (rent["_line"], rent["amount"], rent["value_date"]) == (4, Decimal("100.00"), date(2026, 9, 28))
    assert (rent["bank_reference"], rent["customer_reference"]) == ("B1", "C1")
    assert rent["text"] == "RENT, JONES\nAND A SECOND LINE"
    assert (cheque["amount"], cheque["customer_reference"]) == (Decimal("-45.00"), "CHQ 17")
    assert (cheque["currency"], cheque["as_of_date"]) == ("GBP", date(2026, 9, 27))
    (statement,) = read(tmp_path, BAI2, format="bai2", record="statement")
    assert (statement["opening_balance"], statement["closing_balance"]) == (Decimal("1000"), Decimal("1055"))
    assert (statement["debits_total"], statement["credits_total"]) == (Decimal("45.00"), None)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("49,224500,5/", "49,224501,5/", "49 on line 7 states a total of 224501"),
        ("49,224500,5/", "49,224500,6/", "49 on line 7 states records 6"),
        ("98,224500,1,7/", "98,224500,2,7/", "98 on line 8 states parts 2"),
        ("99,224500,1,9/", "99,1,1,9/", "99 on line 9 states a total of 1"),
        ("99,224500,1,9/", "", "the file trailer .99. is missing"),
    ],
)
def test_bai2_trailers_are_checked(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert stated(tmp_path, BAI2, format="bai2") == Controls()
    with pytest.raises(ContractBroken, match=fault):
        stated(tmp_path, BAI2.replace(old, new), format="bai2")


def test_bacs_credits_and_debits(tmp_path: Path) -> None:
    records = [payment(8550), payment(1234, day=""), payment(9784, "CONTRA", "17")]
    text = labelled(*records, debit=9784, credit=9784, items=(1, 2))
    first, second = read(tmp_path, text, format="bacs")
    assert {name: value for name, value in first.items() if name[0] != "_"} == {
        **{"destination_sort_code": "200000", "destination_account": "12345678", "account_type": "0"},
        **{"transaction_code": "99", "originating_sort_code": "300000", "originating_account": "87654321"},
        **{"free_format": "    ", "amount": Decimal("85.50"), "originator_name": "MS J SMITH        "},
        **{"reference": "100234            ", "destination_name": "COUNCIL RENTS     "},
        **{"processing_date": date(2026, 9, 29)},
    }
    assert (second["_line"], second["processing_date"]) == (5, date(2026, 9, 28))
    (contra,) = read(tmp_path, text, format="bacs", side="debit")
    assert contra["reference"].strip() == "CONTRA"
    assert stated(tmp_path, text, format="bacs") == Controls(2, Decimal("97.84"))
    assert stated(tmp_path, text, format="bacs", side="debit") == Controls(1, Decimal("97.84"))


@pytest.mark.parametrize(("kept", "fault"), [("", "is missing"), ("UTL1".ljust(80), "no totals")])
def test_bacs_without_its_trailer(tmp_path: Path, kept: str, fault: str) -> None:
    text = labelled(payment(1))
    text = text[: text.index("UTL1")] + kept
    with pytest.raises(ContractBroken, match=fault):
        stated(tmp_path, text, format="bacs")


@pytest.mark.parametrize(
    ("form", "content", "fault"),
    [
        ("mt940", b"account,amount\n1,2\n", "no :20: line"),
        ("bai2", b"account,amount\n1,2\n", "file header"),
        ("bacs", b"account,amount\n1,2\n", "no label"),
        ("mt940", b"%PDF-1.7", "PDF"),
        ("bai2", b"01,x/\n\xff\xfe", "line 2 is not in utf-8"),
    ],
)
def test_a_file_of_another_format_is_named(tmp_path: Path, form: str, content: bytes, fault: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    source = opened(tmp_path, table := a_table("entries", "amount", format=form))
    with pytest.raises(SourceUnreadable, match=fault):
        rows_of(source, table)


@pytest.mark.parametrize("layout", [{}, {"format": "csv"}, {"format": "mt940", "record": "balance"}])
def test_a_table_must_say_what_it_reads(tmp_path: Path, layout: dict[str, str]) -> None:
    with pytest.raises(ConfigurationFault, match=r"State layout\.\w+ in source\.toml"):
        read(tmp_path, MT940, **layout)


class Expected(yaml.SafeLoader):
    """Reads the expected parses, which are written as Python objects, as plain values."""


def _plain(loader: Expected, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        values = loader.construct_sequence(node, deep=True)
        if suffix.endswith("Decimal"):
            return Decimal(values[0])
        if suffix.endswith("Date"):
            packed = values[0] if isinstance(values[0], bytes) else base64.b64decode(values[0])
            return date(packed[0] * 256 + packed[1], packed[2], packed[3])
        return values
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return None


Expected.add_multi_constructor("tag:yaml.org,2002:python/", _plain)

BANKS = ("abnamro", "generic", "ing", "knab", "postfinance", "rabobank-iban", "rabobank", "sns", "triodos")


@pytest.mark.parametrize("name", BANKS)
def test_public_statements_parse_as_expected(real_files: Path, name: str) -> None:
    folder = real_files / "bank" / "mt940" / "jejik"
    table = a_table("entries", "amount", format="mt940", files=f"{name}.sta")
    rows = rows_of(opened(folder, table), table)
    # Each transaction points back to the whole, which plain values cannot.
    text = re.sub(r"(?m)^  transactions: \*id\d+$", "", (folder / f"{name}.yml").read_text())
    wanted = yaml.load(text, Expected)
    assert {row["_fault"] for row in rows} == {None}
    named = {"value_date": "date", "mark": "status", "transaction_type": "id", "details": "transaction_details"}
    plain = ("currency", "entry_date", "funds_code", "customer_reference", "bank_reference", "extra_details")
    for row, transaction in zip(rows, wanted["transactions"], strict=True):
        data = transaction["data"]
        assert row["amount"] == data["amount"]["amount"]
        for column, key in {**named, **dict(zip(plain, plain, strict=True))}.items():
            assert row[column] == data.get(key), (name, row["_line"], column)
    statements = a_table("statements", "account", format="mt940", record="statement", files=f"{name}.sta")
    found = rows_of(opened(folder, statements), statements)
    assert sum(row["entries"] for row in found) == len(rows)
    assert found[-1]["account"] == wanted["data"]["account_identification"]
    assert found[-1]["statement_number"] == wanted["data"]["statement_number"]


@pytest.mark.parametrize(
    ("name", "differences"),
    [
        ("generic", ["0.00", "0.00"]),
        ("rabobank-iban", ["0.00", "0.00"]),
        ("postfinance", ["0.00", "-0.20"]),
        ("knab", ["0.00", "-4500.00"]),
    ],
)
def test_public_statements_that_do_not_add_up_are_seen(real_files: Path, name: str, differences: Sequence[str]) -> None:
    """Some of the samples were shortened: their entries are not all that the balances speak of."""
    table = a_table("s", "account", format="mt940", record="statement", files=f"{name}.sta")
    rows = rows_of(opened(real_files / "bank" / "mt940" / "jejik", table), table)
    assert [str(r["opening_balance"] + r["entries_total"] - r["closing_balance"]) for r in rows] == differences


def test_a_public_statement_with_blank_entry_dates(real_files: Path) -> None:
    table = a_table("entries", "amount", format="mt940")
    source = opened(real_files / "bank" / "mt940" / "citi", table)
    rows = rows_of(source, table)
    assert [str(row["amount"]) for row in rows] == ["-212.39", "-369.28", "0.00", "0.00", "-561.08"]
    assert {row["entry_date"] for row in rows} == {None}
    assert source.controls(table, only_unit(source, table)).total == Decimal("-1142.75")


@pytest.mark.parametrize(
    ("name", "accounts", "entries", "total"), [("sample1", 2, 17, "0.00"), ("sample2", 5, 4, "309500.00")]
)
def test_public_bai2(real_files: Path, name: str, accounts: int, entries: int, total: str) -> None:
    folder = real_files / "bank" / "bai2"
    table = a_table("entries", "amount", format="bai2", files=f"{name}.txt")
    source = opened(folder, table)
    rows = rows_of(source, table)
    assert {row["_fault"] for row in rows} == {None}
    assert (len(rows), str(sum(row["amount"] for row in rows))) == (entries, total)
    assert source.controls(table, only_unit(source, table)) == Controls()
    statements = a_table("statements", "account", format="bai2", record="statement", files=f"{name}.txt")
    assert len(rows_of(opened(folder, statements), statements)) == accounts


def test_first_rows_of_public_bai2(real_files: Path) -> None:
    folder = real_files / "bank" / "bai2"
    table = a_table("entries", "amount", format="bai2", files="sample*.txt")
    rows = rows_of(opened(folder, table), table)
    first, letter = rows[0], rows[19]
    assert (first["_line"], first["account"], first["currency"]) == (5, "10200123456", "CAD")
    assert (first["type_code"], first["amount"], first["text"]) == ("409", Decimal("-25"), "RETURNED CHEQUE     ")
    assert (letter["_line"], letter["type_code"], letter["amount"]) == (16, "218", Decimal("200000"))
    assert (letter["bank_reference"], letter["customer_reference"]) == ("SP4738", "YRC065321")
    assert letter["text"] == "PROCEEDS OF LETTER OF CREDIT FROM THE ARAMCO OIL CO"
    statements = a_table("s", "account", format="bai2", record="statement", files="sample2.txt")
    account = rows_of(opened(folder, statements), statements)[1]
    assert (account["opening_balance"], account["opening_available"]) == (Decimal("-5000"), Decimal("-15000"))
    assert account["other_amounts"] == "190 5000.00; 110 10000.00; 072 5000.00; 074 5000.00"
