"""Estimated ways: the stated circuity, and sense at both ends of it."""

from __future__ import annotations

import numpy as np
import pytest

from scheduling.roads.estimate import circuity, estimated
from scheduling.roads.sphere import metres_between


def test_circuity_is_the_stated_one_and_held_where_it_was_not_fitted() -> None:
    km = np.array([1, 2, 5, 20])
    assert circuity(km * 1_000.0) == pytest.approx(1.72 - 0.14 * np.log(km))
    assert circuity(np.array([0.0, 1, 250])) == pytest.approx([1.914] * 3, abs=1e-3)
    assert circuity(np.array([60_000.0, 500_000])) == pytest.approx([1.147] * 2, abs=1e-3)


def test_a_longer_way_is_never_shorter_or_quicker() -> None:
    circle_m = np.concatenate([np.arange(0.0, 2_000, 10), np.geomspace(2_000, 900_000, 3_000)])
    seconds, metres = estimated(circle_m)
    assert seconds[0] == metres[0] == 0
    assert (np.diff(seconds) >= 0).all() and (np.diff(metres) > 0).all()
    assert (metres >= circle_m.round()).all()


def test_speeds_are_those_of_towns_and_then_of_main_roads() -> None:
    seconds, metres = estimated(np.array([500.0, 3_000, 40_000]))
    assert (metres / seconds * 3.6).tolist() == pytest.approx([18, 26, 50], abs=1)


def test_great_circles() -> None:
    london, birmingham = (51.5074, -0.1278), (52.4862, -1.8904)
    found = metres_between(*(np.array([value]) for value in (*london, *birmingham)))
    assert found[0] == pytest.approx(163_000, rel=0.005)
