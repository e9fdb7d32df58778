"""People: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "organisation",
        sa.Column(
            "organisation_ref", sa.Text, nullable=False, comment="The source's own reference of the organisation"
        ),
        sa.Column("name", sa.Text, nullable=False, comment="Name of the organisation"),
        sa.Column("organisation_type_code", sa.Text, comment="What kind of body it is"),
        sa.Column("charity_number", sa.Text, comment="Number in the register of charities"),
        sa.Column("company_number", sa.Text, comment="Number in the register of companies"),
        sa.Column("address_text", sa.Text, comment="Address as one text"),
        sa.Column("postcode", sa.Text, comment="Postcode with one space"),
        one_of(
            "organisation",
            "organisation_type_code",
            "contractor supplier charity housing_association tenant_management landlord "
            "managing_agent company public_body other",
        ),
        comment="A body that is no person: a contractor, an agent, a charity, a landlord.",
    )
    create_entity(
        "person",
        sa.Column("person_ref", sa.Text, nullable=False, comment="The source's own reference of the person"),
        sa.Column("title", sa.Text, comment="Title, such as Mrs or Dr"),
        sa.Column("forename", sa.Text, comment="Given names"),
        sa.Column("surname", sa.Text, comment="Family name"),
        sa.Column("full_name", sa.Text, comment="The name as one text, where the source does not divide it"),
        sa.Column("preferred_name", sa.Text, comment="Name the person wants to be called by"),
        sa.Column("birth_date", sa.Date, comment="Date of birth"),
        sa.Column("death_date", sa.Date, comment="Date of death"),
        sa.Column("is_deceased", sa.Boolean, comment="Whether the person is known to have died"),
        sa.Column("age_years", sa.Integer, comment="Age, where the source has no date of birth"),
        sa.Column("sex_code", sa.Text, comment="Sex as recorded"),
        sa.Column("national_insurance_number", sa.Text, comment="National Insurance number, without blanks"),
        sa.Column("nationality", sa.Text, comment="Nationality, as the source writes it"),
        sa.Column("ethnic_origin", sa.Text, comment="Ethnic origin, as the source writes it"),
        sa.Column("preferred_language", sa.Text, comment="Language the person wants to be spoken to in"),
        sa.Column("is_disabled", sa.Boolean, comment="Whether the person says they are disabled"),
        sa.Column("has_support_needs", sa.Boolean, comment="Whether the person needs support"),
        one_of("person", "sex_code", "female male other not_stated"),
        sa.CheckConstraint("age_years >= 0", name="ck_person_age_years"),
        sa.CheckConstraint("death_date >= birth_date", name="ck_person_death_date_not_before_birth_date"),
        comment="A person as one source knows them; the golden links tell which of them are the same.",
    )
    op.create_index("ix_person_birth_date", "person", ["birth_date"], schema="canonical")
    op.create_index("ix_person_person_ref", "person", ["person_ref"], schema="canonical")
    op.create_index("ix_person_surname", "person", ["surname"], schema="canonical")
    create_entity(
        "household",
        sa.Column("household_ref", sa.Text, nullable=False, comment="The source's own reference of the household"),
        sa.Column("name", sa.Text, comment="Name the source gives the household"),
        sa.Column("asset_id", sa.Uuid, comment="Where the household lives"),
        sa.Column("person_count", sa.Integer, comment="Number of people, where the source states it"),
        sa.Column("start_date", sa.Date, comment="Day the household was formed"),
        sa.Column("end_date", sa.Date, comment="Day the household ended"),
        sa.CheckConstraint("end_date >= start_date", name="ck_household_end_date_not_before_start_date"),
        sa.CheckConstraint("person_count >= 0", name="ck_household_person_count"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_household_asset_id"),
        comment="The people who live together, or want to.",
    )
    op.create_index("ix_household_asset_id", "household", ["asset_id"], schema="canonical")
    op.create_index("ix_household_household_ref", "household", ["household_ref"], schema="canonical")
    create_entity(
        "household_member",
        sa.Column("household_id", sa.Uuid, nullable=False, comment="The household"),
        sa.Column("person_id", sa.Uuid, nullable=False, comment="The member"),
        sa.Column("member_number", sa.Integer, comment="The source's number of the member within the household"),
        sa.Column("role_code", sa.Text, comment="What the person is in the household"),
        sa.Column("relationship_code", sa.Text, comment="What the person is to the main tenant"),
        sa.Column("is_head", sa.Boolean, comment="Whether the household is named after them"),
        sa.Column("is_responsible", sa.Boolean, comment="Whether they answer for the tenancy"),
        sa.Column("start_date", sa.Date, comment="Day they joined"),
        sa.Column("end_date", sa.Date, comment="Day they left"),
        one_of(
            "household_member",
            "relationship_code",
            "self spouse partner child parent sibling grandchild grandparent other_relative carer "
            "lodger friend unrelated not_stated",
        ),
        one_of("household_member", "role_code", "tenant joint_tenant partner dependant carer lodger occupant other"),
        sa.CheckConstraint("end_date >= start_date", name="ck_household_member_end_date_not_before_start_date"),
        sa.ForeignKeyConstraint(["household_id"], ["canonical.household.id"], name="fk_household_member_household_id"),
        sa.ForeignKeyConstraint(["person_id"], ["canonical.person.id"], name="fk_household_member_person_id"),
        comment="A person's time in a household.",
    )
    op.create_index("ix_household_member_household_id", "household_member", ["household_id"], schema="canonical")
    op.create_index("ix_household_member_person_id", "household_member", ["person_id"], schema="canonical")


def downgrade() -> None:
    drop_entity("household_member")
    drop_entity("household")
    drop_entity("person")
    drop_entity("organisation")
