"""The housing register's extracts that the made-up council writes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from estate.truth import Truth
from estate.world import World
from estate.writers import register


@pytest.fixture(scope="module")
def written(small_world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder, truth = tmp_path_factory.mktemp("register"), Truth()
    register.write(small_world, folder, truth)
    return folder, truth


def records(path: Path, encoding: str = "cp1252") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as lines:
        return list(csv.reader(lines))


def test_files_are_of_years_and_months(written: tuple[Path, Truth]) -> None:
    names = {path.stem for path in written[0].glob("APPLICATIONS_*.csv")}
    assert {f"APPLICATIONS_{year}" for year in range(2020, 2026)} <= names
    assert {f"APPLICATIONS_2026-0{month}" for month in range(1, 9)} <= names
    assert (written[0] / "LETTINGS_2024-25.csv").exists()


def test_columns_codes_and_line_ends_change(written: tuple[Path, Truth]) -> None:
    old, new = (records(written[0] / f"APPLICATIONS_{name}.csv") for name in ("2020", "2026-03"))
    assert old[0][0] == "APP_NO" and new[0][0] == "Application Ref"
    assert "POINTS" in old[0] and "Points" not in new[0] and "Areas" in new[0]
    assert {row[old[0].index("BAND")] for row in old[1:]} >= {"1", "2", "3", "4"}
    assert {row[new[0].index("Band")] for row in new[1:]} <= {"A", "B", "C", "D", "E+"}
    assert b"\r\n" in (written[0] / "APPLICATIONS_2020.csv").read_bytes()
    assert b"\r\n" not in (written[0] / "APPLICATIONS_2026-03.csv").read_bytes()


def test_one_year_is_in_another_encoding_and_says_so(written: tuple[Path, Truth]) -> None:
    assert (written[0] / "APPLICATIONS_2025.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    (written[0] / "APPLICATIONS_2023.csv").read_bytes().decode("cp1252")


def test_addresses_run_over_lines(written: tuple[Path, Truth]) -> None:
    rows = records(written[0] / "APPLICATIONS_2022.csv")
    at = rows[0].index("Current Address")
    assert sum("\n" in row[at] for row in rows[1:]) > len(rows) / 2


def test_broken_records_are_planted_by_their_line(written: tuple[Path, Truth]) -> None:
    faults = written[1].faults().to_pandas()
    broken = faults[faults["kind"] == "record-broken"]
    assert len(broken) > 0
    for fault in broken.itertuples():
        lines = (written[0] / str(fault.unit)).read_text("utf-8-sig" if "2025" in str(fault.unit) else "cp1252")
        assert "formerly known otherwise" in lines.split("\n")[int(str(fault.line).split(".")[0]) - 1]


def test_the_same_world_gives_the_same_bytes(written: tuple[Path, Truth], small_world: World, tmp_path: Path) -> None:
    register.write(small_world, tmp_path, Truth())
    for path in written[0].iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()
