"""What VROOM and PyVRP are told of a problem."""

from dataclasses import replace

import pytest

from benchmarks.scheduling.vroom_routes import propose_vroom
from scheduling.engine.proposers import routed
from scheduling.engine.stop import Stop
from scheduling.engine.stops import Routes, stops_of
from scheduling.problem import Block, Pin, Priority, Problem
from tests.scheduling.small import job, lunch, operative, problem, shift, window

WORK = Stop(iterations=60)
PLUMBER, ELECTRICIAN = operative("P", {"PL": 100}, "GAS"), operative("E", {"EL": 100, "PL": 50})


def by_pyvrp(whole: Problem) -> Routes:
    return routed(whole, stops_of(whole), WORK, 0, None, must_serve_all=False)[0]


def both(whole: Problem) -> list[dict[int, list[int]]]:
    """The jobs of each shift, as VROOM and PyVRP propose them."""
    return [
        {number: [task for task, _ in stops] for number, stops in routes.items()}
        for routes in (propose_vroom(whole), by_pyvrp(whole))
    ]


def test_trades_and_skills_decide_who_goes_where() -> None:
    gas = job("gas", 1, "PL")
    gas = replace(gas, roles=(replace(gas.roles[0], skills=frozenset({"GAS"})),))
    whole = problem([PLUMBER, ELECTRICIAN], [shift(0), shift(1)], [job("lamp", 2, "EL"), gas])
    for found in both(whole):
        assert found == {0: [1], 1: [0]}


def test_the_order_follows_the_windows_and_a_job_of_several_windows_is_visited_once() -> None:
    late = job("late", 1, "PL", windows=(window(14, 15),))
    twice = job("twice", 2, "PL", windows=(window(8, 9), window(15.5, 15.8)))
    early = job("early", 3, "PL", minutes=30, windows=(window(8, 8.2),))
    for found in both(problem([PLUMBER], [shift(0, ends=18)], [late, twice, early])):
        assert found in ({0: [2, 1, 0]}, {0: [2, 0, 1]})


def test_pins_and_blocks_hold() -> None:
    two = [operative("A", {"PL": 100}), operative("B", {"PL": 100})]
    shifts = [shift(0), shift(1, home=3), shift(0, day=1), shift(1, day=1, home=3)]
    jobs = [job("near A", 1, "PL"), job("near B", 2, "PL")]
    whole = problem(
        two, shifts, jobs,
        pins=(Pin(0, (1,), 1, None, "a planner", "asked for"),), blocks=(Block(1, 1, None, "a planner", "dog"),),
    )  # fmt: skip
    for found in both(whole):
        assert found[3] == [0]
        assert [1] in (found.get(0), found.get(2))


def test_standby_takes_emergencies_only() -> None:
    whole = problem(
        [PLUMBER], [shift(0, is_standby=True)],
        [job("drip", 1, "PL"), job("burst", 1, "PL", priority=Priority.EMERGENCY)],
    )  # fmt: skip
    for found in both(whole):
        assert found == {0: [1]}


def test_a_slower_hand_needs_longer() -> None:
    slow = operative("S", {"PL": 50})
    whole = problem([slow], [shift(0, ends=11)], [job("one", 0, "PL"), job("two", 0, "PL")])
    for found in both(whole):
        assert len(found[0]) == 1  # each takes two hours of the three


def test_a_break_takes_its_time() -> None:
    jobs = [job(name, 0, "PL", minutes=120) for name in "abcd"]
    free, resting = problem([PLUMBER], [shift(0)], jobs), problem([PLUMBER], [shift(0, breaks=(lunch(),))], jobs)
    assert [len(found[0]) for found in both(free)] == [4, 4]
    assert [len(found[0]) for found in both(resting)] == [3, 3]


def test_crews_are_not_told() -> None:
    two = [operative("A", {"PL": 100}), operative("B", {"PL": 100})]
    jobs = [job("crew", 1, "PL", "PL"), job("single", 1, "PL")]
    for found in both(problem(two, [shift(0), shift(1)], jobs)):
        assert list(found.values()) == [[1]]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_call_of_vroom_gives_the_same_routes(seed: int) -> None:
    whole = problem([PLUMBER, ELECTRICIAN], [shift(0), shift(1)], [job(str(place), place, "PL") for place in range(9)])
    first = propose_vroom(whole, seed=seed)
    assert all(propose_vroom(whole, seed=seed) == first for _ in range(100))  # threads that race win now and then


def test_nothing_to_do_is_no_route() -> None:
    nothing = problem([PLUMBER], [shift(0)], [])
    assert propose_vroom(nothing) == by_pyvrp(nothing) == {}
