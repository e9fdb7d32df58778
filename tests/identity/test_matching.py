"""A small delta is matched among what stands, and comes to what a matching of all records comes to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from identity import matching
from identity.flags import TOO_MANY
from identity.matching import KEYS, Matched, match
from identity.people.cluster import CLUSTERS, DECISIONS
from identity.people.model import load
from identity.people.resolve import ADDED
from tests.identity.people.conftest import CROWD, cleaned, said

JOHN = {"forename": "John", "surname": "Holroyd", "home": "home 1", "birth_date": "1950-03-04"}
JANE = {"forename": "Jane", "surname": "Eyre", "home": "home 2", "birth_date": "1961-07-08"}
BEFORE: list[dict[str, Any]] = [
    {"record_id": "a", **JOHN}, {"record_id": "b", **JOHN, "system": "works"}, {"record_id": "c", **JANE},
    {"record_id": "d", **JANE, "system": "works"}, *CROWD,
]  # fmt: skip
NOBODY, NOTHING = DECISIONS.empty_table(), CLUSTERS.empty_table()


def matched(rows: list[dict[str, Any]], folder: Path) -> Matched:
    return match(cleaned(rows), folder, NOBODY, NOTHING)


def joined(found: Matched) -> set[tuple[str, str]]:
    pairs = found.pairs[found.pairs["status"] == "joined"]
    return set(zip(pairs["left_id"], pairs["right_id"], strict=True))


def layers(folder: Path) -> int:
    return len(list((folder / ADDED).glob("[0-9]*")))


def test_a_small_delta_comes_to_what_a_matching_of_all_comes_to(tmp_path: Path) -> None:
    matched(BEFORE, tmp_path / "delta")
    after = [row for row in BEFORE if row["record_id"] != "d"]
    after = [*after, {"record_id": "e", **JOHN, "system": "register"}]
    after = [row | {"birth_date": "1999-01-09", "forename": "Zed"} if row["record_id"] == "b" else row for row in after]
    delta, full = matched(after, tmp_path / "delta"), matched(after, tmp_path / "full")
    assert layers(tmp_path / "delta") == 1, "what stood was not matched again"
    assert joined(delta) == joined(full) == {("a", "e")}
    one, other = (found.pairs.set_index(KEYS) for found in (delta, full))
    assert one.index.equals(other.index)
    assert one["status"].equals(other["status"])
    assert one["weight"].to_numpy() == pytest.approx(other["weight"].to_numpy(), abs=0.1), "pairs keep their weights"
    parts = [name for name in one if str(name).startswith("w_")]
    assert one[parts].sum(axis=1).to_numpy() == pytest.approx(one["weight"].to_numpy())


def test_where_nothing_changed_nothing_is_matched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = matched(BEFORE, tmp_path)
    for name in ("add", "resolve"):
        monkeypatch.delattr(matching, name)
    pd.testing.assert_frame_equal(matched(list(reversed(BEFORE)), tmp_path).pairs, first.pairs)


def test_a_large_delta_and_a_persons_word_are_matched_with_all(tmp_path: Path) -> None:
    matched(BEFORE, tmp_path)
    many = [row | {"birth_date": "1999-01-09"} for row in CROWD[:20]]
    matched([*BEFORE[:4], *many, *CROWD[20:]], tmp_path)
    assert layers(tmp_path) == 0
    told = match(cleaned([*BEFORE[:4], *many, *CROWD[20:]]), tmp_path, said(("a", "b", "not_same")), NOTHING)
    assert layers(tmp_path) == 0
    assert ("a", "b") not in joined(told)


def test_small_deltas_add_up_to_a_large_one(tmp_path: Path) -> None:
    matched(BEFORE, tmp_path)
    rows = BEFORE
    counted = []
    for turn in range(3):
        rows = [row | {"home": f"new home {turn} {at}"} if at < 4 else row for at, row in enumerate(rows)]
        matched(rows, tmp_path)
        counted.append(layers(tmp_path))
    assert counted == [1, 2, 0], "the third time more than the twentieth part of them differs from the last full run"


def test_a_placeholder_that_a_small_delta_brings_is_no_evidence(tmp_path: Path) -> None:
    """Ten people get an officer's own NI number: two who share a name besides are not one."""
    namesakes = [{"record_id": one, "forename": "Ann", "surname": "Holroyd", "home": f"home {one}"} for one in "xy"]
    before = [*({**row, "birth_date": None} for row in CROWD), *namesakes]
    matched(before, tmp_path)
    officer = {"national_insurance_number": "AB234567C"}
    found = matched([*before[:-10], *(row | officer for row in before[-10:])], tmp_path)
    assert joined(found) == set()
    assert found.crowds.to_dict("records") == [{"field": "nino", "values": 1}]
    again = matched([*before[:-11], *(row | officer for row in before[-11:])], tmp_path)
    assert layers(tmp_path) == 1, "what was a crowd already makes nobody be matched again"
    assert joined(again) == set()


def test_a_crowd_is_counted_and_the_join_of_a_cluster_that_is_full_is_told(tmp_path: Path) -> None:
    many = [{"record_id": f"p{place:04}", "system": "works", **JOHN} for place in range(1_000)]
    officer = [row | {"national_insurance_number": "AB234567C"} for row in CROWD]
    found = matched([*many, *officer], tmp_path)
    assert len(found.capped) == 1
    left_out = found.pairs[[TOO_MANY in vetoes for vetoes in found.pairs["vetoes"]]]
    assert len(left_out) == len(many) - load().cluster_limit
    assert set(left_out["status"]) == {"vetoed"}
    assert found.crowds["values"].sum() >= 1
    assert set(found.crowds) == {"field", "values"}, "no value of a person"
