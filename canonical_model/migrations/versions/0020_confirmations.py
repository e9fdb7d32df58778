"""Confirmations of bookings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NAME = "visit_confirmation"


def upgrade() -> None:
    create_entity(
        NAME,
        sa.Column("booking_ref", sa.Text, nullable=False, comment="Reference of the booking in the scheduling product"),
        sa.Column("work_order_id", sa.Uuid, comment="The order that the visit is for"),
        sa.Column("work_order_ref", sa.Text, comment="Number of the order, as the message has it"),
        sa.Column("asset_id", sa.Uuid, comment="Where the visit is"),
        sa.Column("contract_ref", sa.Text, comment="Contract that the booking was made under"),
        sa.Column("sequence_code", sa.Text, comment="Whether it is the first visit"),
        sa.Column("reason", sa.Text, comment="Why the booking was made or moved"),
        sa.Column("changed_at", sa.DateTime(timezone=True), comment="When it was made or moved"),
        sa.Column("window_start_at", sa.DateTime(timezone=True), comment="Earliest arrival that is now promised"),
        sa.Column("window_end_at", sa.DateTime(timezone=True), comment="Latest arrival that is now promised"),
        sa.Column("planned_start_at", sa.DateTime(timezone=True), comment="When the operative is planned to start"),
        sa.Column("planned_end_at", sa.DateTime(timezone=True), comment="When the operative is planned to finish"),
        one_of(NAME, "sequence_code", "first follow_on"),
        sa.CheckConstraint(
            "window_end_at >= window_start_at", name=f"ck_{NAME}_window_end_at_not_before_window_start_at"
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name=f"fk_{NAME}_asset_id"),
        sa.ForeignKeyConstraint(["work_order_id"], ["canonical.work_order.id"], name=f"fk_{NAME}_work_order_id"),
        comment="A message by which the scheduling product told of a booking that was made or moved.",
    )
    op.create_index(f"ix_{NAME}_booking_ref", NAME, ["booking_ref"], schema="canonical")
    op.create_index(f"ix_{NAME}_work_order_id", NAME, ["work_order_id"], schema="canonical")


def downgrade() -> None:
    drop_entity(NAME)
