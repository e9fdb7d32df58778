"""A person of a system that knows no household says by which home, tenancy or payment reference it knows them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

REFERENCES = {"asset": "Where the source knows the person to live", "tenancy": "The tenancy they are known by"}
PAYMENT_REF = "Payment reference that they pay under"


def upgrade() -> None:
    for schema in ("canonical", "history"):
        for table, comment in REFERENCES.items():
            op.add_column("person", sa.Column(f"{table}_id", sa.Uuid, comment=comment), schema=schema)
        op.add_column("person", sa.Column("payment_ref", sa.Text, comment=PAYMENT_REF), schema=schema)
    for table in REFERENCES:
        name = f"{table}_id"
        op.create_foreign_key(
            f"fk_person_{name}", "person", table, [name], ["id"], source_schema="canonical",
            referent_schema="canonical",
        )  # fmt: skip
        op.create_index(f"ix_person_{name}", "person", [name], schema="canonical")
    op.create_index("ix_person_payment_ref", "person", ["payment_ref"], schema="canonical")


def downgrade() -> None:
    for schema in ("canonical", "history"):
        for name in ("payment_ref", "tenancy_id", "asset_id"):
            op.drop_column("person", name, schema=schema)
