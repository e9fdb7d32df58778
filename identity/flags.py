"""What to be careful of in golden people, beyond what their own values show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from identity import frames
from identity.frames import TEXT, Connection

TOO_MANY = "too many records for one person"
"""Why a pair stays apart whose clusters together would be larger than one may be."""
CAPPED, SHARED = "capped", "shared_ni_number"
MODEL = Path(__file__).parent / "people" / "model.json"

FLAGGED = """
SELECT encode(uuid_send(l.golden_id), 'hex'), flag FROM (
    SELECT unnest(ARRAY[p.left_id, p.right_id]), %(capped)s
    FROM identity.pair p
    WHERE p.entity_type = 'person' AND %(too_many)s = ANY(p.vetoes)
      AND (%(ids)s::uuid[] IS NULL OR p.left_id = ANY(%(ids)s::uuid[]) OR p.right_id = ANY(%(ids)s::uuid[]))
    UNION ALL
    SELECT p.id, %(shared)s
    FROM canonical.person p
    WHERE (%(ids)s::uuid[] IS NULL OR p.id = ANY(%(ids)s::uuid[])) AND p.national_insurance_number IN (
        SELECT o.national_insurance_number
        FROM canonical.person o JOIN canonical.golden_link g ON g.entity_type = 'person' AND g.entity_id = o.id
        WHERE o.ended_run_id IS NULL AND (%(ids)s::uuid[] IS NULL OR o.national_insurance_number IN (
            SELECT national_insurance_number FROM canonical.person WHERE id = ANY(%(ids)s::uuid[])))
        GROUP BY 1 HAVING count(DISTINCT g.golden_id) > %(people)s)
) found(record_id, flag)
JOIN canonical.golden_link l ON l.entity_type = 'person' AND l.entity_id = record_id
GROUP BY l.golden_id, flag
"""


def flagged(connection: Connection, rows: pd.DataFrame, records: Sequence[str] | None) -> pd.DataFrame:
    """The golden people with their further ``flags``: of these ``records``, or of all.

    capped: records were left out of it, or it was left out, as there would be too many for one person.
    shared_ni_number: more people have its National Insurance number than may, so that it was no evidence.
    """
    people = json.loads(MODEL.read_text(encoding="utf-8"))["crowds"]["nino"]
    values = {"capped": CAPPED, "shared": SHARED, "too_many": TOO_MANY, "people": people, "ids": _ids(records)}
    found = frames.read(connection, FLAGGED, {"golden_id": TEXT, "flag": TEXT}, values)
    stated = rows["flags"].str.strip("{}").where(rows["flags"] != "{}")
    own = pd.DataFrame({"golden_id": rows["id"], "flag": stated}).dropna()
    flags = pd.concat([own, found]).sort_values("flag").groupby("golden_id")["flag"].agg(",".join)
    return rows.assign(flags=[f"{{{told}}}" for told in flags.reindex(rows["id"], fill_value="")])


def _ids(records: Sequence[str] | None) -> list[str] | None:
    return None if records is None else list(records)
