"""Golden records with their history, what lost, and what became of golden ids."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from canonical_model.migrations.entities import one_of

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

Column = sa.Column[Any]

ENTITIES = "person asset household"
UPRN = "{} BETWEEN 1 AND 999999999999"


def upgrade() -> None:
    _extend_links()
    _create_events()
    _create_values()
    _create_asset()
    _create_household()
    _create_person()
    _create_member()


def downgrade() -> None:
    for name in ("golden_member", "golden_person", "golden_household", "golden_asset"):
        op.drop_table(name, schema="history")
        op.drop_table(name, schema="canonical")
    op.drop_table("golden_value", schema="canonical")
    op.drop_table("golden_event", schema="canonical")
    op.drop_constraint("ck_golden_link_entity_type", "golden_link", schema="canonical")
    op.drop_column("golden_link", "first_run_id", schema="canonical")
    _tell_of_links(
        "A decision that records with one golden id are the same person or property.",
        entity_type="Table of the record: person or asset",
        decided_by="The rule or the user that decided",
    )


def _extend_links() -> None:
    first = "Run that first brought the record; the earliest of a thing gives its id"
    op.add_column(
        "golden_link", sa.Column("first_run_id", sa.Integer, nullable=False, comment=first), schema="canonical"
    )
    op.create_check_constraint(
        "ck_golden_link_entity_type", "golden_link", "entity_type IN ('person', 'asset', 'household')",
        schema="canonical",
    )  # fmt: skip
    _tell_of_links(
        "Which golden record a record belongs to: records with one golden id are the same thing.",
        entity_type="Table of the record",
        decided_by="Who decided last that it belongs here: machine or a user",
    )


def _tell_of_links(comment: str, **columns: str) -> None:
    op.create_table_comment("golden_link", comment, schema="canonical")
    for name, text in columns.items():
        op.alter_column("golden_link", name, comment=text, schema="canonical")


def _create_events() -> None:
    op.create_table(
        "golden_event",
        sa.Column(
            "id", sa.BigInteger, sa.Identity(always=True), nullable=False,
            comment="Number of the event, in the order of events",
        ),
        sa.Column(
            "happened_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"),
            comment="When it happened",
        ),
        sa.Column("run_id", sa.Integer, comment="Run in which it happened; null for a decision between runs"),
        sa.Column("kind_code", sa.Text, nullable=False, comment="What happened"),
        sa.Column("entity_type", sa.Text, nullable=False, comment="What kind of thing it is"),
        sa.Column("old_id", sa.Uuid, comment="Golden id before; null for one that was created"),
        sa.Column("new_id", sa.Uuid, comment="Golden id after; null for one that was retired"),
        sa.Column("decided_by", sa.Text, nullable=False, comment="Who decided: machine or a user"),
        one_of("golden_event", "kind_code", "created merge split retired"),
        one_of("golden_event", "entity_type", ENTITIES),
        sa.PrimaryKeyConstraint("id", name="pk_golden_event"),
        schema="canonical",
        comment="What became of a golden id, so that an old one always leads to those that stand now.",
    )  # fmt: skip
    for name in ("old_id", "new_id"):
        op.create_index(f"ix_golden_event_{name}", "golden_event", [name], schema="canonical")


def _create_values() -> None:
    op.create_table(
        "golden_value",
        sa.Column("golden_id", sa.Uuid, nullable=False, comment="The golden record"),
        sa.Column("field", sa.Text, nullable=False, comment="Field of the golden record"),
        sa.Column("rank", sa.Integer, nullable=False, comment="Place in the order of trust; 1 won"),
        sa.Column("value", sa.Text, comment="The value as text"),
        sa.Column("entity_id", sa.Uuid, nullable=False, comment="Record that has the value"),
        sa.Column("system", sa.Text, nullable=False, comment="System of the record"),
        sa.Column(
            "trust", sa.Numeric(6, 5), nullable=False,
            comment="Trust in that system for the field, less what faults cost",
        ),
        sa.Column("is_winner", sa.Boolean, nullable=False, comment="Whether the golden record has this value"),
        sa.Column("reason", sa.Text, nullable=False, comment="Why it stands at this place"),
        sa.Column("run_id", sa.Integer, nullable=False, comment="Run that wrote it"),
        sa.PrimaryKeyConstraint("golden_id", "field", "rank", name="pk_golden_value"),
        schema="canonical",
        comment="A value that some record had for a field of a golden record: the one that won and those that lost.",
    )  # fmt: skip


def _create_asset() -> None:
    name = "golden_asset"
    _create_golden(
        name,
        sa.Column("asset_type_code", sa.Text, nullable=False, comment="What kind of place it is"),
        sa.Column("parent_id", sa.Uuid, comment="The place it is part of: a flat's block, its estate"),
        sa.Column(
            "asset_ref", sa.Text, nullable=False, comment="Property reference of the source that is trusted most"
        ),
        sa.Column("name", sa.Text, comment="Name of an estate, block or building"),
        sa.Column("uprn", sa.BigInteger, comment="Unique property reference number"),
        sa.Column("parent_uprn", sa.BigInteger, comment="UPRN of the building it is part of"),
        sa.Column("usrn", sa.Integer, comment="Unique street reference number"),
        sa.Column("address_line_1", sa.Text, comment="First line of the address"),
        sa.Column("address_line_2", sa.Text, comment="Second line of the address"),
        sa.Column("address_line_3", sa.Text, comment="Third line of the address"),
        sa.Column("address_line_4", sa.Text, comment="Town or county"),
        sa.Column("postcode", sa.Text, comment="Postcode with one space"),
        sa.Column("easting_m", sa.Numeric(9, 2), comment="British National Grid, metres east"),
        sa.Column("northing_m", sa.Numeric(9, 2), comment="British National Grid, metres north"),
        sa.Column("latitude", sa.Numeric(10, 7), comment="Latitude in degrees, ETRS89"),
        sa.Column("longitude", sa.Numeric(10, 7), comment="Longitude in degrees, ETRS89; west is negative"),
        sa.Column("ownership_code", sa.Text, comment="Who owns it"),
        sa.Column("bedrooms", sa.Integer, comment="Number of bedrooms"),
        sa.Column("storeys", sa.Integer, comment="Number of storeys of the building"),
        sa.Column("floor_level", sa.Integer, comment="Floor it is on; 0 is the ground floor"),
        sa.Column("floor_area_m2", sa.Numeric(10, 2), comment="Floor area"),
        sa.Column("built_year", sa.Integer, comment="Year it was built"),
        sa.Column("occupancy_status_code", sa.Text, comment="Whether it is lived in"),
        sa.Column("is_active", sa.Boolean, comment="Whether the council still manages it"),
        one_of(
            name,
            "asset_type_code",
            "estate block sub_block house bungalow flat maisonette bedsit studio room dwelling garage parking_space "
            "store community_hall shop office land traveller_pitch boiler_house lift booster_pump plant communal_area "
            "other",
        ),
        one_of(name, "ownership_code", "council leasehold freehold private housing_association other"),
        one_of(name, "occupancy_status_code", "occupied void decant squatted closed demolished sold unknown"),
        *(sa.CheckConstraint(UPRN.format(column), name=f"ck_{name}_{column}") for column in ("uprn", "parent_uprn")),
        sa.ForeignKeyConstraint(["parent_id"], ["canonical.golden_asset.id"], name=f"fk_{name}_parent_id"),
        indexed=("asset_ref", "parent_id", "postcode", "uprn"),
        comment="A place as all sources together know it.",
    )


def _create_household() -> None:
    name = "golden_household"
    _create_golden(
        name,
        sa.Column("name", sa.Text, comment="Name of the household"),
        sa.Column("asset_id", sa.Uuid, comment="Where the household lives"),
        sa.Column("tenancy_id", sa.Uuid, comment="The tenancy that it lives under"),
        sa.Column("person_count", sa.Integer, nullable=False, comment="Number of people in it"),
        sa.Column("start_date", sa.Date, comment="Day the household was formed"),
        sa.Column("end_date", sa.Date, comment="Day the household ended"),
        _not_before(name, "end_date", "start_date"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.golden_asset.id"], name=f"fk_{name}_asset_id"),
        sa.ForeignKeyConstraint(["tenancy_id"], ["canonical.tenancy.id"], name=f"fk_{name}_tenancy_id"),
        indexed=("asset_id", "tenancy_id"),
        comment="The people who live together, as all sources together know them.",
    )


def _create_person() -> None:
    name = "golden_person"
    _create_golden(
        name,
        sa.Column("title", sa.Text, comment="Title, such as Mrs or Dr"),
        sa.Column("forename", sa.Text, comment="Given names"),
        sa.Column("surname", sa.Text, comment="Family name"),
        sa.Column("full_name", sa.Text, comment="The name as one text"),
        sa.Column("preferred_name", sa.Text, comment="Name the person wants to be called by"),
        sa.Column("birth_date", sa.Date, comment="Date of birth"),
        sa.Column("death_date", sa.Date, comment="Date of death"),
        sa.Column("is_deceased", sa.Boolean, comment="Whether the person is known to have died"),
        sa.Column("sex_code", sa.Text, comment="Sex as recorded"),
        sa.Column("national_insurance_number", sa.Text, comment="National Insurance number, without blanks"),
        sa.Column("nationality", sa.Text, comment="Nationality, as the source writes it"),
        sa.Column("ethnic_origin", sa.Text, comment="Ethnic origin, as the source writes it"),
        sa.Column("preferred_language", sa.Text, comment="Language the person wants to be spoken to in"),
        sa.Column("is_disabled", sa.Boolean, comment="Whether the person says they are disabled"),
        sa.Column("has_support_needs", sa.Boolean, comment="Whether the person needs support"),
        sa.Column("mobile", sa.Text, comment="Mobile telephone number, +44 form"),
        sa.Column("telephone", sa.Text, comment="Other telephone number, +44 form"),
        sa.Column("email", sa.Text, comment="E-mail address"),
        sa.Column("asset_id", sa.Uuid, comment="Where the person lives"),
        sa.Column("household_id", sa.Uuid, comment="The household the person lives in now"),
        one_of(name, "sex_code", "female male other not_stated"),
        _not_before(name, "death_date", "birth_date"),
        sa.ForeignKeyConstraint(["asset_id"], ["canonical.golden_asset.id"], name=f"fk_{name}_asset_id"),
        sa.ForeignKeyConstraint(["household_id"], ["canonical.golden_household.id"], name=f"fk_{name}_household_id"),
        indexed=("asset_id", "birth_date", "household_id", "national_insurance_number", "surname"),
        comment="A person as all sources together know them.",
    )


def _create_member() -> None:
    name = "golden_member"
    _create_golden(
        name,
        sa.Column("household_id", sa.Uuid, nullable=False, comment="The household"),
        sa.Column("person_id", sa.Uuid, nullable=False, comment="The member"),
        sa.Column("role_code", sa.Text, comment="What the person is in the household"),
        sa.Column("is_head", sa.Boolean, comment="Whether the household is named after them"),
        sa.Column("start_date", sa.Date, comment="Day they joined"),
        sa.Column("end_date", sa.Date, comment="Day they left"),
        one_of(name, "role_code", "tenant joint_tenant partner dependant carer lodger occupant other"),
        _not_before(name, "end_date", "start_date"),
        sa.ForeignKeyConstraint(["household_id"], ["canonical.golden_household.id"], name=f"fk_{name}_household_id"),
        sa.ForeignKeyConstraint(["person_id"], ["canonical.golden_person.id"], name=f"fk_{name}_person_id"),
        indexed=("household_id", "person_id"),
        comment="A person's time in a household, as all sources together know it.",
    )


def _create_golden(
    name: str, *parts: Column | sa.Constraint, indexed: tuple[str, ...], comment: str
) -> None:  # fmt: skip
    """Creates a golden table and its history, with the columns that every golden record has."""
    own = [part for part in parts if isinstance(part, sa.Column)]
    rules = [part for part in parts if isinstance(part, sa.Constraint)]
    columns = [sa.Column("id", sa.Uuid, nullable=False, comment="The golden id"), *own, *_shared()]
    op.create_table(
        name,
        *columns,
        *rules,
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=f"ck_{name}_confidence"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        schema="canonical",
        comment=comment,
    )
    for column in indexed:
        op.create_index(f"ix_{name}_{column}", name, [column], schema="canonical")
    replaced = "Run that replaced this version by a later one"
    op.create_table(
        name,
        *(sa.Column(old.name, old.type, nullable=old.nullable, comment=old.comment) for old in columns),
        sa.Column("replaced_run_id", sa.Integer, nullable=False, comment=replaced),
        schema="history",
        comment=f"Earlier versions of {name}",
    )
    op.create_index(f"ix_{name}_id_run_id", name, ["id", "run_id"], schema="history")


def _shared() -> list[Column]:
    return [
        sa.Column("record_count", sa.Integer, nullable=False, comment="Number of records it was made from"),
        sa.Column("system_count", sa.Integer, nullable=False, comment="Number of systems that know it"),
        sa.Column(
            "confidence", sa.Numeric(6, 5),
            comment="Probability of the weakest link that holds it together; null for a single record",
        ),
        sa.Column(
            "flags", sa.ARRAY(sa.Text), nullable=False, server_default="{}",
            comment="What to be careful of, such as capped or disputed",
        ),
        sa.Column("run_id", sa.Integer, nullable=False, comment="Run that wrote this version of the row"),
        sa.Column("row_hash", sa.BigInteger, nullable=False, comment="Hash of the row's content, to see a change"),
        sa.Column("ended_run_id", sa.Integer, comment="Run since which no record stands behind it"),
    ]  # fmt: skip


def _not_before(table: str, end: str, start: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{end} >= {start}", name=f"ck_{table}_{end}_not_before_{start}")
