"""The stock workbooks that the made-up council writes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from connectors.files import sha256_of
from estate.truth import Truth
from estate.world import World
from estate.writers import stock


@pytest.fixture(scope="module")
def written(small_world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder, truth = tmp_path_factory.mktemp("stock"), Truth()
    stock.write(small_world, folder, truth)
    return folder, truth


def sheet(folder: Path, year: int, name: str) -> list[list[object]]:
    with CalamineWorkbook.from_path(folder / f"STOCK_{year}.xlsx") as book:
        return [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]


def test_there_is_a_workbook_a_year(written: tuple[Path, Truth]) -> None:
    assert sorted(path.name for path in written[0].iterdir()) == [f"STOCK_{year}.xlsx" for year in range(2021, 2027)]


def test_the_same_world_gives_the_same_bytes(written: tuple[Path, Truth], small_world: World, tmp_path: Path) -> None:
    stock.write(small_world, tmp_path, Truth())
    for path in written[0].iterdir():
        assert sha256_of(path) == sha256_of(tmp_path / path.name)


def test_headers_and_titles_drift(written: tuple[Path, Truth]) -> None:
    first = sheet(written[0], 2021, "Property List")
    assert str(first[0][0]).startswith("Kelborough Council") and first[3][0] == "Property No"
    assert sheet(written[0], 2023, "Properties")[0][0] == "Asset Number"
    assert sheet(written[0], 2026, "Properties")[0][0] == "Asset Ref"
    assert "Install Date" not in sheet(written[0], 2023, "Components")[0]
    assert "Install Date" in sheet(written[0], 2024, "Components")[0]


def test_cells_change_their_kind(written: tuple[Path, Truth]) -> None:
    def kinds(year: int, name: str, column: str, header: int) -> set[type]:
        rows = sheet(written[0], year, name)
        at = rows[header].index(column)
        return {type(row[at]) for row in rows[header + 1 :] if row[at] != ""}

    assert kinds(2022, "Certificates", "Issue Date", 3) == {str}
    assert date in kinds(2024, "Certificates", "Issued", 0)
    assert kinds(2022, "Components", "Condition", 3) == {str}
    assert float in kinds(2025, "Components", "Condition", 0)
    assert float in kinds(2023, "Properties", "UPRN", 0) and kinds(2024, "Properties", "UPRN", 0) == {str}


def test_every_property_stands_once_but_for_repeats(written: tuple[Path, Truth], small_world: World) -> None:
    refs: list[object] = []
    for year in range(2021, 2027):
        rows = sheet(written[0], year, "Property List" if year == 2021 else "Properties")
        refs += [row[0] for row in rows[4 if year < 2023 else 1 :]]
    homes = small_world.places.properties["is_dwelling"].sum()
    faults = written[1].faults().to_pandas()
    forgotten = faults.loc[faults["kind"] == "property-missing", "key"]
    assert forgotten.isin(small_world.places.properties["property_ref"]).all()
    missing = len(forgotten)
    blocks = small_world.places.properties["asset_type"].isin(["block", "lift"]).sum()
    assert len(set(refs)) == homes + blocks - missing
    assert len(set(refs)) < len(refs) < len(set(refs)) * 1.05


def test_the_truth_names_each_fault_by_key(written: tuple[Path, Truth]) -> None:
    faults = written[1].faults().to_pandas()
    assert faults["key"].notna().all()
    assert {"error-cell", "number-as-text", "orphan-key", "date-impossible", "code-retired"} <= set(faults["kind"])
    assert set(faults["table"]) == {"properties", "surveys", "components", "certificates"}
