"""Stable golden ids: which golden record each record belongs to, and what became of every golden id there was.

A golden id is made from the senior of its records: the one that the hub has known longest, of equals the one with the
least id. So the same records always have the same golden id: a run again changes nothing, a newcomer renames nothing,
and a merge that is undone gives exactly the old ids back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
from psycopg import sql

from canonical_model.golden import ENTITY_TYPES
from identity import frames
from identity.decisions import MACHINE, read_log
from identity.frames import TEXT, WHOLE, YES_OR_NO, Connection
from identity.ids import key_of, stable_ids
from identity.replay import Replayed, replay

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

FEW = 10_000
"""So many ids are looked up one by one; where there are more, all are read."""
LINK = {"record_id": TEXT, "golden_id": TEXT, "first_run_id": WHOLE}
MEMBER = {**LINK, "ended": YES_OR_NO}

READ_LINKS = """
SELECT encode(uuid_send(entity_id), 'hex'), encode(uuid_send(golden_id), 'hex'), first_run_id
FROM canonical.golden_link WHERE entity_type = %(entity_type)s ORDER BY entity_id
"""

NEAR = """
WITH RECURSIVE near(id) AS (
    SELECT unnest(%(ids)s::uuid[])
    UNION
    SELECT found.id FROM near n CROSS JOIN LATERAL (
        SELECT other.entity_id FROM canonical.golden_link l JOIN canonical.golden_link other USING (golden_id)
        WHERE l.entity_type = %(entity_type)s AND l.entity_id = n.id
        UNION ALL
        SELECT CASE WHEN d.left_id = n.id THEN d.right_id ELSE d.left_id END FROM identity.decision d
        WHERE d.entity_type = %(entity_type)s AND d.kind = 'same' AND (d.left_id = n.id OR d.right_id = n.id)
          AND NOT EXISTS (SELECT FROM identity.decision u WHERE u.undoes = d.id)
    ) found(id)
)
SELECT encode(uuid_send(l.entity_id), 'hex'), encode(uuid_send(l.golden_id), 'hex'), l.first_run_id,
       t.id IS NULL OR t.ended_run_id IS NOT NULL
FROM near n JOIN canonical.golden_link l ON l.entity_type = %(entity_type)s AND l.entity_id = n.id
LEFT JOIN canonical.{table} t ON t.id = n.id
ORDER BY l.entity_id
"""

RETIRED = """
SELECT encode(uuid_send(e.old_id), 'hex') FROM canonical.golden_event e
WHERE e.entity_type = %(entity_type)s AND e.kind_code = 'retired'
  AND (%(ids)s::uuid[] IS NULL OR e.old_id = ANY(%(ids)s::uuid[]))
  AND NOT EXISTS (SELECT FROM canonical.golden_event later WHERE later.new_id = e.old_id AND later.id > e.id)
