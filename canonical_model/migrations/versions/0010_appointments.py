"""Appointments: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "operative_availability",
        sa.Column("operative_id", sa.Uuid, comment="The operative"),
        sa.Column("contract_ref", sa.Text, comment="Contract that the window is offered under"),
        sa.Column("slot_name", sa.Text, comment="Name of the window, such as AM"),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False, comment="When the window starts"),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False, comment="When the window ends"),
        sa.Column("availability_code", sa.Text, nullable=False, comment="Whether there is room in it"),
        sa.Column("is_best_slot", sa.Boolean, comment="Whether the scheduling product would choose it"),
        sa.Column("reason", sa.Text, comment="Why there is no room"),
        one_of("operative_availability", "availability_code", "yes no maybe"),
        sa.CheckConstraint("end_at >= start_at", name="ck_operative_availability_end_at_not_before_start_at"),
        sa.ForeignKeyConstraint(
            ["operative_id"], ["canonical.operative.id"], name="fk_operative_availability_operative_id"
        ),
        comment="A window in which an operative can, or cannot, be given work.",
    )
    op.create_index(
        "ix_operative_availability_operative_id", "operative_availability", ["operative_id"], schema="canonical"
    )
    create_entity(
        "appointment",
        sa.Column("appointment_ref", sa.Text, nullable=False, comment="The source's own reference of the appointment"),
        sa.Column("work_order_id", sa.Uuid, comment="The order it is for"),
        sa.Column("work_order_ref", sa.Text, comment="Number of the order, as the source has it"),
        sa.Column("booking_ref", sa.Text, comment="Reference of the booking in the scheduling product"),
        sa.Column("asset_id", sa.Uuid, comment="Where the visit is"),
        sa.Column("operative_id", sa.Uuid, comment="Who is to come"),
        sa.Column("contract_ref", sa.Text, comment="Contract that the booking was made under"),
        sa.Column("sequence_code", sa.Text, comment="Whether it is the first visit"),
        sa.Column("slot_name", sa.Text, comment="Name of the window, such as AM"),
        sa.Column("window_start_at", sa.DateTime(timezone=True), comment="Earliest arrival promised to the tenant"),
        sa.Column("window_end_at", sa.DateTime(timezone=True), comment="Latest arrival promised to the tenant"),
        sa.Column("planned_start_at", sa.DateTime(timezone=True), comment="When the operative is planned to start"),
        sa.Column("planned_end_at", sa.DateTime(timezone=True), comment="When the operative is planned to finish"),
        sa.Column("arrived_at", sa.DateTime(timezone=True), comment="When the operative came"),
        sa.Column("completed_at", sa.DateTime(timezone=True), comment="When the operative left"),
        sa.Column("duration_minutes", sa.Integer, comment="Time it was planned to take"),
        sa.Column("status_code", sa.Text, nullable=False, comment="Where the booking stands"),
        sa.Column("outcome_code", sa.Text, comment="How the visit ended"),
        sa.Column("booked_at", sa.DateTime(timezone=True), comment="When it was agreed"),
        sa.Column("comment", sa.Text, comment="What was noted; free text that may name people"),
        one_of("appointment", "outcome_code", "complete incomplete no_access follow_on cancelled refused missed"),
        one_of("appointment", "sequence_code", "first follow_on"),
        one_of(
            "appointment",
            "status_code",
            "planned reserved despatched acknowledged accepted arrived started completed no_access cancelled missed",
        ),
        sa.CheckConstraint("duration_minutes >= 0", name="ck_appointment_duration_minutes"),
        sa.CheckConstraint(
            "planned_end_at >= planned_start_at", name="ck_appointment_planned_end_at_not_before_planned_start_at"
        ),
        sa.CheckConstraint(
            "window_end_at >= window_start_at", name="ck_appointment_window_end_at_not_before_window_start_at"
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_appointment_asset_id"),
        sa.ForeignKeyConstraint(["operative_id"], ["canonical.operative.id"], name="fk_appointment_operative_id"),
        sa.ForeignKeyConstraint(["work_order_id"], ["canonical.work_order.id"], name="fk_appointment_work_order_id"),
        comment="A visit agreed for an order.",
    )
    op.create_index("ix_appointment_appointment_ref", "appointment", ["appointment_ref"], schema="canonical")
    op.create_index("ix_appointment_asset_id", "appointment", ["asset_id"], schema="canonical")
    op.create_index("ix_appointment_booking_ref", "appointment", ["booking_ref"], schema="canonical")
    op.create_index("ix_appointment_operative_id", "appointment", ["operative_id"], schema="canonical")
    op.create_index("ix_appointment_work_order_id", "appointment", ["work_order_id"], schema="canonical")
    create_entity(
        "manual_allocation",
        sa.Column("operative_id", sa.Uuid, comment="The operative"),
        sa.Column("work_order_id", sa.Uuid, comment="The order"),
        sa.Column("work_order_ref", sa.Text, comment="Number of the order, as the plan has it"),
        sa.Column("week_start_date", sa.Date, comment="Monday of the plan's week"),
        sa.Column("allocation_date", sa.Date, nullable=False, comment="Day of the visit"),
        sa.Column("sequence_number", sa.Integer, comment="Place in the day; 1 is first"),
        sa.Column("planned_start_time", sa.Time, comment="When it should start, local time"),
        sa.Column("planned_minutes", sa.Integer, comment="Time it should take"),
        sa.Column("travel_distance_m", sa.Numeric(precision=10, scale=1), comment="Way from the job before"),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), comment="When the plan was uploaded"),
        sa.Column("allocated_by", sa.Text, comment="User name of who made the plan"),
        sa.Column("note", sa.Text, comment="What was noted; free text that may name people"),
        sa.CheckConstraint("planned_minutes >= 0", name="ck_manual_allocation_planned_minutes"),
        sa.CheckConstraint("sequence_number >= 0", name="ck_manual_allocation_sequence_number"),
        sa.CheckConstraint("travel_distance_m >= 0", name="ck_manual_allocation_travel_distance_m"),
        sa.ForeignKeyConstraint(["operative_id"], ["canonical.operative.id"], name="fk_manual_allocation_operative_id"),
        sa.ForeignKeyConstraint(
            ["work_order_id"], ["canonical.work_order.id"], name="fk_manual_allocation_work_order_id"
        ),
        comment="A line of the weekly plan that the logistics manager makes by hand.",
    )
    op.create_index("ix_manual_allocation_operative_id", "manual_allocation", ["operative_id"], schema="canonical")
    op.create_index("ix_manual_allocation_work_order_id", "manual_allocation", ["work_order_id"], schema="canonical")


def downgrade() -> None:
    drop_entity("manual_allocation")
    drop_entity("appointment")
    drop_entity("operative_availability")
