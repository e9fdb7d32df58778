"""What the benchmark of the feed holds against a reader: what is lost, what is out of order, what comes twice."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks.api.feed import _faults, _last_cursor

VERSIONS = pd.Series({"a": 3, "b": 1})


def got(*lines: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=["id", "version"])


def test_every_version_once_and_in_order_is_without_fault() -> None:
    assert _faults(got(("a", 1), ("b", 1), ("a", 2), ("a", 3)), VERSIONS) == (0, 0, 0)


def test_each_fault_is_told() -> None:
    assert _faults(got(("a", 1), ("a", 3), ("b", 1)), VERSIONS) == (1, 0, 0)
    assert _faults(got(("a", 1), ("a", 3), ("a", 2), ("b", 1)), VERSIONS) == (0, 1, 0)
    assert _faults(got(("a", 1), ("a", 2), ("a", 2), ("a", 3), ("b", 1)), VERSIONS) == (0, 0, 1)


def test_a_reader_goes_on_from_the_last_cursor_in_its_file(tmp_path: Path) -> None:
    file = tmp_path / "reader"
    file.write_text("a,1,0.1,\na,2,,one\nb,1,,\nb,2,,tw")
    assert _last_cursor(str(file)) == "one"
    assert file.read_text() == "a,1,0.1,\na,2,,one\n"
    file.write_text("a,1,")
    assert (_last_cursor(str(file)), file.read_text()) == ("", "")
