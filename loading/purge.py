"""Purging: landed batches, issue rows and set-aside rows go after their retention; counts and hashes stay."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg


@dataclass(frozen=True)
class Purged:
    """What a purge removed."""

    batches: int
    rows: int
    issues: int
    quarantined: int


def purge(connection: psycopg.Connection[tuple[object, ...]], landing: Path, older_than: datetime) -> Purged:
    """Removes the raw values of runs that ended before ``older_than`` and writes down what went.

    The last finished batch of each table stays: without it the next run could not tell what changed. So do
    the issues that stand, for the rows that they are about stand in it, and the batches of runs under way.
    """
    with connection.transaction():
        batches = connection.execute(
            "SELECT b.id, b.folder, b.rows FROM ledger.batch b JOIN ledger.run r ON r.id = b.run_id "
            "WHERE r.started_at < %s AND b.purged_at IS NULL AND b.id NOT IN (SELECT max(id) FROM ledger.batch "
            "WHERE finished GROUP BY system, source_table) AND NOT EXISTS (SELECT FROM ledger.system_run s "
            "WHERE s.run_id = b.run_id AND s.system = b.system AND s.status = 'running')",
            (older_than,),
        ).fetchall()
        ids = [batch for batch, _, _ in batches]
        issues = connection.execute(
            "DELETE FROM restricted.issue WHERE batch_id = ANY(%s) AND closed_run_id IS NOT NULL", (ids,)
        ).rowcount
        aside = connection.execute("DELETE FROM restricted.set_aside WHERE batch_id = ANY(%s)", (ids,)).rowcount
        connection.execute("UPDATE ledger.batch SET purged_at = now() WHERE id = ANY(%s)", (ids,))
        purged = Purged(len(ids), sum(int(str(rows)) for _, _, rows in batches), issues, aside)
        connection.execute(
            "INSERT INTO ledger.purge (older_than, batches, rows, issues, quarantined) VALUES (%s, %s, %s, %s, %s)",
            (older_than, purged.batches, purged.rows, purged.issues, purged.quarantined),
        )
        for _, folder, _ in batches:
            if folder and (landing / str(folder)).exists():
                shutil.rmtree(landing / str(folder))
    return purged
