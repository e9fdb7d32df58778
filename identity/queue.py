"""The review queue: pairs that a person should look at, the most worth first.

A decision is worth what it settles times how open it is: the pairs of records that it puts right or wrong, the
tenancies and the money behind both sides, and the entropy of the machine's own probability.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from psycopg import sql
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from canonical_model.queries import golden_balances, golden_tenancies
from identity import frames
from identity.decisions import MACHINE, PAIR, among, effective, read_log
from identity.frames import REAL, TEXT, WHOLE, Connection

SURE = 0.01
"""Even where the machine is all but sure, a doubt that somebody raised is worth a look."""

DOUBTFUL, CONTRADICTION, CAPPED = "doubtful", "contradiction", "capped"

BEHIND_PERSON = """
WITH tenancies AS ({tenancies}), balances AS ({balances}),
asked AS (SELECT golden_id FROM canonical.golden_link l JOIN asked_record a ON a.record_id = l.entity_id
          WHERE l.entity_type = %(entity_type)s GROUP BY 1)
SELECT encode(uuid_send(l.entity_id), 'hex'), count(*) OVER (PARTITION BY golden_id),
       (SELECT count(*) FROM tenancies t WHERE t.golden_id = asked.golden_id),
       (SELECT coalesce(sum(abs(balance)), 0) FROM balances b WHERE b.golden_id = asked.golden_id)::float8
FROM asked JOIN canonical.golden_link l USING (golden_id) WHERE l.entity_type = %(entity_type)s
"""
BEHIND = """
SELECT encode(uuid_send(l.entity_id), 'hex'), count(*) OVER (PARTITION BY golden_id), 0, 0.0
FROM canonical.golden_link l WHERE l.entity_type = %(entity_type)s AND EXISTS (
    SELECT FROM asked_record a JOIN canonical.golden_link o ON o.entity_id = a.record_id
    WHERE o.golden_id = l.golden_id AND o.entity_type = %(entity_type)s)
"""
STAKES = {"record_id": TEXT, "records": WHOLE, "tenancies": WHOLE, "pounds": REAL}

ASK = """
INSERT INTO identity.review_item (kind, status, entity_type, left_id, right_id, worth, weight, model_version, run_id)
SELECT %(kind)s, 'open', %(entity_type)s, left_id, right_id, worth, weight, model_version, %(run_id)s FROM asked_pair
ON CONFLICT (entity_type, left_id, right_id) WHERE status = 'open'
DO UPDATE SET worth = EXCLUDED.worth, weight = EXCLUDED.weight, model_version = EXCLUDED.model_version
WHERE review_item.kind = EXCLUDED.kind
"""

WITHDRAW = """
UPDATE identity.review_item i SET status = 'withdrawn', held_by = NULL, held_at = NULL
WHERE status = 'open' AND kind = %(kind)s AND entity_type = %(entity_type)s
  AND (%(near)s::uuid[] IS NULL OR left_id = ANY(%(near)s::uuid[]) AND right_id = ANY(%(near)s::uuid[]))
  AND NOT EXISTS (SELECT FROM asked_pair a WHERE a.left_id = i.left_id AND a.right_id = i.right_id)
"""

PAIRS = """
CREATE TEMP TABLE asked_pair
    (left_id uuid, right_id uuid, worth float8, weight float8, model_version text) ON COMMIT DROP
"""


def refill(
    connection: Connection, entity_type: str, doubtful: pd.DataFrame, run_id: int, kind: str = DOUBTFUL
) -> int:  # fmt: skip
    """Makes the run's doubtful pairs the queue; gives their number. ``doubtful``: left_id, right_id, weight,
    model_version; ``kind`` says why they wait.

    What a person has decided is not asked again; what is doubtful no more is withdrawn.
    """
    decided = effective(read_log(connection, entity_type))
    decided = decided.loc[decided["decided_by"] != MACHINE, PAIR]
    waiting = doubtful[~among(doubtful, decided)]
    with connection.transaction():
        waiting = waiting.assign(worth=worth(waiting, stakes(connection, entity_type, waiting)))
        ask(connection, kind, entity_type, waiting, run_id)
    return len(waiting)


def ask(
    connection: Connection, kind: str, entity_type: str, pairs: pd.DataFrame, run_id: int | None = None,
    near: list[str] | None = None,
) -> None:  # fmt: skip
    """Makes ``pairs`` all that waits of a kind (left_id, right_id, worth, weight, model_version); of ``near``
    records only, where those are given. A pair that waits for another reason goes on waiting for that one."""
    values = {"kind": kind, "entity_type": entity_type, "run_id": run_id, "near": near}
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(PAIRS)
        columns = [*PAIR, "worth", "weight", "model_version"]
        frames.append(cursor, sql.Identifier("asked_pair"), pairs[columns].drop_duplicates(PAIR))
        cursor.execute(WITHDRAW, values)
        cursor.execute(ASK, values)
        cursor.execute("DROP TABLE asked_pair")


def stakes(connection: Connection, entity_type: str, pairs: pd.DataFrame) -> pd.DataFrame:
    """What stands behind each record of the pairs: records, tenancies and pounds of its golden record, by record."""
    asked = pd.concat([pairs["left_id"], pairs["right_id"]]).drop_duplicates().rename("record_id").to_frame()
    query = BEHIND
    if entity_type == "person":
        query = BEHIND_PERSON.format(tenancies=_sql(golden_tenancies()), balances=_sql(golden_balances()))
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE asked_record (record_id uuid) ON COMMIT DROP")
        frames.append(cursor, sql.Identifier("asked_record"), asked)
        found = frames.read(connection, query, STAKES, {"entity_type": entity_type})
        cursor.execute("DROP TABLE asked_record")
    return (
        found.set_index("record_id").reindex(asked["record_id"]).fillna({"records": 1, "tenancies": 0, "pounds": 0.0})
    )


def worth(pairs: pd.DataFrame, behind: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What a right decision on each pair (left_id, right_id, weight in bits) gains."""
    left, right = (behind.loc[pairs[side]].astype(float) for side in PAIR)
    links = left["records"].to_numpy() * right["records"].to_numpy()
    tenancies = left["tenancies"].to_numpy() + right["tenancies"].to_numpy()
    pounds = left["pounds"].to_numpy() + right["pounds"].to_numpy()
    stake = links + tenancies + np.log10(1 + pounds)
    chance = 1 / (1 + np.exp2(-np.clip(pairs["weight"].fillna(0).to_numpy(dtype=np.float64), -50, 50)))
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = np.nan_to_num(-chance * np.log2(chance) - (1 - chance) * np.log2(1 - chance))
    gain: np.ndarray[Any, np.dtype[np.float64]] = np.maximum(entropy, SURE) * stake
    return gain


def _sql(query: Select[Any]) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).replace("%", "%%")
