"""The masking plan decides the database as it stands, and nothing beyond it."""

from __future__ import annotations

import csv
import random
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from canonical_model.privacy import INTERNAL, OPEN, declared
from ledger.errors import ConfigurationFault, ContractBroken
from mirror import catalogue, plan
from tests.mirror.changes import PLAN, change


def test_every_column_of_the_hub_is_decided(hub_url: str) -> None:
    with psycopg.connect(hub_url.replace("+psycopg", "")) as connection:
        assert plan.check(PLAN, catalogue.read(connection, PLAN.crossing)) == ()


def test_every_decision_has_what_it_needs() -> None:
    for decision in PLAN.decisions:
        assert decision.reason, decision
        assert set(decision.by) <= set(PLAN.table(decision.table)), decision
    for name in PLAN.tables:
        actions = {decision.action for decision in PLAN.table(name).values()}
        assert len(actions) == 1 or not actions & {plan.EMPTY, plan.OWN}, f"{name} is emptied in part"


def test_what_is_kept_names_nobody_and_reaches_nobody() -> None:
    """A personal column that is kept is one whose reason says why; here is every one of them but money."""
    kept = {
        f"{table}.{column}"
        for (table, column), kind in declared().items()
        if kind not in (OPEN, INTERNAL, "money") and PLAN.table(f"canonical.{table}")[column].action == plan.KEEP
    }
    assert kept == {
        *(f"{table}.{column}" for table in ("person", "golden_person") for column in PERSON_KEPT),
        "person.age_years",
        "household_member.relationship_code",
        "housing_application.application_type_code",
        "housing_application.band_code",
        "letting.lead_tenant_age_years",
        "operative_skill.preference",
        "operative_skill.proficiency_percent",
        "recharge.reason_code",
        "repair_request.access_code",
        "tenancy.eviction_date",
        "tenancy.notice_date",
        "tenancy.succession_date",
        "tenancy.termination_reason_code",
        "void.reason_code",
    }  # fmt: skip


PERSON_KEPT = ("title", "sex_code", "is_deceased", "death_date")


def test_a_table_of_history_is_decided_as_the_canonical_one() -> None:
    for column, decision in PLAN.table("canonical.person").items():
        assert PLAN.table("history.person")[column] == replace(decision, table="history.person")
    assert PLAN.table("history.person")["replaced_run_id"].action == plan.KEEP


def test_of_100_changes_of_the_schema_each_stops_the_build_by_name(hub_url: str) -> None:
    dice = random.Random(20)
    stopped = 0
    with psycopg.connect(hub_url.replace("+psycopg", ""), autocommit=True) as connection:
        for number in range(100):
            with connection.transaction(force_rollback=True):
                said = change(connection, dice, number)
                with pytest.raises(ContractBroken) as broken:
                    plan.require(PLAN, catalogue.read(connection, PLAN.crossing))
                assert said in "; ".join(plan.check(PLAN, catalogue.read(connection, PLAN.crossing)))
                assert "Nothing was read" in str(broken.value)
                stopped += 1
        assert plan.check(PLAN, catalogue.read(connection, PLAN.crossing)) == ()
    assert stopped == 100


def test_a_text_under_a_json_key_of_numbers_is_told(hub_url: str) -> None:
    with psycopg.connect(hub_url.replace("+psycopg", "")) as connection:
        connection.execute(
            "INSERT INTO identity.resolution (run_id, finished_at, fingerprint, counts, seconds) "
            """VALUES (1, now(), 'x', '{"people": "Ada Example"}', '{}')"""
        )
        faults = plan.check(PLAN, catalogue.read(connection, PLAN.crossing))
    assert faults == ("JSON key people of identity.resolution.counts is of type string, and decided as number",)


def test_drafted_lines_follow_columns_of_that_name_and_decide_nothing_yet(hub_url: str, tmp_path: Path) -> None:
    with psycopg.connect(hub_url.replace("+psycopg", "")) as connection:
        connection.execute("ALTER TABLE canonical.trade ADD forename text, ADD shoe_size smallint")
        lines = plan.draft(PLAN, catalogue.read(connection, PLAN.crossing))
    assert [(each.column, each.action, each.mask, each.reason) for each in lines] == [
        ("forename", "mask", "forename", ""),
        ("shoe_size", "", "", ""),
    ]
    for name in plan.PLANNED.glob("*.csv"):
        (tmp_path / name.name).write_bytes(name.read_bytes())
    with (tmp_path / "canonical.csv").open("a", newline="") as file:
        csv.writer(file).writerows(map(plan.line, lines))
    with pytest.raises(ConfigurationFault, match=r"canonical\.trade\.forename has no reason"):
        plan.read(tmp_path)


def test_another_decision_is_another_plan() -> None:
    changed = replace(PLAN, decisions=(replace(PLAN.decisions[0], reason="Another"), *PLAN.decisions[1:]))
    assert changed.fingerprint != PLAN.fingerprint
