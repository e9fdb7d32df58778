"""The change log read in order, without a gap: pages, horizons, and what retention takes away.

Triggers write the log (migration 0026). A row of it has a number from a sequence and its transaction's id, and holds up
to 1,000 changes; a change's own number is the row's, times 1,000, plus its place in it.

**Why not simply all numbers above the last one seen.** A number is drawn when the statement runs and is seen when the
transaction commits: who has read 7 and never asks below it loses 6, which commits a moment later.

**What is read instead.** A horizon (x, n) is taken in one snapshot: x is the snapshot's xmin, below which every
transaction has ended; n is the least number seen there of a transaction that is not below x, else the next after the
greatest seen, and never less than in an earlier horizon. Behind the horizon lies every change whose transaction is
below x *and* whose number is below n. A cursor is what lies behind one horizon but not behind the one before it, and
how far, by number, its reader has come.

**Nothing is lost.** All that lies behind a horizon was committed when it was taken, as its transactions had ended: the
set never grows later. And every change comes to lie behind one: when the transactions of now have ended, x is above
theirs, and then nothing holds n below the change's number.

**One record's changes stay in order.** Let a be before b, of the same record. Who writes b holds the record's row (its
key, where it is created again; the lock of all links, where it is merged), so a had committed before b's number was
drawn: a's number is less, and whoever sees b sees a. Let b lie behind (x, n), and n be from the snapshot s. b's number
is below n, so it was drawn before s, and a is seen in s. Were a's transaction not below s's xmin, n would be at most
a's number, which is less than b's: it is below it, so below x as well. So a lies behind the horizon too, and within a
window it comes first. Bounding by x alone would not do: a's transaction may be younger than b's, and may have to wait
for a third one that b's has no need to wait for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg

IN_ONE: Final = 1_000
"""Changes that one row of the log may hold."""

HORIZON: LiteralString = """
SELECT pg_snapshot_xmin(s)::text::bigint,
    coalesce(
        (SELECT min(id) FROM (SELECT id FROM feed.change WHERE tx >= pg_snapshot_xmin(s) OFFSET 0) waiting),
        greatest((SELECT max(id) + 1 FROM feed.change), p.below)
    ),
    p.below, p.tx::text::bigint
