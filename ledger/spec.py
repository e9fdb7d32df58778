"""What is agreed about a legacy system: its tables, columns, keys and totals (``source.toml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

ColumnType = Literal["text", "integer", "decimal", "date", "timestamp", "boolean"]


@dataclass(frozen=True)
class Column:
    """One agreed source column. ``length`` in characters; ``minimum``/``maximum`` are plausible bounds."""

    name: str
    type: ColumnType = "text"
    length: int | None = None
    scale: int | None = None
    required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    values: tuple[str, ...] = ()
    pattern: str | None = None
    aliases: tuple[str, ...] = ()
    """Other headers that the same column had in other years."""
    optional: bool = False
    """True where some files of the table lack the column; it is then null there."""


@dataclass(frozen=True)
class MoneyColumn:
    """Where a table's money stands, so that the books can close to the penny.

    ``amount`` names a decimal column in pounds; it counts negative in rows where ``sign_column`` holds
    one of ``negative_values``. ``account`` names the source column that identifies the account;
    ``group`` the one that names the rent group, where the source has it.
    """

    amount: str
    account: str
    group: str | None = None
    sign_column: str | None = None
    negative_values: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSpec:
    """One agreed source table. ``layout`` belongs to the technology (path, sheet, copybook, encoding...)."""

    system: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    grain: str
    money: MoneyColumn | None = None
    max_fault_share: float = 0.05
    """The gate stops the system when a larger share of a table's rows breaks the contract."""
    may_be_empty: bool = False
    layout: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def place(self) -> str:
        """How messages name the table."""
        return f"table {self.name}"


@dataclass(frozen=True)
class SystemSpec:
    """One legacy system or feed. ``after`` names systems whose records this one refers to."""

    name: str
    title: str
    owner: str
    """Who must correct a fault in this system's data."""
    technology: str
    tables: tuple[TableSpec, ...]
    after: tuple[str, ...] = ()
    layout: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What all tables of the system share of the physical layout."""

    def table(self, name: str) -> TableSpec:
        """The table of that name; KeyError where there is none."""
        return {table.name: table for table in self.tables}[name]
