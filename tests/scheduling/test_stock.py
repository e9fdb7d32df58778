"""Tools and parts: what a van has, what it fetches, and what becomes of jobs that nobody can bring the parts to."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from scheduling.checker import check
from scheduling.engine.board import Board
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.events import Change
from scheduling.faults import sound
from scheduling.plan import Fetch, Plan, Rest, Visit
from scheduling.problem import Break, Costs, DayPart, Operative, Part, Problem, Store
from scheduling.rules import Rule
from tests.scheduling.small import HOUR, at, job, lunch, operative, problem, road, shift, stated, window

WORK = Stop(iterations=300)
MERCHANT = Store("merchant", 1, fetch_s=600, windows=(window(8.5, 16),), kinds=frozenset({"VALVE", "TAP"}))
PLUMBER = operative("A", {"PL": 100})


def by_the_merchant() -> tuple[Problem, Plan]:
    """One valve in the van and two jobs that take one each: the second is had on the way."""
    valve = (Part("VALVE", 1),)
    whole = problem(
        [PLUMBER], [shift(0, stock=valve)], [job("near", 1, "PL", parts=valve), job("far", 3, "PL", parts=valve)],
        stores=(MERCHANT,),
    )  # fmt: skip
    visits = (Visit(0, 0, 0, at(8) + 120, at(8) + 120, at(9) + 120, 1_000),
              Visit(1, 0, 0, at(9) + 960, at(9) + 960, at(10) + 960, 2_000))  # fmt: skip
    fetches = (Fetch(0, 0, at(9) + 120, at(9) + 120, at(9) + 720, 0),)
    return whole, stated(whole, Plan("", 0, 0, visits, (), (), 0, 0, fetches))


def changed(plan: Plan, **changes: Any) -> tuple[Fetch, ...]:
    return (replace(plan.fetches[0], **changes),)


MUTANTS: list[tuple[str, Rule, Callable[[Problem, Plan], tuple[Problem, Plan]]]] = [
    ("nothing is fetched", Rule.STOCK, lambda w, p: (w, replace(p, fetches=()))),
    ("the van was empty", Rule.STOCK, lambda w, p: (replace(w, shifts=(replace(w.shifts[0], stock=()),)), p)),
    ("the merchant has no valves", Rule.STOCK, lambda w, p: (
        replace(w, stores=(replace(MERCHANT, kinds=frozenset({"TAP"})),)), p)),
    ("there is no such store", Rule.STOCK, lambda w, p: (w, replace(p, fetches=changed(p, store=3)))),
    ("it is fetched twice", Rule.STOCK, lambda w, p: (replace(w, stores=(replace(MERCHANT, fetch_s=300),)), replace(
        p, fetches=(*changed(p, end_s=at(9) + 420), *changed(p, arrive_s=at(9) + 420, start_s=at(9) + 420))))),
    ("fetching is quicker", Rule.DURATION, lambda w, p: (replace(w, stores=(replace(MERCHANT, fetch_s=660),)), p)),
    ("the merchant is shut", Rule.WINDOW, lambda w, p: (
        replace(w, stores=(replace(MERCHANT, windows=(window(9.5, 16),)),)), p)),
    ("it is arrived at too soon", Rule.TRAVEL, lambda w, p: (w, replace(p, fetches=changed(p, arrive_s=at(9))))),
    ("it is farther", Rule.DISTANCE, lambda w, p: (w, replace(p, fetches=changed(p, leg_m=500)))),
]  # fmt: skip


def test_a_plan_that_calls_at_a_store_is_right() -> None:
    assert check(*by_the_merchant()) == ()


@pytest.mark.parametrize(("rule", "mutate"), [pytest.param(rule, mutate, id=name) for name, rule, mutate in MUTANTS])
def test_a_call_that_is_wrong_is_caught(
    rule: Rule, mutate: Callable[[Problem, Plan], tuple[Problem, Plan]]
) -> None:  # fmt: skip
    whole, plan = mutate(*by_the_merchant())
    assert rule in {breach.rule for breach in check(whole, plan)}


def test_the_engine_fetches_what_is_short_where_that_is_least_way() -> None:
    whole, by_hand = by_the_merchant()
    plan = solve(whole, WORK, 1)
    assert check(whole, plan) == ()
    assert (len(plan.visits), plan.distance_m) == (2, by_hand.distance_m)
    assert [(fetch.store, fetch.end_s - fetch.start_s) for fetch in plan.fetches] == [(0, 600)]
    assert Plan.from_bytes(plan.to_bytes()) == plan
    enough = replace(whole, shifts=(replace(whole.shifts[0], stock=(Part("VALVE", 2),)),))
    assert solve(enough, WORK, 1).fetches == ()


def test_who_has_the_tool_goes_and_a_store_without_it_is_of_no_use() -> None:
    camera = frozenset({"DRAIN CAMERA"})
    two = [PLUMBER, replace(operative("B", {"PL": 100}), tools=camera)]
    whole = problem(two, [shift(0), shift(1, home=9)], [job("drain", 2, "PL", tools=camera)], stores=(MERCHANT,))
    assert [visit.shift for visit in solve(whole, WORK, 1).visits] == [1]
    depot = replace(whole, stores=(Store("depot", 1),))
    plan = solve(depot, WORK, 1)
    assert [visit.shift for visit in plan.visits] == [0]
    assert [fetch.shift for fetch in plan.fetches] == [0]
    assert check(depot, plan) == ()


def test_a_break_holds_beside_a_call_at_a_store() -> None:
    parts = (Part("TAP", 1),)
    jobs = [job("one", 2, "PL", minutes=200), job("two", 4, "PL", minutes=120, parts=parts)]
    whole = problem([PLUMBER], [shift(0, breaks=(lunch(),))], jobs, stores=(MERCHANT,))
    plan = solve(whole, WORK, 1)
    assert check(whole, plan) == ()
    assert (len(plan.visits), len(plan.fetches), len(plan.rests)) == (2, 1, 1)


def test_a_job_whose_parts_nobody_can_have_is_told_and_the_rest_is_planned() -> None:
    jobs = [job("lift", 1, "PL", parts=(Part("MOTOR", 1),)), job("tap", 1, "PL", parts=(Part("TAP", 1),))]
    whole = sound(problem([PLUMBER], [shift(0)], jobs, stores=(MERCHANT,)))
    assert [(fault.code, fault.subject_ref) for fault in whole.faults] == [("no-tool-or-part", "lift")]
    plan = solve(whole, WORK, 1)
    assert (len(plan.visits), plan.left_out) == (1, ())


def test_a_live_board_knows_what_an_offer_has_to_fetch() -> None:
    whole, plan = by_the_merchant()
    board = Board(whole, solve(whole, WORK, 1))
    board.remove(1)
    [offer] = board.offers(1, (window(8, 16),))
    assert offer.extra_m == 4_000
    assert board.place(offer)
    assert check(whole, board.plan()) == ()
    assert board.plan().distance_m == plan.distance_m


def test_an_added_job_keeps_its_tools_and_parts_in_the_record() -> None:
    whole, _ = by_the_merchant()
    task = replace(whole.jobs[0], tools=frozenset({"SAW"}))
    change = Change(added=((task, whole.places[1]),))
    assert Change.read(change.written()).added == change.added


# -- hours that begin with the first visit ---------------------------------------------------------------------------


def free(whose: int = 0, hours: float = 4, **changes: Any) -> Any:
    return shift(whose, longest_s=round(hours * HOUR), **changes)


def test_who_is_free_leaves_for_the_first_visit_and_is_back_within_their_hours() -> None:
    late = job("late", 2, "PL", windows=(window(13, 14),))
    whole = problem([PLUMBER], [free(hours=2)], [job("early", 1, "PL"), late])
    plan = solve(whole, WORK, 1)
    assert check(whole, plan) == ()
    assert len(plan.visits) == 1
    whole = problem([PLUMBER], [free(hours=2.2)], [job("early", 1, "PL"), late])
    plan = solve(whole, WORK, 1)
    assert check(whole, plan) == ()
    assert len(plan.visits) == 2


def test_working_time_is_paid_from_leaving_without_breaks() -> None:
    late = job("late", 2, "PL", windows=(window(13, 14),))
    costs = Costs(per_working_minute=60)
    fixed = problem([PLUMBER], [shift(0)], [late], costs=costs)
    plan = solve(fixed, WORK, 1)
    assert check(fixed, plan) == ()
    assert plan.cost == 4_000 + 60 * (6 * 60 + 4)  # from eight to four minutes past two
    whole = problem([PLUMBER], [free()], [late], costs=costs)
    plan = solve(whole, WORK, 1)
    assert check(whole, plan) == ()
    assert plan.cost == 4_000 + 60 * 68


def test_a_rest_within_free_hours_is_not_worked() -> None:
    jobs = [job("one", 1, "PL", windows=(window(11, 11.2),)), job("two", 2, "PL", windows=(window(13, 14),))]
    whole = problem([PLUMBER], [free(hours=2.8, breaks=(lunch(),))], jobs, costs=Costs(per_working_minute=7))
    plan = solve(whole, WORK, 1)
    assert check(whole, plan) == ()
    assert (len(plan.visits), plan.rests) == (2, (Rest(0, 0, plan.rests[0].start_s, plan.rests[0].end_s),))


def test_who_rests_before_the_first_drive_leaves_no_sooner_than_they_must() -> None:
    traffic = (DayPart(0, 135), DayPart(9 * 60 + 30, 112))  # who leaves a second later is there no later
    rests = (Break(at(8.5), at(8.75), 1_800),)
    for place in (7, 10, 12, 17):
        whole = problem(
            [PLUMBER], [free(hours=6, breaks=rests)], [job("late", place, "PL", windows=(window(11, 12),))],
            travel=road(20, traffic), costs=Costs(per_drive_minute=100),
        )  # fmt: skip
        assert check(whole, solve(whole, Stop(iterations=0), 1)) == ()


def test_an_operative_and_a_shift_have_no_tools_or_parts_by_default() -> None:
    assert Operative("A", {}).tools == frozenset()
    assert shift(0).stock == ()
