"""Which repairs area a place lies in, so that visits can go to operatives who work there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

COMMENT = "Area by which repairs are shared out, the council's own code"


def upgrade() -> None:
    for schema in ("canonical", "history"):
        op.add_column("asset", sa.Column("repairs_area_code", sa.Text, comment=COMMENT), schema=schema)


def downgrade() -> None:
    for schema in ("canonical", "history"):
        op.drop_column("asset", "repairs_area_code", schema=schema)
