"""Gazetteer: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "blpu",
        sa.Column("uprn", sa.BigInteger, nullable=False, comment="Unique property reference number"),
        sa.Column("logical_status_code", sa.Text, nullable=False, comment="Standing of the record"),
        sa.Column("state_code", sa.Text, comment="Physical state"),
        sa.Column("state_date", sa.Date, comment="Day it came to that state"),
        sa.Column("parent_uprn", sa.BigInteger, comment="UPRN of the unit it is part of"),
        sa.Column("easting_m", sa.Numeric(precision=9, scale=2), comment="British National Grid, metres east"),
        sa.Column("northing_m", sa.Numeric(precision=9, scale=2), comment="British National Grid, metres north"),
        sa.Column("positional_accuracy", sa.Integer, comment="Representative point code: 1 (best) to 9"),
        sa.Column("custodian_code", sa.Text, comment="Authority that keeps the record"),
        sa.Column("postal_address_code", sa.Text, comment="Whether post is delivered: S, N, C, D, L or M"),
        sa.Column("postcode", sa.Text, comment="Postcode with one space"),
        sa.Column("multiple_occupancy_count", sa.Integer, comment="Number of units within it"),
        sa.Column("start_date", sa.Date, comment="Day the record began"),
        sa.Column("end_date", sa.Date, comment="Day the record ended"),
        sa.Column("updated_date", sa.Date, comment="Day the record last changed"),
        one_of("blpu", "logical_status_code", "approved alternative provisional historical candidate rejected"),
        one_of("blpu", "state_code", "under_construction in_use unoccupied no_longer_existing planning_granted"),
        sa.CheckConstraint("end_date >= start_date", name="ck_blpu_end_date_not_before_start_date"),
        sa.CheckConstraint("parent_uprn BETWEEN 1 AND 999999999999", name="ck_blpu_parent_uprn"),
        sa.CheckConstraint("uprn BETWEEN 1 AND 999999999999", name="ck_blpu_uprn"),
        comment="A basic land and property unit: a piece of land or a building that has a UPRN.",
    )
    op.create_index("ix_blpu_postcode", "blpu", ["postcode"], schema="canonical")
    op.create_index("ix_blpu_uprn", "blpu", ["uprn"], schema="canonical")
    create_entity(
        "blpu_classification",
        sa.Column("uprn", sa.BigInteger, nullable=False, comment="UPRN that is classified"),
        sa.Column("class_ref", sa.Text, nullable=False, comment="Key of the classification in the gazetteer"),
        sa.Column(
            "classification_code", sa.Text, nullable=False, comment="Class in the scheme, such as RD for a dwelling"
        ),
        sa.Column("scheme", sa.Text, nullable=False, comment="Name of the scheme"),
        sa.Column("scheme_version", sa.Text, comment="Version of the scheme"),
        sa.Column("start_date", sa.Date, comment="Day the record began"),
        sa.Column("end_date", sa.Date, comment="Day the record ended"),
        sa.Column("updated_date", sa.Date, comment="Day the record last changed"),
        sa.CheckConstraint("end_date >= start_date", name="ck_blpu_classification_end_date_not_before_start_date"),
        sa.CheckConstraint("uprn BETWEEN 1 AND 999999999999", name="ck_blpu_classification_uprn"),
        comment="What a UPRN is used for, in a named scheme.",
    )
    op.create_index("ix_blpu_classification_uprn", "blpu_classification", ["uprn"], schema="canonical")
    create_entity(
        "blpu_cross_reference",
        sa.Column("uprn", sa.BigInteger, nullable=False, comment="UPRN that is referred to"),
        sa.Column("cross_ref_key", sa.Text, nullable=False, comment="Key of the cross-reference in the gazetteer"),
        sa.Column("cross_reference", sa.Text, nullable=False, comment="Key in the other data set"),
        sa.Column("version", sa.Integer, comment="Version of the key in the other data set"),
        sa.Column("data_source", sa.Text, nullable=False, comment="The other data set, gazetteer's code"),
        sa.Column("start_date", sa.Date, comment="Day the record began"),
        sa.Column("end_date", sa.Date, comment="Day the record ended"),
        sa.Column("updated_date", sa.Date, comment="Day the record last changed"),
        sa.CheckConstraint("end_date >= start_date", name="ck_blpu_cross_reference_end_date_not_before_start_date"),
        sa.CheckConstraint("uprn BETWEEN 1 AND 999999999999", name="ck_blpu_cross_reference_uprn"),
        comment="The key of a UPRN in another national data set.",
    )
    op.create_index("ix_blpu_cross_reference_uprn", "blpu_cross_reference", ["uprn"], schema="canonical")
    create_entity(
        "blpu_organisation",
        sa.Column("uprn", sa.BigInteger, nullable=False, comment="UPRN where it is"),
        sa.Column("organisation_ref", sa.Text, nullable=False, comment="Key of the organisation in the gazetteer"),
        sa.Column("organisation_name", sa.Text, nullable=False, comment="Name of the organisation"),
        sa.Column("legal_name", sa.Text, comment="Registered legal name"),
        sa.Column("start_date", sa.Date, comment="Day the record began"),
        sa.Column("end_date", sa.Date, comment="Day the record ended"),
        sa.Column("updated_date", sa.Date, comment="Day the record last changed"),
        sa.CheckConstraint("end_date >= start_date", name="ck_blpu_organisation_end_date_not_before_start_date"),
        sa.CheckConstraint("uprn BETWEEN 1 AND 999999999999", name="ck_blpu_organisation_uprn"),
        comment="An organisation that is at a UPRN.",
    )
    op.create_index("ix_blpu_organisation_uprn", "blpu_organisation", ["uprn"], schema="canonical")
    create_entity(
        "delivery_point",
        sa.Column("uprn", sa.BigInteger, nullable=False, comment="UPRN that post is brought to"),
        sa.Column("udprn", sa.Integer, comment="Delivery point's number with the post"),
        sa.Column("organisation_name", sa.Text, comment="Organisation at the address"),
        sa.Column("department_name", sa.Text, comment="Department of the organisation"),
        sa.Column("sub_building_name", sa.Text, comment="Flat or unit"),
        sa.Column("building_name", sa.Text, comment="Name of the building"),
        sa.Column("building_number", sa.Integer, comment="Number of the building"),
        sa.Column("dependent_thoroughfare", sa.Text, comment="Street off the main street"),
        sa.Column("thoroughfare", sa.Text, comment="Street"),
        sa.Column("double_dependent_locality", sa.Text, comment="Smallest locality"),
        sa.Column("dependent_locality", sa.Text, comment="Locality"),
        sa.Column("post_town", sa.Text, comment="Post town"),
        sa.Column("postcode", sa.Text, comment="Postcode with one space"),
        sa.Column("postcode_type_code", sa.Text, comment="S for many users, L for one"),
        sa.Column("start_date", sa.Date, comment="Day the record began"),
        sa.Column("end_date", sa.Date, comment="Day the record ended"),
        sa.Column("updated_date", sa.Date, comment="Day the record last changed"),
        sa.CheckConstraint("end_date >= start_date", name="ck_delivery_point_end_date_not_before_start_date"),
        sa.CheckConstraint("uprn BETWEEN 1 AND 999999999999", name="ck_delivery_point_uprn"),
        comment="An address as the post knows it.",
    )
    op.create_index("ix_delivery_point_postcode", "delivery_point", ["postcode"], schema="canonical")
    op.create_index("ix_delivery_point_uprn", "delivery_point", ["uprn"], schema="canonical")
    create_entity(
        "lpi",
        sa.Column("uprn", sa.BigInteger, nullable=False, comment="UPRN that it addresses"),
        sa.Column("lpi_key", sa.Text, nullable=False, comment="Key of the identifier in the gazetteer"),
        sa.Column("language_code", sa.Text, comment="Language it is written in"),
        sa.Column("logical_status_code", sa.Text, nullable=False, comment="Standing of the record"),
        sa.Column("sao_start_number", sa.Integer, comment="First number of the flat or unit"),
        sa.Column("sao_start_suffix", sa.Text, comment="Letter after the first number of the unit"),
        sa.Column("sao_end_number", sa.Integer, comment="Last number of the flat or unit"),
        sa.Column("sao_end_suffix", sa.Text, comment="Letter after the last number of the unit"),
        sa.Column("sao_text", sa.Text, comment="Name of the flat or unit"),
        sa.Column("pao_start_number", sa.Integer, comment="First number of the building"),
        sa.Column("pao_start_suffix", sa.Text, comment="Letter after the first number of the building"),
        sa.Column("pao_end_number", sa.Integer, comment="Last number of the building"),
        sa.Column("pao_end_suffix", sa.Text, comment="Letter after the last number of the building"),
        sa.Column("pao_text", sa.Text, comment="Name of the building"),
        sa.Column("usrn", sa.Integer, comment="Street that it stands on"),
        sa.Column("usrn_match_code", sa.Text, comment="How the street was matched, gazetteer's code"),
        sa.Column("area_name", sa.Text, comment="Area in addition to the street"),
        sa.Column("level", sa.Text, comment="Floor or level"),
        sa.Column("is_official", sa.Boolean, comment="Whether it is the official address"),
        sa.Column("start_date", sa.Date, comment="Day the record began"),
        sa.Column("end_date", sa.Date, comment="Day the record ended"),
        sa.Column("updated_date", sa.Date, comment="Day the record last changed"),
        one_of("lpi", "language_code", "english welsh gaelic other"),
        one_of("lpi", "logical_status_code", "approved alternative provisional historical candidate rejected"),
        sa.CheckConstraint("end_date >= start_date", name="ck_lpi_end_date_not_before_start_date"),
        sa.CheckConstraint("uprn BETWEEN 1 AND 999999999999", name="ck_lpi_uprn"),
        comment="A land and property identifier: one way to write the address of a UPRN.",
    )
    op.create_index("ix_lpi_uprn", "lpi", ["uprn"], schema="canonical")
    op.create_index("ix_lpi_usrn", "lpi", ["usrn"], schema="canonical")
    create_entity(
        "street",
        sa.Column("usrn", sa.Integer, nullable=False, comment="Unique street reference number"),
        sa.Column("street_type_code", sa.Text, comment="Kind of street record"),
        sa.Column("authority_code", sa.Text, comment="Authority that names it"),
        sa.Column("state_code", sa.Text, comment="State of the street, gazetteer's code"),
        sa.Column("surface_code", sa.Text, comment="Surface of the street, gazetteer's code"),
        sa.Column("classification_code", sa.Text, comment="Who may use it, gazetteer's code"),
        sa.Column("start_easting_m", sa.Numeric(precision=9, scale=2), comment="Metres east of its start"),
        sa.Column("start_northing_m", sa.Numeric(precision=9, scale=2), comment="Metres north of its start"),
        sa.Column("end_easting_m", sa.Numeric(precision=9, scale=2), comment="Metres east of its end"),
        sa.Column("end_northing_m", sa.Numeric(precision=9, scale=2), comment="Metres north of its end"),
        sa.Column("start_date", sa.Date, comment="Day the record began"),
        sa.Column("end_date", sa.Date, comment="Day the record ended"),
        sa.Column("updated_date", sa.Date, comment="Day the record last changed"),
        one_of("street", "street_type_code", "official_name described numbered unofficial"),
        sa.CheckConstraint("end_date >= start_date", name="ck_street_end_date_not_before_start_date"),
        comment="A street of the gazetteer.",
    )
    op.create_index("ix_street_usrn", "street", ["usrn"], schema="canonical")
    create_entity(
        "street_description",
        sa.Column("usrn", sa.Integer, nullable=False, comment="Street that it names"),
        sa.Column("description", sa.Text, nullable=False, comment="Name of the street, or what it is called by"),
        sa.Column("locality", sa.Text, comment="Locality"),
        sa.Column("town", sa.Text, comment="Town"),
        sa.Column("administrative_area", sa.Text, comment="Administrative area"),
        sa.Column("language_code", sa.Text, comment="Language it is written in"),
        one_of("street_description", "language_code", "english welsh gaelic other"),
        comment="A street's name in one language.",
    )
    op.create_index("ix_street_description_usrn", "street_description", ["usrn"], schema="canonical")


def downgrade() -> None:
    drop_entity("street_description")
    drop_entity("street")
    drop_entity("lpi")
    drop_entity("delivery_point")
    drop_entity("blpu_organisation")
    drop_entity("blpu_cross_reference")
    drop_entity("blpu_classification")
    drop_entity("blpu")
