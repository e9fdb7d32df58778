"""The whole estate: every kind of dirt is planted as stated, and the truth knows whom every system is about."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from estate import council
from estate.dirt import HABITS, RATES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("council") / "estate"
    council.write(target, council.Size(600, seed=7), tenancy_url=f"sqlite:///{target / 'tenancy.sqlite'}")
    return target


def test_it_says_what_was_written(folder: Path) -> None:
    assert council.written(folder) == council.Size(600, 7)
    assert all(any((folder / place).iterdir()) for place in council.FOLDERS.values())


def test_every_kind_is_planted_or_is_a_habit_and_is_revealed_as_stated(folder: Path) -> None:
    faults = pd.read_parquet(folder / "truth/faults.parquet")
    stated = {(kind, dirt.revealed_by) for kind, dirt in RATES.items() if kind not in HABITS}
    assert set(faults[["kind", "revealed_by"]].itertuples(index=False, name=None)) == stated


def test_what_other_code_wrote_is_not_taken_for_it(folder: Path, tmp_path: Path) -> None:
    note = (folder / "estate.json").read_text("utf-8")
    assert council.written(tmp_path) is None
    (tmp_path / "estate.json").write_text(note, "utf-8")
    assert council.written(tmp_path) == council.written(folder)
    (tmp_path / "estate.json").write_text(note.replace('"written_by": "', '"written_by": "0'), "utf-8")
    assert council.written(tmp_path) is None


@pytest.mark.parametrize(
    ("file", "systems"),
    [
        ("people", {"tenancy", "rents", "works", "contractor", "register", "drs", "payments"}),
        ("properties", {"tenancy", "rents", "works", "contractor", "stock", "register", "drs", "gazetteer"}),
    ],
)
def test_the_truth_knows_who_is_who_in_every_system_that_holds_them(folder: Path, file: str, systems: set[str]) -> None:
    known = pd.read_parquet(folder / f"truth/{file}.parquet")
    assert set(known["system"]) == systems
    assert (known.iloc[:, -1] >= 0).all()
