"""Offers on a live plan, and what becomes of it when they are taken."""

from __future__ import annotations

from dataclasses import replace

from scheduling.checker import check
from scheduling.engine.board import Board
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.problem import Follow
from tests.scheduling.small import job, lunch, operative, problem, road, shift, window

MORNING, AFTERNOON, NIGHT = window(8, 12), window(12, 16), window(20, 23)
WHOLE = problem(
    [operative("A", {"PL": 100}), operative("B", {"PL": 50, "PT": 100})],
    [shift(0, breaks=(lunch(),)), shift(1, home=9, breaks=(lunch(),))],
    [
        job("J0", 2, "PL", minutes=200, windows=(MORNING,), is_confirmed=True),
        job("J1", 3, "PL"),
        job("J2", 5, "PL", "PT"),
        job("J3", 7, "PT", follows=(Follow(1, 3_600),)),
    ],
    travel=road(10),
)


def board(*jobs: int) -> Board:
    """A board on which only these are planned."""
    held = replace(solve(WHOLE, Stop(iterations=60), 1), left_out=())
    assert len(held.visits) == 5
    live = Board(WHOLE, held)
    for number in (3, 2, 1, 0):
        if number not in jobs and live.is_planned(number):
            live.remove(number)
    return live


def test_each_window_gets_its_best_place_and_one_without_a_shift_none() -> None:
    live = board(0)
    before = live.plan()
    found = live.offers(1, [MORNING, AFTERNOON, NIGHT])
    assert {offer.window for offer in found} == {MORNING, AFTERNOON}
    best = found[0]
    assert best.shifts == (0,)
    assert (best.extra_m, best.extra_cost) == (2_000, 2_000)
    assert live.plan() == before


def test_an_offer_that_is_taken_costs_what_it_said_and_keeps_every_rule() -> None:
    live = board(0)
    for number in (1, 2):
        before = live.plan()
        offer = live.offers(number, [AFTERNOON])[0]
        assert live.place(offer)
        after = live.plan()
        assert after.distance_m - before.distance_m == offer.extra_m
        assert check(WHOLE, after) == ()
        begins = {visit.start_s for visit in after.visits if visit.job == number}
        assert len(begins) == 1
        assert AFTERNOON.start_s <= min(begins) <= AFTERNOON.end_s
    assert not live.place(offer)


def test_every_capable_operative_gets_their_own_offer() -> None:
    live = board(0, 1)
    assert [offer.shifts for offer in live.offers(1, by_operative=True)] == [(0,), (1,)]
    assert live.is_planned(1)


def test_what_follows_goes_with_what_is_taken_out() -> None:
    live = board(0, 1, 2, 3)
    assert live.remove(1) == (1, 3)
    assert live.offers(3) == []


def test_a_place_that_is_gone_is_refused_and_nothing_changes() -> None:
    live = board()
    stale = live.offers(2)[0]
    assert live.place(live.offers(0)[0])
    while live.offers(1, [AFTERNOON]) and not live.is_planned(1):
        live.place(live.offers(1, [AFTERNOON])[0])
    before = live.plan()
    taken = live.place(stale)
    assert check(WHOLE, live.plan()) == ()
    assert taken or live.plan() == before
