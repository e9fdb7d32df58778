"""Council days are the same from the same seed, ask nothing that cannot be done, and use what a council uses."""

from __future__ import annotations

import pytest

from benchmarks.scheduling.council import SEEDS, SIZES, council_day
from scheduling.faults import sound
from scheduling.problem import Priority


@pytest.mark.parametrize("size", SIZES)
def test_a_size_has_its_operatives_jobs_and_days(size: str) -> None:
    operatives, jobs, days = SIZES[size]
    problem = council_day(size, SEEDS[0])
    assert (len(problem.operatives), len(problem.jobs), len(problem.shifts)) == (operatives, jobs, operatives * days)


def test_the_same_seed_makes_the_same_day_and_another_another() -> None:
    first, again, other = (council_day("20x100", seed) for seed in (SEEDS[0], SEEDS[0], SEEDS[1]))
    assert (first.jobs, first.operatives, first.places) == (again.jobs, again.operatives, again.places)
    assert (first.travel.distance_m == again.travel.distance_m).all()
    assert first.jobs != other.jobs


@pytest.mark.parametrize("seed", SEEDS)
def test_nearly_every_job_can_be_done_by_somebody(seed: int) -> None:
    problem = council_day("100x500", seed)
    assert len(sound(problem).jobs) >= 0.99 * len(problem.jobs)


def test_a_day_has_crews_follow_ons_keys_certificates_promises_and_emergencies_and_a_plain_one_no_ties() -> None:
    whole, plain = council_day("100x500", SEEDS[0]), council_day("100x500", SEEDS[0], plain=True)
    assert any(len(job.roles) == 2 for job in whole.jobs)
    assert any(job.follows for job in whole.jobs)
    assert any(job.key_ref for job in whole.jobs)
    assert any(job.roles[0].skills for job in whole.jobs)
    assert any(job.is_confirmed for job in whole.jobs)
    assert any(job.priority is Priority.EMERGENCY for job in whole.jobs)
    assert not any(len(job.roles) > 1 or job.follows or job.key_ref or job.area for job in plain.jobs)
    assert [job.windows for job in plain.jobs] == [job.windows for job in whole.jobs]
