"""The whole way on random people: the same however it is run, capped where it must be, resumed where it was killed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from identity.people import add, resolve, score
from identity.people import resolve as resolve_people
from identity.people.model import load
from identity.people.resolve import FINGERPRINT
from ledger.errors import ConfigurationFault, ContractBroken
from tests.identity.people.conftest import CROWD, cleaned, groups

FORENAMES = ("John", "Jack", "James", "Mary", "Maria", "Samuel", "Sam", "Samantha", "Mohammed", "Muhammad", "Ann")
SURNAMES = ("Smith", "Smyth", "Khan", "Jones", "O'Brien", "Begum", "Holroyd", "de Vere")


def random_rows(seed: int, people: int = 60, records: int = 200) -> list[dict[str, Any]]:
    """Records of few people who are hard to tell apart: few names and homes, and each fact often missing or wrong."""
    rng = np.random.default_rng(seed)
    of = rng.integers(people, size=records)
    rows = []
    for place, person in enumerate(of):
        own = np.random.default_rng(1_000 + person)
        forename, surname, home, month = (
            own.choice(FORENAMES),
            own.choice(SURNAMES),
            own.integers(20),
            own.integers(1, 13),
        )
        row: dict[str, Any] = {"record_id": f"r{place:04}", "system": f"s{place % 5}", "forename": forename,
                               "surname": surname, "home": f"home {home}"}  # fmt: skip
        if rng.random() < 0.3:
            row["forename"] = forename[0]
        if rng.random() < 0.5:
            day = 1 if rng.random() < 0.1 else own.integers(1, 28)
            row["birth_date"] = f"{own.integers(1940, 2000)}-{month:02}-{day:02}"
        if rng.random() < 0.4:
            row["national_insurance_number"] = f"AB{own.integers(10**6):06}C"
        if rng.random() < 0.3:
            row["phones"] = [f"077009{own.integers(10**5):05}"]
        rows.append(row)
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_neither_the_order_of_rows_nor_the_threads_matter(seed: int, tmp_path: Path) -> None:
    records = cleaned(random_rows(seed))
    shuffled = records.take(pa.array(np.random.default_rng(seed).permutation(records.num_rows)))
    one, other = resolve(records, tmp_path / "one", threads=2), resolve(shuffled, tmp_path / "other", threads=1)
    for stage, name in (("clusters", "clusters"), ("clusters", "edges"), ("clusters", "doubtful"), ("pairs", "pair")):
        paths = [tmp_path / run / stage / f"{name}.parquet" for run in ("one", "other")]
        assert paths[0].read_bytes() == paths[1].read_bytes(), name
    assert one.vetoed.equals(other.vetoed)


@pytest.mark.parametrize("seed", range(3))
def test_no_cluster_holds_what_a_veto_keeps_apart(seed: int, tmp_path: Path) -> None:
    records = cleaned(random_rows(seed))
    found = records.to_pandas().merge(resolve(records, tmp_path).clusters.to_pandas(), on="record_id")
    both = found.merge(found, on="cluster").query("record_id_x < record_id_y")
    known = both.dropna(subset=["nino_x", "nino_y"])
    assert len(known)
    wrong = [
        sum(a != b for a, b in zip(x, y, strict=True)) for x, y in zip(known["nino_x"], known["nino_y"], strict=True)
    ]
    assert max(wrong) <= 2


@pytest.mark.parametrize("seed", range(3))
def test_a_second_run_changes_nothing(seed: int, tmp_path: Path) -> None:
    records = cleaned(random_rows(seed))
    first = resolve(records, tmp_path / "first")
    again = resolve(records, tmp_path / "again", previous=first.clusters)
    assert again.clusters.equals(first.clusters)
    assert again.edges.equals(first.edges)


def test_weights_sum_from_their_parts(tmp_path: Path) -> None:
    pairs = pd.read_parquet(resolve(cleaned(random_rows(1)), tmp_path).pairs)
    parts = pairs[[name for name in pairs.columns.astype(str) if name.startswith("w_")]].sum(axis=1)
    assert len(pairs) > 100
    assert (parts - pairs["weight"]).abs().max() < 1e-5


def test_what_stood_before_needs_less_to_stay(tmp_path: Path) -> None:
    records, model = cleaned(random_rows(2)), load()
    low = resolve(records, tmp_path / "low")
    high = replace(model, thresholds=replace(model.thresholds, join=8.0))
    anew = groups(resolve(records, tmp_path / "anew", model=high).clusters)
    kept = groups(resolve(records, tmp_path / "kept", previous=low.clusters, model=high).clusters)
    assert anew != groups(low.clusters)
    assert all(any(group <= other for other in kept) for group in groups(low.clusters))


def test_a_placeholder_in_five_thousand_records_is_no_evidence(tmp_path: Path) -> None:
    """An officer's NI number and the address of those who have none: flagged, and nobody becomes a giant."""
    rows = [
        {"record_id": f"p{place:05}", "forename": FORENAMES[place % 11], "home": "no fixed abode",
         "surname": "Ash" + "".join(chr(97 + place // by % 26) for by in (676, 26, 1)),
         "national_insurance_number": "QQ123456C"} for place in range(5_000)
    ]  # fmt: skip
    found = resolve(cleaned(rows), tmp_path)
    assert {(row["field"], row["people"] > 1_000) for row in found.flags.to_pylist()} == {
        ("nino", True),
        ("home", True),
    }
    assert max((len(group) for group in groups(found.clusters)), default=1) < 10


def test_one_person_in_five_thousand_records_is_capped_and_flagged(tmp_path: Path) -> None:
    one = {"forename": "John", "surname": "Holroyd", "home": "home 1", "birth_date": "1950-03-04"}
    rows = [{"record_id": f"p{place:05}", "system": "works", **one} for place in range(5_000)]
    found = resolve(cleaned([*rows, *CROWD]), tmp_path)
    limit = load().cluster_limit
    assert max(len(group) for group in groups(found.clusters)) == limit
    assert found.capped.num_rows >= 1


def test_a_source_without_names_joins_nobody(tmp_path: Path) -> None:
    rows = [{"record_id": f"n{place:03}", "home": f"home {place % 5}"} for place in range(300)]
    assert groups(resolve(cleaned(rows), tmp_path).clusters) == set()


def test_twice_the_usual_pairs_stop(tmp_path: Path) -> None:
    model = replace(load(), pairs_per_node=0.1)
    with pytest.raises(ContractBroken, match=r"pairs of person records look alike.*Next step"):
        resolve(cleaned(random_rows(1, people=20, records=600)), tmp_path, model=model)


def test_twice_the_usual_pairs_stop_an_addition_too(tmp_path: Path) -> None:
    many = random_rows(1, people=20, records=600)
    model = replace(load(), pairs_per_node=0.1)
    resolve(cleaned(many[:60]), tmp_path, model=model)
    with pytest.raises(ContractBroken, match=r"pairs of person records look alike.*Next step"):
        add(cleaned(many[60:]), tmp_path, model=model)


def test_a_level_that_never_trained_stops(tmp_path: Path) -> None:
    model = load()
    levels = [dict(level) for level in model.comparisons[0]["comparison_levels"]]
    levels[1]["m_probability"] = None
    comparisons = (model.comparisons[0] | {"comparison_levels": levels}, *model.comparisons[1:])
    with pytest.raises(ConfigurationFault, match="never trained: forename: same"):
        resolve(cleaned(random_rows(1)), tmp_path, model=replace(model, comparisons=comparisons))


@pytest.mark.parametrize("gone", ["evidence", "pairs", "clusters"])
def test_a_killed_run_goes_on_where_it_was(gone: str, tmp_path: Path) -> None:
    records = cleaned(random_rows(1))
    whole = resolve(records, tmp_path)
    stages = ["evidence", "pairs", "clusters"]
    times = {stage: (tmp_path / stage / FINGERPRINT).stat().st_mtime_ns for stage in stages}
    for stage in stages[stages.index(gone) :]:
        (tmp_path / stage).rename(tmp_path / f"{stage}.part")  # as a kill leaves it: never named
    assert resolve(records, tmp_path).clusters.equals(whole.clusters)
    kept = stages[: stages.index(gone)]
    assert {stage: (tmp_path / stage / FINGERPRINT).stat().st_mtime_ns for stage in kept} == {
        stage: times[stage] for stage in kept
    }


@pytest.mark.parametrize("seed", range(3))
def test_an_addition_gives_what_a_full_run_gives(seed: int, tmp_path: Path) -> None:
    records = cleaned(random_rows(seed, people=300, records=700))
    new = pa.array(np.arange(records.num_rows) % 70 == 3)
    old = records.filter(pc.invert(new))
    base = resolve(old, tmp_path / "added")
    added = add(records.filter(new), tmp_path / "added").clusters.to_pandas().set_index("record_id")["cluster"]
    full = (
        resolve(records, tmp_path / "full", previous=base.clusters)
        .clusters.to_pandas()
        .set_index("record_id")["cluster"]
    )
    before = base.clusters.to_pandas().set_index("record_id")["cluster"]
    now = pd.concat([before[~before.index.isin(added.index)], added])
    both = pd.DataFrame({"now": now, "full": full})
    one, other = both.groupby("now")["full"].transform("nunique"), both.groupby("full")["now"].transform("nunique")
    assert len(both) == records.num_rows
    assert not ((one > 1) | (other > 1)).any()


def test_an_addition_replaces_and_ends_records(tmp_path: Path) -> None:
    john = {"forename": "John", "surname": "Holroyd", "home": "home 1", "birth_date": "1950-03-04"}
    resolve(cleaned([{"record_id": one, **john} for one in "abc"] + CROWD), tmp_path)
    changed = add(cleaned([{"record_id": "b", **john, "birth_date": "1980-09-09"}]), tmp_path, ended=["c"])
    assert groups(changed.clusters) == set()
    again = add(cleaned([{"record_id": "b", **john}, {"record_id": "d", **john}]), tmp_path)
    assert groups(again.clusters) == {frozenset("abd")}


def test_additions_one_after_another_give_what_full_runs_give(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows: dict[str, dict[str, Any]] = {row["record_id"]: row for row in random_rows(1, people=200, records=500)}
    later = [row | {"record_id": f"n{place:03}"} for place, row in enumerate(random_rows(2, people=200, records=30))]
    stood = resolve(cleaned(list(rows.values())), tmp_path / "added").clusters.to_pandas()
    for turn in range(3):
        before = pa.Table.from_pandas(stood, preserve_index=False)
        gone, moved = np.split(rng.choice(sorted(rows), 6, replace=False), 2)
        changed = [rows[one] | {"home": f"home {rng.integers(20)}", "birth_date": None} for one in moved]
        new = later[10 * turn : 10 * (turn + 1)] + changed
        rows = {one: row for one, row in rows.items() if one not in gone}
        rows |= {row["record_id"]: row for row in new}
        found = add(cleaned(new), tmp_path / "added", ended=list(gone)).clusters.to_pandas()
        stood = pd.concat([stood[~stood["record_id"].isin([*found["record_id"], *gone])], found])
        full = resolve(cleaned(list(rows.values())), tmp_path / f"full {turn}", previous=before)
        assert groups(pa.Table.from_pandas(stood, preserve_index=False)) == groups(full.clusters)


def test_an_addition_minds_namesakes_that_no_pair_leads_to(tmp_path: Path) -> None:
    """Whose the record without a title or date is nobody can tell where Mr and Miss M Raja live together."""
    home = {"surname": "Raja", "home": "home 1"}
    stood: list[dict[str, Any]] = [
        {"record_id": "a", "forename": "Muhammad", "title": "Mr", **home},
        {"record_id": "b", "forename": "M", "title": "Miss", "phones": ["07700900123"], **home},
        *CROWD,
    ]
    new: list[dict[str, Any]] = [
        {"record_id": "c", "forename": "Muhammad", "title": "Mr", "phones": ["07700900456"], **home}
    ]
    base = resolve(cleaned(stood), tmp_path / "added")
    added = add(cleaned(new), tmp_path / "added")
    full = resolve(cleaned([*stood, *new]), tmp_path / "full", previous=base.clusters)
    assert groups(added.clusters) == groups(full.clusters)


def test_an_addition_that_is_alike_in_all_evidence_joins_the_node_that_stands(tmp_path: Path) -> None:
    john = {"forename": "John", "surname": "Holroyd", "home": "home 1", "birth_date": "1950-03-04"}
    resolve(cleaned([{"record_id": "b", **john}, *CROWD]), tmp_path / "added")
    added = add(cleaned([{"record_id": "a", **john}, {"record_id": "c", **john}]), tmp_path / "added")
    full = resolve(cleaned([{"record_id": one, **john} for one in "abc"] + CROWD), tmp_path / "full")
    assert len(set(added.members["node"].to_pylist())) == 1
    of = pa.array(["a", "b", "c"])
    assert added.edges.equals(full.edges.filter(pc.is_in(full.edges["right_id"], of)))


def test_an_addition_is_scored_by_the_sql_that_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    john = {"forename": "John", "surname": "Holroyd", "home": "home 1", "birth_date": "1950-03-04"}
    resolve(cleaned([{"record_id": "a", **john}, *CROWD]), tmp_path)
    monkeypatch.delattr(score, "Linker")
    assert groups(add(cleaned([{"record_id": "b", **john}]), tmp_path).clusters) == {frozenset("ab")}


def test_nothing_is_added_where_no_full_run_stands(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault, match="Run the full resolution first"):
        add(cleaned(CROWD[:3]), tmp_path)


def test_igraph_is_never_imported(tmp_path: Path) -> None:
    import sys  # noqa: PLC0415

    resolve_people(cleaned(CROWD), tmp_path)
    assert "igraph" not in sys.modules
