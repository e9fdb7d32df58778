"""Components and voids: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "survey",
        sa.Column("survey_ref", sa.Text, comment="The source's own reference of the survey"),
        sa.Column("asset_id", sa.Uuid, comment="The place"),
        sa.Column("survey_type_code", sa.Text, nullable=False, comment="What was surveyed"),
        sa.Column("survey_date", sa.Date, nullable=False, comment="Day of the survey"),
        sa.Column("result_code", sa.Text, comment="What came of it"),
        sa.Column("condition_code", sa.Text, comment="Overall state"),
        sa.Column("is_decent", sa.Boolean, comment="Whether it meets the Decent Homes Standard"),
        sa.Column("energy_rating", sa.SmallInteger, comment="SAP points"),
        sa.Column("surveyor", sa.Text, comment="Who surveyed it"),
        sa.Column("next_due_date", sa.Date, comment="Day the next one is due"),
        sa.Column("notes", sa.Text, comment="What was noted; free text that may name people"),
        one_of("survey", "condition_code", "good fair poor failed not_assessed"),
        one_of("survey", "result_code", "pass fail no_access partial not_assessed"),
        one_of("survey", "survey_type_code", "stock_condition decent_homes hhsrs energy asbestos void desktop other"),
        sa.CheckConstraint("energy_rating BETWEEN 0 AND 150", name="ck_survey_energy_rating"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_survey_asset_id"),
        comment="An inspection of a place that records its state.",
    )
    op.create_index("ix_survey_asset_id", "survey", ["asset_id"], schema="canonical")
    create_entity(
        "component",
        sa.Column("asset_id", sa.Uuid, comment="The place it is part of"),
        sa.Column("survey_id", sa.Uuid, comment="The survey that recorded it"),
        sa.Column("component_type_code", sa.Text, nullable=False, comment="What it is"),
        sa.Column("description", sa.Text, comment="Make, material or attribute"),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), comment="How much of it"),
        sa.Column("unit_code", sa.Text, comment="Unit it is counted in"),
        sa.Column("install_date", sa.Date, comment="Day it was put in"),
        sa.Column("install_year", sa.SmallInteger, comment="Year it was put in"),
        sa.Column("life_years", sa.SmallInteger, comment="Years it should last"),
        sa.Column("renewal_year", sa.SmallInteger, comment="Year it should be renewed"),
        sa.Column("condition_code", sa.Text, comment="State it is in"),
        sa.Column("renewal_cost", sa.Numeric(precision=12, scale=2), comment="Cost to renew it, pounds"),
        sa.Column("serial_number", sa.Text, comment="Maker's number, for a boiler or a lift"),
        one_of(
            "component",
            "component_type_code",
            "kitchen bathroom gas_boiler other_heating heating_distribution electrics windows "
            "external_doors roof_structure roof_finish chimney wall_structure wall_finish brickwork "
            "lintels smoke_alarm carbon_monoxide_alarm insulation ventilation solar_panels lift "
            "door_entry communal_heating water_tank adaptation other",
        ),
        one_of("component", "condition_code", "good fair poor failed not_assessed"),
        sa.CheckConstraint("install_year BETWEEN 1800 AND 2200", name="ck_component_install_year"),
        sa.CheckConstraint("life_years BETWEEN 0 AND 200", name="ck_component_life_years"),
        sa.CheckConstraint("quantity >= 0", name="ck_component_quantity"),
        sa.CheckConstraint("renewal_cost >= 0", name="ck_component_renewal_cost"),
        sa.CheckConstraint("renewal_year BETWEEN 1800 AND 2400", name="ck_component_renewal_year"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_component_asset_id"),
        sa.ForeignKeyConstraint(["survey_id"], ["canonical.survey.id"], name="fk_component_survey_id"),
        comment="A part of a place that wears out and is renewed: a kitchen, a boiler, a roof.",
    )
    op.create_index("ix_component_asset_id", "component", ["asset_id"], schema="canonical")
    op.create_index("ix_component_survey_id", "component", ["survey_id"], schema="canonical")
    create_entity(
        "void",
        sa.Column("void_ref", sa.Text, comment="The source's own reference of the void"),
        sa.Column("asset_id", sa.Uuid, comment="The empty home"),
        sa.Column("previous_tenancy_id", sa.Uuid, comment="The tenancy before"),
        sa.Column("next_tenancy_id", sa.Uuid, comment="The tenancy after"),
        sa.Column("reason_code", sa.Text, comment="Why it became empty"),
        sa.Column("void_class_code", sa.Text, comment="What kind of void it is"),
        sa.Column("start_date", sa.Date, nullable=False, comment="First day it is empty"),
        sa.Column("target_date", sa.Date, comment="Day it should be let"),
        sa.Column("keys_received_date", sa.Date, comment="Day the keys came back"),
        sa.Column("works_started_date", sa.Date, comment="Day the works began"),
        sa.Column("ready_date", sa.Date, comment="Day it was ready to let"),
        sa.Column("end_date", sa.Date, comment="Day it was let again"),
        sa.Column("weekly_rent_lost", sa.Numeric(precision=12, scale=2), comment="Rent not charged a week, pounds"),
        one_of(
            "void", "reason_code", "tenancy_ended transfer death eviction abandoned new_property decant buy_back other"
        ),
        one_of("void", "void_class_code", "standard major_works decant hard_to_let disposal temporary_accommodation"),
        sa.CheckConstraint("end_date >= start_date", name="ck_void_end_date_not_before_start_date"),
        sa.CheckConstraint("weekly_rent_lost >= 0", name="ck_void_weekly_rent_lost"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_void_asset_id"),
        sa.ForeignKeyConstraint(["next_tenancy_id"], ["canonical.tenancy.id"], name="fk_void_next_tenancy_id"),
        sa.ForeignKeyConstraint(["previous_tenancy_id"], ["canonical.tenancy.id"], name="fk_void_previous_tenancy_id"),
        comment="A time in which a home stands empty, from one tenancy to the next.",
    )
    op.create_index("ix_void_asset_id", "void", ["asset_id"], schema="canonical")


def downgrade() -> None:
    drop_entity("void")
    drop_entity("component")
    drop_entity("survey")
