"""The canonical model's keys and indexes, told of the source tables that feed them.

A peer that keeps the source's own columns gets the indexes that the hub's tables have: one for every index of a
canonical table, over the source columns that fill its columns.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from canonical_model.tables import current
from mappings.catalogue import load_system
from mappings.mapping import Mapping


def source_indexes(system: str, table: str) -> list[tuple[str, ...]]:
    """The source columns of each index that a copy of the source table must have, beside its primary key."""
    mappings = load_system(system).mappings[table]
    found = (_fed(mapping, columns) for mapping in mappings if mapping.target for columns in _indexed(mapping.target))
    return sorted({columns for columns in found if columns not in ((), ("_key",))})


def _indexed(target: str) -> Iterator[tuple[str, ...]]:
    """The canonical columns of each index of the table but its primary key's."""
    table: Table = current(target)
    for index in table.indexes:
        yield tuple(column.name for column in index.columns)
    for constraint in table.constraints:
        if isinstance(constraint, ExcludeConstraint):
            yield tuple(column.name for column in constraint.columns)


def _fed(mapping: Mapping, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The source columns that fill these, each once; what no source column fills is no part of the index."""
    rules = [mapping.fields[column] for column in columns if column in mapping.fields]
    return tuple(dict.fromkeys(name for rule in rules for name in rule.columns))
