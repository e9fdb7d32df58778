"""Who is who: people, organisations and the households they form."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped

from canonical_model.base import NOT_NEGATIVE, Base, Sourced, code, column, not_before, reference

SEXES = ("female", "male", "other", "not_stated")
ORGANISATION_TYPES = (
    "contractor",
    "supplier",
    "charity",
    "housing_association",
    "tenant_management",
    "landlord",
    "managing_agent",
    "company",
    "public_body",
    "other",
)
HOUSEHOLD_ROLES = ("tenant", "joint_tenant", "partner", "dependant", "carer", "lodger", "occupant", "other")
RELATIONSHIPS = (
    "self",
    "spouse",
    "partner",
    "child",
    "parent",
    "sibling",
    "grandchild",
    "grandparent",
    "other_relative",
    "carer",
    "lodger",
    "friend",
    "unrelated",
    "not_stated",
)


class Person(Sourced, Base):
    """A person as one source knows them; the golden links tell which of them are the same."""

    person_ref: Mapped[str] = column("The source's own reference of the person", index=True)
    title: Mapped[str | None] = column("Title, such as Mrs or Dr")
    forename: Mapped[str | None] = column("Given names")
    surname: Mapped[str | None] = column("Family name", index=True)
    full_name: Mapped[str | None] = column("The name as one text, where the source does not divide it")
    preferred_name: Mapped[str | None] = column("Name the person wants to be called by")
    birth_date: Mapped[date | None] = column("Date of birth", index=True)
    death_date: Mapped[date | None] = column("Date of death")
    is_deceased: Mapped[bool | None] = column("Whether the person is known to have died")
    age_years: Mapped[int | None] = column("Age, where the source has no date of birth", check=NOT_NEGATIVE)
    sex_code: Mapped[str | None] = code(SEXES, "Sex as recorded")
    national_insurance_number: Mapped[str | None] = column("National Insurance number, without blanks")
    nationality: Mapped[str | None] = column("Nationality, as the source writes it")
    ethnic_origin: Mapped[str | None] = column("Ethnic origin, as the source writes it")
    preferred_language: Mapped[str | None] = column("Language the person wants to be spoken to in")
    is_disabled: Mapped[bool | None] = column("Whether the person says they are disabled")
    has_support_needs: Mapped[bool | None] = column("Whether the person needs support")
    asset_id: Mapped[UUID | None] = reference("asset", "Where the source knows the person to live")
    tenancy_id: Mapped[UUID | None] = reference("tenancy", "The tenancy they are known by")
    payment_ref: Mapped[str | None] = column("Payment reference that they pay under", index=True)

    __table_args__ = (not_before("death_date", "birth_date"),)


class Organisation(Sourced, Base):
    """A body that is no person: a contractor, an agent, a charity, a landlord."""

    organisation_ref: Mapped[str] = column("The source's own reference of the organisation")
    name: Mapped[str] = column("Name of the organisation")
    organisation_type_code: Mapped[str | None] = code(ORGANISATION_TYPES, "What kind of body it is")
    charity_number: Mapped[str | None] = column("Number in the register of charities")
    company_number: Mapped[str | None] = column("Number in the register of companies")
    address_text: Mapped[str | None] = column("Address as one text")
    postcode: Mapped[str | None] = column("Postcode with one space")


class Household(Sourced, Base):
    """The people who live together, or want to."""

    household_ref: Mapped[str] = column("The source's own reference of the household", index=True)
    name: Mapped[str | None] = column("Name the source gives the household")
    asset_id: Mapped[UUID | None] = reference("asset", "Where the household lives")
    person_count: Mapped[int | None] = column("Number of people, where the source states it", check=NOT_NEGATIVE)
    start_date: Mapped[date | None] = column("Day the household was formed")
    end_date: Mapped[date | None] = column("Day the household ended")

    __table_args__ = (not_before("end_date", "start_date"),)


class HouseholdMember(Sourced, Base):
    """A person's time in a household."""

    household_id: Mapped[UUID] = reference("household", "The household")
    person_id: Mapped[UUID] = reference("person", "The member")
    member_number: Mapped[int | None] = column("The source's number of the member within the household")
    role_code: Mapped[str | None] = code(HOUSEHOLD_ROLES, "What the person is in the household")
    relationship_code: Mapped[str | None] = code(RELATIONSHIPS, "What the person is to the main tenant")
    is_head: Mapped[bool | None] = column("Whether the household is named after them")
    is_responsible: Mapped[bool | None] = column("Whether they answer for the tenancy")
    start_date: Mapped[date | None] = column("Day they joined")
    end_date: Mapped[date | None] = column("Day they left")

    __table_args__ = (not_before("end_date", "start_date"),)
