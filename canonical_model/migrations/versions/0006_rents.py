"""Rents: the tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import create_entity, drop_entity, one_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_entity(
        "bank_statement",
        sa.Column("statement_ref", sa.Text, nullable=False, comment="The bank's reference of the statement"),
        sa.Column("statement_number", sa.Text, comment="Number and sequence of the statement"),
        sa.Column("bank_account_ref", sa.Text, nullable=False, comment="The council's account at the bank"),
        sa.Column("currency", sa.Text, nullable=False, comment="Currency, three letters"),
        sa.Column("opening_date", sa.Date, comment="Day of the opening balance"),
        sa.Column(
            "opening_balance", sa.Numeric(precision=12, scale=2), comment="Balance at the start; negative is overdrawn"
        ),
        sa.Column("closing_date", sa.Date, comment="Day of the closing balance"),
        sa.Column(
            "closing_balance", sa.Numeric(precision=12, scale=2), comment="Balance at the end; negative is overdrawn"
        ),
        sa.Column(
            "available_balance", sa.Numeric(precision=12, scale=2), comment="Balance that may be drawn at the end"
        ),
        sa.CheckConstraint(
            "closing_date >= opening_date", name="ck_bank_statement_closing_date_not_before_opening_date"
        ),
        comment="A bank's statement of one account of the council over a time.",
    )
    create_entity(
        "rent_period",
        sa.Column("rent_group_code", sa.Text, nullable=False, comment="Rent group, the council's own code"),
        sa.Column("rent_year", sa.SmallInteger, nullable=False, comment="Calendar year in which the rent year starts"),
        sa.Column("period_no", sa.SmallInteger, nullable=False, comment="Number of the week in the rent year"),
        sa.Column("week_start_date", sa.Date, nullable=False, comment="First day of the week"),
        sa.Column("is_free_week", sa.Boolean, nullable=False, comment="Whether no rent is debited in it"),
        sa.Column("charging_weeks", sa.SmallInteger, comment="Number of weeks of the year that are charged"),
        sa.CheckConstraint("charging_weeks BETWEEN 48 AND 53", name="ck_rent_period_charging_weeks"),
        sa.CheckConstraint("period_no BETWEEN 1 AND 53", name="ck_rent_period_period_no"),
        sa.CheckConstraint("rent_year BETWEEN 1980 AND 2100", name="ck_rent_period_rent_year"),
        comment="A week of a rent group's rent year, which has 52 or 53 of them and charges in 48 to 53.",
    )
    op.create_index(
        "ix_rent_period_rent_group_code_rent_year_period_no",
        "rent_period",
        ["rent_group_code", "rent_year", "period_no"],
        schema="canonical",
    )
    create_entity(
        "rent_account",
        sa.Column("account_ref", sa.Text, nullable=False, comment="The source's own reference of the account"),
        sa.Column("payment_ref", sa.Text, comment="Reference to pay under, with its check digit"),
        sa.Column("account_class_code", sa.Text, nullable=False, comment="What the account is for"),
        sa.Column("status_code", sa.Text, comment="Where the account stands in its life"),
        sa.Column("tenancy_id", sa.Uuid, comment="The tenancy it belongs to"),
        sa.Column("person_id", sa.Uuid, comment="Who owes, where there is no tenancy"),
        sa.Column("rent_group_code", sa.Text, comment="Rent group, the council's own code"),
        sa.Column("start_date", sa.Date, comment="Day the account was opened"),
        sa.Column("end_date", sa.Date, comment="Day the account was closed"),
        sa.Column("debit_to_date", sa.Date, comment="Day up to which charges were debited"),
        sa.Column(
            "weekly_rent",
            sa.Numeric(precision=12, scale=2),
            comment="Full weekly charge as the source states it, pounds",
        ),
        sa.Column("payment_method_code", sa.Text, comment="How it is usually paid"),
        sa.Column("housing_benefit_claim_ref", sa.Text, comment="Reference of the housing benefit claim"),
        one_of(
            "rent_account",
            "account_class_code",
            "rent former_tenant garage service_charge major_works recharge temporary_accommodation commercial sundry",
        ),
        one_of(
            "rent_account",
            "payment_method_code",
            "direct_debit standing_order bank_transfer card cash cheque postal_order pay_point "
            "post_office salary_deduction benefit_deduction housing_benefit universal_credit bailiff "
            "other",
        ),
        one_of("rent_account", "status_code", "active suspended ended written_off"),
        sa.CheckConstraint("end_date >= start_date", name="ck_rent_account_end_date_not_before_start_date"),
        sa.ForeignKeyConstraint(["person_id"], ["canonical.person.id"], name="fk_rent_account_person_id"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["canonical.tenancy.id"], name="fk_rent_account_tenancy_id"),
        comment="An account on which rent or other charges are debited and payments credited.",
    )
    op.create_index("ix_rent_account_account_ref", "rent_account", ["account_ref"], schema="canonical")
    op.create_index("ix_rent_account_payment_ref", "rent_account", ["payment_ref"], schema="canonical")
    op.create_index("ix_rent_account_person_id", "rent_account", ["person_id"], schema="canonical")
    op.create_index("ix_rent_account_tenancy_id", "rent_account", ["tenancy_id"], schema="canonical")
    create_entity(
        "balance_snapshot",
        sa.Column("account_id", sa.Uuid, nullable=False, comment="The account"),
        sa.Column("balance_date", sa.Date, nullable=False, comment="Day at whose end the balance is stated"),
        sa.Column("balance_kind_code", sa.Text, nullable=False, comment="At what occasion it was stated"),
        sa.Column("rent_year", sa.SmallInteger, comment="Calendar year in which its rent year starts"),
        sa.Column("period_no", sa.SmallInteger, comment="Rent week it closes"),
        sa.Column(
            "balance",
            sa.Numeric(precision=12, scale=2),
            nullable=False,
            comment="Pounds; positive is owed by the tenant, negative is in credit",
        ),
        one_of("balance_snapshot", "balance_kind_code", "period_end year_end current opening week_53"),
        sa.CheckConstraint("period_no BETWEEN 0 AND 53", name="ck_balance_snapshot_period_no"),
        sa.ForeignKeyConstraint(["account_id"], ["canonical.rent_account.id"], name="fk_balance_snapshot_account_id"),
        comment="An account's balance on a day as a source states it, to hold against its transactions.",
    )
    op.create_index("ix_balance_snapshot_account_id", "balance_snapshot", ["account_id"], schema="canonical")
    create_entity(
        "bank_entry",
        sa.Column("statement_id", sa.Uuid, comment="The statement it stands on"),
        sa.Column("bank_account_ref", sa.Text, comment="The council's account at the bank"),
        sa.Column("account_id", sa.Uuid, comment="The rent account it was paid to"),
        sa.Column("value_date", sa.Date, nullable=False, comment="Day from which the money counts"),
        sa.Column("entry_date", sa.Date, comment="Day the bank entered it"),
        sa.Column(
            "amount",
            sa.Numeric(precision=12, scale=2),
            nullable=False,
            comment="Statement's currency; money in positive, money out negative",
        ),
        sa.Column("bank_type", sa.Text, comment="The bank's code of the kind of entry"),
        sa.Column("payment_method_code", sa.Text, comment="How it was paid"),
        sa.Column("payer_ref", sa.Text, comment="Reference that the payer gave"),
        sa.Column("bank_ref", sa.Text, comment="Reference that the bank gave"),
        sa.Column("payer_name", sa.Text, comment="Name of who paid"),
        sa.Column("payer_account_ref", sa.Text, comment="Account it was paid from, sort code and number or IBAN"),
        sa.Column("details", sa.Text, comment="What the payer wrote; free text that may name people"),
        sa.Column("is_reversal", sa.Boolean, comment="Whether it takes back an earlier entry"),
        one_of(
            "bank_entry",
            "payment_method_code",
            "direct_debit standing_order bank_transfer card cash cheque postal_order pay_point "
            "post_office salary_deduction benefit_deduction housing_benefit universal_credit bailiff "
            "other",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["canonical.rent_account.id"], name="fk_bank_entry_account_id"),
        sa.ForeignKeyConstraint(["statement_id"], ["canonical.bank_statement.id"], name="fk_bank_entry_statement_id"),
        comment="A payment in or out, as the bank tells it, before it is put to a rent account.",
    )
    op.create_index("ix_bank_entry_account_id", "bank_entry", ["account_id"], schema="canonical")
    op.create_index("ix_bank_entry_payer_ref", "bank_entry", ["payer_ref"], schema="canonical")
    op.create_index("ix_bank_entry_statement_id", "bank_entry", ["statement_id"], schema="canonical")
    create_entity(
        "charge",
        sa.Column("account_id", sa.Uuid, nullable=False, comment="The account that is debited"),
        sa.Column("asset_id", sa.Uuid, comment="What is charged for"),
        sa.Column("element_code", sa.Text, nullable=False, comment="What is charged"),
        sa.Column(
            "amount",
            sa.Numeric(precision=12, scale=2),
            nullable=False,
            comment="Charge each time it falls due, pounds; negative for a rebate",
        ),
        sa.Column("frequency_code", sa.Text, nullable=False, comment="How often it falls due"),
        sa.Column("start_date", sa.Date, comment="First day it is charged"),
        sa.Column("end_date", sa.Date, comment="Day from which it is no longer charged"),
        sa.Column("is_housing_benefit_eligible", sa.Boolean, comment="Whether housing benefit may cover it"),
        sa.Column("is_charged_in_free_weeks", sa.Boolean, comment="Whether it is debited in rent-free weeks too"),
        sa.Column("vat_percent", sa.Numeric(precision=5, scale=2), comment="VAT rate"),
        one_of(
            "charge",
            "element_code",
            "basic_rent service_charge heating hot_water water cleaning grounds_maintenance concierge "
            "lighting communal_tv garage parking storage ground_rent management_fee major_works "
            "support contents_insurance tenants_levy rechargeable_repair court_costs interest vat "
            "lost_key other",
        ),
        one_of("charge", "frequency_code", "weekly fortnightly four_weekly monthly quarterly half_yearly yearly once"),
        sa.CheckConstraint("end_date >= start_date", name="ck_charge_end_date_not_before_start_date"),
        sa.CheckConstraint("vat_percent BETWEEN 0 AND 100", name="ck_charge_vat_percent"),
        sa.ForeignKeyConstraint(["account_id"], ["canonical.rent_account.id"], name="fk_charge_account_id"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.asset.id"], name="fk_charge_asset_id"),
        comment="One element of what an account is debited for a period (a line of the debit breakdown).",
    )
    op.create_index("ix_charge_account_id", "charge", ["account_id"], schema="canonical")
    op.create_index("ix_charge_asset_id", "charge", ["asset_id"], schema="canonical")
    create_entity(
        "rent_transaction",
        sa.Column("account_id", sa.Uuid, nullable=False, comment="The account it stands on"),
        sa.Column("effective_date", sa.Date, nullable=False, comment="Day from which it counts"),
        sa.Column("posted_date", sa.Date, comment="Day it was entered"),
        sa.Column("rent_year", sa.SmallInteger, comment="Calendar year in which its rent year starts"),
        sa.Column("period_no", sa.SmallInteger, comment="Rent week it was posted to"),
        sa.Column("transaction_type_code", sa.Text, nullable=False, comment="What kind of entry it is"),
        sa.Column("element_code", sa.Text, comment="What is charged, for a charge"),
        sa.Column("payment_method_code", sa.Text, comment="How it was paid, for a receipt"),
        sa.Column(
            "amount",
            sa.Numeric(precision=12, scale=2),
            nullable=False,
            comment="Pounds; debits positive, credits negative",
        ),
        sa.Column("vat_amount", sa.Numeric(precision=12, scale=2), comment="VAT within the amount, pounds"),
        sa.Column("transaction_ref", sa.Text, comment="The source's own reference of the entry"),
        sa.Column("posting_batch_ref", sa.Text, comment="The source's run or batch that posted it"),
        sa.Column("reversal_of_ref", sa.Text, comment="Reference of the entry that it takes back"),
        one_of(
            "rent_transaction",
            "element_code",
            "basic_rent service_charge heating hot_water water cleaning grounds_maintenance concierge "
            "lighting communal_tv garage parking storage ground_rent management_fee major_works "
            "support contents_insurance tenants_levy rechargeable_repair court_costs interest vat "
            "lost_key other",
        ),
        one_of(
            "rent_transaction",
            "payment_method_code",
            "direct_debit standing_order bank_transfer card cash cheque postal_order pay_point "
            "post_office salary_deduction benefit_deduction housing_benefit universal_credit bailiff "
            "other",
        ),
        one_of(
            "rent_transaction",
            "transaction_type_code",
            "charge receipt housing_benefit universal_credit returned_payment refund adjustment "
            "rebate transfer court_costs recharge write_off write_on opening_balance",
        ),
        sa.CheckConstraint("period_no BETWEEN 0 AND 53", name="ck_rent_transaction_period_no"),
        sa.ForeignKeyConstraint(["account_id"], ["canonical.rent_account.id"], name="fk_rent_transaction_account_id"),
        comment="An entry on a rent account: a debit is owed by the tenant, a credit was paid.",
    )
    op.create_index(
        "ix_rent_transaction_account_id_effective_date",
        "rent_transaction",
        ["account_id", "effective_date"],
        schema="canonical",
    )
    create_entity(
        "suspense_item",
        sa.Column("received_ref", sa.Text, nullable=False, comment="Reference that came with the money"),
        sa.Column("bank_entry_id", sa.Uuid, comment="The bank entry it came with"),
        sa.Column("received_date", sa.Date, nullable=False, comment="Day it was received"),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False, comment="Pounds; as a credit, negative"),
        sa.Column("payment_method_code", sa.Text, comment="How it was paid"),
        sa.Column("reason_code", sa.Text, comment="Why it could not be put to an account"),
        sa.Column("status_code", sa.Text, nullable=False, comment="Whether its account was found"),
        sa.Column("resolved_account_id", sa.Uuid, comment="The account it was put to"),
        sa.Column("resolved_date", sa.Date, comment="Day it was put to an account"),
        one_of(
            "suspense_item",
            "payment_method_code",
            "direct_debit standing_order bank_transfer card cash cheque postal_order pay_point "
            "post_office salary_deduction benefit_deduction housing_benefit universal_credit bailiff "
            "other",
        ),
        one_of("suspense_item", "reason_code", "no_account unknown_reference account_closed duplicate amount other"),
        one_of("suspense_item", "status_code", "open resolved returned"),
        sa.CheckConstraint(
            "resolved_date >= received_date", name="ck_suspense_item_resolved_date_not_before_received_date"
        ),
        sa.ForeignKeyConstraint(["bank_entry_id"], ["canonical.bank_entry.id"], name="fk_suspense_item_bank_entry_id"),
        sa.ForeignKeyConstraint(
            ["resolved_account_id"], ["canonical.rent_account.id"], name="fk_suspense_item_resolved_account_id"
        ),
        comment="Money received that could not be put to an account at once.",
    )
    op.create_index("ix_suspense_item_bank_entry_id", "suspense_item", ["bank_entry_id"], schema="canonical")
    op.create_index(
        "ix_suspense_item_resolved_account_id", "suspense_item", ["resolved_account_id"], schema="canonical"
    )


def downgrade() -> None:
    drop_entity("suspense_item")
    drop_entity("rent_transaction")
    drop_entity("charge")
    drop_entity("bank_entry")
    drop_entity("balance_snapshot")
    drop_entity("rent_account")
    drop_entity("rent_period")
    drop_entity("bank_statement")
