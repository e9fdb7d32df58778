from scheduling.engine.proposers import route
from scheduling.engine.stop import Stop
from scheduling.problem import Priority
from tests.scheduling.small import job, operative, problem, shift

WORK = Stop(iterations=60)
PRIORITIES = (Priority.URGENT, Priority.ROUTINE, Priority.EMERGENCY, Priority.PLANNED, Priority.ROUTINE)
PLUMBER = operative("P", {"PL": 100})


def test_it_goes_on_from_the_routes_it_is_given() -> None:
    whole = problem([PLUMBER], [shift(0)], [job(str(place), place, "PL") for place in (1, 2, 3)])
    best, iterations = route(whole, WORK, 0)
    assert (best, iterations) == route(whole, WORK, 0)
    assert route(whole, Stop(iterations=1), 0, warm=best)[0] == best
    assert route(whole, Stop(iterations=1), 0, warm={7: ((0, 0),)})[0]  # of another problem: not taken


def test_a_problem_is_served_whole_if_it_can_be_and_else_as_far_as_it_can() -> None:
    jobs = [job("two hours", 0, "PL", minutes=120, priority=priority) for priority in PRIORITIES]
    enough, short = shift(0, ends=18), shift(0)
    assert len(route(problem([PLUMBER], [enough], jobs), WORK, 0)[0][0]) == 5
    served = route(problem([PLUMBER], [short], jobs), WORK, 0)[0][0]
    assert sorted(task for task, _ in served) == [0, 1, 2, 4]


def test_nothing_to_do_is_no_route() -> None:
    assert route(problem([PLUMBER], [shift(0)], []), WORK, 0) == ({}, 0)
