"""The change log: what was created, changed, ended and deleted, and where golden ids went, for those who follow.

One row stands for up to 1,000 changes that one statement made: a load of a million rows writes a thousand rows here.
Of 800,000 rent transactions that costs 7 % of the processor time of COPY and INSERT; a row a change would cost 39 %.
"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ENTITIES = """
absence agreement_instalment alert appointment arrears_action arrears_agreement arrears_case asset balance_snapshot
bank_entry bank_statement blpu blpu_classification blpu_cross_reference blpu_organisation certificate charge component
contact_method contract contractor delivery_point document_link golden_asset golden_household golden_member
golden_person hazard_case hmo_application hmo_licence household household_member housing_application identifier letting
lpi manual_allocation operative operative_availability operative_skill organisation pay_band pay_element pay_scheme
person recharge rent_account rent_period rent_transaction repair_request satisfaction_response shift sor_item street
street_description survey suspense_item tenancy tenancy_holding tenancy_party trade visit_confirmation void work_element
work_order
"""

TABLES = """
CREATE SCHEMA feed;
COMMENT ON SCHEMA feed IS 'What happened to canonical rows, in the order of each record';

CREATE TABLE feed.change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    run_id integer,
    entity text NOT NULL,
    kind text NOT NULL CONSTRAINT ck_change_kind
        CHECK (kind IN ('created', 'changed', 'ended', 'deleted', 'merged', 'split')),
    entity_ids uuid[] NOT NULL,
    new_ids uuid[],
    CONSTRAINT ck_change_new_ids CHECK ((kind IN ('merged', 'split')) = (new_ids IS NOT NULL))
);
ALTER TABLE feed.change ALTER entity_ids SET STORAGE EXTERNAL, ALTER new_ids SET STORAGE EXTERNAL;
CREATE INDEX ix_change_tx_id ON feed.change (tx, id);
COMMENT ON TABLE feed.change IS 'Up to 1,000 changes that one statement made, of one table and kind';
COMMENT ON COLUMN feed.change.id IS 'Number: among the changes of one record, their order';
COMMENT ON COLUMN feed.change.tx IS 'Transaction that made them';
COMMENT ON COLUMN feed.change.at IS 'When';
COMMENT ON COLUMN feed.change.run_id IS 'Run that made them; null for a deletion and for a decision between runs';
COMMENT ON COLUMN feed.change.entity IS 'Canonical table';
COMMENT ON COLUMN feed.change.kind IS 'What happened';
COMMENT ON COLUMN feed.change.entity_ids IS 'The records; of a merge or split the golden ids before';
COMMENT ON COLUMN feed.change.new_ids IS 'Of a merge or split the golden ids after';

CREATE TABLE feed.purged (
    is_only boolean PRIMARY KEY DEFAULT true CONSTRAINT ck_purged_is_only CHECK (is_only),
    below bigint NOT NULL,
    tx xid8 NOT NULL
);
COMMENT ON TABLE feed.purged IS 'One row: what retention has taken from the log';
COMMENT ON COLUMN feed.purged.below IS 'Changes that went had numbers below this';
COMMENT ON COLUMN feed.purged.tx IS 'The latest of their transactions';
INSERT INTO feed.purged (below, tx) VALUES (1, '0');
"""

# A cached plan is kept per trigger, so one function serves all tables.
FUNCTIONS = """
CREATE FUNCTION feed.log() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO feed.change (entity, kind, run_id, entity_ids)
    SELECT TG_TABLE_NAME, kind, run_id, array_agg(id)
    FROM (
        SELECT id,
            CASE WHEN TG_OP = 'DELETE' THEN 'deleted' WHEN ended_run_id IS NOT NULL THEN 'ended'
                WHEN TG_OP = 'INSERT' THEN 'created' ELSE 'changed' END AS kind,
            CASE WHEN TG_OP <> 'DELETE' THEN coalesce(ended_run_id, run_id) END AS run_id,
            (row_number() OVER () - 1) / 1000 AS part
        FROM touched
    ) found
    GROUP BY part, kind, run_id;
    RETURN NULL;
END $$;

CREATE FUNCTION feed.log_truncate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO feed.change (entity, kind, entity_ids) SELECT %L, ''deleted'', array_agg(id) '
        'FROM (SELECT id, (row_number() OVER () - 1) / 1000 AS part FROM %I.%I) found GROUP BY part',
        TG_TABLE_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME
    );
    RETURN NULL;
END $$;

