"""Who is who and what is where across all sources: golden records, and the decisions they are rebuilt from.

A golden record's id says which records are the same thing: it is made from the record of them that the hub has
known longest. Golden records are derived; what a person or the machine decided stands in ``identity.decision``,
to which rows are only ever added.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from canonical_model.base import UPRN, Base, Versioned, code, column, not_before, reference
from canonical_model.people import HOUSEHOLD_ROLES, SEXES
from canonical_model.places import ASSET_TYPES, OCCUPANCY_STATUSES, OWNERSHIPS

ENTITY_TYPES = ("person", "asset", "household")
EVENT_KINDS = ("created", "merge", "split", "retired")
DECISION_KINDS = ("same", "not_same", "undo")
PAIR_STATUSES = ("joined", "doubtful", "vetoed", "apart")
REVIEW_KINDS = ("doubtful", "disputed", "contradiction", "capped", "sample")
REVIEW_STATUSES = ("open", "decided", "withdrawn")
ADDRESS_STATUSES = ("matched", "queued", "unmatched")
PERSON_WORDS = "lower(coalesce(full_name, '') || ' ' || coalesce(preferred_name, '') || ' ' || coalesce(surname, ''))"
PLACE_WORDS = (
    "lower(coalesce(name, '') || ' ' || coalesce(address_line_1, '') || ' ' || coalesce(address_line_2, '') || ' ' || "
    "coalesce(address_line_3, '') || ' ' || coalesce(postcode, '') || ' ' || asset_ref)"
)
"""What people and places are searched by: SQL that gives one text, with an index of its trigrams."""
PROBABILITY = "{} BETWEEN 0 AND 1"
IDENTITY = "identity"


def _trigrams(table: str, words: str) -> Index:
    return Index(f"ix_{table}_words", text(f"({words}) gin_trgm_ops"), postgresql_using="gin")


class GoldenLink(Base):
    """Which golden record a record belongs to: records with one golden id are the same thing."""

    entity_type: Mapped[str] = code(ENTITY_TYPES, "Table of the record", primary_key=True)
    entity_id: Mapped[UUID] = column("Id of the record", primary_key=True)
    golden_id: Mapped[UUID] = column("Id that all records of the same thing share", index=True)
    decided_by: Mapped[str] = column("Who decided last that it belongs here: machine or a user")
    decided_at: Mapped[datetime] = column("When it was decided")
    first_run_id: Mapped[int] = column("Run that first brought the record; the earliest of a thing gives its id")


class GoldenEvent(Base):
    """What became of a golden id, so that an old one always leads to those that stand now."""

    id: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), primary_key=True, comment="Number of the event, in the order of events"
    )
    happened_at: Mapped[datetime] = column("When it happened", server_default=func.now())
    run_id: Mapped[int | None] = column("Run in which it happened; null for a decision between runs")
    kind_code: Mapped[str] = code(EVENT_KINDS, "What happened")
    entity_type: Mapped[str] = code(ENTITY_TYPES, "What kind of thing it is")
    old_id: Mapped[UUID | None] = column("Golden id before; null for one that was created", index=True)
    new_id: Mapped[UUID | None] = column("Golden id after; null for one that was retired", index=True)
    decided_by: Mapped[str] = column("Who decided: machine or a user")


class Golden(Versioned):
    """What every golden record has: its golden id, what it stands on, and the run that wrote this version."""

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1, comment="The golden id")
    record_count: Mapped[int] = mapped_column(sort_order=90, comment="Number of records it was made from")
    system_count: Mapped[int] = mapped_column(sort_order=91, comment="Number of systems that know it")
    confidence: Mapped[Decimal | None] = mapped_column(
        Numeric(6, 5),
        sort_order=92,
        comment="Probability of the weakest link that holds it together; null for a single record",
        info={"check": PROBABILITY},
    )
    flags: Mapped[list[str]] = mapped_column(
        ARRAY(Text), sort_order=93, server_default="{}", comment="What to be careful of, such as capped or disputed"
    )
    run_id: Mapped[int] = mapped_column(sort_order=103, comment="Run that wrote this version of the row")
    row_hash: Mapped[int] = mapped_column(
        BigInteger, sort_order=104, comment="Hash of the row's content, to see a change"
    )
    ended_run_id: Mapped[int | None] = mapped_column(
        sort_order=105, comment="Run since which no record stands behind it"
    )


class GoldenAsset(Golden, Base):
    """A place as all sources together know it."""

    asset_type_code: Mapped[str] = code(ASSET_TYPES, "What kind of place it is")
    parent_id: Mapped[UUID | None] = reference("golden_asset", "The place it is part of: a flat's block, its estate")
    asset_ref: Mapped[str] = column("Property reference of the source that is trusted most", index=True)
    name: Mapped[str | None] = column("Name of an estate, block or building")
    uprn: Mapped[int | None] = column("Unique property reference number", BigInteger, check=UPRN, index=True)
    parent_uprn: Mapped[int | None] = column("UPRN of the building it is part of", BigInteger, check=UPRN)
    usrn: Mapped[int | None] = column("Unique street reference number")
    address_line_1: Mapped[str | None] = column("First line of the address")
    address_line_2: Mapped[str | None] = column("Second line of the address")
    address_line_3: Mapped[str | None] = column("Third line of the address")
    address_line_4: Mapped[str | None] = column("Town or county")
    postcode: Mapped[str | None] = column("Postcode with one space", index=True)
    easting_m: Mapped[Decimal | None] = column("British National Grid, metres east", Numeric(9, 2))
    northing_m: Mapped[Decimal | None] = column("British National Grid, metres north", Numeric(9, 2))
    latitude: Mapped[Decimal | None] = column("Latitude in degrees, ETRS89", Numeric(10, 7))
    longitude: Mapped[Decimal | None] = column("Longitude in degrees, ETRS89; west is negative", Numeric(10, 7))
    ownership_code: Mapped[str | None] = code(OWNERSHIPS, "Who owns it")
    bedrooms: Mapped[int | None] = column("Number of bedrooms")
    storeys: Mapped[int | None] = column("Number of storeys of the building")
    floor_level: Mapped[int | None] = column("Floor it is on; 0 is the ground floor")
    floor_area_m2: Mapped[Decimal | None] = column("Floor area", Numeric(10, 2))
    built_year: Mapped[int | None] = column("Year it was built")
    occupancy_status_code: Mapped[str | None] = code(OCCUPANCY_STATUSES, "Whether it is lived in")
    is_active: Mapped[bool | None] = column("Whether the council still manages it")

    __table_args__ = (_trigrams("golden_asset", PLACE_WORDS),)


class GoldenHousehold(Golden, Base):
    """The people who live together, as all sources together know them."""

    name: Mapped[str | None] = column("Name of the household")
    asset_id: Mapped[UUID | None] = reference("golden_asset", "Where the household lives")
    tenancy_id: Mapped[UUID | None] = reference("tenancy", "The tenancy that it lives under")
    person_count: Mapped[int] = column("Number of people in it")
    start_date: Mapped[date | None] = column("Day the household was formed")
    end_date: Mapped[date | None] = column("Day the household ended")

    __table_args__ = (not_before("end_date", "start_date"),)


class GoldenPerson(Golden, Base):
    """A person as all sources together know them."""

    title: Mapped[str | None] = column("Title, such as Mrs or Dr")
    forename: Mapped[str | None] = column("Given names")
    surname: Mapped[str | None] = column("Family name", index=True)
    full_name: Mapped[str | None] = column("The name as one text")
    preferred_name: Mapped[str | None] = column("Name the person wants to be called by")
    birth_date: Mapped[date | None] = column("Date of birth", index=True)
    death_date: Mapped[date | None] = column("Date of death")
    is_deceased: Mapped[bool | None] = column("Whether the person is known to have died")
    sex_code: Mapped[str | None] = code(SEXES, "Sex as recorded")
    national_insurance_number: Mapped[str | None] = column("National Insurance number, without blanks", index=True)
    nationality: Mapped[str | None] = column("Nationality, as the source writes it")
    ethnic_origin: Mapped[str | None] = column("Ethnic origin, as the source writes it")
    preferred_language: Mapped[str | None] = column("Language the person wants to be spoken to in")
    is_disabled: Mapped[bool | None] = column("Whether the person says they are disabled")
    has_support_needs: Mapped[bool | None] = column("Whether the person needs support")
    mobile: Mapped[str | None] = column("Mobile telephone number, +44 form")
    telephone: Mapped[str | None] = column("Other telephone number, +44 form")
    email: Mapped[str | None] = column("E-mail address")
    asset_id: Mapped[UUID | None] = reference("golden_asset", "Where the person lives")
    household_id: Mapped[UUID | None] = reference("golden_household", "The household the person lives in now")

    __table_args__ = (not_before("death_date", "birth_date"), _trigrams("golden_person", PERSON_WORDS))


class GoldenMember(Golden, Base):
    """A person's time in a household, as all sources together know it."""

    household_id: Mapped[UUID] = reference("golden_household", "The household")
    person_id: Mapped[UUID] = reference("golden_person", "The member")
    role_code: Mapped[str | None] = code(HOUSEHOLD_ROLES, "What the person is in the household")
    is_head: Mapped[bool | None] = column("Whether the household is named after them")
    start_date: Mapped[date | None] = column("Day they joined")
    end_date: Mapped[date | None] = column("Day they left")

    __table_args__ = (not_before("end_date", "start_date"),)


