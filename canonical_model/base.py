"""What every canonical table shares: where its rows come from, how columns are told, how history is kept.

A class's docstring is the table's comment and a column's text is the column's comment, so the glossary, the
database and the code say the same. Amounts are pounds, ``NUMERIC(12, 2)``, signed; a value with more places
never reaches the database, the mapping's money rule makes it an issue first.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    Time,
    Uuid,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column

CURRENT = "canonical"
HISTORY = "history"

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

NOT_NEGATIVE = "{} >= 0"
PERCENT = "{} BETWEEN 0 AND 100"
UPRN = "{} BETWEEN 1 AND 999999999999"
"""A unique property reference number has 1 to 12 digits (BS 7666)."""


class Base(DeclarativeBase):
    """A table of the canonical model, named after its class."""

    metadata = MetaData(schema=CURRENT, naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        int: Integer,
        Decimal: Numeric(12, 2),
        date: Date,
        time: Time,
        datetime: DateTime(timezone=True),
        UUID: Uuid,
    }

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - SQLAlchemy calls it with the class
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        table = cls.__table__
        assert isinstance(table, Table)
        table.comment = " ".join(inspect.cleandoc(cls.__doc__ or "").split())
        for column in list(table.columns):
            if rule := column.info.get("check"):
                table.append_constraint(CheckConstraint(rule.format(column.name), name=column.name))
        if issubclass(cls, Versioned):
            history_of(table)


class Versioned:
    """A table whose earlier versions are kept; it has ``id``, ``run_id`` and ``ended_run_id``."""


class Sourced(Versioned):
    """The identity of a canonical row, and at its end where this version of it came from.

    ``batch_id`` and ``run_id`` point into the ledger without foreign keys: they are written by the hub
    alone, and checking them would slow the load of a million rows for nothing.
    """

    id: Mapped[UUID] = mapped_column(
        primary_key=True, sort_order=-1, comment="The hub's own id, made from the source's key"
    )
    source_key: Mapped[str] = mapped_column(sort_order=100, comment="Key of the source record, as the source has it")
    source_row: Mapped[int] = mapped_column(sort_order=101, comment="Ordinal of the source record in its batch")
    batch_id: Mapped[int] = mapped_column(sort_order=102, comment="Landed batch that holds the source record")
    run_id: Mapped[int] = mapped_column(sort_order=103, comment="Run that wrote this version of the row")
    row_hash: Mapped[int] = mapped_column(
        BigInteger, sort_order=104, comment="Hash of the source record's columns, to see a change"
    )
    ended_run_id: Mapped[int | None] = mapped_column(
        sort_order=105, comment="Run that no longer found the record in its source"
    )


def column(comment: str, *kind: Any, check: str | None = None, **options: Any) -> MappedColumn[Any]:
    """A column with its glossary text. ``check`` is an SQL condition with {} for the column's name."""
    info = {"check": check} if check else {}
    return mapped_column(*kind, comment=comment, info=info, **options)


def code(codes: Sequence[str], comment: str, **options: Any) -> MappedColumn[Any]:
    """A text column that holds one of the listed codes and nothing else."""
    listed = ", ".join(f"'{value}'" for value in codes)
    info = {"check": f"{{}} IN ({listed})", "codes": tuple(codes)}
    return mapped_column(comment=comment, info=info, **options)


def reference(table: str, comment: str, *, index: bool = True) -> MappedColumn[Any]:
    """A column with the id of a row of another canonical table."""
    key = ForeignKey(f"{CURRENT}.{table}.id")
    return mapped_column(Uuid, key, index=index, comment=comment)


def not_before(end: str, start: str) -> CheckConstraint:
    """The rule that something does not end before it starts; either may be unknown."""
    return CheckConstraint(f"{end} >= {start}", name=f"{end}_not_before_{start}")


def history_of(table: Table) -> Table:
    """The table of the same name that keeps a canonical table's earlier versions.

    A version was the current one from the run in ``run_id`` until the run in ``replaced_run_id``. It has no
    keys and rules: what is here was valid when it was written, and what it refers to may have changed. What is found
    by a reference now is found by it as it was, so those indexes are there too. In each the runs that replaced come
    before those that wrote: of many versions of a record, those that were gone by a time are skipped at once.
    """
    name = f"{HISTORY}.{table.name}"
    if name in table.metadata.tables:
        return table.metadata.tables[name]
    columns = [
        Column(old.name, old.type, nullable=old.nullable, comment=old.comment, info=old.info) for old in table.columns
    ]
    replaced = Column(
        "replaced_run_id", Integer, nullable=False, comment="Run that replaced this version by a later one"
    )
    comment = f"Earlier versions of {table.name}"
    earlier = Table(table.name, table.metadata, *columns, replaced, schema=HISTORY, comment=comment)
    Index(None, earlier.c.id, earlier.c.replaced_run_id, earlier.c.run_id)
    leading = {index.columns[0].name for index in table.indexes if len(index.columns)}
    for old in table.columns:
        if old.foreign_keys and old.name in leading:
            Index(None, earlier.c[old.name], earlier.c.replaced_run_id)
    return earlier
