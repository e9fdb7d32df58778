"""A manual week as a problem: bound by what bound the manager, and by nothing more."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest

from benchmarks.scheduling.mileage import replayed as replayed_week
from scheduling import mileage, replay
from scheduling.engine.stop import Stop
from scheduling.horizon import Horizon
from scheduling.local_rules import load
from scheduling.problem import Priority, Problem, Window
from tests.scheduling.council import MONDAY, Council, at, straight

WEEK = Horizon(MONDAY, 7)
HOUR, DAY = 3_600, 86_400
LATEST = 21 * HOUR


def replayed(council: Council) -> Problem:
    found = mileage.read_manual(council.raw, WEEK, straight)
    return replay.week_problem(council.raw, WEEK, load(), found)


def allocate(council: Council, order: UUID, ref: str = "1", day: int = 0, **values: Any) -> None:
    given = {"allocation_date": MONDAY + timedelta(days=day), "sequence_number": 1, "planned_minutes": 45}
    council.add("manual_allocation", operative_id=council.operatives[ref], work_order_id=order, **{**given, **values})


def test_a_visit_may_be_on_any_day_after_it_was_asked_for(council: Council) -> None:
    allocate(council, council.order("1", raised_at=at(1, 10), target_at=at(3, 0)), day=4)
    allocate(council, council.order("2", raised_at=at(-9, 10), target_at=None), day=4)
    first, second = replayed(council).jobs
    assert (first.earliest_s, first.due_s, first.windows) == (2 * DAY, 3 * DAY, ())
    assert (second.earliest_s, second.due_s, second.duration_s) == (0, None, 45 * 60)
    assert first.roles[0].trade == "PL" and len(first.roles) == 1


def test_an_emergency_keeps_its_day_and_an_afternoon_its_half(council: Council) -> None:
    allocate(council, council.order("1", priority_code="emergency"), day=2)
    promised = council.order("2")
    council.visit(promised, at(1, 12), at(1, 16))
    allocate(council, promised, day=1)
    afternoon, emergency = replayed(council).jobs
    assert emergency.priority is Priority.EMERGENCY
    assert emergency.windows == (Window(2 * DAY, 2 * DAY + LATEST),)
    assert [window.start_s for window in afternoon.windows] == [day * DAY + 12 * HOUR for day in range(5)]


def test_who_stood_in_by_hand_shows_which_trade_is_asked_for(council: Council) -> None:
    allocate(council, council.order("1", trade="EL"), ref="1")
    assert replayed(council).jobs[0].roles[0].trade == "PL"


def test_the_hours_are_those_of_the_week_and_may_go_on_until_nine(council: Council) -> None:
    one = council.operatives["1"]
    council.add("absence", operative_id=one, absence_type_code="sick", start_date=MONDAY, end_date=MONDAY)
    council.add("shift", operative_id=one, shift_date=MONDAY, start_time=time(18), end_time=time(22), is_standby=True)
    allocate(council, council.order("1"))
    problem = replayed(council)
    own = [shift for shift in problem.shifts if problem.operatives[shift.operative].operative_ref == "1"]
    assert [shift.day for shift in own] == [1, 2, 3, 4]
    assert all(shift.end_s + shift.overtime_s == shift.day * DAY + LATEST for shift in own)
    assert all(len(shift.breaks) == 1 for shift in own)
    assert all(each.weekly_limit_s is None and each.max_leg_s == 45 * 60 for each in problem.operatives)


def test_plan_and_manual_week_are_driven_on_the_same_ways(council: Council) -> None:
    allocate(council, council.order("1"))
    found = mileage.read_manual(council.raw, WEEK, straight)
    problem = replay.week_problem(council.raw, WEEK, load(), found)
    assert problem.travel is found.travel
    assert problem.jobs[0].place == found.visits["place"].item()
    shift = next(each for each in problem.shifts if problem.operatives[each.operative].operative_ref == "1")
    assert shift.start_place == found.team.loc["1", "start"]


def test_weeks_begin_on_mondays() -> None:
    weeks = replay.weeks_before(WEEK, 3)
    assert [week.starts_on.isoformat() for week in weeks] == ["2026-10-05", "2026-10-12", "2026-10-19"]


@pytest.mark.parametrize("week", [Horizon(MONDAY + timedelta(days=1), 7), Horizon(MONDAY, 4)])
def test_anything_else_is_no_week(council: Council, week: Horizon) -> None:
    found = mileage.read_manual(council.raw, WEEK, straight)
    with pytest.raises(ValueError, match="Monday"):
        replay.week_problem(council.raw, week, load(), found)


def test_a_plan_of_the_week_drives_less_than_a_zigzag_by_hand(council: Council) -> None:
    """Two plumbers, each at home among the other's visits: by hand everybody crosses the town."""
    near_one, near_two = (
        [council.home(f"{ref}{number}", east + 50 * number) for number in range(3)]
        for ref, east in (("A", 0), ("B", 1_000))
    )
    for number in range(3):
        allocate(council, council.order(f"A{number}", home=near_one[number]), "2", sequence_number=number + 1)
        allocate(council, council.order(f"B{number}", home=near_two[number]), "1", sequence_number=number + 1)
    week = replayed_week(council.raw, WEEK, straight, load(), Stop(iterations=300))
    assert week.visits == week.plan.jobs == week.manual.jobs == 6
    assert week.ratio < 0.8
