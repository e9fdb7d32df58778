"""Places: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute("CREATE SCHEMA IF NOT EXISTS canonical")
    op.execute("CREATE SCHEMA IF NOT EXISTS history")
    create_entity(
        "asset",
        sa.Column("asset_ref", sa.Text, nullable=False, comment="The source's own property reference"),
        sa.Column("asset_type_code", sa.Text, nullable=False, comment="What kind of place it is"),
        sa.Column("parent_id", sa.Uuid, comment="The place it is part of: a flat's block, its estate"),
        sa.Column("name", sa.Text, comment="Name of an estate, block or building"),
        sa.Column("uprn", sa.BigInteger, comment="Unique property reference number"),
        sa.Column("parent_uprn", sa.BigInteger, comment="UPRN of the building it is part of"),
        sa.Column("usrn", sa.Integer, comment="Unique street reference number"),
        sa.Column("address_line_1", sa.Text, comment="First line of the address"),
        sa.Column("address_line_2", sa.Text, comment="Second line of the address"),
        sa.Column("address_line_3", sa.Text, comment="Third line of the address"),
        sa.Column("address_line_4", sa.Text, comment="Town or county"),
        sa.Column("postcode", sa.Text, comment="Postcode with one space"),
        sa.Column("easting_m", sa.Numeric(precision=9, scale=2), comment="British National Grid, metres east"),
        sa.Column("northing_m", sa.Numeric(precision=9, scale=2), comment="British National Grid, metres north"),
        sa.Column("ownership_code", sa.Text, comment="Who owns it"),
        sa.Column("bedrooms", sa.Integer, comment="Number of bedrooms"),
        sa.Column("storeys", sa.Integer, comment="Number of storeys of the building"),
        sa.Column("floor_level", sa.Integer, comment="Floor it is on; 0 is the ground floor"),
        sa.Column("floor_area_m2", sa.Numeric(precision=10, scale=2), comment="Floor area"),
        sa.Column("built_year", sa.Integer, comment="Year it was built"),
        sa.Column("occupancy_status_code", sa.Text, comment="Whether it is lived in"),
        sa.Column("occupancy_since_date", sa.Date, comment="Day its occupancy last changed"),
        sa.Column("rent_group_code", sa.Text, comment="Rent group, the council's own code"),
        sa.Column("patch_code", sa.Text, comment="Housing officer's patch, the council's own code"),
        sa.Column("managing_body", sa.Text, comment="Who manages it where the council does not"),
        sa.Column("is_repairs_allowed", sa.Boolean, comment="Whether the council repairs it"),
        sa.Column("is_active", sa.Boolean, comment="Whether the council still manages it"),
        sa.Column("acquired_date", sa.Date, comment="Day it came to the council"),
        sa.Column("disposed_date", sa.Date, comment="Day it was sold, demolished or handed over"),
        one_of(
            "asset",
            "asset_type_code",
            "estate block sub_block house bungalow flat maisonette bedsit studio room dwelling garage "
            "parking_space store community_hall shop office land traveller_pitch boiler_house lift "
            "booster_pump plant communal_area other",
        ),
        one_of("asset", "occupancy_status_code", "occupied void decant squatted closed demolished sold unknown"),
        one_of("asset", "ownership_code", "council leasehold freehold private housing_association other"),
        sa.CheckConstraint("bedrooms >= 0", name="ck_asset_bedrooms"),
        sa.CheckConstraint("built_year BETWEEN 1000 AND 2200", name="ck_asset_built_year"),
        sa.CheckConstraint("disposed_date >= acquired_date", name="ck_asset_disposed_date_not_before_acquired_date"),
        sa.CheckConstraint("floor_area_m2 >= 0", name="ck_asset_floor_area_m2"),
        sa.CheckConstraint("parent_uprn BETWEEN 1 AND 999999999999", name="ck_asset_parent_uprn"),
        sa.CheckConstraint("storeys >= 0", name="ck_asset_storeys"),
        sa.CheckConstraint("uprn BETWEEN 1 AND 999999999999", name="ck_asset_uprn"),
        sa.ForeignKeyConstraint(["parent_id"], ["canonical.asset.id"], name="fk_asset_parent_id"),
        comment="A place the council manages: an estate, a block, a home, a garage or plant.",
    )
    op.create_index("ix_asset_asset_ref", "asset", ["asset_ref"], schema="canonical")
    op.create_index("ix_asset_parent_id", "asset", ["parent_id"], schema="canonical")
    op.create_index("ix_asset_postcode", "asset", ["postcode"], schema="canonical")
    op.create_index("ix_asset_uprn", "asset", ["uprn"], schema="canonical")


def downgrade() -> None:
    drop_entity("asset")
    op.execute("DROP SCHEMA history")
    op.execute("DROP SCHEMA canonical")
