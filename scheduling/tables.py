"""The tables of scheduling, in the schema ``scheduling``: references, counts and metres, nothing of a tenant."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    func,
)  # fmt: skip

metadata = MetaData(schema="scheduling", naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"})

MILEAGE_KINDS = ("manual", "four_areas", "plan", "actual")

MILEAGE = Table(
    "mileage", metadata,
    Column("kind", Text, primary_key=True,
           comment="Whose day it is: the manual plan, the rota of four areas, plan or actual"),
    Column("day", Date, primary_key=True, comment="The local day"),
    Column("operative_ref", Text, primary_key=True, comment="The source's own number of the operative"),
    Column("trade_ref", Text, comment="Main trade of the operative"),
    Column("jobs", Integer, nullable=False, comment="Jobs of the day; a job of two people counts for the first"),
    Column("distance_m", BigInteger, nullable=False,
           comment="Way from the start of the day over all jobs to its end, metres"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now(),
           comment="When it was counted"),
    CheckConstraint("kind IN ('manual', 'four_areas', 'plan', 'actual')", name="kind"),
    CheckConstraint("jobs >= 0", name="jobs"),
    CheckConstraint("distance_m >= 0", name="distance_m"),
    comment="What each operative drives on a day: by hand, by rota, as planned and as done",
)  # fmt: skip

MILEAGE_APPROVAL = Table(
    "mileage_approval", metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True, comment="Number of the approval"),
    Column("approved_at", DateTime(timezone=True), nullable=False, server_default=func.now(), comment="When"),
    Column("approved_by", Text, nullable=False, comment="Name of the person who answers for it"),
    Column("reason", Text, nullable=False, comment="Why more miles are right; never a value of a tenant"),
    Column("plan_hash", Text, nullable=False, comment="SHA-256 of the plan; another plan needs another approval"),
    Column("jobs", Integer, nullable=False, comment="Jobs of the plan"),
    Column("distance_m", BigInteger, nullable=False, comment="Way of the plan, metres"),
    Column("baseline_jobs", Integer, nullable=False, comment="Jobs of the manual weeks it was compared with"),
    Column("baseline_distance_m", BigInteger, nullable=False, comment="Way of those weeks, metres"),
    Column("limit_percent", Numeric(6, 2), nullable=False,
           comment="How much more a job was allowed without approval"),
    CheckConstraint("approved_by ~ '[^[:space:]]'", name="approved_by"),
    CheckConstraint("reason ~ '[^[:space:]]'", name="reason"),
    Index("ix_mileage_approval_plan_hash", "plan_hash"),
    comment="Append-only: who approved a plan with more miles a job than the manual week's",
)  # fmt: skip

MILEAGE_ALARM = Table(
    "mileage_alarm", metadata,
    Column("day", Date, primary_key=True, comment="The local day"),
    Column("raised_at", DateTime(timezone=True), nullable=False, server_default=func.now(),
           comment="When the alarm was first raised"),
    Column("expected", Text, nullable=False, comment="What the day is compared with: the plan, or the manual one"),
    Column("expected_jobs", Integer, nullable=False, comment="Jobs expected"),
    Column("expected_distance_m", BigInteger, nullable=False, comment="Way expected, metres"),
    Column("jobs", Integer, nullable=False, comment="Jobs done"),
    Column("distance_m", BigInteger, nullable=False, comment="Way driven, metres"),
    Column("drift_percent", Numeric(8, 2), nullable=False, comment="How much more was driven a job than expected"),
    CheckConstraint("expected IN ('manual', 'plan')", name="expected"),
    comment="Days on which more was driven a job than planned, beyond the limit",
)  # fmt: skip
