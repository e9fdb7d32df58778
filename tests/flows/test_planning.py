"""A plan on its way: told by references, published or waiting for a name, not made twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from flows import planning
from flows.planning import Planning, Steps
from flows.schedule import read, written
from scheduling.publish import Asked

TOLD = Planning("postgresql://none", Path("plans"), Path("docs"), None, Path("roads"), None, Path("rules"), 14, 100,
                Decimal("2.5"), date(2026, 9, 28), True)  # fmt: skip


def steps(waits: str = "", *, is_new: bool = True) -> Steps:
    return Steps(
        ask=lambda _: Asked("abc", 7, is_new),
        draft=lambda _, asked: 3 if asked.problem_hash == "abc" else 0,
        put_up=lambda _, number: waits if number == 3 else "another plan",
        draw=lambda told, number: told.docs / f"{number}.html",
    )


def test_a_plan_is_asked_made_published_and_drawn() -> None:
    ended = planning.plan_ahead(TOLD, steps())
    assert (ended.plan_id, ended.is_new, ended.waits, ended.page) == (3, True, "", Path("docs/3.html"))


def test_a_plan_that_waits_is_drawn_all_the_same() -> None:
    ended = planning.plan_ahead(TOLD, steps("more miles", is_new=False))
    assert (ended.waits, ended.is_new, ended.page) == ("more miles", False, Path("docs/3.html"))


@pytest.mark.parametrize("told", [TOLD, replace(TOLD, first=None, rules=None, roads=Path("town.osm.pbf"))])
def test_a_scheduled_run_is_told_everything_by_its_environment(told: Planning) -> None:
    assert read(written(told)) == told


def test_the_made_up_council_plans_from_its_own_day() -> None:
    horizon = TOLD.horizon()
    assert (horizon.starts_on, horizon.days, horizon.now) == (date(2026, 9, 28), 14, None)
    assert replace(TOLD, first=None).horizon().now is not None
