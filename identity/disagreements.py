"""What only another system shows: sources that disagree on one person or place, people who stand twice in one household
of one system, applicants who live elsewhere than they state, places that a list of all of them lacks."""

from __future__ import annotations

import re

import pandas as pd

from identity import frames
from identity.frames import TEXT, WHOLE, Connection

DISAGREE, TWICE, MOVED, UNLISTED = "SOURCES-DISAGREE", "ENTERED-TWICE", "LIVES-ELSEWHERE", "NOT-LISTED"
ENDINGS = (DISAGREE, TWICE, MOVED, UNLISTED)
WHOLE_LIST = 0.9
"""A table that has this share of all places of a kind means to list them all."""
FIELDS = {
    "person": ("surname", "birth_date", "death_date", "national_insurance_number"),
    "asset": ("postcode", "bedrooms", "storeys", "built_year"),
}
"""Fields of which there is one truth; forenames are shortened and telephones many."""

# A field of the canonical model, and the first source column that it was made of.
MADE = """
SELECT v.version, tables.key AS source_table, field.key AS field, field.value -> 'columns' ->> 0 AS source_column
FROM ledger.mapping_version v CROSS JOIN LATERAL jsonb_each(v.fields) AS tables
CROSS JOIN LATERAL jsonb_array_elements(tables.value) AS mapping
CROSS JOIN LATERAL jsonb_each(mapping -> 'fields') AS field
WHERE mapping ->> 'target' = '{target}'
"""
DISAGREEING = """
WITH made AS ({made}), against AS (
    SELECT other.entity_id AS other_id, stands.entity_id AS stands_id, stands.field
    FROM canonical.golden_value stands JOIN canonical.golden_value other USING (golden_id, field)
    WHERE stands.rank = 1 AND other.rank > 1 AND stands.system <> other.system AND field = ANY(%(fields)s)
      AND upper(regexp_replace(stands.value, '[^[:alnum:]]', '', 'g'))
        <> upper(regexp_replace(other.value, '[^[:alnum:]]', '', 'g'))
), told AS (SELECT other_id AS id, field FROM against UNION SELECT stands_id, field FROM against)
SELECT DISTINCT b.system, b.source_table, t.batch_id, t.source_row, t.source_key, made.source_column
FROM told JOIN canonical.{target} t ON t.id = told.id JOIN ledger.batch b ON b.id = t.batch_id
JOIN made ON made.version = b.mapping_version AND made.source_table = b.source_table AND made.field = told.field
WHERE t.ended_run_id IS NULL AND made.source_column IS NOT NULL ORDER BY 1, 2, 3, 4, 6
"""
# People who stand in one household of one system twice: as one person, or once with a bare initial and nothing else.
ENTERED = """
WITH made AS ({made}), lived AS (
    SELECT DISTINCT home.golden_id AS home_id, who.golden_id AS who_id, p.id, b.system, b.source_table,
           upper(p.surname) AS surname, upper(p.forename) AS forename,
           length(p.forename) = 1 AND p.birth_date IS NULL AND p.national_insurance_number IS NULL AS is_bare
    FROM canonical.household_member m JOIN canonical.person p ON p.id = m.person_id
    JOIN ledger.batch b ON b.id = p.batch_id
    JOIN canonical.golden_link home ON home.entity_type = 'household' AND home.entity_id = m.household_id
    JOIN canonical.golden_link who ON who.entity_type = 'person' AND who.entity_id = p.id
    WHERE m.ended_run_id IS NULL AND p.ended_run_id IS NULL
), twice AS (
    SELECT id FROM (
        SELECT id, count(*) OVER (PARTITION BY home_id, who_id, system, source_table) AS times FROM lived) held
    WHERE times > 1
    UNION SELECT bare.id FROM lived bare JOIN lived other USING (home_id, system, source_table, surname)
    WHERE bare.is_bare AND length(other.forename) > 1 AND left(other.forename, 1) = bare.forename)
SELECT DISTINCT b.system, b.source_table, t.batch_id, t.source_row, t.source_key, made.source_column
FROM twice JOIN canonical.person t ON t.id = twice.id JOIN ledger.batch b ON b.id = t.batch_id
JOIN made ON made.version = b.mapping_version AND made.source_table = b.source_table AND made.field = 'surname'
WHERE made.source_column IS NOT NULL ORDER BY 1, 2, 3, 4, 6
"""
# A surname that is in fewer than half of the names that other systems have in one piece for the same person.
NAMED = """
WITH made AS ({made}), named AS (
    SELECT l.golden_id, p.id, b.system, upper(regexp_replace(p.surname, '[^[:alnum:]]', '', 'g')) AS surname,
           upper(regexp_replace(p.full_name, '[^[:alnum:]]', '', 'g')) AS full_name
    FROM canonical.person p JOIN ledger.batch b ON b.id = p.batch_id
    JOIN canonical.golden_link l ON l.entity_type = 'person' AND l.entity_id = p.id WHERE p.ended_run_id IS NULL
), told AS (
    SELECT one.id FROM named one JOIN named other USING (golden_id)
    WHERE one.surname <> '' AND other.full_name <> '' AND one.system <> other.system
    GROUP BY one.id HAVING avg((strpos(other.full_name, one.surname) = 0)::int) > 0.5)
SELECT DISTINCT b.system, b.source_table, t.batch_id, t.source_row, t.source_key, made.source_column
FROM told JOIN canonical.person t ON t.id = told.id JOIN ledger.batch b ON b.id = t.batch_id
JOIN made ON made.version = b.mapping_version AND made.source_table = b.source_table AND made.field = 'surname'
WHERE made.source_column IS NOT NULL ORDER BY 1, 2, 3, 4, 6
"""
# Where somebody applies from, and the homes that they hold by their tenancies now.
LIVING = """
WITH made AS ({made}), asked AS (
    SELECT a.batch_id, a.source_row, a.source_key, b.system, b.source_table, b.mapping_version, who.golden_id AS who_id,
           coalesce(here.uprn, own.uprn) AS uprn
    FROM canonical.housing_application a JOIN ledger.batch b ON b.id = a.batch_id
    JOIN canonical.golden_link who ON who.entity_type = 'person' AND who.entity_id = a.applicant_id
    LEFT JOIN identity.address_match here ON here.entity_type = 'housing_application' AND here.entity_id = a.id
    LEFT JOIN canonical.golden_link place ON place.entity_type = 'asset' AND place.entity_id = a.current_asset_id
    LEFT JOIN canonical.golden_asset own ON own.id = place.golden_id
    WHERE a.ended_run_id IS NULL
), lives AS (
    SELECT DISTINCT who.golden_id AS who_id, home.uprn
    FROM canonical.tenancy_party p JOIN canonical.tenancy_holding g ON g.tenancy_id = p.tenancy_id
    JOIN canonical.golden_link who ON who.entity_type = 'person' AND who.entity_id = p.person_id
    JOIN canonical.golden_link place ON place.entity_type = 'asset' AND place.entity_id = g.asset_id
    JOIN canonical.golden_asset home ON home.id = place.golden_id
    WHERE p.ended_run_id IS NULL AND p.end_date IS NULL AND g.ended_run_id IS NULL AND g.end_date IS NULL
      AND g.role_code = 'main' AND home.uprn IS NOT NULL
)
SELECT DISTINCT a.system, a.source_table, a.batch_id, a.source_row, a.source_key, made.source_column
FROM asked a JOIN made ON made.version = a.mapping_version AND made.source_table = a.source_table
    AND made.field = 'current_address_text'
WHERE a.uprn IS NOT NULL AND EXISTS (SELECT FROM lives l WHERE l.who_id = a.who_id)
  AND NOT EXISTS (SELECT FROM lives l WHERE l.who_id = a.who_id AND l.uprn = a.uprn) ORDER BY 1, 2, 3, 4
"""
# Places that a whole list lacks and two systems know. There is no row of it: the key is the reference that others use.
LACKING = """
WITH made AS ({made}), listed AS (
    SELECT DISTINCT b.system, b.source_table, place.id, place.asset_type_code
    FROM canonical.asset a JOIN ledger.batch b ON b.id = a.batch_id
    JOIN canonical.golden_link l ON l.entity_type = 'asset' AND l.entity_id = a.id
    JOIN canonical.golden_asset place ON place.id = l.golden_id WHERE a.ended_run_id IS NULL
), whole AS (
    SELECT system, source_table, asset_type_code FROM listed
    JOIN (SELECT asset_type_code, count(DISTINCT id) AS places FROM listed GROUP BY 1) kinds USING (asset_type_code)
    GROUP BY 1, 2, 3, places HAVING count(*) < places AND count(*) >= %(whole)s * places
), latest AS (
    SELECT DISTINCT ON (system, source_table) system, source_table, id AS batch_id, mapping_version
    FROM ledger.batch WHERE finished ORDER BY system, source_table, id DESC)
SELECT DISTINCT b.system, b.source_table, b.batch_id, NULL::bigint, place.asset_ref, made.source_column
FROM whole w JOIN latest b USING (system, source_table)
JOIN made ON made.version = b.mapping_version AND made.source_table = b.source_table AND made.field = 'asset_ref'
JOIN canonical.golden_asset place ON place.asset_type_code = w.asset_type_code
WHERE place.ended_run_id IS NULL AND place.system_count > 1 AND made.source_column IS NOT NULL AND NOT EXISTS (
    SELECT FROM listed l WHERE l.id = place.id AND (l.system, l.source_table) = (w.system, w.source_table))
ORDER BY 1, 2, 5
"""
STANDING = """
SELECT b.system, b.source_table, i.source_key, i.field, i.code, i.id FROM restricted.issue i
JOIN ledger.batch b ON b.id = i.batch_id WHERE i.closed_run_id IS NULL AND i.code ~ %(endings)s
"""
ISSUE = {"system": TEXT, "table": TEXT, "batch_id": WHOLE, "row": WHOLE, "key": TEXT, "field": TEXT}
SAME = ["system", "table", "key", "field", "code"]


