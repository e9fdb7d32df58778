"""The checker: a right plan has no breach, and each rule broken on purpose is found by its own rule and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.checker import check
from scheduling.plan import LeftOut, Plan, Visit
from scheduling.problem import Block, Costs, DayPart, Follow, Part, Pin, Priority, Problem, Role, Window
from scheduling.rules import Rule
from scheduling.walk import Walk
from tests.scheduling import small
from tests.scheduling.small import HOUR, at, job, lunch, operative, shift, window

Case = tuple[Problem, Plan]


def right() -> Case:
    """A day of two operatives, and one on call, that uses every rule; all of it is kept."""
    first = operative("A", {"PL": 100, "CP": 80}, "GAS")
    second = operative("B", {"PL": 100, "CP": 90})
    jobs = (
        replace(
            job(
                "gas", 2, "PL", windows=(window(8, 12),), load=2, tools=frozenset({"METER"}), parts=(Part("VALVE", 1),)
            ),
            roles=(Role("PL", frozenset({"GAS"})),),
        ),
        job("crew", 3, "PL", "CP", minutes=90, windows=(window(10, 12),), load=1),
        job("after", 3, "CP", follows=(Follow(1, HOUR),)),
        job("leak", 1, "PL", priority=Priority.EMERGENCY, earliest_s=at(19), due_s=at(30)),
        job("key one", 4, "CP", minutes=30, key_ref="K", area="north", parking_s=120),
        job("key two", 4, "CP", minutes=30, key_ref="K", area="north"),
        job("pinned", 5, "PL", due_s=at(14)),
        job("left", 5, "PL", minutes=600),
    )
    whole = small.problem(
        [
            replace(first, weekly_limit_s=20 * HOUR, max_leg_s=HOUR, tools=frozenset({"METER"})),
            replace(second, areas=frozenset({"south"})),
        ],
        [
            shift(0, breaks=(lunch(),), overtime_s=HOUR, capacity=5, stock=(Part("VALVE", 1),)),
            shift(1, breaks=(lunch(),), overtime_s=HOUR),
            shift(0, begins=18, ends=22, is_standby=True, longest_s=4 * HOUR),
        ],
        jobs,
        pins=(Pin(6, (0,), 0, at(15), "planner", "the tenant is in"),), blocks=(Block(1, 0, None, "planner", "a row"),),
        costs=Costs(per_drive_minute=10),
    )  # fmt: skip
    day = small.walked(
        whole,
        {0: [(0, 0), (1, 0), 0, (6, 0)], 1: [(4, 0), (5, 0), (1, 1), 0, (2, 0)], 2: [(3, 0)]},
        {1: at(10.5), 2: at(13.25), 6: at(15)},
        left_out=[7],
    )
    return whole, day


def test_a_right_plan_has_no_breach() -> None:
    assert check(*right()) == ()


def test_the_cost_is_what_the_terms_come_to() -> None:
    whole, plan = right()
    found = Walk(whole, plan).measure
    # A 0-2-3-5-0, B 0-4-4-3-3-0, A on call 0-1-0
    assert found.distance_m == 10_000 + 8_000 + 2_000
    assert found.drive_s == 20 * 120
    assert (found.outside_area, found.late_days, found.left_out) == (2, {Priority.ROUTINE: 1, Priority.EMERGENCY: 0},
                                                                     {Priority.ROUTINE: 1})  # fmt: skip
    assert found.overtime_s == 10 * 60  # A is back at ten past four
    assert found.cost == 20_000 + 10 * 40 + 150 * 10 + 2 * 2_000 + 20_000 + 2_000_000


def _in_problem(case: Case, **changes: Any) -> Case:
    whole = replace(case[0], **changes)
    return whole, small.stated(whole, case[1])


def _one(case: Case, field: str, number: int, **changes: Any) -> Case:
    """The case with one operative, shift or job changed, and the plan's sums as they then are."""
    rows = list(getattr(case[0], field))
    rows[number] = replace(rows[number], **changes)
    return _in_problem(case, **{field: tuple(rows)})


