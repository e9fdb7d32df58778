"""What homes are made of and in what state, and the times they stand empty."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric, SmallInteger
from sqlalchemy.orm import Mapped

from canonical_model.base import NOT_NEGATIVE, Base, Sourced, code, column, not_before, reference

COMPONENT_TYPES = (
    "kitchen",
    "bathroom",
    "gas_boiler",
    "other_heating",
    "heating_distribution",
    "electrics",
    "windows",
    "external_doors",
    "roof_structure",
    "roof_finish",
    "chimney",
    "wall_structure",
    "wall_finish",
    "brickwork",
    "lintels",
    "smoke_alarm",
    "carbon_monoxide_alarm",
    "insulation",
    "ventilation",
    "solar_panels",
    "lift",
    "door_entry",
    "communal_heating",
    "water_tank",
    "adaptation",
    "other",
)
CONDITIONS = ("good", "fair", "poor", "failed", "not_assessed")
SURVEY_TYPES = ("stock_condition", "decent_homes", "hhsrs", "energy", "asbestos", "void", "desktop", "other")
SURVEY_RESULTS = ("pass", "fail", "no_access", "partial", "not_assessed")
VOID_CLASSES = ("standard", "major_works", "decant", "hard_to_let", "disposal", "temporary_accommodation")
VOID_REASONS = (
    "tenancy_ended",
    "transfer",
    "death",
    "eviction",
    "abandoned",
    "new_property",
    "decant",
    "buy_back",
    "other",
)


class Survey(Sourced, Base):
    """An inspection of a place that records its state."""

    survey_ref: Mapped[str | None] = column("The source's own reference of the survey")
    asset_id: Mapped[UUID | None] = reference("asset", "The place")
    survey_type_code: Mapped[str] = code(SURVEY_TYPES, "What was surveyed")
    survey_date: Mapped[date] = column("Day of the survey")
    result_code: Mapped[str | None] = code(SURVEY_RESULTS, "What came of it")
    condition_code: Mapped[str | None] = code(CONDITIONS, "Overall state")
    is_decent: Mapped[bool | None] = column("Whether it meets the Decent Homes Standard")
    energy_rating: Mapped[int | None] = column("SAP points", SmallInteger, check="{} BETWEEN 0 AND 150")
    surveyor: Mapped[str | None] = column("Who surveyed it")
    next_due_date: Mapped[date | None] = column("Day the next one is due")
    notes: Mapped[str | None] = column("What was noted; free text that may name people")


class Component(Sourced, Base):
    """A part of a place that wears out and is renewed: a kitchen, a boiler, a roof."""

    asset_id: Mapped[UUID | None] = reference("asset", "The place it is part of")
    survey_id: Mapped[UUID | None] = reference("survey", "The survey that recorded it")
    component_type_code: Mapped[str] = code(COMPONENT_TYPES, "What it is")
    description: Mapped[str | None] = column("Make, material or attribute")
    quantity: Mapped[Decimal | None] = column("How much of it", Numeric(12, 3), check=NOT_NEGATIVE)
    unit_code: Mapped[str | None] = column("Unit it is counted in")
    install_date: Mapped[date | None] = column("Day it was put in")
    install_year: Mapped[int | None] = column("Year it was put in", SmallInteger, check="{} BETWEEN 1800 AND 2200")
    life_years: Mapped[int | None] = column("Years it should last", SmallInteger, check="{} BETWEEN 0 AND 200")
    renewal_year: Mapped[int | None] = column(
        "Year it should be renewed", SmallInteger, check="{} BETWEEN 1800 AND 2400"
    )
    condition_code: Mapped[str | None] = code(CONDITIONS, "State it is in")
    renewal_cost: Mapped[Decimal | None] = column("Cost to renew it, pounds", check=NOT_NEGATIVE)
    serial_number: Mapped[str | None] = column("Maker's number, for a boiler or a lift")


class Void(Sourced, Base):
    """A time in which a home stands empty, from one tenancy to the next."""

    void_ref: Mapped[str | None] = column("The source's own reference of the void")
    asset_id: Mapped[UUID | None] = reference("asset", "The empty home")
    previous_tenancy_id: Mapped[UUID | None] = reference("tenancy", "The tenancy before", index=False)
    next_tenancy_id: Mapped[UUID | None] = reference("tenancy", "The tenancy after", index=False)
    reason_code: Mapped[str | None] = code(VOID_REASONS, "Why it became empty")
    void_class_code: Mapped[str | None] = code(VOID_CLASSES, "What kind of void it is")
    start_date: Mapped[date] = column("First day it is empty")
    target_date: Mapped[date | None] = column("Day it should be let")
    keys_received_date: Mapped[date | None] = column("Day the keys came back")
    works_started_date: Mapped[date | None] = column("Day the works began")
    ready_date: Mapped[date | None] = column("Day it was ready to let")
    end_date: Mapped[date | None] = column("Day it was let again")
    weekly_rent_lost: Mapped[Decimal | None] = column("Rent not charged a week, pounds", check=NOT_NEGATIVE)

    __table_args__ = (not_before("end_date", "start_date"),)
