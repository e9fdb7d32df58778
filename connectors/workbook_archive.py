"""What Excel's reader does not tell of an .xlsx file: whether its archive is whole, and which cells are errors."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as XmlTree

MOST_BYTES = 4 << 30
"""No council's workbook unpacks to more; an archive bomb does."""
ERROR_CELL = b't="e"'
COLUMN = re.compile(r"([A-Z]+)([0-9]+)")
OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


class Damaged(Exception):
    """The archive is not whole, or not to be trusted."""


def check_archive(path: Path) -> None:
    """Reads the whole archive once. Raises Damaged where a part lacks, is cut short or far too large."""
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
                raise Damaged("an archive that unpacks to more than any real workbook")
            damaged = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Damaged("an archive that was cut short on its way") from error
    if damaged is not None:
        raise Damaged("an archive with a damaged part")


def error_cells(path: Path, sheet: str) -> Mapping[tuple[int, int], str]:
    """What error cells show, by row (from 1) and column (from 0). Empty for the old .xls format."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        try:
            part = _part_of(archive, sheet)
            if part is None or not _mentions(archive, part):
                return {}
            return _errors(archive, part)
        except (DefusedXmlException, XmlTree.ParseError, KeyError) as error:
            raise Damaged("a workbook with a damaged part") from error


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The archive's part that holds the sheet; None in formats that are laid out otherwise."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    relations = XmlTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): str(relation.get("Target")) for relation in relations}
    for element in XmlTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            target = targets[element.get(f"{OFFICE}id")]
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _mentions(archive: zipfile.ZipFile, part: str) -> bool:
    with archive.open(part) as content:
        before = b""
        while block := content.read(1 << 20):
            if ERROR_CELL in before + block:
                return True
            before = block[-len(ERROR_CELL) :]
    return False


def _errors(archive: zipfile.ZipFile, part: str) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    with archive.open(part) as content:
        for _, element in XmlTree.iterparse(content):
            if element.tag.endswith("}c"):
                place = COLUMN.fullmatch(element.get("r") or "")
                if element.get("t") == "e" and place:
                    shown = next((child.text for child in element if child.tag.endswith("}v")), None)
                    found[int(place[2]), _column_index(place[1])] = shown or "#ERROR"
            elif element.tag.endswith("}row"):
                element.clear()
    return found


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
