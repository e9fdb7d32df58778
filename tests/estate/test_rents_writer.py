"""The mainframe's files: their shape, their trailers, and that a seed decides every byte."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from estate import rents, world
from estate.truth import Truth
from estate.writers import rents as writer
from estate.writers.rent_postings import LENGTH


@pytest.fixture(scope="module")
def council() -> world.World:
    return world.build(100, seed=3)


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth()


@pytest.fixture(scope="module")
def folder(council: world.World, truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("mainframe")
    writer.write(council, target, truth)
    return target


def records(path: Path, length: int = LENGTH) -> np.ndarray:
    """One row of bytes a record."""
    return np.frombuffer(path.read_bytes(), np.uint8).reshape(-1, length)


def test_a_file_a_rent_year_with_header_and_trailer(folder: Path) -> None:
    names = sorted(path.name for path in folder.glob("RENTTRAN.*"))
    assert names == [f"RENTTRAN.Y{year}.DAT" for year in range(2016, 2026)]
    for name in names:
        found = records(folder / name)
        assert bytes(found[[0, -1], 0]).decode("cp1140") == "HT"
        assert bytes(found[-1, -3:]).decode("cp1140") == "EOF"


def test_the_trailer_counts_what_stands_in_the_file(folder: Path, year: int = 2019) -> None:
    found = records(folder / f"RENTTRAN.Y{year}.DAT")
    types = bytes(found[:, 0]).decode("cp1140")
    counts = [int(bytes(found[-1, at : at + 9]).decode("cp1140")) for at in (1, 17)]
    assert counts[1] == types.count("R")
    assert sum(counts) == len(found) - 2


def test_a_file_in_parts_has_one_trailer_over_them_all(
    council: world.World, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rents, "ACCOUNTS_AT_ONCE", 50)
    truth = Truth()
    writer.write(world.build(100, seed=3), tmp_path, truth)
    for year in range(2016, 2026):
        test_the_trailer_counts_what_stands_in_the_file(tmp_path, year)
    faults = truth.faults().to_pandas().query("kind == 'posting-broken'")
    for unit, line in zip(faults["unit"], faults["line"].astype(int), strict=True):
        assert not records(tmp_path / unit)[line - 1, :20].any()


def test_every_posting_of_the_year_is_there_and_repeated_ones_beside(
    council: world.World, truth: Truth, folder: Path
) -> None:
    faults: pd.DataFrame = truth.faults().to_pandas()
    again = faults[faults["kind"].isin(["posting-repeated", "posting-number-reused"])]
    of_year = again["key"].str.startswith("19")
    posted = sum(map(len, rents.postings(council, 2019)))
    assert len(records(folder / "RENTTRAN.Y2019.DAT")) == posted + of_year.sum() + 2


def test_the_copybooks_stand_beside_the_files(folder: Path) -> None:
    assert {path.name for path in folder.glob("*.cpy")} == {"rentacct.cpy", "rentcal.cpy", "renttran.cpy"}


def test_the_same_seed_writes_the_same_bytes(council: world.World, folder: Path, tmp_path: Path) -> None:
    writer.write(world.build(100, seed=3), tmp_path, Truth())
    assert {path.name: digest(path) for path in tmp_path.iterdir()} == {p.name: digest(p) for p in folder.iterdir()}


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
