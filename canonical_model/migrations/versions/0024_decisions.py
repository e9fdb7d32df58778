"""Decisions on who is who, the pairs they are about, the queue and the addresses: a schema of the restricted role."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from canonical_model.migrations.entities import one_of

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

OPEN = sa.text("status = 'open'")
RECORDS = "Table of the records: person, asset, household or address"

APPEND_ONLY = """
CREATE FUNCTION identity.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'decisions are only ever added: take one back by an undo'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON identity.decision
    FOR EACH STATEMENT EXECUTE FUNCTION identity.refuse_change();
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA identity AUTHORIZATION hub_restricted")
    op.execute("REVOKE ALL ON SCHEMA identity FROM PUBLIC")
    _create_decision()
    _create_pair()
    _create_review_item()
    _create_address_match()
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    for name in ("address_match", "review_item", "pair", "decision"):
        op.drop_table(name, schema="identity")
    op.execute("DROP FUNCTION identity.refuse_change")
    op.execute("DROP SCHEMA identity")


def _create_decision() -> None:
    op.create_table(
        "decision",
        sa.Column(
            "id", sa.BigInteger, sa.Identity(always=True), nullable=False, comment="Number of the decision: their order"
        ),
        sa.Column(
            "decided_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"), comment="When"
        ),
        sa.Column("decided_by", sa.Text, nullable=False, comment="machine, or the user who decided"),
        sa.Column("kind", sa.Text, nullable=False, comment="same, not_same, or undo of an earlier decision"),
        sa.Column("entity_type", sa.Text, nullable=False, comment=RECORDS),
        sa.Column(
            "left_id", sa.Uuid, nullable=False, comment="One record: the lesser id, but for an address the record"
        ),
        sa.Column("right_id", sa.Uuid, nullable=False, comment="The other record; for an address the gazetteer's BLPU"),
        sa.Column("undoes", sa.BigInteger, comment="Decision that an undo takes back"),
        sa.Column("reason", sa.Text, comment="Why, in a few words; never a value of a person"),
        sa.Column("weight", sa.Float, comment="Machine's weight of the pair when it was decided, bits"),
        sa.Column("model_version", sa.Text, comment="Version of the model that weighed the pair"),
        sa.Column("run_id", sa.Integer, comment="Run that decided; null for a user"),
        one_of("decision", "kind", "same not_same undo"),
        sa.CheckConstraint("(kind = 'undo') = (undoes IS NOT NULL)", name="ck_decision_undo_says_what"),
        sa.CheckConstraint(
            "left_id < right_id OR entity_type = 'address' AND left_id <> right_id", name="ck_decision_pair_in_order"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
        schema="identity",
        comment="Append-only: every decision on which records are the same, by the machine or a person",
    )
    for side in ("left_id", "right_id"):
        op.create_index(f"ix_decision_entity_type_{side}", "decision", ["entity_type", side], schema="identity")
    op.create_index(
        "ix_decision_undoes", "decision", ["undoes"], schema="identity",
        postgresql_where=sa.text("undoes IS NOT NULL"),
    )  # fmt: skip


def _create_pair() -> None:
    op.create_table(
        "pair",
        sa.Column("entity_type", sa.Text, nullable=False, comment="Table of the records"),
        sa.Column("left_id", sa.Uuid, nullable=False, comment="The record with the lesser id"),
        sa.Column("right_id", sa.Uuid, nullable=False, comment="The other record"),
        sa.Column("weight", sa.Float, nullable=False, comment="Weight of the evidence in bits; the sum of its parts"),
        sa.Column("parts", postgresql.JSONB, nullable=False, comment="Field -> its level and weight"),
        sa.Column(
            "vetoes", sa.ARRAY(sa.Text), nullable=False, server_default="{}", comment="Why the two may not be joined"
        ),
        sa.Column("status", sa.Text, nullable=False, comment="What the pair's weight and vetoes led to"),
        sa.Column("model_version", sa.Text, nullable=False, comment="Version of the model that weighed it"),
        sa.Column("run_id", sa.Integer, comment="Run that weighed it"),
        one_of("pair", "status", "joined doubtful vetoed apart"),
        sa.PrimaryKeyConstraint("entity_type", "left_id", "right_id", name="pk_pair"),
        schema="identity",
        comment="Weighed pairs of records, as the last run weighed them",
    )
    op.create_index("ix_pair_entity_type_right_id", "pair", ["entity_type", "right_id"], schema="identity")


