"""All that is held of a person: which records, found along the references of the model, and as what they are told.

From the golden person to the sources' records of them, and from record to record: what refers to a person, their
tenancies, their accounts, what they reported. What is another's is left out: ``LEFT_OUT`` names each reference that is
not followed and why, and a record that names somebody else is not theirs because it stands on a tenancy of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from canonical_model.base import CURRENT, HISTORY
from canonical_model.reads import Query, told
from canonical_model.resources import RESOURCES, Resource
from canonical_model.tables import metadata

PERSON, TENANCY, HOUSEHOLD = "person", "tenancy", "household"
FOLLOWED = (
    PERSON, TENANCY, HOUSEHOLD, "rent_account", "arrears_case", "arrears_agreement", "bank_entry", "repair_request",
    "work_order", "housing_application", "hmo_application", "operative",
)  # fmt: skip
"""The tables whose records take along what refers to them, each after those that lead to it."""
LED_TO = {
    ("tenancy_party", "tenancy_id"): TENANCY, (PERSON, "tenancy_id"): TENANCY,
    ("household_member", "household_id"): HOUSEHOLD,
}  # fmt: skip
"""References that are followed to what they name: a tenant's tenancy, a member's household."""
ANOTHERS = "a record of somebody else"
OF_A_HOME = "tells of a home while it stood empty"
AT_OTHERS = "tells of work at other people's homes"
LEFT_OUT = {
    ("operative", "manager_id"): ANOTHERS, ("operative", "supervisor_id"): ANOTHERS,
    (PERSON, "tenancy_id"): ANOTHERS, ("tenancy_party", "tenancy_id"): ANOTHERS,
    ("household_member", "household_id"): ANOTHERS, (TENANCY, "household_id"): "found by the person's own parties",
    ("housing_application", "household_id"): "found by its applicants",
    ("golden_household", "tenancy_id"): "derived, and of several people",
    ("void", "previous_tenancy_id"): OF_A_HOME, ("void", "next_tenancy_id"): OF_A_HOME,
    ("appointment", "operative_id"): AT_OTHERS, ("manual_allocation", "operative_id"): AT_OTHERS,
    ("work_element", "operative_id"): AT_OTHERS,
}  # fmt: skip
"""References to followed tables that are not followed back, and why."""
NAMED = ("identifier", "document_link")
"""Tables that name what they belong to by table and id."""

OF_GOLDEN = f"""
SELECT entity_id FROM {CURRENT}.golden_link WHERE entity_type = 'person' AND golden_id = $1 ORDER BY entity_id
"""


@dataclass(frozen=True)
class Reference:
    """A column that refers to a table: records of ``table`` belong to that of ``target`` which ``column`` names."""

    table: str
    column: str
    target: str


def references() -> Iterator[Reference]:
    """All references to followed tables."""
    for table in metadata.tables.values():
        if table.schema == CURRENT:
            for column in table.columns:
                for key in column.foreign_keys:
                    if key.column.table.name in FOLLOWED:
                        yield Reference(table.name, column.name, key.column.table.name)


def back_to(target: str) -> list[Reference]:
    """The references to a table that are followed back."""
    return [one for one in references() if one.target == target and (one.table, one.column) not in LEFT_OUT]


def owned(one: Reference, ids: Sequence[UUID], people: Sequence[UUID]) -> Query:
    """Ids of the records that belong to those by a reference. Through anything but a person none is found that names
    somebody else."""
    others = "" if one.target == PERSON else _names_nobody_else(one.table)
    return Query(
        f"SELECT id FROM {CURRENT}.{one.table} WHERE {one.column} = ANY($1::uuid[]){others}",
        (list(ids), list(people)) if others else (list(ids),),
    )


def formerly(one: Reference, people: Sequence[UUID]) -> Query:
    """Ids of the records of which an earlier version named those people."""
    return Query(f"SELECT DISTINCT id FROM {HISTORY}.{one.table} WHERE {one.column} = ANY($1::uuid[])", (list(people),))


def led_to(table: str, column: str, ids: Sequence[UUID]) -> Query:
    """Ids that a column of those records names."""
    return Query(
        f"SELECT DISTINCT {column} AS id FROM {CURRENT}.{table} WHERE id = ANY($1::uuid[]) AND {column} IS NOT NULL",
        (list(ids),),
    )


def named(table: str, kind: str, ids: Sequence[UUID]) -> Query:
    """Ids of the identifiers or documents of those records of one table."""
    return Query(
        f"SELECT id FROM {CURRENT}.{table} WHERE entity_type = $1 AND entity_id = ANY($2::uuid[])", (kind, list(ids))
    )


def records(resource: Resource, ids: Sequence[UUID], people: Sequence[UUID]) -> Query:
    """The records, each with its origin and its earlier versions: body (JSON) and fields of all classes.

    Of several people whom one record names only those of ``people`` are told, and of a version that names others alone
    nothing.
    """
    fields, theirs = _told_apart(resource), _names_them(resource.table)
    return Query(
        f"""
        SELECT json_build_object('record', CASE WHEN {theirs} THEN row_to_json(r) END, 'origin', {_origin("t")},
            'ended_run', t.ended_run_id, 'earlier', (
                SELECT coalesce(json_agg(json_build_object(
                    'record', (SELECT row_to_json(e) FROM (SELECT {fields}) e), 'origin', {_origin("t")},
                    'replaced_run', t.replaced_run_id
                ) ORDER BY t.replaced_run_id), '[]')
                FROM {HISTORY}.{resource.table} t {_batch("t")} WHERE t.id = o.id AND {theirs}
            ))::text AS body
        FROM unnest($1::uuid[]) o (id) JOIN {CURRENT}.{resource.table} t ON t.id = o.id {_batch("t")}
        CROSS JOIN LATERAL (SELECT {fields}) r ORDER BY t.id
        """,
        (list(ids), list(people)),
    )


def golden(resource: Resource, column: str, identity: UUID) -> Query:
    """The golden records that a column ties to the person, with the versions before: body (JSON)."""
    fields = told(resource.fields)
    return Query(
        f"""
        SELECT json_build_object('record', row_to_json(r), 'run', t.run_id, 'ended_run', t.ended_run_id, 'earlier', (
            SELECT coalesce(json_agg(json_build_object(
                'record', (SELECT row_to_json(e) FROM (SELECT {fields}) e), 'run', t.run_id,
                'replaced_run', t.replaced_run_id) ORDER BY t.replaced_run_id), '[]')
            FROM {HISTORY}.{resource.table} t WHERE t.id = o.id
        ))::text AS body
        FROM {CURRENT}.{resource.table} o JOIN {CURRENT}.{resource.table} t ON t.id = o.id
        CROSS JOIN LATERAL (SELECT {fields}) r WHERE o.{column} = $1 ORDER BY t.id
        """,
        (identity,),
    )


def resource_of(table: str) -> Resource:
    """The resource that a table is told as."""
    return next(one for one in RESOURCES.values() if one.table == table)


def _names_nobody_else(table: str) -> str:
    return "".join(f" AND ({name} IS NULL OR {name} = ANY($2::uuid[]))" for name in _people_named(table))


def _told_apart(resource: Resource) -> str:
    """The columns of a record ``t``; references to others than the people ``$2`` are null."""
    named = _people_named(resource.table)
    apart = {name: f"CASE WHEN t.{name} = ANY($2::uuid[]) THEN t.{name} END AS {name}" for name in named}
    return ", ".join(apart.get(field.name) or told([field]) for field in resource.fields)


def _names_them(table: str) -> str:
    """The condition that a version ``t`` names one of the people ``$2``, or nobody."""
    named = [f"t.{name}" for name in _people_named(table)]
    if not named:
        return "$2::uuid[] IS NOT NULL"  # an argument needs a use
    return f"(coalesce({', '.join(named)}) IS NULL OR $2::uuid[] && ARRAY[{', '.join(named)}])"


def _people_named(table: str) -> list[str]:
    return [
        column.name
        for column in metadata.tables[f"{CURRENT}.{table}"].columns
        if any(key.column.table.name == PERSON for key in column.foreign_keys)
    ]


def _origin(table: str) -> str:
    return (
        "json_build_object('system', b.system, 'table', b.source_table, "
        f"'key', {table}.source_key, 'row', {table}.source_row, 'run', {table}.run_id, 'read_at', u.started_at)"
    )


def _batch(table: str) -> str:
    return f"LEFT JOIN ledger.batch b ON b.id = {table}.batch_id LEFT JOIN ledger.run u ON u.id = b.run_id"
