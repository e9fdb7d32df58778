"""What the API keeps: its clients, the chained audit of reads of personal data, and bulk exports."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

CLIENTS = """
CREATE TABLE api.client (
    id text PRIMARY KEY CONSTRAINT ck_client_id CHECK (id ~ '^[a-z][a-z0-9-]{1,39}$'),
    secret_hash text NOT NULL,
    scopes text[] NOT NULL,
    purpose text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
GRANT SELECT ON api.client TO hub_api;
COMMENT ON TABLE api.client IS 'Programs that may ask the embedded issuer for tokens';
COMMENT ON COLUMN api.client.id IS 'Name of the client, as it stands in tokens and in the audit';
COMMENT ON COLUMN api.client.secret_hash IS 'scrypt: cost, block size, parallelism, salt and hash of its secret';
COMMENT ON COLUMN api.client.scopes IS 'What its tokens may open';
COMMENT ON COLUMN api.client.purpose IS 'What it reads for, unless a request says otherwise';
COMMENT ON COLUMN api.client.created_at IS 'Since when';
COMMENT ON COLUMN api.client.revoked_at IS 'Since when it gets no tokens any more';
"""

# The role has no way into the table but the function, so nobody who works as it can forge a hash or a number.
AUDIT = """
CREATE TABLE api.audit (
    id bigint PRIMARY KEY,
    previous bytea NOT NULL,
    line json NOT NULL,
    hash bytea NOT NULL
);
GRANT SELECT ON api.audit TO hub_api;
COMMENT ON TABLE api.audit IS 'Append-only: every read of personal data over the API, each line chained to the last';
COMMENT ON COLUMN api.audit.id IS 'Number of the line; they have no gaps';
COMMENT ON COLUMN api.audit.previous IS 'Hash of the line before; zeros for the first';
COMMENT ON COLUMN api.audit.line IS 'Reads: when, who, what for, which resource, how many records, which fields';
COMMENT ON COLUMN api.audit.hash IS 'SHA-256 of the hash before, the number (8 bytes) and the line';

CREATE FUNCTION api.keep_reads(lines text[], known bigint, known_hash bytea, OUT number bigint, OUT seal bytea,
    OUT follows boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told text;
BEGIN
    -- The lock is not held while the disk is waited for: the caller waits for the flush afterwards, before it answers.
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_advisory_xact_lock(x'68756261'::bigint);
    SELECT id, hash INTO number, seal FROM api.audit ORDER BY id DESC LIMIT 1;
    follows := CASE WHEN known = 0 THEN number IS NULL
        ELSE EXISTS (SELECT FROM api.audit WHERE id = known AND hash = known_hash) END;
    number := coalesce(number, 0);
    seal := coalesce(seal, decode(repeat('00', 32), 'hex'));
    FOREACH told IN ARRAY lines LOOP
        number := number + 1;
        INSERT INTO api.audit (id, previous, line, hash)
        VALUES (number, seal, told::json, sha256(seal || int8send(number) || convert_to(told, 'UTF8')))
        RETURNING hash INTO seal;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION api.keep_reads FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.keep_reads TO hub_api;
COMMENT ON FUNCTION api.keep_reads IS
    'Adds lines to the audit, one caller at a time; gives the last number and hash, and whether a known line stands';
"""

EXPORTS = """
CREATE TABLE api.export (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    client_id text NOT NULL,
    purpose text,
    resource text NOT NULL,
    fields text[] NOT NULL,
    filters json NOT NULL,
    format text NOT NULL CONSTRAINT ck_export_format CHECK (format IN ('ndjson', 'csv', 'parquet')),
    status text NOT NULL DEFAULT 'waiting'
        CONSTRAINT ck_export_status CHECK (status IN ('waiting', 'ready', 'failed', 'expired')),
    asked_at timestamptz NOT NULL DEFAULT now(),
    ready_at timestamptz,
    expires_at timestamptz,
    manifest json,
    fault text
);
CREATE INDEX ix_export_client_id ON api.export (client_id);
CREATE INDEX ix_export_waiting ON api.export (asked_at) WHERE status = 'waiting';
GRANT SELECT, INSERT, UPDATE, DELETE ON api.export TO hub_api;
COMMENT ON TABLE api.export IS 'Bulk exports that were asked for';
COMMENT ON COLUMN api.export.id IS 'Id of the export and name of its folder';
COMMENT ON COLUMN api.export.client_id IS 'Client that asked for it, and alone may fetch it';
COMMENT ON COLUMN api.export.purpose IS 'What it was asked for';
COMMENT ON COLUMN api.export.resource IS 'Path of the resource';
COMMENT ON COLUMN api.export.fields IS 'Fields it has';
COMMENT ON COLUMN api.export.filters IS 'Filters as they were asked: parameter -> text';
COMMENT ON COLUMN api.export.format IS 'How it is written';
COMMENT ON COLUMN api.export.status IS 'Whether it is made';
COMMENT ON COLUMN api.export.asked_at IS 'When it was asked for';
COMMENT ON COLUMN api.export.ready_at IS 'When it was made';
COMMENT ON COLUMN api.export.expires_at IS 'When its files go';
COMMENT ON COLUMN api.export.manifest IS 'Rows, parts with hashes, run, and the place in the change log';
COMMENT ON COLUMN api.export.fault IS 'Why it could not be made; never a value of a person';
"""


def upgrade() -> None:
    op.execute(CLIENTS)
    op.execute(AUDIT)
    op.execute(EXPORTS)


def downgrade() -> None:
    op.execute("DROP TABLE api.export")
    op.execute("DROP FUNCTION api.keep_reads")
    op.execute("DROP TABLE api.audit")
    op.execute("DROP TABLE api.client")
