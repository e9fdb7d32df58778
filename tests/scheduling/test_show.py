"""The page of a plan: its script runs, draws every visit and lists it; four weeks of 250 operatives are no burden."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from scheduling.horizon import Horizon
from scheduling.mileage import Total
from scheduling.plan import Plan, Visit
from scheduling.problem import Place, Problem
from scheduling.publish import Kept
from scheduling.show import page
from tests.scheduling import small

FIRST = date(2026, 9, 14)
SCRIPT = Path(__file__).with_name("page.mjs")
node = pytest.mark.skipif(shutil.which("node") is None, reason="no node, which runs the page's script")


def kept(operatives: int, days: int, visits: int) -> Kept:
    """A plan of so many visits a shift, one after the other."""
    working = [day for day in range(days) if day % 7 < 5]
    staff = [small.operative(f"OP{number:03}", {"PL" if number % 2 else "EL": 100}) for number in range(operatives)]
    shifts = [small.shift(who, day, home=who) for who in range(operatives) for day in working]
    jobs = [
        small.job(f"W{number:05}", operatives + number, "PL", is_confirmed=number % 3 == 0)
        for number in range(len(shifts) * visits)
    ]
    places = tuple(
        Place(f"place {number}", 52.6 + number % 97 / 1_000, -1.1 + number % 89 / 1_000)
        for number in range(operatives + len(jobs))
    )
    problem = Problem(small.MONDAY, days, places, tuple(staff), tuple(shifts), tuple(jobs), small.road(2))
    stops = tuple(
        Visit(shift * visits + turn, 0, shift, begins, begins, begins + small.HOUR, 1_500)
        for shift, one in enumerate(shifts)
        for turn in range(visits)
        for begins in [one.start_s + 1_800 + turn * 5_400]
    )
    plan = Plan("", 1, 1, stops, (), (), 1_500 * len(stops), 0)
    miles = pd.DataFrame({
        "trade_ref": ["PL"], "operative_ref": ["OP001"], "jobs": [1], "distance_m": [1], "jobs_manual": [1],
        "distance_m_manual": [1],
    })  # fmt: skip
    return Kept(1, "draft", datetime(2026, 9, 13, tzinfo=UTC), "", Horizon(FIRST, days), problem, plan, miles,
                Total(len(stops), plan.distance_m), Total(1, 1), None)  # fmt: skip


def ran(made: str, folder: Path) -> dict[str, Any]:
    """What the page's script did, without a browser."""
    file = folder / "plan.html"
    file.write_text(made, "utf-8")
    done = subprocess.run(["node", str(SCRIPT), str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@node
def test_the_script_draws_and_lists_every_visit_and_prints_its_command(tmp_path: Path) -> None:
    told = ran(page(kept(4, 7, 3), None, is_test_data=False), tmp_path)
    assert (told["visits"], told["listed"], told["shown"]) == (12, 12, 15)  # a day of all, all days of one
    assert told["missing"] == []
    assert told["labelled"]
    assert told["told"].endswith("hub schedule why W00000")
    assert told["map"].startswith("Routes of 5 shifts")


def test_every_picture_has_its_text_and_every_choice_its_label() -> None:
    made = page(kept(2, 1, 1), None, is_test_data=True)
    for text in ('lang="en-GB"', "<noscript>", 'aria-live="polite"', 'role="img"', "The same as a table", "TEST DATA",
                 '<th scope="col">', "<caption>"):  # fmt: skip
        assert text in made
    for choice in ("view", "day", "trade", "operative"):
        assert f'<select id="{choice}">' in made.split("<label>", 1)[1]


def test_a_reference_is_no_markup(tmp_path: Path) -> None:
    found = kept(1, 1, 1)
    jobs = (replace(found.problem.jobs[0], job_ref="</script><b>'x"),)
    made = page(replace(found, problem=replace(found.problem, jobs=jobs)), None, is_test_data=False)
    assert "</script><b>" not in made
    if shutil.which("node"):
        assert ran(made, tmp_path)["told"].endswith("'</script><b>'\\''x'")


@node
def test_four_weeks_of_250_operatives(tmp_path: Path) -> None:
    """7,000 visits and more: seconds to make, some megabytes, drawn while somebody watches."""
    found = kept(250, 28, 2)
    begun = time.process_time()
    made = page(found, None, is_test_data=False)
    assert time.process_time() - begun < 5
    assert len(made.encode()) < 3_000_000
    told = ran(made, tmp_path)
    assert told["visits"] == 500
    assert told["begins_ms"] < 5_000
    assert told["chosen_ms"] < 1_000
