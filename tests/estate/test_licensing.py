"""The register that the made-up council publishes."""

from __future__ import annotations

import csv
from pathlib import Path

from estate.truth import Truth
from estate.world import World
from estate.writers import licensing


def published(world: World, folder: Path) -> tuple[bytes, Truth]:
    truth = Truth()
    licensing.write(world, folder, truth)
    return (folder / licensing.FILE).read_bytes(), truth


def test_lines_end_with_a_carriage_return_and_the_last_one_with_nothing(small_world: World, tmp_path: Path) -> None:
    content, _ = published(small_world, tmp_path)
    assert b"\n" not in content
    assert not content.endswith(b"\r")
    assert content.split(b"\r")[0].decode() == ",".join(licensing.HEADER)


def test_the_same_world_gives_the_same_bytes(small_world: World, tmp_path: Path) -> None:
    assert published(small_world, tmp_path / "a")[0] == published(small_world, tmp_path / "b")[0]


def test_every_planted_row_stands_where_the_truth_says(small_world: World, tmp_path: Path) -> None:
    content, truth = published(small_world, tmp_path)
    lines = content.decode().split("\r")
    keys = [row[0] for row in csv.reader(lines) if row]
    faults = truth.faults().to_pandas()
    keyed = faults[faults["key"].notna()]
    assert len(keyed) and set(keyed["key"]) <= set(keys)
    assert all(keys.count(key) == 2 for key in keyed.loc[keyed["kind"] == "duplicate-key", "key"])
    for line in faults.loc[faults["kind"] == "record-broken", "line"]:
        assert len(next(csv.reader([lines[int(line) - 1]]))) == len(licensing.HEADER) + 1
    assert {"end-before-start", "code-unknown", "licence-overlap"} <= set(faults["kind"])