def _visit(case: Case, of_job: int, role: int, **changes: Any) -> Case:
    visits = [replace(each, **changes) if (each.job, each.role) == (of_job, role) else each for each in case[1].visits]
    return case[0], small.stated(case[0], replace(case[1], visits=tuple(visits)))


def _without(case: Case, of_job: int, role: int) -> Case:
    visits = tuple(each for each in case[1].visits if (each.job, each.role) != (of_job, role))
    return case[0], small.stated(case[0], replace(case[1], visits=visits))


def _start(case: Case, of_job: int, role: int) -> Visit:
    return next(each for each in case[1].visits if (each.job, each.role) == (of_job, role))


def _plan(case: Case, **changes: Any) -> Case:
    return case[0], replace(case[1], **changes)


MUTANTS: list[tuple[str, Rule, Callable[[Case], Case]]] = [
    ("a job is forgotten", Rule.ONCE, lambda c: _without(c, 2, 0)),
    ("a planned job is left out too", Rule.ONCE, lambda c: (c[0], small.stated(
        c[0], replace(c[1], left_out=(*c[1].left_out, LeftOut(2, "no-room", "No room.", "Add one."))))),
    ),
    ("a job is left out twice", Rule.ONCE, lambda c: (c[0], small.stated(
        c[0], replace(c[1], left_out=c[1].left_out * 2)))),
    ("a job is left out without what to do", Rule.ONCE, lambda c: _plan(
        c, left_out=(replace(c[1].left_out[0], next_step=""),))),
    ("a visit is planned twice", Rule.ONCE, lambda c: (c[0], small.stated(c[0], replace(c[1], visits=(*c[1].visits,
        replace(_start(c, 3, 0), arrive_s=at(20.5), start_s=at(20.5), end_s=at(21.5), leg_m=0)))))),
    ("the plan names a job that is not there", Rule.ONCE, lambda c: _plan(
        c, visits=(*c[1].visits, replace(c[1].visits[0], job=99)))),
    ("the trade is not theirs", Rule.TRADE, lambda c: _one(c, "operatives", 1, proficiency_percent={"PL": 100})),
    ("the certificate has run out", Rule.SKILL, lambda c: _one(c, "operatives", 0, skills=frozenset())),
    ("the window is another", Rule.WINDOW, lambda c: _one(c, "jobs", 0, windows=(window(12, 16),))),
    ("it begins a second after its window", Rule.WINDOW, lambda c: _one(
        c, "jobs", 0, windows=(Window(0, _start(c, 0, 0).start_s - 1),))),
    ("the materials come later", Rule.EARLIEST, lambda c: _one(c, "jobs", 0, earliest_s=at(9))),
    ("it takes longer", Rule.DURATION, lambda c: _one(c, "jobs", 2, duration_s=61 * 60)),
    ("parking is forgotten", Rule.DURATION, lambda c: _one(c, "jobs", 4, parking_s=240)),
    ("the shift begins later", Rule.SHIFT, lambda c: _one(c, "shifts", 0, start_s=at(8) + 1)),
    ("the call begins before the day is over", Rule.SHIFT, lambda c: _one(c, "shifts", 2, start_s=at(16))),
    ("the shift ends earlier", Rule.OVERTIME, lambda c: _one(c, "shifts", 1, end_s=at(13), overtime_s=0)),
    ("the break is left out", Rule.BREAK, lambda c: (c[0], small.stated(
        c[0], replace(c[1], rests=tuple(r for r in c[1].rests if r.shift != 0))))),
    ("the break is too late", Rule.BREAK, lambda c: _one(
        c, "shifts", 0, breaks=(replace(lunch(), latest_s=at(12) - 1, earliest_s=at(11)),))),
    ("the break is short", Rule.BREAK, lambda c: _one(c, "shifts", 0, breaks=(replace(lunch(), duration_s=60),))),
    ("the break is in working time", Rule.BREAK, lambda c: _plan(c, rests=tuple(
        replace(r, start_s=at(13.25), end_s=at(13.75)) if r.shift == 1 else r for r in c[1].rests))),
    ("there is no time to drive", Rule.TRAVEL, lambda c: _visit(
        c, 5, 0, arrive_s=_start(c, 5, 0).arrive_s - 1)),
    ("it begins before it is arrived at", Rule.TRAVEL, lambda c: _visit(
        c, 3, 0, arrive_s=_start(c, 3, 0).start_s + 1)),
    ("the van is small", Rule.CAPACITY, lambda c: _one(c, "shifts", 0, capacity=2)),
    ("the tool is not there", Rule.STOCK, lambda c: _one(c, "operatives", 0, tools=frozenset())),
    ("the van has one part too few", Rule.STOCK, lambda c: _one(c, "shifts", 0, stock=())),
    ("who began later is out too long", Rule.HOURS, lambda c: _one(c, "shifts", 2, longest_s=2 * HOUR)),
    ("one of the crew stays away", Rule.CREW, lambda c: _one(
        c, "jobs", 1, roles=(*c[0].jobs[1].roles, Role("PL")))),
    ("one of the crew begins earlier", Rule.CREW, lambda c: _visit(
        c, 1, 0, start_s=_start(c, 1, 0).start_s - 60, end_s=_start(c, 1, 0).end_s - 60)),
    ("the plaster is wet", Rule.FOLLOW_ON, lambda c: _one(c, "jobs", 2, follows=(Follow(1, 3 * HOUR),))),
    ("what comes before is left out", Rule.FOLLOW_ON, lambda c: _one(c, "jobs", 2, follows=(Follow(7, 0),))),
    ("another has the key", Rule.KEY, lambda c: _one(c, "jobs", 0, key_ref="K")),
    ("it is pinned to another", Rule.PIN, lambda c: _in_problem(c, pins=(Pin(6, (1,), None, None, "p", "r"),))),
    ("it is pinned to another day", Rule.PIN, lambda c: _in_problem(c, pins=(Pin(6, None, 1, None, "p", "r"),))),
    ("it is pinned to another time", Rule.PIN, lambda c: _in_problem(c, pins=(Pin(6, None, None, at(9), "p", "r"),))),
    ("the operative is barred from it", Rule.BLOCK, lambda c: _in_problem(c, blocks=(Block(0, 6, None, "p", "r"),))),
    ("the operative is barred that day", Rule.BLOCK, lambda c: _in_problem(c, blocks=(Block(0, None, 0, "p", "r"),))),
    ("the week is too long", Rule.WEEKLY_LIMIT, lambda c: _one(c, "operatives", 0, weekly_limit_s=9 * HOUR)),
    ("the way is too long", Rule.LEG_LIMIT, lambda c: _one(c, "operatives", 0, max_leg_s=239)),
    ("who is on call does repairs", Rule.STANDBY, lambda c: _one(c, "shifts", 1, is_standby=True)),
    ("a way is told shorter", Rule.DISTANCE, lambda c: _visit(c, 0, 0, leg_m=1_000)),
    ("all ways are told shorter", Rule.DISTANCE, lambda c: _plan(c, distance_m=c[1].distance_m - 1)),
    ("the cost is told lower", Rule.COST, lambda c: _plan(c, cost=c[1].cost - 1)),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "mutate"), [pytest.param(rule, mutate, id=name) for name, rule, mutate in MUTANTS])
