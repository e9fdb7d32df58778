"""The tables of callers that use the hub in place of the old scheduler: references and times, nothing of a tenant."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from scheduling.tables import metadata

FIRST_NUMBER = 1_000_000_000
"""Of orders and bookings; the old scheduler's own numbers, which callers still hold, lie below."""

CALLER_SESSION = Table(
    "caller_session", metadata,
    Column("session_hash", Text, primary_key=True, comment="SHA-256 of the session's id, which is kept nowhere"),
    Column("client_id", Text, nullable=False, comment="The client that showed its secret"),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When"),
    Column("expires_at", DateTime(timezone=True), nullable=False, comment="The midnight after"),
    Column("closed_at", DateTime(timezone=True), comment="When it was ended before that"),
    comment="Sessions of systems that call the scheduler's operations",
)  # fmt: skip

CALLER_ORDER = Table(
    "caller_order", metadata,
    Column("id", Integer, Identity(start=FIRST_NUMBER), primary_key=True,
           comment="orderId: the old scheduler's where it had one, else a number above its range"),
    Column("order_ref", Text, nullable=False, comment="primaryOrderNumber"),
    Column("contract_ref", Text, nullable=False, comment="contract"),
    Column("location_ref", Text, nullable=False, comment="locationID: the home's reference"),
    Column("latitude", Double, comment="Of the place as the caller told it, degrees"),
    Column("longitude", Double, comment="Of the place as the caller told it, degrees"),
    Column("priority", Text, nullable=False, comment="The caller's priority code"),
    Column("target_at", DateTime(timezone=True), nullable=False, comment="targetDate"),
    Column("user_ref", Text, nullable=False, comment="userId: the caller's technical user"),
    Column("lines", JSONB(none_as_null=True), nullable=False,
           comment="Codes of the schedule of rates with quantity, minutes and trade"),
    Column("status_code", Text, nullable=False, comment="PLANNED, STARTED or COMPLETED"),
    Column("raised_by", Text, comment="The client that raised it; none: the hub had it already"),
    Column("raised_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When"),
    Column("deleted_at", DateTime(timezone=True), comment="When a caller deleted it"),
    CheckConstraint("status_code IN ('PLANNED', 'STARTED', 'COMPLETED')", name="status_code"),
    Index("uq_caller_order_order_ref", "order_ref", unique=True,
          postgresql_where=text("deleted_at IS NULL")),
    Index("ix_caller_order_location_ref", "location_ref"),
    comment="Orders as callers of the scheduler's operations know them",
)  # fmt: skip

CALLER_BOOKING = Table(
    "caller_booking", metadata,
    Column("id", Integer, Identity(start=FIRST_NUMBER), primary_key=True,
           comment="bookingId: the old scheduler's where it had one, else a number above its range"),
    Column("order_id", Integer, ForeignKey("scheduling.caller_order.id", name="fk_caller_booking_order"),
           nullable=False, comment="The order"),
    Column("job_ref", Text, nullable=False, comment="The job of the plan"),
    Column("reason", Text, nullable=False, comment="bookingReason: first, or follow on"),
    Column("minutes", Integer, comment="duration, where the caller told one"),
    Column("is_emergency", Boolean, nullable=False, comment="isEmergency"),
    Column("life_cycle", Text, comment="Where the visit stands, as the caller told it last"),
    Column("user_ref", Text, nullable=False, comment="userId: the caller's technical user"),
    Column("deleted_at", DateTime(timezone=True), comment="When a caller deleted it"),
    Index("uq_caller_booking_job_ref", "job_ref", unique=True,
          postgresql_where=text("deleted_at IS NULL")),
    Index("ix_caller_booking_order_id", "order_id"),
    comment="Visits as callers of the scheduler's operations know them: one a job, however often it is moved",
)  # fmt: skip

CALLER_CODE = Table(
    "caller_code", metadata,
    Column("sor_code", Text, primary_key=True, comment="Code of the schedule of rates"),
    Column("trade_ref", Text, comment="The trade that does it; none: as the schedule has it"),
    Column("minutes", Integer, nullable=False, comment="Time for one unit"),
    Column("told_by", Text, nullable=False, comment="The client that told it"),
    Column("told_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When"),
    CheckConstraint("minutes > 0", name="minutes"),
    comment="Times of codes as a caller told them: for orders that callers raise, before the schedule of rates",
)  # fmt: skip

CONFIRMATION = Table(
    "confirmation", metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True, comment="In the order in which they are sent"),
    Column("event_number", BigInteger, ForeignKey("scheduling.event.number", name="fk_confirmation_event"),
           nullable=False, comment="The event that made or moved the booking"),
    Column("booking_id", BigInteger, nullable=False, comment="The booking"),
    Column("job_ref", Text, nullable=False, comment="The job that it is for"),
    Column("window_start_at", DateTime(timezone=True), nullable=False, comment="Begin of what the tenant was told"),
    Column("window_end_at", DateTime(timezone=True), nullable=False, comment="End of what the tenant was told"),
    Column("changed_at", DateTime(timezone=True), nullable=False, comment="When it was made or moved"),
    Column("attempts", Integer, nullable=False, server_default=text("0"), comment="How often it was sent in vain"),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now(),
           comment="Not before that it is sent again"),
    Column("sent_at", DateTime(timezone=True), comment="When the housing system had it"),
    Column("given_up_at", DateTime(timezone=True), comment="When its window had passed, or a later one took its place"),
    Column("problem", Text, comment="Why the last attempt failed: a status or a kind of fault"),
    Index("ix_confirmation_next_at", "next_at",
          postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL")),
    Index("ix_confirmation_job_ref", "job_ref"),
    comment="Bookings that were made or moved, as the housing system is to be told of them, and whether it was",
)  # fmt: skip
