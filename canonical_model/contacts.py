"""How people are reached, and what staff must know before they call."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from canonical_model.base import Base, Sourced, code, column, not_before, reference

CONTACT_TYPES = ("home_telephone", "mobile", "work_telephone", "email", "address", "other")
ALERT_TYPES = (
    "visit_in_pairs",
    "violence",
    "verbal_abuse",
    "dangerous_dog",
    "asbestos",
    "needles",
    "no_lone_female",
    "no_lone_male",
    "oxygen_in_use",
    "vulnerable",
    "sensory_impairment",
    "mobility",
    "language",
    "key_safe",
    "hoarding",
    "fire_risk",
    "other",
)


class ContactMethod(Sourced, Base):
    """A telephone number or address at which somebody can be reached."""

    person_id: Mapped[UUID | None] = reference("person", "The person it reaches")
    organisation_id: Mapped[UUID | None] = reference("organisation", "The organisation it reaches")
    tenancy_id: Mapped[UUID | None] = reference("tenancy", "The tenancy it was given for")
    contact_type_code: Mapped[str] = code(CONTACT_TYPES, "What kind of contact it is")
    value: Mapped[str] = column("The number or address itself")
    contact_name: Mapped[str | None] = column("Whom to ask for")
    postcode: Mapped[str | None] = column("Postcode of an address, with one space")
    precedence: Mapped[int | None] = column("Order in which to try; 1 is first")
    is_text_allowed: Mapped[bool | None] = column("Whether text messages may be sent")
    start_date: Mapped[date | None] = column("Day it began to be used")
    end_date: Mapped[date | None] = column("Day it stopped being used")

    __table_args__ = (
        not_before("end_date", "start_date"),
        CheckConstraint("num_nonnulls(person_id, organisation_id, tenancy_id) >= 1", name="reaches_somebody"),
    )


class Alert(Sourced, Base):
    """A caution about a person or a place that staff must see before a visit."""

    person_id: Mapped[UUID | None] = reference("person", "The person it is about")
    asset_id: Mapped[UUID | None] = reference("asset", "The place it is about")
    tenancy_id: Mapped[UUID | None] = reference("tenancy", "The tenancy it was recorded on")
    alert_type_code: Mapped[str] = code(ALERT_TYPES, "What to be careful of")
    description: Mapped[str | None] = column("What was recorded; free text that may name people")
    start_date: Mapped[date | None] = column("Day it was recorded")
    review_date: Mapped[date | None] = column("Day it must be looked at again")
    end_date: Mapped[date | None] = column("Day it was lifted")

    __table_args__ = (
        not_before("end_date", "start_date"),
        CheckConstraint("num_nonnulls(person_id, asset_id, tenancy_id) >= 1", name="is_about_something"),
    )
