"""Safety: certificates that must be renewed, and hazards that must be made safe in time."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped

from canonical_model.base import Base, Sourced, code, column, not_before, reference

CERTIFICATE_TYPES = (
    "gas_safety",
    "electrical",
    "fire_risk",
    "asbestos",
    "legionella",
    "lift",
    "energy_performance",
    "smoke_alarm",
    "carbon_monoxide",
    "solid_fuel",
    "oil",
    "other",
)
CERTIFICATE_RESULTS = (
    "satisfactory",
    "unsatisfactory",
    "advisory",
    "immediately_dangerous",
    "at_risk",
    "no_access",
)
HAZARD_TYPES = (
    "damp_and_mould",
    "excess_cold",
    "excess_heat",
    "carbon_monoxide",
    "fire",
    "electrical",
    "falls",
    "structural",
    "hygiene",
    "asbestos",
    "gas",
    "water",
    "security",
    "lead",
    "other",
)
HAZARD_TRACKS = ("emergency", "significant", "other")
HAZARD_STATUSES = ("reported", "investigating", "works_ordered", "made_safe", "closed", "no_hazard")


class Certificate(Sourced, Base):
    """Proof that a place, or something in it, was checked for safety."""

    certificate_ref: Mapped[str | None] = column("Number of the certificate", index=True)
    asset_id: Mapped[UUID | None] = reference("asset", "The place that was checked")
    work_order_id: Mapped[UUID | None] = reference("work_order", "The order it was checked under")
    certificate_type_code: Mapped[str] = code(CERTIFICATE_TYPES, "What was checked")
    issued_date: Mapped[date] = column("Day of the check")
    expiry_date: Mapped[date | None] = column("Day the next check is due")
    result_code: Mapped[str | None] = code(CERTIFICATE_RESULTS, "What came of it")
    rating: Mapped[str | None] = column("Band or score, such as C for energy")
    inspector: Mapped[str | None] = column("Who checked it")
    inspector_ref: Mapped[str | None] = column("The inspector's registration, such as a gas licence number")
    appliance: Mapped[str | None] = column("What was checked, for one appliance")
    notes: Mapped[str | None] = column("What was noted; free text that may name people")

    __table_args__ = (not_before("expiry_date", "issued_date"),)


class HazardCase(Sourced, Base):
    """A hazard reported in a home, with the instants that the law counts from."""

    hazard_ref: Mapped[str] = column("The source's own reference of the case")
    asset_id: Mapped[UUID | None] = reference("asset", "The home")
    request_id: Mapped[UUID | None] = reference("repair_request", "The request that reported it")
    work_order_id: Mapped[UUID | None] = reference("work_order", "The order that makes it safe")
    hazard_type_code: Mapped[str] = code(HAZARD_TYPES, "What the hazard is")
    track_code: Mapped[str | None] = code(HAZARD_TRACKS, "Whether it is an emergency or significant")
    status_code: Mapped[str | None] = code(HAZARD_STATUSES, "Where the case stands")
    aware_at: Mapped[datetime] = column("When the council became aware")
    investigated_at: Mapped[datetime | None] = column("When the investigation ended")
    summary_sent_at: Mapped[datetime | None] = column("When the tenant was sent the written summary")
    made_safe_at: Mapped[datetime | None] = column("When it was made safe")
    works_begun_at: Mapped[datetime | None] = column("When further works began")
    works_done_at: Mapped[datetime | None] = column("When all works were done")
    is_decanted: Mapped[bool | None] = column("Whether the household was moved out")
    access_attempts: Mapped[int | None] = column("How often access was tried", check="{} >= 0")
    extension_reason: Mapped[str | None] = column("Why a limit could not be kept; may name people")

    __table_args__ = (not_before("works_done_at", "works_begun_at"),)
