"""Purging: landed batches, raw values and replaced files of feeds go after their retention; counts and hashes stay."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path

import psycopg

# A run that was cut off has no end: it counts from its start, once the next run has closed its books.
PAST = """
SELECT b.id, b.folder, b.rows FROM ledger.batch b JOIN ledger.run r ON r.id = b.run_id
WHERE coalesce(r.finished_at, r.started_at) < %s AND b.purged_at IS NULL
  AND b.id NOT IN (SELECT max(id) FROM ledger.batch WHERE finished GROUP BY system, source_table)
  AND NOT EXISTS (SELECT FROM ledger.system_run s
                  WHERE s.run_id = b.run_id AND s.system = b.system AND s.status = 'running')
"""
CLOSED = """
DELETE FROM restricted.issue WHERE closed_run_id IS NOT NULL
  AND batch_id IN (SELECT id FROM ledger.batch WHERE purged_at IS NOT NULL)
"""
VALUES = """
UPDATE restricted.issue SET value = NULL WHERE value IS NOT NULL
  AND batch_id IN (SELECT id FROM ledger.batch WHERE purged_at IS NOT NULL)
"""


@dataclass(frozen=True)
class Purged:
    """What a purge removed: batches and their rows, closed issues, set-aside rows, standing issues' values, files."""

    batches: int
    rows: int
    issues: int
    quarantined: int
    values: int
    files: int


def purge(
    connection: psycopg.Connection[tuple[object, ...]],
    landing: Path,
    older_than: datetime,
    inboxes: Iterable[Path] = (),
) -> Purged:
    """Removes the raw values of runs that ended before ``older_than`` and writes down what went.

    The last finished batch of each table stays: without it the next run could not tell what changed. So do the
    batches of runs under way. An issue of a batch that went is deleted if it is closed, else it stands and loses
    its value. Of ``inboxes`` go the files that their sender has replaced; the others are the source still.
    """
    with connection.transaction():
        batches = connection.execute(PAST, (older_than,)).fetchall()
        ids = [batch for batch, _, _ in batches]
        connection.execute("UPDATE ledger.batch SET purged_at = now() WHERE id = ANY(%s)", (ids,))
        aside = connection.execute("DELETE FROM restricted.set_aside WHERE batch_id = ANY(%s)", (ids,)).rowcount
        closed, values = connection.execute(CLOSED).rowcount, connection.execute(VALUES).rowcount
        rows = sum(int(str(rows)) for _, _, rows in batches)
        files = sum(_purge_replaced(inbox, older_than) for inbox in inboxes)
        purged = Purged(len(ids), rows, closed, aside, values, files)
        connection.execute(
            "INSERT INTO ledger.purge (older_than, batches, rows, issues, quarantined, values, files) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (older_than, *astuple(purged)),
        )
        for _, folder, _ in batches:
            if folder and (landing / str(folder)).exists():
                shutil.rmtree(landing / str(folder))
    return purged


def _purge_replaced(inbox: Path, older_than: datetime) -> int:
    """Removes the files that arrived before ``older_than`` and were replaced since; gives their number.

    The ledger of what was taken stays, so that none of them is taken again.
    """
    past = [path for path in inbox.glob(".earlier/*") if path.stat().st_mtime < older_than.timestamp()]
    for path in past:
        path.unlink()
    return len(past)
