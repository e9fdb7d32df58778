"""The guard: which candidates an address may be given at all, and why not the others.

Every refusal has a code, so that a person can be told. An address is safe with a UPRN only where its unit and every
number agree, its postcode is near, and its street or building is named. What is left out may be filled in by the
gazetteer where it fits one address alone, but never what tells a home from its neighbour.
"""

from __future__ import annotations

import duckdb

from identity.addresses.reading import of_kind

REASONS = {
    "postcode_missing": "the address has no postcode",
    "postcode_differs": "the postcode is another one",
    "number_differs": "the numbers are others",
    "number_missing": "the address lacks a number that the candidate has",
    "unit_differs": "the flat or unit is another one",
    "unit_missing": "the address names no flat, the candidate is one",
    "unit_not_known": "the address names a flat, the candidate is a whole building",
    "block_not_named": "the candidate is a building with homes in it, and the address does not say that it is meant",
    "use_differs": "one is a garage, land, a room or the like and the other is not",
    "street_differs": "neither street nor building is named",
    "street_incomplete": "street and building are named in part only",
    "number_elsewhere": "the number stands at another street or building",
}  # fmt: skip
CONTRADICTIONS = ("number_differs", "unit_differs", "street_differs")
"""With one of these the candidate is another address; with the others it may be the one, and a person looks."""

FAR_M = 1_000
"""Metres: who takes one street for another means one nearby, a mistaken postcode may be anywhere."""


def compare(connection: duckdb.DuckDBPyConnection, pairs: str, messy: str, ways: str, name: str) -> None:
    """Makes the table ``name``: the rows of ``pairs`` (text_id, way_id) with reasons (empty: it is safe) and closeness.

    ``messy``: text_id, postcode (compact), says_block and the columns of ``reading.read``. ``ways``: way_id, uprn,
    standing, postcode (compact), is_unit, is_block, and per part the readings: marks, unit_marks, uses, street,
    building (names), number_marks. closeness: how many names agree letter by letter.
    """
    connection.execute(
        _SQL.format(
            pairs=pairs, messy=messy, ways=ways, name=name, types=of_kind("street_type"), far_m=FAR_M, slip=_SLIP
        )
    )


_SLIP = """length(w) > 3 AND damerau_levenshtein(u, w) <=
            CASE WHEN length(w) > 7 OR length(w) > 4 AND postcode = way_postcode AND bearers = 1 THEN 2 ELSE 1 END"""
