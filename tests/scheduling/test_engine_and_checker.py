"""What the engine plans, the checker finds no fault with; neither knows the other."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scheduling
from scheduling.checker import check
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.faults import sound
from scheduling.problem import Problem
from tests.scheduling.strategies import problems

slowly = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@slowly
@given(problems(), st.integers(0, 2**31))
def test_a_plan_keeps_every_rule(problem: Problem, seed: int) -> None:
    assert check(problem, solve(problem, Stop(iterations=60), seed)) == ()


@pytest.mark.slow
@slowly
@given(problems())
def test_a_plan_of_a_sound_problem_keeps_every_rule(problem: Problem) -> None:
    whole = sound(problem)
    assert check(whole, solve(whole, Stop(iterations=60), 1)) == ()


@pytest.mark.slow
@settings(slowly, max_examples=40)
@given(problems(), st.integers(0, 9))
def test_the_same_work_and_seed_give_the_same_bytes(problem: Problem, seed: int) -> None:
    first, again = (solve(problem, Stop(iterations=50), seed) for _ in range(2))
    assert first.to_bytes() == again.to_bytes()


@pytest.mark.slow
@settings(slowly, max_examples=40)
@given(problems(), st.integers(0, 9))
def test_a_plan_is_never_dearer_than_the_one_it_started_from(problem: Problem, seed: int) -> None:
    warm = solve(problem, Stop(iterations=30), seed)
    after = solve(problem, Stop(iterations=5), seed + 1, warm=warm)
    assert after.cost <= warm.cost
    assert check(problem, after) == ()


@pytest.mark.slow
@settings(slowly, max_examples=40)
@given(problems())
def test_a_plan_that_is_changed_is_no_longer_right(problem: Problem) -> None:
    plan = solve(problem, Stop(iterations=30), 1)
    for number, visit in enumerate(plan.visits):
        visits = list(plan.visits)
        visits[number] = replace(visit, end_s=visit.end_s + 1)
        assert check(problem, replace(plan, visits=tuple(visits)))
        assert check(problem, replace(plan, visits=tuple(each for each in plan.visits if each != visit)))


def test_the_checker_imports_nothing_of_the_engine() -> None:
    room = Path(scheduling.__file__).parent
    for name in ("checker", "walk", "rules", "plan", "problem"):
        for node in ast.walk(ast.parse((room / f"{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom | ast.Import):
                assert "engine" not in ast.unparse(node)
