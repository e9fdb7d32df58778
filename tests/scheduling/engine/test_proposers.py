from dataclasses import replace

import pytest

from scheduling.engine.proposers import propose_pyvrp, propose_vroom, route
from scheduling.engine.stop import Stop
from scheduling.engine.stops import Held, Routes
from scheduling.problem import Block, Pin, Priority, Problem
from tests.scheduling.small import HOUR, at, job, lunch, operative, problem, shift, window

WORK = Stop(iterations=60)


def jobs_of(routes: Routes) -> dict[int, list[int]]:
    return {number: [task for task, _ in stops] for number, stops in routes.items()}


def both(whole: Problem, **changes: object) -> list[dict[int, list[int]]]:
    """What VROOM and PyVRP propose."""
    by_vroom = propose_vroom(whole, **changes)  # type: ignore[arg-type]
    by_pyvrp = propose_pyvrp(whole, WORK, **changes)  # type: ignore[arg-type]
    return [jobs_of(by_vroom), jobs_of(by_pyvrp)]


PRIORITIES = (Priority.URGENT, Priority.ROUTINE, Priority.EMERGENCY, Priority.PLANNED, Priority.ROUTINE)
PLUMBER, ELECTRICIAN = operative("P", {"PL": 100}, "GAS"), operative("E", {"EL": 100, "PL": 50})


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


def test_what_is_held_keeps_its_shift_and_its_time_and_crews_that_are_not_are_left_alone() -> None:
    two = [operative("A", {"PL": 100}), operative("B", {"PL": 100})]
    jobs = [job("crew", 1, "PL", "PL"), job("single", 1, "PL")]
    whole = problem(two, [shift(0), shift(1)], jobs)
    held = (Held(0, 0, 1, at(8) + HOUR), Held(0, 1, 0, at(8) + HOUR))
    for found in (propose_vroom(whole, held=held), propose_pyvrp(whole, WORK, held=held)):
        assert (0, 0) in found[1]
        assert (0, 1) in found[0]
    for plain in both(whole):
        assert list(plain.values()) == [[1]]


def test_only_the_jobs_and_shifts_that_were_asked_for() -> None:
    whole = problem([PLUMBER], [shift(0), shift(0, day=1)], [job(name, 1, "PL") for name in "abc"])
    for found in both(whole, jobs=(0, 2), shifts=(1,)):
        assert {number: sorted(tasks) for number, tasks in found.items()} == {1: [0, 2]}


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_call_gives_the_same_routes(seed: int) -> None:
    whole = problem([PLUMBER, ELECTRICIAN], [shift(0), shift(1)], [job(str(place), place, "PL") for place in range(9)])
    first = propose_vroom(whole, seed=seed)
    assert all(propose_vroom(whole, seed=seed) == first for _ in range(100))  # threads that race win now and then
    assert propose_pyvrp(whole, WORK, seed=seed) == propose_pyvrp(whole, WORK, seed=seed)


def test_pyvrp_goes_on_from_the_routes_it_is_given() -> None:
    whole = problem([PLUMBER], [shift(0)], [job(str(place), place, "PL") for place in (1, 2, 3)])
    best = propose_pyvrp(whole, WORK)
    assert propose_pyvrp(whole, Stop(iterations=0), warm=best) == best
    assert propose_pyvrp(whole, Stop(iterations=1), warm={7: ((0, 0),)})  # of another problem: not taken


def test_a_plain_problem_is_served_whole_if_it_can_be_and_else_as_far_as_it_can() -> None:
    jobs = [job("two hours", 0, "PL", minutes=120, priority=priority) for priority in PRIORITIES]
    enough, short = shift(0, ends=18), shift(0)
    assert len(route(problem([PLUMBER], [enough], jobs), WORK, 0)[0][0]) == 5
    assert sorted(jobs_of(route(problem([PLUMBER], [short], jobs), WORK, 0)[0])[0]) == [0, 1, 2, 4]


def test_nothing_to_do_is_no_route() -> None:
    nothing = problem([PLUMBER], [shift(0)], [])
    assert propose_vroom(nothing) == propose_pyvrp(nothing, WORK) == {}
