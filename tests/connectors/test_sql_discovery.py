"""Discovery lists live tables before what somebody put aside."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.sql_discovery import ASIDE, discover
from ledger.errors import SourceRefused
from tests.connectors.conftest import MariaServer

TODAY = date(2026, 9, 28)
TABLES = (
    "CREATE TABLE rmworder (wo_ref INTEGER PRIMARY KEY, raised DATE, updated TIMESTAMP NULL)",
    "CREATE TABLE rmworder_20170324 (wo_ref INTEGER, raised DATE)",
    "CREATE TABLE araction (tag_ref CHAR(11), action_date DATE)",
    "CREATE TABLE tenagree_backup_PAV (tag_ref CHAR(11))",
    "CREATE TABLE unused_thing (x INTEGER)",
    "INSERT INTO rmworder VALUES (1, '2026-09-25', '2026-09-27 10:00:00'), (2, '2079-06-06', NULL)",
    "INSERT INTO rmworder_20170324 VALUES (1, '2017-03-24')",
    "INSERT INTO araction VALUES ('1', '2026-09-01'), ('2', '1900-01-01'), ('3', NULL)",
    "INSERT INTO tenagree_backup_PAV VALUES ('1')",
)


def fill(url: str) -> str:
    names = ["rmworder", "rmworder_20170324", "araction", "tenagree_backup_PAV", "unused_thing"]
    with sa.create_engine(url).begin() as connection:
        for statement in [*(f"DROP TABLE IF EXISTS {name}" for name in names), *TABLES]:
            connection.exec_driver_sql(statement)
    return url


def check(url: str) -> None:
    wanted = {name.casefold() for name in ("rmworder", "araction", "rmworder_20170324")}
    found = [table for table in discover(url, {}, today=TODAY) if table.name.casefold() in wanted]
    assert [table.name for table in found] == ["rmworder", "araction", "rmworder_20170324"]
    first = found[0]
    assert (first.rows, first.last_change, first.key) == (2, date(2026, 9, 27), ("wo_ref",))
    assert first.columns == ("wo_ref", "raised", "updated")
    assert found[1].last_change == date(2026, 9, 1)


def test_sqlite(tmp_path: Path) -> None:
    url = fill(f"sqlite:///{tmp_path / 'a.db'}")
    check(url)
    assert [table.put_aside for table in discover(url, {}, today=TODAY)] == [False, False, True, True, True]


def test_postgres(database_url: str) -> None:
    check(fill(database_url))


def test_mariadb(mariadb: MariaServer) -> None:
    check(fill(mariadb.url()))
    with pytest.raises(SourceRefused):
        discover(mariadb.url(password="wrong"), {}, today=TODAY)


@pytest.mark.parametrize(
    ("name", "aside"),
    [
        *(("tenagree", False), ("rmprior", False), ("holdings", False), ("postcode", False)),
        *(("rmworder_20170324", True), ("tenagree_backup_PAV_20161025", True), ("temp_x", True)),
        *(("Saffron leasehold data converted", True), ("copy of rent", True), ("rent_2019", True)),
    ],
)
def test_names_of_what_was_put_aside(name: str, aside: bool) -> None:
    assert bool(ASIDE.search(name)) is aside
