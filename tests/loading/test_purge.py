"""What a purge takes and what it leaves: no raw value past its retention, nothing that the next run needs."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loading.load import connect
from loading.purge import Purged, purge
from tests.flows.hub import Hub, Row
from tests.flows.test_conservation import ALL, POSTINGS

FAULTY: Row = ("A1", "4", "2024-04-01", "RNT", "four pounds")
MENDED: Row = ("A1", "5", "2024-04-01", "RNT", "five")
CODE = "LEDGERS-POSTINGS-AMOUNT-FORMAT"
VALUES = "SELECT source_key, value, closed_run_id FROM restricted.issue ORDER BY 1"


def purged(hub: Hub, days: int = 1, *inboxes: Path) -> Purged:
    """A purge as it would be after so many days."""
    with connect(hub.database_url) as connection:
        return purge(connection, hub.folder / "landing", datetime.now(UTC) + timedelta(days=days), inboxes)


def test_a_standing_issue_stays_without_its_value(hub: Hub) -> None:
    hub.run({**ALL, "postings": [*POSTINGS, FAULTY, MENDED]})
    hub.run({**ALL, "postings": [*POSTINGS, FAULTY]})
    hub.query("UPDATE restricted.issue SET batch_id = 3 WHERE source_key = 'A1|4' RETURNING 1")  # found in run 1
    went = purged(hub)
    assert (went.batches, went.issues, went.values) == (4, 1, 1)
    assert hub.query(VALUES) == [("A1|4", None, None)]
    assert hub.query("SELECT batches, issues, quarantined, values, files FROM ledger.purge") == [
        (4, 1, went.quarantined, 1, 0)
    ]
    again = hub.run({**ALL, "postings": POSTINGS})
    assert hub.issues() == []
    assert all(line.closes for line in again.counts)
    assert purged(hub).issues == 1, "what was closed since then goes too"
    assert hub.query(VALUES) == []


def test_a_run_counts_from_its_end(hub: Hub) -> None:
    hub.run(ALL)
    hub.run(ALL)
    hub.query("UPDATE ledger.run SET started_at = now() - interval '9 days' WHERE id = 1 RETURNING 1")
    assert purged(hub, -1).batches == 0
    hub.query("UPDATE ledger.run SET finished_at = now() - interval '2 days' WHERE id = 1 RETURNING 1")
    assert purged(hub, -1).batches == 4


def test_a_run_under_way_keeps_its_batches(hub: Hub) -> None:
    hub.run(ALL)
    hub.run(ALL)
    hub.query("UPDATE ledger.system_run SET status = 'running' WHERE run_id = 1 RETURNING 1")
    hub.query("UPDATE ledger.run SET finished_at = NULL WHERE id = 1 RETURNING 1")
    assert purged(hub).batches == 0


def test_replaced_files_of_a_feed_go(hub: Hub, tmp_path: Path) -> None:
    """The file that is the source stays however old it is, and so does the ledger of what was taken."""
    inbox = tmp_path / "inbox"
    (inbox / ".earlier").mkdir(parents=True)
    for name in ("ACCOUNTS.DAT", ".taken.jsonl", ".earlier/ACCOUNTS.DAT.1", ".earlier/ACCOUNTS.DAT.2"):
        (inbox / name).write_text("x", "utf-8")
        os.utime(inbox / name, (0, 0))
    os.utime(inbox / ".earlier/ACCOUNTS.DAT.2")
    assert purged(hub, -1, inbox, tmp_path / "none").files == 1
    assert sorted(path.name for path in inbox.rglob("*") if path.is_file()) == [
        ".taken.jsonl", "ACCOUNTS.DAT", "ACCOUNTS.DAT.2",
    ]  # fmt: skip
