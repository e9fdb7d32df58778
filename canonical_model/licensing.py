"""Licences for houses in multiple occupation (HMO), which private landlords need."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped

from canonical_model.base import NOT_NEGATIVE, UPRN, Base, Sourced, code, column, not_before, reference

LICENCE_TYPES = ("mandatory", "additional", "selective", "renewal", "temporary_exemption", "other")
LICENCE_STATUSES = ("applied", "under_consultation", "granted", "refused", "expired", "revoked", "withdrawn")


class HmoApplication(Sourced, Base):
    """A landlord's application to let a house to several households."""

    case_ref: Mapped[str] = column("The council's case number", index=True)
    asset_id: Mapped[UUID | None] = reference("asset", "The house, where the hub knows it")
    uprn: Mapped[int | None] = column("Unique property reference number", BigInteger, check=UPRN)
    address_text: Mapped[str] = column("Address of the house as one text")
    postcode: Mapped[str | None] = column("Postcode with one space", index=True)
    licence_type_code: Mapped[str | None] = code(LICENCE_TYPES, "What kind of licence is asked for")
    status_code: Mapped[str | None] = code(LICENCE_STATUSES, "Where the application stands")
    applicant_id: Mapped[UUID | None] = reference("person", "Who applies", index=False)
    applicant_organisation_id: Mapped[UUID | None] = reference("organisation", "Body that applies", index=False)
    received_date: Mapped[date | None] = column("Day it was received")
    decided_date: Mapped[date | None] = column("Day it was decided")
    storeys: Mapped[int | None] = column("Number of storeys", check=NOT_NEGATIVE)
    fee: Mapped[Decimal | None] = column("Fee, pounds", check=NOT_NEGATIVE)

    __table_args__ = (not_before("decided_date", "received_date"),)


class HmoLicence(Sourced, Base):
    """A licence to let a house to several households."""

    case_ref: Mapped[str] = column("The council's case number", index=True)
    application_id: Mapped[UUID | None] = reference("hmo_application", "The application it answers")
    asset_id: Mapped[UUID | None] = reference("asset", "The house, where the hub knows it")
    uprn: Mapped[int | None] = column("Unique property reference number", BigInteger, check=UPRN)
    address_text: Mapped[str] = column("Address of the house as one text")
    postcode: Mapped[str | None] = column("Postcode with one space", index=True)
    licence_type_code: Mapped[str | None] = code(LICENCE_TYPES, "What kind of licence it is")
    status_code: Mapped[str | None] = code(LICENCE_STATUSES, "Where the licence stands")
    holder_id: Mapped[UUID | None] = reference("person", "Who holds it", index=False)
    manager_id: Mapped[UUID | None] = reference("person", "Who manages the house", index=False)
    max_occupants: Mapped[int | None] = column("Most people who may live there", check=NOT_NEGATIVE)
    unit_count: Mapped[int | None] = column("Number of separate units", check=NOT_NEGATIVE)
    max_households: Mapped[int | None] = column("Most households who may live there", check=NOT_NEGATIVE)
    start_date: Mapped[date | None] = column("Day the licence began")
    expiry_date: Mapped[date | None] = column("Last day of the licence")

    __table_args__ = (not_before("expiry_date", "start_date"),)
