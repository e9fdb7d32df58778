"""The live plan: plans, what happened to the published one, its visits and bookings, decisions, messages to devices."""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

PLAN = """
CREATE TABLE scheduling.plan (
    id bigint GENERATED ALWAYS AS IDENTITY,
    made_at timestamptz NOT NULL DEFAULT now(),
    status_code text NOT NULL,
    published_at timestamptz,
    published_by text,
    starts_on date NOT NULL,
    days integer NOT NULL,
    problem_hash text NOT NULL,
    plan_hash text NOT NULL,
    seed bigint NOT NULL,
    iterations bigint NOT NULL,
    jobs integer NOT NULL,
    left_out integer NOT NULL,
    distance_m bigint NOT NULL,
    written bytea NOT NULL,
    last_event bigint NOT NULL,
    CONSTRAINT pk_plan PRIMARY KEY (id),
    CONSTRAINT ck_plan_status_code CHECK (status_code IN ('draft', 'published', 'superseded')),
    CONSTRAINT ck_plan_published_at CHECK ((status_code = 'draft') = (published_at IS NULL))
);
CREATE UNIQUE INDEX uq_plan_published ON scheduling.plan (status_code) WHERE status_code = 'published';
COMMENT ON TABLE scheduling.plan IS
    'Plans as they were made; what happened to the published one since stands in event';
COMMENT ON COLUMN scheduling.plan.id IS 'Number of the plan';
COMMENT ON COLUMN scheduling.plan.made_at IS 'When it was kept';
COMMENT ON COLUMN scheduling.plan.status_code IS 'draft, published (one at most) or superseded';
COMMENT ON COLUMN scheduling.plan.published_at IS 'When it became the live plan';
COMMENT ON COLUMN scheduling.plan.published_by IS 'Who or what published it';
COMMENT ON COLUMN scheduling.plan.starts_on IS 'First local day';
COMMENT ON COLUMN scheduling.plan.days IS 'Local days that it covers';
COMMENT ON COLUMN scheduling.plan.problem_hash IS 'SHA-256 of the problem, by which its file is named';
COMMENT ON COLUMN scheduling.plan.plan_hash IS 'SHA-256 of the plan''s bytes, as approvals name it';
COMMENT ON COLUMN scheduling.plan.seed IS 'Seed of the search';
COMMENT ON COLUMN scheduling.plan.iterations IS 'Work of the search';
COMMENT ON COLUMN scheduling.plan.jobs IS 'Jobs that have visits';
COMMENT ON COLUMN scheduling.plan.left_out IS 'Jobs that have none';
COMMENT ON COLUMN scheduling.plan.distance_m IS 'Way of the plan, metres';
COMMENT ON COLUMN scheduling.plan.written IS 'The plan itself, as JSON';
COMMENT ON COLUMN scheduling.plan.last_event IS 'The last event that the problem knew of';
"""

EVENT = """
CREATE TABLE scheduling.event (
    number bigint NOT NULL,
    plan_id bigint NOT NULL,
    happened_at timestamptz NOT NULL,
    kind text NOT NULL,
    done_by text NOT NULL,
    reason text,
    told jsonb NOT NULL,
    change jsonb NOT NULL,
    CONSTRAINT pk_event PRIMARY KEY (number),
    CONSTRAINT fk_event_plan FOREIGN KEY(plan_id) REFERENCES scheduling.plan (id)
);
CREATE INDEX ix_event_plan_id_number ON scheduling.event (plan_id, number);
COMMENT ON TABLE scheduling.event IS
    'Append-only: everything that changed the live plan, in order. Plan and events give the plan as it is';
COMMENT ON COLUMN scheduling.event.number IS 'One after the other, counted by the desk that wrote it';
COMMENT ON COLUMN scheduling.event.plan_id IS 'The plan that it changed';
COMMENT ON COLUMN scheduling.event.happened_at IS 'When, by the desk''s clock';
COMMENT ON COLUMN scheduling.event.kind IS 'What was done: held, confirmed, moved, cancelled, expired, ...';
COMMENT ON COLUMN scheduling.event.done_by IS 'The client or person that did it';
COMMENT ON COLUMN scheduling.event.reason IS 'Why, where somebody has to say it; never a value of a tenant';
COMMENT ON COLUMN scheduling.event.told IS 'What was asked and answered, in references';
COMMENT ON COLUMN scheduling.event.change IS
    'What it did to the plan: routes as they are now, windows, jobs that came';
"""

