"""What identity is decided on, read from the canonical model: places, households, values, addresses, faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import BigInteger, Boolean, Date, Integer, Numeric, Table, Uuid

from canonical_model.tables import current
from identity import frames, properties, survivorship
from identity.frames import TEXT, WHOLE, Connection
from identity.ids import key_of, stable_ids

DAY = pa.date32()
RECORD = dict.fromkeys(("record_id", "system", "source_table", "source_key"), TEXT)
HEX = "encode(uuid_send({}), 'hex')"
WATCHED = (
    "person", "household", "household_member", "contact_method", "asset", "identifier", "tenancy", "tenancy_party",
    "tenancy_holding", "rent_account", "repair_request", "work_order", "bank_entry", "housing_application", "letting",
    "hmo_licence", "blpu", "lpi", "street_description",
    "delivery_point",
)  # fmt: skip
"""The canonical tables whose rows decide who is who and what is where."""

ASSETS = """
SELECT encode(uuid_send(t.id), 'hex'), b.system, b.source_table, t.source_key,
  least(t.run_id, (SELECT min(h.run_id) FROM history.asset h WHERE h.id = t.id)),
  concat_ws(', ', t.address_line_1, t.address_line_2, t.address_line_3, t.address_line_4) {columns}
FROM canonical.asset t JOIN ledger.batch b ON b.id = t.batch_id WHERE t.ended_run_id IS NULL ORDER BY t.id
"""
REFERENCES = """
SELECT encode(uuid_send(t.entity_id), 'hex'), t.allocated_by, t.value FROM canonical.identifier t
WHERE t.entity_type = 'asset' AND t.scheme_code = 'property_ref' AND t.ended_run_id IS NULL ORDER BY 1, 2, 3
"""
UNITS = """
SELECT encode(uuid_send(t.id), 'hex'), b.system, t.uprn, t.parent_uprn, t.easting_m, t.northing_m, t.postcode
FROM canonical.blpu t JOIN ledger.batch b ON b.id = t.batch_id WHERE t.ended_run_id IS NULL ORDER BY t.id
"""
PEOPLE = """
SELECT encode(uuid_send(t.id), 'hex'), b.system, b.source_table, t.source_key,
  least(t.run_id, (SELECT min(h.run_id) FROM history.person h WHERE h.id = t.id)),
  (SELECT max(m.start_date) FROM canonical.household_member m WHERE m.person_id = t.id AND m.ended_run_id IS NULL),
  encode(uuid_send(coalesce(t.asset_id, lived.asset_id)), 'hex') {columns}
FROM canonical.person t JOIN ledger.batch b ON b.id = t.batch_id
LEFT JOIN LATERAL (
    SELECT h.asset_id FROM canonical.household_member m JOIN canonical.household h ON h.id = m.household_id
    WHERE m.person_id = t.id AND m.ended_run_id IS NULL AND m.end_date IS NULL AND h.end_date IS NULL
      AND h.ended_run_id IS NULL AND h.asset_id IS NOT NULL
    ORDER BY m.start_date DESC NULLS LAST, h.id LIMIT 1) lived ON true
WHERE t.ended_run_id IS NULL {among} ORDER BY t.id
"""
RAW_PEOPLE = """
WITH told AS (
    SELECT b.system, b.source_table, e.source_key, max(e.day) AS day FROM (
        SELECT batch_id, source_key, reported_at::date AS day FROM canonical.repair_request WHERE ended_run_id IS NULL
        UNION ALL SELECT batch_id, source_key, raised_at::date FROM canonical.work_order WHERE ended_run_id IS NULL
        UNION ALL SELECT batch_id, source_key, value_date FROM canonical.bank_entry WHERE ended_run_id IS NULL
    ) e JOIN ledger.batch b ON b.id = e.batch_id GROUP BY 1, 2, 3
), paid AS (
    SELECT payment_ref, min(tenancy_id::text)::uuid AS tenancy_id FROM (
        SELECT payment_ref, tenancy_id FROM canonical.rent_account
        WHERE ended_run_id IS NULL AND payment_ref IS NOT NULL AND tenancy_id IS NOT NULL
        UNION SELECT payment_ref, id FROM canonical.tenancy WHERE ended_run_id IS NULL AND payment_ref IS NOT NULL
    ) known GROUP BY payment_ref HAVING count(*) = 1
)
SELECT encode(uuid_send(t.id), 'hex'), b.system, b.source_table,
  least(t.run_id, (SELECT min(h.run_id) FROM history.person h WHERE h.id = t.id)),
  encode(uuid_send(lived.household_id), 'hex'), t.title, t.forename, t.surname,
  t.full_name, t.birth_date, t.death_date, greatest(lived.start_date, asked.applied_date, told.day), t.sex_code,
  t.national_insurance_number, reached.phones, reached.emails,
  encode(uuid_send(coalesce(t.asset_id, lived.asset_id, held.asset_id, asked.current_asset_id)), 'hex'),
  encode(uuid_send(asked.id), 'hex'), coalesce(asked.current_postcode, reached.postcode),
  encode(uuid_send(coalesce(t.tenancy_id, paid.tenancy_id, let.tenancy_id)), 'hex')
