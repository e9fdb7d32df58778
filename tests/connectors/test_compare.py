"""A batch beside the last one: what is new, changed, unchanged, vanished, and what stands twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors import compare as comparing
from connectors.compare import Delta, compare, load_fates, save_fates
from ledger.values import Batch, Part
from tests.connectors.contract import a_table

Lines = list[tuple[str | None, int]]


def batch(folder: Path, *parts: Lines) -> Batch:
    """A batch of these parts; a line is a key and a row hash."""
    folder.mkdir(exist_ok=True)
    made, first = [], 0
    for number, lines in enumerate(parts):
        path = folder / f"part-{number}.parquet"
        keys, hashes = pa.array([k for k, _ in lines], pa.string()), pa.array([h for _, h in lines], pa.int64())
        pq.write_table(pa.table({"_key": keys, "_row_hash": hashes}), path)
        made.append(Part(path, "unit", None, len(lines), first))
        first += len(lines)
    return Batch(a_table("t", "k"), 1, 1, folder, tuple(made), (), ("k",), "")


def fates(lines: Lines, *, fate: str = "loaded", retry: bool = False) -> pd.DataFrame:
    frame = pd.DataFrame({"key": [k for k, _ in lines], "row_hash": [h for _, h in lines]})
    return frame.assign(fate=fate, retry=retry)


def test_all_is_new_at_first(tmp_path: Path) -> None:
    delta = compare(batch(tmp_path, [("a", 1), (None, 2)], [("b", 3)]), None, remap=False)
    assert delta.first and delta.to_map.tolist() == [0, 1, 2]


def test_changed_new_unchanged_and_vanished_are_told_apart(tmp_path: Path) -> None:
    delta = compare(
        batch(tmp_path, [("a", 1), ("b", 9)], [("d", 4)]), fates([("a", 1), ("b", 2), ("c", 3)]), remap=False
    )
    assert delta.to_map.tolist() == [1, 2]
    assert delta.rows["fate"].tolist()[0] == "unchanged"
    assert delta.vanished == ("c",)


def test_the_same_lines_again_need_no_work(tmp_path: Path) -> None:
    lines: Lines = [("a", 1), ("b", 2)]
    delta = compare(batch(tmp_path, lines), fates(lines), remap=False)
    assert (delta.to_map.tolist(), delta.vanished) == ([], ())
    assert compare(batch(tmp_path, lines), fates(lines), remap=True).to_map.tolist() == [0, 1]


def test_what_may_be_better_now_is_tried_again(tmp_path: Path) -> None:
    lines: Lines = [("a", 1)]
    judged = fates(lines, fate="quarantined", retry=True)
    assert compare(batch(tmp_path, lines), judged, remap=False).to_map.tolist() == [0]
    settled = fates(lines, fate="quarantined")
    assert compare(batch(tmp_path, lines), settled, remap=False).rows["fate"].tolist() == ["quarantined"]


def test_a_line_twice_is_merged_and_a_key_twice_is_quarantined(tmp_path: Path) -> None:
    delta = compare(batch(tmp_path, [("a", 1), ("b", 2), ("a", 1), ("b", 3), (None, 5), (None, 5)]), None, remap=False)
    assert (delta.copies.tolist(), delta.conflicts.tolist()) == ([2], [3])
    assert delta.to_map.tolist() == [0, 1, 4, 5]


def test_the_other_record_of_a_key_is_mapped_when_the_first_is_gone(tmp_path: Path) -> None:
    earlier = pd.concat([fates([("a", 1)]), fates([("a", 2)], fate="quarantined")])
    delta = compare(batch(tmp_path, [("a", 2)]), earlier, remap=False)
    assert (delta.to_map.tolist(), delta.vanished) == ([0], ())


def test_fates_are_kept_as_they_are(tmp_path: Path) -> None:
    save_fates(tmp_path, fates([("a", 1), ("b", 2)]))
    kept = load_fates(tmp_path)
    assert kept is not None and kept["key"].tolist() == ["a", "b"]
    assert load_fates(tmp_path / "nowhere") is None
    assert np.array_equal(kept["row_hash"], [1, 2])


def test_of_one_key_the_row_that_stood_before_stands_again(tmp_path: Path) -> None:
    # a database may give rows of one key in any order
    before = pd.concat([fates([("a", 1)], fate="quarantined"), fates([("a", 2), ("b", 3)])], ignore_index=True)
    delta = compare(batch(tmp_path, [("a", 1), ("a", 2), ("b", 3)]), before, remap=False)
    assert delta.rows["fate"].fillna("to be judged").tolist() == ["quarantined", "to be judged", "unchanged"]
    assert delta.rows["retry"].tolist() == [True, True, False]
    assert (delta.conflicts.tolist(), delta.vanished) == ([0], ())


def told(delta: Delta) -> tuple[object, ...]:
    rows = [delta.rows[name].astype(object).where(delta.rows[name].notna(), None).tolist() for name in delta.rows]
    return rows, delta.to_map.tolist(), delta.conflicts.tolist(), delta.copies.tolist(), delta.vanished


@pytest.mark.parametrize("remap", [False, True])
def test_share_by_share_the_difference_is_that_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remap: bool
) -> None:
    random = np.random.default_rng(41)
    keys = ["", "a", "b", "ab", "ba", "é", "1|2", "2|1", "12", None]
    names = ["loaded", "unchanged", "merged", "quarantined", "excluded"]

    def lines(most: int) -> Lines:
        return [(keys[random.integers(len(keys))], int(random.integers(3))) for _ in range(random.integers(most))]

    for n in range(40):
        landed, known = batch(tmp_path / str(n), lines(9), lines(9), lines(2)), fates(lines(20))
        known = known.assign(fate=random.choice(names, len(known)), retry=random.random(len(known)) < 0.2)
        whole = compare(landed, known, remap=remap)
        with monkeypatch.context() as small:
            small.setattr(comparing, "KEY_ROWS", int(random.integers(1, 6)))
            assert told(compare(landed, known, remap=remap)) == told(whole)
