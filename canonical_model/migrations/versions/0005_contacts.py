"""Contacts: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "alert",
        sa.Column("person_id", sa.Uuid, comment="The person it is about"),
        sa.Column("asset_id", sa.Uuid, comment="The place it is about"),
        sa.Column("tenancy_id", sa.Uuid, comment="The tenancy it was recorded on"),
        sa.Column("alert_type_code", sa.Text, nullable=False, comment="What to be careful of"),
        sa.Column("description", sa.Text, comment="What was recorded; free text that may name people"),
        sa.Column("start_date", sa.Date, comment="Day it was recorded"),
        sa.Column("review_date", sa.Date, comment="Day it must be looked at again"),
        sa.Column("end_date", sa.Date, comment="Day it was lifted"),
        one_of(
            "alert",
            "alert_type_code",
            "visit_in_pairs violence verbal_abuse dangerous_dog asbestos needles no_lone_female "
            "no_lone_male oxygen_in_use vulnerable sensory_impairment mobility language key_safe "
            "hoarding fire_risk other",
        ),
        sa.CheckConstraint("end_date >= start_date", name="ck_alert_end_date_not_before_start_date"),
        sa.CheckConstraint("num_nonnulls(person_id, asset_id, tenancy_id) >= 1", name="ck_alert_is_about_something"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_alert_asset_id"),
        sa.ForeignKeyConstraint(["person_id"], ["canonical.person.id"], name="fk_alert_person_id"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["canonical.tenancy.id"], name="fk_alert_tenancy_id"),
        comment="A caution about a person or a place that staff must see before a visit.",
    )
    op.create_index("ix_alert_asset_id", "alert", ["asset_id"], schema="canonical")
    op.create_index("ix_alert_person_id", "alert", ["person_id"], schema="canonical")
    op.create_index("ix_alert_tenancy_id", "alert", ["tenancy_id"], schema="canonical")
    create_entity(
        "contact_method",
        sa.Column("person_id", sa.Uuid, comment="The person it reaches"),
        sa.Column("organisation_id", sa.Uuid, comment="The organisation it reaches"),
        sa.Column("tenancy_id", sa.Uuid, comment="The tenancy it was given for"),
        sa.Column("contact_type_code", sa.Text, nullable=False, comment="What kind of contact it is"),
        sa.Column("value", sa.Text, nullable=False, comment="The number or address itself"),
        sa.Column("contact_name", sa.Text, comment="Whom to ask for"),
        sa.Column("postcode", sa.Text, comment="Postcode of an address, with one space"),
        sa.Column("precedence", sa.Integer, comment="Order in which to try; 1 is first"),
        sa.Column("is_text_allowed", sa.Boolean, comment="Whether text messages may be sent"),
        sa.Column("start_date", sa.Date, comment="Day it began to be used"),
        sa.Column("end_date", sa.Date, comment="Day it stopped being used"),
        one_of("contact_method", "contact_type_code", "home_telephone mobile work_telephone email address other"),
        sa.CheckConstraint("end_date >= start_date", name="ck_contact_method_end_date_not_before_start_date"),
        sa.CheckConstraint(
            "num_nonnulls(person_id, organisation_id, tenancy_id) >= 1", name="ck_contact_method_reaches_somebody"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["canonical.organisation.id"], name="fk_contact_method_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["canonical.person.id"], name="fk_contact_method_person_id"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["canonical.tenancy.id"], name="fk_contact_method_tenancy_id"),
        comment="A telephone number or address at which somebody can be reached.",
    )
    op.create_index("ix_contact_method_organisation_id", "contact_method", ["organisation_id"], schema="canonical")
    op.create_index("ix_contact_method_person_id", "contact_method", ["person_id"], schema="canonical")
    op.create_index("ix_contact_method_tenancy_id", "contact_method", ["tenancy_id"], schema="canonical")


def downgrade() -> None:
    drop_entity("contact_method")
    drop_entity("alert")
