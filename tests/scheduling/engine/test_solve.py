"""Plans of the whole model: the same bytes again, never worse than before, and reasons for what is left out."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.checker import check
from scheduling.engine.solve import rank, solve
from scheduling.engine.stop import Stop
from scheduling.faults import sound
from scheduling.plan import Plan
from scheduling.problem import Costs, Follow, Pin, Problem
from scheduling.rules import Rule
from tests.scheduling.small import at, job, lunch, operative, problem, road, shift, window
from tests.scheduling.strategies import problems

ONCE = """
import hashlib
from benchmarks.scheduling.council import council_day
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
print(hashlib.sha256(solve(council_day("20x100", 3), Stop(iterations=400), 7).to_bytes()).hexdigest())
"""


@pytest.mark.slow
def test_two_processes_write_the_same_bytes() -> None:
    written = [
        subprocess.run([sys.executable, "-c", ONCE], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert written[0] == written[1] != ""


def team(*jobs: object, **changes: object) -> Problem:
    """A plumber who lives at 0 and a plasterer at 9, both at work from eight to four with a lunch."""
    return problem(
        [operative("A", {"PL": 100}), operative("B", {"PL": 50, "PT": 100})],
        [shift(0, breaks=(lunch(),)), shift(1, home=9, breaks=(lunch(),))],
        jobs,  # type: ignore[arg-type]
        **{"travel": road(10), **changes},
    )


def test_the_work_goes_to_who_is_near() -> None:
    whole = team(job("J0", 1, "PL"), job("J1", 8, "PL"))
    plan = solve(whole, Stop(iterations=50), 1)
    assert [(visit.job, visit.shift) for visit in plan.visits] == [(0, 0), (1, 1)]
    assert plan.distance_m == plan.cost == 4_000
    assert check(whole, plan) == ()


def test_a_plan_before_holds_visits_where_they_were() -> None:
    whole = team(job("J0", 4, "PL"))
    other = solve(
        replace(whole, pins=(Pin(0, (1,), None, None, "planner", "knows the tenant"),)), Stop(iterations=9), 1
    )
    assert other.visits[0].shift == 1
    assert solve(whole, Stop(iterations=50), 1).visits[0].shift == 0
    held = solve(whole, Stop(iterations=50), 1, before=other)
    assert held.visits[0].shift == 1
    assert check(whole, held) == ()
    free = replace(whole, costs=Costs(moved=0))
    assert solve(free, Stop(iterations=50), 1, before=other).visits[0].shift == 0


def badness(whole: Problem, plan: Plan) -> tuple[int, int, int]:
    return rank(whole, [left.job for left in plan.left_out], plan.cost)


def test_a_plan_that_holds_visits_where_they_were_is_no_dearer_than_the_one_it_starts_from() -> None:
    whole = team(job("J0", 4, "PL"))
    pinned = replace(whole, pins=(Pin(0, (1,), None, None, "planner", "knows the tenant"),))
    near, far = solve(whole, Stop(iterations=9), 1), solve(pinned, Stop(iterations=9), 1)
    assert solve(whole, Stop(iterations=50), 1, warm=far, before=far).visits[0].shift == 1
    assert solve(whole, Stop(iterations=50), 1, warm=near, before=far).visits == near.visits
    other = replace(near, problem_hash="of yesterday")
    assert solve(whole, Stop(iterations=50), 1, warm=other, before=far).visits == near.visits


@settings(deadline=None, max_examples=60)
@given(problems(), st.booleans())
def test_no_plan_is_worse_than_the_one_it_starts_from(whole: Problem, has_before: bool) -> None:
    whole = sound(whole)
    warm = solve(whole, Stop(iterations=300), 1)
    other = solve(replace(whole, pins=(), blocks=()), Stop(iterations=2), 2) if has_before else None
    plan = solve(whole, Stop(iterations=1), 3, warm=warm, before=other)
    assert check(whole, plan) == ()
    assert badness(whole, plan) <= badness(whole, warm)


def test_a_visit_of_the_plan_it_starts_from_that_breaks_a_rule_is_planned_anew() -> None:
    whole = team(job("J0", 1, "PL", windows=(window(9, 10),)), job("J1", 8, "PL"))
    warm = solve(whole, Stop(iterations=9), 1)
    later = replace(whole, jobs=(replace(whole.jobs[0], windows=(window(14, 15),)), whole.jobs[1]))
    plan = solve(later, Stop(iterations=9), 1, warm=warm)
    assert check(later, plan) == ()
    assert len(plan.visits) == 2


def test_a_crew_arrives_from_two_sides_and_begins_together() -> None:
    whole = team(job("J0", 5, "PL", "PT", minutes=90), job("J1", 1, "PL", windows=(window(8, 9),)))
    plan = solve(whole, Stop(iterations=50), 1)
    crew = [visit for visit in plan.visits if visit.job == 0]
    assert [visit.shift for visit in crew] == [0, 1]
    assert crew[0].start_s == crew[1].start_s
    assert crew[0].end_s == crew[1].end_s
    assert check(whole, plan) == ()


def test_what_follows_waits_for_its_gap_and_is_left_out_with_what_it_follows() -> None:
    first, then = job("J0", 1, "PL"), job("J1", 8, "PT", follows=(Follow(0, 7_200),))
    plan = solve(team(first, then), Stop(iterations=50), 1)
    ends = {visit.job: visit for visit in plan.visits}
    assert ends[1].start_s >= ends[0].end_s + 7_200
    without = solve(team(replace(first, windows=(window(20, 21),)), then), Stop(iterations=50), 1)
    assert [(left.job, left.code) for left in without.left_out] == [(0, Rule.WINDOW), (1, Rule.FOLLOW_ON)]


def test_each_job_left_out_says_by_which_rule_and_what_to_do() -> None:
    whole = team(
        job("J0", 1, "EL"),
        replace(job("J1", 1, "PL"), roles=(replace(job("J", 1, "PL").roles[0], skills=frozenset(["GAS"])),)),
        job("J2", 1, "PL", minutes=900),
        job("J3", 1, "PT", "PT"),
        *(job(f"J{number}", 1, "PT", minutes=240) for number in range(4, 7)),
        pins=(Pin(2, None, None, at(9), "planner", "asked for"),),
    )
    left = {each.job: each for each in solve(whole, Stop(iterations=50), 1).left_out}
    assert [left[number].code for number in range(4)] == [Rule.TRADE, Rule.SKILL, Rule.PIN, Rule.WINDOW]
    assert {each.code for number, each in left.items() if number > 3} == {Rule.SHIFT}
    assert all(each.message and each.next_step for each in left.values())


def test_a_confirmed_job_stays_where_another_would_pay_more() -> None:
    whole = team(
        job("J0", 8, "PT", minutes=230, is_confirmed=True, windows=(window(8, 12),)),
        *(job(f"J{number}", 8, "PT", minutes=110) for number in range(1, 5)),
    )
    plan = solve(whole, Stop(iterations=200), 1)
    assert 0 in {visit.job for visit in plan.visits}