FROM pg_current_snapshot() s, feed.purged p
"""

# Rows below the old horizon's number are few: those of transactions that were under way then. They are found by their
# transactions, and not looked for once the reader is beyond it. OFFSET and id + 0 keep the planner from walking all
# numbers instead: a plan that knows no values takes both ranges for equally short, and one is the whole log.
PAGE: LiteralString = """
SELECT p.below, p.tx::text::bigint, found.*
FROM feed.purged p LEFT JOIN LATERAL (
    SELECT log.id * 1000 + change.place - 1, log.kind, log.entity, change.entity_id, change.new_id, log.run_id, log.at
    FROM (
        (SELECT * FROM feed.change
         WHERE id >= greatest($2::bigint, $5::bigint / 1000) AND id < $4::bigint AND tx < $3::bigint::text::xid8
             AND entity = ANY($6::text[])
         ORDER BY id LIMIT $7::bigint + 1)
        UNION ALL
        (SELECT * FROM (
            SELECT * FROM feed.change
            WHERE $5::bigint < $2::bigint * 1000
                AND tx >= $1::bigint::text::xid8 AND tx < $3::bigint::text::xid8 AND id + 0 < $2::bigint
                AND id + 0 >= $5::bigint / 1000 AND entity = ANY($6::text[])
            OFFSET 0
         ) late ORDER BY id LIMIT $7::bigint + 1)
        ORDER BY id LIMIT $7::bigint + 1
    ) log CROSS JOIN LATERAL unnest(log.entity_ids, log.new_ids)
        WITH ORDINALITY AS change (entity_id, new_id, place)
    WHERE log.id * 1000 + change.place - 1 > $5::bigint
    ORDER BY log.id, change.place LIMIT $7::bigint
) found ON true
"""

PURGE: LiteralString = """
WITH cut AS (
    SELECT coalesce(
        min(id) FILTER (WHERE at >= %s OR tx >= pg_snapshot_xmin(pg_current_snapshot())), max(id) + 1
    ) AS id
    FROM feed.change
), gone AS (
    DELETE FROM feed.change c USING cut WHERE c.id < cut.id RETURNING c.tx, cardinality(c.entity_ids) AS changes
), told AS (
    UPDATE feed.purged p SET below = greatest(p.below, cut.id), tx = greatest(p.tx, (SELECT max(tx) FROM gone)) FROM cut
    WHERE EXISTS (SELECT FROM gone)
)
SELECT coalesce(sum(changes), 0)::bigint FROM gone
"""


@dataclass(frozen=True)
class Horizon:
    """Up to where the log can be read for good: transactions below ``tx``, numbers of rows below ``id``."""

    tx: int
    id: int

    def beyond(self, earlier: Horizon) -> Horizon:
        """This horizon as one that comes after an earlier one, which may be of another process."""
        return Horizon(max(self.tx, earlier.tx), max(self.id, earlier.id))


@dataclass(frozen=True)
class Purged:
    """What retention took: numbers of rows below ``below``, of transactions up to ``tx``."""

    below: int
    tx: int


@dataclass(frozen=True)
class Place:
    """A reader's place: all behind ``seen`` was read, and of what lies behind ``window`` all up to number ``last``."""

    seen: Horizon
    window: Horizon
    last: int = -1

    @classmethod
    def at(cls, horizon: Horizon) -> Place:
        """The place of one who has read all behind the horizon."""
        return cls(horizon, horizon)

    @classmethod
    def from_numbers(cls, numbers: Sequence[int]) -> Place:
        """The place that ``numbers`` wrote down."""
        seen_tx, seen_id, tx, number, last = numbers
        return cls(Horizon(seen_tx, seen_id), Horizon(tx, number), last)

    @property
    def numbers(self) -> list[int]:
        """The place as five whole numbers."""
        return [self.seen.tx, self.seen.id, self.window.tx, self.window.id, self.last]

    def upto(self, horizon: Horizon) -> Place:
        """The same place with a window up to the horizon, where its own is read; a window under way stays."""
        return self if self.window != self.seen else replace(self, window=horizon.beyond(self.seen))

    def after(self, changes: Sequence[Change], limit: int) -> Place:
        """The place once a page of at most ``limit`` is read."""
        return replace(self, last=changes[-1].number) if len(changes) == limit else Place.at(self.window)

    def is_kept(self, purged: Purged) -> bool:
        """Whether nothing that retention took was still to be read from here."""
        behind = purged.below <= self.seen.id and purged.tx < self.seen.tx
        read = purged.below <= self.last // IN_ONE and purged.tx < self.window.tx
        return behind or read


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its number, what happened to which record of which table; ``new_id`` of a merge or split."""

    number: int
    kind: str
    entity: str
    entity_id: UUID
    new_id: UUID | None
    run_id: int | None
    at: datetime


def beginning(purged: Purged) -> Place:
    """The place before the first change that is kept."""
    return Place.at(Horizon(purged.tx + 1, purged.below))


def horizon_of(row: Sequence[Any]) -> tuple[Horizon, Purged]:
    """What the row that ``HORIZON`` gives says."""
    tx, number, below, purged_tx = row
    return Horizon(tx, number), Purged(below, purged_tx)


def page_arguments(place: Place, entities: Sequence[str], limit: int) -> tuple[Any, ...]:
    """The arguments of ``PAGE``: changes of those tables from the place on, to its window's end."""
    return (*place.numbers, list(entities), limit)


def page_of(rows: Sequence[Sequence[Any]]) -> tuple[list[Change], Purged]:
    """What the rows that ``PAGE`` gives say."""
    below, tx, *_ = rows[0]
    return [Change(*row[2:]) for row in rows if row[2] is not None], Purged(below, tx)


def purge_changes(connection: psycopg.Connection[tuple[object, ...]], older_than: datetime) -> int:
    """Removes changes from before ``older_than``, the oldest first; gives their number.

    Those of a transaction that others still wait for stay.
    """
    return int(str(connection.execute(PURGE, (older_than,)).fetchall()[0][0]))
