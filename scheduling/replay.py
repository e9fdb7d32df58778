"""A week that was planned by hand, as a problem: the same visits, operatives, hours, skills and ways.

What bound the logistics manager binds the plan, and nothing more. A visit is on any day of the week after the one on
which it was asked for; an emergency keeps its day; what was promised for the afternoon begins at noon or later. One
operative comes, for the minutes that the manual plan gives. Where the manual plan sent somebody of another trade,
because nobody of the right one was there, theirs is the trade that is asked for. Work may go on until nine in the
evening, as it did by hand, but is overtime after the shift; the manual plan kept no weekly limit, so none is kept here.

Of what the manual plan did not keep, the replay keeps breaks, proficiency and the longest way of each operative.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from identity.frames import Connection
from scheduling.calendars import SATURDAY
from scheduling.horizon import Horizon
from scheduling.local_rules import LocalRules
from scheduling.mileage import DAY_S, Replay
from scheduling.problem import Job, Priority, Problem, Role, Shift, Window
from scheduling.staff import Staff, breaks_of, read_staff, rows

LATEST_MINUTE = 21 * 60
NOON_MINUTE = 12 * 60
HELD = ("immediate", "emergency")


def week_problem(connection: Connection, week: Horizon, rules: LocalRules, replay: Replay) -> Problem:
    """The replayed week. ``week`` begins on a Monday; its working days are planned as the manager plans them."""
    if week.starts_on.weekday() or week.days < SATURDAY:
        raise ValueError(f"a week begins on a Monday and has five days or more, not {week.starts_on} with {week.days}")
    by_hand = replace(rules, works_bank_holidays=True, standby_groups=())
    staff = read_staff(connection, Horizon(week.starts_on, SATURDAY), by_hand)
    return Problem(
        starts_at=week.starts_at,
        days=SATURDAY,
        places=replay.places,
        operatives=tuple(replace(each, areas=frozenset(), weekly_limit_s=None) for each in staff.operatives),
        shifts=_shifts(staff, week, by_hand, replay),
        jobs=_jobs(staff, week, by_hand, replay),
        travel=replay.travel,
        faults=staff.faults,
    )


def _shifts(staff: Staff, week: Horizon, rules: LocalRules, replay: Replay) -> tuple[Shift, ...]:
    refs = [each.operative_ref for each in staff.operatives]
    start, end = (replay.team.loc[refs, side].to_numpy(np.int64) for side in ("start", "end"))
    return tuple(
        Shift(
            operative=row.operative,
            day=row.day,
            start_s=row.start_s,
            end_s=row.end_s,
            start_place=int(start[row.operative]),
            end_place=int(end[row.operative]),
            breaks=breaks_of(row.start_s, row.end_s, row.day, week, rules),
            overtime_s=max(0, week.clock(row.day, LATEST_MINUTE) - row.end_s),
        )
        for row in rows(staff.hours)
    )


def _jobs(staff: Staff, week: Horizon, rules: LocalRules, replay: Replay) -> tuple[Job, ...]:
    abilities = {each.operative_ref: each.proficiency_percent for each in staff.operatives}
    visits = replay.visits
    number = visits.groupby("order_ref").cumcount()
    found = []
    for row, visit in zip(rows(visits), number, strict=True):
        known = abilities.get(row.operative_ref, {})
        trade = row.order_trade_ref if row.order_trade_ref in known or not known else next(iter(known))
        priority = rules.priorities[row.priority_code].priority if row.priority_code in rules.priorities else None
        found.append(
            Job(
                job_ref=f"{row.order_ref}/{visit + 1}",
                place=row.place,
                roles=(Role(trade),),
                duration_s=int(row.minutes) * 60,
                priority=Priority.ROUTINE if priority is None else priority,
                windows=_windows(row.day, week, is_held=row.priority_code in HELD, is_afternoon=row.is_afternoon),
                earliest_s=_asked_s(row.raised_s, week),
                due_s=None if pd.isna(row.due_s) else max(0, int(row.due_s)),
            )
        )
    return tuple(found)


def _asked_s(raised_s: Any, week: Horizon) -> int:
    """The midnight after it was asked for, that of the Friday at the latest; the start where nobody knows."""
    day = -1 if pd.isna(raised_s) else int(raised_s) // DAY_S
    return week.clock(min(SATURDAY - 1, max(0, day + 1)), 0)


def _windows(day: int, week: Horizon, *, is_held: bool, is_afternoon: bool) -> tuple[Window, ...]:
    """The days it may be on; none for any time of any day."""
    if not is_held and not is_afternoon:
        return ()
    first = NOON_MINUTE if is_afternoon else 0
    days = (day,) if is_held else range(SATURDAY)
    return tuple(Window(week.clock(each, first), week.clock(each, LATEST_MINUTE)) for each in days)


def weeks_before(week: Horizon, count: int) -> tuple[Horizon, ...]:
    """So many weeks up to the one given, oldest first."""
    return tuple(Horizon(week.starts_on - timedelta(weeks=back), week.days) for back in range(count - 1, -1, -1))
