"""When work is done: visits agreed with tenants, what confirms them, free time and the weekly plan made by hand."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric
from sqlalchemy.orm import Mapped

from canonical_model.base import NOT_NEGATIVE, Base, Sourced, code, column, not_before, reference

APPOINTMENT_STATUSES = (
    "planned",
    "reserved",
    "despatched",
    "acknowledged",
    "accepted",
    "arrived",
    "started",
    "completed",
    "no_access",
    "cancelled",
    "missed",
)
APPOINTMENT_OUTCOMES = ("complete", "incomplete", "no_access", "follow_on", "cancelled", "refused", "missed")
APPOINTMENT_SEQUENCES = ("first", "follow_on")
AVAILABILITIES = ("yes", "no", "maybe")


class Appointment(Sourced, Base):
    """A visit agreed for an order."""

    appointment_ref: Mapped[str] = column("The source's own reference of the appointment", index=True)
    work_order_id: Mapped[UUID | None] = reference("work_order", "The order it is for")
    work_order_ref: Mapped[str | None] = column("Number of the order, as the source has it")
    booking_ref: Mapped[str | None] = column("Reference of the booking in the scheduling product", index=True)
    asset_id: Mapped[UUID | None] = reference("asset", "Where the visit is")
    operative_id: Mapped[UUID | None] = reference("operative", "Who is to come")
    contract_ref: Mapped[str | None] = column("Contract that the booking was made under")
    sequence_code: Mapped[str | None] = code(APPOINTMENT_SEQUENCES, "Whether it is the first visit")
    slot_name: Mapped[str | None] = column("Name of the window, such as AM")
    window_start_at: Mapped[datetime | None] = column("Earliest arrival promised to the tenant")
    window_end_at: Mapped[datetime | None] = column("Latest arrival promised to the tenant")
    planned_start_at: Mapped[datetime | None] = column("When the operative is planned to start")
    planned_end_at: Mapped[datetime | None] = column("When the operative is planned to finish")
    arrived_at: Mapped[datetime | None] = column("When the operative came")
    completed_at: Mapped[datetime | None] = column("When the operative left")
    duration_minutes: Mapped[int | None] = column("Time it was planned to take", check=NOT_NEGATIVE)
    status_code: Mapped[str] = code(APPOINTMENT_STATUSES, "Where the booking stands")
    outcome_code: Mapped[str | None] = code(APPOINTMENT_OUTCOMES, "How the visit ended")
    booked_at: Mapped[datetime | None] = column("When it was agreed")
    comment: Mapped[str | None] = column("What was noted; free text that may name people")

    __table_args__ = (
        not_before("window_end_at", "window_start_at"),
        not_before("planned_end_at", "planned_start_at"),
    )


class VisitConfirmation(Sourced, Base):
    """A message by which the scheduling product told of a booking that was made or moved."""

    booking_ref: Mapped[str] = column("Reference of the booking in the scheduling product", index=True)
    work_order_id: Mapped[UUID | None] = reference("work_order", "The order that the visit is for")
    work_order_ref: Mapped[str | None] = column("Number of the order, as the message has it")
    asset_id: Mapped[UUID | None] = reference("asset", "Where the visit is", index=False)
    contract_ref: Mapped[str | None] = column("Contract that the booking was made under")
    sequence_code: Mapped[str | None] = code(APPOINTMENT_SEQUENCES, "Whether it is the first visit")
    reason: Mapped[str | None] = column("Why the booking was made or moved")
    changed_at: Mapped[datetime | None] = column("When it was made or moved")
    window_start_at: Mapped[datetime | None] = column("Earliest arrival that is now promised")
    window_end_at: Mapped[datetime | None] = column("Latest arrival that is now promised")
    planned_start_at: Mapped[datetime | None] = column("When the operative is planned to start")
    planned_end_at: Mapped[datetime | None] = column("When the operative is planned to finish")

    __table_args__ = (not_before("window_end_at", "window_start_at"),)


class OperativeAvailability(Sourced, Base):
    """A window in which an operative can, or cannot, be given work."""

    operative_id: Mapped[UUID | None] = reference("operative", "The operative")
    contract_ref: Mapped[str | None] = column("Contract that the window is offered under")
    slot_name: Mapped[str | None] = column("Name of the window, such as AM")
    start_at: Mapped[datetime] = column("When the window starts")
    end_at: Mapped[datetime] = column("When the window ends")
    availability_code: Mapped[str] = code(AVAILABILITIES, "Whether there is room in it")
    is_best_slot: Mapped[bool | None] = column("Whether the scheduling product would choose it")
    reason: Mapped[str | None] = column("Why there is no room")

    __table_args__ = (not_before("end_at", "start_at"),)


class ManualAllocation(Sourced, Base):
    """A line of the weekly plan that the logistics manager makes by hand."""

    operative_id: Mapped[UUID | None] = reference("operative", "The operative")
    work_order_id: Mapped[UUID | None] = reference("work_order", "The order")
    work_order_ref: Mapped[str | None] = column("Number of the order, as the plan has it")
    week_start_date: Mapped[date | None] = column("Monday of the plan's week")
    allocation_date: Mapped[date] = column("Day of the visit")
    sequence_number: Mapped[int | None] = column("Place in the day; 1 is first", check=NOT_NEGATIVE)
    planned_start_time: Mapped[time | None] = column("When it should start, local time")
    planned_minutes: Mapped[int | None] = column("Time it should take", check=NOT_NEGATIVE)
    travel_distance_m: Mapped[Decimal | None] = column("Way from the job before", Numeric(10, 1), check=NOT_NEGATIVE)
    uploaded_at: Mapped[datetime | None] = column("When the plan was uploaded")
    allocated_by: Mapped[str | None] = column("User name of who made the plan")
    note: Mapped[str | None] = column("What was noted; free text that may name people")
