"""Decisions as data: the append-only log of who or what decided that two records are the same, or are not.

The log is the truth; clusters, golden ids and golden records are made from it. Nothing in it is ever changed: a
decision is taken back by an ``undo`` of it. A frame of the log has the columns of ``LOG``, by number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from identity import frames
from identity.frames import INSTANT, REAL, TEXT, WHOLE, Connection

MACHINE = "machine"
SAME, NOT_SAME, UNDO = "same", "not_same", "undo"
PAIR = ["left_id", "right_id"]

LOG = {
    "id": WHOLE, "decided_at": INSTANT, "decided_by": TEXT, "kind": TEXT, "left_id": TEXT, "right_id": TEXT,
    "undoes": WHOLE, "reason": TEXT, "weight": REAL, "model_version": TEXT, "run_id": WHOLE,
}  # fmt: skip
SAID = {
    "kind": "str", "left_id": "str", "right_id": "str", "undoes": "Int64", "reason": "str", "weight": "float64",
    "model_version": "str",
}  # fmt: skip
TABLE = sql.Identifier("identity", "decision")

READ = """
SELECT id, decided_at, decided_by, kind, encode(uuid_send(left_id), 'hex'), encode(uuid_send(right_id), 'hex'),
       undoes, reason, weight, model_version, run_id
FROM identity.decision WHERE entity_type = %(entity_type)s
"""
READ_ALL = f"{READ} ORDER BY id"
READ_SOME = f"{READ} AND left_id = ANY(%(ids)s::uuid[]) AND right_id = ANY(%(ids)s::uuid[]) ORDER BY id"

ADD = """
INSERT INTO identity.decision
    (decided_by, kind, entity_type, left_id, right_id, undoes, reason, weight, model_version, decided_at)
VALUES (%(by)s, %(kind)s, %(entity_type)s, %(left)s, %(right)s, %(undoes)s, %(reason)s, %(weight)s, %(model)s,
        coalesce(%(at)s, now()))
RETURNING id
"""


@dataclass(frozen=True)
class Word:
    """What a person says about two records; ``undoes`` is the number of the decision that it takes back.

    ``weight`` and ``model_version`` are what the machine said of the pair then. ``at`` is None for now.
    """

    kind: str
    entity_type: str
    left_id: str
    right_id: str
    by: str
    reason: str | None = None
    undoes: int | None = None
    weight: float | None = None
    model_version: str | None = None
    at: object | None = None


def read_log(connection: Connection, entity_type: str, records: pd.Series[str] | None = None) -> pd.DataFrame:
    """The decisions on that kind of record, by number; of the given records only where there are any."""
    if records is None:
        return frames.read(connection, READ_ALL, LOG, {"entity_type": entity_type})
    return frames.read(connection, READ_SOME, LOG, {"entity_type": entity_type, "ids": records.tolist()})


def append(connection: Connection, entity_type: str, decisions: pd.DataFrame) -> None:
    """Adds decisions to the log, in the order of the frame; id and instant are the log's own."""
    with connection.transaction(), connection.cursor() as cursor:
        frames.append(cursor, TABLE, decisions.assign(entity_type=entity_type))


def say(connection: Connection, word: Word) -> int:
    """Adds one person's word to the log; gives its number."""
    left, right = word.left_id, word.right_id
    if word.entity_type != "address":
        left, right = sorted((left, right))
    values = {
        "by": word.by, "kind": word.kind, "entity_type": word.entity_type, "left": left, "right": right,
        "undoes": word.undoes, "reason": word.reason, "weight": word.weight, "model": word.model_version,
        "at": word.at,
    }  # fmt: skip
    return int(connection.execute(ADD, values).fetchall()[0][0])


def standing(log: pd.DataFrame) -> pd.DataFrame:
    """The decisions that nobody took back, by number; without the undos."""
    return log[(log["kind"] != UNDO) & ~log["id"].isin(log["undoes"].dropna())]


def effective(log: pd.DataFrame) -> pd.DataFrame:
    """The decisions in force, at most one a pair: a person outranks the machine, the last word wins."""
    found = standing(log)
    by_person = (found["decided_by"] != MACHINE).rename("by_person")
    ranked = found.assign(by_person=by_person).sort_values(["by_person", "id"], kind="stable")
    return ranked.drop_duplicates(PAIR, keep="last").sort_values("id", ignore_index=True)


def machine_changes(
    log: pd.DataFrame, edges: pd.DataFrame, records: pd.Series[str], overridden: pd.Series[int], run_id: int
) -> pd.DataFrame:
    """What the machine adds to the log so that its standing ``same`` are the edges by which it joined records.

    ``edges``: left_id, right_id, weight, model_version. An edge that it no longer makes gets an undo, but for one of
    a record that it did not look at (``records`` are those it did), and for one that a person's decision overrules
    (on the same pair, or ``overridden`` as replay tells): that one speaks again when the person's is taken back. On
    a pair that a person has decided the machine says nothing new.
    """
    found = standing(log)
    mine = found[(found["decided_by"] == MACHINE) & (found["kind"] == SAME)].drop_duplicates(PAIR, keep="last")
    settled = found.loc[found["decided_by"] != MACHINE, PAIR]
    now = edges.take(pc.sort_indices(_joined(edges))).drop_duplicates(PAIR, ignore_index=True)
    new = now[~among(now, pd.concat([mine[PAIR], settled]))]
    seen = frames.one_of(mine["left_id"], records) & frames.one_of(mine["right_id"], records)
    gone = mine[seen & ~among(mine, pd.concat([now[PAIR], settled])) & ~mine["id"].isin(overridden)]
    undone = gone.assign(undoes=gone["id"], kind=UNDO, reason="the model no longer joins them by this pair")
    said = [part.reindex(columns=list(SAID)).astype(SAID) for part in (undone, new.assign(kind=SAME))]
    both: pd.DataFrame = pd.concat(said, ignore_index=True)
    return both.assign(decided_by=MACHINE, run_id=run_id)


def among(pairs: pd.DataFrame, others: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """True where a pair is one of the others."""
    found: np.ndarray[Any, np.dtype[np.bool_]] = np.asarray(pc.is_in(_joined(pairs), value_set=_joined(others)))
    return found


def _joined(pairs: pd.DataFrame) -> pa.Array:
    """Each pair as one text."""
    left, right = (pa.array(pairs[side], pa.string()) for side in PAIR)
    texts = pc.binary_join_element_wise(left, right, "+")
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
