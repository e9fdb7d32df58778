"""Texts of several columns as one."""

from __future__ import annotations

import pandas as pd
import pytest

from mappings.rules import Joined, Parts, Text

RAW = pd.DataFrame(
    {"a": ["x", " ", None, "  "], "b": ["1 ", "2", None, None], "c": ["q", None, None, ""]}, dtype="string[pyarrow]"
)


@pytest.mark.parametrize("rule", [Joined(("a", "b", "c")), Parts(Text("a"), ("a", "b", "c"), ", ")])
def test_blanks_are_left_out_and_every_row_has_its_text(rule: Joined | Parts) -> None:
    assert rule.convert(RAW, {}).values.to_pylist() == ["x, 1, q", "2", None, None]
    assert rule.convert(RAW[2:], {}).values.to_pylist() == [None, None]
    assert rule.convert(RAW[:0], {}).values.to_pylist() == []
