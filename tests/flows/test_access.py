"""A file of Access 2003 from its pages to reconciled canonical rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from flows import references
from tests.flows.hub import know_ledgers
from tests.flows.support import migrate_one, rows

PRICES = (
    "SELECT sor_code, short_text, min_operatives, warranty_days, standard_minutes::text, start_date::text, price "
    "FROM canonical.sor_item WHERE ended_run_id IS NULL ORDER BY 1"
)


@pytest.fixture(autouse=True)
def pricebook(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    know_ledgers(monkeypatch, Path(__file__).parent, "tests.flows")
    yield
    monkeypatch.undo()
    references.mapping_of.cache_clear()


def test_an_access_file_migrates_and_closes(real_files: Path, database_url: str, tmp_path: Path) -> None:
    shutil.copyfile(real_files / "access-mdb" / "testV2003.mdb", tmp_path / "prices.mdb")
    result = migrate_one("pricebook", str(tmp_path / "prices.mdb"), database_url, tmp_path)
    assert result.status == "finished", result.message
    (count,) = result.counts
    assert (count.extracted, count.loaded, count.closes) == (2, 2, True)
    assert (count.money_source, count.money_canonical) == (Decimal("3.50"), Decimal("3.50"))
    assert rows(database_url, PRICES) == [
        ("a", "b", 0, 0, "0.00", "1981-12-12", Decimal("0.00")),
        ("abcdefg", "hijklmnop", 2, 222, "444.56", "1974-09-21", Decimal("3.50")),
    ]
    again = migrate_one("pricebook", str(tmp_path), database_url, tmp_path)
    assert [(c.loaded, c.unchanged, c.closes) for c in again.counts] == [(0, 2, True)]


def test_what_is_no_access_file_stops_the_system(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "prices.mdb").write_bytes(b"<html>please sign in</html>".ljust(5000))
    result = migrate_one("pricebook", str(tmp_path), database_url, tmp_path)
    assert result.status == "stopped" and "prices.mdb" in str(result.message) and "HTML" in str(result.message)
    assert all(count.closes for count in result.counts)


def test_another_database_of_access_stops_the_system(real_files: Path, database_url: str, tmp_path: Path) -> None:
    shutil.copyfile(real_files / "access-mdb" / "test.mdb", tmp_path / "prices.mdb")
    result = migrate_one("pricebook", str(tmp_path), database_url, tmp_path)
    assert result.status == "stopped" and "Table1" in str(result.message)
