"""Stock condition, from the workbooks of six years to reconciled components, surveys and certificates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from estate.writers.workbooks import Sheet, write_workbook
from flows.migrate import SystemResult
from tests.flows.support import judged, migrate_one, rows, written


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written("stock", tmp_path, homes=150)


def closed(result: SystemResult) -> bool:
    """Whether every row of every table that landed has its place."""
    fates = [c.loaded + c.unchanged + c.merged + c.quarantined + c.excluded for c in result.counts]
    return all(c.closes for c in result.counts) and fates == [c.extracted for c in result.counts]


def test_six_years_of_workbooks_close_and_their_faults_are_caught(
    source: Path, database_url: str, tmp_path: Path
) -> None:
    first = migrate_one("stock", str(source), database_url, tmp_path)
    assert (first.status, closed(first)) == ("finished", True), first.message
    report = judged(database_url, tmp_path)
    assert report.passes, report
    again = migrate_one("stock", str(source), database_url, tmp_path)
    assert (again.status, closed(again), sum(c.loaded + c.ended for c in again.counts)) == ("finished", True, 0)


def test_every_years_spelling_means_the_same(source: Path, database_url: str, tmp_path: Path) -> None:
    migrate_one("stock", str(source), database_url, tmp_path)
    kinds = rows(database_url, "SELECT DISTINCT condition_code FROM canonical.component WHERE condition_code > ''")
    assert {kind for (kind,) in kinds} == {"good", "fair", "poor", "failed"}
    years = rows(
        database_url, "SELECT DISTINCT extract(year FROM survey_date)::int FROM canonical.survey ORDER BY 1"
    )  # fmt: skip
    assert [year for (year,) in years] == [2021, 2022, 2023, 2024, 2025, 2026]
    (unrated,) = rows(
        database_url,
        "SELECT count(*) FROM canonical.certificate "
        "WHERE certificate_type_code = 'energy_performance' AND rating IS NULL",
    )
    assert unrated == (0,)
    (homes,) = rows(
        database_url,
        "SELECT count(*) FROM canonical.identifier i JOIN canonical.asset a ON a.id = i.entity_id "
        "WHERE i.scheme_code = 'property_ref' AND i.allocated_by = 'tenancy' AND i.value ~ '^[0-9]{8}$'",
    )
    assert homes > (150,)


def test_a_home_surveyed_again_keeps_both_findings(source: Path, database_url: str, tmp_path: Path) -> None:
    result = migrate_one("stock", str(source), database_url, tmp_path)
    properties = {count.table: count for count in result.counts}["properties"]
    assert properties.merged > 0
    (twice,) = rows(
        database_url,
        "SELECT count(*) > 0 FROM (SELECT FROM canonical.component c JOIN canonical.survey s ON s.id = c.survey_id "
        "WHERE c.asset_id IS NOT NULL GROUP BY c.asset_id, c.component_type_code "
        "HAVING count(DISTINCT s.survey_date) = 2) t",
    )
    assert twice == (True,)
    superseded = "SELECT count(*) > 0 FROM restricted.issue WHERE code = 'STOCK-COMPONENTS-SURVEY-YEAR-SUPERSEDED'"
    assert rows(database_url, superseded) == [(True,)]


def test_a_workbook_that_is_gone_ends_its_rows(source: Path, database_url: str, tmp_path: Path) -> None:
    migrate_one("stock", str(source), database_url, tmp_path)
    (source / "STOCK_2024.xlsx").unlink()
    later = migrate_one("stock", str(source), database_url, tmp_path)
    assert (later.status, closed(later)) == ("finished", True), later.message
    counts = {count.table: count for count in later.counts}
    assert counts["components"].loaded == 0 and counts["components"].ended > 0
    (gone,) = rows(
        database_url,
        "SELECT count(*) FROM canonical.survey WHERE ended_run_id IS NULL AND survey_date BETWEEN '2024-02-15' "
        "AND '2024-11-15'",
    )
    assert gone == (0,)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("STOCK_2027.xls", b"<html><table><tr><td>Asset Ref</td></tr></table></html>", "HTML"),
        ("STOCK_2027.xlsx", b"Asset Ref,UPRN\nA00001,100021000001\n", "CSV"),
        ("STOCK_2027.xlsx", b"PK\x03\x04 and then nothing", "cut short"),
        ("STOCK_2027.xlsx", b"", "empty"),
    ],
)
def test_what_is_no_workbook_stops_the_system(
    source: Path, database_url: str, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (source / name).write_bytes(content)
    result = migrate_one("stock", str(source), database_url, tmp_path)
    assert (result.status, closed(result)) == ("stopped", True)
    assert name in str(result.message) and told in str(result.message) and "Next step:" in str(result.message)
    assert all(count.quarantined == count.extracted for count in result.counts)


def test_what_waited_for_a_mended_workbook_comes_in(source: Path, database_url: str, tmp_path: Path) -> None:
    whole = (source / "STOCK_2023.xlsx").read_bytes()
    (source / "STOCK_2023.xlsx").write_bytes(whole[: len(whole) // 2])
    assert migrate_one("stock", str(source), database_url, tmp_path).status == "stopped"
    (source / "STOCK_2023.xlsx").write_bytes(whole)
    mended = migrate_one("stock", str(source), database_url, tmp_path)
    assert (mended.status, closed(mended)) == ("finished", True), mended.message


def test_an_empty_folder_stops_the_system(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "stock").mkdir()
    result = migrate_one("stock", str(tmp_path / "stock"), database_url, tmp_path)
    assert result.status == "stopped" and closed(result)
    assert "STOCK_*.xls*" in str(result.message)


def test_a_new_column_stops_the_system_until_somebody_says_what_it_means(
    source: Path, database_url: str, tmp_path: Path
) -> None:
    header = ["Asset Ref", "Housing Ref", "UPRN", "Address", "Postcode", "Property Type", "Ownership", "Build Year",
              "Storeys", "Bedrooms", "Block Ref", "Archetype", "Cladding"]  # fmt: skip
    home = ["A99999", "00099999", "100021099999", "1 New Road", "KB1 1AA", "H", "C", 2026, 2, 3, None, "new", "none"]
    sheets = [Sheet("Properties", pd.DataFrame([home], columns=header, dtype=object))]
    write_workbook(source / "STOCK_2027.xlsx", sheets, date(2027, 1, 4))
    result = migrate_one("stock", str(source), database_url, tmp_path)
    assert result.status == "stopped" and closed(result), result.message


def test_a_sheet_that_is_missing_stops_the_system(source: Path, database_url: str, tmp_path: Path) -> None:

    sheets = [Sheet("Front page", pd.DataFrame({"Stock": ["see next year"]}, dtype=object))]
    write_workbook(source / "STOCK_2027.xlsx", [*sheets, Sheet("Notes", sheets[0].frame)], date(2027, 1, 4))
    result = migrate_one("stock", str(source), database_url, tmp_path)
    assert result.status == "stopped" and closed(result)
    assert "propert*" in str(result.message) and "Front page" in str(result.message)
