"""Planned works and gas servicing, from FoxPro tables to reconciled orders, certificates and visits."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from flows.migrate import SystemResult
from tests.flows.support import judged, migrate_one, rows, written

ISSUES = "SELECT code, count(*) FROM restricted.issue WHERE closed_run_id IS NULL GROUP BY 1"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The tables of a council of the smallest size."""
    return written("contractor", tmp_path, homes=100)


def closed(result: SystemResult) -> bool:
    """Whether every row of every table that landed has its place, and every penny."""
    fates = [c.loaded + c.unchanged + c.merged + c.quarantined + c.excluded for c in result.counts]
    return all(c.closes for c in result.counts) and fates == [c.extracted for c in result.counts]


def test_the_contractors_tables_close_and_their_faults_are_caught(database_url: str, tmp_path: Path) -> None:
    source = written("contractor", tmp_path)
    first = migrate_one("contractor", str(source), database_url, tmp_path)
    assert (first.status, closed(first)) == ("finished", True), first.message
    counts = {count.table: count for count in first.counts}
    assert all(count.excluded for name, count in counts.items() if count.extracted > 100)
    for name in ("JOBS", "JOBLINE"):
        money = counts[name]
        assert money.money_source == money.money_canonical + money.money_merged + money.money_quarantined  # type: ignore[operator]
        assert money.money_canonical > Decimal(500_000)  # type: ignore[operator]
    report = judged(database_url, tmp_path)
    assert report.passes, report
    ((people, at_home, called),) = rows(
        database_url,
        "SELECT count(*), count(a.id), count(c.id) FROM canonical.person p LEFT JOIN canonical.asset a "
        "ON a.id = p.asset_id LEFT JOIN canonical.contact_method c ON c.person_id = p.id",
    )
    assert 0.7 * counts["JOBS"].loaded < people <= counts["JOBS"].loaded
    assert at_home > 0.98 * people and 0.5 < called / people < 0.9
    again = migrate_one("contractor", str(source), database_url, tmp_path)
    assert (again.status, closed(again), sum(c.loaded + c.ended for c in again.counts)) == ("finished", True, 0)


def test_what_the_tables_say_stands_in_the_model(source: Path, database_url: str, tmp_path: Path) -> None:
    migrate_one("contractor", str(source), database_url, tmp_path)
    kinds = rows(database_url, "SELECT DISTINCT certificate_type_code FROM canonical.certificate ORDER BY 1")
    assert kinds == [("electrical",), ("gas_safety",)]
    (chain,) = rows(
        database_url,
        "SELECT o.work_type_code, c.contract_type_code, f.name, a.address_line_1 IS NOT NULL "
        "FROM canonical.work_order o JOIN canonical.contract c ON c.id = o.contract_id "
        "JOIN canonical.contractor f ON f.id = c.contractor_id JOIN canonical.asset a ON a.id = o.asset_id "
        "WHERE o.work_order_ref LIKE 'GS2025A/%' ORDER BY o.work_order_ref LIMIT 1",
    )
    assert chain == ("gas_service", "gas_servicing", "Larkfield Heating Ltd", True)
    (text,) = rows(database_url, "SELECT short_text FROM canonical.sor_item WHERE sor_code = 'KIT040'")
    assert text == ("Tiling to splashback, per m²",)  # in a code page that the table does not name
    (visit,) = rows(
        database_url,
        "SELECT (window_end_at - window_start_at)::text FROM canonical.appointment WHERE slot_name = 'AM' LIMIT 1",
    )
    assert visit == ("04:00:00",)
    schemes = rows(
        database_url, "SELECT DISTINCT scheme_code FROM canonical.identifier WHERE entity_type = 'asset' ORDER BY 1"
    )
    assert schemes == [("property_ref",), ("uprn",)]


def test_a_table_without_its_memo_file_stops_the_system(source: Path, database_url: str, tmp_path: Path) -> None:
    (source / "JOBS.FPT").unlink()
    result = migrate_one("contractor", str(source), database_url, tmp_path)
    assert result.status == "stopped" and closed(result)
    assert "JOBS.DBF" in str(result.message) and ".fpt" in str(result.message)
    assert rows(database_url, "SELECT count(*) FROM canonical.asset") == [(0,)]
    # the tables before it had landed: they are quarantined, not lost, and come in with the memo file
    assert {c.table: (c.loaded, c.quarantined == c.extracted) for c in result.counts}["PROPLIST"] == (0, True)


def test_a_table_that_was_cut_short_stops_the_system(source: Path, database_url: str, tmp_path: Path) -> None:
    whole = (source / "VISITS.DBF").read_bytes()
    (source / "VISITS.DBF").write_bytes(whole[: len(whole) * 2 // 3])
    result = migrate_one("contractor", str(source), database_url, tmp_path)
    assert result.status == "stopped" and closed(result)
    assert "VISITS" in str(result.message)
    counts = {count.table: count for count in result.counts}
    assert counts["VISITS"].quarantined == counts["VISITS"].extracted > 0
    (source / "VISITS.DBF").write_bytes(whole)
    mended = migrate_one("contractor", str(source), database_url, tmp_path)
    assert (mended.status, closed(mended)) == ("finished", True), mended.message


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        (b"<!DOCTYPE html><html>Sign in</html>".ljust(400), "HTML"),
        (b"PK\x03\x04" + bytes(400), "zip"),
        (b"\x30" + bytes(20), "no dBase or FoxPro table"),
        (b"", "no dBase or FoxPro table"),
    ],
)
def test_what_is_no_table_stops_the_system(
    source: Path, database_url: str, tmp_path: Path, spoilt: bytes, told: str
) -> None:
    (source / "GASCERT.DBF").write_bytes(spoilt)
    result = migrate_one("contractor", str(source), database_url, tmp_path)
    assert result.status == "stopped" and closed(result)
    assert told in str(result.message) and "GASCERT.DBF" in str(result.message)


def test_a_missing_table_stops_the_system(source: Path, database_url: str, tmp_path: Path) -> None:
    (source / "PROPLIST.DBF").unlink()
    result = migrate_one("contractor", str(source), database_url, tmp_path)
    assert result.status == "stopped" and closed(result) and "PROPLIST" in str(result.message)


def test_a_packed_table_ends_what_it_dropped(source: Path, database_url: str, tmp_path: Path) -> None:
    first = migrate_one("contractor", str(source), database_url, tmp_path)
    older = tmp_path / "packed"
    shutil.copytree(source, older)
    table = older / "VISITS.DBF"
    data = bytearray(table.read_bytes())
    head, width = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    records = [bytes(data[at : at + width]) for at in range(head, len(data) - 1, width)]
    living = [record for record in records if record[:1] == b" "]
    dropped, kept = living[0], [record for record in records[1:] if record[:1] != b"*"]
    kept = [record for record in kept if record != dropped]
    data[4:8] = len(kept).to_bytes(4, "little")
    table.write_bytes(bytes(data[:head]) + b"".join(kept) + b"\x1a")
    later = migrate_one("contractor", str(older), database_url, tmp_path)
    assert (later.status, closed(later)) == ("finished", True), later.message
    visits = {count.table: count for count in later.counts}["VISITS"]
    assert (visits.loaded, visits.ended, visits.excluded) == (0, 1, 0)
    assert first.status == "finished"
