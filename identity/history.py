"""What was decided and what became of golden ids, of all or of one, the last first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from identity.frames import Connection
from identity.links import current

ABOUT = """
WITH about AS (
    SELECT unnest(%(golden)s::uuid[]) AS id UNION SELECT %(id)s::uuid
    UNION SELECT entity_id FROM canonical.golden_link WHERE golden_id = ANY(%(golden)s::uuid[])
)
"""

DECISIONS = f"""{ABOUT}
SELECT d.id, to_char(d.decided_at, 'YYYY-MM-DD HH24:MI'), d.decided_by, d.kind || coalesce(' ' || d.undoes, ''),
       d.entity_type, d.left_id, d.right_id, d.reason, u.id
FROM identity.decision d LEFT JOIN identity.decision u ON u.undoes = d.id
WHERE %(id)s::uuid IS NULL OR d.left_id IN (SELECT id FROM about) OR d.right_id IN (SELECT id FROM about)
ORDER BY d.id DESC LIMIT %(last)s
"""  # noqa: S608 - made of constants

EVENTS = f"""{ABOUT}
SELECT to_char(e.happened_at, 'YYYY-MM-DD HH24:MI'), e.run_id, e.decided_by, e.kind_code, e.entity_type, e.old_id,
       e.new_id
FROM canonical.golden_event e
WHERE %(id)s::uuid IS NULL OR e.old_id IN (SELECT id FROM about) OR e.new_id IN (SELECT id FROM about)
ORDER BY e.id DESC LIMIT %(last)s
"""  # noqa: S608 - made of constants

OF_RECORD = "SELECT golden_id FROM canonical.golden_link WHERE entity_id = %s"


def decisions_of(connection: Connection, named: UUID | None, last: int) -> list[tuple[Any, ...]]:
    """Decisions: number, at, by, what, of, left, right, reason, undone by. ``named``: a record, or a golden id that
    stands or stood, with all the records that it leads to."""
    return connection.execute(DECISIONS.encode(), _values(connection, named, last)).fetchall()


def events_of(connection: Connection, named: UUID | None, last: int) -> list[tuple[Any, ...]]:
    """Events of golden ids: at, run, by, what, of, old id, new id."""
    return connection.execute(EVENTS.encode(), _values(connection, named, last)).fetchall()


def _values(connection: Connection, named: UUID | None, last: int) -> dict[str, object]:
    golden: list[UUID] = []
    if named is not None:
        linked = [one for (one,) in connection.execute(OF_RECORD, (named,)).fetchall()]
        golden = linked or current(connection, named)
    return {"golden": golden, "id": named, "last": last}
