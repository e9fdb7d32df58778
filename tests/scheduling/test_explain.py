"""The next best is the best of all others, and the rules are those that keep the others away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduling.checker import check
from scheduling.desk import Desk, Refused
from scheduling.engine.decided import DecidedBoard
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.explain import bounds_of, next_best, why
from scheduling.overrides import By, pin
from scheduling.plan import Plan
from scheduling.problem import Priority, Problem, Window
from tests.scheduling import small
from tests.scheduling.live import Clock


@st.composite
def towns(draw: st.DrawFn) -> Problem:
    """Two or three operatives, two days, and few jobs on a straight road."""
    trades = st.sampled_from([{"PL": 100}, {"PL": 125, "EL": 100}, {"EL": 100}])
    staff = [small.operative(f"OP{number}", draw(trades)) for number in range(draw(st.integers(2, 3)))]
    shifts = [
        small.shift(who, day, home=draw(st.integers(0, 8)), ends=draw(st.sampled_from([11, 16])))
        for who in range(len(staff)) for day in range(2)
    ]  # fmt: skip
    windows = st.sampled_from([(), (small.window(8, 12),), (small.window(9, 15, 1),)])
    jobs = [
        small.job(
            f"W{number}", draw(st.integers(0, 8)), draw(st.sampled_from(["PL", "EL"])),
            minutes=draw(st.sampled_from([30, 60, 150])), windows=draw(windows),
            due_s=draw(st.sampled_from([None, small.at(18)])), priority=Priority.ROUTINE,
        )
        for number in range(draw(st.integers(2, 5)))
    ]  # fmt: skip
    return small.problem(staff, shifts, jobs)


def every_other(problem: Problem, plan: Plan, job: int) -> tuple[dict[tuple[int, int], int], int | None]:
    """By operative and day the least cost of a job, all else in its order; and its cost where it is."""
    orders: dict[int, list[tuple[int, int]]] = {shift: [] for shift in range(len(problem.shifts))}
    for visit in sorted(plan.visits, key=lambda one: (one.shift, one.start_s)):
        orders[visit.shift].append((visit.job, visit.role))
    was = {shift: list(steps) for shift, steps in orders.items()}
    for steps in orders.values():
        if (job, 0) in steps:
            steps.remove((job, 0))
    planned = {visit.job for visit in plan.visits}
    rest = [number for number in range(len(problem.jobs)) if number not in planned and number != job]
    without = cost_of(problem, orders, [*rest, job])
    left = problem.costs.left_out[problem.jobs[job].priority]
    assert without is not None
    found: dict[tuple[int, int], int] = {}
    for shift, steps in orders.items():
        whose = problem.shifts[shift]
        if problem.jobs[job].roles[0].trade not in problem.operatives[whose.operative].proficiency_percent:
            continue
        for place in range(len(steps) + 1):
            tried = {**orders, shift: [*steps[:place], (job, 0), *steps[place:]]}
            cost = cost_of(problem, tried, rest)
            if cost is not None:
                key = whose.operative, whose.day
                found[key] = min(found.get(key, 2**60), cost - without + left)
    here = cost_of(problem, was, rest) if job in planned else None
    return found, None if here is None else here - without + left


def cost_of(problem: Problem, orders: dict[int, list[tuple[int, int]]], left_out: list[int]) -> int | None:
    """The cost of routes that are driven as soon as they can be; None where a rule forbids them."""
    plan = small.walked(problem, orders, left_out=left_out)
    return None if check(problem, plan) else plan.cost


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(towns(), st.integers(0, 4))
def test_the_next_best_is_that_of_trying_everything(problem: Problem, number: int) -> None:
    job = number % len(problem.jobs)
    plan = solve(problem, Stop(iterations=20), 1)
    board = DecidedBoard(problem, plan)
    found, cost = every_other(problem, plan, job)
    here = board.here(job)
    assert (here and here.extra_cost) == cost
    operative, day = next_best(board, job)
    at = None if here is None else problem.shifts[here.shifts[0]]
    others = [each for (who, _), each in found.items() if at is None or who != at.operative]
    assert (operative and operative.extra_cost) == min(others, default=None)
    if at is not None:
        days = [each for (_, on), each in found.items() if on != at.day]
        assert (day and day.extra_cost) == min(days, default=None)
    _, could = bounds_of(board, job, problem.jobs[job].windows)
    assert could == len({who for who, _ in found})
    assert board.plan().to_bytes() == DecidedBoard(problem, plan).plan().to_bytes()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(towns(), st.integers(0, 4), st.integers(0, 2), st.integers(0, 1))
def test_what_is_left_out_by_rule_is_left_out_by_the_engine(
    problem: Problem, number: int, who: int, on: int
) -> None:  # fmt: skip
    job = number % len(problem.jobs)
    alone = replace(problem, jobs=(problem.jobs[job],))
    plan = solve(alone, Stop(iterations=20), 1)
    assume(plan.left_out)
    bounds, could = bounds_of(DecidedBoard(alone, plan), 0, alone.jobs[0].windows)
    assert could == 0
    assert sum(one.shifts for one in bounds) == len(alone.shifts)
    assert sum(one.operatives for one in bounds) == len(alone.operatives)


def test_every_rule_counts_whom_it_keeps_away() -> None:
    staff = [
        small.operative("NO TRADE", {"EL": 100}), small.operative("NO SKILL", {"PL": 100}),
        small.operative("FULL", {"PL": 100}, "GAS"), small.operative("HERE", {"PL": 100}, "GAS"),
    ]  # fmt: skip
    shifts = [*(small.shift(who) for who in range(4)), small.shift(3, 1)]
    jobs = [small.job("ALL DAY", 0, "PL", minutes=480), small.job("W1", 3, "PL", windows=(small.window(8, 12),))]
    jobs[1] = replace(jobs[1], roles=(replace(jobs[1].roles[0], skills=frozenset({"GAS"})),))
    problem = small.problem(staff, shifts, jobs)
    board = DecidedBoard(problem, small.walked(problem, {2: [(0, 0)], 3: [(1, 0)]}))
    bounds, could = bounds_of(board, 1, jobs[1].windows)
    assert could == 1
    assert [(str(one.rule), one.operatives, one.shifts) for one in bounds] == [
        ("trade", 1, 1), ("skill", 1, 1), ("window", 0, 1), ("shift", 1, 1),
    ]  # fmt: skip
    here = board.here(1)
    assert here is not None
    assert (here.extra_m, here.start_s) == (6_000, small.at(8) + 360)
    assert next_best(board, 1) == (None, None)


def test_a_visit_is_explained_with_what_holds_it(desk: Desk) -> None:
    shown = pin(desk, By("Ann", "a reason"), "W05")
    pin(desk, By("Ann", "a reason", shown.token), "W05")
    (one,) = why(desk, "W05")
    assert one.here is not None
    assert one.next_operative is None
    assert "pin" in {str(bound.rule) for bound in one.bounds}
    assert any("Ann: a reason" in told for told in one.held_by)
    (free,) = why(desk, "W06")
    assert free.here is not None
    assert free.next_operative is not None
    assert free.next_operative.operative_refs != free.here.operative_refs
    assert free.next_day is not None
    assert free.next_day.day != free.here.day
    assert (free.here.more_cost, free.next_day.more_cost) == (0, free.next_day.cost - free.here.cost)
    (crew,) = why(desk, "CREW")
    assert crew.here is not None
    assert crew.next_operative is not None
    assert set(crew.next_operative.operative_refs) != set(crew.here.operative_refs)
    assert len(why(desk, "W90")) == 2
    (promised,) = why(desk, "W03")
    assert any("promised" in told for told in promised.held_by)
    with pytest.raises(Refused):
        why(desk, "NONE")


def test_a_window_binds(desk: Desk) -> None:
    number = desk.numbers_of("W03")[0]
    assert desk.windows_of(number) == (Window(small.at(8, 1), small.at(12, 1)),)
    (one,) = why(desk, "W03")
    assert ("window", 0) in {(str(bound.rule), bound.operatives) for bound in one.bounds}


def test_a_visit_that_has_begun_is_where_it_is(desk: Desk, clock: Clock) -> None:
    begun = next(row for row in desk.visits() if row.job_ref.startswith("W"))
    clock.now = begun.start_at + timedelta(minutes=5)
    with desk.changing("started", "device"):
        pass
    found = next(one for one in why(desk, begun.job_ref.partition("/")[0]) if one.job_ref == begun.job_ref)
    assert found.here is not None
    assert (found.here.operative_refs, found.here.start_at) == ((begun.operative_ref,), begun.start_at)
