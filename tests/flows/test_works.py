"""Responsive repairs, from their database to reconciled rows: SQLite and MariaDB."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from estate import world
from estate.truth import Truth
from estate.world import World
from estate.writers import works
from tests.connectors.conftest import running_mariadb
from tests.flows.places import know_places
from tests.flows.support import judged, migrate_one, rows

NAMES = ("work_order", "work_element", "repair_request", "appointment", "manual_allocation", "recharge", "shift")


@pytest.fixture(scope="module")
def council() -> World:
    return world.build(200, seed=7)


@pytest.fixture
def source(council: World, database_url: str, tmp_path: Path) -> str:
    """The URL of the repairs database; the places that it refers to are known, its truth stands in ``truth``."""
    know_places(database_url, council)
    truth = Truth()
    works.write(council, tmp_path, truth)
    truth.write(tmp_path / "truth")
    return f"sqlite:///{tmp_path / works.FILE}"


def test_the_books_close_and_every_planted_fault_is_caught(source: str, database_url: str, tmp_path: Path) -> None:
    first = migrate_one("works", source, database_url, tmp_path)
    assert first.status == "finished", first.message
    assert all(count.closes for count in first.counts)
    report = judged(database_url, tmp_path)
    assert report.passes, report
    counts = {count.table: count for count in first.counts}
    assert counts["rmprior"].excluded == counts["rmprior"].extracted
    assert counts["rmtask"].merged and counts["rmtask"].quarantined
    assert counts["rmtask"].money_quarantined and counts["rmtask"].money_merged
    ((people, named, at_home, called),) = rows(
        database_url,
        "SELECT count(*), count(r.id), count(p.asset_id), count(c.id) FROM canonical.person p "
        "LEFT JOIN canonical.repair_request r ON r.request_ref = p.person_ref AND r.reported_by_name = p.full_name "
        "LEFT JOIN canonical.contact_method c ON c.person_id = p.id",
    )
    assert people == named == counts["rmreqst"].loaded - nobody(database_url)
    assert at_home > 0.98 * people and 0.4 < called / people < 0.85
    again = migrate_one("works", source, database_url, tmp_path)
    assert all(count.closes and not count.loaded and not count.ended for count in again.counts)


def nobody(database_url: str) -> int:
    """Number of requests of which nobody noted who reported them."""
    ((count,),) = rows(
        database_url, "SELECT count(*) FROM canonical.repair_request WHERE reported_by_name IS NULL"
    )  # fmt: skip
    return int(count)


def test_money_closes_per_order(source: str, database_url: str, tmp_path: Path) -> None:
    result = migrate_one("works", source, database_url, tmp_path)
    with sa.create_engine(source).connect() as connection:
        pence = connection.scalar(sa.text("SELECT sum(CAST(round(task_cost * 100) AS INTEGER)) FROM rmtask"))
    (count,) = [count for count in result.counts if count.table == "rmtask"]
    assert count.money_source == Decimal(int(pence)) / 100
    (held,) = rows(database_url, "SELECT sum(cost) FROM canonical.work_element")[0]
    assert count.money_canonical == held
    assert rows(database_url, "SELECT accounts_open FROM ledger.table_count WHERE source_table = 'rmtask'") == [(0,)]


def test_due_dates_are_what_the_source_says_to_the_minute(source: str, database_url: str, tmp_path: Path) -> None:
    migrate_one("works", source, database_url, tmp_path)
    due = "SELECT work_order_ref, to_char(target_at AT TIME ZONE 'Europe/London', 'YYYY-MM-DD HH24:MI:SS') "
    held = dict(rows(database_url, due + "FROM canonical.work_order WHERE target_at IS NOT NULL"))
    assert len(held) > 1_500
    with sa.create_engine(source).connect() as connection:
        stated = dict(map(tuple, connection.execute(sa.text("SELECT trim(wo_ref), date_due FROM rmworder"))))
    assert {ref: stated[ref] for ref in held} == held


def test_only_what_changed_is_written_again(source: str, database_url: str, tmp_path: Path) -> None:
    migrate_one("works", source, database_url, tmp_path)
    with sa.create_engine(source).begin() as connection:
        connection.execute(sa.text("UPDATE rmworder SET wo_status = 'CAN' WHERE trim(wo_ref) = '10200005'"))
        connection.execute(sa.text("DELETE FROM rmsatis WHERE resp_ref = 5"))
    again = {count.table: count for count in migrate_one("works", source, database_url, tmp_path).counts}
    assert all(count.closes for count in again.values())
    assert {table: count.loaded for table, count in again.items() if count.loaded} == {"rmworder": 1}
    assert {table: count.ended for table, count in again.items() if count.ended} == {"rmsatis": 1}
    assert rows(database_url, "SELECT status_code FROM history.work_order") == [("complete",)]
    now = "SELECT status_code FROM canonical.work_order WHERE work_order_ref = '10200005' AND version IS NOT NULL"
    assert ("cancelled",) in rows(database_url, now)


def test_a_table_that_is_gone_stops_the_system_and_the_books_close(
    source: str, database_url: str, tmp_path: Path
) -> None:
    with sa.create_engine(source).begin() as connection:
        connection.execute(sa.text("DROP TABLE rmtask"))
    result = migrate_one("works", source, database_url, tmp_path)
    assert result.status == "stopped"
    assert "rmtask" in str(result.message) and "Next step" in str(result.message)
    assert result.counts and all(count.closes for count in result.counts)


def test_mariadb_holds_the_same(council: World, source: str, database_url: str, tmp_path: Path) -> None:
    migrate_one("works", source, database_url, tmp_path)
    state = [
        rows(database_url, f"SELECT count(*), min(id::text), max(id::text) FROM canonical.{name}") for name in NAMES
    ]
    with running_mariadb() as server:
        works.write_database(council, server.url(), Truth())
        result = migrate_one("works", server.url(), database_url, tmp_path)
    assert result.status == "finished", result.message
    assert all(count.closes and not count.ended for count in result.counts)
    # Texts lose their padding there: every row is looked at again, and says what it said before. Only which of
    # two rows of one key comes first is the database's to say.
    assert all(count.loaded <= count.quarantined for count in result.counts)
    assert state == [
        rows(database_url, f"SELECT count(*), min(id::text), max(id::text) FROM canonical.{name}") for name in NAMES
    ]