def find(connection: Connection) -> pd.DataFrame:
    """The issues of source rows: system, table, batch_id, row, key, field, code, severity; no value is told."""
    found = []
    for target, fields in FIELDS.items():
        query = DISAGREEING.replace("{made}", MADE).replace("{target}", target)
        found.append(frames.read(connection, query, ISSUE, {"fields": list(fields)}).assign(kind=DISAGREE))
    query = ENTERED.replace("{made}", MADE).replace("{target}", "person")
    found.append(frames.read(connection, query, ISSUE).assign(kind=TWICE))
    query = NAMED.replace("{made}", MADE).replace("{target}", "person")
    found.append(frames.read(connection, query, ISSUE).assign(kind=DISAGREE))
    query = LIVING.replace("{made}", MADE).replace("{target}", "housing_application")
    found.append(frames.read(connection, query, ISSUE).assign(kind=MOVED))
    query = LACKING.replace("{made}", MADE).replace("{target}", "asset")
    found.append(frames.read(connection, query, ISSUE, {"whole": WHOLE_LIST}).assign(kind=UNLISTED))
    issues = pd.concat(found, ignore_index=True)
    places = zip(*(issues[name] for name in ("system", "table", "field", "kind")), strict=True)
    code = [re.sub("[_ ]", "-", "-".join(place).upper()) for place in places]
    return issues.assign(code=code, severity="warning", value=None).drop(columns="kind").drop_duplicates(SAME)


def changes(connection: Connection, issues: pd.DataFrame) -> tuple[pd.DataFrame, list[int]]:
    """The issues that are new, and the numbers of those that stood and are no more."""
    kinds = dict.fromkeys(SAME, TEXT) | {"id": WHOLE}
    standing = frames.read(connection, STANDING, kinds, {"endings": f"-({'|'.join(ENDINGS)})$"})
    told, stood = (pd.MultiIndex.from_frame(frame[SAME].astype(object)) for frame in (issues, standing))
    return issues[~told.isin(stood)], standing.loc[~stood.isin(told), "id"].tolist()