VISIT = """
CREATE TABLE scheduling.visit (
    job_ref text NOT NULL,
    role integer NOT NULL,
    operative_ref text NOT NULL,
    day date NOT NULL,
    shift integer NOT NULL,
    sequence integer NOT NULL,
    arrive_at timestamptz NOT NULL,
    start_at timestamptz NOT NULL,
    end_at timestamptz NOT NULL,
    leg_m integer NOT NULL,
    CONSTRAINT pk_visit PRIMARY KEY (job_ref, role)
);
CREATE INDEX ix_visit_day_operative_ref ON scheduling.visit (day, operative_ref);
CREATE INDEX ix_visit_shift ON scheduling.visit (shift);
COMMENT ON TABLE scheduling.visit IS 'The visits of the live plan as they are now, kept by the desk';
COMMENT ON COLUMN scheduling.visit.job_ref IS 'The job: the order''s number, with its trade where it has several';
COMMENT ON COLUMN scheduling.visit.role IS 'Which of the crew';
COMMENT ON COLUMN scheduling.visit.operative_ref IS 'The source''s own number of the operative';
COMMENT ON COLUMN scheduling.visit.day IS 'Local day of the shift';
COMMENT ON COLUMN scheduling.visit.shift IS 'Position of the shift in the problem';
COMMENT ON COLUMN scheduling.visit.sequence IS 'Place among the visits of the shift, from 1';
COMMENT ON COLUMN scheduling.visit.arrive_at IS 'When the operative is expected';
COMMENT ON COLUMN scheduling.visit.start_at IS 'When work begins';
COMMENT ON COLUMN scheduling.visit.end_at IS 'When work is expected to end';
COMMENT ON COLUMN scheduling.visit.leg_m IS 'Way from the stop before, metres';
"""

BOOKING = """
CREATE TABLE scheduling.booking (
    id bigint NOT NULL,
    job_ref text NOT NULL,
    status_code text NOT NULL,
    day date NOT NULL,
    slot text NOT NULL,
    window_start_at timestamptz NOT NULL,
    window_end_at timestamptz NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz,
    idempotency_key text,
    CONSTRAINT pk_booking PRIMARY KEY (id),
    CONSTRAINT ck_booking_status_code CHECK (status_code IN ('held', 'confirmed', 'expired', 'cancelled')),
    CONSTRAINT ck_booking_slot CHECK (slot IN ('AM', 'PM', 'SCHOOL', 'DAY', 'OTHER')),
    CONSTRAINT ck_booking_window CHECK (window_start_at < window_end_at),
    CONSTRAINT ck_booking_expires_at CHECK ((status_code = 'held') <= (expires_at IS NOT NULL))
);
CREATE UNIQUE INDEX uq_booking_idempotency_key ON scheduling.booking (made_by, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX uq_booking_job_ref ON scheduling.booking (job_ref) WHERE status_code IN ('held', 'confirmed');
COMMENT ON TABLE scheduling.booking IS 'Slots held for tenants and promised to them: at most one a job at a time';
COMMENT ON COLUMN scheduling.booking.id IS 'Number of the hold and of the booking that it becomes, counted by the desk';
COMMENT ON COLUMN scheduling.booking.job_ref IS 'The job that it is for';
COMMENT ON COLUMN scheduling.booking.status_code IS 'held, confirmed, expired or cancelled';
COMMENT ON COLUMN scheduling.booking.day IS 'Local day of the slot';
COMMENT ON COLUMN scheduling.booking.slot IS 'AM, PM, SCHOOL, DAY, or OTHER where another system promised it';
COMMENT ON COLUMN scheduling.booking.window_start_at IS 'Begin of what the tenant is told';
COMMENT ON COLUMN scheduling.booking.window_end_at IS 'End of what the tenant is told';
COMMENT ON COLUMN scheduling.booking.made_by IS 'The client that holds it';
COMMENT ON COLUMN scheduling.booking.made_at IS 'When it was held';
COMMENT ON COLUMN scheduling.booking.expires_at IS 'A hold''s end; none once it is confirmed';
COMMENT ON COLUMN scheduling.booking.idempotency_key IS 'By which a client''s repeated hold is the same hold';
"""

