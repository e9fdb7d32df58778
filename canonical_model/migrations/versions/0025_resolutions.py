"""When golden records were made anew, of what, and what it came to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resolution",
        sa.Column("run_id", sa.Integer, nullable=False, comment="Run that decided who is who"),
        sa.Column(
            "finished_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"), comment="When"
        ),
        sa.Column(
            "fingerprint", sa.Text, nullable=False, comment="Hash of what it was made of: rows, models, decisions"
        ),
        sa.Column(
            "counts", JSONB, nullable=False, comment="What it came to: records, golden records, merges, doubtful pairs"
        ),
        sa.Column("seconds", JSONB, nullable=False, comment="Seconds by stage"),
        sa.PrimaryKeyConstraint("run_id", name="pk_resolution"),
        schema="identity",
        comment="Each time that golden records were made anew, whole",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("resolution", schema="identity")
