"""Feedback: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "satisfaction_response",
        sa.Column("survey_code", sa.Text, nullable=False, comment="What the survey was about"),
        sa.Column("question_ref", sa.Text, comment="The question, such as TP02 of the satisfaction measures"),
        sa.Column("work_order_id", sa.Uuid, comment="The order that was asked about"),
        sa.Column("asset_id", sa.Uuid, comment="The home"),
        sa.Column("person_id", sa.Uuid, comment="Who answered"),
        sa.Column("response_date", sa.Date, comment="Day of the answer"),
        sa.Column("score", sa.SmallInteger, comment="Answer; higher is better"),
        sa.Column("max_score", sa.SmallInteger, comment="Best answer possible"),
        sa.Column("comment", sa.Text, comment="What the tenant wrote; free text that may name people"),
        one_of("satisfaction_response", "survey_code", "tenant_perception repair letting complaint planned_work other"),
        sa.CheckConstraint("max_score BETWEEN 1 AND 10", name="ck_satisfaction_response_max_score"),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name="ck_satisfaction_response_score"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_satisfaction_response_asset_id"),
        sa.ForeignKeyConstraint(["person_id"], ["canonical.person.id"], name="fk_satisfaction_response_person_id"),
        sa.ForeignKeyConstraint(
            ["work_order_id"], ["canonical.work_order.id"], name="fk_satisfaction_response_work_order_id"
        ),
        comment="A tenant's answer to one question of a survey.",
    )
    op.create_index(
        "ix_satisfaction_response_work_order_id", "satisfaction_response", ["work_order_id"], schema="canonical"
    )


def downgrade() -> None:
    drop_entity("satisfaction_response")