class GoldenValue(Base):
    """A value that some record had for a field of a golden record: the one that won and those that lost."""

    golden_id: Mapped[UUID] = column("The golden record", primary_key=True)
    field: Mapped[str] = column("Field of the golden record", primary_key=True)
    rank: Mapped[int] = column("Place in the order of trust; 1 won", primary_key=True)
    value: Mapped[str | None] = column("The value as text")
    entity_id: Mapped[UUID] = column("Record that has the value")
    system: Mapped[str] = column("System of the record")
    trust: Mapped[Decimal] = column("Trust in that system for the field, less what faults cost", Numeric(6, 5))
    is_winner: Mapped[bool] = column("Whether the golden record has this value")
    reason: Mapped[str] = column("Why it stands at this place")
    run_id: Mapped[int] = column("Run that wrote it")


def _own(name: str, *parts: SchemaItem, comment: str) -> Table:
    return Table(name, Base.metadata, *parts, schema=IDENTITY, comment=comment)


def _listed(name: str, codes: tuple[str, ...], comment: str) -> Column[str]:
    """A required text column; its check is made beside it by ``_one_of``."""
    return Column(name, Text, nullable=False, comment=comment, info={"codes": codes})


def _one_of(name: str, codes: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in codes)
    return CheckConstraint(f"{name} IN ({listed})", name=name)


