"""Who may live where, from when, and on what terms."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, literal_column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped

from canonical_model.base import Base, Sourced, code, column, not_before, reference

TENANCY_TYPES = (
    "secure",
    "introductory",
    "flexible",
    "assured",
    "assured_shorthold",
    "starter",
    "non_secure",
    "demoted",
    "temporary_accommodation",
    "temporary_decant",
    "licence",
    "mesne_profit",
    "leasehold",
    "shared_ownership",
    "freehold",
    "garage",
    "parking_space",
    "commercial",
    "tenant_management",
    "traveller_pitch",
    "other",
)
TENANCY_STATUSES = ("current", "notice_given", "ended", "former", "cancelled")
TERMINATION_REASONS = (
    "notice_by_tenant",
    "transfer",
    "mutual_exchange",
    "death",
    "succession",
    "assignment",
    "eviction",
    "abandoned",
    "right_to_buy",
    "decant",
    "residential_care",
    "demolition",
    "other",
)
HOLDING_ROLES = ("main", "secondary")
PARTY_ROLES = ("sole_tenant", "joint_tenant", "leaseholder", "licensee", "guarantor", "occupant")


class Tenancy(Sourced, Base):
    """A right to live in a home or to use a garage, between the council and one or more tenants."""

    tenancy_ref: Mapped[str] = column("The source's own tenancy reference", index=True)
    tenancy_type_code: Mapped[str] = code(TENANCY_TYPES, "Terms on which it is held")
    status_code: Mapped[str | None] = code(TENANCY_STATUSES, "Where it stands in its life")
    household_id: Mapped[UUID | None] = reference("household", "The household that lives there")
    payment_ref: Mapped[str | None] = column("Reference that the tenant pays under", index=True)
    start_date: Mapped[date] = column("First day of the tenancy")
    end_date: Mapped[date | None] = column("Day the tenancy ended; empty while it goes on")
    potential_end_date: Mapped[date | None] = column("Day it is expected to end")
    notice_date: Mapped[date | None] = column("Day notice was given")
    succession_date: Mapped[date | None] = column("Day somebody succeeded to it")
    eviction_date: Mapped[date | None] = column("Day of the eviction")
    right_to_buy_date: Mapped[date | None] = column("Day a right to buy application was received")
    is_mutual_exchange: Mapped[bool | None] = column("Whether it began by an exchange of homes")
    termination_reason_code: Mapped[str | None] = code(TERMINATION_REASONS, "Why it ended")

    __table_args__ = (not_before("end_date", "start_date"),)


class TenancyHolding(Sourced, Base):
    """The time in which a tenancy holds one home or garage; no two hold the same one at once."""

    tenancy_id: Mapped[UUID] = reference("tenancy", "The tenancy")
    asset_id: Mapped[UUID] = reference("asset", "What is held")
    role_code: Mapped[str] = code(HOLDING_ROLES, "Whether it is the home itself or goes with it")
    start_date: Mapped[date] = column("First day it is held")
    end_date: Mapped[date | None] = column("Day it ceased to be held; another may hold it from that day")
    is_disputed: Mapped[bool] = column(
        "Whether the source lets it overlap another holding of the same place", server_default=text("false")
    )

    __table_args__ = (
        not_before("end_date", "start_date"),
        ExcludeConstraint(
            ("asset_id", "="),
            (literal_column("daterange(start_date, coalesce(end_date, 'infinity'::date), '[)')"), "&&"),
            using="gist",
            # a handover ends one holding and begins the next in any order, so it is judged at the commit
            deferrable=True,
            initially="DEFERRED",
            where=text("NOT is_disputed AND ended_run_id IS NULL"),
            name="ex_tenancy_holding_overlap",
        ),
    )


class TenancyParty(Sourced, Base):
    """A person or organisation that is party to a tenancy; a joint tenancy has several."""

    tenancy_id: Mapped[UUID] = reference("tenancy", "The tenancy")
    person_id: Mapped[UUID | None] = reference("person", "The tenant")
    organisation_id: Mapped[UUID | None] = reference("organisation", "The tenant that is no person")
    role_code: Mapped[str] = code(PARTY_ROLES, "In what role")
    is_responsible: Mapped[bool | None] = column("Whether they answer for the rent")
    start_date: Mapped[date | None] = column("Day they became a party")
    end_date: Mapped[date | None] = column("Day they ceased to be a party")

    __table_args__ = (
        not_before("end_date", "start_date"),
        CheckConstraint("num_nonnulls(person_id, organisation_id) = 1", name="one_party"),
    )
