"""The catalogue of what the canonical API serves: one resource a table, with fields, privacy classes and includes.

It is made from the model, so that API, feed, exports and documentation tell the same and a new column is served as
soon as it has a privacy class. Golden records have the plain words (``people``, ``places``); the records of single
sources that they were made from are ``person-records``, ``asset-records`` and so on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, Table, types

from canonical_model.base import CURRENT
from canonical_model.golden import ENTITY_TYPES
from canonical_model.privacy import INTERNAL, declared
from canonical_model.tables import WORDS, tables_of

GOLDEN = {
    "golden_person": ("people", "people"),
    "golden_asset": ("places", "places"),
    "golden_household": ("households", "people"),
    "golden_member": ("household-members", "people"),
}
"""Golden tables: path and scope word."""
SOURCES = {"person": "person", "asset": "asset", "household": "household", "household_member": "household-member"}
"""Tables of single sources whose plain word the golden table has."""
SCOPE_WORDS = {
    "Places": "places", "Gazetteer": "gazetteer", "People": "people", "Contacts": "contacts", "Tenancies": "tenancies",
    "Rents": "rents", "Arrears": "arrears", "Repairs": "repairs", "Appointments": "appointments",
    "Workforce": "workforce", "Recharges": "recharges", "Components and voids": "components",
    "Compliance": "compliance", "Housing register": "register", "Licensing": "licensing", "Feedback": "feedback",
    "Documents": "documents", "Identifiers": "identifiers",
}  # fmt: skip
"""Housing words and what stands for them in a scope."""


@dataclass(frozen=True, eq=False)
class Field:
    """A column as it is served. ``kind``: uuid, text, texts, integer, decimal, money, boolean, date, time, instant.

    ``target`` is the path of the resource that a reference leads to; ``sortable`` says that an index stands behind it.
    """

    name: str
    kind: str
    klass: str
    description: str
    codes: tuple[str, ...] = ()
    nullable: bool = True
    target: str | None = None
    sortable: bool = False


@dataclass(frozen=True, eq=False)
class Include:
    """Another resource's records that may come along: one, or the first hundred.

    ``condition`` is SQL over {this} and {that}; ``needs`` are the fields, (path, name), that it would tell.
    """

    name: str
    path: str
    many: bool
    condition: str
    needs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Resource:
    """What is served of one table. ``entity`` is the golden kind (person, asset, household) of a golden resource."""

    path: str
    table: str
    word: str
    description: str
    fields: tuple[Field, ...]
    includes: tuple[Include, ...] = ()
    entity: str | None = None

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return MappingProxyType({field.name: field for field in self.fields})

    @cached_property
    def includes_by_name(self) -> Mapping[str, Include]:
        return MappingProxyType({include.name: include for include in self.includes})


def plural(table: str) -> str:
    """A table's name as a path: ``rent_account`` -> ``rent-accounts``, ``tenancy`` -> ``tenancies``."""
    word = table.replace("_", "-")
    return word[:-1] + "ies" if word.endswith("y") and word[-2] not in "aeiou" else word + "s"


def _catalogue() -> Mapping[str, Resource]:
    tables = {
        table: SCOPE_WORDS.get(word, "") for word, module in WORDS.items() for table in tables_of(module)
        if table.name in GOLDEN or word in SCOPE_WORDS
    }  # fmt: skip
    paths = {table.name: _path(table.name) for table in tables}
    plain = {
        table.name: Resource(
            paths[table.name], table.name, GOLDEN[table.name][1] if table.name in GOLDEN else word, table.comment or "",
            tuple(_fields(table, paths)), entity=_entity(table.name),
        )
        for table, word in tables.items()
    }  # fmt: skip
    found = [
        Resource(
            one.path, one.table, one.word, one.description, one.fields,
            (*_to_one(one), *_to_many(one, plain.values()), *_golden(one)), one.entity,
        )
        for one in plain.values()
    ]  # fmt: skip
    return MappingProxyType({one.path: one for one in sorted(found, key=lambda one: one.path)})


def _path(table: str) -> str:
    if table in GOLDEN:
        return GOLDEN[table][0]
    return f"{SOURCES[table]}-records" if table in SOURCES else plural(table)


def _entity(table: str) -> str | None:
    kind = table.removeprefix("golden_")
    return kind if kind != table and kind in ENTITY_TYPES else None


def _fields(table: Table, paths: Mapping[str, str]) -> list[Field]:
    first = {next(iter(index.columns)).name for index in table.indexes if len(index.columns)}
    classes = declared()
    return [
        Field(
            column.name, _kind(column), klass, column.comment or "", column.info.get("codes", ()),
            bool(column.nullable), next((paths[key.column.table.name] for key in column.foreign_keys), None),
            column.name == "id" or column.name in first,
        )
        for column in table.columns
        if (klass := classes.get((table.name, column.name), INTERNAL)) != INTERNAL
    ]  # fmt: skip


def _kind(column: Column[Any]) -> str:
    if isinstance(column.type, types.Numeric):
        return "money" if (column.type.precision, column.type.scale) == (12, 2) else "decimal"
    kinds: dict[type[Any], str] = {
        types.Uuid: "uuid", types.Text: "text", types.ARRAY: "texts", types.Boolean: "boolean", types.Date: "date",
        types.DateTime: "instant", types.Time: "time", types.Integer: "integer",
    }  # fmt: skip
    return next(name for kind, name in kinds.items() if isinstance(column.type, kind))


def _to_one(one: Resource) -> list[Include]:
    """What the references of a record lead to, each under the reference's name without ``_id``."""
    return [
        Include(
            field.name.removesuffix("_id"), field.target, False, f"{{that}}.id = {{this}}.{field.name}",
            ((one.path, field.name),),
        )
        for field in one.fields if field.target
    ]  # fmt: skip


def _to_many(one: Resource, others: Any) -> list[Include]:
    """The records that refer to a record by one reference, each under the path of its resource."""
    found = []
    for other in others:
        back = [field for field in other.fields if field.target == one.path and field.sortable]
        if len(back) == 1:
            condition = f"{{that}}.{back[0].name} = {{this}}.id"
            found.append(
                Include(other.path.replace("-", "_"), other.path, True, condition, ((other.path, back[0].name),))
            )
    return found


def _golden(one: Resource) -> list[Include]:
    """From a golden record to the sources' records that it was made from, and back."""
    link = f"{CURRENT}.golden_link l WHERE l.entity_type = "
    if one.entity:
        condition = f"{{that}}.id IN (SELECT l.entity_id FROM {link}'{one.entity}' AND l.golden_id = {{this}}.id)"
        return [Include("records", f"{SOURCES[one.entity]}-records", True, condition)]
    if one.table in ENTITY_TYPES:
        condition = f"{{that}}.id = (SELECT l.golden_id FROM {link}'{one.table}' AND l.entity_id = {{this}}.id)"
        return [Include("golden", GOLDEN[f"golden_{one.table}"][0], False, condition)]
    return []


RESOURCES: Mapping[str, Resource] = _catalogue()
"""Path -> resource, in the order of paths."""
