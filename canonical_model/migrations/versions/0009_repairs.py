"""Repairs: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "repair_request",
        sa.Column("request_ref", sa.Text, nullable=False, comment="The source's own reference of the request"),
        sa.Column("asset_id", sa.Uuid, comment="Where the repair is needed"),
        sa.Column("tenancy_id", sa.Uuid, comment="The tenancy at the time"),
        sa.Column("reported_by_id", sa.Uuid, comment="Who reported it"),
        sa.Column("reported_by_name", sa.Text, comment="Who reported it, as the source writes it"),
        sa.Column("contact_number", sa.Text, comment="Telephone number to call about it"),
        sa.Column("reported_at", sa.DateTime(timezone=True), comment="When it was reported"),
        sa.Column("channel_code", sa.Text, comment="How it was reported"),
        sa.Column("status_code", sa.Text, comment="What became of it"),
        sa.Column("priority_code", sa.Text, comment="How soon it must be done"),
        sa.Column("location", sa.Text, comment="Where in the home"),
        sa.Column("description", sa.Text, comment="What is wrong; free text that may name people"),
        sa.Column("access_code", sa.Text, comment="When somebody can be let in"),
        sa.Column("access_notes", sa.Text, comment="How to get in; free text that may name people"),
        sa.Column("is_right_to_repair", sa.Boolean, comment="Whether the Right to Repair Regulations apply"),
        sa.Column("is_rechargeable", sa.Boolean, comment="Whether the tenant must pay for it"),
        one_of("repair_request", "access_code", "any morning afternoon avoid_school_run evening key_held"),
        one_of("repair_request", "channel_code", "telephone web email letter visit text_message staff other"),
        one_of(
            "repair_request", "priority_code", "immediate emergency urgent routine planned void inspection cyclical"
        ),
        one_of("repair_request", "status_code", "new open ordered inspection rejected cancelled closed"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_repair_request_asset_id"),
        sa.ForeignKeyConstraint(["reported_by_id"], ["canonical.person.id"], name="fk_repair_request_reported_by_id"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["canonical.tenancy.id"], name="fk_repair_request_tenancy_id"),
        comment="A report that something needs repair.",
    )
    op.create_index("ix_repair_request_asset_id", "repair_request", ["asset_id"], schema="canonical")
    op.create_index("ix_repair_request_request_ref", "repair_request", ["request_ref"], schema="canonical")
    op.create_index("ix_repair_request_tenancy_id", "repair_request", ["tenancy_id"], schema="canonical")
    create_entity(
        "sor_item",
        sa.Column("sor_code", sa.Text, nullable=False, comment="Code of the item in its schedule"),
        sa.Column("scheme", sa.Text, comment="Schedule it stands in"),
        sa.Column("scheme_version", sa.Text, comment="Version of the schedule"),
        sa.Column("short_text", sa.Text, comment="What is done, in short"),
        sa.Column("long_text", sa.Text, comment="What is done, in full"),
        sa.Column("unit_code", sa.Text, comment="Unit it is counted in, such as EA or M2"),
        sa.Column("trade_id", sa.Uuid, comment="The trade that does it"),
        sa.Column("contract_id", sa.Uuid, comment="The contract the price holds for"),
        sa.Column("price", sa.Numeric(precision=12, scale=2), comment="Price of one unit, pounds"),
        sa.Column("standard_minutes", sa.Numeric(precision=8, scale=2), comment="Time for one unit"),
        sa.Column("min_operatives", sa.Integer, comment="Fewest operatives who must come"),
        sa.Column("max_operatives", sa.Integer, comment="Most operatives who can work on it"),
        sa.Column("warranty_days", sa.Integer, comment="Days in which a fault is put right free"),
        sa.Column("start_date", sa.Date, comment="First day the price holds"),
        sa.Column("end_date", sa.Date, comment="Last day the price holds"),
        sa.CheckConstraint("end_date >= start_date", name="ck_sor_item_end_date_not_before_start_date"),
        sa.CheckConstraint("max_operatives >= 0", name="ck_sor_item_max_operatives"),
        sa.CheckConstraint("min_operatives >= 0", name="ck_sor_item_min_operatives"),
        sa.CheckConstraint("price >= 0", name="ck_sor_item_price"),
        sa.CheckConstraint("standard_minutes >= 0", name="ck_sor_item_standard_minutes"),
        sa.CheckConstraint("warranty_days >= 0", name="ck_sor_item_warranty_days"),
        sa.ForeignKeyConstraint(["contract_id"], ["canonical.contract.id"], name="fk_sor_item_contract_id"),
        sa.ForeignKeyConstraint(["trade_id"], ["canonical.trade.id"], name="fk_sor_item_trade_id"),
        comment="A line of a schedule of rates: a piece of work with its standard time and price.",
    )
    op.create_index("ix_sor_item_sor_code", "sor_item", ["sor_code"], schema="canonical")
    create_entity(
        "work_order",
        sa.Column("work_order_ref", sa.Text, nullable=False, comment="The source's own number of the order"),
        sa.Column("version", sa.Integer, comment="Number of the order's variation; 1 is the first order"),
        sa.Column("request_id", sa.Uuid, comment="The request that it answers"),
        sa.Column("asset_id", sa.Uuid, comment="Where the work is done"),
        sa.Column("contractor_id", sa.Uuid, comment="Who does the work"),
        sa.Column("contract_id", sa.Uuid, comment="The contract it is ordered under"),
        sa.Column("trade_id", sa.Uuid, comment="Main trade"),
        sa.Column("work_type_code", sa.Text, nullable=False, comment="What kind of work it is"),
        sa.Column("status_code", sa.Text, nullable=False, comment="Where the order stands"),
        sa.Column("priority_code", sa.Text, comment="How soon it must be done"),
        sa.Column("priority_days", sa.Numeric(precision=6, scale=2), comment="Days allowed by the priority"),
        sa.Column("description", sa.Text, comment="What is to be done; free text that may name people"),
        sa.Column("raised_at", sa.DateTime(timezone=True), comment="When it was raised"),
        sa.Column("issued_at", sa.DateTime(timezone=True), comment="When it was given to the contractor"),
        sa.Column("target_at", sa.DateTime(timezone=True), comment="When it must be done, by the rule of that day"),
        sa.Column("attended_at", sa.DateTime(timezone=True), comment="When somebody first came"),
        sa.Column("completed_at", sa.DateTime(timezone=True), comment="When the work was done"),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), comment="When it was cancelled"),
        sa.Column("estimated_cost", sa.Numeric(precision=12, scale=2), comment="Cost expected, pounds"),
        sa.Column(
            "invoiced_cost", sa.Numeric(precision=12, scale=2), comment="Cost invoiced, pounds; negative for a credit"
        ),
        sa.Column("superseded_by_ref", sa.Text, comment="Number of the order that took its place"),
        sa.Column("is_rechargeable", sa.Boolean, comment="Whether the tenant must pay for it"),
        sa.Column("is_communal", sa.Boolean, comment="Whether it is work on shared parts"),
        one_of("work_order", "priority_code", "immediate emergency urgent routine planned void inspection cyclical"),
        one_of(
            "work_order",
            "status_code",
            "open pending_approval estimating scheduled assigned pending_material pending_design "
            "in_progress on_hold variation_pending variation_approved variation_rejected no_access "
            "complete closed cancelled superseded locked",
        ),
        one_of(
            "work_order",
            "work_type_code",
            "responsive planned cyclical gas_service gas_repair void inspection recharge adaptation other",
        ),
        sa.CheckConstraint("completed_at >= raised_at", name="ck_work_order_completed_at_not_before_raised_at"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_work_order_asset_id"),
        sa.ForeignKeyConstraint(["contract_id"], ["canonical.contract.id"], name="fk_work_order_contract_id"),
        sa.ForeignKeyConstraint(["contractor_id"], ["canonical.contractor.id"], name="fk_work_order_contractor_id"),
        sa.ForeignKeyConstraint(["request_id"], ["canonical.repair_request.id"], name="fk_work_order_request_id"),
        sa.ForeignKeyConstraint(["trade_id"], ["canonical.trade.id"], name="fk_work_order_trade_id"),
        comment="An order to do work at a place.",
    )
    op.create_index("ix_work_order_asset_id", "work_order", ["asset_id"], schema="canonical")
    op.create_index("ix_work_order_contract_id", "work_order", ["contract_id"], schema="canonical")
    op.create_index("ix_work_order_contractor_id", "work_order", ["contractor_id"], schema="canonical")
    op.create_index("ix_work_order_request_id", "work_order", ["request_id"], schema="canonical")
    op.create_index("ix_work_order_work_order_ref", "work_order", ["work_order_ref"], schema="canonical")
    create_entity(
        "work_element",
        sa.Column("work_order_id", sa.Uuid, nullable=False, comment="The order"),
        sa.Column("element_number", sa.Integer, comment="Number of the line in its order"),
        sa.Column("sor_item_id", sa.Uuid, comment="The item of the schedule of rates"),
        sa.Column("sor_code", sa.Text, comment="Code of the item, as the source has it"),
        sa.Column("trade_id", sa.Uuid, comment="The trade that does it"),
        sa.Column("operative_id", sa.Uuid, comment="Who did it"),
        sa.Column("description", sa.Text, comment="What is to be done; free text that may name people"),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), comment="How many units"),
        sa.Column("unit_code", sa.Text, comment="Unit it is counted in"),
        sa.Column("standard_minutes", sa.Numeric(precision=10, scale=2), comment="Time for the whole line"),
        sa.Column("price", sa.Numeric(precision=12, scale=2), comment="Price of one unit, pounds"),
        sa.Column("cost", sa.Numeric(precision=12, scale=2), comment="Cost of the line, pounds"),
        sa.Column("status_code", sa.Text, comment="Whether it was done"),
        sa.Column("completed_at", sa.DateTime(timezone=True), comment="When it was done"),
        one_of("work_element", "status_code", "open complete no_access cancelled not_needed"),
        sa.ForeignKeyConstraint(["operative_id"], ["canonical.operative.id"], name="fk_work_element_operative_id"),
        sa.ForeignKeyConstraint(["sor_item_id"], ["canonical.sor_item.id"], name="fk_work_element_sor_item_id"),
        sa.ForeignKeyConstraint(["trade_id"], ["canonical.trade.id"], name="fk_work_element_trade_id"),
        sa.ForeignKeyConstraint(["work_order_id"], ["canonical.work_order.id"], name="fk_work_element_work_order_id"),
        comment="A line of an order: how much of which SOR item.",
    )
    op.create_index("ix_work_element_work_order_id", "work_element", ["work_order_id"], schema="canonical")


def downgrade() -> None:
    drop_entity("work_element")
    drop_entity("work_order")
    drop_entity("sor_item")
    drop_entity("repair_request")
