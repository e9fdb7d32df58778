"""A cautious problem has room for what visits take in truth, and keeps what was promised."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest

from scheduling.caution import Caution, cautious
from tests.scheduling.small import at, job, operative, problem, shift, window


@pytest.mark.parametrize("is_first", [False, True])
def test_a_planned_duration_is_enough_for_its_share_of_visits(is_first: bool) -> None:
    caution = Caution(quantile=0.8)
    sigma = sqrt(log(1 + (0.8 if is_first else 0.5) ** 2))
    needs = np.random.default_rng(1).lognormal(-(sigma**2) / 2, sigma, 100_000)
    assert needs.mean() == pytest.approx(1, abs=0.02)  # the standard minutes are the mean
    assert (needs <= caution.factor(is_first)).mean() == pytest.approx(0.8, abs=0.01)


def test_no_visit_is_planned_shorter_than_its_standard_minutes() -> None:
    assert Caution(quantile=0.1).factor(is_first=True) == 1


def test_only_the_plan_sees_longer_jobs_slower_roads_and_earlier_slots() -> None:
    jobs = [job("seen", 1, "PL", windows=(window(8, 12),)), job("new", 2, "PL", windows=(window(9, 9.5),))]
    whole = problem([operative("A", {"PL": 100})], [shift(0)], jobs)
    caution = Caution(quantile=0.8, margin_s=1_800, travel_percent=150)
    planned = cautious(whole, frozenset({"new"}), caution)
    seen, new = planned.jobs
    assert seen.duration_s == round(3_600 * caution.factor(is_first=False))
    assert new.duration_s == round(3_600 * caution.factor(is_first=True))
    assert (seen.windows[0].start_s, seen.windows[0].end_s) == (at(8), at(11.5))
    assert new.windows == jobs[1].windows  # too short to give any of it away
    assert (planned.travel.duration_s[0, 2], planned.travel.distance_m[0, 2]) == (360, 2_000)
    assert whole.jobs == tuple(jobs)
