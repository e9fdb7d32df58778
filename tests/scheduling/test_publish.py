"""From a problem to the live plan: not made twice, never with a breach, nor with more miles unless somebody answers."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.errors import ConfigurationFault, ContractBroken, Defect
from scheduling import keeping, local_rules, mileage_watch, publish, show
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.horizon import Horizon
from scheduling.publish import Setup
from tests.scheduling.council import MONDAY, Council, straight

WEEK = Horizon(MONDAY, 5)


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path / "plans", straight, local_rules.load(), 50)


@pytest.fixture
def planned(council: Council, setup: Setup) -> int:
    """A draft of three orders."""
    for ref in ("W1", "W2", "W3"):
        council.line(council.order(ref))
    return publish.draft(council.raw, setup, publish.ask(council.raw, setup, WEEK))


def test_the_same_problem_is_not_planned_twice(council: Council, setup: Setup, planned: int) -> None:
    asked = publish.ask(council.raw, setup, WEEK)
    assert not asked.is_new
    assert publish.draft(council.raw, setup, asked) == planned
    council.line(council.order("W4"))
    again = publish.ask(council.raw, setup, WEEK)
    assert again.is_new
    assert publish.draft(council.raw, setup, again) != planned


def test_a_plan_without_a_manual_week_waits_for_a_name(council: Council, setup: Setup, planned: int) -> None:
    with pytest.raises(ContractBroken, match="approve"):
        publish.publish(council.raw, setup, planned, "hub")
    with pytest.raises(ConfigurationFault):
        publish.approve(council.raw, setup, planned, " ", "because")
    assert publish.approve(council.raw, setup, planned, "A Manager", "no manual week is kept").approved_by
    found = publish.publish(council.raw, setup, planned, "A Planner")
    assert found.status_code == "published"
    assert mileage_watch.recorded(council.raw, "plan", MONDAY, WEEK.dates[-1]) == found.planned


def test_a_plan_with_a_breach_is_not_kept(council: Council, setup: Setup, planned: int) -> None:
    found = publish.kept(council.raw, setup.folder, planned)
    wrong = replace(found.plan, distance_m=found.plan.distance_m + 1)
    with pytest.raises(Defect, match="distance"):
        publish.hold(found.problem, wrong)


def test_the_next_plan_begins_with_the_live_one(council: Council, setup: Setup, planned: int) -> None:
    free = replace(setup, limit_percent=Decimal(1_000))
    publish.approve(council.raw, free, planned, "A Manager", "no manual week is kept")
    live = publish.publish(council.raw, free, planned, "hub")
    before = publish.carried(council.raw, setup.folder, live.problem)
    assert before is not None
    assert [(each.job, each.shift, each.start_s) for each in before.visits] == [
        (each.job, each.shift, each.start_s) for each in live.plan.visits
    ]
    assert solve(live.problem, Stop(iterations=1), 1, warm=before).cost <= live.plan.cost


def test_the_page_tells_jobs_operatives_and_what_to_do(council: Council, setup: Setup, planned: int) -> None:
    council.line(council.order("W9", trade="PA"))  # nobody paints
    number = publish.draft(council.raw, setup, publish.ask(council.raw, setup, WEEK))
    made = show.page(publish.kept(council.raw, setup.folder, number), None, is_test_data=True)
    assert "TEST DATA" in made
    assert "no-operative-for-trade" in made
    assert not re.search(r"\{\{|https?://(?!www\.w3\.org/2000/svg)", made)
    assert "TEST DATA" not in show.page(publish.kept(council.raw, setup.folder, planned), None, is_test_data=False)


def test_the_live_plans_problem_stays_however_many_drafts_come(council: Council, setup: Setup, planned: int) -> None:
    publish.approve(council.raw, setup, planned, "A Manager", "no manual week is kept")
    publish.publish(council.raw, setup, planned, "hub")
    for number in range(keeping.KEPT + 1):
        council.line(council.order(f"MORE{number}"))
        publish.ask(council.raw, setup, WEEK)
    assert publish.kept(council.raw, setup.folder, planned).status_code == "published"
    assert len(list(setup.folder.glob("*.problem"))) == keeping.KEPT + 1