DECISION = _own(
    "decision",
    Column("id", BigInteger, Identity(always=True), primary_key=True, comment="Number of the decision: their order"),
    Column("decided_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When"),
    Column("decided_by", Text, nullable=False, comment="machine, or the user who decided"),
    _listed("kind", DECISION_KINDS, "same, not_same, or undo of an earlier decision"),
    Column("entity_type", Text, nullable=False, comment="Table of the records: person, asset, household or address"),
    Column("left_id", Uuid, nullable=False, comment="One record: the lesser id, but for an address the record"),
    Column("right_id", Uuid, nullable=False, comment="The other record; for an address the gazetteer's BLPU"),
    Column("undoes", BigInteger, comment="Decision that an undo takes back"),
    Column("reason", Text, comment="Why, in a few words; never a value of a person"),
    Column("weight", Float, comment="Machine's weight of the pair when it was decided, bits"),
    Column("model_version", Text, comment="Version of the model that weighed the pair"),
    Column("run_id", Integer, comment="Run that decided; null for a user"),
    _one_of("kind", DECISION_KINDS),
    CheckConstraint("(kind = 'undo') = (undoes IS NOT NULL)", name="undo_says_what"),
    CheckConstraint("left_id < right_id OR entity_type = 'address' AND left_id <> right_id", name="pair_in_order"),
    Index(None, "entity_type", "left_id"),
    Index(None, "entity_type", "right_id"),
    Index(None, "undoes", postgresql_where=text("undoes IS NOT NULL")),
    comment="Append-only: every decision on which records are the same, by the machine or a person",
)  # fmt: skip

