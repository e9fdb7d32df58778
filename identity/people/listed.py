"""Which one on a household's list a record means, where it names one of that household's tenancies, now or earlier.

A reporter of a repair is "Mrs Lewis", an account holder "LEWIS A". Of those listed who fit, the one with the mobile
number, the whole forename or the tenancy is meant; where two fit as well as each other, nobody can tell. Who calls one
of them by another name, and is known by the mobile number, tells whom others mean by that name.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

ADULT = 16
HELD = pa.schema(
    [("tenancy_id", pa.string()), ("household_id", pa.string()), ("home", pa.string()), ("start_date", pa.date32()),
     ("end_date", pa.date32()), ("tenants", pa.list_(pa.string()))]
)  # fmt: skip
"""Who held which home when: ``tenants`` are the person records that signed."""

_SURNAME_FITS = """(list_has_any(r.surnames, m.surnames) OR jaro_winkler_similarity(r.surname, m.surname) >= 0.85)"""
_FORENAME_FITS = """(r.initial IS NULL OR m.initial IS NULL
    OR (r.forename IS NULL OR m.forename IS NULL) AND (r.initial = m.initial OR r.initial = m.middle_initial
        OR list_contains(list_transform(coalesce(m.forename_roots, []), root -> root[1]), r.initial))
    OR list_has_any(r.forename_roots, m.forename_roots) OR jaro_winkler_similarity(r.forename, m.forename) >= 0.85
    OR starts_with(r.forename, m.forename) OR starts_with(m.forename, r.forename) OR r.forename = m.first_middle)"""
_EXCHANGED = """((jaro_winkler_similarity(r.surname, m.forename) >= 0.9
        OR m.forename IS NULL AND r.surname[1] = m.initial)
    AND (r.initial IS NULL OR r.forename IS NULL AND r.initial = m.surname[1]
        OR list_contains(r.forename_roots, m.surname) OR jaro_winkler_similarity(r.forename, m.surname) >= 0.9))"""
_ALIVE = "coalesce(date_diff('day', m.death_date, r.active_date) <= 31, true)"
_GROWN = f"""coalesce(date_diff('year', try_strptime(m.birth_date, '%Y%m%d')::DATE,
    coalesce(r.active_date, (SELECT max(active_date) FROM dated))) >= {ADULT}, true)"""
_BORN = "coalesce(damerau_levenshtein(r.birth_date, m.birth_date) <= 2 OR m.birth_date[1:4] = r.birth_date[1:4], true)"
_MARRIED = """(r.sex = 'female' AND m.sex = 'female' AND (list_has_any(r.forename_roots, m.forename_roots)
    OR r.title = 'MRS' AND m.title = 'MRS' AND r.initial = m.initial AND (r.forename IS NULL OR m.forename IS NULL)))"""
_CALLED_OTHERWISE = f"(list_has_any(r.mobiles, m.mobiles) AND {_SURNAME_FITS})"
_NAMES_FIT = f"({_SURNAME_FITS} AND {_FORENAME_FITS} OR {_EXCHANGED})"
_TITLES_FIT = "coalesce(list_sort([r.title, m.title]) <> ['MISS', 'MRS'], true)"
_WHOLE_NAMES = "r.forename IS NOT NULL AND m.forename IS NOT NULL"

# The home and the day decide where the named tenancy was of another home: a reference is more easily wrong.
_DATED = """
CREATE OR REPLACE TEMP TABLE dated AS
WITH listing AS (SELECT DISTINCT household_id FROM held),
stood AS (
    SELECT r.record_id, min(h.household_id) AS household_id, flatten(list(h.tenants)) AS tenants
    FROM cleaned AS r JOIN held AS h ON h.home = r.home AND (
        r.active_date BETWEEN h.start_date AND coalesce(h.end_date, r.active_date)
        OR r.household_id IS NOT NULL AND h.end_date IS NULL)
    GROUP BY r.record_id HAVING count(DISTINCT h.household_id) = 1)
SELECT r.*, listing.household_id IS NOT NULL AS on_list, CASE WHEN on_list THEN r.household_id
    WHEN r.household_id IS NULL AND coalesce(h.home <> r.home, true) THEN coalesce(stood.household_id, h.household_id)
    ELSE coalesce(h.household_id, stood.household_id) END AS let_to,
    CASE WHEN let_to = h.household_id THEN h.tenants ELSE stood.tenants END AS tenants
