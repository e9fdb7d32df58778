"""The gazetteer's supply: volumes whose header, trailer and records hold together."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from estate.truth import Truth
from estate.world import World
from estate.writers import gazetteer

FIELDS = {"10": 9, "11": 24, "15": 13, "21": 22, "23": 12, "24": 26, "28": 28, "31": 11, "32": 12, "99": 5}
"""Fields of each record type in the edition with latitude and longitude."""


@pytest.fixture
def supply(small_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Path], Truth]:
    monkeypatch.setattr(gazetteer, "VOLUME_RECORDS", 4_000)
    truth = Truth()
    gazetteer.write(small_world, tmp_path, truth)
    return sorted(tmp_path.iterdir()), truth


def records(path: Path) -> list[list[str]]:
    """The volume's records; a value never spans lines."""
    return [next(csv.reader([line])) for line in path.read_text("utf-8").splitlines()]


def test_each_volume_counts_its_records_and_names_the_next(supply: tuple[list[Path], Truth]) -> None:
    volumes, _ = supply
    assert len(volumes) > 1
    for number, path in enumerate(volumes, start=1):
        rows = records(path)
        assert (rows[0][0], rows[0][4]) == ("10", str(number))
        following = 0 if number == len(volumes) else number + 1
        assert rows[-1][:3] == ["99", str(following), str(len(rows) - 2)]


def test_records_have_the_fields_of_their_type_but_for_the_torn_ones(supply: tuple[list[Path], Truth]) -> None:
    volumes, truth = supply
    faults = truth.faults().to_pandas()
    torn = set(zip(faults["unit"], faults["line"], strict=True))
    seen = set()
    for path in volumes:
        for line, row in enumerate(records(path), start=1):
            if (path.name, line) in torn:
                assert len(row) < FIELDS[row[0]]
            else:
                assert len(row) == FIELDS[row[0]]
            seen.add(row[0])
    assert set(FIELDS) - {"31"} <= seen <= set(FIELDS)
    assert (faults["kind"] == "record-broken").any()


def test_there_are_about_four_times_as_many_units_as_homes(
    supply: tuple[list[Path], Truth], small_world: World
) -> None:
    units = sum(path.read_text("utf-8").count('\n21,"I"') for path in supply[0])
    assert 3.5 < units / small_world.homes < 6
