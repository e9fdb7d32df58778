"""What the canonical API stands on: its role, the words that people and places are searched by, keys looked up by."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ROLE = "hub_api"
PERSON = "lower(coalesce(full_name, '') || ' ' || coalesce(preferred_name, '') || ' ' || coalesce(surname, ''))"
PLACE = (
    "lower(coalesce(name, '') || ' ' || coalesce(address_line_1, '') || ' ' || coalesce(address_line_2, '') || ' ' || "
    "coalesce(address_line_3, '') || ' ' || coalesce(postcode, '') || ' ' || asset_ref)"
)
LOOKED_UP = (("tenancy", "payment_ref"), ("arrears_case", "case_ref"), ("certificate", "certificate_ref"))


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for table, words in (("golden_person", PERSON), ("golden_asset", PLACE)):
        op.execute(f"CREATE INDEX ix_{table}_words ON canonical.{table} USING gin (({words}) gin_trgm_ops)")
    for table, column in LOOKED_UP:
        op.create_index(f"ix_{table}_{column}", table, [column], schema="canonical")
    op.execute(
        f"DO $$ BEGIN CREATE ROLE {ROLE} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    op.execute(f"GRANT {ROLE} TO CURRENT_USER")
    op.execute(f"GRANT USAGE ON SCHEMA canonical, history, ledger, feed TO {ROLE}")
    op.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA canonical, history, feed TO {ROLE}")
    op.execute(f"GRANT SELECT ON ledger.run, ledger.batch, ledger.mapping_version TO {ROLE}")
    op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA canonical, history GRANT SELECT ON TABLES TO {ROLE}")


def downgrade() -> None:
    op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA canonical, history REVOKE SELECT ON TABLES FROM {ROLE}")  # noqa: S608 - no value in it
    op.execute(f"REVOKE SELECT ON ALL TABLES IN SCHEMA canonical, history, feed, ledger FROM {ROLE}")  # noqa: S608 - no value in it
    op.execute(f"REVOKE USAGE ON SCHEMA canonical, history, ledger, feed FROM {ROLE}")
    for table, column in LOOKED_UP:
        op.drop_index(f"ix_{table}_{column}", table_name=table, schema="canonical")
    for table in ("golden_person", "golden_asset"):
        op.drop_index(f"ix_{table}_words", table_name=table, schema="canonical")
