"""Bad input is named with what to do, and the rest is planned."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from ledger.errors import ContractBroken
from scheduling.faults import sound
from scheduling.problem import LONDON, Block, Break, Follow, Job, Operative, Pin, Place, Problem, Role, Shift, Window
from tests.scheduling import small
from tests.scheduling.small import HOUR, at, job, lunch, operative, shift, window
from tests.scheduling.strategies import problems

GOOD = job("good", 1, "PL", windows=(window(8, 12),))


def _with(*jobs: Job, **changes: Any) -> Problem:
    """A plumber's and a carpenter's day, a good job, and some others."""
    return small.problem(
        [operative("A", {"PL": 100}), operative("B", {"CP": 100})],
        [shift(0, breaks=(lunch(),), capacity=5), shift(1, breaks=(lunch(),), capacity=5)],
        [GOOD, *jobs], **changes,
    )  # fmt: skip


BAD_JOBS: list[tuple[str, Job]] = [
    ("no-operative-for-trade", job("bad", 1, "RF")),
    ("no-operative-for-skill", replace(job("bad", 1, "PL"), roles=(Role("PL", frozenset({"GAS"})),))),
    ("longer-than-any-shift", job("bad", 1, "PL", minutes=481)),
    ("window-outside-all-shifts", job("bad", 1, "PL", windows=(window(20, 22),))),
    ("no-time-in-any-shift", job("bad", 1, "PL", minutes=477)),
    ("load-too-large", job("bad", 1, "PL", load=6)),
    ("no-duration", job("bad", 1, "PL", minutes=0)),
    ("no-duration", job("bad", 1, "PL", minutes=-5)),
    ("negative", job("bad", 1, "PL", parking_s=-60)),
    ("no-trade", job("bad", 1)),
    ("window-ends-first", job("bad", 1, "PL", windows=(Window(at(12), at(8)),))),
    ("earliest-after-window", job("bad", 1, "PL", windows=(window(8, 12),), earliest_s=at(13))),
    ("confirmed-without-one-window", job("bad", 1, "PL", is_confirmed=True)),
    ("crew-short", job("bad", 1, "PL", "PL")),
    ("no-operative-for-trade", job("bad", 1, "PL", "RF")),  # of two roles one can be played
    ("job-twice", job("good", 1, "PL")),
    ("follow-on-circle", job("bad", 1, "PL", follows=(Follow(1, 0),))),
]


@pytest.mark.parametrize(("code", "bad"), BAD_JOBS)
def test_a_job_that_no_plan_can_serve_is_named_and_the_rest_stays(code: str, bad: Job) -> None:
    found = sound(_with(bad))
    [fault] = found.faults
    assert (fault.code, fault.subject_ref) == (code, bad.job_ref)
    assert fault.message.startswith(f"Job {bad.job_ref} ")
    assert fault.message.endswith(".")
    assert fault.next_step.endswith(".")
    assert found.jobs == (GOOD,)


def test_what_comes_after_a_job_that_cannot_be_planned_cannot_be_either() -> None:
    bad = _with(job("roof", 1, "RF"), job("paint", 1, "CP", follows=(Follow(1, HOUR),)), job("last", 1, "CP"))
    found = sound(replace(bad, blocks=(Block(1, 3, None, "planner", "why"),), pins=(Pin(3, None, 0, None, "p", "r"),)))
    assert {fault.subject_ref: fault.code for fault in found.faults} == {
        "roof": "no-operative-for-trade", "paint": "follows-what-cannot-be",
    }  # fmt: skip
    assert [each.job_ref for each in found.jobs] == ["good", "last"]
    assert (found.blocks[0].job, found.pins[0].job) == (1, 1)  # decisions name the job by its new place


def test_what_waits_for_a_circle_is_told_apart_from_it() -> None:
    ring = [job("a", 1, "PL", follows=(Follow(2, 0),)), job("b", 1, "PL", follows=(Follow(1, 0),))]
    found = sound(_with(*ring, job("c", 1, "PL", follows=(Follow(1, 0),))))
    assert [fault.code for fault in found.faults] == ["follow-on-circle", "follow-on-circle", "follows-what-cannot-be"]


@pytest.mark.parametrize(
    ("latitude", "longitude", "approximated"),
    [(math.nan, -1.1, False), (0.0, 0.0, False), (48.85, 2.35, False), (57.1, -2.1, False), (52.6, -1.0, True)],
    ids=["missing", "null island", "Paris", "another town", "where no road is"],
)
def test_a_home_whose_coordinates_are_no_use_is_named(latitude: float, longitude: float, approximated: bool) -> None:
    whole = _with(job("bad", 3, "PL"), job("next", 2, "PL"))
    places = [*whole.places[:3], Place("at sea", latitude, longitude)]
    travel = replace(whole.travel, approximated=frozenset({3} if approximated else ()))
    found = sound(replace(whole, places=tuple(places), travel=travel))
    assert [(fault.code, fault.subject_ref) for fault in found.faults] == [("coordinates-no-use", "bad")]
    assert [each.job_ref for each in found.jobs] == ["good", "next"]


def test_an_operative_without_a_place_to_start_from_is_named() -> None:
    whole = _with(job("doors", 1, "CP"))
    places = (Place("home", math.nan, math.nan), *whole.places[1:])
    shifts = (replace(whole.shifts[0], start_place=1, end_place=1), whole.shifts[1])
    found = sound(replace(whole, places=places, shifts=shifts))
    assert [(f.code, f.subject_ref) for f in found.faults] == [("home-no-use", "B"), ("no-shift-for-trade", "doors")]


BAD_SHIFTS: list[tuple[str, Shift]] = [
    ("shift-ends-first", shift(0, begins=16, ends=8)),
    ("shifts-overlap", shift(0, begins=10, ends=12)),
    ("break-ends-first", shift(0, begins=17, ends=20, breaks=(Break(at(19), at(18), 600),))),
]


@pytest.mark.parametrize(("code", "bad"), BAD_SHIFTS)
def test_a_shift_that_cannot_be_meant_is_named(code: str, bad: Shift) -> None:
    whole = _with()
    found = sound(replace(whole, shifts=(*whole.shifts, bad)))
    assert [(fault.code, fault.subject_ref) for fault in found.faults] == [(code, "A")]
    assert found.shifts[:2] == whole.shifts
    assert found.jobs == whole.jobs


def test_overtime_ends_where_the_next_shift_starts() -> None:
    whole = _with()
    day, call = replace(whole.shifts[0], overtime_s=2 * HOUR), shift(0, begins=17, ends=22, is_standby=True)
    found = sound(replace(whole, shifts=(day, call)))
    assert [each.overtime_s for each in found.shifts] == [HOUR, 0]
    assert found.faults == ()


def test_an_operative_of_no_speed_and_two_of_one_name_are_told() -> None:
    people: tuple[Operative, ...] = (operative("A", {"PL": 100, "CP": 0}), operative("A", {"CP": 100}))
    found = sound(replace(_with(), operatives=people))
    assert [fault.code for fault in found.faults] == ["proficiency-zero", "operative-twice"]
    assert found.operatives[0].proficiency_percent == {"PL": 100}


def _pin(of_job: int = 0, who: tuple[int, ...] | None = (0,), hour: float | None = None, day: int | None = 0) -> Pin:
    return Pin(of_job, who, day, None if hour is None else at(hour), "planner", "reason")


PINS: list[tuple[str, list[Pin], list[Block], list[Pin]]] = [
    ("pins-overlap", [_pin(hour=9), _pin(1, hour=9.5)], [], [_pin(hour=9)]),
    ("pins-overlap", [_pin(hour=9), _pin(hour=10)], [], [_pin(hour=9)]),
    ("pin-against-block", [_pin(hour=9)], [Block(0, 0, None, "p", "r")], [_pin(who=None, hour=9)]),
    ("pin-against-block", [_pin(day=None)], [Block(0, 0, None, "p", "r")], []),
    ("absence-over-confirmed-visit", [_pin(hour=9)], [Block(0, None, 0, "p", "r")], [_pin(who=None, hour=9)]),
    ("absence-over-confirmed-visit", [_pin(1, day=3)], [], [_pin(1, who=None, day=3)]),
    ("pin-outside-window", [_pin(hour=15)], [], []),
    ("pin-without-skill", [_pin(who=(1,))], [], []),
    ("pin-of-nothing", [_pin(who=(7,))], [], []),
]


@pytest.mark.parametrize(("code", "pins", "blocks", "kept"), PINS)
def test_locks_that_contradict_each_other_are_named_and_the_job_is_planned_without(
    code: str, pins: list[Pin], blocks: list[Block], kept: list[Pin]
) -> None:
    found = sound(_with(job("other", 1, "PL"), pins=tuple(pins), blocks=tuple(blocks)))
    assert [fault.code for fault in found.faults] == [code]
    assert list(found.pins) == kept
    assert len(found.jobs) == 2


def test_pins_one_after_the_other_are_kept() -> None:
    pins = (_pin(hour=8.5), _pin(1, hour=9.5))
    assert sound(_with(job("other", 1, "PL"), pins=pins)).pins == pins


def test_an_absence_over_a_confirmed_visit_keeps_the_visit() -> None:
    visit = job("promised", 1, "PL", windows=(window(8, 12),), is_confirmed=True)
    whole = replace(
        _with(visit, pins=(_pin(1, day=0),)), operatives=(operative("A", {"PL": 100}), operative("B", {"PL": 100}))
    )
    found = sound(replace(whole, shifts=(shift(0, begins=14, ends=20), whole.shifts[1])))
    assert [(f.code, f.subject_ref) for f in found.faults] == [("absence-over-confirmed-visit", "promised")]
    assert found.pins == (_pin(1, who=None),)
    assert visit in found.jobs


@pytest.mark.parametrize(("date", "way", "hours"), [((2026, 10, 24), "back", 25), ((2026, 3, 28), "forward", 23)])
def test_a_change_of_the_clocks_is_named_with_what_it_moves(date: tuple[int, int, int], way: str, hours: int) -> None:
    starts_at = datetime(*date, tzinfo=LONDON)
    forward = 24 - hours
    right = job("right", 1, "PL", windows=(window(8 - forward, 12 - forward, day=1),))
    naive = job("naive", 1, "PL", windows=(window(8, 12, day=1),))
    call = shift(0, begins=22, ends=30)
    sunday = shift(0, day=1)
    whole = small.problem([operative("A", {"PL": 100})], [call, sunday], [right, naive], starts_at=starts_at)
    found = sound(whole)
    assert {fault.code: fault.subject_ref for fault in found.faults} == {
        "appointment-an-hour-off": "naive",
        "clocks-change": f"{date[0]}-{date[1]:02}-{date[2] + 1}",
    }
    [told] = [fault.message for fault in found.faults if fault.code == "clocks-change"]
    assert f"go {way}" in told
    assert f"the day has {hours} hours, and 1 shifts" in told
    assert found.jobs == whole.jobs


def test_a_job_due_before_it_can_begin_is_planned_and_told() -> None:
    late = job("late", 1, "PL", earliest_s=at(12), due_s=at(9))
    found = sound(_with(late))
    assert [fault.code for fault in found.faults] == ["due-before-earliest"]
    assert late in found.jobs


@pytest.mark.parametrize(
    "changes",
    [{"days": 0}, {"days": 29}, {"starts_at": small.MONDAY.replace(hour=1)}, {"travel": small.road(9)}],
)
def test_what_is_no_problem_at_all_is_refused_with_what_to_do(changes: dict[str, Any]) -> None:
    with pytest.raises(ContractBroken, match="Next step"):
        sound(replace(_with(), **changes))


@settings(max_examples=40)
@given(problems())
def test_a_sound_problem_stays_as_it_is(problem: Problem) -> None:
    once = sound(problem)
    again = sound(once)
    assert (again.jobs, again.pins, again.shifts, again.faults) == (once.jobs, once.pins, once.shifts, once.faults)
    assert len(once.jobs) + sum(fault.subject_ref.startswith("J") for fault in once.faults) >= len(problem.jobs)


def test_five_thousand_jobs_are_looked_through_in_seconds() -> None:
    windows = tuple(window(12, 16, day) for day in range(20))
    jobs = [job(f"J{number}", number % 100, "PL", windows=windows) for number in range(5_000)]
    shifts = [shift(whose, day, home=whose % 100) for day in range(20) for whose in range(25)]
    whole = small.problem([operative(f"O{number}", {"PL": 100}) for number in range(25)], shifts, jobs)
    whole = replace(whole, travel=replace(whole.travel, duration_s=whole.travel.duration_s.astype(np.int32)))
    began = perf_counter()
    assert sound(whole).faults == ()
    assert perf_counter() - began < 5
