"""Delimited files that are not what they should be, as the ``hub`` command meets them."""

from __future__ import annotations

import gzip
import io
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.flows.desk import CANARY, Answer, Desk, Shop

HEADER = "Case Number,Location,Total Number Occupants,Total Number Units,Licence Commenced,Licence Expires"
LICENCES = [f'23/{at:05}/HMOLIC,"{at} {CANARY} Road, Oxford OX2 0AE",5,3,01/02/2023,31/01/2028' for at in range(1, 101)]
BROKEN_OFF = f'23/00102/HMOLIC,"9 {CANARY} Road'

Damage = Callable[[bytes], bytes]


def register(folder: Path) -> None:
    """A year's licences, sound."""
    folder.mkdir()
    (folder / "register.csv").write_text("\n".join([HEADER, *LICENCES, ""]), "utf-8")


@pytest.fixture
def licensing(shop: Shop, tmp_path: Path) -> Iterator[Desk]:
    with shop.desk(tmp_path, "licensing", register) as desk:
        yield desk


@pytest.fixture
def file(licensing: Desk) -> Path:
    return licensing.folder / "source" / "register.csv"


def zipped(content: bytes) -> bytes:
    """The content as a workbook's archive has it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", content)
    return packed.getvalue()


def add(line: str, encoding: str = "utf-8") -> Damage:
    """The content with one more line."""
    return lambda content: content + line.encode(encoding) + b"\n"


def swap(old: str, new: str) -> Damage:
    """The content with all of this in place of that."""
    return lambda content: content.replace(old.encode(), new.encode())


STOPPING: dict[str, tuple[Damage, str]] = {
    "a workbook": (zipped, "file register.csv: The file is a zip archive or an Excel workbook (.xlsx), not"),
    "a gzip archive": (gzip.compress, "file register.csv: The file is a gzip archive"),
    "an HTML page": (lambda _: b"<!doctype html><p>Please log in</p>", "file register.csv: The file is an HTML page"),
    "binary": (lambda _: bytes(range(256)) * 40, "file register.csv: The file is binary data"),
    "UTF-16": (lambda content: content.decode().encode("utf-16"), "file register.csv: The file is text in UTF-16"),
    "empty": (lambda _: b"", "the table is empty"),
    "a header alone": (lambda _: HEADER.encode(), "the table is empty"),
    "blank lines": (lambda _: b"\r\n \r\n\r\n", "the table is empty"),
    "no header": (lambda content: content.partition(b"\n")[2], "file register.csv: Row 1 is no header"),
    "a title above the header": (lambda content: b"HMO register\n\n" + content, "Row 1 is no header"),
    "semicolons": (lambda content: content.replace(b",", b";"), "Row 1 is no header"),
    "a header twice": (swap("Number Units", "Number Occupants"), "new column Total Number Occupants"),
    "a new column": (
        lambda content: content.replace(b"\n", b",x\n").replace(b"Expires,x", b"Expires,Manager"),
        "new column Manager",
    ),
    "a column gone": (swap("Licence Expires", "Runs Out"), "missing column Licence Expires"),
    "half a file of half lines": (
        lambda content: content + (BROKEN_OFF + "\n").encode() * 20,
        "16.7% of 120 rows break the contract, 5.0% may: record BROKEN (20 rows, first line 102 of register.csv)",
    ),
}


@pytest.mark.parametrize("case", STOPPING)
def test_what_is_no_register_stops_the_system(licensing: Desk, file: Path, case: str) -> None:
    damage, said = STOPPING[case]
    file.write_bytes(damage(file.read_bytes()))
    licensing.refuses("licensing", file.parent, "licensing, table licences", said)


ASIDE: dict[str, tuple[Damage, str]] = {
    "a line that breaks off": (add(BROKEN_OFF), "LICENCES-ROW-BROKEN"),
    "too many fields": (add(LICENCES[0] + ",x"), "LICENCES-ROW-BROKEN"),
    "a quote never closed": (add(f'24/00101/HMOLIC,"9 {CANARY} Road,5,,01/02/2023,31/01/2028'), "LICENCES-ROW-BROKEN"),
    "a NUL byte": (add("24/00101/HMOLIC,9 \0Road Oxford OX2 0AE,5,,01/02/2023,31/01/2028"), "LICENCES-ROW-UNDECODABLE"),
    "the wrong code page": (
        add(f"24/00101/HMOLIC,9 Café {CANARY} Oxford OX2 0AE,5,,01/02/2023,31/01/2028", "cp1252"),
        "LICENCES-ROW-UNDECODABLE",
    ),
    "the same key twice": (
        add("23/00001/HMOLIC,Elsewhere OX2 0AE,5,,01/02/2023,31/01/2028"), "LICENCES-KEY-DUPLICATE",
    ),
    "a row without its key": (add(",Elsewhere OX2 0AE,5,,01/02/2023,31/01/2028"), "LICENCES-KEY-MISSING"),
}  # fmt: skip


@pytest.mark.parametrize("case", ASIDE)
def test_a_row_that_is_none_is_set_aside(licensing: Desk, file: Path, case: str) -> None:
    damage, code = ASIDE[case]
    file.write_bytes(damage(file.read_bytes()))
    licensing.migrates("licensing", file.parent)
    (line,) = licensing.books()
    assert (line["extracted"], line["unchanged"], line["quarantined"]) == (101, 100, 1)
    assert licensing.issues("licensing")[code] == 1


SOUND: dict[str, Damage] = {
    "carriage returns alone": swap("\n", "\r"),
    "line ends of three kinds": lambda content: content.replace(b"\n", b"\r", 30).replace(b"\n", b"\r\n", 30),
    "a byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "no end to the last line": lambda content: content.rstrip(),
    "blank lines between": swap("\n", "\n\n"),
}


@pytest.mark.parametrize("case", SOUND)
def test_what_only_looks_different_is_unchanged(licensing: Desk, file: Path, case: str) -> None:
    file.write_bytes(SOUND[case](file.read_bytes()))
    licensing.migrates("licensing", file.parent)
    (line,) = licensing.books()
    assert (line["extracted"], line["unchanged"]) == (100, 100)


def test_the_same_file_again_changes_nothing(licensing: Desk, file: Path) -> None:
    licensing.migrates("licensing", file)
    assert licensing.books()[0]["unchanged"] == 100


def test_the_same_file_under_two_names_is_told(licensing: Desk, file: Path) -> None:
    shutil.copyfile(file, file.with_name("register (1).csv"))
    licensing.refuses("licensing", file.parent, "register (1).csv and register.csv are the same file", "Take the files")


def test_a_folder_where_a_file_is_expected(licensing: Desk, file: Path) -> None:
    file.unlink()
    file.mkdir()
    licensing.refuses("licensing", file.parent, "No file *.csv in ", "Ask for the extract")


def test_a_link_that_leads_nowhere(licensing: Desk, file: Path) -> None:
    file.unlink()
    file.symlink_to("gone.csv")
    licensing.refuses("licensing", file.parent, "No file *.csv in ")


def test_a_source_that_is_not_there(licensing: Desk) -> None:
    licensing.refuses("licensing", "nowhere.csv", "There is no folder or file nowhere.csv", "hub.toml")


@pytest.mark.parametrize("scheme", ["ftp", "https"])
def test_an_address_that_holds_no_files_is_told_without_its_password(licensing: Desk, scheme: str) -> None:
    source = f"{scheme}://hub:{CANARY}@files.example/register.csv"
    licensing.refuses("licensing", source, f"Its files cannot be read from {scheme}://.", "sftp://")


def test_a_file_that_grows_while_it_is_read(licensing: Desk, file: Path) -> None:
    over = threading.Event()

    def grow() -> None:
        while not over.wait(0.001):
            with file.open("a") as more:
                more.write(LICENCES[0] + "\n")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        licensing.refuses("licensing", file, "file register.csv: The file changed while it was read.", "Run again")
    finally:
        over.set()
        writer.join()


def test_no_room_for_the_landed_rows(licensing: Desk, file: Path) -> None:
    """A file-size limit stands in for a full disk: both end in the same kind of error."""
    file.write_text("\n".join([HEADER, *(f'{at},"{os.urandom(40).hex()}",5,3,01/02/2023,' for at in range(5000))]))
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, allowed[1]))
    try:
        licensing.refuses("licensing", file, "cannot be written", "Make room")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)


def test_a_file_that_the_hub_may_not_read(licensing: Desk, file: Path) -> None:
    """Typed in a process of its own, for root may read everything."""
    file.chmod(0)
    licensing.type("status")  # writes hub.toml
    socket = Path(str(make_url(licensing.database_url).query["host"]))
    for place in (socket.parent, socket, *socket.glob(".s.PGSQL.*[0-9]")):
        place.chmod(0o777)
    answer = typed_elsewhere(licensing, file, *(FORGO_RIGHTS if os.geteuid() == 0 else ()))
    assert answer.code == 1, answer.text
    assert "file register.csv: The file may not be read. Next step: Give the hub's user" in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.slow
def test_a_line_of_two_gigabytes_is_set_aside_in_little_memory(licensing: Desk, file: Path) -> None:
    after = LICENCES[0].replace("23/00001", "24/00001").replace('"1 ', '"501 ')
    with file.open("r+b") as content:
        content.seek(0, os.SEEK_END)
        content.write(f'24/00101/HMOLIC,"{CANARY}'.encode())
        content.seek(2 << 30, os.SEEK_CUR)  # a hole: it reads as NULs
        content.write(f"\n{after}\n".encode())
    assert file.stat().st_size > 2 << 30
    licensing.type("status")  # writes hub.toml
    answer = typed_elsewhere(licensing, file)
    assert answer.code == 0, answer.text
    (line,) = licensing.books()
    assert (line["extracted"], line["unchanged"], line["loaded"], line["quarantined"]) == (102, 100, 1, 1)
    assert licensing.issues("licensing") == {"LICENCES-ROW-OVERSIZED": 1}
    assert answer.most_memory < 1 << 30
    assert CANARY not in answer.text


FORGO_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Runs a command as a root that may not read whatever it likes."""


MEASURING = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=sys.stderr)
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""A small process in between: what is forked by the tests' own would begin with all of its memory."""


@dataclass(frozen=True)
class Measured(Answer):
    """An answer with the most memory that the process held, in bytes."""

    most_memory: int


def typed_elsewhere(desk: Desk, source: Path, *before: str) -> Measured:
    """What ``hub migrate`` answers in a process of its own."""
    words = [*before, sys.executable, "-m", "cli.main", "migrate", "--system", "licensing", "--source", str(source)]
    with tempfile.TemporaryFile() as printed:
        told = subprocess.run(
            [sys.executable, "-c", MEASURING, *words, "--config", str(desk.config)],
            stdout=subprocess.PIPE, stderr=printed, text=True, check=True,
        ).stdout  # fmt: skip
        code, kilobytes = map(int, told.split())
        printed.seek(0)
        return Measured(code, " ".join(printed.read().decode().split()), kilobytes * 1024)
