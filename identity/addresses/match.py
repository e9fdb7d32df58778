"""Addresses to UPRNs: candidates are proposed, guarded, and the one that is left is given - or none is."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from canonical_model.golden import ADDRESS_STATUSES
from identity.addresses.candidates import propose
from identity.addresses.guard import CONTRADICTIONS, REASONS, compare
from identity.addresses.reading import read
from ledger.errors import ContractBroken

Ints = NDArray[np.int64]

OUTCOMES = REASONS | {
    "agrees": "unit, numbers, postcode and street or building agree",
    "ambiguous": "several UPRNs agree equally well",
    "no_candidate": "nothing in the gazetteer is like it",
    "empty": "there is no address",
    "too_long": "the text is too long for an address",
    "not_a_uk_postcode": "the postcode is none of the United Kingdom",
}
"""What each code in ``reasons`` means."""
MATCHED, QUEUED, UNMATCHED = ADDRESS_STATUSES
LONGEST = 400
"""Characters; the longest address of the United Kingdom has well under 200."""
ENOUGH, SHARED = 100, 0.01
"""From this many addresses with a postcode on, this share of them must have one that the gazetteer knows."""
_MEASURES = ("weight", "distinguishability")
_PARTS = ("unit", "building", "number", "street")
_POSTCODE = r"([A-Z]{1,2}[0-9][A-Z0-9]?) *([0-9O][A-Z]{2})"


def match(messy: pd.DataFrame, gazetteer: pd.DataFrame) -> pd.DataFrame:
    """One row an address, in order: address_id, uprn, status, candidate_uprn, weight, distinguishability, reasons.

    ``messy`` has address_id, address, postcode and, where it is known, says_block (the record is of a whole
    building); ``gazetteer`` is that of ``gazetteer.build``. uprn is none unless the status is matched.

    Raises:
        ContractBroken: the gazetteer is empty, or plainly that of another area.
    """
    if gazetteer.empty:
        raise ContractBroken(
            "the gazetteer is empty, so no address can be given its UPRN.", system="gazetteer",
            next_step="load the gazetteer feed first (hub migrate --system gazetteer), then run again.",
        )  # fmt: skip
    texts, text_of_address = _texts(messy)
    usable, refused = texts[texts["fault"] == ""], texts[texts["fault"] != ""]
    _same_area(usable, gazetteer)
    columns = ["text_id", "uprn", "status", "candidate_uprn", *_MEASURES, "reasons"]
    found = _decided(usable, gazetteer) if len(usable) else pd.DataFrame(columns=columns)
    none = refused[["text_id"]].assign(status=UNMATCHED, reasons=refused["fault"].map(lambda fault: [fault]))
    found = pd.concat([found, none], ignore_index=True).reindex(columns=columns).set_index("text_id")
    rows = found.loc[text_of_address].reset_index(drop=True)
    rows.insert(0, "address_id", messy["address_id"].to_numpy())
    whole, real = dict.fromkeys(("uprn", "candidate_uprn"), "Int64"), dict.fromkeys(_MEASURES, "Float64")
    return rows.astype(whole | real)


def _texts(messy: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """Each distinct address once - text_id, address, postcode (compact), says_block, fault (why it is none) -
    and the text_id of each row.
    """
    address = messy["address"].astype("string").fillna("")
    address = address.str.replace(r"[\x00-\x1f\x7f-\x9f\s]+", " ", regex=True).str.strip()
    block = messy["says_block"].astype(bool) if "says_block" in messy else pd.Series(False, index=messy.index)
    given = messy["postcode"].astype("string").fillna("").str.upper().str.replace(r"[^A-Z0-9]", "", regex=True)
    every = pd.DataFrame({"address": address, "given": given, "says_block": block}).reset_index(drop=True)
    text_of_address: Ints = np.asarray(every.groupby(list(every), sort=False).ngroup(), dtype=np.int64)
    texts = every.drop_duplicates(ignore_index=True)
    texts.insert(0, "text_id", texts.index)
    written = texts["address"].str.upper().str.extract(rf"\b{_POSTCODE}(?:[ ,.]*(?:UK|ENGLAND|WALES|SCOTLAND))?$")
    told = texts["given"].where(texts["given"] != "", written[0] + written[1]).fillna("").astype("str")
    right = told.str.extract(rf"^{_POSTCODE}$")
    texts["postcode"] = (right[0] + right[1].str.replace("O", "0", n=1)).fillna("")
    faults = {
        "empty": texts["address"] == "",
        "too_long": texts["address"].str.len() > LONGEST,
        "not_a_uk_postcode": (texts["given"] != "") & (texts["postcode"] == ""),
    }
    texts["fault"] = np.select(list(faults.values()), list(faults), "")
    return texts, text_of_address


def _same_area(texts: pd.DataFrame, gazetteer: pd.DataFrame) -> None:
    coded = texts.loc[texts["postcode"] != "", "postcode"]
    if len(coded) < ENOUGH:
        return
    share = coded.isin(_compact(gazetteer["postcode"]).unique()).mean()
    if share < SHARED:
        raise ContractBroken(
            f"the gazetteer seems to be that of another area: it knows the postcodes of {share:.1%} of "
            f"{len(coded):,} addresses.", system="gazetteer",
            next_step="see which area the gazetteer feed holds, load that of this council, then run again.",
        )  # fmt: skip


def _compact(postcodes: pd.Series) -> pd.Series:
    return postcodes.astype("str").str.upper().str.replace(r"[^A-Z0-9]", "", regex=True)


def _decided(texts: pd.DataFrame, gazetteer: pd.DataFrame) -> pd.DataFrame:
    """What becomes of each text: most have their like at their postcode, the others go to the matcher."""
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        _tables(connection, texts, gazetteer)
        compare(connection, "pairs", "messy", "ways_read", "guarded")
        if connection.execute(_LEFT).fetchone() != (0,):
            propose(connection, "left_over", "ways", "proposed")
            connection.execute(_MORE_PAIRS)
            compare(connection, "pairs", "messy", "ways_read", "guarded")
        return connection.execute(_DECIDE, [list(CONTRADICTIONS)]).df()


def _tables(connection: duckdb.DuckDBPyConnection, texts: pd.DataFrame, gazetteer: pd.DataFrame) -> None:
    """The tables texts, messy, ways and ways_read: addresses and the gazetteer, plain and read."""
    plain = texts[["text_id", "address", "postcode", "says_block"]]
    connection.register("texts_given", pa.Table.from_pandas(plain, preserve_index=False))
    ways = gazetteer.assign(way_id=range(len(gazetteer)))
    connection.register("gazetteer_given", pa.Table.from_pandas(ways, preserve_index=False))
    parts = pd.concat([gazetteer[part] for part in (*_PARTS, "locality", "town")])
    read(connection, pa.array(parts, pa.string()), "part_read")
    read(connection, pa.array(plain["address"], pa.string()), "address_read", known="part_read")
    connection.execute(
        "CREATE TABLE messy AS SELECT t.text_id, t.postcode, t.says_block, r.* EXCLUDE (text) "
        "FROM texts_given t JOIN address_read r ON r.text = t.address"
    )
    connection.execute(_WAYS)
    connection.execute(
        "CREATE TABLE ways AS SELECT way_id, uprn, postcode, trim(regexp_replace(concat_ws("
        "' ', unit, building, number, street, locality, town), ' +', ' ', 'g')) AS address FROM gazetteer_given"
    )
    connection.execute(_LIKE)


_LIKE = """
CREATE TABLE pairs AS
SELECT text_id, way_id FROM messy m JOIN ways_read w ON w.postcode = m.postcode AND w.marks = m.marks;
CREATE TABLE proposed (text_id BIGINT, uprn BIGINT, weight DOUBLE, distinguishability DOUBLE);
"""
_LEFT = """
CREATE TABLE left_over AS
SELECT text_id, address, regexp_replace(postcode, '(...)$', ' \\1') AS postcode FROM texts_given
ANTI JOIN (SELECT text_id FROM guarded WHERE len(reasons) = 0) USING (text_id)
"""
_MORE_PAIRS = """
INSERT INTO pairs
SELECT text_id, way_id FROM proposed JOIN ways USING (uprn)
UNION SELECT m.text_id, w.way_id  -- the same numbers in the same street, whatever the postcode
FROM (SELECT text_id, marks, unnest(names || joined) AS name FROM messy SEMI JOIN left_over USING (text_id)) m
JOIN ways_read w ON w.marks = m.marks AND array_to_string(w.street, '') = m.name
EXCEPT SELECT * FROM pairs
"""

_WAYS = """
CREATE TABLE ways_read AS
SELECT g.way_id, g.uprn, g.standing, g.is_unit, g.is_block,
    regexp_replace(g.postcode, '[^A-Z0-9]', '', 'g') AS postcode,
    coalesce(u.marks, []) AS unit_marks,
    coalesce(b.marks, []) || coalesce(n.marks, []) || coalesce(s.marks, []) AS number_marks,
    coalesce(u.marks, []) || coalesce(b.marks, []) || coalesce(n.marks, []) || coalesce(s.marks, []) AS marks,
    list_sort(list_distinct(coalesce(u.uses, []) || coalesce(b.uses, []) || coalesce(s.uses, []))) AS uses,
    coalesce(s.names, []) AS street, coalesce(b.names, []) AS building,
    coalesce(u.names, []) || coalesce(l.names, []) || coalesce(t.names, []) AS others,
    count(DISTINCT (g.locality, g.town)) OVER (PARTITION BY g.street) = 1 AS is_only_street,
    count(DISTINCT (g.building, g.number)) FILTER (g.is_unit AND (g.building <> '' OR g.number <> ''))
        OVER (PARTITION BY g.street, g.postcode) = 1 AS is_only_building, g.easting_m, g.northing_m
