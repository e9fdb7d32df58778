"""The national lettings log: the real bulk upload file, from its eight header rows to a letting."""

from __future__ import annotations

from pathlib import Path

from tests.flows.support import migrate_one, rows

FILE = "core-lettings/2026_27_lettings_bulk_upload.csv"


def test_the_real_bulk_upload_file_is_mapped(real_files: Path, database_url: str, tmp_path: Path) -> None:
    result = migrate_one("core_lettings", str(real_files / FILE), database_url, tmp_path)
    assert result.status == "finished", result.message
    (count,) = result.counts
    assert (count.extracted, count.loaded, count.quarantined, count.closes) == (1, 1, 0, True)
    assert rows(database_url, "SELECT count(*) FROM restricted.issue") == [(0,)]
    (letting,) = rows(
        database_url,
        "SELECT property_ref, address_text, postcode, start_date::text, void_date::text, letting_type_code, "
        "rent_type_code, source_of_letting_code, bedrooms, is_starter_tenancy, lead_tenant_age_years, was_homeless, "
        "charge_frequency_code, basic_rent::text FROM canonical.letting",
    )
    assert letting == (
        *("1", "a, a, a, a", "A1 1AA", "2026-04-01", "2025-04-01", "general_needs", "social", "choice_based"),
        *(1, True, 20, False, "weekly", "100.00"),
    )


def test_a_log_of_another_year_stops_the_system(real_files: Path, database_url: str, tmp_path: Path) -> None:
    content = (real_files / FILE).read_bytes()
    (tmp_path / "log.csv").write_bytes(content.replace(b",146,147", b",146,148", 1))
    result = migrate_one("core_lettings", str(tmp_path / "log.csv"), database_url, tmp_path)
    assert result.status == "stopped" and "148" in str(result.message), result.message
