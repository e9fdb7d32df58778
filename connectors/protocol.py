"""The one small contract between a legacy technology and the hub.

A connector decodes, it never interprets. What it yields are Arrow tables ("chunks") of bounded size whose
columns are, in this order:

``_line``   int64, the record's number in its unit (1 is the first record; a physical line for text files)
``_fault``  string, null where the record is whole; else one of FAULTS
``_raw``    string, null where the record is whole; else what was read of it, so that nothing is lost
then the source's own columns, named as found. Types: string, int64, decimal128, date32, timestamp("us"), bool
- native where the technology is typed, else string. Padding, blanks and sentinels are left as they stand.

A faulty record carries nulls in the source's columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable

import pyarrow as pa

from ledger.spec import TableSpec

CHUNK_ROWS = 100_000

FAULTS = {
    "broken": "the record does not have the declared fields",
    "truncated": "the record ends before its declared length",
    "undecodable": "a field holds bytes that its declared code page or type does not know",
    "memo-missing": "the record points to a memo that cannot be read",
    "oversized": "the record is longer than any real record",
    "deleted": "the source marks the record as deleted",
}
"""Every fault a connector may put into ``_fault``. All are errors but ``deleted``, which is excluded."""


@dataclass(frozen=True)
class Unit:
    """What can be read on its own and known again: one file of a table, or one database table.

    ``sha256`` is of the file's bytes; None where the source is no file and must be read to be compared.
    """

    name: str
    sha256: str | None = None


@dataclass(frozen=True)
class Controls:
    """What the source itself says about a unit (a trailer): rows, and the sum of its amounts in pounds."""

    rows: int | None = None
    total: Decimal | None = None


class Source(Protocol):
    """An opened legacy source. Raises only errors of ``ledger.errors``."""

    def units(self, table: TableSpec) -> Sequence[Unit]:
        """The units that hold the table's rows, in reading order."""
        ...

    def read(self, table: TableSpec, unit: Unit) -> Iterator[pa.Table]:
        """The unit's records as chunks of at most CHUNK_ROWS, in bounded memory."""
        ...

    def controls(self, table: TableSpec, unit: Unit) -> Controls:
        """The unit's own control totals; empty where it states none. Valid once the unit was read."""
        ...

    def close(self) -> None:
        """Lets go of what was opened; safe to call twice."""
        ...


@runtime_checkable
class Drifting(Protocol):
    """A source whose records may hold what its schema does not declare."""

    def drifted(self, table: TableSpec) -> Mapping[str, int]:
        """Undeclared elements met so far in the table's records, with how often."""
        ...
