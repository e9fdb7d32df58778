"""A webhook may follow operatives' devices in place of canonical tables."""

from __future__ import annotations

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

COLUMN = """
ALTER TABLE api.webhook ADD COLUMN devices text[];
COMMENT ON COLUMN api.webhook.devices IS
    'Operatives whose messages it takes, none: of all; null where it follows canonical tables';
COMMENT ON COLUMN api.webhook.position IS
    'Place in the change log, or number of the message, up to which all was taken, with what is being read';
"""


def upgrade() -> None:
    op.execute(COLUMN)


def downgrade() -> None:
    op.execute("DELETE FROM api.webhook WHERE devices IS NOT NULL")
    op.execute("ALTER TABLE api.webhook DROP COLUMN devices")
    op.execute(
        "COMMENT ON COLUMN api.webhook.position IS "
        "'Place in the change log up to which all was taken, with what is being read'"
    )
