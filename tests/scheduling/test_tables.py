"""The migrated schema of scheduling and its tables say the same."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, NotSupportedError, ProgrammingError

from canonical_model import schema
from scheduling import caller_tables, tables
from services.databases import create_database, drop_database

CHECKS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(c.oid)
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
    WHERE n.nspname = 'scheduling' AND contype = 'c'
"""


def test_the_migrated_schema_is_the_declared_one(hub_url: str, postgres: str) -> None:
    created = create_engine(create_database(postgres, "scheduling_created"))
    migrated = create_engine(hub_url)
    with migrated.connect() as here, created.connect() as there:
        there.execute(text("CREATE SCHEMA scheduling"))
        assert caller_tables.CALLER_SESSION.metadata is tables.metadata  # its tables are among them
        tables.metadata.create_all(there)
        assert schema.differences(here, tables.metadata) == []
        assert set(here.execute(text(CHECKS))) == set(there.execute(text(CHECKS)))
    migrated.dispose()
    created.dispose()
    drop_database(postgres, "scheduling_created")


@pytest.mark.parametrize("change", ["DELETE FROM", "TRUNCATE", "UPDATE scheduling.mileage_approval SET jobs = 1 --"])
def test_approvals_are_only_ever_added(hub_url: str, change: str) -> None:
    engine = create_engine(hub_url)
    with engine.connect() as connection, pytest.raises(IntegrityError, match="only ever added"):
        connection.execute(text(f"{change} scheduling.mileage_approval"))
    engine.dispose()


@pytest.mark.parametrize("change", ["DELETE FROM", "TRUNCATE", "UPDATE scheduling.event SET reason = 'another' --"])
def test_events_are_only_ever_added(hub_url: str, change: str) -> None:
    engine = create_engine(hub_url)
    with (
        engine.connect() as connection,
        pytest.raises((IntegrityError, NotSupportedError), match=r"only ever added|refer"),
    ):
        connection.execute(text(f"{change} scheduling.event"))
    engine.dispose()


def test_the_desk_can_change_no_event_and_publish_nothing(hub_url: str) -> None:
    engine = create_engine(hub_url)
    for statement in ("DELETE FROM scheduling.event", "UPDATE scheduling.plan SET status_code = 'published'"):
        with engine.connect() as connection:
            connection.execute(text("SET ROLE hub_desk"))
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.execute(text(statement))
    engine.dispose()
