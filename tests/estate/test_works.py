"""The repairs system's database: what it holds, how it is laid out, and that it is the same every time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from estate.truth import Truth
from estate.world import World
from estate.writers import works
from estate.writers.works_dirt import KEYS


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth()


@pytest.fixture(scope="module")
def database(
    small_world: World, truth: Truth, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sqlite3.Connection]:
    folder = tmp_path_factory.mktemp("works")
    works.write(small_world, folder, truth)
    with closing(sqlite3.connect(folder / works.FILE)) as connection:
        yield connection


def one(database: sqlite3.Connection, statement: str) -> object:
    return database.execute(statement).fetchone()[0]


def test_texts_are_padded_as_the_vendor_pads_them(database: sqlite3.Connection) -> None:
    assert one(database, "SELECT DISTINCT length(prop_ref) FROM rmworder") == 12
    assert one(database, "SELECT DISTINCT length(trade) FROM rmtask") == 3


def test_three_years_of_repairs(database: sqlite3.Connection, small_world: World) -> None:
    first, last = database.execute("SELECT min(created), max(created) FROM rmworder").fetchone()
    assert first[:7] in ("2023-09", "2023-10") and last[:7] == "2026-09"
    assert one(database, "SELECT count(*) FROM rmreqst") > 8 * small_world.homes  # type: ignore[operator]
    assert one(database, "SELECT count(*) FROM rmworder WHERE completed = '1900-01-01 00:00:00'") > 0  # type: ignore[operator]


def test_due_dates_are_hours_for_emergencies_and_weekdays_for_the_rest(database: sqlite3.Connection) -> None:
    hours = "SELECT DISTINCT round((julianday(date_due) - julianday(created)) * 24) FROM rmworder "
    assert database.execute(hours + "WHERE priority = 'I' AND date_due < '2079-01-01'").fetchall() == [(4.0,)]
    assert database.execute(hours + "WHERE priority = 'E' AND date_due < '2079-01-01'").fetchall() == [(24.0,)]
    weekend = "SELECT count(*) FROM rmworder WHERE priority = 'N' AND strftime('%w', date_due) IN ('0', '6')"
    assert one(database, weekend + " AND date_due < '2079-01-01'") == 0


def test_the_plan_visits_what_was_promised(database: sqlite3.Connection) -> None:
    joined = (
        "SELECT count(*) FROM allocplan p JOIN rmworder o ON o.wo_ref = p.wo_ref WHERE p.alloc_date < date(o.created)"
    )
    assert one(database, joined) == 0
    assert one(database, "SELECT count(*) FROM allocplan WHERE strftime('%w', week_start) <> '1'") == 0


def test_every_planted_key_is_in_its_table(database: sqlite3.Connection, truth: Truth) -> None:
    faults = truth.faults().to_pandas()
    assert set(faults["table"]) == set(KEYS)
    for table, group in faults.groupby("table"):
        key = " || '|' || ".join(f"trim({name})" for name in KEYS[str(table)])
        known = {row[0] for row in database.execute(f"SELECT CAST({key} AS TEXT) FROM {table}")}
        assert set(group["key"]) <= known


def test_the_same_seed_gives_the_same_rows(database: sqlite3.Connection, small_world: World, tmp_path: Path) -> None:
    works.write(small_world, tmp_path, Truth())
    with closing(sqlite3.connect(tmp_path / works.FILE)) as again:
        assert list(again.iterdump()) == list(database.iterdump())


def test_tables_in_parts_have_the_rows_and_keys_of_the_whole(
    database: sqlite3.Connection, small_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(works, "ROWS_AT_ONCE", 1_000)
    truth = Truth()
    works.write(small_world, tmp_path, truth)
    with closing(sqlite3.connect(tmp_path / works.FILE)) as parts:
        for table, key in (
            ("rmreqst", "rq_ref"),
            ("rmworder", "wo_ref"),
            ("rmappt", "appt_ref"),
            ("allocplan", "plan_sid"),
        ):
            keys = f"SELECT DISTINCT {key} FROM {table} WHERE CAST({key} AS TEXT) NOT LIKE '5%' ORDER BY 1"
            assert parts.execute(keys).fetchall() == database.execute(keys).fetchall()
        twice = "SELECT count(*) - count(DISTINCT rq_ref) FROM rmreqst"
        assert one(parts, twice) == 0
        test_every_planted_key_is_in_its_table(parts, truth)
