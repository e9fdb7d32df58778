"""How far is driven: the manual week, a rota of four areas, plans and actuals, all on one matrix of ways.

A day's way begins where the operative starts and ends where they end, over the stops in their order. Frames of stops
have day (after the first), operative_ref, sequence and place (position in the ways); those of mileage have day,
operative_ref, trade_ref, jobs and distance_m.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from canonical_model import workload
from identity import frames
from identity.addresses.grid import to_degrees
from identity.frames import REAL, TEXT, WHOLE, YES_OR_NO, Connection, Types
from scheduling.horizon import Horizon
from scheduling.plan import Plan
from scheduling.problem import Place, Problem, Travel

Ints = NDArray[np.int64]
Ways = Callable[[tuple[Place, ...]], Travel]

HOMES = {
    "operative_ref": TEXT, "trade_ref": TEXT, "start_easting_m": REAL, "start_northing_m": REAL, "end_easting_m": REAL,
    "end_northing_m": REAL,
}  # fmt: skip
AT = {"asset_ref": TEXT, "latitude": REAL, "longitude": REAL, "easting_m": REAL, "northing_m": REAL}
ALLOCATED = {
    "day": WHOLE, "operative_ref": TEXT, "sequence": WHOLE, "order_ref": TEXT, "order_trade_ref": TEXT,
    "priority_code": TEXT, "minutes": WHOLE, "raised_s": WHOLE, "due_s": WHOLE, "is_afternoon": YES_OR_NO, **AT,
}  # fmt: skip
ATTENDED = {"day": WHOLE, "operative_ref": TEXT, "sequence": WHOLE, "order_ref": TEXT, **AT}
MILE_M = 1_609.344
LAST_WEEKDAY = 4
DEGREES = 6  # decimals of a place: flats of a block are one
DAY_S = 86_400


@dataclass(frozen=True)
class Total:
    """Jobs and the way to them all."""

    jobs: int
    distance_m: int

    @property
    def miles_per_job(self) -> float:
        """Nothing where there are no jobs."""
        return self.distance_m / MILE_M / self.jobs if self.jobs else 0.0


@dataclass(frozen=True, eq=False)
class Replay:
    """Visits that were planned or made, on a matrix of ways.

    visits: the columns read, and place. team: trade_ref, start and end (places), by operative_ref, of everybody.
    ``lost`` visits are known by no place, or by no operative's home, and count nowhere.
    """

    visits: pd.DataFrame
    team: pd.DataFrame
    places: tuple[Place, ...]
    travel: Travel
    lost: int

    @property
    def distance_m(self) -> Ints:
        """Metres between the places."""
        return self.travel.distance_m.astype(np.int64)


def read_manual(connection: Connection, horizon: Horizon, ways: Ways) -> Replay:
    """The weekly plan made by hand, those days."""
    return _replay(connection, workload.ALLOCATED, ALLOCATED, horizon, ways)


def read_actual(connection: Connection, horizon: Horizon, ways: Ways) -> Replay:
    """The visits that were made, in the order of arrival."""
    return _replay(connection, workload.ATTENDED, ATTENDED, horizon, ways)


def driven(stops: pd.DataFrame, team: pd.DataFrame, distance_m: Ints) -> pd.DataFrame:
    """The mileage of the stops, by day and operative."""
    stops = stops.sort_values(["day", "operative_ref", "sequence"], ignore_index=True)
    place = stops["place"].to_numpy(np.int64)
    home = team.loc[stops["operative_ref"]]
    first = ~stops.duplicated(["day", "operative_ref"]).to_numpy()
    last = ~stops.duplicated(["day", "operative_ref"], keep="last").to_numpy()
    before = np.where(first, home["start"].to_numpy(np.int64), np.roll(place, 1))
    way = distance_m[before, place] + np.where(last, distance_m[place, home["end"].to_numpy(np.int64)], 0)
    legs = stops.assign(distance_m=way, jobs=1, trade_ref=home["trade_ref"].to_numpy())
    return legs.groupby(["day", "operative_ref"], as_index=False).agg(
        trade_ref=("trade_ref", "first"), jobs=("jobs", "sum"), distance_m=("distance_m", "sum")
    )


def four_areas(replay: Replay, most_minutes: int = 390) -> pd.DataFrame:
    """The same visits under a fixed rota: the town in four quarters, one each from Monday to Thursday.

    Each operative keeps the visits that the manual week gave them. A visit is made on its quarter's day; on Friday
    where that day is full, or lies before the day after the visit was asked for. Emergencies keep their day. Each day
    is driven by nearest neighbour. The quarters are cut at the medians of the visits, west from east and south from
    north. The replay begins on a Monday.
    """
    visits = replay.visits
    where = np.array([(place.latitude, place.longitude) for place in replay.places])[visits["place"]]
    north, east = (where > np.median(where, axis=0)).T
    quarter = 2 * north + 1 * east
    monday = visits["day"] - visits["day"] % 7
    asked = (visits["raised_s"] // DAY_S + 1).fillna(0).astype("int64") - monday
    held = visits["priority_code"].isin(["immediate", "emergency"]).fillna(False).to_numpy(np.bool_)
    wanted = np.where(held, visits["day"] % 7, np.where(quarter >= asked, quarter, LAST_WEEKDAY)).astype("int64")
    dealt = visits.assign(wanted=wanted, monday=monday, is_moved=~held).sort_values(
        ["is_moved", "due_s", "order_ref"], kind="stable"
    )
    filled = dealt.groupby(["monday", "operative_ref", "wanted"])["minutes"].cumsum()
    full = dealt["is_moved"] & (filled > most_minutes)
    day = dealt["monday"] + dealt["wanted"].where(~full, LAST_WEEKDAY)
    return in_nearest_order(dealt.assign(day=day), replay.team, replay.distance_m)


def in_nearest_order(stops: pd.DataFrame, team: pd.DataFrame, distance_m: Ints) -> pd.DataFrame:
    """The stops with the sequence of a day that goes on to the nearest stop left; all days at once, stop by stop."""
    stops = stops.reset_index(drop=True)
    number = stops.groupby(["day", "operative_ref"]).ngroup().to_numpy()
    column = stops.groupby(number).cumcount().to_numpy()
    count, width = int(number.max(initial=-1)) + 1, int(column.max(initial=-1)) + 1
    row = np.full((count, width), -1, dtype=np.int64)
    row[number, column] = np.arange(len(stops))
    place = stops["place"].to_numpy(np.int64)
    at = np.zeros(count, dtype=np.int64)
    at[number] = team.loc[stops["operative_ref"], "start"].to_numpy(np.int64)
    sequence = np.zeros(len(stops), dtype=np.int64)
    every = np.arange(count)
    for turn in range(width):
        away = np.where(row < 0, np.iinfo(np.int64).max, distance_m[at[:, None], place[row]])
        nearest = away.argmin(axis=1)
        chosen = row[every, nearest]
        open_days = np.flatnonzero(chosen >= 0)
        visit = chosen[open_days]
        sequence[visit], at[open_days] = turn + 1, place[visit]
        row[open_days, nearest[open_days]] = -1
    return stops.assign(sequence=sequence)


def planned(problem: Problem, plan: Plan) -> pd.DataFrame:
    """The mileage of a plan. A job of two people is one job, at the first of them; the way of both counts."""
    visits = pd.DataFrame(
        [(visit.shift, visit.job, visit.role, visit.leg_m) for visit in plan.visits],
        columns=["shift", "job", "role", "leg_m"],
    )
    shift = [problem.shifts[row] for row in visits["shift"]]
    last = ~visits.duplicated("shift", keep="last").to_numpy()
    place = np.array([problem.jobs[row].place for row in visits["job"]], dtype=np.int64)
    end = np.array([each.end_place for each in shift], dtype=np.int64)
    back = np.where(last, problem.travel.distance_m[place, end].astype(np.int64), 0) if len(visits) else 0
    operative = [problem.operatives[each.operative] for each in shift]
    return visits.assign(
        day=[each.day for each in shift],
        operative_ref=[each.operative_ref for each in operative],
        trade_ref=[next(iter(each.proficiency_percent)) for each in operative],
        jobs=visits["role"].eq(0).astype("int64"),
        distance_m=visits["leg_m"] + back,
    ).groupby(["day", "operative_ref"], as_index=False).agg(
        trade_ref=("trade_ref", "first"), jobs=("jobs", "sum"), distance_m=("distance_m", "sum")
    )  # fmt: skip


def total(mileage: pd.DataFrame) -> Total:
    """All days and operatives together."""
    return Total(int(mileage["jobs"].sum()), int(mileage["distance_m"].sum()))


def _replay(connection: Connection, query: str, columns: Types, horizon: Horizon, ways: Ways) -> Replay:
    values = {"starts_on": horizon.starts_on, "starts_at": horizon.starts_at, "days": horizon.days}
    visits = frames.read(connection, query, columns, values)
    team = frames.read(connection, workload.HOMES, HOMES).set_index("operative_ref")
    own = to_degrees(visits["easting_m"], visits["northing_m"])
    for name in ("latitude", "longitude"):
        visits[name] = visits[name].fillna(own[name]).round(DEGREES)
    at_home = team.index[team[["start_easting_m", "end_easting_m"]].notna().all(axis=1)]
    known = visits["latitude"].notna() & visits["operative_ref"].isin(at_home)
    kept = visits[known].reset_index(drop=True)
    team = team.loc[at_home]
    start, end = (
        to_degrees(team[f"{side}_easting_m"], team[f"{side}_northing_m"]).round(DEGREES) for side in ("start", "end")
    )
    listed = pd.concat([kept[["latitude", "longitude"]], start, end], ignore_index=True)
    number = listed.groupby(["latitude", "longitude"], sort=False).ngroup().to_numpy().astype(np.int64)
    first = listed.loc[np.unique(number, return_index=True)[1]]
    places = tuple(
        Place(f"place {row}", latitude, longitude)
        for row, (latitude, longitude) in enumerate(zip(first["latitude"], first["longitude"], strict=True))
    )
    split = [len(kept), len(kept) + len(start)]
    at, starts, ends = np.split(number, split)
    return Replay(
        visits=kept.assign(place=at, day=kept["day"].astype("int64"), sequence=kept["sequence"].astype("int64")),
        team=pd.DataFrame({"trade_ref": team["trade_ref"], "start": starts, "end": ends}, index=team.index),
        places=places,
        travel=ways(places),
        lost=int((~known).sum()),
    )
