"""Days and clocks, against the gov.uk list of bank holidays, records of a real council and the law's own counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling import calendars
from scheduling.problem import LONDON, Priority

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
HOLIDAYS = {
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
}
"""As gov.uk lists them for England and Wales."""


@pytest.mark.parametrize(("year", "listed"), HOLIDAYS.items())
def test_bank_holidays_are_those_that_were_published(year: int, listed: str) -> None:
    assert calendars.bank_holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in listed.split()}


@given(st.integers(1978, 2200))
def test_a_year_has_eight_bank_holidays_on_weekdays_but_for_single_ones(year: int) -> None:
    found = calendars.bank_holidays(year)
    assert all(day.weekday() < 5 for day in found)
    assert 8 <= len(found) <= 10


def test_real_records_ignore_easter_and_working_days_do_not() -> None:
    raised = date(2021, 4, 1)
    assert calendars.add_weekdays(raised, 3) == date(2021, 4, 6)
    assert calendars.add_weekdays(raised, 100) == date(2021, 8, 19)
    assert calendars.add_working_days(raised, 3) == date(2021, 4, 8)
    assert calendars.add_working_days(raised, 100) == date(2021, 8, 25)


@given(DAYS, st.integers(1, 120))
def test_between_a_day_and_its_count_lie_so_many_working_days(day: date, count: int) -> None:
    end = calendars.add_working_days(day, count)
    between = (day + timedelta(days=n) for n in range(1, (end - day).days + 1))
    assert sum(map(calendars.is_working_day, between)) == count
    assert calendars.add_weekdays(day, count) <= end


@given(DAYS, st.integers(0, 1_440))
def test_the_clock_shows_what_was_asked_for(day: date, minute: int) -> None:
    starts_at = calendars.midnight(day - timedelta(days=3))
    at = (starts_at.astimezone(UTC) + timedelta(seconds=calendars.wall_clock(starts_at, day, minute))).astimezone(
        LONDON
    )
    shown = (at.date() - day).days * 1_440 + at.hour * 60 + at.minute
    assert shown == minute or (day.month == 3 and day.weekday() == 6 and 60 <= minute < 120 and shown == minute + 60)


@pytest.mark.parametrize(("sunday", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23)])
def test_appointments_stay_where_they_are_when_clocks_change(sunday: date, hours: int) -> None:
    starts_at = calendars.midnight(sunday)
    morning = calendars.slot(starts_at, sunday + timedelta(days=1), "AM")
    assert morning.start_s == (hours + 8) * 3_600
    assert morning.end_s - morning.start_s == 4 * 3_600


def test_local_priorities_count_as_they_are_declared() -> None:
    known = calendars.local_priorities()
    friday = datetime(2026, 10, 23, 18, 30, tzinfo=LONDON)
    assert known["emergency"].due(friday) == datetime(2026, 10, 24, 18, 30, tzinfo=LONDON)
    assert known["urgent"].due(friday) == calendars.midnight(date(2026, 10, 31))
    assert known["routine"].due(datetime(2026, 12, 11, 9, tzinfo=LONDON)) == calendars.midnight(date(2027, 1, 12))
    assert known["immediate"].priority is Priority.EMERGENCY
    overnight = datetime(2026, 10, 24, 22, tzinfo=LONDON)  # the clocks go back: 24 hours later is 21:00
    assert known["emergency"].due(overnight) == datetime(2026, 10, 25, 21, tzinfo=LONDON)


def test_the_steps_of_a_significant_hazard() -> None:
    aware, ended = datetime(2026, 12, 14, 10, tzinfo=LONDON), datetime(2026, 12, 23, 16, tzinfo=LONDON)
    assert [step.code for step in calendars.awaab_steps("significant", aware, None)] == ["investigate"]
    due = {step.code: step.due_at.date() for step in calendars.awaab_steps("significant", aware, ended)}
    assert due == {
        "investigate": date(2026, 12, 31),
        "summary": date(2026, 12, 31),
        "safety-work": date(2027, 1, 5),
        "prevention-begun": date(2027, 1, 5),
        "prevention-started": date(2027, 3, 18),
    }
    assert all("1042" in step.rules for step in calendars.awaab_steps("significant", aware, ended))


def test_an_emergency_hazard_has_24_hours_and_again_24_through_a_change_of_clocks() -> None:
    aware = datetime(2026, 10, 24, 20, tzinfo=LONDON)
    first, second = calendars.awaab_steps("emergency", aware, aware + timedelta(hours=2))
    assert first.due_at == datetime(2026, 10, 25, 19, tzinfo=LONDON)
    assert second.due_at == datetime(2026, 10, 25, 21, tzinfo=LONDON)
