"""The week as a logistics manager plans it by hand.

Each week, in each pool of operatives (a trade within an area, or in the whole town where a trade has few),
the visits go in order of due date to the nearest operative who still has room; a day is then driven from home
by nearest neighbour. All weeks and pools are planned side by side: the n-th visit of each at once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.workforce import Workforce

Ints = NDArray[np.int64]
DRIVE_MINUTES = 12  # what the manager allows between two visits
_NO_ROOM = 10**5  # minutes; more than any week has
_DETOUR, _METRES_PER_MINUTE = 1.35, 450  # roads against the crow's flight; town driving of 27 km/h


def allocate(visits: pd.DataFrame, workforce: Workforce) -> pd.DataFrame:
    """The visits with operative_id, day (0 Monday), sequence, planned_start, planned_end, leg_m added.

    ``visits`` needs week (Monday, days since 1970), earliest_day (0..4), trade_code, repairs_area, due (days),
    minutes, easting, northing. sequence counts from 1 in an operative's day; planned times are minutes of the
    day; leg_m is the road distance from the stop before (the first from home).
    """
    operatives = workforce.operatives[workforce.operatives["active"]].reset_index(drop=True)
    pool_of_operative, pool_of_visit = _pools(operatives, visits)
    members = pd.Series(operatives.index.to_numpy()).groupby(pool_of_operative).agg(list)
    width = int(members.map(len).max())
    seats = np.full((int(members.index.max()) + 1, width), -1)
    for pool, rows in members.items():
        seats[int(str(pool)), : len(rows)] = rows
    keys, bucket = np.unique(visits["week"].to_numpy() * 1_000 + pool_of_visit, return_inverse=True)
    daily = _daily_room(operatives, workforce)
    room = np.where(seats[:, :, None] >= 0, daily[seats], 0)[keys % 1_000]
    who, away = _days_away(operatives, workforce.absences)
    _send_home(room, keys, pool_of_operative, seats, who, away)
    chosen, day = _deal(visits, bucket, seats[pool_of_visit], operatives, room)
    chosen = _cover(visits, chosen, visits["week"].to_numpy() + day, operatives, who * 100_000 + away)
    planned = visits.assign(operative_id=operatives["operative_id"].to_numpy()[chosen], day=day)
    return _drive(planned, operatives, chosen)


def _pools(operatives: pd.DataFrame, visits: pd.DataFrame) -> tuple[Ints, Ints]:
    """Numbers of pools. A trade that is missing in some area is one pool for the town."""
    areas = int(operatives["repairs_area"].nunique())
    spread = operatives.groupby("trade_code")["repairs_area"].nunique()
    local = set(spread.index[spread == areas])
    names = []
    for frame in (operatives, visits):
        area = frame["repairs_area"].where(frame["trade_code"].isin(local), "")
        known = frame["trade_code"].where(frame["trade_code"].isin(spread.index), "MU")
        names.append((known + area).astype("str"))
    codes = pd.Categorical(pd.concat(names, ignore_index=True)).codes.astype("int64")
    return codes[: len(operatives)], codes[len(operatives) :]


def _daily_room(operatives: pd.DataFrame, workforce: Workforce) -> Ints:
    """Minutes by operative and weekday."""
    room = np.zeros((len(operatives), 5), dtype=np.int64)
    position = pd.Series(operatives.index.to_numpy(), operatives["operative_id"].to_numpy())
    shifts = workforce.shifts[workforce.shifts["operative_id"].isin(operatives["operative_id"])]
    length = shifts["end_minute"] - shifts["start_minute"] - 30
    room[position[shifts["operative_id"]].to_numpy(), shifts["weekday"]] = length
    return room


def _days_away(operatives: pd.DataFrame, absences: pd.DataFrame) -> tuple[Ints, Ints]:
    """Row of operatives and day for each day of absence."""
    position = pd.Series(operatives.index.to_numpy(), operatives["operative_id"].to_numpy())
    away = absences[absences["operative_id"].isin(position.index)]
    first = away["start_date"].to_numpy().astype("datetime64[D]").astype("int64")
    lasts = (away["end_date"] - away["start_date"]).dt.days.to_numpy() + 1
    day = np.repeat(first, lasts) + np.arange(lasts.sum()) - np.repeat(np.cumsum(lasts) - lasts, lasts)
    return np.repeat(position[away["operative_id"]].to_numpy(), lasts), day


def _send_home(room: Ints, keys: Ints, pool: Ints, seats: Ints, who: Ints, day: Ints) -> None:
    """Takes the room of absent operatives out of the weeks' plans."""
    weekday = (day + 3) % 7
    key = (day - weekday) * 1_000 + pool[who]
    at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    found = (keys[at] == key) & (weekday < 5)
    seat = (seats[pool[who]] == who[:, None]).argmax(axis=1)
    room[at[found], seat[found], weekday[found]] = -_NO_ROOM


