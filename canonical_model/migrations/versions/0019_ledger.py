"""The ledger: runs, batches, counts and money; raw values in a schema of a role of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


RESTRICTED_ROLE = "hub_restricted"


def upgrade() -> None:
    op.execute("CREATE SCHEMA ledger")
    op.execute(
        f"DO $$ BEGIN CREATE ROLE {RESTRICTED_ROLE} NOLOGIN; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    op.execute(f"GRANT {RESTRICTED_ROLE} TO CURRENT_USER")
    op.execute(f"CREATE SCHEMA restricted AUTHORIZATION {RESTRICTED_ROLE}")
    op.execute("REVOKE ALL ON SCHEMA restricted FROM PUBLIC")
    op.create_table(
        "mapping_version",
        sa.Column("version", sa.Text(), nullable=False, comment="Hash of the mapping folder"),
        sa.Column("system", sa.Text(), nullable=False, comment="Legacy system"),
        sa.Column(
            "fields",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="table -> canonical table -> field -> source columns",
        ),
        sa.PrimaryKeyConstraint("version"),
        schema="ledger",
        comment="How canonical fields came from source columns at each version of a mapping",
    )
    op.create_table(
        "purge",
        sa.Column("id", sa.Integer(), nullable=False, comment="Number of the purge"),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment="When"),
        sa.Column("older_than", sa.DateTime(timezone=True), nullable=False, comment="What was older went"),
        sa.Column("batches", sa.Integer(), nullable=False, comment="Batches whose raw rows went"),
        sa.Column("rows", sa.BigInteger(), nullable=False, comment="Source records in them"),
        sa.Column("issues", sa.BigInteger(), nullable=False, comment="Issue rows that went"),
        sa.Column("quarantined", sa.BigInteger(), nullable=False, comment="Quarantined rows that went"),
        sa.PrimaryKeyConstraint("id"),
        schema="ledger",
        comment="What hub purge removed",
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False, comment="Number of the run"),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment="Start"
        ),
        sa.Column(
            "finished_at", sa.DateTime(timezone=True), nullable=True, comment="End; null while running or after a crash"
        ),
        sa.Column("closes", sa.Boolean(), nullable=True, comment="Whether all books of the run close"),
        sa.PrimaryKeyConstraint("id"),
        schema="ledger",
        comment="One run of the migration over one or more systems",
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False, comment="Number of the batch"),
        sa.Column("run_id", sa.Integer(), nullable=False, comment="The run that landed it"),
        sa.Column("system", sa.Text(), nullable=False, comment="Legacy system"),
        sa.Column("source_table", sa.Text(), nullable=False, comment="Source table"),
        sa.Column("folder", sa.Text(), nullable=False, comment="Where its parts rest, below the landing folder"),
        sa.Column("mapping_version", sa.Text(), nullable=False, comment="Mapping version it was mapped with"),
        sa.Column("rows", sa.BigInteger(), nullable=False, comment="Source records landed"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="Hash of its content"),
        sa.Column(
            "finished",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="Whether its rows' fates are known",
        ),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True, comment="When its raw values were removed"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["ledger.run.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        schema="ledger",
        comment="One immutable landing of one source table",
    )
    op.create_index("batch_of_table", "batch", ["system", "source_table", "id"], unique=False, schema="ledger")
    op.create_table(
        "drift",
        sa.Column("run_id", sa.Integer(), nullable=False, comment="The run"),
        sa.Column("system", sa.Text(), nullable=False, comment="Legacy system or feed"),
        sa.Column("source_table", sa.Text(), nullable=False, comment="Table or operation"),
        sa.Column("element", sa.Text(), nullable=False, comment="Element that the source's schema does not declare"),
        sa.Column("times", sa.BigInteger(), nullable=False, comment="How often it came"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["ledger.run.id"],
        ),
        sa.PrimaryKeyConstraint("run_id", "system", "source_table", "element"),
        schema="ledger",
        comment="What sources send beyond what they declare",
    )
    op.create_table(
        "group_money",
        sa.Column("run_id", sa.Integer(), nullable=False, comment="The run"),
        sa.Column("system", sa.Text(), nullable=False, comment="Legacy system"),
        sa.Column("source_table", sa.Text(), nullable=False, comment="Source table"),
        sa.Column(
            "rent_group", sa.Text(), nullable=False, comment="Rent group of the accounts; '-' where none is known"
        ),
        sa.Column("accounts", sa.Integer(), nullable=False, comment="Accounts in the group"),
        sa.Column("money_source", sa.Numeric(precision=16, scale=2), nullable=False, comment="Pounds in the source"),
        sa.Column(
            "money_canonical",
            sa.Numeric(precision=16, scale=2),
            nullable=False,
            comment="Pounds in the canonical model",
        ),
        sa.Column(
            "money_set_aside",
            sa.Numeric(precision=16, scale=2),
            nullable=False,
            comment="Pounds merged, quarantined or excluded",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["ledger.run.id"],
        ),
        sa.PrimaryKeyConstraint("run_id", "system", "source_table", "rent_group"),
        schema="ledger",
        comment="The money reconciliation by rent group",
    )
    op.create_table(
        "issue_count",
        sa.Column("run_id", sa.Integer(), nullable=False, comment="The run"),
        sa.Column("system", sa.Text(), nullable=False, comment="Legacy system"),
        sa.Column("source_table", sa.Text(), nullable=False, comment="Source table"),
        sa.Column("code", sa.Text(), nullable=False, comment="Stable code of the check"),
        sa.Column("severity", sa.Text(), nullable=False, comment="error or warning"),
        sa.Column("rows", sa.BigInteger(), nullable=False, comment="Rows with the issue"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["ledger.run.id"],
        ),
        sa.PrimaryKeyConstraint("run_id", "system", "source_table", "code"),
        schema="ledger",
        comment="How often each check struck; stays when the issues are purged",
    )
    op.create_table(
        "system_run",
        sa.Column("run_id", sa.Integer(), nullable=False, comment="The run"),
        sa.Column("system", sa.Text(), nullable=False, comment="Legacy system or feed"),
        sa.Column("status", sa.Text(), nullable=False, comment="running, finished, stopped or failed"),
        sa.Column(
            "message", sa.Text(), nullable=True, comment="Why it stopped and the next step; never a value of a person"
        ),
        sa.Column(
            "seconds",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="Seconds by stage",
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True, comment="End"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["ledger.run.id"],
        ),
        sa.PrimaryKeyConstraint("run_id", "system"),
        schema="ledger",
        comment="What became of one system in one run",
    )
    op.create_table(
        "table_count",
        sa.Column("run_id", sa.Integer(), nullable=False, comment="The run"),
        sa.Column("system", sa.Text(), nullable=False, comment="Legacy system"),
        sa.Column("source_table", sa.Text(), nullable=False, comment="Source table"),
        sa.Column("extracted", sa.BigInteger(), nullable=False, comment="Source rows extracted"),
        sa.Column("loaded", sa.BigInteger(), nullable=False, comment="Source rows loaded"),
        sa.Column("unchanged", sa.BigInteger(), nullable=False, comment="Source rows unchanged"),
        sa.Column("merged", sa.BigInteger(), nullable=False, comment="Source rows merged"),
        sa.Column("quarantined", sa.BigInteger(), nullable=False, comment="Source rows quarantined"),
        sa.Column("excluded", sa.BigInteger(), nullable=False, comment="Source rows excluded"),
        sa.Column("ended", sa.BigInteger(), nullable=False, comment="Source rows ended"),
        sa.Column(
            "evidenced",
            sa.BigInteger(),
            nullable=True,
            comment="Canonical rows found for loaded and unchanged rows; null where not 1:1",
        ),
        sa.Column("money_source", sa.Numeric(precision=16, scale=2), nullable=True, comment="Pounds: money_source"),
        sa.Column(
            "money_canonical", sa.Numeric(precision=16, scale=2), nullable=True, comment="Pounds: money_canonical"
        ),
        sa.Column("money_merged", sa.Numeric(precision=16, scale=2), nullable=True, comment="Pounds: money_merged"),
        sa.Column(
            "money_quarantined", sa.Numeric(precision=16, scale=2), nullable=True, comment="Pounds: money_quarantined"
        ),
        sa.Column("money_excluded", sa.Numeric(precision=16, scale=2), nullable=True, comment="Pounds: money_excluded"),
        sa.Column(
            "money_stated_difference",
            sa.Numeric(precision=16, scale=2),
            nullable=True,
            comment="Pounds: money_stated_difference",
        ),
        sa.Column(
            "accounts_open",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="Accounts whose source and canonical pence differ",
        ),
        sa.Column("closes", sa.Boolean(), nullable=False, comment="Whether rows and pence close"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["ledger.run.id"],
        ),
        sa.PrimaryKeyConstraint("run_id", "system", "source_table"),
        schema="ledger",
        comment="The reconciliation: what became of each table's rows and pence",
    )
    op.create_table(
        "issue",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="Number of the issue"),
        sa.Column("batch_id", sa.Integer(), nullable=False, comment="Batch of the row"),
        sa.Column("run_id", sa.Integer(), nullable=False, comment="Run that found it"),
        sa.Column("source_row", sa.BigInteger(), nullable=True, comment="Ordinal of the row in its batch"),
        sa.Column("source_key", sa.Text(), nullable=True, comment="Key of the row in its system"),
        sa.Column("code", sa.Text(), nullable=False, comment="Stable code of the check"),
        sa.Column("severity", sa.Text(), nullable=False, comment="error or warning"),
        sa.Column("field", sa.Text(), nullable=False, comment="Source column"),
        sa.Column("value", sa.Text(), nullable=True, comment="The offending value as it stands in the source"),
        sa.Column("owner", sa.Text(), nullable=False, comment="Who must correct it"),
        sa.Column(
            "closed_run_id",
            sa.Integer(),
            nullable=True,
            comment="Run that judged the row again; null while the issue stands",
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["ledger.batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        schema="restricted",
        comment="One row for each reason why a source row is faulty or doubtful",
    )
    op.create_index("issue_by_batch", "issue", ["batch_id", "source_row"], unique=False, schema="restricted")
    op.create_index(
        "issue_standing",
        "issue",
        ["batch_id", "source_key"],
        unique=False,
        schema="restricted",
        postgresql_where=sa.text("closed_run_id IS NULL"),
    )
    op.create_index(
        "issue_standing_by_code",
        "issue",
        ["code"],
        unique=False,
        schema="restricted",
        postgresql_where=sa.text("closed_run_id IS NULL"),
    )
    op.create_table(
        "set_aside",
        sa.Column("batch_id", sa.Integer(), nullable=False, comment="Batch of the row"),
        sa.Column("run_id", sa.Integer(), nullable=False, comment="Run that set it aside"),
        sa.Column("source_row", sa.BigInteger(), nullable=False, comment="Ordinal of the row in its batch"),
        sa.Column(
            "source_key", sa.Text(), nullable=True, comment="Key of the row in its system; null where it cannot be read"
        ),
        sa.Column("fate", sa.Text(), nullable=False, comment="quarantined, merged or excluded"),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["ledger.batch.id"],
        ),
        schema="restricted",
        comment="Source rows that are not in the canonical model, with their fate",
    )
    op.create_index("set_aside_by_batch", "set_aside", ["batch_id", "source_row"], unique=False, schema="restricted")
    for name in ("issue", "set_aside"):
        op.execute(f"ALTER TABLE restricted.{name} OWNER TO {RESTRICTED_ROLE}")


def downgrade() -> None:
    op.drop_index("set_aside_by_batch", table_name="set_aside", schema="restricted")
    op.drop_table("set_aside", schema="restricted")
    op.drop_index("issue_standing_by_code", table_name="issue", schema="restricted")
    op.drop_index("issue_standing", table_name="issue", schema="restricted")
    op.drop_index("issue_by_batch", table_name="issue", schema="restricted")
    op.drop_table("issue", schema="restricted")
    op.drop_table("table_count", schema="ledger")
    op.drop_table("system_run", schema="ledger")
    op.drop_table("issue_count", schema="ledger")
    op.drop_table("group_money", schema="ledger")
    op.drop_table("drift", schema="ledger")
    op.drop_index("batch_of_table", table_name="batch", schema="ledger")
    op.drop_table("batch", schema="ledger")
    op.drop_table("run", schema="ledger")
    op.drop_table("purge", schema="ledger")
    op.drop_table("mapping_version", schema="ledger")
    op.execute("DROP SCHEMA restricted")
    op.execute("DROP SCHEMA ledger")
