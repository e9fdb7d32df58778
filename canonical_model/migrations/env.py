"""Runs the migrations over the connection that ``canonical_model.schema`` hands over."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
metadata = context.config.attributes["metadata"]
schemas = {table.schema for part in metadata for table in part.tables.values()}

context.configure(
    connection=connection,
    target_metadata=metadata,
    include_schemas=True,
    include_name=lambda name, kind, parents: kind != "schema" or name in schemas,
)
with context.begin_transaction():
    context.run_migrations()