_SQL = """
CREATE OR REPLACE TABLE {name} AS
WITH vocabulary AS (SELECT DISTINCT unnest(street || building || others) AS word FROM {ways}),
read_words AS (SELECT text_id, unnest(names) AS word FROM {messy}),
unknown AS (
    SELECT text_id, list(DISTINCT word) AS unknown
    FROM read_words ANTI JOIN vocabulary USING (word) WHERE length(word) > 2 GROUP BY text_id
),
bearers AS (SELECT postcode, marks, count(DISTINCT uprn) AS bearers FROM {ways} GROUP BY ALL),
street_bearers AS (SELECT postcode, street, list_distinct(flatten(list(marks))) AS there FROM {ways} GROUP BY ALL),
places AS (SELECT postcode, avg(easting_m) AS easting_m, avg(northing_m) AS northing_m FROM {ways} GROUP BY ALL),
both_sides AS (
    SELECT p.text_id, p.way_id, m.names || m.joined AS known,
        list_filter(m.marks, lambda t: NOT regexp_matches(t, '^=..')) AS ids,
        list_filter(w.marks, lambda t: NOT regexp_matches(t, '^=..')) AS way_ids,
        list_filter(m.joined, lambda word, i: list_has_all(u.unknown, m.names[i:i + 1])) || coalesce(u.unknown, [])
            AS unknown, w.is_only_street, w.is_only_building, m.names,
        m.marks, m.unit, m.is_unit AS says_unit, m.uses, m.beside, m.postcode, m.says_block,
        w.marks AS way_marks, w.unit_marks, w.number_marks, w.uses AS way_uses, w.street, w.building, w.others,
        coalesce(list_aggregate(w.street, 'string_agg', ''), '') AS street_as_one,
        coalesce(list_aggregate(w.building, 'string_agg', ''), '') AS building_as_one,
        w.postcode AS way_postcode, w.is_unit, w.is_block,
        coalesce(a.bearers, 0) AS bearers, coalesce(list_has_all(s.there, m.marks), false) AS in_street_there,
        coalesce((w.easting_m - l.easting_m) ** 2 + (w.northing_m - l.northing_m) ** 2 > {far_m} ** 2, false) AS is_far
    FROM {pairs} p JOIN {messy} m USING (text_id) JOIN {ways} w USING (way_id) LEFT JOIN unknown u USING (text_id)
    LEFT JOIN bearers a ON a.postcode = m.postcode AND a.marks = m.marks
    LEFT JOIN street_bearers s ON s.postcode = m.postcode AND s.street = w.street
    LEFT JOIN places l ON l.postcode = m.postcode
),
slipped AS (  -- words of the candidate that an unknown word of the address is a slip of the pen away from
    SELECT *,
        street || building || others || [street_as_one, building_as_one] AS own,
        list_filter(unknown, lambda u: len(list_filter(own, lambda w: {slip})) > 0) AS slipping,
        list_filter(list_distinct(own), lambda w: len(list_filter(unknown, lambda u: {slip})) > 0) AS slips
    FROM both_sides
),
named AS (
    SELECT *,
        list_has_all(known, street) OR list_contains(known, street_as_one) AS street_exact,
        list_contains(known || slips, street_as_one) AS street_joined,
        list_contains(known || slips, building_as_one) AS building_joined,
        list_filter(street, lambda w: list_contains(known, w) OR list_contains(slips, w)) AS street_found,
        list_filter(building, lambda w: list_contains(known, w) OR list_contains(slips, w)) AS building_found,
        len(list_filter(known, lambda w: list_contains({types}, w)
            AND NOT list_contains(street || building || others, w))) > 0 AS other_type,
        -- the address names nothing that the candidate does not
        list_has_all(own || slipping, names) AS names_nothing_else
    FROM slipped
),
graded AS (
    SELECT *,
        len(street) > 0 AND (street_joined OR len(street_found) = len(street)) AS street_whole,
        len(building) > 0 AND (building_joined OR len(building_found) = len(building)) AS building_whole,
        -- in part: all but the last word, such as ROAD or COURT, and no other such word in its place
        NOT other_type AND len(street) > 1 AND list_has_all(street_found, street[:-2]) AS street_part,
        NOT other_type AND len(building) > 1 AND list_has_all(building_found, building[:-2]) AS building_part,
        postcode = way_postcode AS same_postcode,
        postcode = way_postcode OR NOT in_street_there AND (
            (bearers = 0 AND damerau_levenshtein(postcode, way_postcode) <= 1)
            -- of the same sector, if the street is spelled right and is the only one of its name; where the number
            -- stands at that postcode too, if that is too far off for the street to be the slip
            OR (postcode[:-3] = way_postcode[:-3] AND is_only_street AND len(street) > 0 AND street_exact
                AND (bearers = 0 OR is_far)))
            AS near_postcode,
        unit = unit_marks AND len(unit) > 0 AS same_unit,
        -- a floor or side may be told anywhere
        marks = way_marks OR (list_sort(marks) = list_sort(way_marks) AND (same_unit OR ids = way_ids)) AS same_marks,
        -- what is named fits one address of that postcode
        same_postcode AND names_nothing_else AND bearers = 1 AND marks = way_marks
            AND (len(number_marks) > 0 OR len(way_uses) > 0)
            AND (street_joined OR building_joined OR len(street_found) + len(building_found) > 0) AS is_sole,
        -- one building of that street and postcode has units
        same_postcode AND names_nothing_else AND is_only_building AND same_unit AND street_whole AND len(building) > 0
            AS is_sole_building
    FROM named
),
judged AS (
    SELECT *,
        same_marks
            -- a named building may go without its number
            OR (building_whole AND same_postcode AND len(number_marks) > 0 AND marks = unit_marks)
            -- a unit that has its own number or letter may have its floor told as well
            OR (is_unit AND way_ids = way_marks AND ids = way_marks) AS marks_agree,
        -- a number stands before a word of the candidate's street or building
        len(marks) = 0 OR len(beside) = 0 OR (len(number_marks) = 0 AND same_unit)
            OR list_has_any(beside, street || building || slips || [street_as_one, building_as_one])
            -- the street may be left out after a named building
            OR ((building_whole OR street_whole) AND list_has_any(beside, others))
            OR is_sole
            OR list_has_any(beside, slipping)
            AS number_in_place,
        street_whole OR building_whole AS whole,
        street_whole OR building_whole OR street_part OR building_part OR is_sole AS partly
    FROM graded
)
SELECT text_id, way_id, len(street_found) + len(building_found) - 0.5 * len(slips) AS closeness, near_postcode,
    list_filter([
        CASE WHEN postcode = '' THEN 'postcode_missing' WHEN NOT near_postcode THEN 'postcode_differs' END,
        CASE WHEN says_unit AND NOT is_unit AND NOT (says_block AND is_block) THEN 'unit_not_known'
            WHEN is_unit AND marks = number_marks AND len(unit_marks) > 0 AND NOT same_marks
                AND NOT (marks_agree AND same_unit) THEN 'unit_missing'
            WHEN marks_agree THEN NULL
            WHEN is_unit AND NOT list_has_all(marks, unit_marks) AND list_has_all(marks, number_marks)
                THEN 'unit_differs'
            WHEN list_has_all(way_marks, marks) THEN 'number_missing'
            ELSE 'number_differs' END,
        CASE WHEN is_block AND NOT says_block THEN 'block_not_named' END,
        CASE WHEN uses <> way_uses AND NOT (says_block AND is_block) THEN 'use_differs' END,
        CASE WHEN NOT partly THEN 'street_differs'
            WHEN NOT whole AND NOT same_postcode THEN 'street_incomplete'
            -- which building it is tells its number or name, but a garage's street does
            WHEN len(number_marks) = 0 AND NOT building_whole AND NOT building_part AND NOT is_sole_building
                AND (len(building) > 0 OR len(way_uses) = 0) THEN 'street_incomplete' END,
        CASE WHEN NOT number_in_place THEN 'number_elsewhere' END
    ], lambda r: r IS NOT NULL) AS reasons
FROM judged
"""
