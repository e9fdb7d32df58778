"""The housing management system, from its database to reconciled rows: PostgreSQL and MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from estate import world
from estate.truth import Truth
from estate.writers import tenancy
from services.databases import create_database, drop_database
from tests.connectors.conftest import running_mariadb
from tests.flows.support import judged, migrate_one, rows

HOMES = 300


@pytest.fixture
def source(postgres: str, tmp_path: Path) -> Iterator[str]:
    """The URL of the council's database; its truth stands in ``tmp_path/truth``."""
    url = create_database(postgres, f"housing_{tmp_path.name[-8:]}")
    truth = Truth()
    tenancy.write(world.build(HOMES, seed=7), url, truth)
    truth.write(tmp_path / "truth")
    yield url
    drop_database(postgres, f"housing_{tmp_path.name[-8:]}")


def test_the_books_close_and_every_planted_fault_is_caught(source: str, database_url: str, tmp_path: Path) -> None:
    first = migrate_one("tenancy", source, database_url, tmp_path)
    assert first.status == "finished", first.message
    assert all(count.closes for count in first.counts)
    report = judged(database_url, tmp_path)
    assert report.passes, report
    counts = {count.table: count for count in first.counts}
    assert counts["debtype"].excluded == counts["debtype"].extracted
    assert counts["rtrans"].merged and counts["rtrans"].quarantined
    differences = rows(database_url, "SELECT value FROM restricted.issue WHERE code LIKE '%%BALANCE-DIFFERS'")
    assert counts["tenagree"].money_stated_difference == sum((Decimal(value) for (value,) in differences), Decimal(0))
    assert rows(database_url, "SELECT count(*) FROM canonical.tenancy_holding WHERE is_disputed") != [(0,)]


def test_only_what_changed_is_written_again(source: str, database_url: str, tmp_path: Path) -> None:
    migrate_one("tenancy", source, database_url, tmp_path)
    again = migrate_one("tenancy", source, database_url, tmp_path)
    assert all(count.closes and not count.loaded and not count.ended for count in again.counts)
    change = (
        "UPDATE tenagree SET u_payment_expected = 'CSH' WHERE tag_ref = '001002/03'",
        "DELETE FROM voids WHERE void_sid = 3",
        "INSERT INTO rentgrp VALUES ('NEW', 'A new rent group', 52)",
    )
    with sa.create_engine(source).begin() as connection:
        before = connection.scalar(sa.text("SELECT u_payment_expected FROM tenagree WHERE tag_ref = '001002/03'"))
        assert before not in (None, "CSH")
        for statement in change:
            connection.execute(sa.text(statement))
    counts = {count.table: count for count in migrate_one("tenancy", source, database_url, tmp_path).counts}
    assert all(count.closes for count in counts.values())
    assert (counts["tenagree"].loaded, counts["voids"].ended, counts["rentgrp"].excluded) == (1, 1, 7)
    assert rows(database_url, "SELECT count(*) FROM history.rent_account") == [(1,)]
    assert rows(database_url, "SELECT count(*) FROM canonical.void WHERE ended_run_id IS NOT NULL") == [(1,)]


def test_mariadb_gives_the_same_rows(source: str, database_url: str, postgres: str, tmp_path: Path) -> None:
    migrate_one("tenancy", source, database_url, tmp_path / "postgres")
    other = create_database(postgres, f"maria_{tmp_path.name[-8:]}")
    with running_mariadb() as server:
        tenancy.write(world.build(HOMES, seed=7), server.url(), Truth())
        result = migrate_one("tenancy", server.url(), other, tmp_path / "mariadb")
    assert result.status == "finished", result.message
    assert all(count.closes for count in result.counts)
    for statement in (
        "SELECT count(*), sum(amount), count(element_code), min(effective_date) FROM canonical.rent_transaction",
        "SELECT count(*), count(uprn), count(parent_id), min(postcode) FROM canonical.asset",
        "SELECT count(*), count(birth_date), count(national_insurance_number) FROM canonical.person",
        "SELECT id, start_date, end_date, is_disputed FROM canonical.tenancy_holding ORDER BY id",
    ):
        assert rows(other, statement) == rows(database_url, statement)
    drop_database(postgres, f"maria_{tmp_path.name[-8:]}")
