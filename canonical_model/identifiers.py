"""The keys that things have elsewhere."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from canonical_model.base import Base, Sourced, code, column, not_before

SCHEMES = (
    "property_ref",
    "uprn",
    "usrn",
    "block_ref",
    "estate_ref",
    "person_ref",
    "national_insurance_number",
    "household_ref",
    "tenancy_ref",
    "rent_account_ref",
    "payment_ref",
    "housing_benefit_ref",
    "work_order_ref",
    "request_ref",
    "booking_ref",
    "operative_ref",
    "payroll_ref",
    "contractor_ref",
    "application_ref",
    "case_ref",
    "certificate_ref",
    "gas_safe_ref",
    "core_ref",
    "other",
)


class Identifier(Sourced, Base):
    """A key that something of the model has with somebody, and who gave it."""

    # what it identifies can stand in any table, so a foreign key cannot say it
    entity_type: Mapped[str] = column("Table of what is identified")
    entity_id: Mapped[UUID] = column("Id of what is identified")
    scheme_code: Mapped[str] = code(SCHEMES, "What kind of key it is")
    value: Mapped[str] = column("The key")
    allocated_by: Mapped[str] = column("Who gave the key: a system or a body")
    start_date: Mapped[date | None] = column("First day it is valid")
    end_date: Mapped[date | None] = column("Last day it is valid")

    __table_args__ = (
        not_before("end_date", "start_date"),
        Index(None, "entity_type", "entity_id"),
        Index(None, "scheme_code", "value"),
    )