FROM gazetteer_given g
LEFT JOIN part_read u ON u.text = g.unit LEFT JOIN part_read b ON b.text = g.building
LEFT JOIN part_read n ON n.text = g.number LEFT JOIN part_read s ON s.text = g.street
LEFT JOIN part_read l ON l.text = g.locality LEFT JOIN part_read t ON t.text = g.town
"""

_DECIDE = """
WITH ways_of AS (
    SELECT g.text_id, w.uprn, g.reasons, len(list_filter(g.reasons, lambda r: list_contains($1, r))) AS against,
        (w.standing, CASE WHEN m.postcode = w.postcode THEN 0 ELSE 1 END, -g.closeness) AS rank
    FROM guarded g JOIN ways_read w USING (way_id) JOIN messy m USING (text_id)
),
uprns AS (  -- each candidate by the way to write it that fits best
    SELECT * FROM ways_of
    QUALIFY row_number() OVER (PARTITION BY text_id, uprn ORDER BY against, len(reasons), rank, reasons) = 1
),
ordered AS (
    SELECT u.*, p.weight, p.distinguishability, len(reasons) = 0 AS safe,
        row_number() OVER (PARTITION BY text_id ORDER BY against, len(reasons),
            CASE WHEN len(reasons) = 0 THEN rank END, weight DESC NULLS LAST, uprn) AS turn,
        count(*) FILTER (len(reasons) = 0) OVER (PARTITION BY text_id, rank) AS as_good
    FROM uprns u LEFT JOIN proposed p USING (text_id, uprn)
)
SELECT t.text_id, CASE WHEN safe AND as_good = 1 THEN o.uprn END AS uprn,
    CASE WHEN safe AND as_good = 1 THEN 'matched' WHEN against = 0 THEN 'queued' ELSE 'unmatched' END AS status,
    o.uprn AS candidate_uprn, o.weight, o.distinguishability,
    CASE WHEN o.uprn IS NULL THEN ['no_candidate'] WHEN safe AND as_good > 1 THEN ['ambiguous']
        WHEN safe THEN ['agrees'] ELSE reasons END AS reasons
FROM texts_given t LEFT JOIN ordered o ON o.text_id = t.text_id AND o.turn = 1
ORDER BY t.text_id
"""
