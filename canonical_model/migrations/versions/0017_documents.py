"""Documents: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "document_link",
        sa.Column("entity_type", sa.Text, nullable=False, comment="Table of what it belongs to"),
        sa.Column("entity_id", sa.Uuid, nullable=False, comment="Id of what it belongs to"),
        sa.Column("document_type_code", sa.Text, comment="What kind of document it is"),
        sa.Column("title", sa.Text, comment="Title; may name people"),
        sa.Column("uri", sa.Text, nullable=False, comment="Where it is kept"),
        sa.Column("sha256", sa.Text, comment="Hash of the document"),
        sa.Column("document_date", sa.Date, comment="Day of the document"),
        one_of(
            "document_link",
            "document_type_code",
            "letter agreement notice certificate photograph plan invoice form other",
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="ck_document_link_sha256"),
        comment="A document elsewhere that belongs to something in the model.",
    )
    op.create_index(
        "ix_document_link_entity_type_entity_id", "document_link", ["entity_type", "entity_id"], schema="canonical"
    )


def downgrade() -> None:
    drop_entity("document_link")
