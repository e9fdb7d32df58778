"""Repairs that a tenant must pay for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Mapped

from canonical_model.base import Base, Sourced, code, column, reference

RECHARGE_REASONS = (
    "damage",
    "neglect",
    "lost_keys",
    "gain_entry",
    "missed_appointment",
    "clearance",
    "other",
)
RECHARGE_STATUSES = ("raised", "invoiced", "disputed", "part_paid", "paid", "waived", "written_off")


class Recharge(Sourced, Base):
    """The cost of a repair that the tenant has to bear."""

    recharge_ref: Mapped[str | None] = column("The source's own reference of the recharge")
    work_order_id: Mapped[UUID | None] = reference("work_order", "The order that is charged on")
    account_id: Mapped[UUID | None] = reference("rent_account", "The account it is debited to")
    tenancy_id: Mapped[UUID | None] = reference("tenancy", "The tenancy that is liable", index=False)
    person_id: Mapped[UUID | None] = reference("person", "Who is liable", index=False)
    reason_code: Mapped[str | None] = code(RECHARGE_REASONS, "Why the tenant must pay")
    status_code: Mapped[str] = code(RECHARGE_STATUSES, "Whether it was paid")
    raised_date: Mapped[date | None] = column("Day it was raised")
    net_amount: Mapped[Decimal] = column("Cost without VAT, pounds")
    vat_amount: Mapped[Decimal | None] = column("VAT, pounds")
    admin_fee: Mapped[Decimal | None] = column("Fee for handling, pounds")
    description: Mapped[str | None] = column("What was done; free text that may name people")
