from typing import Any

import numpy as np
import pytest
from pyvrp import Solution

from scheduling.checker import check
from scheduling.engine.model import Model, expressed, is_plain
from scheduling.engine.routing import Pool, search
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.engine.stops import stops_of
from scheduling.problem import Problem
from tests.scheduling.small import HOUR, job, lunch, operative, problem, shift


def scattered(count: int, vans: int) -> Problem:
    """Jobs along a road, each van with room for a few of them."""
    places = np.random.default_rng(3).permutation(count) + 1
    return problem(
        [operative(str(van), {"PL": 100}) for van in range(vans)],
        [shift(van, ends=20, capacity=4) for van in range(vans)],
        [job(str(place), int(place), "PL", minutes=20, load=1) for place in places],
    )


def model_of(whole: Problem) -> Model:
    model = expressed(whole, stops_of(whole), must_serve_all=True)
    assert model is not None
    return model


def test_the_search_serves_all_at_the_least_distance() -> None:
    model = model_of(scattered(8, 2))
    found = search(model.data, Stop(iterations=200), seed=1).solution
    assert found.is_feasible()
    assert found.distance() == 2 * (4 + 8) * 1_000  # the near four, and the far four


def test_iterations_alone_give_the_same_routes_and_more_of_them_no_worse_ones() -> None:
    data = model_of(scattered(14, 4)).data
    once, again = (search(data, Stop(iterations=120), seed=5) for _ in range(2))
    assert once == again
    assert once.iterations == 120
    assert search(data, Stop(iterations=20), 5, warm=once.solution).solution.distance() <= once.solution.distance()


def test_seconds_end_the_search() -> None:
    assert search(model_of(scattered(8, 2)).data, Stop(cpu_s=0.3), seed=1).iterations > 1


def test_or_tools_puts_routes_of_several_solutions_together() -> None:
    data = model_of(scattered(8, 2)).data
    client_at = {int(client.location): number for number, client in enumerate(data.clients())}
    by_way = [client_at[at] for at in sorted(client_at, key=lambda at: int(data.distance_matrix(0)[0, at]))]
    near, far = by_way[:4], by_way[4:]
    good_order, bad_order = sorted(far, reverse=True), [*far[::2], *far[1::2]]
    mixed = Solution(data, [[near[0], far[0], near[2], far[2]], [near[1], far[1], near[3], far[3]]])
    pool = Pool(data)
    pool.keep(Solution(data, [near, bad_order]))
    pool.keep(Solution(data, [[near[1], near[0], near[3], near[2]], good_order]))
    found = pool.recombined(mixed, None)
    assert found.is_feasible()
    assert found.distance() < mixed.distance()
    assert pool.recombined(found, None) is found


@pytest.mark.parametrize("changes", [{"breaks": (lunch(),)}, {"overtime_s": HOUR}])
def test_a_problem_that_pyvrp_cannot_say_is_not_plain(changes: dict[str, Any]) -> None:
    plain = problem([operative("A", {"PL": 100})], [shift(0)], [job("a", 1, "PL")])
    assert is_plain(plain)
    assert not is_plain(problem([operative("A", {"PL": 100})], [shift(0, **changes)], [job("a", 1, "PL")]))
    assert not is_plain(problem([operative("A", {"PL": 100})], [shift(0)], [job("a", 1, "PL", "PL")]))
    assert not is_plain(problem([operative("A", {"PL": 100})], [shift(0)], [job("a", 1, "PL", due_s=1)]))


def test_a_plain_problem_is_solved_by_routes_and_no_worse_than_where_it_began() -> None:
    whole = scattered(8, 2)
    plan = solve(whole, Stop(iterations=200), seed=1)
    assert (plan.distance_m, plan.left_out) == (24_000, ())
    assert plan == solve(whole, Stop(iterations=200), seed=1)
    assert not check(whole, plan)
    assert solve(whole, Stop(iterations=1), seed=2, warm=plan).cost <= plan.cost


def test_what_is_left_of_a_stop() -> None:
    assert Stop(iterations=100, cpu_s=10).without(0.2) == Stop(iterations=80, cpu_s=8)
