"""The database's shape: brought to the newest version, compared with the model, changed by a drafted step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, create_engine, text

from canonical_model import tables

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x68756221  # any number; two runs that start together migrate one after the other


def migrate(url: str, revision: str = "head") -> None:
    """Brings the database at ``url`` up to that version, in one transaction; nothing where it is there."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            command.upgrade(configured(connection), revision)
    finally:
        engine.dispose()


def draft(url: str, message: str, *more: MetaData) -> None:
    """Writes a migration from the database at ``url`` (migrated before) to the model; ``more`` joins it.

    Checks and exclusions are not seen by the comparison: add them by hand. The tests tell what is missing.
    """
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            config = configured(connection, [tables.metadata, *more])
            command.revision(config, message, autogenerate=True)
    finally:
        engine.dispose()


def differences(connection: Connection, *more: MetaData) -> list[Any]:
    """What Alembic finds different between the database and the model; empty where they agree."""
    return [found for part in (tables.metadata, *more) for found in _differences(connection, part)]


def _differences(connection: Connection, metadata: MetaData) -> list[Any]:
    schemas = {table.schema for table in metadata.tables.values()}
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _: kind != "schema" or name in schemas,
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def configured(connection: Connection, metadata: Sequence[MetaData] = (tables.metadata,)) -> Config:
    """Alembic's settings, without an ini file, for the migrations over that connection."""
    config = Config(attributes={"connection": connection, "metadata": list(metadata)})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
