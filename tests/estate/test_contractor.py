"""The contractors' tables, read back by an independent reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dbfread import DBF

from estate import world
from estate.truth import Truth
from estate.world import World
from estate.writers import contractor
from estate.writers.contractor_dirt import KEYS, LAYOUTS, OLD

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def small() -> World:
    return world.build(200, seed=7)


@pytest.fixture(scope="module")
def folder(small: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("contractor")
    contractor.write(small, target, Truth())
    return target


def raw(folder: Path, table: str) -> Rows:
    """The table's living records as bytes."""
    return [dict(row) for row in DBF(str(folder / f"{table}.DBF"), raw=True, ignore_missing_memofile=True)]


def texts(rows: Rows, field: str) -> Iterator[str]:
    return (row[field].decode("cp1252").strip() for row in rows)


def test_the_same_world_gives_the_same_bytes(small: World, folder: Path, tmp_path: Path) -> None:
    contractor.write(world.build(200, seed=7), tmp_path, Truth())
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {p.name: p.read_bytes() for p in folder.iterdir()}


def test_tables_have_the_shape_of_their_product(folder: Path) -> None:
    for table in LAYOUTS:
        first = (folder / f"{table}.DBF").read_bytes()[0]
        assert first == (0x30 if table not in OLD else 0x83 if table == "EICR" else 0x03)
    endings = {path.suffix for path in folder.iterdir()}
    assert endings == {".DBF", ".FPT", ".DBT"}


def test_every_field_name_is_one_that_dbase_can_hold() -> None:
    names = [field.split()[0] for layout in LAYOUTS.values() for field in layout.split(", ")]
    assert all(len(name) <= 10 and name.isupper() for name in names)
    assert KEYS.keys() == LAYOUTS.keys()


def test_deleted_records_stay_in_the_tables(folder: Path) -> None:
    jobs = DBF(str(folder / "JOBS.DBF"), raw=True, ignore_missing_memofile=True)
    assert 0.015 < len(jobs.deleted) / len(jobs) < 0.03
    living = set(texts(raw(folder, "JOBS"), "JOBNO"))
    assert {row["JOBNO"].decode().strip() for row in jobs.deleted} <= living


def test_records_refer_to_what_is_there_but_for_the_planted_ones(folder: Path) -> None:
    homes = set(texts(raw(folder, "PROPLIST"), "PROPNO"))
    jobs = raw(folder, "JOBS")
    astray = [ref for ref in texts(jobs, "PROPNO") if ref not in homes]
    assert astray and all(ref.startswith("9") for ref in astray)
    assert set(texts(raw(folder, "JOBLINE"), "JOBNO")) <= set(texts(jobs, "JOBNO"))


def test_what_is_planted_stands_where_the_truth_says(small: World, tmp_path: Path) -> None:
    truth = Truth()
    contractor.write(small, tmp_path, truth)
    faults = truth.faults().to_pandas()
    lines = faults[faults["line"].notna()]
    overflow = lines[lines["kind"] == "number-overflow"]
    table = tmp_path / "JOBLINE.DBF"
    data = np.frombuffer(table.read_bytes(), np.uint8)
    head, width = int.from_bytes(data[8:10].tobytes(), "little"), int.from_bytes(data[10:12].tobytes(), "little")
    records = data[head:-1].reshape(-1, width)
    stars = {at + 1 for at, record in enumerate(records) if record.tobytes().count(b"*") == 9}
    assert set(overflow["line"].astype(int)) == stars != set()
    assert set(lines["kind"]) == {"number-overflow", "memo-missing", "record-broken", "date-impossible"}
    assert faults.loc[faults["line"].isna(), "key"].notna().all()


def test_jobs_are_worth_their_lines_and_the_services_run_from_year_to_year(small: World) -> None:
    planned = small.planned
    sums = planned.lines.groupby("planned_job_id")["amount_pence"].sum()
    assert (sums.to_numpy() == planned.jobs["value_pence"].to_numpy()).all()
    gas = planned.gas_services
    assert (gas.groupby("property_id").size() == 3).all()
    assert gas.loc[gas["certificate_no"] != "", "certificate_no"].is_unique
    visits = planned.servicing.visits
    today = np.datetime64(small.today, "s")
    assert ((visits["date"] >= today) == (visits["outcome"] == "booked")).all()
    assert (visits["booked_date"] < visits["date"]).all()
