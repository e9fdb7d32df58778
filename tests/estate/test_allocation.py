"""The logistics manager's week: made as one does it by hand, and frozen, because plans are measured against it."""

from __future__ import annotations

import hashlib
from datetime import date

import numpy as np
import pandas as pd

from estate import allocation, world
from estate.sor import TRADES
from estate.workforce import Workforce
from estate.world import World

FROZEN = "63262f9fd8b09e838905bb93b15b321b7b081ab15456e6d8a5421182c80c5d11"
MONDAY = int(np.datetime64("2026-09-28", "D").astype("int64"))


def test_the_manual_week_of_the_default_estate_never_changes() -> None:
    """A plan is better than this week or it is not: the week must not be tuned with the solver."""
    plan = world.build(1_900, seed=20260928, today=date(2026, 9, 28)).repairs.allocation
    assert hashlib.sha256(plan.to_csv().encode()).hexdigest() == FROZEN


def test_visits_go_in_order_of_due_date_to_the_nearest_operative_with_room() -> None:
    east = [0, 100, 200, 300, 9_000]
    # room for two visits a day and one day: the third of the near operative's goes to the far one
    visits = _visits(east, due=[3, 1, 2, 5, 4], minutes=180)
    planned = allocation.allocate(visits, _team(homes=[0, 10_000], days=1))
    by_due = planned.sort_values("due")
    assert by_due["operative_id"].tolist() == [0, 0, 1, 1, 0]
    assert planned.loc[planned["easting"] == 9_000, "operative_id"].tolist() == [1]


def test_another_patch_or_trade_is_not_helped_out_with() -> None:
    team = _team(homes=[0, 10_000], days=5)
    team.operatives.loc[1, "trade_code"] = "EL"
    planned = allocation.allocate(_visits([9_000, 9_500], due=[1, 2], minutes=60), team)
    assert planned["operative_id"].tolist() == [0, 0]


def test_each_day_is_driven_by_nearest_neighbour(small_world: World) -> None:
    repairs, places = small_world.repairs, small_world.places.properties
    team = small_world.workforce.operatives
    visits = repairs.appointments.merge(repairs.allocation, on="appointment_id", suffixes=("", "_plan"))
    place = places.loc[repairs.orders["property_id"].loc[visits["order_id"]]]
    visits = visits.assign(x=place["easting"].to_numpy(), y=place["northing"].to_numpy(), late=visits["slot"].eq("PM"))
    days = visits[visits["date"] >= visits["date"].max() - pd.Timedelta(days=120)].sort_values("sequence")
    checked = 0
    for (operative, _), day in days.groupby(["operative_id", "date_plan"]):
        x, y = team.loc[operative, ["easting", "northing"]]
        for row in range(len(day)):
            left = day.iloc[row:]
            away = np.hypot(left["x"] - x, left["y"] - y) + left["late"] * 1e6
            assert away.iloc[0] == away.min()
            x, y = left["x"].iloc[0], left["y"].iloc[0]
            checked += 1
    assert checked > 100


def test_some_open_orders_take_two_trades_and_nothing_else_does(small_world: World) -> None:
    repairs = small_world.repairs
    lines = repairs.jobs.assign(trade=repairs.sor["trade_code"].to_numpy()[repairs.jobs["sor_id"]])
    trades = lines.groupby("order_id")["trade"].nunique()
    several = repairs.orders.loc[trades.index[trades > 1]]
    assert len(several) >= 3
    assert (several["status"] == "open").all() and (several["contractor_id"] == -1).all()
    assert lines.groupby("order_id")["price_pence"].sum().eq(repairs.orders["estimated_pence"]).all()
    assert set(lines["trade"]) <= set(TRADES["trade_code"])


def _visits(east: list[int], due: list[int], minutes: int) -> pd.DataFrame:
    count = len(east)
    return pd.DataFrame(
        {
            "week": MONDAY, "earliest_day": 0, "trade_code": "PL", "repairs_area": "R01", "due": due,
            "minutes": minutes, "easting": east, "northing": np.zeros(count), "slot": "AM",
        }
    )  # fmt: skip


def _team(homes: list[int], days: int) -> Workforce:
    count = len(homes)
    operatives = pd.DataFrame(
        {
            "operative_id": range(count), "trade_code": "PL", "repairs_area": "R01", "easting": homes,
            "northing": [0] * count, "active": True,
        }
    )  # fmt: skip
    row = np.repeat(np.arange(count), days)
    shifts = pd.DataFrame(
        {"operative_id": row, "weekday": np.tile(range(days), count), "start_minute": 480, "end_minute": 900}
    )
    absences = pd.DataFrame(
        {"operative_id": [0], "start_date": [pd.Timestamp(2020, 1, 1)], "end_date": [pd.Timestamp(2020, 1, 1)]}
    )
    return Workforce(operatives, pd.DataFrame(), shifts, absences, pd.DataFrame())