FROM canonical.person t JOIN ledger.batch b ON b.id = t.batch_id
LEFT JOIN told ON told.system = b.system AND told.source_table = b.source_table AND told.source_key = t.source_key
LEFT JOIN paid ON paid.payment_ref = t.payment_ref
LEFT JOIN LATERAL (
    SELECT m.household_id, m.start_date, h.asset_id FROM canonical.household_member m
    JOIN canonical.household h ON h.id = m.household_id
    WHERE m.person_id = t.id AND m.ended_run_id IS NULL AND h.ended_run_id IS NULL
    ORDER BY m.end_date DESC NULLS FIRST, m.start_date DESC NULLS LAST, h.id LIMIT 1) lived ON true
LEFT JOIN LATERAL (
    SELECT g.asset_id FROM canonical.tenancy_holding g
    WHERE g.tenancy_id = coalesce(t.tenancy_id, paid.tenancy_id) AND g.ended_run_id IS NULL AND g.role_code = 'main'
    ORDER BY g.start_date DESC, g.id LIMIT 1) held ON true
LEFT JOIN LATERAL (
    SELECT a.id, a.applied_date, a.current_asset_id, a.current_postcode FROM canonical.housing_application a
    WHERE a.household_id = lived.household_id AND a.ended_run_id IS NULL
    ORDER BY a.applied_date DESC NULLS LAST, a.id LIMIT 1) asked ON true
LEFT JOIN LATERAL (
    SELECT y.tenancy_id FROM canonical.letting y
    WHERE y.application_id = asked.id AND y.tenancy_id IS NOT NULL AND y.ended_run_id IS NULL
    ORDER BY y.start_date DESC, y.id LIMIT 1) let ON true
LEFT JOIN (
    SELECT person_id, min(postcode) AS postcode,
      string_agg(value, '|' ORDER BY id)
        FILTER (WHERE contact_type_code IN ('mobile', 'home_telephone', 'work_telephone')) AS phones,
      string_agg(value, '|' ORDER BY id) FILTER (WHERE contact_type_code = 'email') AS emails
    FROM canonical.contact_method WHERE ended_run_id IS NULL AND person_id IS NOT NULL GROUP BY person_id
) reached ON reached.person_id = t.id
WHERE t.ended_run_id IS NULL ORDER BY t.id
"""
TENANCIES = """
SELECT encode(uuid_send(y.id), 'hex'), encode(uuid_send(y.household_id), 'hex'),
  encode(uuid_send(held.asset_id), 'hex'), y.start_date, y.end_date,
  (SELECT string_agg(encode(uuid_send(p.person_id), 'hex'), '|' ORDER BY p.person_id) FROM canonical.tenancy_party p
   WHERE p.tenancy_id = y.id AND p.ended_run_id IS NULL)
FROM canonical.tenancy y LEFT JOIN LATERAL (
    SELECT g.asset_id FROM canonical.tenancy_holding g
    WHERE g.tenancy_id = y.id AND g.ended_run_id IS NULL AND g.role_code = 'main'
    ORDER BY g.start_date DESC, g.id LIMIT 1) held ON true
WHERE y.ended_run_id IS NULL AND y.household_id IS NOT NULL ORDER BY y.id
"""
HOUSEHOLDS = """
SELECT encode(uuid_send(t.id), 'hex'), b.system, b.source_table, t.source_key,
  least(t.run_id, (SELECT min(h.run_id) FROM history.household h WHERE h.id = t.id)), t.name,
  encode(uuid_send(coalesce(t.asset_id, living.asset_id, asking.current_asset_id)), 'hex'),
  encode(uuid_send(living.tenancy_id), 'hex'),
  encode(uuid_send(coalesce(let.household_id, CASE WHEN living.tenancy_id IS NOT NULL THEN t.id END)), 'hex'),
  t.start_date, t.end_date
