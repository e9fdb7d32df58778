"""Driving through the day: exact at the edges of day parts, over clock changes, and never overtaken."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import ConfigurationFault
from scheduling.problem import LONDON, DayPart, Place, Problem, Travel
from scheduling.roads.traffic import day_parts, drive_s
from scheduling.walk import _Clock

HOUR = 3_600


def problem(duration_s: int, parts: tuple[DayPart, ...], day: str = "2026-09-28") -> Problem:
    """Two places that far apart, from that midnight on."""
    ways = np.array([[0, duration_s], [duration_s, 0]], dtype=np.int32)
    places = (Place("a", 52.4, -1.3), Place("b", 52.5, -1.3))
    midnight = datetime.fromisoformat(day).replace(tzinfo=LONDON)
    return Problem(midnight, 3, places, (), (), (), Travel(ways, ways, parts))


def drive(of: Problem, leave_s: int) -> int:
    return drive_s(of.travel, of, 0, 1, leave_s)


PEAK = (DayPart(0, 100), DayPart(8 * 60, 200), DayPart(9 * 60, 100))


@pytest.mark.parametrize(
    ("leave_s", "expected"),
    [(5 * HOUR, 1_000), (8 * HOUR - 1_000, 1_000), (8 * HOUR - 500, 1_500), (8 * HOUR, 2_000),
     (9 * HOUR - 1_000, 1_500), (9 * HOUR - 1, 1_001), (9 * HOUR, 1_000)],
)  # fmt: skip
def test_each_piece_is_driven_at_the_speed_of_its_part(leave_s: int, expected: int) -> None:
    assert drive(problem(1_000, PEAK), leave_s) == expected


def test_what_is_not_a_whole_second_is_rounded_up_once() -> None:
    assert drive(problem(7, (DayPart(0, 110),)), 0) == 8
    assert drive(problem(101, (DayPart(0, 100), DayPart(1, 150))), 0) == 60 + 62  # 41 s at 150 % are 61.5


def test_before_the_first_part_it_is_the_last_one_of_the_day_before() -> None:
    assert drive(problem(1_000, (DayPart(7 * 60, 100), DayPart(20 * 60, 150))), 2 * HOUR) == 1_500


def test_the_same_place_is_no_drive() -> None:
    of = problem(1_000, PEAK)
    assert drive_s(of.travel, of, 1, 1, 8 * HOUR) == 0


def test_the_peak_is_at_eight_on_the_wall_clock_when_clocks_change() -> None:
    back, forward = problem(1_000, PEAK, "2026-10-25"), problem(1_000, PEAK, "2027-03-28")
    assert [drive(back, hour * HOUR) for hour in (8, 9)] == [1_000, 2_000]
    assert [drive(forward, hour * HOUR) for hour in (7, 8)] == [2_000, 1_000]


@settings(max_examples=60, deadline=None)
@given(
    duration_s=st.integers(1, 9_000),
    leave_s=st.integers(0, 2 * 86_400),
    day=st.sampled_from(["2026-10-24", "2027-03-27"]),
    parts=st.dictionaries(st.integers(0, 1_439), st.sampled_from([80, 100, 110, 125, 140]), min_size=1, max_size=6),
)
def test_who_leaves_later_never_arrives_earlier_and_plans_are_measured_the_same(
    duration_s: int, leave_s: int, day: str, parts: dict[int, int]
) -> None:
    of = problem(duration_s, tuple(DayPart(start, parts[start]) for start in sorted(parts)), day)
    arrivals = [leave + drive(of, leave) for leave in range(leave_s, leave_s + 3)]
    assert arrivals == sorted(arrivals)
    leaves = np.arange(leave_s, leave_s + 3)
    assert _Clock(of).arrive(leaves, np.full(3, duration_s)).tolist() == arrivals


def test_the_hub_has_day_parts_of_its_own() -> None:
    parts = day_parts()
    assert parts[0] == DayPart(0, 100) and max(part.percent for part in parts) == 140
    of = problem(600, parts)
    assert drive(of, 8 * HOUR) == 840 and drive(of, 22 * HOUR) == 600


@pytest.mark.parametrize(
    ("text", "told"),
    [("start,percent\n07:00,100\n", "not in order from 00:00"), ("start,percent\n", "not in order"),
     ("start,percent\n00:00,100\n25:00,110\n08:00,fast\n", "line 3 is not .*; line 4 is not"),
     ("start,percent\n00:00,100\n00:00,110\n", "not in order"), ("start,percent\n00:00,5\n", "line 2")],
)  # fmt: skip
def test_wrong_day_parts_are_all_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "parts.csv").write_text(text, "utf-8")
    with pytest.raises(ConfigurationFault, match=told):
        day_parts(tmp_path / "parts.csv")
    with pytest.raises(ConfigurationFault, match="cannot be read"):
        day_parts(tmp_path / "none.csv")
