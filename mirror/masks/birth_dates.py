"""Masks of birth dates: another day, at which the person has the same age.

The completed age at the key's reference day stays, and so does the order against the days of the person's tenancies. A
day that may be read with day and month swapped becomes another such day. A first of January stays: it says that only
the year was known, and that year is the age. What a source wrote otherwise is written otherwise by as much.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from mirror.masks.draws import of_texts

Days = NDArray[np.datetime64]
EARLIEST, LATEST = date(1900, 1, 2), date(2060, 1, 1)
"""Days outside stand for none, as mappings.date_rules has it."""
_AT_ONCE = 5_000
"""People whose year of days is laid out at once: 15 MB."""


def moved(key: bytes, reference_day: date, names: list[str], births: Days, first: Days, last: Days) -> Days:
    """The masked days of people: ``names`` tell them apart, ``first`` and ``last`` are the days between which theirs
    may lie whatever their age (NaT: any)."""
    if len(births) > _AT_ONCE:
        parts = [slice(at, at + _AT_ONCE) for at in range(0, len(births), _AT_ONCE)]
        return np.concatenate(
            [moved(key, reference_day, names[part], births[part], first[part], last[part]) for part in parts]
        )
    births = births.astype("datetime64[D]")
    begin, end = _window(births, reference_day)
    begin = np.where(np.isnat(first), begin, np.maximum(begin, first.astype("datetime64[D]")))
    end = np.where(np.isnat(last), end, np.minimum(end, last.astype("datetime64[D]")))
    days = begin[:, None] + np.arange(366)
    open_ = (days <= end[:, None]) & (days != births[:, None])
    alike = open_ & ~_first_january(days) & (_swappable(days) == _swappable(births)[:, None])
    open_ = np.where(alike.any(axis=1)[:, None], alike, open_)
    counts = open_.sum(axis=1)
    turn = (of_texts(key, names) % np.maximum(counts, 1).astype(np.uint64)).astype(np.int64)
    place = (open_.cumsum(axis=1) == turn[:, None] + 1).argmax(axis=1)
    found = days[np.arange(len(days)), place]
    stays = (
        (counts == 0) | _first_january(births) | (births < np.datetime64(EARLIEST)) | (births > np.datetime64(LATEST))
    )
    return np.where(stays, births, found)


def _window(births: Days, reference_day: date) -> tuple[Days, Days]:
    """The first and the last day of birth of those who have the same completed age at the reference day."""
    day = min(reference_day.day, 28)
    years, months = _parts(births)[0], births.astype("datetime64[M]").astype(int) % 12 + 1
    days = _parts(births)[2]
    before = (months > reference_day.month) | ((months == reference_day.month) & (days > day))
    year = years + before  # the year in which such an age began, counted at the day of the year
    last = _day(year, reference_day.month, day)
    return _day(year - 1, reference_day.month, day) + np.timedelta64(1, "D"), last


def _day(years: NDArray[np.int64], month: int, day: int) -> Days:
    months = ((years - 1970) * 12 + month - 1).astype("datetime64[M]")
    return np.asarray(months.astype("datetime64[D]") + np.timedelta64(day - 1, "D"), "datetime64[D]")


def _parts(days: Days) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    months = days.astype("datetime64[M]")
    number = months.astype(np.int64)
    return number // 12 + 1970, number % 12 + 1, (days - months.astype("datetime64[D]")).astype(np.int64) + 1


def _first_january(days: Days) -> NDArray[np.bool_]:
    _, month, day = _parts(days)
    return np.asarray((month == 1) & (day == 1))


def _swappable(days: Days) -> NDArray[np.bool_]:
    _, month, day = _parts(days)
    return np.asarray((day <= 12) & (day != month))


def written(stated: date, right: date, masked: date) -> date:
    """What a source that stated ``stated`` of a person born on ``right`` states of one born on ``masked``."""
    if stated == right or not EARLIEST <= stated <= LATEST:
        return masked if stated == right else stated
    if (stated.month, stated.day) == (1, 1):
        return date(masked.year + stated.year - right.year, 1, 1)
    if (stated.year, stated.month, stated.day) == (right.year, right.day, right.month) and masked.day <= 12:
        return date(masked.year, masked.day, masked.month)
    return _digits(stated, right, masked) or masked + (stated - right)


def _digits(stated: date, right: date, masked: date) -> date | None:
    """The masked day with the one digit mistaken, or the two exchanged, that were; None where more are."""
    one, other, digits = (f"{day:%Y%m%d}" for day in (stated, right, masked))
    places = [at for at in range(8) if one[at] != other[at]]
    if len(places) == 2 and places[1] == places[0] + 1 and one[places[0]] == other[places[1]] != one[places[1]]:
        at = places[0]
        if found := _valid(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :], masked):
            return found
        places = [7]
    if len(places) != 1:
        return None
    by = int(one[places[0]]) - int(other[places[0]])
    for at in (places[0], 7, 3):
        for step in (by or 1, *range(1, 10)):
            digit = (int(digits[at]) + step) % 10
            if found := _valid(f"{digits[:at]}{digit}{digits[at + 1 :]}", masked):
                return found
    return None


def _valid(digits: str, masked: date) -> date | None:
    try:
        found = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return found if found != masked and abs(found - masked) < timedelta(days=366 * 100) else None
