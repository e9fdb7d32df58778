from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.payment_refs import holds
from mirror.masks.references import references, source_keys

KEY, OTHER = bytes(range(32)), bytes(32)


def masked(*values: str | None, key: bytes = KEY) -> list[str | None]:
    found: list[str | None] = references(key, pa.array(values, pa.string())).to_pylist()
    return found


@settings(deadline=None, max_examples=50)
@given(st.lists(st.from_regex(r"[A-Z]{0,3}[0-9]{0,14}(/[0-9]{1,4})?", fullmatch=True), min_size=1))
def test_format_stays_digit_by_digit(values: list[str]) -> None:
    for before, after in zip(values, masked(*values), strict=True):
        assert after is not None
        assert re.sub(r"\d", "9", after) == re.sub(r"\d", "9", before)
        assert [len(run) - len(run.lstrip("0")) for run in re.findall(r"\d+", after)] == [
            len(run) - len(run.lstrip("0")) for run in re.findall(r"\d+", before)
        ]


@pytest.mark.parametrize("digits", [7, 8, 10, 11, 12, 16])
def test_no_two_of_200_000_become_one_and_none_stays(digits: int) -> None:
    numbers = np.random.default_rng(digits).integers(10 ** (digits - 1), 10**digits, 200_000)
    column = pa.array(numbers.astype(str)).unique()
    found = references(KEY, column)
    assert pc.count_distinct(found).as_py() == len(column)
    assert not pc.any(pc.equal(found, column)).as_py()
    assert pc.sum(pc.equal(found, references(OTHER, column))).as_py() < 5


def test_all_numbers_of_a_length_are_permuted() -> None:
    column = pa.array([f"{number:04d}" for number in range(10_000)])
    assert set(references(KEY, column).to_pylist()) == set(column.to_pylist())


def test_payment_references_keep_their_check_digit_right_or_wrong() -> None:
    refs = [f"{number}{digit}" for number in range(100_000_000, 100_000_300) for digit in range(10)]
    found = masked(*refs)
    assert len(set(found)) == len(refs)
    assert [holds(ref) for ref in found if ref] == [holds(ref) for ref in refs]


def test_what_fitted_goes_on_fitting() -> None:
    whole, part, prefixed, padded, bare = masked("0000417/1", "0000417", "P900001", "00012207", "12207")
    assert whole == f"{part}/1"
    assert prefixed == f"P{masked('900001')[0]}"
    assert padded == f"000{bare}"
    assert masked(None, "", "A1", "DLO") == [None, "", "A1", "DLO"]


def test_days_in_the_keys_of_rows_stay() -> None:
    (key,) = source_keys(KEY, pa.array(["40117233|2026-09-07|3"])).to_pylist()
    assert key == f"{masked('40117233')[0]}|2026-09-07|3"
    assert source_keys(KEY, pa.array(["12026-09-07"])).to_pylist() != ["12026-09-07"]
