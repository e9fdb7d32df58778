"""Rent accounts: what is charged, in which rent weeks, what was posted and what the balance is said to be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Numeric, SmallInteger
from sqlalchemy.orm import Mapped

from canonical_model.base import PERCENT, Base, Sourced, code, column, not_before, reference

ACCOUNT_CLASSES = (
    "rent",
    "former_tenant",
    "garage",
    "service_charge",
    "major_works",
    "recharge",
    "temporary_accommodation",
    "commercial",
    "sundry",
)
ACCOUNT_STATUSES = ("active", "suspended", "ended", "written_off")
PAYMENT_METHODS = (
    "direct_debit",
    "standing_order",
    "bank_transfer",
    "card",
    "cash",
    "cheque",
    "postal_order",
    "pay_point",
    "post_office",
    "salary_deduction",
    "benefit_deduction",
    "housing_benefit",
    "universal_credit",
    "bailiff",
    "other",
)
CHARGE_ELEMENTS = (
    "basic_rent",
    "service_charge",
    "heating",
    "hot_water",
    "water",
    "cleaning",
    "grounds_maintenance",
    "concierge",
    "lighting",
    "communal_tv",
    "garage",
    "parking",
    "storage",
    "ground_rent",
    "management_fee",
    "major_works",
    "support",
    "contents_insurance",
    "tenants_levy",
    "rechargeable_repair",
    "court_costs",
    "interest",
    "vat",
    "lost_key",
    "other",
)
FREQUENCIES = (
    "weekly",
    "fortnightly",
    "four_weekly",
    "monthly",
    "quarterly",
    "half_yearly",
    "yearly",
    "once",
)
TRANSACTION_TYPES = (
    "charge",
    "receipt",
    "housing_benefit",
    "universal_credit",
    "returned_payment",
    "refund",
    "adjustment",
    "rebate",
    "transfer",
    "court_costs",
    "recharge",
    "write_off",
    "write_on",
    "opening_balance",
)
BALANCE_KINDS = ("period_end", "year_end", "current", "opening", "week_53")
SUSPENSE_REASONS = ("no_account", "unknown_reference", "account_closed", "duplicate", "amount", "other")
SUSPENSE_STATUSES = ("open", "resolved", "returned")


class RentAccount(Sourced, Base):
    """An account on which rent or other charges are debited and payments credited."""

    account_ref: Mapped[str] = column("The source's own reference of the account", index=True)
    payment_ref: Mapped[str | None] = column("Reference to pay under, with its check digit", index=True)
    account_class_code: Mapped[str] = code(ACCOUNT_CLASSES, "What the account is for")
    status_code: Mapped[str | None] = code(ACCOUNT_STATUSES, "Where the account stands in its life")
    tenancy_id: Mapped[UUID | None] = reference("tenancy", "The tenancy it belongs to")
    person_id: Mapped[UUID | None] = reference("person", "Who owes, where there is no tenancy")
    rent_group_code: Mapped[str | None] = column("Rent group, the council's own code")
    start_date: Mapped[date | None] = column("Day the account was opened")
    end_date: Mapped[date | None] = column("Day the account was closed")
    debit_to_date: Mapped[date | None] = column("Day up to which charges were debited")
    weekly_rent: Mapped[Decimal | None] = column("Full weekly charge as the source states it, pounds")
    payment_method_code: Mapped[str | None] = code(PAYMENT_METHODS, "How it is usually paid")
    housing_benefit_claim_ref: Mapped[str | None] = column("Reference of the housing benefit claim")

    __table_args__ = (not_before("end_date", "start_date"),)


class Charge(Sourced, Base):
    """One element of what an account is debited for a period (a line of the debit breakdown)."""

    account_id: Mapped[UUID] = reference("rent_account", "The account that is debited")
    asset_id: Mapped[UUID | None] = reference("asset", "What is charged for")
    element_code: Mapped[str] = code(CHARGE_ELEMENTS, "What is charged")
    amount: Mapped[Decimal] = column("Charge each time it falls due, pounds; negative for a rebate")
    frequency_code: Mapped[str] = code(FREQUENCIES, "How often it falls due")
    start_date: Mapped[date | None] = column("First day it is charged")
    end_date: Mapped[date | None] = column("Day from which it is no longer charged")
    is_housing_benefit_eligible: Mapped[bool | None] = column("Whether housing benefit may cover it")
    is_charged_in_free_weeks: Mapped[bool | None] = column("Whether it is debited in rent-free weeks too")
    vat_percent: Mapped[Decimal | None] = column("VAT rate", Numeric(5, 2), check=PERCENT)

    __table_args__ = (not_before("end_date", "start_date"),)


class RentPeriod(Sourced, Base):
    """A week of a rent group's rent year, which has 52 or 53 of them and charges in 48 to 53."""

    rent_group_code: Mapped[str] = column("Rent group, the council's own code")
    rent_year: Mapped[int] = column(
        "Calendar year in which the rent year starts", SmallInteger, check="{} BETWEEN 1980 AND 2100"
    )
    period_no: Mapped[int] = column("Number of the week in the rent year", SmallInteger, check="{} BETWEEN 1 AND 53")
    week_start_date: Mapped[date] = column("First day of the week")
    is_free_week: Mapped[bool] = column("Whether no rent is debited in it")
    charging_weeks: Mapped[int | None] = column(
        "Number of weeks of the year that are charged", SmallInteger, check="{} BETWEEN 48 AND 53"
    )

    __table_args__ = (Index(None, "rent_group_code", "rent_year", "period_no"),)


