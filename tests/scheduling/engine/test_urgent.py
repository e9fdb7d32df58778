"""Whatever has to make way for an emergency, every rule is kept and every promise too."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduling.checker import check
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.engine.today import TodayBoard
from scheduling.faults import sound
from scheduling.problem import Job, Place, Priority, Problem, Role, Window
from scheduling.rules import Rule
from tests.scheduling.small import HOUR, job, operative, problem, shift, walked, window
from tests.scheduling.strategies import problems

TWO = problem(
    [operative("A", {"PL": 100}, "GAS"), operative("B", {"PL": 100})],
    [shift(0), shift(1)],
    [job(f"W{n}", 1, "PL", windows=(window(8 + n, 8.3 + n),), is_confirmed=True) for n in range(7)],
)
GAS = Job("GAS", 1, (Role("PL", frozenset({"GAS"})),), HOUR // 2, Priority.EMERGENCY)


def board() -> TodayBoard:
    """Half past twelve; all of the day's promises are with one operative, and another is free."""
    live = TodayBoard(TWO, walked(TWO, {0: [(number, 0) for number in range(7)]}))
    live.goes_on(12 * HOUR + HOUR // 2)
    return live


def test_a_promise_goes_to_somebody_else_within_its_slot() -> None:
    live = board()
    number = live.add(replace(GAS, earliest_s=12 * HOUR + HOUR // 2), TWO.places[1])
    found = live.respond(number, 12 * HOUR + HOUR // 2, 14 * HOUR, 15 * HOUR, range(7))
    assert found.is_placed
    assert live.shifts_of(number) == (0,)
    assert live.starts(number) == 13 * HOUR + 120  # when the work under way is done
    assert [live.shifts_of(one) for one in found.moved] == [(1,)]
    assert check(live.problem, live.plan()) == ()


def test_where_no_promise_can_move_nothing_changes_and_those_that_would_do_are_named() -> None:
    live = board()
    live.shut([1])
    number = live.add(replace(GAS, earliest_s=12 * HOUR + HOUR // 2), TWO.places[1])
    before = live.plan()
    found = live.respond(number, 12 * HOUR + HOUR // 2, 14 * HOUR, 14 * HOUR, range(7))
    assert not found.is_placed
    assert found.victims == ((0, 5),)
    assert live.plan() == before


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.data())
def test_no_rule_and_no_promise_is_broken_for_an_emergency(whole: Problem, data: st.DataObject) -> None:
    whole = sound(whole)
    assume(whole.jobs and whole.shifts)
    live = TodayBoard(whole, solve(whole, Stop(iterations=30), 1))
    begin = min(one.start_s for one in whole.shifts)
    now = data.draw(st.integers(begin, begin + 8 * HOUR))
    like = data.draw(st.sampled_from(whole.jobs))
    live.goes_on(now)
    promised = [number for number, one in enumerate(whole.jobs) if one.is_confirmed and live.is_planned(number)]
    planned = {visit.job for visit in live.plan().visits}
    urgent = Job("URGENT", 0, like.roles, HOUR, Priority.EMERGENCY, earliest_s=now, due_s=now + 24 * HOUR)
    number = live.add(urgent, data.draw(st.sampled_from([*whole.places, Place("NEW", 52.61, -1.11)])))
    found = live.respond(number, now, now + 2 * HOUR, now + 24 * HOUR, promised)
    plan = live.plan()
    assert [one for one in check(live.problem, plan) if one.rule is not Rule.ONCE] == []
    assert found.is_placed == live.is_planned(number)
    assert all(live.is_planned(one) for one in promised)
    assert planned - {visit.job for visit in plan.visits} == set(found.left_out)
    starts = {visit.start_s for visit in plan.visits if visit.job == number}
    assert len(starts) == found.is_placed
    assert all(Window(now, now + 24 * HOUR).start_s <= one <= now + 24 * HOUR for one in starts)