"""

# An id that stands no more went where its last events led, each to an id that stood then.
CURRENT = """
WITH RECURSIVE walk(id) AS (
    SELECT %(id)s::uuid
    UNION
    SELECT e.new_id FROM walk w JOIN canonical.golden_event e ON e.old_id = w.id AND e.new_id IS NOT NULL
    WHERE NOT EXISTS (SELECT FROM canonical.golden_link l WHERE l.golden_id = w.id)
      AND e.happened_at = (SELECT last.happened_at FROM canonical.golden_event last
                           WHERE last.old_id = w.id ORDER BY last.id DESC LIMIT 1)
)
SELECT id FROM walk w WHERE EXISTS (SELECT FROM canonical.golden_link l WHERE l.golden_id = w.id) ORDER BY id
"""

MEMBERS = (
    "SELECT entity_type, entity_id FROM canonical.golden_link WHERE golden_id = %s ORDER BY first_run_id, entity_id"
)

WRITE = """
INSERT INTO canonical.golden_link (entity_type, entity_id, golden_id, first_run_id, decided_by, decided_at)
SELECT %(entity_type)s, record_id, golden_id, first_run_id, %(by)s, %(at)s FROM changed_link
ON CONFLICT (entity_type, entity_id)
DO UPDATE SET golden_id = EXCLUDED.golden_id, decided_by = EXCLUDED.decided_by, decided_at = EXCLUDED.decided_at
"""


@dataclass(frozen=True)
class Linked:
    """What linking changed. ``events``: kind_code, old_id, new_id. ``touched``: the golden ids, old and new, whose
    records are not the same as before. ``replayed``: what the log came to."""

    events: pd.DataFrame
    touched: list[str]
    replayed: Replayed


def golden_ids(members: pd.DataFrame, entity_type: str) -> pd.DataFrame:
    """``members`` (record_id, cluster, first_run_id and what else there is) with their ``golden_id``."""
    order = members.sort_values(["first_run_id", "record_id"], kind="stable")
    seniors = order.drop_duplicates("cluster").set_index("cluster")["record_id"]
    texts = key_of("golden", entity_type, "") + seniors
    ids = pd.Series(
        stable_ids(pa.array(texts.to_numpy(dtype=object), pa.string())).to_pandas().to_numpy(),
        index=seniors.index,
        dtype="str",
    )
    return members.assign(golden_id=members["cluster"].map(ids).to_numpy())


def changes(old: pd.DataFrame, new: pd.DataFrame, retired: Iterable[str] = ()) -> pd.DataFrame:
    """The events that lead from old links to new ones: kind_code, old_id, new_id; in a stable order.

    ``old``: record_id, golden_id. ``new``: the same and ``ended``, for the same records and newcomers. ``retired``:
    old ids that had retired before. An id that is gone whole into one other is a merge; every other move of records
    from one id to another is a split; an id retires when all its records have ended.
    """
    position = pd.Index(old["record_id"]).get_indexer(new["record_id"])
    code, ids = pd.factorize(pd.concat([old["golden_id"], new["golden_id"]]))
    known, now = position >= 0, code[len(old) :]
    was = code[: len(old)][position[known]]
    moves = pd.DataFrame({"was": was, "now": now[known]}).query("was != now").drop_duplicates()
    ended = new["ended"].to_numpy(dtype=bool)
    stands, lives = _among(now, ids), _among(now[~ended], ids)
    retired_before = _among(ids.get_indexer(pd.Index(list(retired), dtype="str")), ids)
    back = _among(was, ids) & retired_before
    created = lives & (~_among(now[known], ids) | back)
    whole = ~stands[moves["was"]] & ~moves["was"].duplicated(keep=False).to_numpy()
    events = pd.concat([
        pd.DataFrame({"kind_code": np.where(whole, "merge", "split"), "old_id": ids[moves["was"]],
                      "new_id": ids[moves["now"]]}),
        pd.DataFrame({"kind_code": "created", "old_id": None, "new_id": ids[created]}),
        pd.DataFrame({"kind_code": "retired", "old_id": ids[stands & ~lives & ~retired_before], "new_id": None}),
    ])  # fmt: skip
    order = ["kind_code", "old_id", "new_id"]
    return events[order].astype("str").sort_values(order, ignore_index=True)


def _among(codes: Ints, ids: pd.Index[str]) -> Bools:
    """True for the ids whose place among them is one of the codes; -1 is none."""
    found = np.zeros(len(ids), dtype=bool)
    found[codes[codes >= 0]] = True
    return found


def link_all(connection: Connection, entity_type: str, records: pd.DataFrame, run_id: int) -> Linked:
    """Replays the whole log and writes what changed. ``records``: record_id, first_run_id, ended.

    A record that was linked and is not given any more stays where it is, as one that has ended.
    """
    with connection.transaction():
        at = _lock(connection, entity_type)
        old = frames.read(connection, READ_LINKS, LINK, {"entity_type": entity_type})
        lost = old.loc[~frames.one_of(old["record_id"], records["record_id"]), ["record_id", "first_run_id"]]
        members = pd.concat([records[["record_id", "first_run_id", "ended"]], lost.assign(ended=True)])
        first = old.set_index("record_id")["first_run_id"]
        known = members["record_id"].map(first)
        members = members.assign(first_run_id=known.fillna(members["first_run_id"]).to_numpy())
        replayed = replay(members["record_id"], read_log(connection, entity_type))
        return _write(connection, entity_type, old, members, replayed, MACHINE, run_id, at)


def relink(connection: Connection, entity_type: str, records: Sequence[str], by: str) -> Linked:
    """Replays what a person's word about ``records`` can have changed, and writes it: these records, what is linked
    with them, and what a decision in force would link with them."""
    with connection.transaction():
        at = _lock(connection, entity_type)
        query = NEAR.format(table=_table(entity_type))
        near = frames.read(connection, query, MEMBER, {"entity_type": entity_type, "ids": list(records)})
        replayed = replay(near["record_id"], read_log(connection, entity_type, near["record_id"]))
        members = near[["record_id", "first_run_id", "ended"]]
        return _write(connection, entity_type, near, members, replayed, by, None, at)


def current(connection: Connection, golden_id: UUID) -> list[UUID]:
    """The golden ids that stand now for one that stands or ever stood; empty where there never was such an id."""
    return [found for (found,) in connection.execute(CURRENT, {"id": golden_id}).fetchall()]


def members(connection: Connection, golden_id: UUID) -> list[tuple[str, UUID]]:
    """The records of a golden id that stands, each with its kind; the senior first."""
    return [(str(kind), record) for kind, record in connection.execute(MEMBERS.encode(), (golden_id,)).fetchall()]


def _lock(connection: Connection, entity_type: str) -> datetime:
    """Waits until nobody else links that kind of record; gives the instant, later than that of all events."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('golden_link'), hashtext(%s))", (entity_type,))
    at: datetime = connection.execute("SELECT clock_timestamp()").fetchall()[0][0]
    return at


def _table(entity_type: str) -> str:
    if entity_type not in ENTITY_TYPES:
        raise ValueError(f"{entity_type!r} is no kind of record that has golden records")
    return entity_type


def _write(
    connection: Connection, entity_type: str, old: pd.DataFrame, members: pd.DataFrame, replayed: Replayed, by: str,
    run_id: int | None, at: datetime,
) -> Linked:  # fmt: skip
    """Writes the links that changed and the events."""
    new = golden_ids(members.merge(replayed.clusters, on="record_id"), entity_type)
    before = new["record_id"].map(old.set_index("record_id")["golden_id"])
    moved = before.isna() | (before != new["golden_id"])
    asked = {"entity_type": entity_type, "ids": None if len(new) > FEW else new["golden_id"].unique().tolist()}
    retired = [found for (found,) in connection.execute(RETIRED, asked).fetchall()]
    events = changes(old, new, retired)
    with connection.cursor() as cursor:
        if moved.any():
            cursor.execute(
                "CREATE TEMP TABLE changed_link (record_id uuid, golden_id uuid, first_run_id int) ON COMMIT DROP"
            )
            frames.append(cursor, sql.Identifier("changed_link"), new.loc[moved, list(LINK)])
            cursor.execute(WRITE, {"entity_type": entity_type, "by": by, "at": at})
            cursor.execute("DROP TABLE changed_link")
        if len(events):
            told = events.assign(entity_type=entity_type, decided_by=by, run_id=run_id, happened_at=at.isoformat())
            frames.append(cursor, sql.Identifier("canonical", "golden_event"), told)
    touched = pd.concat([before[moved].dropna(), new.loc[moved, "golden_id"]]).unique()
    return Linked(events, sorted(touched), replayed)
