"""Repairs: what was reported, what was ordered, the lines of the order and the schedule of rates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric
from sqlalchemy.orm import Mapped

from canonical_model.base import NOT_NEGATIVE, Base, Sourced, code, column, not_before, reference

REQUEST_CHANNELS = ("telephone", "web", "email", "letter", "visit", "text_message", "staff", "other")
REQUEST_STATUSES = ("new", "open", "ordered", "inspection", "rejected", "cancelled", "closed")
PRIORITIES = ("immediate", "emergency", "urgent", "routine", "planned", "void", "inspection", "cyclical")
WORK_TYPES = (
    "responsive",
    "planned",
    "cyclical",
    "gas_service",
    "gas_repair",
    "void",
    "inspection",
    "recharge",
    "adaptation",
    "other",
)
WORK_STATUSES = (
    "open",
    "pending_approval",
    "estimating",
    "scheduled",
    "assigned",
    "pending_material",
    "pending_design",
    "in_progress",
    "on_hold",
    "variation_pending",
    "variation_approved",
    "variation_rejected",
    "no_access",
    "complete",
    "closed",
    "cancelled",
    "superseded",
    "locked",
)
ELEMENT_STATUSES = ("open", "complete", "no_access", "cancelled", "not_needed")
ACCESS_TIMES = ("any", "morning", "afternoon", "avoid_school_run", "evening", "key_held")


class RepairRequest(Sourced, Base):
    """A report that something needs repair."""

    request_ref: Mapped[str] = column("The source's own reference of the request", index=True)
    asset_id: Mapped[UUID | None] = reference("asset", "Where the repair is needed")
    tenancy_id: Mapped[UUID | None] = reference("tenancy", "The tenancy at the time")
    reported_by_id: Mapped[UUID | None] = reference("person", "Who reported it", index=False)
    reported_by_name: Mapped[str | None] = column("Who reported it, as the source writes it")
    contact_number: Mapped[str | None] = column("Telephone number to call about it")
    reported_at: Mapped[datetime | None] = column("When it was reported")
    channel_code: Mapped[str | None] = code(REQUEST_CHANNELS, "How it was reported")
    status_code: Mapped[str | None] = code(REQUEST_STATUSES, "What became of it")
    priority_code: Mapped[str | None] = code(PRIORITIES, "How soon it must be done")
    location: Mapped[str | None] = column("Where in the home")
    description: Mapped[str | None] = column("What is wrong; free text that may name people")
    access_code: Mapped[str | None] = code(ACCESS_TIMES, "When somebody can be let in")
    access_notes: Mapped[str | None] = column("How to get in; free text that may name people")
    is_right_to_repair: Mapped[bool | None] = column("Whether the Right to Repair Regulations apply")
    is_rechargeable: Mapped[bool | None] = column("Whether the tenant must pay for it")


class WorkOrder(Sourced, Base):
    """An order to do work at a place."""

    work_order_ref: Mapped[str] = column("The source's own number of the order", index=True)
    version: Mapped[int | None] = column("Number of the order's variation; 1 is the first order")
    request_id: Mapped[UUID | None] = reference("repair_request", "The request that it answers")
    asset_id: Mapped[UUID | None] = reference("asset", "Where the work is done")
    contractor_id: Mapped[UUID | None] = reference("contractor", "Who does the work")
    contract_id: Mapped[UUID | None] = reference("contract", "The contract it is ordered under")
    trade_id: Mapped[UUID | None] = reference("trade", "Main trade", index=False)
    work_type_code: Mapped[str] = code(WORK_TYPES, "What kind of work it is")
    status_code: Mapped[str] = code(WORK_STATUSES, "Where the order stands")
    priority_code: Mapped[str | None] = code(PRIORITIES, "How soon it must be done")
    priority_days: Mapped[Decimal | None] = column("Days allowed by the priority", Numeric(6, 2))
    description: Mapped[str | None] = column("What is to be done; free text that may name people")
    raised_at: Mapped[datetime | None] = column("When it was raised")
    issued_at: Mapped[datetime | None] = column("When it was given to the contractor")
    target_at: Mapped[datetime | None] = column("When it must be done, by the rule of that day")
    attended_at: Mapped[datetime | None] = column("When somebody first came")
    completed_at: Mapped[datetime | None] = column("When the work was done")
    cancelled_at: Mapped[datetime | None] = column("When it was cancelled")
    estimated_cost: Mapped[Decimal | None] = column("Cost expected, pounds")
    invoiced_cost: Mapped[Decimal | None] = column("Cost invoiced, pounds; negative for a credit")
    superseded_by_ref: Mapped[str | None] = column("Number of the order that took its place")
    is_rechargeable: Mapped[bool | None] = column("Whether the tenant must pay for it")
    is_communal: Mapped[bool | None] = column("Whether it is work on shared parts")

    __table_args__ = (not_before("completed_at", "raised_at"),)


class SorItem(Sourced, Base):
    """A line of a schedule of rates: a piece of work with its standard time and price."""

    sor_code: Mapped[str] = column("Code of the item in its schedule", index=True)
    scheme: Mapped[str | None] = column("Schedule it stands in")
    scheme_version: Mapped[str | None] = column("Version of the schedule")
    short_text: Mapped[str | None] = column("What is done, in short")
    long_text: Mapped[str | None] = column("What is done, in full")
    unit_code: Mapped[str | None] = column("Unit it is counted in, such as EA or M2")
    trade_id: Mapped[UUID | None] = reference("trade", "The trade that does it", index=False)
    contract_id: Mapped[UUID | None] = reference("contract", "The contract the price holds for", index=False)
    price: Mapped[Decimal | None] = column("Price of one unit, pounds", check=NOT_NEGATIVE)
    standard_minutes: Mapped[Decimal | None] = column("Time for one unit", Numeric(8, 2), check=NOT_NEGATIVE)
    min_operatives: Mapped[int | None] = column("Fewest operatives who must come", check=NOT_NEGATIVE)
    max_operatives: Mapped[int | None] = column("Most operatives who can work on it", check=NOT_NEGATIVE)
    warranty_days: Mapped[int | None] = column("Days in which a fault is put right free", check=NOT_NEGATIVE)
    start_date: Mapped[date | None] = column("First day the price holds")
    end_date: Mapped[date | None] = column("Last day the price holds")

    __table_args__ = (not_before("end_date", "start_date"),)


class WorkElement(Sourced, Base):
    """A line of an order: how much of which SOR item."""

    work_order_id: Mapped[UUID] = reference("work_order", "The order")
    element_number: Mapped[int | None] = column("Number of the line in its order")
    sor_item_id: Mapped[UUID | None] = reference("sor_item", "The item of the schedule of rates", index=False)
    sor_code: Mapped[str | None] = column("Code of the item, as the source has it")
    trade_id: Mapped[UUID | None] = reference("trade", "The trade that does it", index=False)
    operative_id: Mapped[UUID | None] = reference("operative", "Who did it", index=False)
    description: Mapped[str | None] = column("What is to be done; free text that may name people")
    quantity: Mapped[Decimal | None] = column("How many units", Numeric(12, 3))
    unit_code: Mapped[str | None] = column("Unit it is counted in")
    standard_minutes: Mapped[Decimal | None] = column("Time for the whole line", Numeric(10, 2))
    price: Mapped[Decimal | None] = column("Price of one unit, pounds")
    cost: Mapped[Decimal | None] = column("Cost of the line, pounds")
    status_code: Mapped[str | None] = code(ELEMENT_STATUSES, "Whether it was done")
    completed_at: Mapped[datetime | None] = column("When it was done")
