"""The part of a migration that was the same for every entity at the first version.

Applied migrations call this: it is never changed. A later change of these columns is a migration of its own.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

Column = sa.Column[Any]


def create_entity(name: str, *parts: Column | sa.Constraint, comment: str) -> None:
    """Creates an entity's table and its history, with the columns that tell where a row came from."""
    own = [part for part in parts if isinstance(part, sa.Column)]
    rules = [part for part in parts if isinstance(part, sa.Constraint)]
    columns = [_identity(), *own, *_provenance()]
    op.create_table(
        name,
        *columns,
        *rules,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        schema="canonical",
        comment=comment,
    )
    op.create_table(
        name,
        *(sa.Column(old.name, old.type, nullable=old.nullable, comment=old.comment) for old in columns),
        sa.Column(
            "replaced_run_id",
            sa.Integer,
            nullable=False,
            comment="Run that replaced this version by a later one",
        ),
        schema="history",
        comment=f"Earlier versions of {name}",
    )
    op.create_index(f"ix_{name}_id_run_id", name, ["id", "run_id"], schema="history")


def one_of(table: str, column: str, codes: str) -> sa.CheckConstraint:
    """The check that a column holds one of the codes, which are given with blanks between them."""
    listed = ", ".join(f"'{code}'" for code in codes.split())
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}")


def drop_entity(name: str) -> None:
    """Drops an entity's table and its history."""
    op.drop_table(name, schema="history")
    op.drop_table(name, schema="canonical")


def _identity() -> Column:
    return sa.Column("id", sa.Uuid, nullable=False, comment="The hub's own id, made from the source's key")


def _provenance() -> list[Column]:
    return [
        sa.Column("source_key", sa.Text, nullable=False, comment="Key of the source record, as the source has it"),
        sa.Column("source_row", sa.Integer, nullable=False, comment="Ordinal of the source record in its batch"),
        sa.Column("batch_id", sa.Integer, nullable=False, comment="Landed batch that holds the source record"),
        sa.Column("run_id", sa.Integer, nullable=False, comment="Run that wrote this version of the row"),
        sa.Column(
            "row_hash",
            sa.BigInteger,
            nullable=False,
            comment="Hash of the source record's columns, to see a change",
        ),
        sa.Column("ended_run_id", sa.Integer, comment="Run that no longer found the record in its source"),
    ]
