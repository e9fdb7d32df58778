"""The API's reads against the model's own: as it was is what ``queries.as_of`` says, whatever the order."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, insert, text

from canonical_model.base import history_of
from canonical_model.queries import as_of
from canonical_model.reads import Order, page
from canonical_model.resources import RESOURCES
from canonical_model.tables import current
from ledger.tables import metadata, run
from tests.canonical_model.rows import SOURCE

STREETS = RESOURCES["streets"]
RUNS, ROWS = 6, 60


@pytest.fixture
def lived(model: Connection) -> Connection:
    """Streets that came, changed, ended and came back in six daily runs."""
    assert "ledger.run" in metadata.tables
    dice, table = random.Random(7), current("street")
    model.execute(text("DELETE FROM ledger.run"))
    for number in range(1, RUNS + 1):
        at = f"2026-01-{number:02}T06:00:00Z"
        model.execute(insert(run), {"id": number, "started_at": at, "finished_at": at})
    for number in range(ROWS):
        row: dict[str, Any] = {**SOURCE, "id": UUID(int=dice.getrandbits(128), version=4), "usrn": number}
        row |= {"run_id": dice.randint(1, RUNS), "state_code": dice.choice([None, "a", "b"]), "ended_run_id": None}
        while (later := dice.randint(1, RUNS + 3)) <= RUNS and later > row["run_id"]:
            if dice.random() < 0.3:
                row["ended_run_id"] = later
                continue
            if row["ended_run_id"] is None or row["ended_run_id"] < later:
                model.execute(insert(history_of(table)), {**row, "replaced_run_id": later})
                row |= {"run_id": later, "state_code": dice.choice([None, "c"]), "ended_run_id": None}
        model.execute(insert(table), row)
    return model


@pytest.mark.parametrize("number", range(RUNS + 1))
@pytest.mark.parametrize("descending", [False, True])
def test_a_list_as_it_was_is_what_the_model_says(lived: Connection, number: int, descending: bool) -> None:
    wanted = {str(row.id): row.state_code for row in lived.execute(as_of(current("street"), number))}
    seen = _all(lived, f"2026-01-{number or 1:02}T{12 if number else 0:02}:00:00Z", descending)
    usrns = [one["usrn"] for one in seen]
    assert {one["id"]: one["state_code"] for one in seen} == wanted
    assert usrns == sorted(usrns, reverse=descending)


def _all(connection: Connection, at: str, descending: bool) -> list[dict[str, Any]]:
    """Every record of a list, page by page of seven."""
    order, after = Order(STREETS.by_name["usrn"], descending), None
    seen: list[dict[str, Any]] = []
    while True:
        query = page(STREETS, STREETS.fields, (), order, 7, after=after, at=at)
        rows = connection.exec_driver_sql(*_named(query.sql, query.args)).fetchall()
        if not rows:
            return seen
        seen += [json.loads(row.body) for row in rows]
        after = rows[-1].key, str(rows[-1].id)


def _named(sql: str, args: tuple[Any, ...]) -> tuple[str, dict[str, Any]]:
    """The same for a driver that knows no ``$1``."""
    for number in range(len(args), 0, -1):
        sql = sql.replace(f"${number}", f"%(a{number})s")
    return sql, {f"a{number}": value for number, value in enumerate(args, start=1)}
