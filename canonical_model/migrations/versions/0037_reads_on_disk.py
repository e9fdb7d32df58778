"""A line of the audit is added and brought to disk in one call; its text is kept as it is, without compression."""

from __future__ import annotations

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

PROCEDURE = """
ALTER TABLE api.audit ALTER COLUMN line SET STORAGE EXTERNAL;
CREATE PROCEDURE api.keep_reads_on_disk(lines text[], known bigint, known_hash bytea, OUT number bigint, OUT seal bytea,
    OUT follows boolean)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT kept.number, kept.seal, kept.follows INTO number, seal, follows
    FROM api.keep_reads(lines, known, known_hash) kept;
    COMMIT;
    PERFORM pg_catalog.pg_logical_emit_message(false, 'audit', '', true);  -- waits until all before it is on disk
END $$;
REVOKE ALL ON PROCEDURE api.keep_reads_on_disk FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE api.keep_reads_on_disk TO hub_api;
COMMENT ON PROCEDURE api.keep_reads_on_disk IS 'Adds lines to the audit and comes back when they are on disk';
"""


def upgrade() -> None:
    op.execute(PROCEDURE)


def downgrade() -> None:
    op.execute("DROP PROCEDURE api.keep_reads_on_disk")
    op.execute("ALTER TABLE api.audit ALTER COLUMN line SET STORAGE EXTENDED")
