"""Migrating one system into an empty database, as the tests of systems do it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from canonical_model import schema
from connectors.opening import Connection
from flows.migrate import SystemResult, migrate_system
from flows.stages import Run
from loading import records
from loading.load import connect


def migrate_one(
    name: str, url: str, database_url: str, folder: Path, secrets: Mapping[str, str] | None = None
) -> SystemResult:
    """One run of one system; ``folder`` keeps batches and pages between calls on the same database."""
    schema.migrate(database_url)
    with connect(database_url) as connection:
        run_id = records.start_run(connection)
    run = Run(run_id, database_url, folder / "landing", folder / "docs", folder / f"progress-{run_id}.jsonl")
    source = Connection(url, inbox=folder / "inbox" / name, secrets=secrets or {})
    return migrate_system(run, name, source)
