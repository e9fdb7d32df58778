"""Arrears: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "arrears_case",
        sa.Column("case_ref", sa.Text, nullable=False, comment="The source's own reference of the case"),
        sa.Column("account_id", sa.Uuid, nullable=False, comment="The account in arrears"),
        sa.Column("tenancy_id", sa.Uuid, comment="The tenancy of the account"),
        sa.Column("status_code", sa.Text, comment="Where the case stands"),
        sa.Column("stage_code", sa.Text, comment="How far it has gone"),
        sa.Column("opened_date", sa.Date, comment="Day the case was opened"),
        sa.Column("closed_date", sa.Date, comment="Day the case was closed"),
        sa.Column("opening_balance", sa.Numeric(precision=12, scale=2), comment="Balance when it was opened, pounds"),
        one_of(
            "arrears_case", "stage_code", "early letters notice court_application court_order warrant eviction none"
        ),
        one_of("arrears_case", "status_code", "open monitoring legal suspended closed"),
        sa.CheckConstraint("closed_date >= opened_date", name="ck_arrears_case_closed_date_not_before_opened_date"),
        sa.ForeignKeyConstraint(["account_id"], ["canonical.rent_account.id"], name="fk_arrears_case_account_id"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["canonical.tenancy.id"], name="fk_arrears_case_tenancy_id"),
        comment="The pursuit of one account's arrears from the first letter to their end.",
    )
    op.create_index("ix_arrears_case_account_id", "arrears_case", ["account_id"], schema="canonical")
    op.create_index("ix_arrears_case_tenancy_id", "arrears_case", ["tenancy_id"], schema="canonical")
    create_entity(
        "arrears_action",
        sa.Column("action_ref", sa.Text, comment="The source's own reference of the action"),
        sa.Column("account_id", sa.Uuid, nullable=False, comment="The account in arrears"),
        sa.Column("case_id", sa.Uuid, comment="The case it belongs to"),
        sa.Column("action_type_code", sa.Text, nullable=False, comment="What was done"),
        sa.Column("action_date", sa.Date, nullable=False, comment="Day it was done"),
        sa.Column(
            "balance", sa.Numeric(precision=12, scale=2), comment="Balance at the time, pounds; positive is owed"
        ),
        sa.Column("deferred_until_date", sa.Date, comment="Day until which the next step waits"),
        sa.Column("officer_ref", sa.Text, comment="User name of who did it"),
        sa.Column("comment", sa.Text, comment="What was noted; free text that may name people"),
        one_of(
            "arrears_action",
            "action_type_code",
            "text_message telephone_call email letter letter_one letter_two letter_three final_letter "
            "visit interview benefit_enquiry direct_payment_request agreement_made agreement_breached "
            "agreement_ended notice_served notice_warning court_application court_hearing court_order "
            "warrant_application eviction deferred referral note case_closed other",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["canonical.rent_account.id"], name="fk_arrears_action_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["canonical.arrears_case.id"], name="fk_arrears_action_case_id"),
        comment="A step taken about arrears: a letter, a call, a notice, a court hearing.",
    )
    op.create_index("ix_arrears_action_account_id", "arrears_action", ["account_id"], schema="canonical")
    op.create_index("ix_arrears_action_case_id", "arrears_action", ["case_id"], schema="canonical")
    create_entity(
        "arrears_agreement",
        sa.Column("agreement_ref", sa.Text, nullable=False, comment="The source's own reference of the agreement"),
        sa.Column("account_id", sa.Uuid, nullable=False, comment="The account in arrears"),
        sa.Column("case_id", sa.Uuid, comment="The case it belongs to"),
        sa.Column("kind_code", sa.Text, comment="Whether a court ordered it"),
        sa.Column("status_code", sa.Text, nullable=False, comment="Whether it is kept"),
        sa.Column("start_date", sa.Date, comment="Day it began"),
        sa.Column("end_date", sa.Date, comment="Day it ended"),
        sa.Column("clear_by_date", sa.Date, comment="Day by which the arrears should be paid"),
        sa.Column("starting_balance", sa.Numeric(precision=12, scale=2), comment="Balance at its start, pounds"),
        sa.Column("is_breached", sa.Boolean, comment="Whether it was broken"),
        one_of("arrears_agreement", "kind_code", "informal court_ordered"),
        one_of("arrears_agreement", "status_code", "live breached completed cancelled suspended"),
        sa.CheckConstraint("end_date >= start_date", name="ck_arrears_agreement_end_date_not_before_start_date"),
        sa.ForeignKeyConstraint(["account_id"], ["canonical.rent_account.id"], name="fk_arrears_agreement_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["canonical.arrears_case.id"], name="fk_arrears_agreement_case_id"),
        comment="An arrangement to pay arrears off.",
    )
    op.create_index("ix_arrears_agreement_account_id", "arrears_agreement", ["account_id"], schema="canonical")
    op.create_index("ix_arrears_agreement_case_id", "arrears_agreement", ["case_id"], schema="canonical")
    create_entity(
        "agreement_instalment",
        sa.Column("agreement_id", sa.Uuid, nullable=False, comment="The agreement"),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False, comment="Instalment, pounds"),
        sa.Column("frequency_code", sa.Text, nullable=False, comment="How often it is to be paid"),
        sa.Column("first_due_date", sa.Date, comment="Day the first one is due"),
        one_of(
            "agreement_instalment",
            "frequency_code",
            "weekly fortnightly four_weekly monthly quarterly half_yearly yearly once",
        ),
        sa.CheckConstraint("amount >= 0", name="ck_agreement_instalment_amount"),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["canonical.arrears_agreement.id"], name="fk_agreement_instalment_agreement_id"
        ),
        comment="What an agreement asks to be paid, and how often.",
    )
    op.create_index(
        "ix_agreement_instalment_agreement_id", "agreement_instalment", ["agreement_id"], schema="canonical"
    )


def downgrade() -> None:
    drop_entity("agreement_instalment")
    drop_entity("arrears_agreement")
    drop_entity("arrears_action")
    drop_entity("arrears_case")
