"""The past, made of history: by a SELECT for a build, in place for a snapshot; both give the same."""

from __future__ import annotations

from datetime import UTC, date, datetime

import psycopg
import pytest
from sqlalchemy import create_engine, insert, select, update

from canonical_model.base import history_of
from canonical_model.tables import current
from ledger.errors import ContractBroken
from ledger.tables import run
from mirror import copying, travel
from mirror.cluster import address
from tests.canonical_model.rows import add, add_home
from tests.mirror.made import ask

ASSET = current("asset")
STATE = "SELECT asset_ref, bedrooms, ended_run_id FROM canonical.asset ORDER BY asset_ref"
THEN = {1: [("home", 2, None)], 2: [("home", 2, None), ("new", 1, None)], 3: [("home", 3, None), ("new", 1, 3)]}


def council(url: str) -> None:
    """Run 1 (1 September) writes a home, run 2 another and its people, run 3 corrects the first, ends the second."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for number in (1, 2, 3):
            at = datetime(2026, 9, number, 22, 30, tzinfo=UTC)  # 23:30 in London: still that day
            connection.execute(insert(run).values(id=number, started_at=at, finished_at=at))
        home = add_home(connection, asset_ref="home", bedrooms=2)
        new = add_home(connection, asset_ref="new", bedrooms=1, run_id=2)
        add(connection, "household", asset_id=new, run_id=2, household_ref="H1")
        row = dict(connection.execute(select(ASSET).where(ASSET.c.id == home)).mappings().one())
        connection.execute(insert(history_of(ASSET)), {**row, "replaced_run_id": 3})
        connection.execute(update(ASSET).where(ASSET.c.id == home).values(run_id=3, bedrooms=3))
        connection.execute(update(ASSET).where(ASSET.c.id == new).values(ended_run_id=3))
    engine.dispose()


@pytest.mark.parametrize("day", [1, 2, 3])
def test_what_stood_at_a_days_end_is_selected(hub_url: str, day: int) -> None:
    council(hub_url)
    with copying.snapshot(address(hub_url)) as source:
        number = travel.run_at(source.connection, date(2026, 9, day))
        assert number == day
        columns = ("asset_ref", "bedrooms", "ended_run_id")
        rows = travel.rows_at("canonical.asset", columns, number)
        assert rows is not None
        assert sorted(source.connection.execute(rows).fetchall()) == THEN[day]
        assert travel.rows_at("scheduling.plan", ("id",), number) is None


@pytest.mark.parametrize("day", [1, 2, 3])
def test_a_mirror_goes_back_to_the_same(hub_url: str, day: int) -> None:
    council(hub_url)
    with psycopg.connect(address(hub_url), autocommit=True) as connection:
        connection.execute("DELETE FROM feed.change")
    assert travel.go_back(address(hub_url), date(2026, 9, day)) == day
    assert ask(address(hub_url), STATE) == THEN[day]
    assert ask(address(hub_url), "SELECT count(*) FROM canonical.household") == [(int(day > 1),)]
    assert ask(address(hub_url), "SELECT count(*) FROM history.asset") == [(int(day > 2),)]
    assert ask(address(hub_url), "SELECT max(id) FROM ledger.run") == [(day,)]
    assert ask(address(hub_url), "SELECT count(*) FROM feed.change") == [(0,)]


def test_a_day_before_the_first_run_is_told(hub_url: str) -> None:
    council(hub_url)
    with pytest.raises(ContractBroken, match="nothing to go back to"):
        travel.go_back(address(hub_url), date(2026, 8, 31))