FROM cleaned AS r LEFT JOIN held AS h USING (tenancy_id) LEFT JOIN stood USING (record_id)
LEFT JOIN listing ON listing.household_id = r.household_id
"""
_MEANT = """
CREATE OR REPLACE TEMP TABLE meant AS
SELECT record_id, record_id AS listed FROM dated WHERE on_list
"""
_WRITTEN_SO = """r.record_id IN (SELECT written.record_id FROM dated AS written JOIN dated AS one USING (let_to)
    WHERE one.on_list AND list_has_any(written.surnames, one.surnames))"""
# One who has the tenancy but fits the name less well than another of the list leaves it open which of the two is meant.
_ALSO_MEANT = f"""
INSERT INTO meant
WITH known AS (
    SELECT DISTINCT meant.listed, m.let_to, m.title, m.sex, m.surname, m.surnames, m.initial, m.forename,
        m.forename_roots, m.first_middle, m.middle_initial, m.mobiles, own.birth_date, own.death_date
    FROM meant JOIN dated AS m USING (record_id) JOIN dated AS own ON own.record_id = meant.listed),
fitting AS (
    SELECT r.record_id, m.listed, bool_or(coalesce(list_has_any(r.mobiles, m.mobiles), false)) AS reached,
        bool_or(coalesce(list_has_any(r.forename_roots, m.forename_roots) OR {_WHOLE_NAMES} AND {_EXCHANGED}, false))
            AS named,
        bool_or(coalesce(list_contains(r.tenants, m.listed), false)) AS signed,
        bool_or({_WHOLE_NAMES} AND NOT {_EXCHANGED} OR {_MARRIED} OR {_CALLED_OTHERWISE}
            OR {_NAMES_FIT} AND {_TITLES_FIT}) AS well
    FROM dated AS r JOIN known AS m USING (let_to)
    WHERE {{sure}} AND NOT r.on_list AND r.surname IS NOT NULL AND r.record_id NOT IN (SELECT record_id FROM meant)
        AND (r.household_id IS NOT NULL OR {_ALIVE} AND {_GROWN}) AND {_BORN} AND coalesce(r.sex = m.sex, true)
        AND ({_NAMES_FIT} OR {_MARRIED} OR {_CALLED_OTHERWISE})
    GROUP BY r.record_id, m.listed),
best AS (
    SELECT * FROM fitting QUALIFY (reached, named, signed) = max((reached, named, signed)) OVER (PARTITION BY record_id)
        AND (reached, signed, named) = max((reached, signed, named)) OVER (PARTITION BY record_id))
SELECT record_id, min(listed) FROM best GROUP BY record_id HAVING count(*) = 1 AND bool_and(well)
"""
_LISTED = """
SELECT dated.* EXCLUDE (tenancy_id, tenants, on_list)
    REPLACE (coalesce(called.forename_roots, dated.forename_roots) AS forename_roots), listed
FROM dated LEFT JOIN meant USING (record_id) LEFT JOIN (
    SELECT listed, list_sort(list_distinct(flatten(list(forename_roots)))) AS forename_roots
    FROM meant JOIN dated USING (record_id) WHERE forename_roots IS NOT NULL GROUP BY listed) AS called USING (listed)
ORDER BY record_id
"""


def with_listed(connection: duckdb.DuckDBPyConnection, cleaned: pa.Table, held: pa.Table) -> pa.Table:
    """The cleaned records with ``let_to``, the household that the tenancy is of, and ``listed``, the record of the one
    on its list whom each means; ``forename_roots`` are those of all who mean the same one.

    A record that names no tenancy but a home and a day has the tenancy that held it then. Those on a list mean
    themselves; null where nobody fits, or two as well as each other. ``held``: HELD.
    """
    connection.register("cleaned", cleaned)
    connection.register("held", held)
    connection.execute(_DATED)
    connection.execute(_MEANT)
    for sure in ("list_has_any(r.mobiles, m.mobiles)", _WRITTEN_SO, "true"):  # what they are called tells of others
        connection.execute(_ALSO_MEANT.format(sure=sure))
    return connection.execute(_LISTED).to_arrow_table()
