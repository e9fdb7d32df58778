"""Manual week, rota, plan and actuals on one matrix; who must approve, and when it is an alarm."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ledger.errors import ConfigurationFault, ContractBroken
from scheduling import mileage, mileage_watch
from scheduling.horizon import Horizon
from scheduling.mileage import Total
from scheduling.plan import Plan, Visit
from scheduling.problem import Job, Operative, Place, Problem, Role, Shift, Travel
from tests.scheduling.council import MONDAY, Council, at, straight

WEEK = Horizon(MONDAY, 7)
TEAM = pd.DataFrame({"trade_ref": ["PL", "EL"], "start": [0, 4], "end": [0, 4]}, index=["1", "2"])
LINE_M = np.abs(np.arange(5)[:, None] - np.arange(5)) * 1_000
"""Five places in a row, a kilometre apart."""


def stops(*rows: tuple[int, str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["day", "operative_ref", "sequence", "place"])


def test_a_day_is_driven_from_home_over_its_stops_and_back() -> None:
    found = mileage.driven(stops((0, "1", 2, 3), (0, "1", 1, 1), (0, "2", 1, 4), (1, "1", 1, 2)), TEAM, LINE_M)
    assert found.to_dict("list") == {
        "day": [0, 0, 1], "operative_ref": ["1", "2", "1"], "trade_ref": ["PL", "EL", "PL"], "jobs": [2, 1, 1],
        "distance_m": [6_000, 0, 4_000],
    }  # fmt: skip
    assert mileage.total(found) == Total(4, 10_000)
    assert mileage.total(found).miles_per_job == pytest.approx(10_000 / 4 / 1_609.344)
    assert mileage.driven(stops(), TEAM, LINE_M).empty


def test_the_nearest_stop_comes_next() -> None:
    given = stops((0, "1", 0, 4), (0, "1", 0, 1), (0, "1", 0, 2), (0, "2", 0, 1), (0, "2", 0, 3))
    assert mileage.in_nearest_order(given, TEAM, LINE_M)["sequence"].tolist() == [3, 1, 2, 2, 1]


def test_the_manual_week_and_the_actual_one_stand_on_the_same_ways(council: Council) -> None:
    near, far = council.home("A", 0), council.home("B", 2_000)
    orders = [council.order("1", home=near), council.order("2", home=far), council.order("3", asset_id=None)]
    one = council.operatives["1"]
    for sequence, order in enumerate(orders, start=1):
        council.add("manual_allocation", operative_id=one, work_order_id=order, allocation_date=MONDAY,
                    sequence_number=sequence, planned_minutes=60)  # fmt: skip
    council.add("manual_allocation", operative_id=one, work_order_id=orders[0], allocation_date=date(2026, 10, 26))
    # made the other way round; the scheduling product and the repairs system both tell the first
    council.visit(orders[0], at(0, 8), at(0, 12), operative_id=one, arrived_at=at(0, 13), booking_ref="B1",
                  status_code="completed")  # fmt: skip
    council.visit(orders[0], at(0, 8), at(0, 12), operative_id=one, arrived_at=at(0, 13), booking_ref="B1",
                  status_code="completed")  # fmt: skip
    council.visit(orders[1], at(0, 8), at(0, 12), operative_id=one, arrived_at=at(0, 9), status_code="completed")
    manual = mileage.read_manual(council.raw, WEEK, straight)
    actual = mileage.read_actual(council.raw, WEEK, straight)
    assert (len(manual.visits), manual.lost) == (2, 1)
    assert actual.visits["order_ref"].tolist() == ["2", "1"]
    by_hand, done = (mileage.driven(each.visits, each.team, each.distance_m) for each in (manual, actual))
    assert by_hand["jobs"].tolist() == done["jobs"].tolist() == [2]
    # from home at 0 to 0 and 2 km, 500 m north of it, and back: the same round either way
    assert by_hand["distance_m"].item() == pytest.approx(500 + 2_000 + 2_062, rel=0.005)
    assert done["distance_m"].item() == pytest.approx(by_hand["distance_m"].item(), abs=1)


def test_under_a_rota_each_quarter_has_its_day(council: Council) -> None:
    one = council.operatives["1"]
    corners = {"SW": (0, 0), "SE": (4_000, 0), "NW": (0, 4_000), "NE": (4_000, 4_000)}
    for ref, (east, north) in corners.items():
        home = council.home(ref, east, northing_m=281_000 + north)
        council.add("manual_allocation", operative_id=one, work_order_id=council.order(ref, home=home),
                    allocation_date=MONDAY, sequence_number=1, planned_minutes=60)  # fmt: skip
    soon = council.order("E", home=council.home("E1", 4_000, northing_m=285_100), priority_code="emergency")
    late = council.order("L", home=council.home("L1", 0, northing_m=281_000), raised_at=at(1, 9))
    long = council.order("X", home=council.home("X1", 0, northing_m=281_000))
    for order, day, minutes in ((soon, 2, 60), (late, 3, 60), (long, 0, 380)):
        council.add("manual_allocation", operative_id=one, work_order_id=order, planned_minutes=minutes,
                    allocation_date=MONDAY + timedelta(days=day), sequence_number=1)  # fmt: skip
    found = mileage.four_areas(mileage.read_manual(council.raw, WEEK, straight)).set_index("order_ref")["day"]
    assert found.to_dict() == {"SW": 0, "SE": 1, "NW": 2, "NE": 3, "E": 2, "L": 4, "X": 4}


def test_a_plan_counts_all_ways_and_a_crew_as_one_job() -> None:
    found = mileage.planned(*_plan())
    assert found.to_dict("list") == {
        "day": [0, 0], "operative_ref": ["1", "2"], "trade_ref": ["PL", "PL"], "jobs": [2, 0],
        "distance_m": [6_000, 4_000],
    }  # fmt: skip
    problem, plan = _plan()
    empty = Plan("", 0, 0, (), (), (), 0, 0)
    assert mileage.total(mileage.planned(problem, empty)) == Total(0, 0)
    assert mileage.total(found).distance_m == plan.distance_m


def test_a_plan_above_the_manual_weeks_needs_a_name() -> None:
    manual = Total(10, 40_000)
    assert not mileage_watch.needs_approval(Total(20, 80_000), manual)
    assert mileage_watch.needs_approval(Total(20, 80_001), manual)
    assert not mileage_watch.needs_approval(Total(20, 88_000), manual, Decimal(10))
    assert mileage_watch.needs_approval(Total(20, 88_001), manual, Decimal(10))
    assert mileage_watch.needs_approval(Total(1, 1), Total(0, 0))
    assert not mileage_watch.needs_approval(Total(0, 0), manual)


def test_nothing_is_published_without_the_approval_of_that_very_plan(council: Council) -> None:
    plan, manual = Total(10, 50_000), Total(10, 40_000)
    mileage_watch.check_mileage(council.raw, "aa", manual, manual)
    with pytest.raises(ContractBroken, match=r"3\.11 miles a job, the manual weeks 2\.49"):
        mileage_watch.check_mileage(council.raw, "aa", plan, manual)
    for by, reason in (("", "snow"), ("Ada Hill", " ")):
        with pytest.raises(ConfigurationFault):
            mileage_watch.approve(council.raw, "aa", by, reason, plan, manual)
    mileage_watch.approve(council.raw, "aa", "Ada Hill", "Bridge shut", plan, manual)
    mileage_watch.check_mileage(council.raw, "aa", plan, manual)
    with pytest.raises(ContractBroken):
        mileage_watch.check_mileage(council.raw, "bb", plan, manual)
    kept = council.raw.execute("SELECT approved_by, reason, distance_m FROM scheduling.mileage_approval").fetchall()
    assert kept == [("Ada Hill", "Bridge shut", 50_000)]


def test_the_baseline_is_the_same_days_or_the_weeks_before(council: Council) -> None:
    for weeks, metres in ((1, 3_000), (12, 5_000), (13, 90_000)):
        _record(council, "manual", Horizon(MONDAY - timedelta(weeks=weeks), 7), [(0, "1", 1, metres)])
    assert mileage_watch.baseline(council.raw, WEEK) == Total(2, 8_000)
    _record(council, "manual", WEEK, [(0, "1", 4, 1_000)])
    assert mileage_watch.baseline(council.raw, WEEK) == Total(4, 1_000)


def test_a_week_is_counted_by_hand_by_rota_and_as_it_was_driven(council: Council) -> None:
    order, one = council.order("1"), council.operatives["1"]
    council.add("manual_allocation", operative_id=one, work_order_id=order, allocation_date=MONDAY,
                sequence_number=1, planned_minutes=60)  # fmt: skip
    council.visit(order, at(0, 8), at(0, 12), operative_id=one, arrived_at=at(2, 9), status_code="completed")
    mileage_watch.count_week(council.raw, WEEK, straight)
    found = mileage_watch.side_by_side(council.raw, "operative", MONDAY, WEEK.dates[-1])
    assert found.columns.get_level_values(0).unique().tolist() == ["manual", "four_areas", "actual"]
    assert found["actual"]["miles"].item() == found["manual"]["miles"].item() > 0
    mileage_watch.count_week(council.raw, Horizon(MONDAY + timedelta(weeks=1), 7), straight)  # an empty one


def test_all_stand_side_by_side(council: Council) -> None:
    _record(council, "manual", WEEK, [(0, "1", 2, 16_093), (1, "2", 1, 1_609)])
    _record(council, "plan", WEEK, [(0, "1", 9, 9)])
    _record(council, "plan", WEEK, [(0, "1", 2, 8_047)])  # in place of the one before
    _record(council, "plan", Horizon(MONDAY + timedelta(weeks=1), 7), [(0, "1", 1, 1_609)])
    week = mileage_watch.side_by_side(council.raw, "week", MONDAY, MONDAY + timedelta(days=13))
    assert week.index.tolist() == ["2026-10-19", "2026-10-26"]
    assert week["manual"]["jobs"].iloc[0] == 3
    assert week["plan"]["miles_per_job"].round(2).tolist() == [2.5, 1.0]
    assert week.columns.get_level_values(0).unique().tolist() == ["manual", "plan"]
    operative = mileage_watch.side_by_side(council.raw, "operative", MONDAY, MONDAY)
    assert operative.index.tolist() == ["1"]
    trade = mileage_watch.side_by_side(council.raw, "trade", MONDAY, WEEK.dates[-1])
    assert trade.index.tolist() == ["PL"]


def test_actuals_that_drift_by_five_percent_are_an_alarm(council: Council) -> None:
    assert mileage_watch.watch(council.raw, MONDAY) is None
    _record(council, "manual", WEEK, [(0, "1", 10, 10_000)])
    _record(council, "actual", WEEK, [(0, "1", 10, 10_500)])
    calm = mileage_watch.watch(council.raw, MONDAY)
    assert calm is not None
    assert (calm.expected, calm.percent, calm.is_alarm) == ("manual", Decimal("5.00"), False)
    _record(council, "plan", WEEK, [(0, "1", 10, 9_000)])
    drift = mileage_watch.watch(council.raw, MONDAY)
    assert drift is not None
    assert (drift.expected, drift.percent, drift.is_alarm) == ("plan", Decimal("16.67"), True)
    alarms = "SELECT day, expected, drift_percent FROM scheduling.mileage_alarm"
    assert council.raw.execute(alarms).fetchall() == [(MONDAY, "plan", Decimal("16.67"))]
    _record(council, "actual", WEEK, [(0, "1", 10, 9_400)])  # the last of the day came in
    mileage_watch.watch(council.raw, MONDAY)
    assert council.raw.execute(alarms).fetchall() == []


Rows = list[tuple[int, str, int, int]]


def _record(council: Council, kind: mileage_watch.Kind, horizon: Horizon, rows: Rows) -> None:
    frame = pd.DataFrame(rows, columns=["day", "operative_ref", "jobs", "distance_m"]).assign(trade_ref="PL")
    mileage_watch.record(council.raw, kind, horizon, frame)


def _plan() -> tuple[Problem, Plan]:
    places = tuple(Place(str(row), 52 + row / 100, -1.3) for row in range(5))
    plumber = Role("PL")
    problem = Problem(
        starts_at=datetime(2026, 10, 19), days=1, places=places,
        operatives=(Operative("1", {"PL": 90, "EL": 120}), Operative("2", {"PL": 100})),
        shifts=(Shift(0, 0, 0, 36_000, 0, 0), Shift(1, 0, 0, 36_000, 1, 1)),
        jobs=(Job("A", 1, (plumber,), 60), Job("B", 3, (plumber, plumber), 60)),
        travel=Travel(LINE_M.astype(np.int32), LINE_M.astype(np.int32)),
    )  # fmt: skip
    visits = (
        Visit(0, 0, 0, 1_000, 1_000, 1_060, 1_000), Visit(1, 0, 0, 3_060, 3_060, 3_120, 2_000),
        Visit(1, 1, 1, 2_000, 3_060, 3_120, 2_000),
    )  # fmt: skip
    return problem, Plan("", 0, 0, visits, (), (), 10_000, 10_000)
