"""Compliance: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "certificate",
        sa.Column("certificate_ref", sa.Text, comment="Number of the certificate"),
        sa.Column("asset_id", sa.Uuid, comment="The place that was checked"),
        sa.Column("work_order_id", sa.Uuid, comment="The order it was checked under"),
        sa.Column("certificate_type_code", sa.Text, nullable=False, comment="What was checked"),
        sa.Column("issued_date", sa.Date, nullable=False, comment="Day of the check"),
        sa.Column("expiry_date", sa.Date, comment="Day the next check is due"),
        sa.Column("result_code", sa.Text, comment="What came of it"),
        sa.Column("rating", sa.Text, comment="Band or score, such as C for energy"),
        sa.Column("inspector", sa.Text, comment="Who checked it"),
        sa.Column("inspector_ref", sa.Text, comment="The inspector's registration, such as a gas licence number"),
        sa.Column("appliance", sa.Text, comment="What was checked, for one appliance"),
        sa.Column("notes", sa.Text, comment="What was noted; free text that may name people"),
        one_of(
            "certificate",
            "certificate_type_code",
            "gas_safety electrical fire_risk asbestos legionella lift energy_performance smoke_alarm "
            "carbon_monoxide solid_fuel oil other",
        ),
        one_of(
            "certificate", "result_code", "satisfactory unsatisfactory advisory immediately_dangerous at_risk no_access"
        ),
        sa.CheckConstraint("expiry_date >= issued_date", name="ck_certificate_expiry_date_not_before_issued_date"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_certificate_asset_id"),
        sa.ForeignKeyConstraint(["work_order_id"], ["canonical.work_order.id"], name="fk_certificate_work_order_id"),
        comment="Proof that a place, or something in it, was checked for safety.",
    )
    op.create_index("ix_certificate_asset_id", "certificate", ["asset_id"], schema="canonical")
    op.create_index("ix_certificate_work_order_id", "certificate", ["work_order_id"], schema="canonical")
    create_entity(
        "hazard_case",
        sa.Column("hazard_ref", sa.Text, nullable=False, comment="The source's own reference of the case"),
        sa.Column("asset_id", sa.Uuid, comment="The home"),
        sa.Column("request_id", sa.Uuid, comment="The request that reported it"),
        sa.Column("work_order_id", sa.Uuid, comment="The order that makes it safe"),
        sa.Column("hazard_type_code", sa.Text, nullable=False, comment="What the hazard is"),
        sa.Column("track_code", sa.Text, comment="Whether it is an emergency or significant"),
        sa.Column("status_code", sa.Text, comment="Where the case stands"),
        sa.Column("aware_at", sa.DateTime(timezone=True), nullable=False, comment="When the council became aware"),
        sa.Column("investigated_at", sa.DateTime(timezone=True), comment="When the investigation ended"),
        sa.Column(
            "summary_sent_at", sa.DateTime(timezone=True), comment="When the tenant was sent the written summary"
        ),
        sa.Column("made_safe_at", sa.DateTime(timezone=True), comment="When it was made safe"),
        sa.Column("works_begun_at", sa.DateTime(timezone=True), comment="When further works began"),
        sa.Column("works_done_at", sa.DateTime(timezone=True), comment="When all works were done"),
        sa.Column("is_decanted", sa.Boolean, comment="Whether the household was moved out"),
        sa.Column("access_attempts", sa.Integer, comment="How often access was tried"),
        sa.Column("extension_reason", sa.Text, comment="Why a limit could not be kept; may name people"),
        one_of(
            "hazard_case",
            "hazard_type_code",
            "damp_and_mould excess_cold excess_heat carbon_monoxide fire electrical falls structural "
            "hygiene asbestos gas water security lead other",
        ),
        one_of("hazard_case", "status_code", "reported investigating works_ordered made_safe closed no_hazard"),
        one_of("hazard_case", "track_code", "emergency significant other"),
        sa.CheckConstraint("access_attempts >= 0", name="ck_hazard_case_access_attempts"),
        sa.CheckConstraint(
            "works_done_at >= works_begun_at", name="ck_hazard_case_works_done_at_not_before_works_begun_at"
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_hazard_case_asset_id"),
        sa.ForeignKeyConstraint(["request_id"], ["canonical.repair_request.id"], name="fk_hazard_case_request_id"),
        sa.ForeignKeyConstraint(["work_order_id"], ["canonical.work_order.id"], name="fk_hazard_case_work_order_id"),
        comment="A hazard reported in a home, with the instants that the law counts from.",
    )
    op.create_index("ix_hazard_case_asset_id", "hazard_case", ["asset_id"], schema="canonical")
    op.create_index("ix_hazard_case_request_id", "hazard_case", ["request_id"], schema="canonical")
    op.create_index("ix_hazard_case_work_order_id", "hazard_case", ["work_order_id"], schema="canonical")


def downgrade() -> None:
    drop_entity("hazard_case")
    drop_entity("certificate")
