"""What is wrong in the council's own systems is named in the plan's report with what to do; the rest is planned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from scheduling import local_rules, publish, show
from scheduling.checker import check
from scheduling.horizon import Horizon
from scheduling.publish import Kept, Setup
from tests.scheduling.council import EAST, MONDAY, NORTH, Council, at, straight

DAYS = 8  # the clocks go back on the Sunday


@dataclass(frozen=True)
class Report:
    """A plan of what was wrong, and its page."""

    found: Kept
    page: str

    def told(self, code: str) -> dict[str, tuple[str, str]]:
        """What is said of each subject of a fault, and what to do."""
        faults = [one for one in self.found.problem.faults if one.code == code]
        assert code in self.page or not faults
        return {one.subject_ref: (one.message, one.next_step) for one in faults}

    @property
    def planned(self) -> set[str]:
        """The jobs that have visits."""
        return {self.found.problem.jobs[visit.job].job_ref for visit in self.found.plan.visits}


def planned(council: Council, folder: Path, **rules: Any) -> Report:
    """The plan of those days, from the canonical rows to the page."""
    setup = Setup(folder / "plans", straight, replace(local_rules.load(), **rules), 100, caution=None)
    number = publish.draft(council.raw, setup, publish.ask(council.raw, setup, Horizon(MONDAY, DAYS)))
    found = publish.kept(council.raw, setup.folder, number)
    assert check(found.problem, found.plan) == ()
    report = Report(found, show.page(found, None, is_test_data=False))
    assert "good" in report.planned  # the rest is planned all the same
    assert all(one.next_step for one in found.problem.faults)
    assert all(one.next_step for one in found.plan.left_out)
    return report


@pytest.fixture(autouse=True)
def good(council: Council) -> None:
    council.line(council.order("good"))


def test_no_operative_for_a_trade(council: Council, tmp_path: Path) -> None:
    council.line(council.order("bad", trade="PA"))
    report = planned(council, tmp_path)
    assert "PA" in report.told("no-operative-for-trade")["bad"][0]


def test_a_job_longer_than_any_shift(council: Council, tmp_path: Path) -> None:
    council.line(council.order("bad"), minutes=700)
    assert "bad" in planned(council, tmp_path, longest_minutes=700).told("longer-than-any-shift")


def test_a_job_longer_than_a_visit_is_planned_as_one(council: Council, tmp_path: Path) -> None:
    council.line(council.order("bad"), minutes=700)
    report = planned(council, tmp_path)
    assert "bad" in report.told("longer-than-a-visit")
    assert "bad" in report.planned


def test_a_window_outside_all_shifts(council: Council, tmp_path: Path) -> None:
    order = council.order("bad")
    council.line(order)
    council.visit(order, at(1, 20), at(1, 22))
    assert "bad" in planned(council, tmp_path).told("window-outside-all-shifts")


def test_coordinates_that_are_missing(council: Council, tmp_path: Path) -> None:
    council.line(council.order("bad", home=council.home("nowhere", easting_m=None, northing_m=None)))
    assert "UPRN" in planned(council, tmp_path).told("no-coordinates")["bad"][1]


def test_coordinates_in_the_sea(council: Council, tmp_path: Path) -> None:
    council.line(council.order("bad", home=council.home("at sea", easting_m=EAST + 200_000, northing_m=NORTH + 60_000)))
    report = planned(council, tmp_path)
    assert "bad" in report.told("coordinates-no-use")
    assert "bad" not in report.planned


def test_locks_that_overlap(council: Council, tmp_path: Path) -> None:
    for ref in ("one", "two"):
        council.line(council.order(ref), minutes=120)
        council.raw.execute(
            "INSERT INTO scheduling.override (kind, job_ref, operative_refs, day, start_at, decided_by, reason) "
            "VALUES ('pin', %s, %s, %s, %s, 'Ann', 'why')",
            (ref, Jsonb(["1"]), MONDAY + timedelta(days=1), at(1, 9, 0 if ref == "one" else 30)),
        )
    report = planned(council, tmp_path)
    assert "two" in report.told("pins-overlap")
    starts = {report.found.problem.jobs[visit.job].job_ref: visit.start_s for visit in report.found.plan.visits}
    assert starts["one"] == 33 * 3_600
    assert "two" in starts


def test_an_absence_over_a_confirmed_visit(council: Council, tmp_path: Path) -> None:
    order = council.order("bad")
    council.line(order)
    council.visit(order, at(2, 8), at(2, 12), operative_id=council.operatives["1"])
    day = MONDAY + timedelta(days=2)
    council.add("absence", operative_id=council.operatives["1"], absence_type_code="sick", start_date=day, end_date=day)
    report = planned(council, tmp_path)
    assert "operative 1" in report.told("absence-over-confirmed-visit")["bad"][0]
    visit = next(one for one in report.found.plan.visits if report.found.problem.jobs[one.job].job_ref == "bad")
    shift = report.found.problem.shifts[visit.shift]
    assert report.found.problem.operatives[shift.operative].operative_ref == "2"
    assert report.found.problem.instant(visit.start_s).date() == day


def test_who_is_at_work_then_is_no_fault(council: Council, tmp_path: Path) -> None:
    order = council.order("fine")
    council.line(order)
    council.visit(order, at(2, 8), at(2, 12), operative_id=council.operatives["1"])
    assert planned(council, tmp_path).told("absence-over-confirmed-visit") == {}


def test_the_clocks_go_back(council: Council, tmp_path: Path) -> None:
    order = council.order("after")
    council.line(order)
    council.visit(order, at(7, 8), at(7, 12))
    report = planned(council, tmp_path)
    assert list(report.told("clocks-change")) == [(MONDAY + timedelta(days=6)).isoformat()]
    visit = next(one for one in report.found.plan.visits if report.found.problem.jobs[one.job].job_ref == "after")
    assert at(7, 8) <= report.found.problem.instant(visit.start_s) <= at(7, 12)