def _create_review_item() -> None:
    op.create_table(
        "review_item",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False, comment="Number of the item"),
        sa.Column("kind", sa.Text, nullable=False, comment="Why a person is asked"),
        sa.Column("entity_type", sa.Text, nullable=False, comment=RECORDS),
        sa.Column("left_id", sa.Uuid, nullable=False, comment="One record"),
        sa.Column(
            "right_id", sa.Uuid, nullable=False, comment="The other record; for an address the gazetteer's BLPU"
        ),
        sa.Column(
            "worth", sa.Float, nullable=False, comment="What a right decision gains; the greatest is asked first"
        ),
        sa.Column("weight", sa.Float, comment="Machine's weight of the pair, bits"),
        sa.Column("model_version", sa.Text, comment="Version of the model that weighed the pair"),
        sa.Column("run_id", sa.Integer, comment="Run that asked; null where a decision did"),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"),
            comment="Since when",
        ),
        sa.Column("status", sa.Text, nullable=False, comment="Whether it still waits"),
        sa.Column("not_for", sa.Text, comment="User who must not decide it: the first of two"),
        sa.Column("held_by", sa.Text, comment="User who has it on the screen"),
        sa.Column("held_at", sa.DateTime(timezone=True), comment="Since when they have it"),
        sa.Column("put_off_at", sa.DateTime(timezone=True), comment="When somebody last put it off"),
        sa.Column("decision_id", sa.BigInteger, comment="Decision that settled it"),
        one_of("review_item", "kind", "doubtful disputed contradiction capped sample"),
        one_of("review_item", "status", "open decided withdrawn"),
        sa.PrimaryKeyConstraint("id", name="pk_review_item"),
        schema="identity",
        comment="Pairs that wait for a person, and those that a person has settled",
    )  # fmt: skip
    op.create_index(
        "uq_review_item_open", "review_item", ["entity_type", "left_id", "right_id"], unique=True, schema="identity",
        postgresql_where=OPEN,
    )  # fmt: skip
    op.create_index("ix_review_item_worth", "review_item", ["worth"], schema="identity", postgresql_where=OPEN)


def _create_address_match() -> None:
    op.create_table(
        "address_match",
        sa.Column("entity_type", sa.Text, nullable=False, comment="Table of the record that has the address"),
        sa.Column("entity_id", sa.Uuid, nullable=False, comment="The record"),
        sa.Column("field", sa.Text, nullable=False, comment="Field that holds the address"),
        sa.Column("uprn", sa.BigInteger, comment="UPRN that was given; null unless matched"),
        sa.Column("status", sa.Text, nullable=False, comment="What became of the address"),
        sa.Column("candidate_uprn", sa.BigInteger, comment="The best candidate, given or not"),
        sa.Column("weight", sa.Float, comment="Matcher's weight of the candidate, bits"),
        sa.Column("reasons", sa.ARRAY(sa.Text), nullable=False, server_default="{}", comment="Why it was given or not"),
        sa.Column(
            "decided_by", sa.Text, nullable=False, server_default="machine", comment="machine, or the user who decided"
        ),
        sa.Column("run_id", sa.Integer, comment="Run that matched it"),
        one_of("address_match", "status", "matched queued unmatched"),
        sa.CheckConstraint("(status = 'matched') = (uprn IS NOT NULL)", name="ck_address_match_matched_has_uprn"),
        sa.PrimaryKeyConstraint("entity_type", "entity_id", "field", name="pk_address_match"),
        schema="identity",
        comment="Which UPRN an address of a record was given, and why",
    )
    op.create_index("ix_address_match_uprn", "address_match", ["uprn"], schema="identity")
