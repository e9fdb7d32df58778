"""The frozen values that travel between the rooms. Frames are ``pandas.DataFrame`` on Arrow types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pandas as pd

from ledger.spec import TableSpec

Severity = Literal["error", "warning"]
"""``error``: the value could not be used (its field is null, or its row is quarantined where the field is
required). ``warning``: the value was used as it stands, but somebody should look."""

Fate = Literal["loaded", "unchanged", "merged", "quarantined", "excluded"]
FATES: tuple[Fate, ...] = ("loaded", "unchanged", "merged", "quarantined", "excluded")
"""Every source row of a run has exactly one."""

ISSUE_COLUMNS = ("row", "key", "code", "severity", "field", "value")
"""Columns of an issue frame: batch row, source key, stable code, severity, source column, offending value."""


@dataclass(frozen=True)
class Part:
    """One landed Parquet file: the rows of one source unit, or a slice of them.

    ``first_row`` is the ordinal, in the batch, of the part's first row; ``unit`` the source file or table.
    """

    path: Path
    unit: str
    unit_sha256: str | None
    rows: int
    first_row: int


@dataclass(frozen=True)
class UnitControls:
    """What one unit states about itself: rows, sum of amounts in pounds; None where it is silent."""

    unit: str
    rows: int | None
    total: Decimal | None


@dataclass(frozen=True)
class Batch:
    """One immutable landing of one source table. ``columns`` are the source's own, after aliases."""

    table: TableSpec
    batch_id: int
    run_id: int
    folder: Path
    parts: tuple[Part, ...]
    controls: tuple[UnitControls, ...]
    columns: tuple[str, ...]
    sha256: str
    """Of the parts' hashes: two batches of equal content are equal here."""

    @property
    def rows(self) -> int:
        """How many source records landed."""
        return sum(part.rows for part in self.parts)


@dataclass(frozen=True)
class Mapped:
    """What the rules made of one partition of a batch.

    ``rows``: per canonical table a frame of its columns plus ``id``; ids and references are still key texts.
    Each frame carries ``source_row`` and ``source_key``. ``references``: per canonical table, per column, the
    source column and the severity of a reference that leads nowhere. ``fates`` and ``keys``: Series of fate and
    of source key (null where it has none) by batch row.
    """

    table: TableSpec
    rows: Mapping[str, pd.DataFrame]
    references: Mapping[str, Mapping[str, Reference]]
    issues: pd.DataFrame
    fates: pd.Series[str]
    keys: pd.Series[str]


@dataclass(frozen=True)
class Reference:
    """A foreign key by raw source key: which canonical tables it may point into, and what if it finds nothing."""

    targets: tuple[str, ...]
    source_columns: tuple[str, ...]
    required: bool
    code: str


@dataclass(frozen=True)
class MoneyTarget:
    """Where a table's money goes: canonical table and column, and the column that refers to the account.

    The account is a row of ``account_table``; ``account_system`` and ``account_part`` complete its key text;
    ``account_column`` is ``id`` where the row is the account itself. Without ``account_system`` the column
    holds the account as the source has it (an account at the bank).
    """

    table: str
    column: str
    account_column: str
    account_system: str = ""
    account_part: str = ""
    account_table: str = "rent_account"


@dataclass(frozen=True)
class TableCount:
    """One line of the reconciliation: what became of one table's rows and pence in one run."""

    run: int
    system: str
    table: str
    extracted: int
    loaded: int
    unchanged: int
    merged: int
    quarantined: int
    excluded: int
    ended: int
    money_source: Decimal | None
    money_canonical: Decimal | None
    money_merged: Decimal | None
    money_quarantined: Decimal | None
    money_excluded: Decimal | None
    money_stated_difference: Decimal | None
    closes: bool


def issue_frame(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All issues of the parts as one frame of ISSUE_COLUMNS, in row order."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in ISSUE_COLUMNS})
    return pd.concat(filled, ignore_index=True)[list(ISSUE_COLUMNS)].sort_values("row", kind="stable")
