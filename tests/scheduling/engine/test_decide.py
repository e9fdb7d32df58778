from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.engine.decide import Column, Link, SeenRoute, choose, decide
from scheduling.plan import Visit
from scheduling.problem import Follow, Problem
from tests.scheduling.small import HOUR, at, job, operative, problem, shift

COLUMNS = st.lists(
    st.builds(
        Column,
        kind=st.integers(0, 2),
        rows=st.sets(st.integers(0, 3), min_size=1).map(lambda rows: tuple(sorted(rows))),
        cost=st.integers(1, 40),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=40)
@given(COLUMNS)
def test_the_choice_costs_what_the_best_of_all_choices_costs(columns: list[Column]) -> None:
    supply, left_out = [1, 1, 2], [30, 30, 30, 30]

    def cost(chosen: tuple[int, ...]) -> int | None:
        rows = [row for at in chosen for row in columns[at].rows]
        kinds = [columns[at].kind for at in chosen]
        if len(set(rows)) < len(rows) or any(kinds.count(kind) > supply[kind] for kind in range(3)):
            return None
        return sum(columns[at].cost for at in chosen) + 30 * (4 - len(rows))

    choices = [each for size in range(5) for each in combinations(range(len(columns)), size)]
    costs = [found for each in choices if (found := cost(each)) is not None]
    assert cost(choose(columns, supply, left_out, ())) == min(costs)


def test_what_must_be_served_is_and_nothing_better_leaves_the_best_as_it_is() -> None:
    columns = [Column(0, (0,), 5), Column(1, (1,), 5), Column(0, (0, 1), 9)]
    assert choose(columns, [1, 1], [None, None], (0, 1)) == (2,)
    assert choose(columns[:2], [1, 1], [None, None], (0, 1)) == (0, 1)
    assert choose(columns[:1], [1, 1], [None, None], ()) == ()


def test_links_bind_columns_together() -> None:
    columns = [Column(0, (0,), 1), Column(0, (0,), 5), Column(1, (1,), 1)]
    assert choose(columns, [1, 1], [100, 100], (), [Link({0: 1, 2: 1}, most=1)]) == (1, 2)


def route(number: int, *visits: tuple[int, int, float], cost: int = 1_000, hours: float = 4) -> SeenRoute:
    """A route of (job, role, start) visits of an hour."""
    told = tuple(
        Visit(task, role, number, at(start), at(start), at(start) + HOUR, 0) for task, role, start in visits
    )  # fmt: skip
    return SeenRoute(number, told, round(hours * HOUR), cost)


def chosen(whole: Problem, seen: list[SeenRoute]) -> set[int]:
    return set(decide(whole, seen, ()))


TWO = [operative("A", {"PL": 100}), operative("B", {"PL": 100})]


def test_a_crew_begins_together_or_stays_at_home() -> None:
    whole = problem(TWO, [shift(0), shift(1)], [job("crew", 1, "PL", "PL")])
    early, late, dear = route(0, (0, 0, 8)), route(1, (0, 1, 10)), route(0, (0, 0, 10), cost=9_000)
    assert chosen(whole, [early, late]) == set()
    assert chosen(whole, [early, late, dear]) == {1, 2}


@pytest.mark.parametrize(("begins", "comes"), [(9.5, False), (10, True)])
def test_a_follow_on_waits_for_its_gap_and_comes_only_with_the_job_before(begins: float, comes: bool) -> None:
    jobs = [job("plaster", 1, "PL"), job("paint", 1, "PL", follows=(Follow(0, HOUR),))]
    whole = problem(TWO, [shift(0), shift(1)], jobs)
    first, then = route(0, (0, 0, 8)), route(1, (1, 0, begins))
    assert chosen(whole, [first, then]) == ({0, 1} if comes else {0})
    assert chosen(whole, [then]) == set()


def test_a_key_is_in_one_hand_on_a_day() -> None:
    whole = problem(TWO, [shift(0), shift(1)], [job(name, 1, "PL", key_ref="K") for name in "ab"])
    apart = [route(0, (0, 0, 8)), route(1, (1, 0, 8))]
    assert len(chosen(whole, apart)) == 1
    assert chosen(whole, [*apart, route(0, (0, 0, 8), (1, 0, 10), cost=50_000)]) == {2}


def test_nobody_works_longer_than_their_week() -> None:
    limited = operative("A", {"PL": 100}).__class__("A", {"PL": 100}, weekly_limit_s=6 * HOUR)
    whole = problem([limited], [shift(0), shift(0, day=1)], [job("a", 1, "PL"), job("b", 1, "PL")])
    assert len(chosen(whole, [route(0, (0, 0, 8)), route(1, (1, 0, 32))])) == 1
    assert len(chosen(whole, [route(0, (0, 0, 8), hours=3), route(1, (1, 0, 32), hours=3)])) == 2
