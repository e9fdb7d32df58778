"""Money by rent group tells what was merged, quarantined and excluded; a purge tells of values and files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SET_ASIDE = ("merged", "quarantined", "excluded")


def upgrade() -> None:
    op.drop_column("group_money", "money_set_aside", schema="ledger")
    for fate in SET_ASIDE:
        money = sa.Column(
            f"money_{fate}", sa.Numeric(16, 2), nullable=False, server_default="0", comment=f"Pounds {fate}"
        )
        op.add_column("group_money", money, schema="ledger")
        op.alter_column("group_money", money.name, server_default=None, schema="ledger")
    op.alter_column("purge", "issues", comment="Closed issue rows that went", schema="ledger")
    op.alter_column("purge", "quarantined", comment="Set-aside rows that went", schema="ledger")
    for name, comment in (
        ("values", "Values that standing issues lost"),
        ("files", "Replaced files of feeds that went"),
    ):
        column = sa.Column(name, sa.BigInteger, nullable=False, server_default="0", comment=comment)
        op.add_column("purge", column, schema="ledger")


def downgrade() -> None:
    for name in ("values", "files"):
        op.drop_column("purge", name, schema="ledger")
    for fate in SET_ASIDE:
        op.drop_column("group_money", f"money_{fate}", schema="ledger")
    money = sa.Column(
        "money_set_aside", sa.Numeric(16, 2), nullable=False, server_default="0",
        comment="Pounds merged, quarantined or excluded",
    )  # fmt: skip
    op.add_column("group_money", money, schema="ledger")
