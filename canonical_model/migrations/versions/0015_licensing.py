"""Licensing: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "hmo_application",
        sa.Column("case_ref", sa.Text, nullable=False, comment="The council's case number"),
        sa.Column("asset_id", sa.Uuid, comment="The house, where the hub knows it"),
        sa.Column("uprn", sa.BigInteger, comment="Unique property reference number"),
        sa.Column("address_text", sa.Text, nullable=False, comment="Address of the house as one text"),
        sa.Column("postcode", sa.Text, comment="Postcode with one space"),
        sa.Column("licence_type_code", sa.Text, comment="What kind of licence is asked for"),
        sa.Column("status_code", sa.Text, comment="Where the application stands"),
        sa.Column("applicant_id", sa.Uuid, comment="Who applies"),
        sa.Column("applicant_organisation_id", sa.Uuid, comment="Body that applies"),
        sa.Column("received_date", sa.Date, comment="Day it was received"),
        sa.Column("decided_date", sa.Date, comment="Day it was decided"),
        sa.Column("storeys", sa.Integer, comment="Number of storeys"),
        sa.Column("fee", sa.Numeric(precision=12, scale=2), comment="Fee, pounds"),
        one_of(
            "hmo_application", "licence_type_code", "mandatory additional selective renewal temporary_exemption other"
        ),
        one_of(
            "hmo_application", "status_code", "applied under_consultation granted refused expired revoked withdrawn"
        ),
        sa.CheckConstraint(
            "decided_date >= received_date", name="ck_hmo_application_decided_date_not_before_received_date"
        ),
        sa.CheckConstraint("fee >= 0", name="ck_hmo_application_fee"),
        sa.CheckConstraint("storeys >= 0", name="ck_hmo_application_storeys"),
        sa.CheckConstraint("uprn BETWEEN 1 AND 999999999999", name="ck_hmo_application_uprn"),
        sa.ForeignKeyConstraint(["applicant_id"], ["canonical.person.id"], name="fk_hmo_application_applicant_id"),
        sa.ForeignKeyConstraint(
            ["applicant_organisation_id"],
            ["canonical.organisation.id"],
            name="fk_hmo_application_applicant_organisation_id",
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_hmo_application_asset_id"),
        comment="A landlord's application to let a house to several households.",
    )
    op.create_index("ix_hmo_application_asset_id", "hmo_application", ["asset_id"], schema="canonical")
    op.create_index("ix_hmo_application_case_ref", "hmo_application", ["case_ref"], schema="canonical")
    op.create_index("ix_hmo_application_postcode", "hmo_application", ["postcode"], schema="canonical")
    create_entity(
        "hmo_licence",
        sa.Column("case_ref", sa.Text, nullable=False, comment="The council's case number"),
        sa.Column("application_id", sa.Uuid, comment="The application it answers"),
        sa.Column("asset_id", sa.Uuid, comment="The house, where the hub knows it"),
        sa.Column("uprn", sa.BigInteger, comment="Unique property reference number"),
        sa.Column("address_text", sa.Text, nullable=False, comment="Address of the house as one text"),
        sa.Column("postcode", sa.Text, comment="Postcode with one space"),
        sa.Column("licence_type_code", sa.Text, comment="What kind of licence it is"),
        sa.Column("status_code", sa.Text, comment="Where the licence stands"),
        sa.Column("holder_id", sa.Uuid, comment="Who holds it"),
        sa.Column("manager_id", sa.Uuid, comment="Who manages the house"),
        sa.Column("max_occupants", sa.Integer, comment="Most people who may live there"),
        sa.Column("unit_count", sa.Integer, comment="Number of separate units"),
        sa.Column("max_households", sa.Integer, comment="Most households who may live there"),
        sa.Column("start_date", sa.Date, comment="Day the licence began"),
        sa.Column("expiry_date", sa.Date, comment="Last day of the licence"),
        one_of("hmo_licence", "licence_type_code", "mandatory additional selective renewal temporary_exemption other"),
        one_of("hmo_licence", "status_code", "applied under_consultation granted refused expired revoked withdrawn"),
        sa.CheckConstraint("expiry_date >= start_date", name="ck_hmo_licence_expiry_date_not_before_start_date"),
        sa.CheckConstraint("max_households >= 0", name="ck_hmo_licence_max_households"),
        sa.CheckConstraint("max_occupants >= 0", name="ck_hmo_licence_max_occupants"),
        sa.CheckConstraint("unit_count >= 0", name="ck_hmo_licence_unit_count"),
        sa.CheckConstraint("uprn BETWEEN 1 AND 999999999999", name="ck_hmo_licence_uprn"),
        sa.ForeignKeyConstraint(
            ["application_id"], ["canonical.hmo_application.id"], name="fk_hmo_licence_application_id"
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_hmo_licence_asset_id"),
        sa.ForeignKeyConstraint(["holder_id"], ["canonical.person.id"], name="fk_hmo_licence_holder_id"),
        sa.ForeignKeyConstraint(["manager_id"], ["canonical.person.id"], name="fk_hmo_licence_manager_id"),
        comment="A licence to let a house to several households.",
    )
    op.create_index("ix_hmo_licence_application_id", "hmo_licence", ["application_id"], schema="canonical")
    op.create_index("ix_hmo_licence_asset_id", "hmo_licence", ["asset_id"], schema="canonical")
    op.create_index("ix_hmo_licence_case_ref", "hmo_licence", ["case_ref"], schema="canonical")
    op.create_index("ix_hmo_licence_postcode", "hmo_licence", ["postcode"], schema="canonical")


def downgrade() -> None:
    drop_entity("hmo_licence")
    drop_entity("hmo_application")
