"""What the benchmark of the feed holds against a reader: what is lost, what is out of order, what comes twice."""

from __future__ import annotations

import pandas as pd

from benchmarks.api.feed import _faults

VERSIONS = pd.Series({"a": 3, "b": 1})


def got(*lines: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=["id", "version"])


def test_every_version_once_and_in_order_is_without_fault() -> None:
    assert _faults(got(("a", 1), ("b", 1), ("a", 2), ("a", 3)), VERSIONS) == (0, 0, 0)


def test_each_fault_is_told() -> None:
    assert _faults(got(("a", 1), ("a", 3), ("b", 1)), VERSIONS) == (1, 0, 0)
    assert _faults(got(("a", 1), ("a", 3), ("a", 2), ("b", 1)), VERSIONS) == (0, 1, 0)
    assert _faults(got(("a", 1), ("a", 2), ("a", 2), ("a", 3), ("b", 1)), VERSIONS) == (0, 0, 1)
