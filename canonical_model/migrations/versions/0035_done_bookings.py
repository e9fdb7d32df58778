"""A booking whose visit was made is done: neither cancelled nor still promised."""

from __future__ import annotations

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

STATUS = "ALTER TABLE scheduling.booking DROP CONSTRAINT ck_booking_status_code"
CHECK = """
ALTER TABLE scheduling.booking ADD CONSTRAINT ck_booking_status_code CHECK (status_code IN ({}))
"""
COMMENT = "COMMENT ON COLUMN scheduling.booking.status_code IS '{}'"


def upgrade() -> None:
    op.execute(STATUS)
    op.execute(CHECK.format("'held', 'confirmed', 'done', 'expired', 'cancelled'"))
    op.execute(COMMENT.format("held, confirmed, done, expired or cancelled"))


def downgrade() -> None:
    op.execute(STATUS)
    op.execute("UPDATE scheduling.booking SET status_code = 'expired' WHERE status_code = 'done'")
    op.execute(CHECK.format("'held', 'confirmed', 'expired', 'cancelled'"))
    op.execute(COMMENT.format("held, confirmed, expired or cancelled"))
