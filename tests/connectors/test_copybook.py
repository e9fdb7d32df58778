"""Copybooks: levels, pictures, usages, offsets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.copybook import CopybookFault, parse_copybook, parse_picture, read_copybook
from ledger.errors import ConfigurationFault

ACCOUNT = """
000100* A comment in column 7
000200 01  ACCOUNT-REC.                                                 RENTS001
000300     05  ACC-NO                  PIC 9(8).                        RENTS002
000400     05  ACC-STATUS              PIC X.
000500         88  ACC-CURRENT         VALUE 'C'.
000600         88  ACC-FORMER          VALUE 'F' 'X.Y'.
000700     05  BALANCES                USAGE COMP-3.
000800         10  BALANCE             PIC S9(7)V99.
000900         10  ARREARS             PIC S9(7)V99.
001000     05  WEEK-DEBIT              PIC S9(5)V99 COMP-3
001100                                 OCCURS 4 TIMES INDEXED BY W-IX.
001200     05  NAME-AREA               PIC X(20) VALUE SPACES.
001300     05  NAME-PARTS REDEFINES NAME-AREA.
001400         10  TITLE               PIC X(4).
001500         10  SURNAME             PIC X(16).
001600     05  FILLER                  PIC X(3).
       01  TRAILER-REC.
           05  TRL-COUNT               PIC 9(9) BINARY.
"""


def test_offsets_and_sizes() -> None:
    book = parse_copybook(ACCOUNT)
    account, trailer = book.records
    assert [(f.level, f.name, f.offset, f.size, f.occurs) for f in account.fields()] == [
        (1, "ACCOUNT-REC", 0, 58, 1),
        (5, "ACC-NO", 0, 8, 1),
        (5, "ACC-STATUS", 8, 1, 1),
        (5, "BALANCES", 9, 10, 1),
        (10, "BALANCE", 9, 5, 1),
        (10, "ARREARS", 14, 5, 1),
        (5, "WEEK-DEBIT", 19, 4, 4),
        (5, "NAME-AREA", 35, 20, 1),
        (5, "NAME-PARTS", 35, 20, 1),
        (10, "TITLE", 35, 4, 1),
        (10, "SURNAME", 39, 16, 1),
        (5, "FILLER", 55, 3, 1),
    ]
    assert book.field("BALANCE").usage == "packed"
    assert trailer.size == 4
    assert book.record_length == 58


def test_an_unnamed_entry_is_filler_and_a_free_copybook_is_read() -> None:
    book = parse_copybook("01 R.\n  05 PIC X(3).\n  05 B PIC 9(4) COMP.\n")
    assert [(f.name, f.offset) for f in book.record().children] == [("FILLER", 0), ("B", 3)]


def test_depending_on() -> None:
    book = parse_copybook(
        "       01 R.\n"
        "          05 N PIC 99.\n"
        "          05 LINES-OF OCCURS 0 TO 5 TIMES DEPENDING ON N\n"
        "                ASCENDING KEY IS A INDEXED BY IX.\n"
        "             10 A PIC X(2).\n"
    )
    lines = book.field("LINES-OF")
    assert (lines.occurs, lines.depending_on, lines.size, book.record_length) == (5, "N", 2, 12)


@pytest.mark.parametrize(
    ("text", "digits", "scale", "stored"),
    [
        ("S9(7)V99", 9, 2, 9),
        ("9(6).99-", 8, 2, 10),
        ("Z(6)VZZ-", 8, 2, 9),
        ("ZZZ,ZZ9.99", 8, 2, 10),
        ("+++9.99", 5, 2, 7),
        ("SV9(5)", 5, 5, 5),
        ("SPPP9(5)", 5, 8, 5),
        ("PPP9(5)", 5, 8, 5),
        ("S9(5)PPP", 5, -3, 5),
        ("9(4)CR", 4, 0, 6),
    ],
)
def test_pictures(text: str, digits: int, scale: int, stored: int) -> None:
    picture = parse_picture(text)
    assert (picture.digits, picture.scale, len(picture.positions)) == (digits, scale, stored)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no entries"),
        ("       01 R.\n          05 A PIC Q(3).\n", "PIC Q"),
        ("       01 R.\n          05 A.\n", "neither a picture"),
        ("       01 R.\n          05 A PIC X(3)\n", "full stop"),
        ("       01 R.\n          05 A PIC X SYNC.\n", "SYNC"),
        ("       01 R.\n          05 A REDEFINES B PIC X.\n", "not before it"),
        ("       COPY OTHER.\n", "COPY"),
    ],
)
def test_what_is_not_understood_is_named(text: str, fault: str) -> None:
    with pytest.raises(CopybookFault, match=re.escape(fault)):
        parse_copybook(text)


def test_a_missing_copybook_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault, match=r"layout\.copybook"):
        read_copybook(tmp_path / "none.cpy")


@pytest.mark.parametrize(
    ("copybook", "layout"),
    [
        ("test6_copybook.cob", "test6_expected/test6_layout.txt"),
        ("test19_display_num.cob", "test19_display_num_expected/test19_layout.txt"),
    ],
)
def test_layouts_of_real_copybooks(real_files: Path, copybook: str, layout: str) -> None:
    folder = real_files / "cobol-ebcdic"
    listed = re.findall(r"^  \d+ (\S+) +\d+ +(\d+) +\d+ +(\d+) *$", (folder / layout).read_text(), re.MULTILINE)
    fields = list(read_copybook(folder / copybook).record().fields())[1:]
    assert [(f.name.replace("-", "_"), f.offset + 1, f.size) for f in fields] == [
        (name, int(start), int(size)) for name, start, size in listed
    ]
    assert len(fields) in (14, 195)
