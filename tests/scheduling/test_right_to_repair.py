"""The periods of the Right to Repair, which jobs are in it, and how a planner sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import ConfigurationFault
from scheduling.build import build
from scheduling.calendars import midnight
from scheduling.carrying import shifted
from scheduling.desk import Desk
from scheduling.events import Change
from scheduling.explain import why
from scheduling.horizon import Horizon
from scheduling.local_rules import load
from scheduling.problem import Clock, Job, Priority, Problem
from scheduling.right_to_repair import owed, periods
from tests.scheduling.council import MONDAY, Council, at, straight
from tests.scheduling.live import Clock as Time
from tests.scheduling.live import opened, published, town

RULES = load()


def built(council: Council) -> Problem:
    return build(council.raw, Horizon(MONDAY, 5), RULES, straight)


def job(problem: Problem, ref: str) -> Job:
    return next(one for one in problem.jobs if one.job_ref == ref)


def asked(council: Council, ref: str, **values: Any) -> dict[str, Any]:
    """What ties an order to its request."""
    return {"request_id": council.add("repair_request", request_ref=ref, **values)}


def test_heating_must_be_repaired_sooner_in_winter() -> None:
    def due(month: int, day: int) -> date:
        return periods("loss-of-heating", date(2026, month, day))[0].date() - timedelta(days=1)

    assert due(10, 30) == date(2026, 11, 4)
    assert due(11, 2) == date(2026, 11, 3)
    assert due(4, 30) == date(2026, 5, 1)
    assert due(5, 1) == date(2026, 5, 7)  # 4 May is a bank holiday


def test_a_second_contractor_has_as_long_again() -> None:
    christmas = date(2026, 12, 24)
    days = {"leak": (29, 30), "tap": (31, 37), "leaking-roof": (38, 49)}
    for defect, ends in days.items():
        last = [midnight(date(2026, 12, 1) + timedelta(days=day)) for day in ends]
        assert list(periods(defect, christmas)) == last
    with pytest.raises(ConfigurationFault, match="squeaking-door"):
        periods("squeaking-door", christmas)


def test_ten_pounds_and_two_a_day_up_to_fifty() -> None:
    again = midnight(date(2026, 10, 24))
    hours_after = [-1, 0, 23, 24, 24 * 18, 24 * 90]
    sums = [owed(again, again + timedelta(hours=hours)) for hours in hours_after]
    assert sums == [Decimal(pounds) for pounds in (0, 12, 12, 14, 48, 50)]


def test_a_declared_item_has_the_laws_clock_unless_it_costs_too_much(council: Council) -> None:
    for ref, cost in (("1", 250), ("2", 251), ("3", None)):
        council.line(council.order(ref, estimated_cost=cost), sor_code="10060430")
    council.line(council.order("4"), sor_code="10060130")
    council.line(council.order("5", "EL"), sor_code="10060430")  # another trade's book
    problem = built(council)
    # raised on 12 October and three working days; again three
    clock = Clock("right-to-repair", "blocked-sink", -3 * 86_400, 2 * 86_400)
    assert [job(problem, ref).clocks for ref in "12345"] == [(clock,), (), (clock,), (), ()]
    assert [job(problem, ref).priority for ref in "12"] == [Priority.URGENT, Priority.ROUTINE]
    assert [job(problem, ref).due_s for ref in "12"] == [0, Horizon(MONDAY, 5).seconds(at(11, 0))]


def test_the_systems_word_on_the_request_comes_first(council: Council) -> None:
    reported = at(-3, 9)  # a Friday
    yes, no = {"is_right_to_repair": True, "reported_at": reported}, {"is_right_to_repair": False}
    council.line(council.order("1", estimated_cost=900, **asked(council, "1", **yes)), sor_code="10060430")
    council.line(council.order("2", **asked(council, "2", **no)), sor_code="10060430")
    council.order("3", **asked(council, "3", **yes))  # no item says as what: what a plumber mends is a leak
    council.order("4", "PA", **asked(council, "4", **yes))
    problem = built(council)
    assert [[(one.step, one.due_s) for one in job(problem, ref).clocks] for ref in "123"] == [
        [("blocked-sink", 3 * 86_400)], [], [("leak", 86_400)],
    ]  # fmt: skip
    assert not job(problem, "4").clocks
    assert [one.subject_ref for one in problem.faults if one.code == "right-to-repair-untold"] == ["4"]


def test_of_several_trades_the_one_that_mends_the_defect_has_the_clock(council: Council) -> None:
    order = council.order("1", **asked(council, "1", is_right_to_repair=True, reported_at=at(0, 9)))
    council.line(order, 1, "PL", sor_code="10110130")
    council.line(order, 2, "PT", sor_code="14010130")
    problem = built(council)
    assert [one.step for one in job(problem, "1/PL").clocks] == ["leak"]
    assert not job(problem, "1/PT").clocks


def test_of_a_hazard_and_a_defect_the_sooner_is_due(council: Council) -> None:
    order = council.order("1", **asked(council, "1", is_right_to_repair=True, reported_at=at(0, 9)))
    council.add("hazard_case", hazard_ref="Z", hazard_type_code="damp_and_mould", track_code="significant",
                work_order_id=order, aware_at=at(-14, 9), investigated_at=at(-4, 15))  # fmt: skip
    found = job(built(council), "1")
    assert [(one.law, one.step) for one in found.clocks] == [("awaab", "safety-work"), ("right-to-repair", "leak")]
    assert found.due_s == min(one.due_s for one in found.clocks) > 0


def test_a_planner_sees_the_clock_and_what_is_owed(hub_url: str, tmp_path: Path, clock: Time) -> None:
    desk = with_clocks(hub_url, tmp_path, clock, Clock("right-to-repair", "leak", 86_400, 2 * 86_400))
    try:
        (told,) = [one for one in why(desk, "W05")[0].held_by if "Right to Repair" in one]
        assert f"by {desk.at(86_400):%d %B %Y} 00:00: leak" in told
        assert f"A second contractor has until {desk.at(2 * 86_400):%d %B %Y} 00:00" in told
        clock.now = desk.at(2 * 86_400 + 3_600)
        assert any("the tenant is owed £12" in one for one in why(desk, "W05")[0].held_by)
    finally:
        desk.store.close()


def test_a_planner_sees_the_step_of_a_hazard(hub_url: str, tmp_path: Path, clock: Time) -> None:
    desk = with_clocks(hub_url, tmp_path, clock, Clock("awaab", "make-safe", 86_400))
    try:
        assert any("Awaab's Law" in one and "make-safe" in one for one in why(desk, "W05")[0].held_by)
    finally:
        desk.store.close()


def test_clocks_stay_with_a_job_that_changes() -> None:
    clock = Clock("right-to-repair", "leak", 86_400, 2 * 86_400)
    told = Job("W1", 0, (), 60, clocks=(clock,))
    assert Change.read(Change(amended=(told,)).written()).amended == (told,)
    assert shifted(told, -3_600).clocks == (Clock("right-to-repair", "leak", 82_800, 2 * 86_400 - 3_600),)


def with_clocks(hub_url: str, folder: Path, time: Time, *clocks: Clock) -> Desk:
    """A desk over a town in which an order has the clocks."""
    problem = town()
    jobs = tuple(replace(one, clocks=clocks) if one.job_ref == "W05" else one for one in problem.jobs)
    published(hub_url, folder, replace(problem, jobs=jobs))
    return opened(hub_url, folder, time)