def test_each_rule_broken_on_purpose_is_caught_by_exactly_its_rule(rule: Rule, mutate: Callable[[Case], Case]) -> None:
    assert {breach.rule for breach in check(*mutate(right()))} == {rule}


def test_no_rule_is_without_a_mutant_and_a_sentence() -> None:
    assert {rule for _, rule, _ in MUTANTS} == set(Rule)
    assert all(rule.sentence.endswith(".") for rule in Rule)


def test_a_breach_says_who_where_and_when() -> None:
    [breach] = check(*_one(right(), "shifts", 0, start_s=at(8) + 1))
    assert (breach.job_ref, breach.operative_ref, breach.day) == ("gas", "A", 0)
    assert breach.message == "It is arrived at on Mon 14 Sep 08:04:00; the drive ends on Mon 14 Sep 08:04:01."


def test_a_break_may_be_left_out_when_the_operative_is_home_by_its_latest_time() -> None:
    whole = small.problem([operative("A", {"PL": 100})], [shift(0, breaks=(lunch(),))], [job("short", 1, "PL")])
    assert check(whole, small.walked(whole, {0: [(0, 0)]})) == ()


def test_a_break_on_arrival_keeps_the_drive_before_it() -> None:
    late = job("later", 5, "PL", windows=(window(14, 16),))
    whole = small.problem([operative("A", {"PL": 100})], [shift(0, breaks=(lunch(),))], [late])
    plan = small.walked(whole, {0: [(0, 0)]})
    waiting = replace(plan, rests=small.walked(whole, {0: [0]}).rests)
    assert plan.visits[0].arrive_s == at(8) + 600
    assert check(whole, waiting) == ()