class RentTransaction(Sourced, Base):
    """An entry on a rent account: a debit is owed by the tenant, a credit was paid."""

    # a million rows and more: one index beside the primary key, and no foreign key to itself
    account_id: Mapped[UUID] = reference("rent_account", "The account it stands on", index=False)
    effective_date: Mapped[date] = column("Day from which it counts")
    posted_date: Mapped[date | None] = column("Day it was entered")
    rent_year: Mapped[int | None] = column("Calendar year in which its rent year starts", SmallInteger)
    period_no: Mapped[int | None] = column("Rent week it was posted to", SmallInteger, check="{} BETWEEN 0 AND 53")
    transaction_type_code: Mapped[str] = code(TRANSACTION_TYPES, "What kind of entry it is")
    element_code: Mapped[str | None] = code(CHARGE_ELEMENTS, "What is charged, for a charge")
    payment_method_code: Mapped[str | None] = code(PAYMENT_METHODS, "How it was paid, for a receipt")
    amount: Mapped[Decimal] = column("Pounds; debits positive, credits negative")
    vat_amount: Mapped[Decimal | None] = column("VAT within the amount, pounds")
    transaction_ref: Mapped[str | None] = column("The source's own reference of the entry")
    posting_batch_ref: Mapped[str | None] = column("The source's run or batch that posted it")
    reversal_of_ref: Mapped[str | None] = column("Reference of the entry that it takes back")

    __table_args__ = (Index(None, "account_id", "effective_date"),)


class BalanceSnapshot(Sourced, Base):
    """An account's balance on a day as a source states it, to hold against its transactions."""

    account_id: Mapped[UUID] = reference("rent_account", "The account")
    balance_date: Mapped[date] = column("Day at whose end the balance is stated")
    balance_kind_code: Mapped[str] = code(BALANCE_KINDS, "At what occasion it was stated")
    rent_year: Mapped[int | None] = column("Calendar year in which its rent year starts", SmallInteger)
    period_no: Mapped[int | None] = column("Rent week it closes", SmallInteger, check="{} BETWEEN 0 AND 53")
    balance: Mapped[Decimal] = column("Pounds; positive is owed by the tenant, negative is in credit")


class BankStatement(Sourced, Base):
    """A bank's statement of one account of the council over a time."""

    statement_ref: Mapped[str] = column("The bank's reference of the statement")
    statement_number: Mapped[str | None] = column("Number and sequence of the statement")
    bank_account_ref: Mapped[str] = column("The council's account at the bank")
    currency: Mapped[str] = column("Currency, three letters")
    opening_date: Mapped[date | None] = column("Day of the opening balance")
    opening_balance: Mapped[Decimal | None] = column("Balance at the start; negative is overdrawn")
    closing_date: Mapped[date | None] = column("Day of the closing balance")
    closing_balance: Mapped[Decimal | None] = column("Balance at the end; negative is overdrawn")
    available_balance: Mapped[Decimal | None] = column("Balance that may be drawn at the end")

    __table_args__ = (not_before("closing_date", "opening_date"),)


class BankEntry(Sourced, Base):
    """A payment in or out, as the bank tells it, before it is put to a rent account."""

    statement_id: Mapped[UUID | None] = reference("bank_statement", "The statement it stands on")
    bank_account_ref: Mapped[str | None] = column("The council's account at the bank")
    account_id: Mapped[UUID | None] = reference("rent_account", "The rent account it was paid to")
    value_date: Mapped[date] = column("Day from which the money counts")
    entry_date: Mapped[date | None] = column("Day the bank entered it")
    amount: Mapped[Decimal] = column("Statement's currency; money in positive, money out negative")
    bank_type: Mapped[str | None] = column("The bank's code of the kind of entry")
    payment_method_code: Mapped[str | None] = code(PAYMENT_METHODS, "How it was paid")
    payer_ref: Mapped[str | None] = column("Reference that the payer gave", index=True)
    bank_ref: Mapped[str | None] = column("Reference that the bank gave")
    payer_name: Mapped[str | None] = column("Name of who paid")
    payer_account_ref: Mapped[str | None] = column("Account it was paid from, sort code and number or IBAN")
    details: Mapped[str | None] = column("What the payer wrote; free text that may name people")
    is_reversal: Mapped[bool | None] = column("Whether it takes back an earlier entry")


class SuspenseItem(Sourced, Base):
    """Money received that could not be put to an account at once."""

    received_ref: Mapped[str] = column("Reference that came with the money")
    bank_entry_id: Mapped[UUID | None] = reference("bank_entry", "The bank entry it came with")
    received_date: Mapped[date] = column("Day it was received")
    amount: Mapped[Decimal] = column("Pounds; as a credit, negative")
    payment_method_code: Mapped[str | None] = code(PAYMENT_METHODS, "How it was paid")
    reason_code: Mapped[str | None] = code(SUSPENSE_REASONS, "Why it could not be put to an account")
    status_code: Mapped[str] = code(SUSPENSE_STATUSES, "Whether its account was found")
    resolved_account_id: Mapped[UUID | None] = reference("rent_account", "The account it was put to")
    resolved_date: Mapped[date | None] = column("Day it was put to an account")

    __table_args__ = (not_before("resolved_date", "received_date"),)
