"""What a planner decides: seen before it is done, held to afterwards, and never against a rule or a promise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling import booking
from scheduling.carrying import Carried
from scheduling.checker import check
from scheduling.decisions import decided, in_force
from scheduling.desk import Desk, Refused
from scheduling.effects import Effect
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.events import Live
from scheduling.offers import Asked
from scheduling.overrides import By, block, pin, swap, undo
from scheduling.problem import Problem
from tests.scheduling.live import RULES, Clock, breaches, opened, published, town

ANN = By("Ann Planner", "the tenant knows the operative")
TUESDAY = 1


def done(decide: Callable[[By], Effect], by: By = ANN) -> Effect:
    """What came of a decision that was seen and confirmed."""
    shown = decide(by)
    assert not shown.is_done
    kept = decide(replace(by, token=shown.token))
    assert kept.is_done
    assert replace(kept, decisions=()) == shown
    return kept


def where(desk: Desk, ref: str) -> list[tuple[str, int]]:
    """Operative and day of each visit of a job."""
    start = desk.date_of(0)
    return [(row.operative_ref, (row.day - start).days) for row in desk.visits() if row.job_ref == ref]


def fresh(problem: Problem) -> dict[str, list[tuple[str, int]]]:
    """Who does each job on which day in a plan made anew, which keeps every rule."""
    plan = solve(problem, Stop(iterations=200), 3)
    assert check(problem, plan) == ()
    found: dict[str, list[tuple[str, int]]] = {}
    for visit in plan.visits:
        shift = problem.shifts[visit.shift]
        ref = problem.operatives[shift.operative].operative_ref
        found.setdefault(problem.jobs[visit.job].job_ref, []).append((ref, shift.day))
    return found


def test_a_pin_is_shown_first_and_nothing_is_kept(desk: Desk) -> None:
    before, number = desk.snapshot()[1].to_bytes(), desk.last_event
    shown = pin(desk, ANN, "W05", operatives=["OP2"], day=desk.date_of(8))
    assert not shown.is_done
    assert "W05" in {one.job_ref for one in shown.moved}
    assert (desk.snapshot()[1].to_bytes(), desk.last_event, desk.decisions) == (before, number, ())


def test_what_was_shown_is_what_is_done_and_holds(desk: Desk) -> None:
    before = desk.snapshot()[1]
    kept = done(lambda by: pin(desk, by, "W05", operatives=["OP2"], day=desk.date_of(8)))
    assert where(desk, "W05") == [("OP2", 8)]
    problem, plan = desk.snapshot()
    assert check(problem, plan) == ()
    assert (plan.distance_m - before.distance_m, plan.cost - before.cost) == (kept.added_m, kept.added_cost)
    assert fresh(problem)["W05"] == [("OP2", 8)]
    offers = booking.offers(desk, RULES, "W05", Asked(days=12)).offers
    assert {(one.operative_ref, one.day) for one in offers} == {("OP2", desk.date_of(8))}


def test_a_pin_at_a_time(desk: Desk) -> None:
    at = desk.at(0) + timedelta(days=2, hours=10, minutes=30)
    kept = done(lambda by: pin(desk, by, "W06", at=at))
    assert [row.start_at for row in desk.visits() if row.job_ref == "W06"] == [at]
    assert breaches(desk) == ()
    done(lambda by: undo(desk, by, kept.decisions[-1]))
    assert desk.decisions == ()
    assert desk.windows_of(desk.numbers_of("W06")[0]) == ()
    assert breaches(desk) == ()


def test_a_pin_without_more_holds_a_visit_where_it_is(desk: Desk) -> None:
    here = where(desk, "CREW")
    shown = done(lambda by: pin(desk, by, "CREW"))
    assert (shown.added_m, shown.moved, where(desk, "CREW")) == (0, (), here)
    assert sorted(fresh(desk.snapshot()[0])["CREW"]) == sorted(here)


def test_a_swap_is_two_pins(desk: Desk) -> None:
    a, b = next(
        (a.job_ref, b.job_ref) for a in desk.visits() for b in desk.visits()
        if a.job_ref[0] == b.job_ref[0] == "W" and a.operative_ref < b.operative_ref < "OP3" and a.day != b.day
        and not {a.job_ref, b.job_ref} & {"W03", "W04"}
    )  # fmt: skip
    here, there = where(desk, a), where(desk, b)
    kept = done(lambda by: swap(desk, by, a, b))
    assert (where(desk, a), where(desk, b), len(kept.decisions)) == (there, here, 2)
    assert breaches(desk) == ()
    again = fresh(desk.snapshot()[0])
    assert (again[a], again[b]) == (there, here)


def test_a_block_sends_the_work_to_others(desk: Desk) -> None:
    kept = done(lambda by: block(desk, by, "OP0"))
    assert not any(row.operative_ref == "OP0" for row in desk.visits())
    assert kept.left_out == ()
    assert breaches(desk) == ()
    assert not any(("OP0", day) in who for who in fresh(desk.snapshot()[0]).values() for day in range(12))
    done(lambda by: undo(desk, by, kept.decisions[0]))
    assert pin(desk, ANN, "W05", operatives=["OP0"]).moved
    one = where(desk, "W07")[0]
    done(lambda by: block(desk, by, one[0], order_ref="W07"))
    assert where(desk, "W07")[0][0] != one[0]
    assert breaches(desk) == ()


def test_what_no_rule_allows_is_refused_with_the_rule(desk: Desk) -> None:
    before = desk.snapshot()[1].to_bytes()
    cases: tuple[tuple[Callable[[By], Effect], str], ...] = (
        (lambda by: pin(desk, by, "W05", operatives=["OP3"]), "trade"),
        (lambda by: pin(desk, by, "W05", day=desk.date_of(5)), "shift"),
        (lambda by: pin(desk, by, "W90/PT", day=desk.date_of(0), operatives=["OP0"]), "trade"),
        (lambda by: pin(desk, by, "CREW", operatives=["OP0"]), "crew"),
        (lambda by: pin(desk, by, "W05", operatives=["NOBODY"]), "unknown-operative"),
        (lambda by: pin(desk, by, "NONE"), "unknown-order"),
        (lambda by: pin(desk, by, "W90"), "several-trades"),
        (lambda by: block(desk, by, "OP0", day=desk.date_of(-1)), "past"),
        (lambda by: pin(desk, by, "W05", day=desk.date_of(12)), "beyond-plan"),
        (lambda by: undo(desk, by, 77), "unknown-decision"),
    )
    for decide, code in cases:
        with pytest.raises(Refused) as refusal:
            decide(ANN)
        assert refusal.value.code == code
    assert desk.snapshot()[1].to_bytes() == before


def test_a_decision_has_a_name_a_reason_and_the_token_of_what_was_shown(desk: Desk) -> None:
    for by in (By(" ", "a reason"), By("Ann", "  ")):
        with pytest.raises(Refused, match="named person"):
            pin(desk, by, "W05")
    shown = pin(desk, ANN, "W05", operatives=["OP2"], day=desk.date_of(8))
    done(lambda by: pin(desk, by, "W06", operatives=["OP2"], day=desk.date_of(8)))
    with pytest.raises(Refused) as refusal:
        pin(desk, replace(ANN, token=shown.token), "W07", operatives=["OP2"], day=desk.date_of(8))
    assert refusal.value.code == "plan-changed"


def test_a_promise_is_broken_with_consent_alone(desk: Desk) -> None:
    offer = booking.offers(desk, RULES, "W08", Asked(days=3)).offers[0]
    promised = booking.confirm(desk, RULES, booking.hold(desk, RULES, offer.offer, "portal").id, "portal")
    other = desk.date_of(9)
    shown = pin(desk, ANN, "W08", day=other)
    assert shown.broken == ("W08",)
    with pytest.raises(Refused) as refusal:
        pin(desk, replace(ANN, token=shown.token), "W08", day=other)
    assert refusal.value.code == "consent-needed"
    assert desk.bookings[promised.id].day != other
    pin(desk, replace(ANN, token=shown.token, consent=True), "W08", day=other)
    assert desk.bookings[promised.id].day == other
    assert where(desk, "W08")[0][1] == 9
    assert breaches(desk) == ()


def test_a_full_day_makes_room_for_what_is_pinned_to_it(desk: Desk) -> None:
    day = desk.date_of(8)
    pinned = []
    for number in range(5, 17):
        try:
            done(lambda by, ref=f"W{number:02}": pin(desk, by, ref, operatives=["OP2"], day=day))  # type: ignore[misc]
        except Refused as refusal:
            assert refusal.code == "shift"  # full of what is pinned itself
            break
        pinned.append(f"W{number:02}")
    assert len(pinned) in (6, 7)  # of an hour each, with ways and a break
    done(lambda by: undo(desk, by, desk.decisions[0].id))
    kept = done(lambda by: pin(desk, by, "W16", operatives=["OP2"], day=day))
    assert {"W16", pinned[0]} <= {one.job_ref for one in kept.moved}
    assert where(desk, "W16") == [("OP2", 8)]
    assert where(desk, pinned[0]) != [("OP2", 8)]
    assert breaches(desk) == ()


def test_what_has_begun_is_not_moved(desk: Desk, clock: Clock) -> None:
    first = desk.visits()[0]
    clock.now = first.start_at + timedelta(minutes=5)
    with pytest.raises(Refused) as refusal:
        pin(desk, ANN, first.job_ref, day=desk.date_of(9))
    assert refusal.value.code == "under-way"


def test_decisions_outlive_the_desk_and_the_plan(desk: Desk, clock: Clock, hub_url: str, tmp_path: Path) -> None:
    done(lambda by: pin(desk, by, "W05", operatives=["OP2"], day=desk.date_of(8)))
    done(lambda by: block(desk, by, "OP1", day=desk.date_of(2)))
    before, kept = desk.snapshot()[1].to_bytes(), desk.decisions
    desk.store.close()
    again = opened(hub_url, tmp_path, clock)
    assert (again.snapshot()[1].to_bytes(), again.decisions) == (before, kept)
    with psycopg.connect(hub_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        rows = in_force(connection)
    assert rows == kept
    assert fresh(decided(town(), rows))["W05"] == [("OP2", 8)]
    published(hub_url, tmp_path, town())  # a plan that knew nothing of them
    assert again.adopt()
    assert where(again, "W05") == [("OP2", 8)]
    assert not any(row.operative_ref == "OP1" and row.day == again.date_of(2) for row in again.visits())
    assert breaches(again) == ()
    again.store.close()


ORDERS = [f"W{number:02}" for number in range(17)] + ["CREW", "W90/EL", "W90/PT"]
STAFF = [f"OP{number}" for number in range(4)]
WISHES = st.one_of(
    st.tuples(st.just("pin"), st.sampled_from(ORDERS), st.sampled_from([*STAFF, None]), st.integers(0, 11)),
    st.tuples(st.just("swap"), st.sampled_from(ORDERS), st.sampled_from(ORDERS), st.just(0)),
    st.tuples(st.just("block"), st.sampled_from([*ORDERS, None]), st.sampled_from(STAFF), st.integers(0, 11)),
    st.tuples(st.just("undo"), st.just(None), st.just(None), st.integers(1, 9)),
)


def wished(desk: Desk, by: By, wish: tuple[str, str | None, str | None, int]) -> Effect:
    kind, a, b, number = wish
    if kind == "pin":
        return pin(desk, by, str(a), operatives=[b] if b else [], day=desk.date_of(number))
    if kind == "swap":
        return swap(desk, by, str(a), str(b))
    if kind == "block":
        return block(desk, by, str(b), order_ref=a, day=desk.date_of(number))
    return undo(desk, by, number)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(wishes=st.lists(WISHES, min_size=1, max_size=6))
def test_whatever_is_accepted_breaks_no_rule_and_holds(wishes: list[tuple[str, str | None, str | None, int]]) -> None:
    store = Unkept(town())
    desk = Desk(store, Clock())  # type: ignore[arg-type]  # it is asked as a store is
    for wish in wishes:
        before = desk.snapshot()[1].to_bytes()
        try:
            shown = wished(desk, ANN, wish)
            assert desk.snapshot()[1].to_bytes() == before
            kept = wished(desk, replace(ANN, token=shown.token, consent=True), wish)
        except Refused:
            assert desk.snapshot()[1].to_bytes() == before
            continue
        problem, plan = desk.snapshot()
        assert check(problem, plan) == ()
        assert replace(kept, decisions=()) == shown
    problem, _ = desk.snapshot()
    again = solve(problem, Stop(iterations=100), 5)
    assert check(problem, again) == ()
    planned = {visit.job for visit in again.visits}
    held = [each.job for each in problem.pins if desk.board.is_planned(each.job)]
    assert set(held) <= planned


class Unkept:
    """A store that keeps nothing."""

    followers: tuple[object, ...] = ()

    def __init__(self, problem: Problem) -> None:
        self._live = Live(1, problem, solve(problem, Stop(iterations=100), 1), 0)

    def live(self) -> Live:
        return self._live

    def nothing(self, *_: object) -> tuple[()]:
        return ()

    def zero(self) -> int:
        return 0

    def carried(self, *_: object) -> Carried:
        return Carried()

    def under_way(self, _: object) -> dict[str, str]:
        return {}

    events = bookings = proposals = decisions = append = still_open = nothing
    last_number = last_booking = last_proposal = last_decision = zero
