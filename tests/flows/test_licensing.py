"""The register of houses in multiple occupation, from its file to reconciled licences."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.flows.support import judged, migrate_one, rows, written

ISSUES = "SELECT code, count(*) FROM restricted.issue WHERE closed_run_id IS NULL GROUP BY 1"
REGISTER = "hmo-register-oxford/hmo-simplified-register.csv"


def test_the_councils_register_closes_and_its_faults_are_caught(database_url: str, tmp_path: Path) -> None:
    source = written("licensing", tmp_path)
    first = migrate_one("licensing", str(source), database_url, tmp_path)
    assert first.status == "finished", first.message
    assert all(count.closes for count in first.counts)
    report = judged(database_url, tmp_path)
    assert report.passes, report
    again = migrate_one("licensing", str(source), database_url, tmp_path)
    assert [(c.loaded, c.ended, c.closes) for c in again.counts] == [(0, 0, True)]


@pytest.fixture
def register(real_files: Path, database_url: str, tmp_path: Path) -> Path:
    """The public register of 3,211 licences, migrated as it stands."""
    result = migrate_one("licensing", str(real_files / REGISTER), database_url, tmp_path)
    assert result.status == "finished", result.message
    (count,) = result.counts
    assert (count.extracted, count.loaded, count.quarantined, count.closes) == (3211, 3211, 0, True)
    return real_files / REGISTER


def test_the_public_register_is_mapped_as_it_stands(register: Path, database_url: str) -> None:
    found = dict(rows(database_url, ISSUES))
    # three licences expire before they start: two by a day, one because it starts in the year 3017
    assert found["LICENSING-LICENCES-LICENCE-EXPIRES-ORDER"] == 2
    assert found["LICENSING-LICENCES-LICENCE-COMMENCED-UNLIKELY"] == 1
    assert found["LICENSING-LICENCES-TOTAL-NUMBER-OCCUPANTS-MISSING"] == 2
    assert found["LICENSING-LICENCES-LOCATION-NO-POSTCODE"] == 27
    assert not any(code.endswith(("UNMAPPED", "CODEPAGE", "ROW-BROKEN")) for code in found)
    kinds = rows(database_url, "SELECT licence_type_code, count(*) FROM canonical.hmo_licence GROUP BY 1 ORDER BY 1")
    assert kinds == [("additional", 2505), ("mandatory", 706)]
    assert rows(database_url, "SELECT count(*) FROM canonical.hmo_licence WHERE unit_count IS NULL") == [(1649,)]
    twice = "SELECT count(*) FROM (SELECT FROM canonical.hmo_licence GROUP BY address_text HAVING count(*) > 1) t"
    assert rows(database_url, twice) == [(8,)]


def test_a_first_row_becomes_a_licence_and_its_application(register: Path, database_url: str) -> None:
    (licence,) = rows(
        database_url,
        "SELECT l.case_ref, l.address_text, l.postcode, l.max_occupants, l.unit_count, l.start_date::text, "
        "l.expiry_date::text, a.case_ref FROM canonical.hmo_licence l "
        "JOIN canonical.hmo_application a ON a.id = l.application_id WHERE l.source_row = 0",
    )
    case, address = "16/01202/HMOADS", "18 Abbey Road Oxford Oxfordshire OX2 0AE"
    assert licence == (case, address, "OX2 0AE", 4, None, "2016-05-13", "2021-01-24", case)


def test_a_later_register_of_another_name_is_compared_with_the_first(
    register: Path, database_url: str, tmp_path: Path
) -> None:
    later = tmp_path / "published last Tuesday.txt"
    lines = register.read_bytes().split(b"\r")
    changed = lines[1].replace(b",4,,", b",5,,")
    new = b"18/09999/HMOLIC,1 Abbey Road Oxford Oxfordshire OX2 0AE,6,6,01/02/2018,31/01/2019"
    later.write_bytes(b"\n".join([lines[0], changed, *lines[3:], new]))
    result = migrate_one("licensing", str(later), database_url, tmp_path)
    (count,) = result.counts
    assert (count.extracted, count.loaded, count.unchanged, count.ended, count.closes) == (3211, 2, 3209, 1, True)
    assert rows(database_url, "SELECT count(*) FROM history.hmo_licence") == [(1,)]


def test_a_workbook_in_place_of_the_register_stops_with_the_next_step(
    real_files: Path, database_url: str, tmp_path: Path
) -> None:
    workbook = tmp_path / "register.csv"
    shutil.copyfile(real_files / "README.md", workbook)
    workbook.write_bytes(b"PK\x03\x04" + workbook.read_bytes())
    result = migrate_one("licensing", str(workbook), database_url, tmp_path)
    assert result.status == "stopped"
    assert "Excel workbook" in str(result.message) and "Next step" in str(result.message)