PAIR = _own(
    "pair",
    Column("entity_type", Text, primary_key=True, comment="Table of the records"),
    Column("left_id", Uuid, primary_key=True, comment="The record with the lesser id"),
    Column("right_id", Uuid, primary_key=True, comment="The other record"),
    Column("weight", Float, nullable=False, comment="Weight of the evidence in bits; the sum of its parts"),
    Column("parts", JSONB, nullable=False, comment="Field -> its level and weight"),
    Column("vetoes", ARRAY(Text), nullable=False, server_default="{}", comment="Why the two may not be joined"),
    _listed("status", PAIR_STATUSES, "What the pair's weight and vetoes led to"),
    Column("model_version", Text, nullable=False, comment="Version of the model that weighed it"),
    Column("run_id", Integer, comment="Run that weighed it"),
    _one_of("status", PAIR_STATUSES),
    Index(None, "entity_type", "right_id"),
    comment="Weighed pairs of records, as the last run weighed them",
)  # fmt: skip

REVIEW_ITEM = _own(
    "review_item",
    Column("id", BigInteger, Identity(always=True), primary_key=True, comment="Number of the item"),
    _listed("kind", REVIEW_KINDS, "Why a person is asked"),
    Column("entity_type", Text, nullable=False, comment="Table of the records: person, asset, household or address"),
    Column("left_id", Uuid, nullable=False, comment="One record"),
    Column("right_id", Uuid, nullable=False, comment="The other record; for an address the gazetteer's BLPU"),
    Column("worth", Float, nullable=False, comment="What a right decision gains; the greatest is asked first"),
    Column("weight", Float, comment="Machine's weight of the pair, bits"),
    Column("model_version", Text, comment="Version of the model that weighed the pair"),
    Column("run_id", Integer, comment="Run that asked; null where a decision did"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="Since when"),
    _listed("status", REVIEW_STATUSES, "Whether it still waits"),
    Column("not_for", Text, comment="User who must not decide it: the first of two"),
    Column("held_by", Text, comment="User who has it on the screen"),
    Column("held_at", DateTime(timezone=True), comment="Since when they have it"),
    Column("put_off_at", DateTime(timezone=True), comment="When somebody last put it off"),
    Column("decision_id", BigInteger, comment="Decision that settled it"),
    _one_of("kind", REVIEW_KINDS),
    _one_of("status", REVIEW_STATUSES),
    Index("uq_review_item_open", "entity_type", "left_id", "right_id", unique=True,
          postgresql_where=text("status = 'open'")),
    Index("ix_review_item_worth", "worth", postgresql_where=text("status = 'open'")),
    comment="Pairs that wait for a person, and those that a person has settled",
)  # fmt: skip

ADDRESS_MATCH = _own(
    "address_match",
    Column("entity_type", Text, primary_key=True, comment="Table of the record that has the address"),
    Column("entity_id", Uuid, primary_key=True, comment="The record"),
    Column("field", Text, primary_key=True, comment="Field that holds the address"),
    Column("uprn", BigInteger, comment="UPRN that was given; null unless matched"),
    _listed("status", ADDRESS_STATUSES, "What became of the address"),
    Column("candidate_uprn", BigInteger, comment="The best candidate, given or not"),
    Column("weight", Float, comment="Matcher's weight of the candidate, bits"),
    Column("reasons", ARRAY(Text), nullable=False, server_default="{}", comment="Why it was given or not"),
    Column("decided_by", Text, nullable=False, server_default="machine", comment="machine, or the user who decided"),
    Column("run_id", Integer, comment="Run that matched it"),
    _one_of("status", ADDRESS_STATUSES),
    CheckConstraint("(status = 'matched') = (uprn IS NOT NULL)", name="matched_has_uprn"),
    Index(None, "uprn"),
    comment="Which UPRN an address of a record was given, and why",
)  # fmt: skip

RESOLUTION = _own(
    "resolution",
    Column("run_id", Integer, primary_key=True, comment="Run that decided who is who"),
    Column("finished_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When"),
    Column("fingerprint", Text, nullable=False, comment="Hash of what it was made of: rows, models, decisions"),
    Column("counts", JSONB, nullable=False, comment="What it came to: records, golden records, merges, doubtful pairs"),
    Column("seconds", JSONB, nullable=False, comment="Seconds by stage"),
    comment="Each time that golden records were made anew, whole",
)
