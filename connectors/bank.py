"""Files from the bank: statements in MT940 or BAI2, payments in the form of Bacs Standard 18.

Layout settings of a table (or of its system):

``format``    ``mt940``, ``bai2`` or ``bacs``
``record``    ``statement`` or ``entry`` ; Bacs files have entries alone
``side``      of a Bacs file: ``credit`` (the default) or ``debit``
``encoding``  utf-8 unless told
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from connectors import bacs, bai2, mt940_statements
from connectors.bank_rows import Columns, NotThisFormat, Row, TotalsDiffer, chunks
from connectors.files import FileSource, kind_of, setting
from connectors.protocol import CHUNK_ROWS, Controls, Unit
from ledger.errors import ConfigurationFault, ContractBroken, SourceUnreadable
from ledger.spec import SystemSpec, TableSpec

LARGEST_BYTES = 256 << 20
"""A file is held in memory as a whole; a day's payments of a large council are a few megabytes."""


@dataclass(frozen=True)
class Format:
    """How one format is read: what to ask for, its columns, its rows and what it states of itself."""

    columns: Mapping[str, Columns]
    rows: Callable[[str, str], Iterator[Row]]
    controls: Callable[[str, str], Controls]
    setting: str
    default: str


FORMATS = {
    "mt940": Format(mt940_statements.COLUMNS, mt940_statements.rows, mt940_statements.controls, "record", "entry"),
    "bai2": Format(bai2.COLUMNS, bai2.rows, bai2.controls, "record", "entry"),
    "bacs": Format(dict.fromkeys(bacs.CODES, bacs.COLUMNS), bacs.rows, bacs.controls, "side", "credit"),
}


class BankSource(FileSource):
    """Statements and payments. A bank's file is small enough to be read whole."""

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """The file's records. Raises SourceUnreadable where it is not in the declared format."""
        form, wanted = self._format(table)
        with self._readable(table, unit):
            try:
                yield from chunks(form.rows(self._text(table, unit), wanted), form.columns[wanted], CHUNK_ROWS)
            except NotThisFormat as error:
                raise self._unreadable(table, unit, str(error)) from error

    def controls(self, table: TableSpec, unit: Unit) -> Controls:
        """What the file's trailers or balances state of the table's records.

        Raises ContractBroken where the file contradicts itself or its trailer is missing.
        """
        form, wanted = self._format(table)
        with self._readable(table, unit):
            text = self._text(table, unit)
        try:
            return form.controls(text, wanted)
        except NotThisFormat as error:
            raise self._unreadable(table, unit, str(error)) from error
        except TotalsDiffer as error:
            raise ContractBroken(
                f"The file's own totals do not hold: {error}.",
                system=self.system.name,
                place=f"{table.place}, file {unit.name}",
                next_step="Ask the bank for the file again.",
            ) from error

    def _format(self, table: TableSpec) -> tuple[Format, str]:
        name = str(setting(self.system, table, "format", ""))
        form = FORMATS.get(name)
        wanted = str(setting(self.system, table, form.setting, form.default)) if form else ""
        if form is None or wanted not in form.columns:
            asked, choices = (form.setting, form.columns) if form else ("format", FORMATS)
            raise ConfigurationFault(
                "It is not said what to read of the bank's files.",
                system=self.system.name,
                place=table.place,
                next_step=f"State layout.{asked} in source.toml: {', '.join(choices)}.",
            )
        return form, wanted

    def _text(self, table: TableSpec, unit: Unit) -> str:
        if self.path(unit).stat().st_size > LARGEST_BYTES:
            raise self._unreadable(table, unit, "it is larger than any bank's file")
        data = self.path(unit).read_bytes()
        encoding = str(setting(self.system, table, "encoding", "utf-8"))
        kind = kind_of(data[:4096])
        if kind:
            raise self._unreadable(table, unit, f"it is {kind}")
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise self._unreadable(table, unit, f"line {line} is not in {encoding}") from None

    def _unreadable(self, table: TableSpec, unit: Unit, why: str) -> SourceUnreadable:
        return SourceUnreadable(
            f"The file is not in the declared format: {why}.",
            system=self.system.name,
            place=f"{table.place}, file {unit.name}",
            next_step="Ask the bank for the file again, or correct layout.format and layout.encoding.",
        )


def open_source(system: SystemSpec, url: str, secrets: Mapping[str, str]) -> BankSource:
    """The opened folder of a bank's files, or one file."""
    return BankSource(system, url)