OVERRIDE = """
CREATE TABLE scheduling.override (
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    job_ref text,
    operative_refs jsonb,
    day date,
    start_at timestamptz,
    decided_at timestamptz NOT NULL DEFAULT now(),
    decided_by text NOT NULL,
    reason text NOT NULL,
    until timestamptz,
    undone_at timestamptz,
    undone_by text,
    CONSTRAINT pk_override PRIMARY KEY (id),
    CONSTRAINT ck_override_kind CHECK (kind IN ('pin', 'block')),
    CONSTRAINT ck_override_job_ref CHECK (kind = 'block' OR job_ref IS NOT NULL),
    CONSTRAINT ck_override_decided_by CHECK (decided_by ~ '[^[:space:]]'),
    CONSTRAINT ck_override_reason CHECK (reason ~ '[^[:space:]]'),
    CONSTRAINT ck_override_undone CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
CREATE INDEX ix_override_job_ref ON scheduling.override (job_ref);
COMMENT ON TABLE scheduling.override IS
    'What planners decided against the engine, with their reasons; every plan respects what is not undone';
COMMENT ON COLUMN scheduling.override.id IS 'Number of the decision';
COMMENT ON COLUMN scheduling.override.kind IS 'pin or block; a swap is two pins';
COMMENT ON COLUMN scheduling.override.job_ref IS 'The job; none: a block of every job';
COMMENT ON COLUMN scheduling.override.operative_refs IS 'Who, by role; none: a pin of day or time alone';
COMMENT ON COLUMN scheduling.override.day IS 'Local day; none: any';
COMMENT ON COLUMN scheduling.override.start_at IS 'When a pinned visit begins; none: any time';
COMMENT ON COLUMN scheduling.override.decided_at IS 'When';
COMMENT ON COLUMN scheduling.override.decided_by IS 'Name of the person who decided';
COMMENT ON COLUMN scheduling.override.reason IS 'Why; never a value of a tenant';
COMMENT ON COLUMN scheduling.override.until IS 'When it ends by itself; none: never';
COMMENT ON COLUMN scheduling.override.undone_at IS 'When it was taken back';
COMMENT ON COLUMN scheduling.override.undone_by IS 'By whom';
"""

MESSAGE = """
CREATE TABLE scheduling.message (
    id bigint GENERATED ALWAYS AS IDENTITY,
    operative_ref text NOT NULL,
    event_number bigint,
    kind text NOT NULL,
    told jsonb NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now(),
    acknowledge_by timestamptz,
    acknowledged_at timestamptz,
    escalated_at timestamptz,
    CONSTRAINT pk_message PRIMARY KEY (id),
    CONSTRAINT fk_message_event FOREIGN KEY(event_number) REFERENCES scheduling.event (number)
);
CREATE INDEX ix_message_acknowledge_by ON scheduling.message (acknowledge_by)
    WHERE acknowledged_at IS NULL AND escalated_at IS NULL AND acknowledge_by IS NOT NULL;
CREATE INDEX ix_message_operative_ref_id ON scheduling.message (operative_ref, id);
COMMENT ON TABLE scheduling.message IS 'What was pushed to operatives'' devices, and what came of it';
COMMENT ON COLUMN scheduling.message.id IS 'Number, by which a device resumes';
COMMENT ON COLUMN scheduling.message.operative_ref IS 'Whose device it is for';
COMMENT ON COLUMN scheduling.message.event_number IS 'What it tells of';
COMMENT ON COLUMN scheduling.message.kind IS 'What it tells: emergency, changed, cancelled, ...';
COMMENT ON COLUMN scheduling.message.told IS 'References and times, nothing of a tenant';
COMMENT ON COLUMN scheduling.message.sent_at IS 'When';
COMMENT ON COLUMN scheduling.message.acknowledge_by IS 'Later than that it is escalated; none: it need not be';
COMMENT ON COLUMN scheduling.message.acknowledged_at IS 'When the operative said that they have it';
COMMENT ON COLUMN scheduling.message.escalated_at IS 'When it was passed on, as nobody had acknowledged it';
"""

APPEND_ONLY = """
CREATE FUNCTION scheduling.refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are only ever added' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON scheduling.event
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling.refuse_event_change();
"""

DESK = """
DO $$ BEGIN CREATE ROLE hub_desk NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
GRANT hub_desk TO CURRENT_USER;
GRANT USAGE ON SCHEMA scheduling, canonical TO hub_desk;
GRANT SELECT ON ALL TABLES IN SCHEMA canonical, scheduling TO hub_desk;
ALTER DEFAULT PRIVILEGES IN SCHEMA canonical GRANT SELECT ON TABLES TO hub_desk;
GRANT INSERT ON scheduling.event TO hub_desk;
GRANT INSERT, UPDATE, DELETE ON scheduling.visit TO hub_desk;
GRANT INSERT, UPDATE ON scheduling.booking, scheduling.override, scheduling.message TO hub_desk;
"""
"""The desk adds events and never changes one; it publishes and approves nothing."""

UNDESK = """
ALTER DEFAULT PRIVILEGES IN SCHEMA canonical REVOKE SELECT ON TABLES FROM hub_desk;
REVOKE ALL ON ALL TABLES IN SCHEMA canonical, scheduling FROM hub_desk;
REVOKE USAGE ON SCHEMA scheduling, canonical FROM hub_desk;
"""


def upgrade() -> None:
    for statement in (PLAN, EVENT, VISIT, BOOKING, OVERRIDE, MESSAGE, APPEND_ONLY, DESK):
        op.execute(statement)


def downgrade() -> None:
    op.execute(UNDESK)
    for table in ("message", "override", "booking", "visit", "event", "plan"):
        op.execute(f"DROP TABLE scheduling.{table}")
    op.execute("DROP FUNCTION scheduling.refuse_event_change")
