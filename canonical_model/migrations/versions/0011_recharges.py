"""Recharges: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "recharge",
        sa.Column("recharge_ref", sa.Text, comment="The source's own reference of the recharge"),
        sa.Column("work_order_id", sa.Uuid, comment="The order that is charged on"),
        sa.Column("account_id", sa.Uuid, comment="The account it is debited to"),
        sa.Column("tenancy_id", sa.Uuid, comment="The tenancy that is liable"),
        sa.Column("person_id", sa.Uuid, comment="Who is liable"),
        sa.Column("reason_code", sa.Text, comment="Why the tenant must pay"),
        sa.Column("status_code", sa.Text, nullable=False, comment="Whether it was paid"),
        sa.Column("raised_date", sa.Date, comment="Day it was raised"),
        sa.Column("net_amount", sa.Numeric(precision=12, scale=2), nullable=False, comment="Cost without VAT, pounds"),
        sa.Column("vat_amount", sa.Numeric(precision=12, scale=2), comment="VAT, pounds"),
        sa.Column("admin_fee", sa.Numeric(precision=12, scale=2), comment="Fee for handling, pounds"),
        sa.Column("description", sa.Text, comment="What was done; free text that may name people"),
        one_of("recharge", "reason_code", "damage neglect lost_keys gain_entry missed_appointment clearance other"),
        one_of("recharge", "status_code", "raised invoiced disputed part_paid paid waived written_off"),
        sa.ForeignKeyConstraint(["account_id"], ["canonical.rent_account.id"], name="fk_recharge_account_id"),
        sa.ForeignKeyConstraint(["person_id"], ["canonical.person.id"], name="fk_recharge_person_id"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["canonical.tenancy.id"], name="fk_recharge_tenancy_id"),
        sa.ForeignKeyConstraint(["work_order_id"], ["canonical.work_order.id"], name="fk_recharge_work_order_id"),
        comment="The cost of a repair that the tenant has to bear.",
    )
    op.create_index("ix_recharge_account_id", "recharge", ["account_id"], schema="canonical")
    op.create_index("ix_recharge_work_order_id", "recharge", ["work_order_id"], schema="canonical")


def downgrade() -> None:
    drop_entity("recharge")
