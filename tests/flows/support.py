"""Migrating one system into an empty database, as the tests of systems do it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from canonical_model import schema
from connectors.opening import Connection
from estate import world
from estate.truth import Truth
from flows.migrate import SystemResult, migrate_system
from flows.references import Run
from loading import records
from loading.load import connect
from reconciliation.truth import Report, compare


def migrate_one(
    name: str,
    url: str,
    database_url: str,
    folder: Path,
    secrets: Mapping[str, str] | None = None,
    host_key: str = "",
    *,
    inbox: Path | None = None,
    today: date | None = None,
) -> SystemResult:
    """One run of one system; ``folder`` keeps batches and pages between calls on the same database."""
    schema.migrate(database_url)
    with connect(database_url) as connection:
        run_id = records.start_run(connection)
    run = Run(run_id, database_url, folder / "landing", folder / "docs", folder / f"progress-{run_id}.jsonl")
    own = inbox or folder / "inbox" / name
    source = Connection(url, inbox=own, host_key=host_key, secrets=secrets or {}, today=today)
    return migrate_system(run, name, source)


def written(name: str, folder: Path, homes: int = 400) -> Path:
    """The folder of one file system or feed of a made-up council; its truth stands in ``folder/truth``."""
    truth = Truth()
    import_module(f"estate.writers.{name}").write(world.build(homes, seed=7), folder / name, truth)
    truth.write(folder / "truth")
    return folder / name


def judged(database_url: str, folder: Path) -> Report:
    """What the hub's issues say of the faults in ``folder/truth``."""
    with connect(database_url) as connection:
        return compare(connection, folder / "landing", folder / "truth")


def rows(database_url: str, statement: str) -> list[tuple[Any, ...]]:
    """What a query gives."""
    with connect(database_url) as connection:
        return connection.execute(statement.encode()).fetchall()
