"""Whether a mirror holds together as its source does: rows, keys, rules, uniqueness, joins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from mirror.plan import EMPTY, MASK, Plan
from mirror.proof.rows import Connection

ONE_TO_ONE = ("reference", "nino", "uuid")
"""Masks under which what differs differs, and what is the same is the same."""

RULES = """
SELECT conrelid::regclass::text || '.' || conname, convalidated
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND conrelid <> 0
"""
UNIQUE = """
SELECT indexrelid::regclass::text, indisvalid AND indisready
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
REFERENCES = """
SELECT k.conrelid::regclass::text, a.attname, k.confrelid::regclass::text, b.attname
FROM pg_constraint k
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]
     JOIN pg_attribute b ON b.attrelid = k.confrelid AND k.confkey = ARRAY[b.attnum]
WHERE k.contype = 'f' AND k.connamespace::regnamespace::text IN ('canonical', 'identity', 'ledger')
ORDER BY 1, 2
"""
BY_VALUE = (
    ("canonical.person", "payment_ref", "canonical.rent_account", "payment_ref"),
    ("canonical.tenancy", "payment_ref", "canonical.rent_account", "payment_ref"),
    ("canonical.letting", "tenant_ref", "canonical.tenancy", "tenancy_ref"),
    ("canonical.letting", "property_ref", "canonical.asset", "asset_ref"),
    ("canonical.appointment", "work_order_ref", "canonical.work_order", "work_order_ref"),
    ("canonical.manual_allocation", "work_order_ref", "canonical.work_order", "work_order_ref"),
    ("canonical.work_order", "superseded_by_ref", "canonical.work_order", "work_order_ref"),
    ("canonical.visit_confirmation", "booking_ref", "canonical.appointment", "booking_ref"),
    ("canonical.asset", "uprn", "canonical.blpu", "uprn"),
    ("canonical.asset", "parent_uprn", "canonical.blpu", "uprn"),
    ("canonical.lpi", "uprn", "canonical.blpu", "uprn"),
    ("canonical.lpi", "usrn", "canonical.street", "usrn"),
    ("canonical.delivery_point", "uprn", "canonical.blpu", "uprn"),
    ("canonical.hmo_licence", "uprn", "canonical.blpu", "uprn"),
    ("canonical.hmo_licence", "case_ref", "canonical.hmo_application", "case_ref"),
    ("canonical.identifier", "value", "canonical.tenancy", "tenancy_ref"),
    ("canonical.identifier", "value", "canonical.rent_account", "payment_ref"),
    ("canonical.identifier", "value", "canonical.golden_person", "national_insurance_number"),
    ("canonical.identifier", "entity_id", "canonical.person", "id"),
    ("canonical.golden_link", "entity_id", "canonical.person", "id"),
    ("canonical.golden_link", "entity_id", "canonical.asset", "id"),
    ("canonical.golden_link", "golden_id", "canonical.golden_person", "id"),
    ("canonical.golden_link", "golden_id", "canonical.golden_asset", "id"),
    ("canonical.golden_value", "golden_id", "canonical.golden_person", "id"),
    ("canonical.golden_value", "entity_id", "canonical.person", "id"),
    ("canonical.person", "national_insurance_number", "canonical.golden_person", "national_insurance_number"),
    ("identity.pair", "left_id", "canonical.person", "id"),
    ("identity.address_match", "uprn", "canonical.blpu", "uprn"),
    ("scheduling.mileage", "operative_ref", "canonical.operative", "operative_ref"),
)
"""Joins that no key of the database holds."""


@dataclass(frozen=True)
class Integrity:
    """What was compared, and what differs by name. ``joins`` and ``uniques`` are 0 where only a part was copied."""

    rows: int
    tables: int
    rules: int
    uniques: int
    joins: int
    faults: tuple[str, ...]


def compare(source: Connection, mirror: Connection, plan: Plan, copied: Mapping[str, int], *, whole: bool) -> Integrity:
    """How the mirror stands beside its source. ``copied`` are the rows that each table got; ``whole``: all of them."""
    faults: list[str] = []
    rows = _counts(source, mirror, plan, copied, faults, whole=whole)
    rules = _rules(source, mirror, plan, faults)
    uniques = _uniques(source, mirror, plan, faults) if whole else 0
    joins = _joins(source, mirror, plan, faults) if whole else 0
    return Integrity(rows, len(plan.tables), rules, uniques, joins, tuple(faults))


def _counts(
    source: Connection, mirror: Connection, plan: Plan, copied: Mapping[str, int], faults: list[str], *, whole: bool
) -> int:
    total = 0
    for table in plan.tables:
        there = _one(mirror, "SELECT count(*) FROM {}", table)
        total += there
        if plan.crosses(table):
            wanted = _one(source, "SELECT count(*) FROM {}", table) if whole else copied.get(table, 0)
        elif any(decision.action == EMPTY for decision in plan.table(table).values()):
            wanted = 0
        else:
            continue
        if there != wanted:
            faults.append(f"{table} has {there:,} rows, not {wanted:,}")
    return total


def _rules(source: Connection, mirror: Connection, plan: Plan, faults: list[str]) -> int:
    told = 0
    for query, what in ((RULES, "rule"), (UNIQUE, "index")):
        here, there = (
            {str(name): bool(holds) for name, holds in connection.execute(query)} for connection in (source, mirror)
        )
        faults += [f"{what} {name} is missing" for name in sorted(here.keys() - there.keys())]
        faults += [f"{what} {name} does not hold" for name, holds in sorted(there.items()) if not holds]
        told += len(there)
    return told


def _uniques(source: Connection, mirror: Connection, plan: Plan, faults: list[str]) -> int:
    told = 0
    for table in plan.tables:
        columns = [
            each.column
            for each in plan.table(table).values()
            if each.action == MASK and each.mask in ONE_TO_ONE and each.type in ("text", "bigint", "integer")
        ]
        if columns and plan.crosses(table):
            counts = sql.SQL(", ").join(sql.SQL("count(DISTINCT {})").format(sql.Identifier(name)) for name in columns)
            query = sql.SQL("SELECT {} FROM {}").format(counts, sql.Identifier(*table.split(".", 1)))
            here, there = source.execute(query).fetchone() or (), mirror.execute(query).fetchone() or ()
            for name, known, kept in zip(columns, here, there, strict=True):
                if known != kept:
                    faults.append(f"{table}.{name} has {kept:,} different values, not {known:,}")
            told += len(columns)
    return told


def _joins(source: Connection, mirror: Connection, plan: Plan, faults: list[str]) -> int:
    declared = [tuple(map(str, row)) for row in source.execute(REFERENCES).fetchall()]
    wanted = [join for join in (*declared, *BY_VALUE) if plan.crosses(join[0]) and plan.crosses(join[2])]
    for table, column, other, key in wanted:
        query = sql.SQL("SELECT count(*) FROM {} a JOIN {} b ON a.{} = b.{}").format(
            sql.Identifier(*table.split(".", 1)), sql.Identifier(*other.split(".", 1)), sql.Identifier(column),
            sql.Identifier(key),
        )  # fmt: skip
        here, there = _first(source, query), _first(mirror, query)
        if here != there:
            faults.append(f"{table}.{column} joins {other}.{key} {there:,} times, not {here:,}")
    return len(wanted)


def _one(connection: Connection, query: LiteralString, table: str) -> int:
    return _first(connection, sql.SQL(query).format(sql.Identifier(*table.split(".", 1))))


def _first(connection: Connection, query: sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    return int(str(row[0])) if row else 0
