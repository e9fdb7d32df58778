"""The masking plan decides the database as it stands, and nothing beyond it."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from canonical_model.privacy import INTERNAL, OPEN, declared
from ledger.errors import ConfigurationFault, ContractBroken
from mirror import catalogue, plan

Connection = psycopg.Connection[tuple[object, ...]]
PLAN = plan.read()
TABLES = [name for name in PLAN.tables if not name.startswith("public.")]
JSON = [(table, column) for table, column in PLAN.crossing if PLAN.table(table)[column].type in catalogue.JSON]
TYPES = ("text", "integer", "jsonb", "uuid[]", "date", "numeric(9,2)", "boolean")


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


def new_column(connection: Connection, dice: random.Random, name: str) -> str:
    table = dice.choice(TABLES)
    connection.execute(f"ALTER TABLE {table} ADD {name} {dice.choice(TYPES)}")
    return f"column {table}.{name} is not decided"


def renamed_column(connection: Connection, dice: random.Random, name: str) -> str:
    table = dice.choice(TABLES)
    column = dice.choice(list(PLAN.table(table)))
    connection.execute(f'ALTER TABLE {table} RENAME "{column}" TO {name}')
    return f"column {table}.{name} is not decided"


def lost_column(connection: Connection, dice: random.Random, _: str) -> str:
    table = dice.choice(TABLES)
    column = dice.choice(list(PLAN.table(table)))
    connection.execute(f'ALTER TABLE {table} DROP "{column}" CASCADE')
    return f"column {table}.{column} is decided and gone"


def changed_type(connection: Connection, dice: random.Random, _: str) -> str:
    table = dice.choice([name for name in TABLES if name.startswith("history.")])
    columns = [name for name, decision in PLAN.table(table).items() if decision.type in ("integer", "text", "date")]
    column = dice.choice(columns)
    kind = {"integer": "bigint", "text": "character varying(80)", "date": "text"}[PLAN.table(table)[column].type]
    connection.execute(f'ALTER TABLE {table} ALTER "{column}" TYPE {kind}')
    return f"column {table}.{column} is of type {kind}"


def new_table(connection: Connection, dice: random.Random, name: str) -> str:
    columns = "" if dice.random() < 0.2 else "id integer, value text"
    connection.execute(f"CREATE {dice.choice(('', 'UNLOGGED'))} TABLE {dice.choice(SCHEMAS)}.{name} ({columns})")
    return f".{name} is not decided"


def lost_table(connection: Connection, dice: random.Random, _: str) -> str:
    table = dice.choice(TABLES)
    connection.execute(f"DROP TABLE {table} CASCADE")
    return f"table {table} is decided and gone"


def new_schema(connection: Connection, _: random.Random, name: str) -> str:
    connection.execute(f"CREATE SCHEMA {name}")
    return f"schema {name} is not decided"


def new_view(connection: Connection, dice: random.Random, name: str) -> str:
    kind = dice.choice(("", "MATERIALIZED"))
    connection.execute(f"CREATE {kind} VIEW {dice.choice(SCHEMAS)}.{name} AS SELECT * FROM {dice.choice(TABLES)}")
    return f"{'materialised view' if kind else 'view'} "


def new_type(connection: Connection, dice: random.Random, name: str) -> str:
    kind, told = dice.choice(
        [
            ("TYPE {} AS ENUM ('a', 'b')", "enum type"),
            ("TYPE {} AS (value text, day date)", "composite type"),
            ("DOMAIN {} AS text", "domain"),
            ("TYPE {} AS RANGE (subtype = time)", "range type"),
        ]
    )
    full = f"{dice.choice(SCHEMAS)}.{name}"
    connection.execute("CREATE " + kind.format(full))
    return f"{told} {full} is not decided"


def new_sequence(connection: Connection, dice: random.Random, name: str) -> str:
    connection.execute(f"CREATE SEQUENCE {dice.choice(SCHEMAS)}.{name}")
    return f".{name} is not decided"


def new_function(connection: Connection, dice: random.Random, name: str) -> str:
    full = f"{dice.choice(SCHEMAS)}.{name}"
    connection.execute(f"CREATE FUNCTION {full}(number integer) RETURNS integer LANGUAGE sql RETURN number")
    return f"function {full}(number integer) is not decided"


def new_trigger(connection: Connection, dice: random.Random, name: str) -> str:
    table = dice.choice(TABLES)
    connection.execute(
        f"CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION identity.refuse_change()"
    )
    return f"trigger {table}.{name} is not decided"


def new_json_key(connection: Connection, dice: random.Random, name: str) -> str:
    inner = dice.choice((f'{{"forename": {{"level": "same", "{name}": 1}}}}', f'{{"{name}": {{"level": "same"}}}}'))
    pair = "'person', '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'"
    connection.execute(
        "INSERT INTO identity.pair (entity_type, left_id, right_id, weight, parts, vetoes, status, model_version) "
        f"VALUES ({pair}, 1, %s, '{{}}', 'apart', 'people-3')",
        (inner,),
    )
    return f"{name} of identity.pair.parts is not decided"


SCHEMAS = sorted({name.split(".")[0] for name in TABLES})
KINDS: list[Callable[[Connection, random.Random, str], str]] = [
    new_column, renamed_column, lost_column, changed_type, new_table, lost_table, new_schema, new_view, new_type,
    new_sequence, new_function, new_trigger, new_json_key,
]  # fmt: skip


def test_of_100_changes_of_the_schema_each_stops_the_build_by_name(hub_url: str) -> None:
    dice = random.Random(20)
    stopped = 0
    with psycopg.connect(hub_url.replace("+psycopg", ""), autocommit=True) as connection:
        for number in range(100):
            with connection.transaction(force_rollback=True):
                name = f"new_{dice.randrange(16**8):08x}"
                said = KINDS[number % len(KINDS)](connection, dice, name)
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
