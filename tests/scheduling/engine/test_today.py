"""Somebody who has nothing to do just now has to drive to what they get."""

from __future__ import annotations

from scheduling.checker import check
from scheduling.engine.today import TodayBoard
from tests.scheduling.small import at, job, operative, problem, shift, walked

NOW = at(11)
NEAR, FAR_OFF, HOME_S = 1, 11, 22 * 60
WHOLE = problem([operative("A", {"PL": 100})], [shift(0)], [job("EARLY", NEAR, "PL"), job("OPEN", FAR_OFF, "PL")])


def test_who_is_home_again_drives_to_a_job_before_it_begins() -> None:
    live = TodayBoard(WHOLE, walked(WHOLE, {0: [(0, 0)]}, left_out=(1,)))
    live.goes_on(NOW)
    found = live.move(1)
    assert found is not None
    assert live.starts(1) == found.start_s == NOW + HOME_S
    live.goes_on(NOW + 60)
    assert live.starts(1) == NOW + HOME_S
    assert check(live.problem, live.plan()) == ()


def test_who_had_nothing_to_do_leaves_home_when_they_hear_of_it() -> None:
    live = TodayBoard(WHOLE, walked(WHOLE, {}, left_out=(0, 1)))
    live.goes_on(NOW)
    assert live.move(1) is not None
    assert live.starts(1) == NOW + HOME_S


def test_who_has_not_begun_their_day_leaves_home_as_they_begin() -> None:
    live = TodayBoard(WHOLE, walked(WHOLE, {}, left_out=(0, 1)))
    live.goes_on(at(7))
    assert live.move(1) is not None
    assert live.starts(1) == at(8) + HOME_S
    assert live.routes([0], [1]).bounds[1][0] <= at(8)  # with less to drive it may begin sooner


def test_a_crew_waits_for_those_who_drive_to_it_from_where_they_are() -> None:
    day = problem(
        [operative("A", {"PL": 100}), operative("B", {"PL": 100})], [shift(0), shift(1)],
        [job("EARLY", NEAR, "PL"), job("CREW", FAR_OFF, "PL", "PL")],
    )  # fmt: skip
    live = TodayBoard(day, walked(day, {0: [(0, 0)]}, left_out=(1,)))
    live.goes_on(NOW)
    found = live.move(1)
    assert found is not None
    assert live.starts(1) == found.start_s == NOW + HOME_S
    assert check(live.problem, live.plan()) == ()
