"""The migrated ledger and its tables say the same, and raw values belong to a role of their own."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from canonical_model import schema
from ledger import tables

OWNER = "SELECT r.rolname FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE nspname = 'restricted'"


def test_the_migrated_ledger_is_the_declared_one(database_url: str) -> None:
    schema.migrate(database_url)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert schema.differences(connection, tables.metadata) == []
        owner = connection.scalar(text(OWNER))
    engine.dispose()
    assert owner == "hub_restricted"
