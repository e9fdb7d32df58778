"""Messages to devices have a number of their own for each; what needs consent."""

from __future__ import annotations

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

MESSAGE = """
ALTER TABLE scheduling.message ADD COLUMN sequence bigint;
UPDATE scheduling.message m SET sequence = n.sequence FROM (
    SELECT id, row_number() OVER (PARTITION BY operative_ref ORDER BY id) AS sequence FROM scheduling.message
) n WHERE n.id = m.id;
ALTER TABLE scheduling.message ALTER COLUMN sequence SET NOT NULL;
CREATE UNIQUE INDEX uq_message_operative_ref_sequence ON scheduling.message (operative_ref, sequence);
COMMENT ON COLUMN scheduling.message.sequence IS 'Which of the device''s messages it is, from 1 without gaps';
"""

PROPOSAL = """
CREATE TABLE scheduling.proposal (
    id bigint NOT NULL,
    event_number bigint NOT NULL,
    job_ref text NOT NULL,
    for_ref text,
    why text NOT NULL,
    told jsonb NOT NULL,
    status_code text NOT NULL,
    made_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text,
    CONSTRAINT pk_proposal PRIMARY KEY (id),
    CONSTRAINT fk_proposal_event FOREIGN KEY(event_number) REFERENCES scheduling.event (number),
    CONSTRAINT ck_proposal_status_code CHECK (status_code IN ('open', 'accepted', 'refused', 'void')),
    CONSTRAINT ck_proposal_decided_at CHECK ((status_code = 'open') = (decided_at IS NULL))
);
CREATE INDEX ix_proposal_job_ref ON scheduling.proposal (job_ref);
COMMENT ON TABLE scheduling.proposal IS 'What the plan cannot keep unless a tenant agrees to another slot';
COMMENT ON COLUMN scheduling.proposal.id IS 'Number, counted by the desk';
COMMENT ON COLUMN scheduling.proposal.event_number IS 'What made it, then what decided it';
COMMENT ON COLUMN scheduling.proposal.job_ref IS 'The job whose tenant has to agree to another slot';
COMMENT ON COLUMN scheduling.proposal.for_ref IS
    'The emergency that would take its place; none: its place is lost already';
COMMENT ON COLUMN scheduling.proposal.why IS 'What happened: away, overrun, no-access, emergency, ...';
COMMENT ON COLUMN scheduling.proposal.told IS 'Who, when, and the slots that could be had';
COMMENT ON COLUMN scheduling.proposal.status_code IS 'open, accepted, refused, or void where it came to nothing';
COMMENT ON COLUMN scheduling.proposal.made_at IS 'When';
COMMENT ON COLUMN scheduling.proposal.decided_at IS 'When the tenant''s answer was told';
COMMENT ON COLUMN scheduling.proposal.decided_by IS 'Who told it';
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE ON scheduling.proposal TO hub_desk;
GRANT SELECT ON scheduling.message TO hub_api;
"""


def upgrade() -> None:
    for statement in (MESSAGE, PROPOSAL, GRANTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("REVOKE SELECT ON scheduling.message FROM hub_api")
    op.execute("DROP TABLE scheduling.proposal")
    op.execute("DROP INDEX scheduling.uq_message_operative_ref_sequence")
    op.execute("ALTER TABLE scheduling.message DROP COLUMN sequence")
