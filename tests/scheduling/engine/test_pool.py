"""What OR-Tools makes of routes that were seen in different plans, and that the search goes on from there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scheduling.checker import check
from scheduling.engine import solve as solving
from scheduling.engine.arrays import Model, model_of
from scheduling.engine.outcome import plan_of
from scheduling.engine.pool import MOST_KEPT, Pool
from scheduling.engine.solve import begun, decided, solve
from scheduling.engine.state import State
from scheduling.engine.stop import Stop
from scheduling.problem import Pin, Problem
from tests.scheduling.small import job, lunch, operative, problem, road, shift


def street() -> Problem:
    """Four people along a street, a job beside each, and one for two people in the middle."""
    return problem(
        [operative(name, {"PL": 100}) for name in "ABCD"],
        [shift(number, home=number * 3, breaks=(lunch(),)) for number in range(4)],
        [*(job(f"J{number}", number * 3 + 1, "PL") for number in range(4)), job("CREW", 5, "PL", "PL")],
        travel=road(12),
    )


def planned(whole: Problem, model: Model, who: dict[int, tuple[int, ...]]) -> State:
    """The state of a plan in which some jobs are done by these."""
    pins = tuple(Pin(number, whom, None, None, "planner", "tried") for number, whom in who.items())
    return begun(whole, model, 1, solve(replace(whole, pins=pins), Stop(iterations=60), 1))


def test_the_good_halves_of_two_plans_make_a_better_one() -> None:
    whole = street()
    model = model_of(whole)
    crew = (1, 2)
    one = planned(whole, model, {0: (1,), 1: (0,), 4: crew})
    other = planned(whole, model, {2: (3,), 3: (2,), 4: crew})
    pool = Pool(whole, model)
    pool.keep(one, np.arange(4))
    pool.keep(one, np.arange(4))  # known already
    plan = plan_of(whole, model, decided(model, other, pool, is_timed=False), 1, 0)
    assert check(whole, plan) == ()
    assert plan.cost < min(plan_of(whole, model, state, 1, 0).cost for state in (one, other))


def test_without_a_better_choice_the_best_plan_stands() -> None:
    whole = street()
    model = model_of(whole)
    best = begun(whole, model, 1, solve(whole, Stop(iterations=300), 1))
    assert decided(model, best, Pool(whole, model), is_timed=False) is best


def test_of_too_many_routes_those_not_seen_for_longest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = street()
    model = model_of(whole)
    monkeypatch.setattr("scheduling.engine.pool.MOST_KEPT", 5)
    pool = Pool(whole, model)
    state = planned(whole, model, {0: (0,), 1: (1,), 2: (2,), 3: (3,)})
    first = pool.keep(state, np.arange(4))
    later = pool.keep(planned(whole, model, {0: (1,), 1: (0,)}), np.arange(2))
    again = pool.keep(state, np.arange(1))
    assert list(pool._routes) == [*first[2:], *later, *again][-5:]
    assert MOST_KEPT > 5


def test_a_search_asks_or_tools_and_gives_the_same_plan_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def noting(model: Model, best: State, pool: Pool, is_timed: bool) -> State:
        asked.append(is_timed)
        return decided(model, best, pool, is_timed)

    monkeypatch.setattr(solving, "decided", noting)
    plans = [solve(street(), Stop(iterations=4_000), 5) for _ in range(2)]
    assert plans[0].to_bytes() == plans[1].to_bytes()
    assert asked == [False] * 2 * len(solving.MARKS)
    assert check(street(), plans[0]) == ()
