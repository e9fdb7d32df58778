"""Orders that other systems raise: what is declared of them, and the jobs that they become."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from ledger.errors import ConfigurationFault
from scheduling import callers, local_rules
from scheduling.callers import Raising, Wish
from scheduling.desk import Desk, Refused
from scheduling.order_book import Order, OrderBook
from scheduling.problem import LONDON, Priority
from tests.api.scheduling.callers import fill

ORDER = Order(
    0, "X1", "H01", "H1", None, None, "N", datetime(2026, 9, 20, 16, tzinfo=LONDON), "repairs",
    [{"sor_code": "PL1", "quantity": 2.0, "minutes": None, "trade_ref": None}], "PLANNED", "housing",
)  # fmt: skip


@pytest.fixture
def raising(hub_url: str) -> Iterator[Raising]:
    fill(hub_url)
    rules = local_rules.load()
    book = OrderBook(hub_url, "H01", "drs")
    yield Raising(book, rules, callers.load(None, rules))
    book.close()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("contracts = ['H01']", "KeyError"),
        ("contracts = [", "TOMLDecodeError"),
        ("contracts = []\nold_scheduler = 'drs'\n[priorities]", "no contracts"),
        ("contracts = ['H01']\nold_scheduler = 'drs'\n[priorities]\nQ = 'quick'", "has no quick"),
    ],
)
def test_a_file_that_does_not_say_what_it_must_is_named(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "callers.toml").write_text(text)
    with pytest.raises(ConfigurationFault, match=why) as fault:
        callers.load(tmp_path, local_rules.load())
    assert fault.value.place == str(tmp_path / "callers.toml")


def test_an_order_becomes_a_job_by_its_codes(desk: Desk, raising: Raising) -> None:
    job, place = raising.job(desk, ORDER, Wish())
    assert (job.job_ref, job.duration_s, job.priority) == ("X1", 2 * 3_600, Priority.ROUTINE)
    assert [role.trade for role in job.roles] == ["PL"]
    assert job.due_s == 6 * 86_400 + 16 * 3_600
    assert (round(place.latitude, 1), round(place.longitude, 1)) == (52.6, -1.3)


def test_what_the_caller_tells_of_time_urgency_and_place_counts(desk: Desk, raising: Raising) -> None:
    job, place = raising.job(desk, replace(ORDER, latitude=52.61, longitude=-1.05), Wish(45, is_emergency=True))
    assert (job.duration_s, job.priority, place.latitude) == (45 * 60, Priority.EMERGENCY, 52.61)


def test_each_trade_is_a_job_that_waits_for_the_one_before(desk: Desk, raising: Raising) -> None:
    """Plaster dries before anybody paints: the gap is that of the council's stages."""
    both = [*ORDER.lines, {"sor_code": "EL1", "quantity": 1.0, "minutes": 30.0, "trade_ref": None}]
    stages = raising.rules.stages
    first, second = sorted(("PL", "EL"), key=lambda ref: (stages[ref].stage, ref))
    rules = replace(raising.rules, stages={**stages, first: replace(stages[first], rest_hours=48)})
    jobs = [job for job, _ in replace(raising, rules=rules).jobs(desk, replace(ORDER, lines=both), Wish(45))]
    assert [job.job_ref for job in jobs] == [f"X1/{first}", f"X1/{second}"]
    assert [[one.gap_s for one in job.follows] for job in jobs] == [[], [48 * 3_600]]
    lasts = {"PL": 2 * 3_600, "EL": 30 * 60} | {first: 45 * 60}  # what is told of the visit is told of its first
    assert [job.duration_s for job in jobs] == [lasts[first], lasts[second]]


def test_what_is_not_known_is_refused(desk: Desk, raising: Raising) -> None:
    for changes, code in (
        ({"location_ref": "?"}, "unknown-place"),
        ({"lines": []}, "no-work"),
        ({"priority": "?"}, "unknown-priority"),
        ({"lines": [{"sor_code": "?"}]}, "unknown-code"),
        ({"lines": [{"sor_code": "RF1"}]}, "no-operative-for-trade"),
    ):
        with pytest.raises(Refused) as refused:
            raising.job(desk, replace(ORDER, **changes), Wish())
        assert refused.value.code == code
    with pytest.raises(Refused, match="Unknown contract"):
        raising.check("X99")