FROM canonical.household t JOIN ledger.batch b ON b.id = t.batch_id
LEFT JOIN LATERAL (
    SELECT y.id AS tenancy_id, g.asset_id FROM canonical.tenancy y
    LEFT JOIN canonical.tenancy_holding g ON g.tenancy_id = y.id AND g.role_code = 'main' AND g.ended_run_id IS NULL
    WHERE y.household_id = t.id AND y.ended_run_id IS NULL
    ORDER BY y.end_date DESC NULLS FIRST, y.start_date DESC, y.id LIMIT 1) living ON true
LEFT JOIN LATERAL (
    SELECT a.current_asset_id FROM canonical.housing_application a
    WHERE a.household_id = t.id AND a.ended_run_id IS NULL ORDER BY a.applied_date DESC NULLS LAST, a.id LIMIT 1
) asking ON true
LEFT JOIN LATERAL (
    SELECT y.household_id FROM canonical.housing_application a JOIN canonical.letting l ON l.application_id = a.id
    JOIN canonical.tenancy y ON y.id = l.tenancy_id
    WHERE a.household_id = t.id AND a.ended_run_id IS NULL AND l.ended_run_id IS NULL AND y.ended_run_id IS NULL
    ORDER BY l.start_date DESC, l.id LIMIT 1) let ON true
WHERE t.ended_run_id IS NULL {among} ORDER BY t.id
"""
MEMBERS = """
SELECT encode(uuid_send(t.household_id), 'hex'), encode(uuid_send(t.person_id), 'hex'), b.system, t.role_code,
  t.is_head, t.start_date, t.end_date
FROM canonical.household_member t JOIN ledger.batch b ON b.id = t.batch_id
WHERE t.ended_run_id IS NULL {among} ORDER BY t.id
"""
CONTACTS = """
SELECT encode(uuid_send(person_id), 'hex'),
  (array_agg(value ORDER BY precedence, start_date DESC NULLS LAST, id) FILTER (WHERE kind = 'mobile'))[1],
  (array_agg(value ORDER BY precedence, start_date DESC NULLS LAST, id) FILTER (WHERE kind = 'telephone'))[1],
  (array_agg(value ORDER BY precedence, start_date DESC NULLS LAST, id) FILTER (WHERE kind = 'email'))[1]
FROM (SELECT id, person_id, coalesce(precedence, 99) AS precedence, start_date,
        CASE WHEN contact_type_code = 'email' THEN lower(value) ELSE regexp_replace(value, '^0', '+44') END AS value,
        CASE WHEN contact_type_code = 'email' THEN 'email' WHEN value ~ '^07' THEN 'mobile' ELSE 'telephone' END AS kind
      FROM canonical.contact_method t
      WHERE ended_run_id IS NULL AND end_date IS NULL AND person_id IS NOT NULL
        AND contact_type_code IN ('email', 'mobile', 'home_telephone', 'work_telephone') {among}) reached
GROUP BY person_id ORDER BY person_id
"""
ADDRESSES = """
SELECT 'asset' AS kind, encode(uuid_send(t.id), 'hex') AS id, 'address' AS field,
  concat_ws(', ', t.address_line_1, t.address_line_2, t.address_line_3, t.address_line_4), t.postcode,
  t.asset_type_code IN ('block', 'sub_block')
FROM canonical.asset t
WHERE t.ended_run_id IS NULL AND t.asset_type_code NOT IN ('estate', 'lift', 'boiler_house', 'booster_pump', 'plant')
UNION ALL SELECT 'housing_application', encode(uuid_send(t.id), 'hex'), 'current_address', t.current_address_text,
  t.current_postcode, false FROM canonical.housing_application t
WHERE t.ended_run_id IS NULL AND t.current_address_text IS NOT NULL
UNION ALL SELECT 'letting', encode(uuid_send(t.id), 'hex'), 'address', t.address_text, t.postcode, false
FROM canonical.letting t WHERE t.ended_run_id IS NULL AND t.address_text IS NOT NULL
UNION ALL SELECT 'contact_method', encode(uuid_send(t.id), 'hex'), 'value', t.value, t.postcode, false
FROM canonical.contact_method t WHERE t.ended_run_id IS NULL AND t.contact_type_code = 'address'
UNION ALL SELECT 'hmo_licence', encode(uuid_send(t.id), 'hex'), 'address', t.address_text, t.postcode, false
FROM canonical.hmo_licence t WHERE t.ended_run_id IS NULL AND t.address_text IS NOT NULL
ORDER BY 1, 2, 3
"""
FAULTS = """
SELECT b.system, i.source_key, coalesce(made.part, ''), made.field, i.severity
FROM restricted.issue i JOIN ledger.batch b ON b.id = i.batch_id
JOIN (SELECT v.version, tables.key AS source_table, mapping ->> 'part' AS part, field.key AS field, source.name
      FROM ledger.mapping_version v CROSS JOIN LATERAL jsonb_each(v.fields) AS tables
      CROSS JOIN LATERAL jsonb_array_elements(tables.value) AS mapping
      CROSS JOIN LATERAL jsonb_each(mapping -> 'fields') AS field
      CROSS JOIN LATERAL jsonb_array_elements_text(field.value -> 'columns') AS source(name)
      WHERE mapping ->> 'target' = '{target}') made
  ON made.version = b.mapping_version AND made.source_table = b.source_table AND made.name = i.field