def _cover(visits: pd.DataFrame, chosen: Ints, date: Ints, operatives: pd.DataFrame, away: Ints) -> Ints:
    """Where a trade's only operative is away, the nearest one of any trade who is there steps in."""
    alone = np.flatnonzero(np.isin(chosen * 100_000 + date, away))
    every = np.arange(len(operatives))
    x, y = visits["easting"].to_numpy()[alone], visits["northing"].to_numpy()[alone]
    distance = np.hypot(operatives["easting"].to_numpy() - x[:, None], operatives["northing"].to_numpy() - y[:, None])
    distance[np.isin(every * 100_000 + date[alone, None], away)] = 9e9
    covered = chosen.copy()
    if len(alone):
        covered[alone] = distance.argmin(axis=1)
    return covered


def _deal(visits: pd.DataFrame, number: Ints, seats: Ints, operatives: pd.DataFrame, room: Ints) -> tuple[Ints, Ints]:
    """Operative and weekday of each visit; ``number`` is its week's plan, ``room`` the minutes left in each."""
    order = np.lexsort((visits["due"].to_numpy(), number))
    rank = pd.Series(number[order]).groupby(number[order]).cumcount().to_numpy()
    east, north = operatives["easting"].to_numpy(), operatives["northing"].to_numpy()
    chosen, day = np.zeros(len(visits), dtype=np.int64), np.zeros(len(visits), dtype=np.int64)
    by_rank = np.argsort(rank, kind="stable")
    bounds = np.searchsorted(rank[by_rank], np.arange(int(rank.max(initial=-1)) + 2))
    minutes = visits["minutes"].to_numpy() + DRIVE_MINUTES
    earliest = visits["earliest_day"].to_numpy()
    x, y = visits["easting"].to_numpy(), visits["northing"].to_numpy()
    for turn in range(len(bounds) - 1):
        at = order[by_rank[bounds[turn] : bounds[turn + 1]]]
        here = number[at]
        who = seats[at]
        open_days = np.arange(5) >= earliest[at, None]
        fits = (room[here] >= minutes[at, None, None]) & open_days[:, None, :]
        distance = np.hypot(east[who] - x[at, None], north[who] - y[at, None])
        distance = np.where(who < 0, 9e9, np.where(fits.any(axis=2), distance, distance + 1e6))
        seat = distance.argmin(axis=1)
        row = np.arange(len(at))
        fit = fits[row, seat]
        # Without room anywhere the nearest one works longer on the emptiest day left.
        spare = np.where(open_days, room[here, seat], -10 * _NO_ROOM).argmax(axis=1)
        on = np.where(fit.any(axis=1), fit.argmax(axis=1), spare)
        room[here, seat, on] -= minutes[at]
        chosen[at], day[at] = who[row, seat], on
    return chosen, day


def _drive(planned: pd.DataFrame, operatives: pd.DataFrame, chosen: Ints) -> pd.DataFrame:
    """Each operative's days ordered by nearest neighbour from home; all days at once, stop by stop."""
    days = (planned["week"] + planned["day"]).to_numpy() * 100_000 + chosen
    keys, number = np.unique(days, return_inverse=True)
    place = pd.Series(number).groupby(number).cumcount().to_numpy()
    width = int(place.max(initial=0)) + 1
    stops = np.full((len(keys), width), -1)
    stops[number, place] = np.arange(len(planned))
    x, y = planned["easting"].to_numpy(), planned["northing"].to_numpy()
    at_x, at_y = operatives["easting"].to_numpy()[keys % 100_000], operatives["northing"].to_numpy()[keys % 100_000]
    clock = np.full(len(keys), 8.0 * 60)
    sequence, leg = np.zeros(len(planned), dtype=np.int64), np.zeros(len(planned), dtype=np.int64)
    start, end = np.zeros(len(planned), dtype=np.int64), np.zeros(len(planned), dtype=np.int64)
    # Mornings before afternoons: what was promised for the afternoon counts as further away.
    late = planned["slot"].eq("PM").to_numpy() * 1e6
    minutes = planned["minutes"].to_numpy()
    for turn in range(width):
        distance = np.hypot(x[stops] - at_x[:, None], y[stops] - at_y[:, None])
        nearest = np.where(stops < 0, 9e9, distance + late[stops]).argmin(axis=1)
        day = np.flatnonzero(stops[np.arange(len(keys)), nearest] >= 0)
        visit = stops[day, nearest[day]]
        metres = distance[day, nearest[day]] * _DETOUR
        sequence[visit], leg[visit] = turn + 1, metres.round()
        begin = np.maximum(clock[day] + metres / _METRES_PER_MINUTE, np.where(late[visit] > 0, 12 * 60, 0))
        start[visit], end[visit] = begin.round(), begin.round() + minutes[visit]
        clock[day], at_x[day], at_y[day] = end[visit], x[visit], y[visit]
        stops[day, nearest[day]] = -1
    return planned.assign(sequence=sequence, planned_start=start, planned_end=end, leg_m=leg)
