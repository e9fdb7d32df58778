"""What scheduling keeps of mileage: baselines, plans and actuals by day and operative, approvals and alarms."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

MILEAGE = """
CREATE TABLE scheduling.mileage (
    kind text NOT NULL
        CONSTRAINT ck_mileage_kind CHECK (kind IN ('manual', 'four_areas', 'plan', 'actual')),
    day date NOT NULL,
    operative_ref text NOT NULL,
    trade_ref text,
    jobs integer NOT NULL CONSTRAINT ck_mileage_jobs CHECK (jobs >= 0),
    distance_m bigint NOT NULL CONSTRAINT ck_mileage_distance_m CHECK (distance_m >= 0),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_mileage PRIMARY KEY (kind, day, operative_ref)
);
COMMENT ON TABLE scheduling.mileage IS 'What each operative drives on a day: by hand, by rota, as planned and as done';
COMMENT ON COLUMN scheduling.mileage.kind IS 'Whose day it is: the manual plan, the rota of four areas, plan or actual';
COMMENT ON COLUMN scheduling.mileage.day IS 'The local day';
COMMENT ON COLUMN scheduling.mileage.operative_ref IS 'The source''s own number of the operative';
COMMENT ON COLUMN scheduling.mileage.trade_ref IS 'Main trade of the operative';
COMMENT ON COLUMN scheduling.mileage.jobs IS 'Jobs of the day; a job of two people counts for the first';
COMMENT ON COLUMN scheduling.mileage.distance_m IS 'Way from the start of the day over all jobs to its end, metres';
COMMENT ON COLUMN scheduling.mileage.recorded_at IS 'When it was counted';
"""

APPROVAL = """
CREATE TABLE scheduling.mileage_approval (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_mileage_approval PRIMARY KEY,
    approved_at timestamptz NOT NULL DEFAULT now(),
    approved_by text NOT NULL CONSTRAINT ck_mileage_approval_approved_by CHECK (approved_by ~ '[^[:space:]]'),
    reason text NOT NULL CONSTRAINT ck_mileage_approval_reason CHECK (reason ~ '[^[:space:]]'),
    plan_hash text NOT NULL,
    jobs integer NOT NULL,
    distance_m bigint NOT NULL,
    baseline_jobs integer NOT NULL,
    baseline_distance_m bigint NOT NULL,
    limit_percent numeric(6, 2) NOT NULL
);
CREATE INDEX ix_mileage_approval_plan_hash ON scheduling.mileage_approval (plan_hash);
COMMENT ON TABLE scheduling.mileage_approval IS
    'Append-only: who approved a plan with more miles a job than the manual week''s';
COMMENT ON COLUMN scheduling.mileage_approval.id IS 'Number of the approval';
COMMENT ON COLUMN scheduling.mileage_approval.approved_at IS 'When';
COMMENT ON COLUMN scheduling.mileage_approval.approved_by IS 'Name of the person who answers for it';
COMMENT ON COLUMN scheduling.mileage_approval.reason IS 'Why more miles are right; never a value of a tenant';
COMMENT ON COLUMN scheduling.mileage_approval.plan_hash IS 'SHA-256 of the plan; another plan needs another approval';
COMMENT ON COLUMN scheduling.mileage_approval.jobs IS 'Jobs of the plan';
COMMENT ON COLUMN scheduling.mileage_approval.distance_m IS 'Way of the plan, metres';
COMMENT ON COLUMN scheduling.mileage_approval.baseline_jobs IS 'Jobs of the manual weeks it was compared with';
COMMENT ON COLUMN scheduling.mileage_approval.baseline_distance_m IS 'Way of those weeks, metres';
COMMENT ON COLUMN scheduling.mileage_approval.limit_percent IS 'How much more a job was allowed without approval';
CREATE FUNCTION scheduling.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'approvals are only ever added' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON scheduling.mileage_approval
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling.refuse_change();
"""

ALARM = """
CREATE TABLE scheduling.mileage_alarm (
    day date CONSTRAINT pk_mileage_alarm PRIMARY KEY,
    raised_at timestamptz NOT NULL DEFAULT now(),
    expected text NOT NULL CONSTRAINT ck_mileage_alarm_expected CHECK (expected IN ('manual', 'plan')),
    expected_jobs integer NOT NULL,
    expected_distance_m bigint NOT NULL,
    jobs integer NOT NULL,
    distance_m bigint NOT NULL,
    drift_percent numeric(8, 2) NOT NULL
);
COMMENT ON TABLE scheduling.mileage_alarm IS 'Days on which more was driven a job than planned, beyond the limit';
COMMENT ON COLUMN scheduling.mileage_alarm.day IS 'The local day';
COMMENT ON COLUMN scheduling.mileage_alarm.raised_at IS 'When the alarm was first raised';
COMMENT ON COLUMN scheduling.mileage_alarm.expected IS 'What the day is compared with: the plan, or the manual one';
COMMENT ON COLUMN scheduling.mileage_alarm.expected_jobs IS 'Jobs expected';
COMMENT ON COLUMN scheduling.mileage_alarm.expected_distance_m IS 'Way expected, metres';
COMMENT ON COLUMN scheduling.mileage_alarm.jobs IS 'Jobs done';
COMMENT ON COLUMN scheduling.mileage_alarm.distance_m IS 'Way driven, metres';
COMMENT ON COLUMN scheduling.mileage_alarm.drift_percent IS 'How much more was driven a job than expected';
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA scheduling")
    for statement in (MILEAGE, APPROVAL, ALARM):
        op.execute(statement)


def downgrade() -> None:
    for table in ("mileage_alarm", "mileage_approval", "mileage"):
        op.execute(f"DROP TABLE scheduling.{table}")
    op.execute("DROP FUNCTION scheduling.refuse_change")
    op.execute("DROP SCHEMA scheduling")