CREATE FUNCTION feed.log_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO feed.change (entity, kind, run_id, entity_ids, new_ids)
    SELECT 'golden_' || entity_type, kind, run_id, array_agg(old_id ORDER BY id), array_agg(new_id ORDER BY id)
    FROM (
        SELECT id, entity_type, run_id, old_id, new_id,
            CASE kind_code WHEN 'merge' THEN 'merged' ELSE 'split' END AS kind,
            (row_number() OVER (ORDER BY id) - 1) / 1000 AS part
        FROM touched WHERE kind_code IN ('merge', 'split')
    ) found
    GROUP BY part, entity_type, kind, run_id;
    RETURN NULL;
END $$;

CREATE PROCEDURE feed.watch(entity text) LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT * FROM (VALUES
        ('insert', 'AFTER INSERT', 'REFERENCING NEW TABLE AS touched', 'log'),
        ('update', 'AFTER UPDATE', 'REFERENCING NEW TABLE AS touched', 'log'),
        ('delete', 'AFTER DELETE', 'REFERENCING OLD TABLE AS touched', 'log'),
        ('truncate', 'BEFORE TRUNCATE', '', 'log_truncate')
    ) v (name, moment, touched, function)
    LOOP
        EXECUTE format('CREATE TRIGGER feed_%s %s ON canonical.%I %s FOR EACH STATEMENT EXECUTE FUNCTION feed.%s()',
            part.name, part.moment, entity, part.touched, part.function);
        EXECUTE format('ALTER TABLE canonical.%I ENABLE ALWAYS TRIGGER feed_%s', entity, part.name);
    END LOOP;
END $$;
COMMENT ON PROCEDURE feed.watch IS
    'Makes the log follow a canonical table, in every session_replication_role: loading changes that';
"""

EVENTS = """
CREATE TRIGGER feed_event AFTER INSERT ON canonical.golden_event REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION feed.log_event();
ALTER TABLE canonical.golden_event ENABLE ALWAYS TRIGGER feed_event;
"""

# Roles belong to the server: another database of it may have made this one.
ROLE = """
DO $$ BEGIN CREATE ROLE hub_api NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
GRANT hub_api TO CURRENT_USER;
GRANT USAGE ON SCHEMA feed TO hub_api;
GRANT SELECT ON feed.change, feed.purged TO hub_api;
"""

WEBHOOKS = """
CREATE SCHEMA api;
GRANT USAGE ON SCHEMA api TO hub_api;
CREATE TABLE api.webhook (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    client_id text NOT NULL,
    url text NOT NULL,
    entities text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    status text NOT NULL DEFAULT 'active' CONSTRAINT ck_webhook_status CHECK (status IN ('active', 'disabled')),
    message text,
    position bigint[] NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz,
    next_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz
);
CREATE INDEX ix_webhook_client_id ON api.webhook (client_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON api.webhook TO hub_api;
COMMENT ON TABLE api.webhook IS 'Who is told of changes by signed messages, and how far they are';
COMMENT ON COLUMN api.webhook.id IS 'Id of the subscription; its secret is made from it';
COMMENT ON COLUMN api.webhook.client_id IS 'Client that it belongs to';
COMMENT ON COLUMN api.webhook.url IS 'Where messages go';
COMMENT ON COLUMN api.webhook.entities IS 'Canonical tables that it follows';
COMMENT ON COLUMN api.webhook.created_at IS 'Since when';
COMMENT ON COLUMN api.webhook.status IS 'Whether messages are sent';
COMMENT ON COLUMN api.webhook.message IS 'Why it was disabled and what to do';
COMMENT ON COLUMN api.webhook.position IS 'Place in the change log up to which all was taken, with what is being read';
COMMENT ON COLUMN api.webhook.failures IS 'Attempts that failed since the last that did not';
COMMENT ON COLUMN api.webhook.failing_since IS 'When the first of them failed';
COMMENT ON COLUMN api.webhook.next_at IS 'Not tried again before';
COMMENT ON COLUMN api.webhook.delivered_at IS 'When a message was last taken';
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(FUNCTIONS)
    for entity in ENTITIES.split():
        op.execute(f"CALL feed.watch('{entity}')")
    op.execute(EVENTS)
    op.execute(ROLE)
    op.execute(WEBHOOKS)


def downgrade() -> None:
    op.execute("DROP TABLE api.webhook")
    op.execute("DROP SCHEMA api")
    op.execute("DROP TRIGGER feed_event ON canonical.golden_event")
    for entity in ENTITIES.split():
        for moment in ("insert", "update", "delete", "truncate"):
            op.execute(f"DROP TRIGGER feed_{moment} ON canonical.{entity}")
    op.execute("DROP SCHEMA feed CASCADE")
