"""Housing register: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "housing_application",
        sa.Column("application_ref", sa.Text, nullable=False, comment="The source's own reference of the application"),
        sa.Column("applicant_id", sa.Uuid, comment="Who applies"),
        sa.Column("joint_applicant_id", sa.Uuid, comment="Who applies with them"),
        sa.Column("household_id", sa.Uuid, comment="The household that is to be housed"),
        sa.Column("current_asset_id", sa.Uuid, comment="The council home they live in"),
        sa.Column("application_type_code", sa.Text, comment="What kind of application it is"),
        sa.Column("status_code", sa.Text, nullable=False, comment="Where it stands"),
        sa.Column("band_code", sa.Text, comment="Priority band"),
        sa.Column("points", sa.Integer, comment="Priority points"),
        sa.Column("need_reason_code", sa.Text, comment="Main reason of need"),
        sa.Column("bedrooms_needed", sa.Integer, comment="Bedrooms the household needs"),
        sa.Column("person_count", sa.Integer, comment="People in the household"),
        sa.Column("children_count", sa.Integer, comment="Children in the household"),
        sa.Column("is_wheelchair_needed", sa.Boolean, comment="Whether a wheelchair home is needed"),
        sa.Column("applied_date", sa.Date, comment="Day it was received"),
        sa.Column("effective_date", sa.Date, comment="Day its place in the queue counts from"),
        sa.Column("review_date", sa.Date, comment="Day it must be renewed"),
        sa.Column("closed_date", sa.Date, comment="Day it was closed"),
        sa.Column("offers_made", sa.Integer, comment="Number of offers so far"),
        sa.Column("current_address_text", sa.Text, comment="Where the applicant lives now, as one text"),
        sa.Column("current_postcode", sa.Text, comment="Postcode of where they live now"),
        sa.Column("preferred_areas", sa.Text, comment="Areas asked for, as the source lists them"),
        sa.Column("notes", sa.Text, comment="What was noted; free text that may name people"),
        one_of(
            "housing_application",
            "application_type_code",
            "new_applicant transfer homeless mutual_exchange sheltered nomination",
        ),
        one_of("housing_application", "band_code", "emergency a b c d e none"),
        one_of(
            "housing_application",
            "need_reason_code",
            "homeless overcrowded under_occupied medical insanitary hardship domestic_abuse "
            "care_leaver armed_forces employment other",
        ),
        one_of(
            "housing_application", "status_code", "new pending live suspended offered housed cancelled rejected expired"
        ),
        sa.CheckConstraint("bedrooms_needed >= 0", name="ck_housing_application_bedrooms_needed"),
        sa.CheckConstraint("children_count >= 0", name="ck_housing_application_children_count"),
        sa.CheckConstraint(
            "closed_date >= applied_date", name="ck_housing_application_closed_date_not_before_applied_date"
        ),
        sa.CheckConstraint("offers_made >= 0", name="ck_housing_application_offers_made"),
        sa.CheckConstraint("person_count >= 0", name="ck_housing_application_person_count"),
        sa.CheckConstraint("points >= 0", name="ck_housing_application_points"),
        sa.ForeignKeyConstraint(["applicant_id"], ["canonical.person.id"], name="fk_housing_application_applicant_id"),
        sa.ForeignKeyConstraint(
            ["current_asset_id"], ["canonical.asset.id"], name="fk_housing_application_current_asset_id"
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["canonical.household.id"], name="fk_housing_application_household_id"
        ),
        sa.ForeignKeyConstraint(
            ["joint_applicant_id"], ["canonical.person.id"], name="fk_housing_application_joint_applicant_id"
        ),
        comment="A household's request for a home.",
    )
    op.create_index("ix_housing_application_applicant_id", "housing_application", ["applicant_id"], schema="canonical")
    op.create_index(
        "ix_housing_application_application_ref", "housing_application", ["application_ref"], schema="canonical"
    )
    op.create_index("ix_housing_application_household_id", "housing_application", ["household_id"], schema="canonical")
    create_entity(
        "letting",
        sa.Column("letting_ref", sa.Text, comment="The source's own reference of the letting"),
        sa.Column("application_id", sa.Uuid, comment="The application it fulfils"),
        sa.Column("tenancy_id", sa.Uuid, comment="The tenancy that began"),
        sa.Column("asset_id", sa.Uuid, comment="The home that was let"),
        sa.Column("property_ref", sa.Text, comment="Property reference, as the source has it"),
        sa.Column("tenant_ref", sa.Text, comment="Tenant code, as the source has it"),
        sa.Column("uprn", sa.BigInteger, comment="Unique property reference number"),
        sa.Column("address_text", sa.Text, comment="Address as one text"),
        sa.Column("postcode", sa.Text, comment="Postcode with one space"),
        sa.Column("start_date", sa.Date, nullable=False, comment="First day of the tenancy"),
        sa.Column("void_date", sa.Date, comment="Day the home became free to let"),
        sa.Column("repairs_completed_date", sa.Date, comment="Day major repairs were done"),
        sa.Column("letting_type_code", sa.Text, comment="What kind of letting it is"),
        sa.Column("rent_type_code", sa.Text, comment="What kind of rent is charged"),
        sa.Column("source_of_letting_code", sa.Text, comment="How the household came to it"),
        sa.Column("bedrooms", sa.SmallInteger, comment="Number of bedrooms"),
        sa.Column("is_joint_tenancy", sa.Boolean, comment="Whether several tenants are named"),
        sa.Column("is_starter_tenancy", sa.Boolean, comment="Whether it begins with a trial time"),
        sa.Column("fixed_term_years", sa.SmallInteger, comment="Years of a fixed term"),
        sa.Column("person_count", sa.SmallInteger, comment="People in the household"),
        sa.Column("lead_tenant_age_years", sa.SmallInteger, comment="Age of the lead tenant"),
        sa.Column("previous_postcode", sa.Text, comment="Postcode of the last settled home"),
        sa.Column("was_homeless", sa.Boolean, comment="Whether the household was homeless before"),
        sa.Column("charge_frequency_code", sa.Text, comment="Time that the charges are for"),
        sa.Column("basic_rent", sa.Numeric(precision=12, scale=2), comment="Basic rent for that time, pounds"),
        sa.Column("service_charge", sa.Numeric(precision=12, scale=2), comment="Service charge, pounds"),
        sa.Column(
            "personal_service_charge", sa.Numeric(precision=12, scale=2), comment="Personal service charge, pounds"
        ),
        sa.Column("support_charge", sa.Numeric(precision=12, scale=2), comment="Support charge, pounds"),
        one_of(
            "letting",
            "charge_frequency_code",
            "weekly fortnightly four_weekly monthly quarterly half_yearly yearly once",
        ),
        one_of(
            "letting",
            "letting_type_code",
            "general_needs supported sheltered temporary transfer mutual_exchange renewal",
        ),
        one_of(
            "letting", "rent_type_code", "social affordable london_affordable intermediate rent_to_buy market other"
        ),
        one_of(
            "letting",
            "source_of_letting_code",
            "choice_based common_allocation common_register accessible_register direct_offer "
            "internal_transfer nomination homeless_duty other",
        ),
        sa.CheckConstraint("basic_rent >= 0", name="ck_letting_basic_rent"),
        sa.CheckConstraint("bedrooms >= 0", name="ck_letting_bedrooms"),
        sa.CheckConstraint("fixed_term_years >= 0", name="ck_letting_fixed_term_years"),
        sa.CheckConstraint("person_count >= 0", name="ck_letting_person_count"),
        sa.CheckConstraint("service_charge >= 0", name="ck_letting_service_charge"),
        sa.CheckConstraint("support_charge >= 0", name="ck_letting_support_charge"),
        sa.CheckConstraint("uprn BETWEEN 1 AND 999999999999", name="ck_letting_uprn"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["canonical.housing_application.id"], name="fk_letting_application_id"
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_letting_asset_id"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["canonical.tenancy.id"], name="fk_letting_tenancy_id"),
        comment="A home let to a household, as the national lettings return (CORE) asks for it.",
    )
    op.create_index("ix_letting_application_id", "letting", ["application_id"], schema="canonical")
    op.create_index("ix_letting_asset_id", "letting", ["asset_id"], schema="canonical")
    op.create_index("ix_letting_letting_ref", "letting", ["letting_ref"], schema="canonical")
    op.create_index("ix_letting_tenancy_id", "letting", ["tenancy_id"], schema="canonical")


def downgrade() -> None:
    drop_entity("letting")
    drop_entity("housing_application")
