"""The public files of repairs operatives, trades and pay, through a mapping folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.support import migrate_one, rows

ROWS = {"people": 9, "trades": 14, "schemes": 2, "pay_bands": 18, "pay_element_types": 56, "operatives": 146}


@pytest.fixture
def migrated(real_files: Path, database_url: str, tmp_path: Path) -> str:
    """The database with the files' content in it."""
    result = migrate_one("operatives", str(real_files / "operatives"), database_url, tmp_path)
    assert result.status == "finished", result.message
    assert {count.table: count.loaded for count in result.counts} == ROWS
    assert all(count.closes and count.extracted == count.loaded for count in result.counts)
    return database_url


def test_every_row_is_loaded_and_no_rule_complains(migrated: str) -> None:
    assert rows(migrated, "SELECT code FROM restricted.issue") == []


def test_archived_and_part_time_operatives_are_told_apart(migrated: str) -> None:
    assert rows(migrated, "SELECT count(*) FROM canonical.operative WHERE NOT is_active") == [(2,)]
    assert rows(migrated, "SELECT utilisation::text, count(*) FROM canonical.operative GROUP BY 1 ORDER BY 1") == [
        ("0.50", 18),
        ("1.00", 128),
    ]


def test_references_lead_to_trade_scheme_manager_and_supervisor(migrated: str) -> None:
    complete = (
        "SELECT count(*) FROM canonical.operative o JOIN canonical.trade t ON t.id = o.trade_id "
        "JOIN canonical.pay_scheme s ON s.id = o.pay_scheme_id JOIN canonical.person m ON m.id = o.manager_id "
        "JOIN canonical.person p ON p.id = o.supervisor_id JOIN canonical.operative_skill k ON k.operative_id = o.id "
        "AND k.trade_id = t.id AND k.is_main"
    )
    assert rows(migrated, complete) == [(146,)]


def test_absences_on_the_time_sheet_have_their_kind(migrated: str) -> None:
    found = dict(
        rows(migrated, "SELECT description, absence_type_code FROM canonical.pay_element WHERE element_ref < '106'")
    )
    assert found["Annual Leave"] == "annual_leave"
    assert found["Sick"] == "sick"
    assert found["Dayworks"] is None
