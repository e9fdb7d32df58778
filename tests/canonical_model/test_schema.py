"""The migrated database and the model say the same, up and down."""

from __future__ import annotations

from typing import Any

from alembic import command
from sqlalchemy import Connection, create_engine, text

from canonical_model import schema, tables
from services.databases import create_database, drop_database

RULES = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(c.oid), condeferred
    FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
    WHERE n.nspname IN ('canonical', 'history', 'identity') AND contype <> 'n'
"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname IN ('canonical', 'history', 'identity')"
COLUMNS = """
    SELECT table_schema, table_name, column_name, data_type, numeric_precision, numeric_scale,
           is_nullable, column_default
    FROM information_schema.columns WHERE table_schema IN ('canonical', 'history', 'identity')
"""
"""Not their order: a column that comes later stands last in the table, and every statement names its columns."""


def test_the_migrated_schema_is_the_model(model: Connection) -> None:
    assert schema.differences(model) == []


def test_rules_indexes_and_columns_are_the_models_too(postgres: str, model: Connection) -> None:
    """Alembic does not compare checks and exclusions, so the catalogue of a created model is the measure."""
    engine = create_engine(create_database(postgres, "canonical_model_created"))
    with engine.connect() as connection:
        connection.execute(text("CREATE EXTENSION btree_gist"))
        connection.execute(text("CREATE EXTENSION pg_trgm"))
        connection.execute(text("CREATE SCHEMA canonical"))
        connection.execute(text("CREATE SCHEMA history"))
        connection.execute(text("CREATE SCHEMA identity"))
        tables.metadata.create_all(connection)
        for query in (RULES, INDEXES, COLUMNS):
            assert rows(model, query) == rows(connection, query)
    engine.dispose()
    drop_database(postgres, "canonical_model_created")


def test_down_leaves_nothing_and_up_again_works(postgres: str) -> None:
    url = create_database(postgres, "canonical_model_down")
    schema.migrate(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        command.downgrade(schema.configured(connection), "base")
        left = "SELECT 1 FROM pg_namespace WHERE nspname IN ('canonical', 'history', 'identity')"
        assert rows(connection, left) == set()
    schema.migrate(url)
    schema.migrate(url)
    with engine.connect() as connection:
        assert schema.differences(connection) == []
    engine.dispose()
    drop_database(postgres, "canonical_model_down")


def rows(connection: Connection, query: str) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in connection.execute(text(query))}
