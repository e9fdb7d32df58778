"""Identifiers: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "golden_link",
        sa.Column("entity_type", sa.Text, nullable=False, comment="Table of the record: person or asset"),
        sa.Column("entity_id", sa.Uuid, nullable=False, comment="Id of the record"),
        sa.Column("golden_id", sa.Uuid, nullable=False, comment="Id that all records of the same thing share"),
        sa.Column("decided_by", sa.Text, nullable=False, comment="The rule or the user that decided"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False, comment="When it was decided"),
        sa.PrimaryKeyConstraint("entity_type", "entity_id", name="pk_golden_link"),
        schema="canonical",
        comment="A decision that records with one golden id are the same person or property.",
    )
    op.create_index("ix_golden_link_golden_id", "golden_link", ["golden_id"], schema="canonical")
    create_entity(
        "identifier",
        sa.Column("entity_type", sa.Text, nullable=False, comment="Table of what is identified"),
        sa.Column("entity_id", sa.Uuid, nullable=False, comment="Id of what is identified"),
        sa.Column("scheme_code", sa.Text, nullable=False, comment="What kind of key it is"),
        sa.Column("value", sa.Text, nullable=False, comment="The key"),
        sa.Column("allocated_by", sa.Text, nullable=False, comment="Who gave the key: a system or a body"),
        sa.Column("start_date", sa.Date, comment="First day it is valid"),
        sa.Column("end_date", sa.Date, comment="Last day it is valid"),
        one_of(
            "identifier",
            "scheme_code",
            "property_ref uprn usrn block_ref estate_ref person_ref national_insurance_number "
            "household_ref tenancy_ref rent_account_ref payment_ref housing_benefit_ref "
            "work_order_ref request_ref booking_ref operative_ref payroll_ref contractor_ref "
            "application_ref case_ref certificate_ref gas_safe_ref core_ref other",
        ),
        sa.CheckConstraint("end_date >= start_date", name="ck_identifier_end_date_not_before_start_date"),
        comment="A key that something of the model has with somebody, and who gave it.",
    )
    op.create_index(
        "ix_identifier_entity_type_entity_id", "identifier", ["entity_type", "entity_id"], schema="canonical"
    )
    op.create_index("ix_identifier_scheme_code_value", "identifier", ["scheme_code", "value"], schema="canonical")


def downgrade() -> None:
    drop_entity("identifier")
    op.drop_table("golden_link", schema="canonical")