def test_an_empty_plan_of_no_jobs_is_right() -> None:
    whole = small.problem([operative("A", {"PL": 100})], [shift(0, breaks=(lunch(),))], [])
    assert check(whole, Plan("", 0, 0, (), (), (), 0, 0)) == ()


@given(
    st.integers(0, 2 * small.DAY), st.integers(0, 3_000),
    st.lists(st.tuples(st.integers(0, 1_439), st.sampled_from([100, 105, 112, 130, 135, 200])),
             min_size=1, max_size=5, unique_by=lambda part: part[0]).map(sorted),
    st.sampled_from([(2026, 9, 14), (2026, 10, 24), (2026, 3, 28)]),
)  # fmt: skip
def test_a_drive_ends_as_when_it_is_driven_second_by_second(
    leave_s: int, duration_s: int, parts: list[tuple[int, int]], date: tuple[int, int, int]
) -> None:
    """Through parts of the day, and through the nights in which the clock goes back or forward."""
    travel = small.road(2, tuple(DayPart(minute, percent) for minute, percent in parts))
    whole = small.problem(
        [operative("A", {"PL": 100})], [replace(shift(0, day=2), start_s=leave_s)], [job("there", 1, "PL")],
        travel=replace(travel, duration_s=np.array([[0, duration_s], [duration_s, 0]], dtype=np.int32)),
        starts_at=small.MONDAY.replace(year=date[0], month=date[1], day=date[2]),
    )  # fmt: skip
    visit = Visit(0, 0, 0, 0, 0, 0, 0)
    walk = Walk(whole, Plan("", 0, 0, (visit,), (), (), 0, 0))
    assert walk.reach_s[0] == small.drive(whole, leave_s, duration_s)


def test_five_thousand_visits_are_checked_in_a_second() -> None:
    jobs = [job(f"J{number}", number % 100, "PL", minutes=30) for number in range(5_000)]
    shifts = [shift(whose, day, home=whose % 100) for day in range(5) for whose in range(200)]
    whole = small.problem([operative(f"O{number}", {"PL": 100}) for number in range(200)], shifts, jobs)
    steps = {number: [(number * 5 + each, 0) for each in range(5)] for number in range(1_000)}
    plan = small.walked(whole, steps)
    began = perf_counter()
    breaches = check(whole, plan)
    assert perf_counter() - began < 1
    assert {breach.rule for breach in breaches} <= {Rule.OVERTIME}
