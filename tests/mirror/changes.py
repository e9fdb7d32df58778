"""Changes of a schema at random, each with what a build must say of it."""

from __future__ import annotations

import random
from collections.abc import Callable

import psycopg

from mirror import plan

Connection = psycopg.Connection[tuple[object, ...]]
PLAN = plan.read()
TABLES = [name for name in PLAN.tables if not name.startswith("public.")]
SCHEMAS = sorted({name.split(".")[0] for name in TABLES})
TYPES = ("text", "integer", "jsonb", "uuid[]", "date", "numeric(9,2)", "boolean")


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


KINDS: list[Callable[[Connection, random.Random, str], str]] = [
    new_column, renamed_column, lost_column, changed_type, new_table, lost_table, new_schema, new_view, new_type,
    new_sequence, new_function, new_trigger, new_json_key,
]  # fmt: skip


def change(connection: Connection, dice: random.Random, number: int) -> str:
    """What a build must say of the change that is now made: one kind after the other, where and of what at random."""
    return KINDS[number % len(KINDS)](connection, dice, f"new_{dice.randrange(16**8):08x}")
