"""Mainframe files, dBase tables, workbooks, bank and transfer files that are not what they should be."""

from __future__ import annotations

import gzip
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from tests.flows.desk import CANARY, Shop
from tests.flows.support import written

Damage = Callable[[Path], object]
Cases = dict[str, tuple[Damage, tuple[str, ...]]]
HTML = b"<!DOCTYPE html><html><body>Your session has ended. Please log in.</body></html>"
POSTING, YEAR, BOOK = 54, "RENTTRAN.Y2025.DAT", "STOCK_2026.xlsx"


def mainframe(folder: Path) -> None:
    """The last two rent years."""
    written("rents", folder.parent, homes=100).rename(folder)
    for year in range(2016, 2024):
        (folder / f"RENTTRAN.Y{year}.DAT").unlink()


def contractors(folder: Path) -> None:
    written("contractor", folder.parent, homes=100).rename(folder)
    table = folder / "ENGINEER.DBF"
    content = bytearray(table.read_bytes())
    start = int.from_bytes(content[8:10], "little") + 1 + 4
    content[start : start + 25] = CANARY.encode().ljust(25)
    table.write_bytes(content)


def surveys(folder: Path) -> None:
    written("stock", folder.parent, homes=200).rename(folder)
    edit(folder / BOOK, name_surveyor)


def name_surveyor(book: openpyxl.Workbook) -> None:
    sheet = book["Surveys"]
    (column,) = (cell.column for cell in sheet[1] if cell.value == "Surveyor")
    sheet.cell(2, column).value = CANARY


def edit(path: Path, change: Callable[[openpyxl.Workbook], object]) -> None:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def overwrite(name: str, content: bytes) -> Damage:
    return lambda folder: (folder / name).write_bytes(content)


def cut(name: str, size: int) -> Damage:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:size])


def change(name: str, damage: Callable[[bytes], bytes]) -> Damage:
    return lambda folder: (folder / name).write_bytes(damage((folder / name).read_bytes()))


