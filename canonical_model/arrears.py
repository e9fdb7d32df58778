"""Rent that is owed, and what is done about it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Mapped

from canonical_model.base import Base, Sourced, code, column, not_before, reference
from canonical_model.rents import FREQUENCIES

CASE_STATUSES = ("open", "monitoring", "legal", "suspended", "closed")
CASE_STAGES = (
    "early",
    "letters",
    "notice",
    "court_application",
    "court_order",
    "warrant",
    "eviction",
    "none",
)
ACTION_TYPES = (
    "text_message",
    "telephone_call",
    "email",
    "letter",
    "letter_one",
    "letter_two",
    "letter_three",
    "final_letter",
    "visit",
    "interview",
    "benefit_enquiry",
    "direct_payment_request",
    "agreement_made",
    "agreement_breached",
    "agreement_ended",
    "notice_served",
    "notice_warning",
    "court_application",
    "court_hearing",
    "court_order",
    "warrant_application",
    "eviction",
    "deferred",
    "referral",
    "note",
    "case_closed",
    "other",
)
AGREEMENT_STATUSES = ("live", "breached", "completed", "cancelled", "suspended")
AGREEMENT_KINDS = ("informal", "court_ordered")


class ArrearsCase(Sourced, Base):
    """The pursuit of one account's arrears from the first letter to their end."""

    case_ref: Mapped[str] = column("The source's own reference of the case", index=True)
    account_id: Mapped[UUID] = reference("rent_account", "The account in arrears")
    tenancy_id: Mapped[UUID | None] = reference("tenancy", "The tenancy of the account")
    status_code: Mapped[str | None] = code(CASE_STATUSES, "Where the case stands")
    stage_code: Mapped[str | None] = code(CASE_STAGES, "How far it has gone")
    opened_date: Mapped[date | None] = column("Day the case was opened")
    closed_date: Mapped[date | None] = column("Day the case was closed")
    opening_balance: Mapped[Decimal | None] = column("Balance when it was opened, pounds")

    __table_args__ = (not_before("closed_date", "opened_date"),)


class ArrearsAction(Sourced, Base):
    """A step taken about arrears: a letter, a call, a notice, a court hearing."""

    action_ref: Mapped[str | None] = column("The source's own reference of the action")
    account_id: Mapped[UUID] = reference("rent_account", "The account in arrears")
    case_id: Mapped[UUID | None] = reference("arrears_case", "The case it belongs to")
    action_type_code: Mapped[str] = code(ACTION_TYPES, "What was done")
    action_date: Mapped[date] = column("Day it was done")
    balance: Mapped[Decimal | None] = column("Balance at the time, pounds; positive is owed")
    deferred_until_date: Mapped[date | None] = column("Day until which the next step waits")
    officer_ref: Mapped[str | None] = column("User name of who did it")
    comment: Mapped[str | None] = column("What was noted; free text that may name people")


class ArrearsAgreement(Sourced, Base):
    """An arrangement to pay arrears off."""

    agreement_ref: Mapped[str] = column("The source's own reference of the agreement")
    account_id: Mapped[UUID] = reference("rent_account", "The account in arrears")
    case_id: Mapped[UUID | None] = reference("arrears_case", "The case it belongs to")
    kind_code: Mapped[str | None] = code(AGREEMENT_KINDS, "Whether a court ordered it")
    status_code: Mapped[str] = code(AGREEMENT_STATUSES, "Whether it is kept")
    start_date: Mapped[date | None] = column("Day it began")
    end_date: Mapped[date | None] = column("Day it ended")
    clear_by_date: Mapped[date | None] = column("Day by which the arrears should be paid")
    starting_balance: Mapped[Decimal | None] = column("Balance at its start, pounds")
    is_breached: Mapped[bool | None] = column("Whether it was broken")

    __table_args__ = (not_before("end_date", "start_date"),)


class AgreementInstalment(Sourced, Base):
    """What an agreement asks to be paid, and how often."""

    agreement_id: Mapped[UUID] = reference("arrears_agreement", "The agreement")
    amount: Mapped[Decimal] = column("Instalment, pounds", check="{} >= 0")
    frequency_code: Mapped[str] = code(FREQUENCIES, "How often it is to be paid")
    first_due_date: Mapped[date | None] = column("Day the first one is due")
