"""The housing register, from extracts of three generations to reconciled applications, people and lettings."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from canonical_model import schema
from flows.migrate import SystemResult
from identity.ids import key_of, stable_id
from loading.load import connect
from tests.flows.support import judged, migrate_one, rows, written

HOMES, TENANCIES = "Property Ref", "Tenancy Ref"


@pytest.fixture
def source(tmp_path: Path, database_url: str) -> Path:
    """The extracts; the tenancies and homes that they name are in the database already."""
    folder = written("register", tmp_path)
    _tenancy_was_here(database_url, folder)
    return folder


def _tenancy_was_here(database_url: str, folder: Path) -> None:

    homes: set[str] = set()
    tenancies: set[str] = set()
    for path in folder.glob("[AL]*.csv"):
        encoding = "utf-8-sig" if path.read_bytes().startswith(b"\xef\xbb\xbf") else "cp1252"
        with path.open(encoding=encoding, newline="") as lines:
            for row in csv.DictReader(lines):
                homes.add(row.get("Property Ref") or row.get("PROP_REF") or "")
                tenancies.add(row.get("Tenancy Ref") or row.get("TEN_REF") or "")
    schema.migrate(database_url)
    with connect(database_url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO canonical.asset (id, asset_ref, asset_type_code, source_key, source_row, batch_id, run_id, "
            "row_hash) VALUES (%s, %s, 'house', %s, 0, 0, 0, 0)",
            [(stable_id(key_of("tenancy", "asset", ref)), ref, ref) for ref in sorted(homes - {""})],
        )
        cursor.executemany(
            "INSERT INTO canonical.tenancy (id, tenancy_ref, tenancy_type_code, start_date, source_key, source_row, "
            "batch_id, run_id, row_hash) VALUES (%s, %s, 'secure', '2020-01-06', %s, 0, 0, 0, 0)",
            [(stable_id(key_of("tenancy", "tenancy", ref)), ref, ref) for ref in sorted(tenancies - {""})],
        )


def closed(result: SystemResult) -> bool:
    """Whether every row of every table that landed has its place."""
    fates = [c.loaded + c.unchanged + c.merged + c.quarantined + c.excluded for c in result.counts]
    return all(c.closes for c in result.counts) and fates == [c.extracted for c in result.counts]


def test_the_extracts_close_and_their_faults_are_caught(source: Path, database_url: str, tmp_path: Path) -> None:
    first = migrate_one("register", str(source), database_url, tmp_path)
    assert (first.status, closed(first)) == ("finished", True), first.message
    bids = {count.table: count for count in first.counts}["bids"]
    assert bids.excluded == bids.extracted > 0
    report = judged(database_url, tmp_path)
    assert report.passes, report
    again = migrate_one("register", str(source), database_url, tmp_path)
    assert (again.status, closed(again), sum(c.loaded + c.ended for c in again.counts)) == ("finished", True, 0)


def test_three_generations_say_the_same(source: Path, database_url: str, tmp_path: Path) -> None:
    migrate_one("register", str(source), database_url, tmp_path)
    old, new = (
        rows(
            database_url,
            "SELECT array_agg(DISTINCT band_code ORDER BY band_code) "
            f"FROM canonical.housing_application WHERE band_code IS NOT NULL AND applied_date {years}",
        )
        for years in ("< '2022-01-01'", ">= '2022-01-01'")
    )
    assert old == new == [(["a", "b", "c", "d"],)]
    (lines,) = rows(
        database_url,
        "SELECT count(*) > 50 FROM canonical.housing_application WHERE current_address_text LIKE E'%\\n%'",
    )
    assert lines == (True,)


def test_applicants_and_their_households_are_people(source: Path, database_url: str, tmp_path: Path) -> None:
    migrate_one("register", str(source), database_url, tmp_path)
    (alone,) = rows(
        database_url,
        "SELECT count(*) FROM canonical.housing_application a WHERE a.applicant_id IS NULL OR a.household_id IS NULL",
    )
    assert alone == (0,)
    (joint,) = rows(
        database_url,
        "SELECT count(*) > 0 FROM canonical.housing_application a JOIN canonical.household_member m "
        "ON m.household_id = a.household_id AND m.person_id = a.joint_applicant_id AND m.role_code = 'joint_tenant'",
    )
    assert joint == (True,)
    (let,) = rows(
        database_url,
        "SELECT count(*) > 0 FROM canonical.letting l JOIN canonical.housing_application a ON a.id = l.application_id "
        "JOIN canonical.tenancy t ON t.id = l.tenancy_id WHERE a.status_code = 'housed'",
    )
    assert let == (True,)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04" + bytes(400), "Excel workbook"),
        (b"<!DOCTYPE html><html>Your session has ended</html>", "HTML"),
        ("Application Ref,Title\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_csv_stops_the_system(
    source: Path, database_url: str, tmp_path: Path, content: bytes, told: str
) -> None:
    (source / "APPLICATIONS_2026-10.csv").write_bytes(content)
    result = migrate_one("register", str(source), database_url, tmp_path)
    assert (result.status, closed(result)) == ("stopped", True)
    assert "APPLICATIONS_2026-10.csv" in str(result.message) and told in str(result.message)


def test_mixed_line_ends_are_read(source: Path, database_url: str, tmp_path: Path) -> None:
    path = source / "LETTINGS_2025-26.csv"
    lines = path.read_bytes().splitlines()
    ends = (b"\r\n", b"\n", b"\r")
    path.write_bytes(b"".join(line + ends[n % 3] for n, line in enumerate(lines)))
    result = migrate_one("register", str(source), database_url, tmp_path)
    assert (result.status, closed(result)) == ("finished", True), result.message
    (let,) = rows(
        database_url, "SELECT count(*) FROM canonical.letting WHERE start_date BETWEEN '2025-04-01' AND '2026-03-31'"
    )
    assert let[0] > len(lines) * 0.9 - 3


def test_an_empty_folder_stops_the_system(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "register").mkdir()
    result = migrate_one("register", str(tmp_path / "register"), database_url, tmp_path)
    assert result.status == "stopped" and closed(result)
    assert "APPLICATIONS_*.csv" in str(result.message)


def test_files_without_a_record_stop_the_system(source: Path, database_url: str, tmp_path: Path) -> None:
    for path in source.glob("LETTINGS_*.csv"):
        path.write_bytes(path.read_bytes().splitlines()[0] + b"\r\n")
    result = migrate_one("register", str(source), database_url, tmp_path)
    assert (result.status, closed(result)) == ("stopped", True)
    assert "lettings" in str(result.message)


def test_a_header_that_nobody_knows_stops_the_system(source: Path, database_url: str, tmp_path: Path) -> None:
    path = source / "APPLICATIONS_2026-08.csv"
    path.write_bytes(path.read_bytes().replace(b",Areas", b",Areas of choice", 1))
    result = migrate_one("register", str(source), database_url, tmp_path)
    assert (result.status, closed(result)) == ("stopped", True)
    assert "Areas of choice" in str(result.message)
