from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror.masks import birth_dates

KEY, OTHER = bytes(range(32)), bytes(32)
DAY = date(2026, 11, 22)
NONE = np.datetime64("NaT")


def moved(births: NDArray[np.datetime64], key: bytes = KEY, first: object = NONE, last: object = NONE) -> list[date]:
    limits = [np.full(len(births), limit, "datetime64[D]") for limit in (first, last)]
    found: list[date] = birth_dates.moved(key, DAY, [f"{row}" for row in range(len(births))], births, *limits).tolist()
    return found


def age(born: date) -> int:
    return DAY.year - born.year - ((DAY.month, DAY.day) < (born.month, born.day))


@pytest.fixture(scope="module")
def births() -> NDArray[np.datetime64]:
    return np.datetime64("1925-01-01") + np.random.default_rng(3).integers(0, 36_800, 20_000)


def test_everybody_keeps_their_age_and_hardly_anybody_their_day(births: NDArray[np.datetime64]) -> None:
    masks = moved(births)
    assert [age(born) for born in births.tolist()] == [age(mask) for mask in masks]
    kept = [born for born, mask in zip(births.tolist(), masks, strict=True) if born == mask]
    assert all((born.month, born.day) == (1, 1) for born in kept)
    assert masks == moved(births) != moved(births, OTHER)


def test_what_reads_both_ways_still_does(births: NDArray[np.datetime64]) -> None:
    for born, mask in zip(births.tolist(), moved(births), strict=True):
        if (born.month, born.day) != (1, 1):
            assert (born.day <= 12 and born.day != born.month) == (mask.day <= 12 and mask.day != mask.month)


def test_no_event_changes_sides() -> None:
    births = np.array(["2020-03-05"] * 50, "datetime64[D]")
    masks = moved(births, first=np.datetime64("2020-02-20"), last=np.datetime64("2020-03-08"))
    assert all(date(2020, 2, 20) <= mask <= date(2020, 3, 8) for mask in masks)
    assert moved(births[:1], first=births[0], last=births[0]) == [date(2020, 3, 5)]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (date(1958, 3, 7), date(1957, 12, 9)), (date(1958, 7, 3), date(1957, 9, 12)),
        (date(1958, 1, 1), date(1957, 1, 1)), (date(1959, 3, 7), date(1958, 12, 9)),
        (date(1958, 3, 17), date(1957, 12, 19)), (date(2079, 6, 6), date(2079, 6, 6)),
    ],
)  # fmt: skip
def test_what_a_source_wrote_otherwise_is_otherwise_by_as_much(stated: date, expected: date) -> None:
    assert birth_dates.written(stated, date(1958, 3, 7), date(1957, 12, 9)) == expected


def test_one_digit_mistaken_stays_one_digit(births: NDArray[np.datetime64]) -> None:
    right = date(1958, 3, 17)
    for mask in moved(births[:500]):
        found = birth_dates.written(date(1958, 3, 19), right, mask)
        assert sum(one != other for one, other in zip(f"{found}", f"{mask}", strict=True)) == 1
