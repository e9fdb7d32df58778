"""How much longer driving takes by the time of day."""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from math import ceil
from pathlib import Path

from ledger.errors import ConfigurationFault
from scheduling.problem import DayPart, Problem, Travel

DAY_PARTS = Path(__file__).with_name("day_parts.csv")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_PERCENTS = range(10, 1_001)
_HOUR_S = 3_600


def day_parts(path: Path = DAY_PARTS) -> tuple[DayPart, ...]:
    """The day parts of a CSV file: ``start`` (local time, 07:45) and ``percent`` of the time on empty roads.

    Raises ConfigurationFault with every line that is wrong.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _fault(path, [f"it cannot be read: {type(error).__name__}"]) from None
    wrong, parts = [], []
    for line, row in enumerate(rows, start=2):
        time, percent = _TIME.fullmatch((row.get("start") or "").strip()), (row.get("percent") or "").strip()
        if time is None or not percent.isdecimal() or int(percent) not in _PERCENTS:
            wrong.append(f"line {line} is not a start like 07:45 and a percent of {_PERCENTS[0]} to {_PERCENTS[-1]}")
        else:
            parts.append(DayPart(int(time[1]) * 60 + int(time[2]), int(percent)))
    starts = [part.start_minute for part in parts]
    if not wrong and (not starts or starts[0] != 0 or starts != sorted(set(starts))):
        wrong.append("its starts are not in order from 00:00 on")
    if wrong:
        raise _fault(path, wrong)
    return tuple(parts)


def _fault(path: Path, wrong: list[str]) -> ConfigurationFault:
    return ConfigurationFault(
        f"These are no day parts: {'; '.join(wrong)}.",
        place=str(path),
        next_step="correct the file of [scheduling] day_parts; docs/scheduling.md shows one.",
    )


def drive_s(travel: Travel, problem: Problem, a: int, b: int, leave_s: int) -> int:
    """Seconds that a drive from place a to place b takes, leaving then.

    In a part of p percent a second covers 100/p seconds of the way on empty roads. The drive ends at the first whole
    second by which all of the way is covered, so who leaves later never arrives earlier. The clocks change at whole
    hours (UTC), so what is left until a part's end on the wall clock is looked at an hour at a time.
    """
    left = Fraction(0 if a == b else int(travel.duration_s[a, b]))
    at = leave_s
    while left > 0:
        wall = problem.instant(at)
        minute = wall.hour * 60 + wall.minute
        percent = max(travel.day_parts, key=lambda part: (part.start_minute <= minute, part.start_minute)).percent
        following = [part.start_minute * 60 for part in travel.day_parts if part.start_minute > minute]
        second = minute * 60 + wall.second
        piece_s = min([_HOUR_S - second % _HOUR_S, *(start - second for start in following)])
        covered = Fraction(piece_s * 100, percent)
        if covered >= left:
            return at + ceil(left * percent / 100) - leave_s
        left, at = left - covered, at + piece_s
    return at - leave_s
