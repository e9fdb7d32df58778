"""The housing register: who asks for a home, and the lettings that follow."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, SmallInteger
from sqlalchemy.orm import Mapped

from canonical_model.base import NOT_NEGATIVE, UPRN, Base, Sourced, code, column, not_before, reference
from canonical_model.rents import FREQUENCIES

APPLICATION_STATUSES = (
    "new",
    "pending",
    "live",
    "suspended",
    "offered",
    "housed",
    "cancelled",
    "rejected",
    "expired",
)
BANDS = ("emergency", "a", "b", "c", "d", "e", "none")
APPLICATION_TYPES = ("new_applicant", "transfer", "homeless", "mutual_exchange", "sheltered", "nomination")
NEED_REASONS = (
    "homeless",
    "overcrowded",
    "under_occupied",
    "medical",
    "insanitary",
    "hardship",
    "domestic_abuse",
    "care_leaver",
    "armed_forces",
    "employment",
    "other",
)
LETTING_TYPES = (
    "general_needs",
    "supported",
    "sheltered",
    "temporary",
    "transfer",
    "mutual_exchange",
    "renewal",
)
RENT_TYPES = ("social", "affordable", "london_affordable", "intermediate", "rent_to_buy", "market", "other")
LETTING_SOURCES = (
    "choice_based",
    "common_allocation",
    "common_register",
    "accessible_register",
    "direct_offer",
    "internal_transfer",
    "nomination",
    "homeless_duty",
    "other",
)


class HousingApplication(Sourced, Base):
    """A household's request for a home."""

    application_ref: Mapped[str] = column("The source's own reference of the application", index=True)
    applicant_id: Mapped[UUID | None] = reference("person", "Who applies")
    joint_applicant_id: Mapped[UUID | None] = reference("person", "Who applies with them", index=False)
    household_id: Mapped[UUID | None] = reference("household", "The household that is to be housed")
    current_asset_id: Mapped[UUID | None] = reference("asset", "The council home they live in", index=False)
    application_type_code: Mapped[str | None] = code(APPLICATION_TYPES, "What kind of application it is")
    status_code: Mapped[str] = code(APPLICATION_STATUSES, "Where it stands")
    band_code: Mapped[str | None] = code(BANDS, "Priority band")
    points: Mapped[int | None] = column("Priority points", check=NOT_NEGATIVE)
    need_reason_code: Mapped[str | None] = code(NEED_REASONS, "Main reason of need")
    bedrooms_needed: Mapped[int | None] = column("Bedrooms the household needs", check=NOT_NEGATIVE)
    person_count: Mapped[int | None] = column("People in the household", check=NOT_NEGATIVE)
    children_count: Mapped[int | None] = column("Children in the household", check=NOT_NEGATIVE)
    is_wheelchair_needed: Mapped[bool | None] = column("Whether a wheelchair home is needed")
    applied_date: Mapped[date | None] = column("Day it was received")
    effective_date: Mapped[date | None] = column("Day its place in the queue counts from")
    review_date: Mapped[date | None] = column("Day it must be renewed")
    closed_date: Mapped[date | None] = column("Day it was closed")
    offers_made: Mapped[int | None] = column("Number of offers so far", check=NOT_NEGATIVE)
    current_address_text: Mapped[str | None] = column("Where the applicant lives now, as one text")
    current_postcode: Mapped[str | None] = column("Postcode of where they live now")
    preferred_areas: Mapped[str | None] = column("Areas asked for, as the source lists them")
    notes: Mapped[str | None] = column("What was noted; free text that may name people")

    __table_args__ = (not_before("closed_date", "applied_date"),)


class Letting(Sourced, Base):
    """A home let to a household, as the national lettings return (CORE) asks for it."""

    letting_ref: Mapped[str | None] = column("The source's own reference of the letting", index=True)
    application_id: Mapped[UUID | None] = reference("housing_application", "The application it fulfils")
    tenancy_id: Mapped[UUID | None] = reference("tenancy", "The tenancy that began")
    asset_id: Mapped[UUID | None] = reference("asset", "The home that was let")
    property_ref: Mapped[str | None] = column("Property reference, as the source has it")
    tenant_ref: Mapped[str | None] = column("Tenant code, as the source has it")
    uprn: Mapped[int | None] = column("Unique property reference number", BigInteger, check=UPRN)
    address_text: Mapped[str | None] = column("Address as one text")
    postcode: Mapped[str | None] = column("Postcode with one space")
    start_date: Mapped[date] = column("First day of the tenancy")
    void_date: Mapped[date | None] = column("Day the home became free to let")
    repairs_completed_date: Mapped[date | None] = column("Day major repairs were done")
    letting_type_code: Mapped[str | None] = code(LETTING_TYPES, "What kind of letting it is")
    rent_type_code: Mapped[str | None] = code(RENT_TYPES, "What kind of rent is charged")
    source_of_letting_code: Mapped[str | None] = code(LETTING_SOURCES, "How the household came to it")
    bedrooms: Mapped[int | None] = column("Number of bedrooms", SmallInteger, check=NOT_NEGATIVE)
    is_joint_tenancy: Mapped[bool | None] = column("Whether several tenants are named")
    is_starter_tenancy: Mapped[bool | None] = column("Whether it begins with a trial time")
    fixed_term_years: Mapped[int | None] = column("Years of a fixed term", SmallInteger, check=NOT_NEGATIVE)
    person_count: Mapped[int | None] = column("People in the household", SmallInteger, check=NOT_NEGATIVE)
    lead_tenant_age_years: Mapped[int | None] = column("Age of the lead tenant", SmallInteger)
    previous_postcode: Mapped[str | None] = column("Postcode of the last settled home")
    was_homeless: Mapped[bool | None] = column("Whether the household was homeless before")
    charge_frequency_code: Mapped[str | None] = code(FREQUENCIES, "Time that the charges are for")
    basic_rent: Mapped[Decimal | None] = column("Basic rent for that time, pounds", check=NOT_NEGATIVE)
    service_charge: Mapped[Decimal | None] = column("Service charge, pounds", check=NOT_NEGATIVE)
    personal_service_charge: Mapped[Decimal | None] = column("Personal service charge, pounds")
    support_charge: Mapped[Decimal | None] = column("Support charge, pounds", check=NOT_NEGATIVE)
