"""Files as units: which files hold a table, what their bytes hash to, and what a file really is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from connectors.protocol import Controls, Unit
from ledger.errors import ConfigurationFault, ContractBroken, SourceRefused, SourceUnavailable
from ledger.spec import SystemSpec, TableSpec

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
"""Ends of names that senders give to a file they are still writing."""


class FileSource:
    """Units of a system whose source is a folder or one file. Connectors of file formats add ``read``.

    Layout of a table: ``files`` (a glob), and ``edition`` where every delivery replaces the one before it: a
    pattern whose group finds the edition in a file's name; only the last edition's files are read.
    """

    any_file = "*"
    """Which files belong to the technology when a table's layout does not say."""

    def __init__(self, system: SystemSpec, url: str) -> None:
        self.system = system
        scheme, is_url, _ = url.partition("://")
        if is_url and scheme != "file":  # the rest of it may hold a password
            raise ConfigurationFault(
                f"Its files cannot be read from {scheme}://.",
                system=system.name,
                next_step="Give a folder, a file or an sftp:// address in hub.toml.",
            )
        self.root = path_of(url)
        if not self.root.exists():
            raise ConfigurationFault(
                f"There is no folder or file {self.root}.",
                system=system.name,
                next_step="Correct the system's source in hub.toml, or mount the share it stands on.",
            )

    def units(self, table: TableSpec) -> Sequence[Unit]:
        """The table's files by name in natural order (9 before 10), hashed.

        Raises ContractBroken where none is there and the table may not be empty.
        """
        paths = self._files(table)
        if not paths and not table.may_be_empty:
            raise ContractBroken(
                f"No file {self._pattern(table)} in {self.root}.",
                system=self.system.name,
                place=table.place,
                next_step="Ask for the extract, or correct layout.files in source.toml.",
            )
        units = []
        for path in paths:
            unit = Unit(path.relative_to(self._folder).as_posix())
            with self._readable(table, unit):
                units.append(replace(unit, sha256=sha256_of(path)))
        return units

    def path(self, unit: Unit) -> Path:
        """Where the unit's file stands."""
        return self._folder / unit.name

    def controls(self, table: TableSpec, unit: Unit) -> Controls:
        """Nothing: these files state no totals."""
        return Controls()

    def close(self) -> None:
        """Nothing is held open between calls."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _folder(self) -> Path:
        return self.root if self.root.is_dir() else self.root.parent

    def _pattern(self, table: TableSpec) -> str:
        return str(setting(self.system, table, "files", self.any_file))

    def _files(self, table: TableSpec) -> list[Path]:
        pattern = self._pattern(table).casefold()
        if self.root.is_file():
            shared = {self._pattern(other).casefold() for other in self.system.tables} <= {pattern}
            # A file given by name is taken as it is, unless its name must tell the tables apart.
            return [self.root] if shared or fnmatch(self.root.name.casefold(), pattern) else []
        found = self.root.glob("/".join("*" * (pattern.count("/") + 1)))
        files = [
            path
            for path in found
            if path.is_file()
            and fnmatch(path.relative_to(self.root).as_posix().casefold(), pattern)
            and not path.name.startswith((".", "~$"))
            and not path.name.casefold().endswith(UNFINISHED)
        ]
        if edition := setting(self.system, table, "edition", None):
            files = _latest(files, str(edition))
        return sorted(files, key=lambda path: natural_order(path.relative_to(self.root).as_posix()))

    @contextmanager
    def _readable(self, table: TableSpec, unit: Unit | None = None) -> Iterator[None]:
        """Errors of the file system as ours; a file that changes while it is read is noticed."""
        place = f"{table.place}, file {unit.name}" if unit else table.place
        try:
            before = self._stamp(unit)
            yield
            after = self._stamp(unit)
        except PermissionError as error:
            raise SourceRefused(
                "The file may not be read.",
                system=self.system.name,
                place=place,
                next_step="Give the hub's user the right to read it.",
            ) from error
        except OSError as error:
            raise SourceUnavailable(
                f"The file could not be read ({error.strerror or type(error).__name__}).",
                system=self.system.name,
                place=place,
                next_step="Check the share and run again.",
            ) from error
        if before != after:
            raise SourceUnavailable(
                "The file changed while it was read.",
                system=self.system.name,
                place=place,
                next_step="Run again when the extract is complete.",
            )

    def _stamp(self, unit: Unit | None) -> tuple[int, int] | None:
        if unit is None:
            return None
        status = self.path(unit).stat()
        return status.st_size, status.st_mtime_ns


def path_of(url: str) -> Path:
    """The path of a ``file://`` URL or of a plain path."""
    return Path(unquote(urlsplit(url).path)) if url.startswith("file:") else Path(url).expanduser()


def setting(system: SystemSpec, table: TableSpec, name: str, default: Any) -> Any:
    """A layout setting: the table's own, else the system's, else the default."""
    return table.layout.get(name, system.layout.get(name, default))


def sha256_of(path: Path) -> str:
    """The sha-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _latest(files: Sequence[Path], edition: str) -> list[Path]:
    """The files of the last edition, which stands in their names where the pattern's group finds it."""
    found = {path: match[1] if (match := re.search(edition, path.name)) else "" for path in files}
    last = max(found.values(), default="")
    return [path for path in files if found[path] == last]


def natural_order(name: str) -> list[tuple[int, str]]:
    """A sort key in which numbers count as numbers, so that part 9 stands before part 10."""
    return [
        (int(piece), "") if piece.isdigit() else (-1, piece.casefold())
        for piece in re.split(r"([0-9]+)", name)
        if piece
    ]


def kind_of(head: bytes) -> str | None:
    """What a file's first bytes say that it is, in words; None where they look like plain text."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:256].lower()
    for magic, kind in MAGIC.items():
        if head.startswith(magic):
            return kind
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<table")):
        return "an HTML page"
    if text.startswith(b"<?xml"):
        return "an XML document"
    return None


MAGIC = {
    b"PK\x03\x04": "a zip archive or an Excel workbook (.xlsx)",
    b"PK\x05\x06": "an empty zip archive",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Office document (.xls, .doc) or a password-protected one",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF document",
    b"\x00\x01\x00\x00Standard ": "an Access database",
    b"SQLite format 3\x00": "an SQLite database",
    b"PAR1": "a Parquet file",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