WHERE i.closed_run_id IS NULL AND i.source_key IS NOT NULL AND i.code !~ '-(SOURCES-DISAGREE|ENTERED-TWICE)$'
ORDER BY 1, 2, 3, 4, 5
"""


def assets(connection: Connection) -> pd.DataFrame:
    """The asset records: record_id, system, source_table, source_key, first_run_id, address, and their columns."""
    columns = [name for name in survivorship.names(survivorship.ASSET) if name != "address"]
    return _with_columns(connection, ASSETS, current("asset"), columns, {"address": TEXT})


def people(connection: Connection, among: Sequence[str] | None = None) -> pd.DataFrame:
    """The person records: record_id, system, source_table, source_key, first_run_id, as_of, asset_id (a record of
    the home), and their columns. ``among``: only of these records."""
    held = {column.name for column in current("person").columns}
    columns = [name for name in survivorship.names(survivorship.PERSON) if name in held and name != "asset_id"]
    query = PEOPLE.replace("{among}", "" if among is None else "AND t.id = ANY(%(among)s::uuid[])")
    values = {"among": list(among or ())}
    return _with_columns(connection, query, current("person"), columns, {"as_of": DAY, "asset_id": TEXT}, values)


def raw_people(connection: Connection) -> pd.DataFrame:
    """The person records as matching cleans them; ``household_id`` is the list on which they stand.

    In place of the one key of where they live: ``asset_id`` (a record of their home) and ``application_id`` (whose
    address it may be). ``tenancy_id`` is what they are known by: the tenancy that a system names, that of the
    account they pay to, or that of the letting they applied for.
    """
    texts = ("household_id", "title", "forename", "surname", "full_name")
    later: tuple[str, ...] = ("sex_code", "national_insurance_number", "phones", "emails")
    later += ("asset_id", "application_id", "postcode", "tenancy_id")
    kinds = dict.fromkeys(("record_id", "system", "source_table"), TEXT) | {"first_run_id": WHOLE}
    kinds |= dict.fromkeys(texts, TEXT) | dict.fromkeys(("birth_date", "death_date", "active_date"), DAY)
    kinds |= dict.fromkeys(later, TEXT)
    found = frames.read(connection, RAW_PEOPLE, kinds)
    return found.assign(other_surname=None, **{name: _parts(found[name]) for name in ("phones", "emails")})


def tenancies(connection: Connection) -> pd.DataFrame:
    """Who held which home when: tenancy_id, household_id, asset_id, start_date, end_date, tenants (person records)."""
    kinds = dict.fromkeys(("tenancy_id", "household_id", "asset_id"), TEXT)
    kinds |= {"start_date": DAY, "end_date": DAY, "tenants": TEXT}
    found = frames.read(connection, TENANCIES, kinds)
    return found.assign(application_id=None, tenants=_parts(found["tenants"]))


def _parts(texts: pd.Series[str]) -> pd.Series[Any]:
    return texts.where(texts.notna(), "").str.split("|")


def contacts(connection: Connection, among: Sequence[str] | None = None) -> pd.DataFrame:
    """How person records are reached: record_id, mobile, telephone, email; numbers with +44."""
    query = CONTACTS.replace("{among}", "" if among is None else "AND person_id = ANY(%(among)s::uuid[])")
    kinds = dict.fromkeys(("record_id", "mobile", "telephone", "email"), TEXT)
    return frames.read(connection, query, kinds, {"among": list(among or ())})


def references(connection: Connection) -> pd.DataFrame:
    """The references of asset records: record_id, allocated_by, value."""
    return frames.read(connection, REFERENCES, {"record_id": TEXT, "allocated_by": TEXT, "value": TEXT})


def units(connection: Connection) -> pd.DataFrame:
    """The gazetteer's units: record_id, system, uprn, parent_uprn, easting_m, northing_m, postcode."""
    numbers = dict.fromkeys(("easting_m", "northing_m"), pa.decimal128(9, 2))
    kinds = {"record_id": TEXT, "system": TEXT, "uprn": WHOLE, "parent_uprn": WHOLE, **numbers, "postcode": TEXT}
    return frames.read(connection, UNITS, kinds)