def without(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


def bomb(folder: Path) -> None:
    """A small archive that says it unpacks to five gigabytes."""
    with zipfile.ZipFile(folder / BOOK, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in (1, 2):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(1 << 20))
            archive.infolist()[-1].file_size = 5 << 29


RENTS: Cases = {
    "a record cut short at the end": (cut(YEAR, -20), ("debits", YEAR, "trailer")),
    "bytes lost in the middle": (change(YEAR, lambda c: c[: POSTING * 100] + c[POSTING * 100 + 10 :]), (YEAR,)),
    "records of another copybook": (
        lambda folder: (folder / YEAR).write_bytes((folder / "RENTACCT.DAT").read_bytes()), (YEAR, "copybook"),
    ),
    "sent as text": (change(YEAR, lambda c: c.decode("cp1140").encode("ascii", "replace")), (YEAR, "copybook")),
    "less than a record": (cut(YEAR, 20), (YEAR, "copybook")),
    "an HTML page": (overwrite(YEAR, HTML), (YEAR,)),
    "an empty file": (overwrite("RENTCAL.DAT", b""), ("periods", "RENTCAL.DAT")),
    "a file not sent": (without("RENTCAL.DAT"), ("periods", "No file RENTCAL.DAT")),
    "a header alone": (cut(YEAR, POSTING), (YEAR, "trailer")),
    "a trailer that counts wrong": (
        change(YEAR, lambda c: c[: -POSTING] + c[-POSTING:][:1] + "000000007".encode("cp1140") + c[-POSTING + 10 :]),
        ("debits", YEAR, "number of rows"),
    ),
    "a record lost": (change(YEAR, lambda c: c[: POSTING * 50] + c[POSTING * 51 :]), (YEAR, "trailer states")),
    "a record twice": (change(YEAR, lambda c: c[: POSTING * 51] + c[POSTING * 50 :]), (YEAR, "trailer states")),
}  # fmt: skip


DAMAGED_RECORDS: dict[str, tuple[int, bytes, str]] = {
    "a record of an unknown kind": (0, "Z".encode("cp1140"), "DEBITS-ROW-BROKEN"),
    "an amount that is no number": (32, b"\xff" * 5, "DEBITS-ROW-UNDECODABLE"),
}


@pytest.mark.parametrize("case", DAMAGED_RECORDS)
def test_a_damaged_record_is_set_aside(shop: Shop, tmp_path: Path, case: str) -> None:
    at, content, code = DAMAGED_RECORDS[case]
    start = POSTING * 50 + at
    damage = change(YEAR, lambda c: c[:start] + content + c[start + len(content) :])
    with shop.desk(tmp_path, "rents", mainframe) as desk:
        before = desk.issues("rents").get(code, 0)
        damage(tmp_path / "source")
        desk.migrates("rents", tmp_path / "source")
        assert desk.issues("rents")[code] == before + 1


@pytest.mark.parametrize("case", RENTS)
def test_mainframe_files(shop: Shop, tmp_path: Path, case: str) -> None:
    with shop.desk(tmp_path, "rents", mainframe) as desk:
        damage, said = RENTS[case]
        damage(tmp_path / "source")
        desk.refuses("rents", tmp_path / "source", *said)


CONTRACTOR: Cases = {
    "a table without its memo file": (without("JOBS.FPT"), ("JOBS",)),
    "a memo file cut short": (cut("JOBS.FPT", 600), ("JOBS",)),
    "a table cut short": (cut("JOBS.DBF", 700), ("JOBS.DBF",)),
    "a header cut short": (cut("JOBS.DBF", 20), ("JOBS.DBF",)),
    "an empty file": (overwrite("JOBS.DBF", b""), ("JOBS.DBF",)),
    "an HTML page": (overwrite("JOBS.DBF", HTML), ("JOBS.DBF", "HTML")),
    "CSV": (overwrite("FIRMS.DBF", b"FIRMNO,NAME\nC0001,Builders\n" * 20), ("FIRMS.DBF",)),
    "a table not sent": (without("FIRMS.DBF"), ("FIRMS", "No file FIRMS.DBF")),
    "a header that is longer than the file": (
        change("FIRMS.DBF", lambda c: c[:8] + b"\xff\x7f" + c[10:]), ("FIRMS.DBF",),
    ),
    "a header that counts more records": (
        change("FIRMS.DBF", lambda c: c[:4] + b"\xff\xff\x00\x00" + c[8:]), ("FIRMS.DBF", "number of rows"),
    ),
    "a field renamed": (
        change("FIRMS.DBF", lambda c: c.replace(b"NAME\0", b"NOME\0", 1)), ("FIRMS", "missing column NAME"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CONTRACTOR)
def test_dbase_tables(shop: Shop, tmp_path: Path, case: str) -> None:
    with shop.desk(tmp_path, "contractor", contractors) as desk:
        damage, said = CONTRACTOR[case]
        damage(tmp_path / "source")
        desk.refuses("contractor", tmp_path / "source", *said)


STOCK: Cases = {
    "HTML under a workbook's name": (overwrite(BOOK, HTML), (BOOK, "HTML page")),
    "CSV under a workbook's name": (overwrite(BOOK, b"Asset Ref,Address\nA1,B\n"), (BOOK, "CSV under another name")),
    "a workbook cut short": (cut(BOOK, 9000), (BOOK, "cut short")),
    "an empty file": (overwrite(BOOK, b""), (BOOK, "empty")),
    "a password": (
        overwrite(BOOK, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")),
        (BOOK, "password"),
    ),
    "a PDF": (overwrite(BOOK, b"%PDF-1.7\n"), (BOOK, "PDF")),
    "an archive that is none": (overwrite(BOOK, b"PK\x03\x04" + bytes(100)), (BOOK,)),
    "another archive": (lambda folder: zipfile.ZipFile(folder / BOOK, "w").writestr("a.txt", "x"), (BOOK,)),
    "a sheet renamed": (
        lambda folder: edit(folder / BOOK, lambda book: setattr(book["Surveys"], "title", "Visits")), (BOOK, "sheets"),
    ),
    "a sheet without its header": (
        lambda folder: edit(folder / BOOK, lambda book: book["Surveys"].delete_rows(1)), ("surveys", BOOK),
    ),
    "a header twice": (
        lambda folder: edit(folder / BOOK, lambda book: setattr(book["Surveys"]["C1"], "value", "Survey Ref")),
        ("surveys",),
    ),
    "a bomb": (bomb, (BOOK, "unpacks to more than any real workbook")),
}  # fmt: skip


@pytest.mark.parametrize("case", STOCK)
def test_workbooks(shop: Shop, tmp_path: Path, case: str) -> None:
    with shop.desk(tmp_path, "stock", surveys) as desk:
        damage, said = STOCK[case]
        damage(tmp_path / "source")
        desk.refuses("stock", tmp_path / "source", *said)


def bank(folder: Path) -> None:
    """Four weeks of statements and credits, the first payer's name planted."""
    written("payments", folder.parent, homes=100).rename(folder)
    for path in folder.glob("*.bacs"):
        lines = path.read_text("ascii").split("\n")
        first = next(at for at, line in enumerate(lines) if line[15:17] == "99")
        lines[first] = lines[first][:46] + CANARY.ljust(18) + lines[first][64:]
        path.write_text("\n".join(lines), "ascii")


STATEMENT, CREDITS = "KBC-40117233-20260903.sta", "KBC-40117241-20260921.bacs"
PAYMENTS: Cases = {
    "an HTML page": (overwrite(STATEMENT, HTML), (STATEMENT, "HTML")),
    "a gzip archive": (change(STATEMENT, gzip.compress), (STATEMENT, "gzip")),
    "a statement cut short": (change(STATEMENT, lambda c: c[: c.rindex(b":62F:")]), (f"line 1 of {STATEMENT}",)),
    "a closing balance that is wrong": (
        change(STATEMENT, lambda c: c.replace(b":62F:C", b":62F:D")), (STATEMENT, "total amount"),
    ),
    "another code page": (change(STATEMENT, lambda c: c.replace(b":86:", b":86:\xa3")), (STATEMENT, "not in utf-8")),
    "CSV": (overwrite(CREDITS, f"date,amount,name\n2026-09-01,5.00,{CANARY}\n".encode()), (CREDITS, "label")),
    "a missing trailer": (
        change(CREDITS, lambda c: b"\n".join(line for line in c.split(b"\n") if not line.startswith(b"UTL1"))),
        (CREDITS, "UTL1"),
    ),
    "a record lost": (
        change(CREDITS, lambda c: b"\n".join(c.split(b"\n")[:5] + c.split(b"\n")[6:])), (CREDITS, "trailer states"),
    ),
    "an empty file": (overwrite(CREDITS, b""), (CREDITS,)),
    "a file of no end": (lambda folder: os.truncate(folder / CREDITS, 257 << 20), (CREDITS, "larger than any")),
}  # fmt: skip


@pytest.mark.parametrize("case", PAYMENTS)
def test_files_of_the_bank(shop: Shop, tmp_path: Path, case: str) -> None:
    with shop.desk(tmp_path, "payments", bank) as desk:
        damage, said = PAYMENTS[case]
        damage(tmp_path / "source")
        desk.refuses("payments", tmp_path / "source", *said)
