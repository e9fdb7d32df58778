"""Days and clocks: English working days, what the law and local priorities allow, and local time in a problem.

An order's own target is never counted again: systems count differently, and what the tenant was told stands. The
counts here are for what has no target yet, and for the law's clocks.

Sources: Banking and Financial Dealings Act 1971 and the proclamations of single years (``local/bank_holidays.csv``);
Hazards in Social Housing (Prescribed Requirements) (England) Regulations 2025.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path

from scheduling.problem import LONDON, Priority, Window

LOCAL = Path(__file__).parent / "local"
"""The rules that are declared: the law's, and those of a council, which may have a folder of its own."""
SLOTS = {"AM": (480, 720), "PM": (720, 960), "SCHOOL": (570, 870), "DAY": (480, 960)}
"""Appointment slots as minutes of the local day: morning, afternoon, between school runs, all day."""
FIRST_YEAR = 1978  # since then there is a bank holiday in early May
SATURDAY = 5
ONE = timedelta(days=1)


# -- local time -----------------------------------------------------------------------------------------------------


def midnight(day: date) -> datetime:
    """The first instant of the local day."""
    return datetime.combine(day, time(), LONDON)


def seconds_after(starts_at: datetime, at: datetime) -> int:
    """Whole seconds that elapse between the two: a night in which the clocks change has 23 or 25 hours."""
    return int((at.astimezone(UTC) - starts_at.astimezone(UTC)).total_seconds())


def wall_clock(starts_at: datetime, day: date, minute: int) -> int:
    """Seconds after the start at which local clocks show that minute of the day; 1,440 is the midnight after.

    Of an hour that comes twice it is the first. A time that clocks jump over counts as if they had not.
    """
    at = datetime.combine(day + ONE * (minute // 1_440), time(minute % 1_440 // 60, minute % 60), LONDON)
    return seconds_after(starts_at, at)


@lru_cache(4_096)
def slot(starts_at: datetime, day: date, name: str) -> Window:
    """The slot of that name (``SLOTS``) on a day."""
    first, last = SLOTS[name]
    return Window(wall_clock(starts_at, day, first), wall_clock(starts_at, day, last))


def slot_named(starts_at: datetime, day: date, window: Window) -> str | None:
    """The slot that a window on a day is, exactly."""
    return next((name for name in SLOTS if slot(starts_at, day, name) == window), None)


# -- working days ---------------------------------------------------------------------------------------------------


def easter(year: int) -> date:
    """Easter Sunday, by the Gregorian computus of Meeus, Jones and Butcher."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + m - 7 * ((a + 11 * h + 22 * m) // 451) + 114, 31)
    return date(year, month, day + 1)


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England in that year, substitute days in place of those at a weekend."""
    if year < FIRST_YEAR:
        raise ValueError(f"bank holidays are counted from {FIRST_YEAR} on, not for {year}")
    sunday = easter(year)
    last_of_may, last_of_august = date(year, 5, 31), date(year, 8, 31)
    found = {
        sunday - 2 * ONE,
        sunday + ONE,
        date(year, 5, 1) + ONE * (-date(year, 5, 1).weekday() % 7),
        last_of_may - ONE * last_of_may.weekday(),
        last_of_august - ONE * last_of_august.weekday(),
    }
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while day.weekday() >= SATURDAY or day in found:
            day += ONE  # noqa: PLW2901 - it moves to the next day that is free
        found.add(day)
    added, dropped = _proclaimed()
    return frozenset(day for day in found | added if day.year == year and day not in dropped)


@cache
def _proclaimed() -> tuple[frozenset[date], frozenset[date]]:
    """Days that were made bank holidays once, and usual ones that were moved away."""
    days: dict[str, set[date]] = {"added": set(), "dropped": set()}
    for row in rows_of(LOCAL / "bank_holidays.csv"):
        days[row["change"]].add(date.fromisoformat(row["date"]))
    return frozenset(days["added"]), frozenset(days["dropped"])


def is_working_day(day: date) -> bool:
    """Whether it is none of Saturday, Sunday and a bank holiday in England."""
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year)


def add_working_days(day: date, count: int) -> date:
    """The working day so many after ``day``, which is day 0 whatever it is."""
    for _ in range(count):
        day += ONE
        while not is_working_day(day):
            day += ONE
    return day


def add_weekdays(day: date, count: int) -> date:
    """The same, but bank holidays count as working days, as many systems have it."""
    for _ in range(count):
        day += ONE
        while day.weekday() >= SATURDAY:
            day += ONE
    return day


# -- priorities -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LocalPriority:
    """How soon the council promises work of a priority, and what it counts by."""

    priority_code: str
    priority: Priority
    count: int
    unit: str  # hour and day go on at all times, weekday skips weekends, working_day bank holidays too

    def due(self, raised_at: datetime) -> datetime:
        """When work raised then must be done: at the end of a day, unless hours are counted."""
        if self.unit == "hour":
            return (raised_at.astimezone(UTC) + timedelta(hours=self.count)).astimezone(LONDON)
        raised = raised_at.astimezone(LONDON).date()
        return midnight(_COUNTED[self.unit](raised, self.count) + ONE)


_COUNTED = {
    "day": lambda day, count: day + ONE * count,
    "weekday": add_weekdays,
    "working_day": add_working_days,
}


def local_priorities(path: Path = LOCAL / "priorities.csv") -> dict[str, LocalPriority]:
    """The council's priorities by their canonical code. Raises KeyError or ValueError for what is none."""
    found = {
        row["priority_code"]: LocalPriority(
            row["priority_code"], Priority[row["plan_priority"]], int(row["count"]), row["unit"]
        )
        for row in rows_of(path)
    }
    if unknown := {rule.unit for rule in found.values()} - {"hour", *_COUNTED}:
        raise ValueError(f"no time is counted by {', '.join(sorted(unknown))}")
    return found


# -- the law --------------------------------------------------------------------------------------------------------


AWAAB_RULES = "SI 2025/1042 of 27 October 2025"


@dataclass(frozen=True)
class Step:
    """What the law demands next of a hazard, by when, and by which version of it."""

    code: str  # investigate, make-safe, summary, safety-work, prevention-begun, prevention-started
    due_at: datetime
    rules: str = AWAAB_RULES


def awaab_steps(track_code: str, aware_at: datetime, investigated_at: datetime | None) -> tuple[Step, ...]:
    """The steps of a hazard: ``track_code`` is emergency or significant; all after the first count from its end.

    An emergency's hours go on at night and at weekends; for the rest the day itself is not counted and ends at
    midnight. Work that cannot begin in five working days must stand at its place at the latest after twelve weeks.
    """
    if track_code == "emergency":
        first = Step("investigate", _later(aware_at, hours=24))
        return (first,) if investigated_at is None else (first, Step("make-safe", _later(investigated_at, hours=24)))
    first = Step("investigate", _end_of(add_working_days(_local(aware_at), 10)))
    if investigated_at is None:
        return (first,)
    ended = _local(investigated_at)
    return (
        first,
        Step("summary", _end_of(add_working_days(ended, 3))),
        Step("safety-work", _end_of(add_working_days(ended, 5))),
        Step("prevention-begun", _end_of(add_working_days(ended, 5))),
        Step("prevention-started", _end_of(ended + 84 * ONE)),
    )


def _later(at: datetime, hours: int) -> datetime:
    return (at.astimezone(UTC) + timedelta(hours=hours)).astimezone(LONDON)


def _local(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def _end_of(day: date) -> datetime:
    return midnight(day + ONE)


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a declared table."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
