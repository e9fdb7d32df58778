"""A line of the audit stays in its row, and the last line is looked up once where it is the one that was sealed."""

from __future__ import annotations

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

FOLLOWS_BY_ONE_LOOK = """
    IF known = number THEN
        follows := known_hash = seal;
    ELSIF known = 0 THEN
        follows := number IS NULL;
    ELSE
        follows := EXISTS (SELECT FROM api.audit WHERE id = known AND hash = known_hash);
    END IF;"""
FOLLOWS_BY_A_SECOND = """
    follows := CASE WHEN known = 0 THEN number IS NULL
        ELSE EXISTS (SELECT FROM api.audit WHERE id = known AND hash = known_hash) END;"""
KEEP_READS = """
CREATE OR REPLACE FUNCTION api.keep_reads(lines text[], known bigint, known_hash bytea, OUT number bigint,
    OUT seal bytea, OUT follows boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told text;
BEGIN
    -- The lock is not held while the disk is waited for: the caller waits for the flush afterwards, before it answers.
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_advisory_xact_lock(x'68756261'::bigint);
    SELECT id, hash INTO number, seal FROM api.audit ORDER BY id DESC LIMIT 1;{follows}
    number := coalesce(number, 0);
    seal := coalesce(seal, decode(repeat('00', 32), 'hex'));
    FOREACH told IN ARRAY lines LOOP
        number := number + 1;
        INSERT INTO api.audit (id, previous, line, hash)
        VALUES (number, seal, told::json, sha256(seal || int8send(number) || convert_to(told, 'UTF8')))
        RETURNING hash INTO seal;
    END LOOP;
END $$
"""
A_ROW_IN_A_PAGE = 8_160
"""The longest row, in bytes, that a page of PostgreSQL holds."""


def upgrade() -> None:
    op.execute(f"ALTER TABLE api.audit SET (toast_tuple_target = {A_ROW_IN_A_PAGE})")
    op.execute(KEEP_READS.format(follows=FOLLOWS_BY_ONE_LOOK))


def downgrade() -> None:
    op.execute(KEEP_READS.format(follows=FOLLOWS_BY_A_SECOND))
    op.execute("ALTER TABLE api.audit RESET (toast_tuple_target)")
