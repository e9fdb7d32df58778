"""Access databases (.mdb, .accdb): the tables of a file, typed as Access declares them.

Layout: ``files`` (a glob), ``relation`` (the table's name in the file; else the table's), ``encoding`` (of the
text in files of Access 97; cp1252). ``_line`` counts the live records in the order of the file's pages; the
slots of deleted records are skipped, for Access reuses them and their content is not to be relied on.

Currency and Decimal are decimals; floating point numbers are text with the digits that they hold; dates are
instants; OLE objects and binary fields are hexadecimal text. The whole file is held in memory (2 GB at most).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.access_rows import AccessTable, Database, Misfit
from connectors.chunks import chunk_of
from connectors.files import FileSource, kind_of, setting
from connectors.protocol import CHUNK_ROWS, Controls, Unit
from ledger.errors import ContractBroken, SourceUnreadable
from ledger.spec import SystemSpec, TableSpec

HEADERS = (b"\x00\x01\x00\x00Standard Jet DB", b"\x00\x01\x00\x00Standard ACE DB")


def open_source(system: SystemSpec, url: str, secrets: Mapping[str, str]) -> AccessSource:
    """The folder or database file as a source. Raises ConfigurationFault where it is not there."""
    # The parser's log quotes the pages that it cannot read, and with them people.
    logging.getLogger("access_parser").setLevel(logging.CRITICAL + 1)
    return AccessSource(system, url)


class AccessSource(FileSource):
    """Access files of a folder. The file read last stays open, since its other tables come next."""

    any_file = "*.[ma]*db"

    def __init__(self, system: SystemSpec, url: str) -> None:
        super().__init__(system, url)
        self._held: tuple[Path, object, Database] | None = None

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """The table's live records.

        Raises SourceUnreadable where the file is no Access database, ContractBroken where it lacks the table.
        """
        with self._readable(table, unit):
            found = self._table(table, unit)
            records = enumerate(found.records(), start=1)
            while batch := list(islice(records, CHUNK_ROWS)):
                yield _chunk(found, batch)

    def controls(self, table: TableSpec, unit: Unit) -> Controls:
        """The number of rows that the table's definition states."""
        return Controls(rows=self._table(table, unit).stated_rows)

    def close(self) -> None:
        """Lets go of the file read last."""
        self._held = None

    def _table(self, table: TableSpec, unit: Unit) -> AccessTable:
        database = self._database(table, unit)
        wanted = str(table.layout.get("relation", table.name)).casefold()
        names = [name for name in database.catalog if name.casefold() == wanted]
        if not names:
            raise ContractBroken(
                f"There is no table {wanted}.",
                system=self.system.name,
                place=f"{table.place}, file {unit.name}",
                next_step="Check the file's tables in Access, or correct layout.relation in source.toml.",
            )
        encoding = str(setting(self.system, table, "encoding", "cp1252"))
        return AccessTable(database, names[0], encoding)

    def _database(self, table: TableSpec, unit: Unit) -> Database:
        path, stamp = self.path(unit), self._stamp(unit)
        if self._held is None or self._held[:2] != (path, stamp):
            self._held = None
            self._held = path, stamp, self._opened(table, unit)
        return self._held[2]

    def _opened(self, table: TableSpec, unit: Unit) -> Database:
        path = self.path(unit)
        with path.open("rb") as file:
            head = file.read(4096)
        fault = None
        if not head.startswith(HEADERS):
            fault = f"The file is no Access database: it is {kind_of(head) or ('unknown' if head else 'empty')}"
        elif path.stat().st_size % Database.page_size_of(head):
            fault = "The file was cut short"
        if fault is None:
            try:
                return Database(str(path))
            except Exception:  # noqa: BLE001 - the parser raises whatever a damaged page leads it into
                fault = "The file is damaged or encrypted"
        raise SourceUnreadable(
            f"{fault}.",
            system=self.system.name,
            place=f"{table.place}, file {unit.name}",
            next_step="Open it in Access, compact and repair it, take its password off, and deliver it again.",
        )


def _chunk(table: AccessTable, batch: list[tuple[int, list[Any] | Misfit]]) -> pa.Table:
    blank = [None] * len(table.columns)
    rows = [blank if isinstance(record, Misfit) else record for _, record in batch]
    columns = {
        name: pa.array(values, kind)
        for (name, kind), values in zip(table.columns.items(), zip(*rows, strict=True), strict=True)
    }
    misfits = [record if isinstance(record, Misfit) else None for _, record in batch]
    return chunk_of(
        [line for line, _ in batch],
        columns,
        [None if misfit is None else misfit.fault for misfit in misfits],
        [None if misfit is None else misfit.raw for misfit in misfits],
    )