def households(connection: Connection, among: Sequence[str] | None = None) -> pd.DataFrame:
    """The household records: where each lives (an asset record) and under which tenancy, and their days.

    ``let_to``: the record of the household to whom a home was let, which is their own if they have a tenancy, or that
    of the letting that their application led to."""
    kinds = dict.fromkeys(("record_id", "system", "source_table", "source_key"), TEXT)
    kinds |= {
        "first_run_id": WHOLE,
        "name": TEXT,
        "asset_id": TEXT,
        "tenancy_id": TEXT,
        "let_to": TEXT,
        "start_date": DAY,
        "end_date": DAY,
    }
    query = HOUSEHOLDS.replace("{among}", "" if among is None else "AND t.id = ANY(%(among)s::uuid[])")
    return frames.read(connection, query, kinds, {"among": list(among or ())})


def members(connection: Connection, among: Sequence[str] | None = None) -> pd.DataFrame:
    """Who is a member of which household record: household_id, person_id, system, role_code, is_head, days.

    ``among``: of these household records.
    """
    kinds = dict.fromkeys(("household_id", "person_id", "system", "role_code"), TEXT)
    query = MEMBERS.replace("{among}", "" if among is None else "AND t.household_id = ANY(%(among)s::uuid[])")
    kinds |= {"is_head": pa.bool_(), "start_date": DAY, "end_date": DAY}
    return frames.read(connection, query, kinds, {"among": list(among or ())})


def messy_addresses(connection: Connection) -> pd.DataFrame:
    """Every address that a record states as text: entity_type, entity_id, field, address, postcode, says_block."""
    kinds = dict.fromkeys(("entity_type", "entity_id", "field", "address", "postcode"), TEXT)
    return frames.read(connection, ADDRESSES, kinds | {"says_block": pa.bool_()})


def faults(connection: Connection, target: str) -> pd.DataFrame:
    """The issues that stand against fields of a canonical table's records: record_id, field, severity."""
    kinds = dict.fromkeys(("system", "source_key", "part", "field", "severity"), TEXT)
    found = frames.read(connection, FAULTS.replace("{target}", target), kinds)
    texts = [
        key_of(system, target, key, part)
        for system, key, part in zip(found["system"], found["source_key"], found["part"], strict=True)
    ]
    ids = stable_ids(pa.array(texts, pa.string())).to_pandas()
    return found.assign(record_id=ids.astype("str"))[["record_id", "field", "severity"]].drop_duplicates()


def fingerprint(connection: Connection, *files: Path) -> str:
    """A hash of all that decides who is who: the rows' versions, people's decisions, the models' and rules' files."""
    told: list[object] = []
    for name in WATCHED:
        told += connection.execute(
            f"SELECT count(*), max(run_id), count(ended_run_id), max(ended_run_id) FROM canonical.{name}".encode()  # noqa: S608
        ).fetchall()
    told += connection.execute("SELECT max(id) FROM identity.decision WHERE decided_by <> 'machine'").fetchall()
    told += [properties.MODEL, *(path.read_bytes() for path in files)]
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()


def _with_columns(
    connection: Connection, query: str, table: Table, columns: Sequence[str], more: Mapping[str, pa.DataType],
    values: Mapping[str, object] | None = None,
) -> pd.DataFrame:  # fmt: skip
    kinds = RECORD | {"first_run_id": WHOLE, **more, **{name: _type(table, name) for name in columns}}
    listed = "".join(f", {HEX.format(f't.{name}') if _is_id(table, name) else f't.{name}'}" for name in columns)
    return frames.read(connection, query.replace("{columns}", listed), kinds, values)


def _is_id(table: Table, name: str) -> bool:
    return isinstance(table.c[name].type, Uuid)


def _type(table: Table, name: str) -> pa.DataType:
    kind = table.c[name].type
    if isinstance(kind, Numeric):
        return pa.decimal128(kind.precision or 38, kind.scale or 0)
    known = {BigInteger: WHOLE, Integer: WHOLE, Boolean: pa.bool_(), Date: DAY}
    return next((arrow for sort, arrow in known.items() if isinstance(kind, sort)), TEXT)
