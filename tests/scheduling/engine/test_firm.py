"""What was promised or pinned is planned, whatever else would pay more or stands in its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduling.checker import check
from scheduling.engine.model import is_plain
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.problem import Follow, Pin, Priority, Problem
from tests.scheduling.live import town
from tests.scheduling.small import job, operative, problem, road, shift, window


def days(*jobs: object, pins: tuple[Pin, ...] = ()) -> Problem:
    """A plumber who is also a plasterer, at work on two days."""
    return problem([operative("A", {"PL": 100, "PT": 100})], [shift(0), shift(0, 1)], jobs, travel=road(10), pins=pins)  # type: ignore[arg-type]


def pinned(number: int, day: int) -> Pin:
    return Pin(number, (0,), day, None, "planner", "asked for")


@pytest.mark.parametrize("seed", range(1, 9))
def test_what_follows_on_a_job_at_one_home_comes_after_it_on_one_route(seed: int) -> None:
    whole = town()
    numbers = {one.job_ref: number for number, one in enumerate(whole.jobs)}
    both = [numbers["W90/EL"], numbers["W90/PT"]]
    whole = replace(whole, pins=tuple(Pin(number, (3,), 0, None, "planner", "asked for") for number in both))
    plan = solve(whole, Stop(iterations=100), seed)
    assert check(whole, plan) == ()
    assert set(both) <= {visit.job for visit in plan.visits}


def test_a_pinned_follow_on_has_its_place_before_others_are_put_in() -> None:
    whole = days(
        job("FIRST", 1, "PL", minutes=60),
        job("THEN", 1, "PT", minutes=400, follows=(Follow(0, 3_600 * 12),)),
        *(job(f"J{number}", 9, "PL", minutes=100) for number in range(8)),
        pins=(pinned(1, 1),),
    )
    plan = solve(whole, Stop(iterations=0), 1)
    assert check(whole, plan) == ()
    assert {visit.job: visit.shift for visit in plan.visits}[1] == 1
    assert {visit.job: visit.shift for visit in plan.visits}[0] == 0


def test_what_comes_before_a_pinned_job_is_early_enough() -> None:
    whole = days(
        job("FIRST", 9, "PL", minutes=60), job("THEN", 9, "PT", minutes=60, follows=(Follow(0, 3_600),)),
        job("NEAR", 9, "PL", minutes=30, windows=(window(9, 10, 1),), is_confirmed=True), pins=(pinned(1, 0),),
    )  # fmt: skip
    plan = solve(whole, Stop(iterations=0), 1)
    assert check(whole, plan) == ()
    assert len(plan.visits) == 3


def test_a_plan_that_it_starts_from_makes_room_for_what_was_pinned_since() -> None:
    full = days(job("WANTED", 1, "PL", minutes=300, windows=(window(8, 16, 0), window(8, 16, 1))),
                *(job(f"J{number}", 5, "PL", minutes=200) for number in range(6)))  # fmt: skip
    without = replace(full, jobs=tuple(replace(one, duration_s=one.duration_s * (3 if not number else 1))
                                       for number, one in enumerate(full.jobs)))  # fmt: skip
    warm = solve(without, Stop(iterations=50), 1)
    assert 0 not in {visit.job for visit in warm.visits}
    held = replace(full, pins=(pinned(0, 1),))
    plan = solve(held, Stop(iterations=0), 1, warm=warm)
    assert check(held, plan) == ()
    assert {visit.job: visit.shift for visit in plan.visits}[0] == 1


def test_promises_that_stand_in_each_others_way_are_all_planned() -> None:
    """The long visit fits only if the two short ones are kept at the ends of their windows."""
    whole = days(
        *(
            job(f"J{number}", 1, "PL", minutes=110, windows=(window(8, 14, 0),), is_confirmed=True)
            for number in range(3)
        ),
        job("LONG", 1, "PL", minutes=110, windows=(window(8, 8.5, 0),), is_confirmed=True),
        *(job(f"OPEN{number}", 9, "PL", minutes=120) for number in range(9)),
    )
    plan = solve(whole, Stop(iterations=0), 1)
    assert check(whole, plan) == ()
    assert {0, 1, 2, 3} <= {visit.job for visit in plan.visits}


def test_a_pinned_job_is_not_given_up_for_a_dearer_one_where_others_propose_the_routes() -> None:
    whole = problem(
        [operative("A", {"PL": 100})], [shift(0)],
        [job("URGENT", 1, "PL", minutes=300, priority=Priority.URGENT), job("J", 9, "PL", minutes=300)],
        travel=road(10), pins=(Pin(1, None, 0, None, "planner", "asked for"),),
    )  # fmt: skip
    whole = replace(whole, jobs=tuple(replace(one, due_s=None) for one in whole.jobs))
    assert is_plain(whole)
    plan = solve(whole, Stop(iterations=50), 1)
    assert [visit.job for visit in plan.visits] == [1]


def test_what_is_pinned_where_nobody_is_at_work_is_left_out() -> None:
    whole = replace(days(job("J0", 1, "PL"), job("J1", 2, "PL"), pins=(pinned(0, 0),)), shifts=())
    plan = solve(whole, Stop(iterations=10), 1)
    assert [left.job for left in plan.left_out] == [0, 1]
