"""Which one on a household's list a record means, where it names a tenancy and exactly one of those listed fits.

A reporter of a repair is "Mrs Lewis", an account holder "LEWIS A". On a tenancy where one living woman of that name
is listed, she is meant. Where two fit (twins of one initial, parent and child of one name), nobody can tell, unless a
mobile number is the one's alone, or the tenant is named and the one alone is a tenant.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

ADULT = 16

_SURNAME_FITS = """(list_has_any(r.surnames, m.surnames) OR jaro_winkler_similarity(r.surname, m.surname) >= 0.85)"""
_FORENAME_FITS = """(r.initial IS NULL OR m.initial IS NULL
    OR (r.forename IS NULL OR m.forename IS NULL) AND (r.initial = m.initial OR r.initial = m.middle_initial
        OR list_contains(list_transform(coalesce(m.forename_roots, []), root -> root[1]), r.initial))
    OR list_has_any(r.forename_roots, m.forename_roots) OR jaro_winkler_similarity(r.forename, m.forename) >= 0.85
    OR starts_with(r.forename, m.forename) OR starts_with(m.forename, r.forename) OR r.forename = m.first_middle)"""
_EXCHANGED = """((jaro_winkler_similarity(r.surname, m.forename) >= 0.9
        OR m.forename IS NULL AND r.surname[1] = m.initial)
    AND (r.forename IS NULL AND r.initial = m.surname[1] OR jaro_winkler_similarity(r.forename, m.surname) >= 0.9))"""
_ALIVE = "coalesce(date_diff('day', m.death_date, r.active_date) <= 31, true)"
_GROWN = f"""coalesce(date_diff('year', try_strptime(m.birth_date, '%Y%m%d')::DATE,
    coalesce(r.active_date, (SELECT max(active_date) FROM dated))) >= {ADULT}, true)"""

_MARRIED = """(r.sex = 'female' AND m.sex = 'female' AND (list_has_any(r.forename_roots, m.forename_roots)
    OR r.title = 'MRS' AND m.title = 'MRS' AND r.initial = m.initial AND (r.forename IS NULL OR m.forename IS NULL)))"""
_CALLED_OTHERWISE = f"list_has_any(r.mobiles, m.mobiles) AND {_SURNAME_FITS}"
_TITLES_FIT = "coalesce(list_sort([r.title, m.title]) <> ['MISS', 'MRS'], true)"

_DATED = """
CREATE OR REPLACE TEMP TABLE dated AS SELECT cleaned.* REPLACE (coalesce(cleaned.tenancy, stood.tenancy) AS tenancy)
FROM cleaned LEFT JOIN (
    SELECT r.record_id, min(m.tenancy) AS tenancy FROM cleaned AS r JOIN (
        SELECT DISTINCT home, tenancy, tenancy_from, tenancy_to FROM cleaned WHERE household_id IS NOT NULL) AS m
    ON m.home = r.home AND r.active_date >= m.tenancy_from AND (r.active_date < m.tenancy_to OR m.tenancy_to IS NULL)
    WHERE r.tenancy IS NULL AND r.household_id IS NULL
    GROUP BY r.record_id HAVING count(DISTINCT m.tenancy) = 1) AS stood USING (record_id)
"""
_LISTED = f"""
WITH member AS (SELECT * FROM dated WHERE household_id IS NOT NULL AND tenancy IS NOT NULL),
fitting AS (
    SELECT r.record_id, m.record_id AS listed, r.is_tenant AND m.is_tenant AS held,
        list_has_any(r.mobiles, m.mobiles) AS shared,
        (r.forename IS NOT NULL AND NOT {_EXCHANGED}) OR {_MARRIED} OR ({_CALLED_OTHERWISE})
            OR (({_SURNAME_FITS} AND {_FORENAME_FITS}) OR {_EXCHANGED}) AND {_TITLES_FIT} AS well
    FROM dated AS r JOIN member AS m ON m.tenancy = r.tenancy
    WHERE r.household_id IS NULL AND r.surname IS NOT NULL AND {_ALIVE} AND {_GROWN}
        AND coalesce(r.sex = m.sex, true)
        AND (({_SURNAME_FITS} AND {_FORENAME_FITS}) OR {_EXCHANGED} OR {_MARRIED} OR ({_CALLED_OTHERWISE}))),
meant AS (
    SELECT record_id, CASE
        WHEN count(*) = 1 THEN min(listed) FILTER (well)
        WHEN count(*) FILTER (shared) = 1 THEN min(listed) FILTER (shared)
        WHEN count(*) FILTER (held) = 1 THEN min(listed) FILTER (held) END AS listed
    FROM fitting GROUP BY record_id
    UNION ALL SELECT record_id, record_id FROM member)
SELECT dated.* EXCLUDE (tenancy_from, tenancy_to, is_tenant), listed FROM dated LEFT JOIN meant USING (record_id)
ORDER BY record_id
"""


def with_listed(connection: duckdb.DuckDBPyConnection, cleaned: pa.Table) -> pa.Table:
    """The cleaned records with ``listed``, the record of the one on the tenancy's household list whom each means.

    A record that names no tenancy but a home and a day has the tenancy that held it then. Those on a list mean
    themselves; null where nobody or more than one fits.
    """
    connection.register("cleaned", cleaned)
    connection.execute(_DATED)
    return connection.execute(_LISTED).to_arrow_table()
