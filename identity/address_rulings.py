"""Addresses that a person decides: whether the UPRN that the matcher has in mind is that of a record's address.

The pair is the record and the gazetteer's unit (its BLPU). What a person said of an address stands over every later
run, for the matcher writes over its own answers alone.
"""

from __future__ import annotations

from uuid import UUID

import pandas as pd

from identity import frames
from identity.decisions import SAME, effective, read_log
from identity.frames import REAL, TEXT, Connection
from identity.queue import ask, worth

ADDRESS = "address"

QUEUED = """
SELECT DISTINCT ON (m.entity_id, b.uprn) encode(uuid_send(m.entity_id), 'hex'), encode(uuid_send(b.id), 'hex'), m.weight
FROM identity.address_match m JOIN canonical.blpu b ON b.uprn = m.candidate_uprn
WHERE m.status = 'queued' AND m.decided_by = 'machine' ORDER BY m.entity_id, b.uprn, b.id
"""

KNOWN = """
SELECT EXISTS (SELECT FROM identity.address_match WHERE entity_id = %s),
       EXISTS (SELECT FROM canonical.blpu WHERE id = %s)
"""

GIVE = """
UPDATE identity.address_match m SET status = 'matched', uprn = b.uprn, decided_by = %(by)s
FROM canonical.blpu b WHERE b.id = %(unit)s AND m.entity_id = %(record)s AND m.candidate_uprn = b.uprn
"""
REFUSE = """
UPDATE identity.address_match m SET status = 'unmatched', uprn = NULL, decided_by = %(by)s
FROM canonical.blpu b WHERE b.id = %(unit)s AND m.entity_id = %(record)s AND m.candidate_uprn = b.uprn
"""
FREE = """
UPDATE identity.address_match m SET status = 'queued', uprn = NULL, decided_by = 'machine'
FROM canonical.blpu b WHERE b.id = %(unit)s AND m.entity_id = %(record)s AND m.candidate_uprn = b.uprn
"""


def refill_addresses(connection: Connection, run_id: int) -> int:
    """Makes the addresses that the matcher could not decide the queue of addresses; gives their number."""
    found = frames.read(connection, QUEUED, {"left_id": TEXT, "right_id": TEXT, "weight": REAL})
    records = pd.concat([found["left_id"], found["right_id"]]).drop_duplicates()
    behind = pd.DataFrame({"records": 1, "tenancies": 0, "pounds": 0.0}, index=records)
    ask(connection, "doubtful", ADDRESS, found.assign(worth=worth(found, behind), model_version=None), run_id)
    return len(found)


def is_known(connection: Connection, record: UUID, unit: UUID) -> bool:
    """Whether there is an address of that record that was matched, and such a unit of the gazetteer."""
    return all(connection.execute(KNOWN, (record, unit)).fetchall()[0])


def apply(connection: Connection, record: str, unit: str) -> None:
    """Brings the record's address to what people's words in force say of it and the unit."""
    ids = pd.Series([record, unit])
    said = effective(read_log(connection, ADDRESS, ids))
    said = said[(said["left_id"] == record) & (said["right_id"] == unit)]
    query = FREE if said.empty else (GIVE if said["kind"].iloc[-1] == SAME else REFUSE)
    by = None if said.empty else said["decided_by"].iloc[-1]
    connection.execute(query.encode(), {"by": by, "record": record, "unit": unit})
