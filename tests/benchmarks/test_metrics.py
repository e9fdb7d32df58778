"""The measures of agreement against cases worked out by hand, and against a count of all pairs."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from benchmarks.identity.metrics import agreement, joined

FOUND, TRUE = list("aaabbc"), list("xxyyyz")
"""Found {1 2 3} {4 5} {6}, true {1 2} {3 4 5} {6}: found pairs 3 + 1, true pairs 1 + 3, common 12 and 45."""


def test_pairs_worked_out_by_hand() -> None:
    result = agreement(FOUND, TRUE)
    assert (result.both, result.found, result.true) == (2, 4, 4)
    assert (result.precision, result.recall, result.f1) == (0.5, 0.5, 0.5)


def test_b_cubed_worked_out_by_hand() -> None:
    """Each record's share: precision 2/3 2/3 1/3 1 1 1, recall 1 1 1/3 2/3 2/3 1."""
    result = agreement(FOUND, TRUE)
    assert result.b_cubed_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 3) / 6)
    assert result.b_cubed_recall == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3 + 1) / 6)
    assert result.b_cubed_f1 == pytest.approx(14 / 18)


def test_adjusted_f1_worked_out_by_hand() -> None:
    """Chance gives 4 * 4 / 15 pairs: (2 - 16/15) / (4 - 16/15) = 14/44."""
    assert agreement(FOUND, TRUE).adjusted_f1 == pytest.approx(14 / 44)


def test_adjusted_f1_of_groups_drawn_at_random_is_nought() -> None:
    rng = np.random.default_rng(5)
    result = agreement(rng.integers(20, size=20_000), rng.integers(20, size=20_000))
    assert abs(result.adjusted_f1) < 0.002 < result.f1


def test_the_true_groups_under_other_names_score_one() -> None:
    result = agreement([3, 3, 1, 2, 2], list("aabcc"))
    assert (result.f1, result.adjusted_f1, result.b_cubed_f1) == (1, 1, 1)


def test_all_apart_has_no_wrong_pair_and_all_in_one_misses_none() -> None:
    apart, one = agreement(range(6), TRUE), agreement([0] * 6, TRUE)
    assert (apart.precision, apart.recall, apart.b_cubed_precision) == (1, 0, 1)
    assert (one.precision, one.recall, one.b_cubed_recall) == (4 / 15, 1, 1)


def test_counts_are_those_of_all_pairs_listed() -> None:
    rng = np.random.default_rng(6)
    found, true = rng.integers(40, size=300), rng.integers(60, size=300)
    listed = list(combinations(range(300), 2))
    result = agreement(found, true)
    assert result.found == sum(found[a] == found[b] for a, b in listed)
    assert result.true == sum(true[a] == true[b] for a, b in listed)
    assert result.both == sum(found[a] == found[b] and true[a] == true[b] for a, b in listed)


def test_groupings_of_different_records_are_refused() -> None:
    with pytest.raises(ValueError, match="2 records were found, those of 3"):
        agreement([1, 2], [1, 2, 3])


def test_pairs_of_different_people_that_share_a_group() -> None:
    """1 and 2 share group a, 3 and 4 share none, 5 has no record: one of two pairs."""
    pairs = pd.DataFrame({"left": [1, 3, 5], "right": [2, 4, 1]})
    assert joined(["a", "b", "a", "c", "d"], [1, 1, 2, 3, 4], pairs) == 0.5
