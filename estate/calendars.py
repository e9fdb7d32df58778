"""Rent years and their weeks: a year begins on April's first Monday and has 52 or 53 weeks.

What a rent group charges for: HRA 48 weeks (four free weeks), garages 50, temporary accommodation and leases
every week. In a 53-week year (2019/20, 2024/25) each charges one week more.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

FIRST_YEAR, CURRENT_YEAR = 2016, 2026
"""A rent year is named by the year in which it begins: 2016 is 2016/17."""

RENT_GROUPS = pd.DataFrame(
    [
        ("HRA", "Housing Revenue Account", 4),
        ("HGF", "Hostels, general fund", 0),
        ("TAH", "Temporary accommodation, HRA", 0),
        ("GPS", "Garages and parking spaces", 2),
        ("LSC", "Leaseholders' service charges", 0),
        ("RCH", "Recharges", 0),
    ],
    columns=["rent_group", "description", "free_weeks"],
)
"""rent_group, description, free_weeks."""


def year_start(rent_year: int) -> date:
    """The first Monday of April."""
    first = date(rent_year, 4, 1)
    return first + timedelta(days=-first.weekday() % 7)


def weeks(rent_year: int) -> int:
    """52 or 53."""
    return (year_start(rent_year + 1) - year_start(rent_year)).days // 7


def free_weeks(rent_year: int, count: int) -> set[int]:
    """The period numbers without a charge: two at Christmas, then the year's last two."""
    christmas = (date(rent_year, 12, 25) - year_start(rent_year)).days // 7 + 1
    last = weeks(rent_year)
    return set([christmas, christmas + 1, last - 1, last][:count])


def calendar(years: range = range(FIRST_YEAR, CURRENT_YEAR + 1)) -> pd.DataFrame:
    """rent_group, rent_year, period_no (1..53), week_start (datetime64[s]), charged (False: free week)."""
    parts = []
    for rent_year in years:
        period = np.arange(1, weeks(rent_year) + 1)
        start = np.datetime64(year_start(rent_year), "s") + (period - 1) * np.timedelta64(7, "D")
        for group, free in zip(RENT_GROUPS["rent_group"], RENT_GROUPS["free_weeks"], strict=True):
            parts.append(
                pd.DataFrame({"rent_group": group, "rent_year": rent_year, "period_no": period, "week_start": start,
                              "charged": ~np.isin(period, list(free_weeks(rent_year, free)))})
            )  # fmt: skip
    return pd.concat(parts, ignore_index=True)
