"""Spans tell of a route what going through all of its stops tells."""

from dataclasses import replace
from random import Random

import pytest

from scheduling.checker import check
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.problem import Costs, Part, Problem, Store, Window
from tests.scheduling.small import HOUR, job, operative, problem, shift, window

WORK = Stop(iterations=300)
HOURS = ((8, 20), (8, 11), (10, 14), (12, 19))


def drawn(seed: int, stores: tuple[Store, ...]) -> Problem:
    """A day whose hours begin with the first visit, or when they must; with stores vans lack some of what is needed."""
    random = Random(seed)
    longest = (9 * HOUR, 5 * HOUR, None)
    return problem(
        [operative(str(number), {"PL": 100, "EL": 100 - 20 * number}) for number in range(3)],
        [
            shift(number, ends=20, home=6 * number, longest_s=longest[number], stock=(Part("tap", number),))
            for number in range(3)
        ],
        [
            job(
                str(number), random.randrange(14), random.choice(("PL", "EL")), minutes=random.choice((20, 45, 70)),
                windows=(window(*random.choice(HOURS)),),
                parts=(Part("tap", random.choice((0, 1, 2))),) if stores else (),
            )
            for number in range(18)
        ],
        stores=stores, costs=Costs(per_drive_minute=7, per_working_minute=30),
    )  # fmt: skip


def halved(each: Window) -> tuple[Window, Window]:
    """The same seconds as two windows, of which spans know nothing."""
    middle = (each.start_s + each.end_s) // 2
    return Window(each.start_s, middle), Window(middle + 1, each.end_s)


def both_ways(whole: Problem, slow: Problem, seed: int) -> bool:
    """Whether the plans of both, which keep every rule, are the same."""
    plan, other = solve(whole, WORK, seed), solve(slow, WORK, seed)
    assert check(whole, plan) == ()
    assert bool(plan.fetches) == bool(whole.stores)
    return replace(plan, problem_hash="") == replace(other, problem_hash="")


@pytest.mark.parametrize("seed", range(4))
def test_a_route_by_stores_is_told_the_same(seed: int) -> None:
    open_late, always = Store("near", 2, 600, (window(9, 17),)), Store("far", 13, 120)
    whole = drawn(seed, (open_late, always))
    slow = replace(whole, stores=(replace(open_late, windows=halved(open_late.windows[0])), always))
    assert both_ways(whole, slow, seed)


@pytest.mark.parametrize("seed", range(2))
def test_a_route_of_free_hours_is_told_the_same(seed: int) -> None:
    whole = drawn(seed, ())
    slow = replace(whole, jobs=tuple(replace(one, windows=halved(one.windows[0])) for one in whole.jobs))
    assert both_ways(whole, slow, seed)
