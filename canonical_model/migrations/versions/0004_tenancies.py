"""Tenancies: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "tenancy",
        sa.Column("tenancy_ref", sa.Text, nullable=False, comment="The source's own tenancy reference"),
        sa.Column("tenancy_type_code", sa.Text, nullable=False, comment="Terms on which it is held"),
        sa.Column("status_code", sa.Text, comment="Where it stands in its life"),
        sa.Column("household_id", sa.Uuid, comment="The household that lives there"),
        sa.Column("payment_ref", sa.Text, comment="Reference that the tenant pays under"),
        sa.Column("start_date", sa.Date, nullable=False, comment="First day of the tenancy"),
        sa.Column("end_date", sa.Date, comment="Day the tenancy ended; empty while it goes on"),
        sa.Column("potential_end_date", sa.Date, comment="Day it is expected to end"),
        sa.Column("notice_date", sa.Date, comment="Day notice was given"),
        sa.Column("succession_date", sa.Date, comment="Day somebody succeeded to it"),
        sa.Column("eviction_date", sa.Date, comment="Day of the eviction"),
        sa.Column("right_to_buy_date", sa.Date, comment="Day a right to buy application was received"),
        sa.Column("is_mutual_exchange", sa.Boolean, comment="Whether it began by an exchange of homes"),
        sa.Column("termination_reason_code", sa.Text, comment="Why it ended"),
        one_of("tenancy", "status_code", "current notice_given ended former cancelled"),
        one_of(
            "tenancy",
            "tenancy_type_code",
            "secure introductory flexible assured assured_shorthold starter non_secure demoted "
            "temporary_accommodation temporary_decant licence mesne_profit leasehold shared_ownership "
            "freehold garage parking_space commercial tenant_management traveller_pitch other",
        ),
        one_of(
            "tenancy",
            "termination_reason_code",
            "notice_by_tenant transfer mutual_exchange death succession assignment eviction abandoned "
            "right_to_buy decant residential_care demolition other",
        ),
        sa.CheckConstraint("end_date >= start_date", name="ck_tenancy_end_date_not_before_start_date"),
        sa.ForeignKeyConstraint(["household_id"], ["canonical.household.id"], name="fk_tenancy_household_id"),
        comment="A right to live in a home or to use a garage, between the council and one or more tenants.",
    )
    op.create_index("ix_tenancy_household_id", "tenancy", ["household_id"], schema="canonical")
    op.create_index("ix_tenancy_tenancy_ref", "tenancy", ["tenancy_ref"], schema="canonical")
    create_entity(
        "tenancy_holding",
        sa.Column("tenancy_id", sa.Uuid, nullable=False, comment="The tenancy"),
        sa.Column("asset_id", sa.Uuid, nullable=False, comment="What is held"),
        sa.Column("role_code", sa.Text, nullable=False, comment="Whether it is the home itself or goes with it"),
        sa.Column("start_date", sa.Date, nullable=False, comment="First day it is held"),
        sa.Column("end_date", sa.Date, comment="Day it ceased to be held; another may hold it from that day"),
        sa.Column(
            "is_disputed",
            sa.Boolean,
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether the source lets it overlap another holding of the same place",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("asset_id"), "="),
            (sa.literal_column("daterange(start_date, coalesce(end_date, 'infinity'::date), '[)')"), "&&"),
            where=sa.text("NOT is_disputed AND ended_run_id IS NULL"),
            deferrable=True,
            initially="DEFERRED",
            using="gist",
            name="ex_tenancy_holding_overlap",
        ),
        one_of("tenancy_holding", "role_code", "main secondary"),
        sa.CheckConstraint("end_date >= start_date", name="ck_tenancy_holding_end_date_not_before_start_date"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_tenancy_holding_asset_id"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["canonical.tenancy.id"], name="fk_tenancy_holding_tenancy_id"),
        comment="The time in which a tenancy holds one home or garage; no two hold the same one at once.",
    )
    op.create_index("ix_tenancy_holding_asset_id", "tenancy_holding", ["asset_id"], schema="canonical")
    op.create_index("ix_tenancy_holding_tenancy_id", "tenancy_holding", ["tenancy_id"], schema="canonical")
    create_entity(
        "tenancy_party",
        sa.Column("tenancy_id", sa.Uuid, nullable=False, comment="The tenancy"),
        sa.Column("person_id", sa.Uuid, comment="The tenant"),
        sa.Column("organisation_id", sa.Uuid, comment="The tenant that is no person"),
        sa.Column("role_code", sa.Text, nullable=False, comment="In what role"),
        sa.Column("is_responsible", sa.Boolean, comment="Whether they answer for the rent"),
        sa.Column("start_date", sa.Date, comment="Day they became a party"),
        sa.Column("end_date", sa.Date, comment="Day they ceased to be a party"),
        one_of("tenancy_party", "role_code", "sole_tenant joint_tenant leaseholder licensee guarantor occupant"),
        sa.CheckConstraint("end_date >= start_date", name="ck_tenancy_party_end_date_not_before_start_date"),
        sa.CheckConstraint("num_nonnulls(person_id, organisation_id) = 1", name="ck_tenancy_party_one_party"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["canonical.organisation.id"], name="fk_tenancy_party_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["canonical.person.id"], name="fk_tenancy_party_person_id"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["canonical.tenancy.id"], name="fk_tenancy_party_tenancy_id"),
        comment="A person or organisation that is party to a tenancy; a joint tenancy has several.",
    )
    op.create_index("ix_tenancy_party_organisation_id", "tenancy_party", ["organisation_id"], schema="canonical")
    op.create_index("ix_tenancy_party_person_id", "tenancy_party", ["person_id"], schema="canonical")
    op.create_index("ix_tenancy_party_tenancy_id", "tenancy_party", ["tenancy_id"], schema="canonical")


def downgrade() -> None:
    drop_entity("tenancy_party")
    drop_entity("tenancy_holding")
    drop_entity("tenancy")
