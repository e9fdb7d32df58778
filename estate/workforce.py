"""Operatives and contractors: trades, home patches, skills, shifts and absences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from estate.names import CULTURES, SHARES, forenames, surnames
from estate.places import Places
from estate.sor import TRADES

YEARS = 3  # of repairs history


@dataclass(frozen=True, eq=False)
class Workforce:
    """Who does the work.

    operatives   operative_id, payroll_no, forename, surname, trade_code (first trade), repairs_area (home
                 patch), easting, northing (home), weekly_minutes, cost_per_hour_pence, cost_per_km_pence,
                 max_travel_minutes, mobile, active, start_date, end_date
    skills       operative_id, trade_code, proficiency (percent of standard speed), preference (1 best)
    shifts       operative_id, weekday (0 Monday), start_minute, end_minute (of the day)
    absences     operative_id, start_date, end_date, reason (AL leave, SK sick, TR training)
    contractors  contractor_id, contractor_ref, name, trades (codes joined by blanks), phone, email,
                 insured_until, limit_pence
    """

    operatives: pd.DataFrame
    skills: pd.DataFrame
    shifts: pd.DataFrame
    absences: pd.DataFrame
    contractors: pd.DataFrame


def build(places: Places, today: date, rng: np.random.Generator) -> Workforce:
    """An operative for each hundred homes, at least twelve; a tenth of them left in the last years."""
    homes = int(places.properties["is_dwelling"].sum())
    count = max(12, round(homes / 100))
    areas = np.sort(places.estates["repairs_area"].unique())
    trades = TRADES["trade_code"].to_numpy()
    # One of each trade first, the rest by the trades' shares; dealt round the areas trade by trade.
    rest = rng.choice(trades, max(0, count - len(trades)), p=TRADES["share"] / TRADES["share"].sum())
    trade = np.sort(np.concatenate([trades, rest]))
    area = areas[np.arange(count) % len(areas)]
    near = places.estates.groupby("repairs_area")[["easting", "northing"]].mean().loc[area]
    culture = rng.choice(len(CULTURES), count, p=list(SHARES.values()))
    female = rng.random(count) < 0.09
    start = np.datetime64(today, "D") - rng.integers(1_200, 9_000, count)
    left = (rng.random(count) < 0.07) & pd.Series(trade).duplicated().to_numpy()
    frame = pd.DataFrame(
        {
            "operative_id": np.arange(count),
            "payroll_no": (900_100 + rng.permutation(count * 4)[:count]).astype(str),
            "forename": forenames(rng, culture, female, np.full(count, 1978)),
            "surname": surnames(rng, culture),
            "trade_code": trade, "repairs_area": area,
            "easting": (near["easting"].to_numpy() + rng.normal(0, 1_500, count)).round().astype("int64"),
            "northing": (near["northing"].to_numpy() + rng.normal(0, 1_500, count)).round().astype("int64"),
            "weekly_minutes": rng.choice([2_220, 2_220, 2_220, 1_776, 1_110], count),
            "cost_per_hour_pence": rng.integers(1_650, 2_700, count),
            "cost_per_km_pence": rng.choice([28, 45], count),
            "max_travel_minutes": rng.choice([30, 45, 60], count),
            "mobile": pd.Series(rng.permutation(1000)[np.arange(count) % 1000]).map("07700 900{:03}".format),
            "active": ~left,
            "start_date": start.astype("datetime64[s]"),
            "end_date": np.where(left, np.datetime64(today, "s") - np.timedelta64(200, "D"), np.datetime64("NaT", "s")),
        }
    )  # fmt: skip
    return Workforce(frame, _skills(frame, rng), _shifts(frame), _absences(frame, today, rng), _contractors(today, rng))


def _skills(operatives: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count = len(operatives)
    first = operatives[["operative_id", "trade_code"]].assign(proficiency=rng.integers(90, 116, count), preference=1)
    second = first.assign(trade_code=rng.choice(TRADES["trade_code"], count), proficiency=rng.integers(60, 100, count))
    second = second.assign(preference=2)[rng.random(count) < 0.6]
    both = pd.concat([first, second]).drop_duplicates(["operative_id", "trade_code"])
    return both.sort_values(["operative_id", "preference"], ignore_index=True)


def _shifts(operatives: pd.DataFrame) -> pd.DataFrame:
    days = np.where(operatives["weekly_minutes"] == 1_776, 4, 5)
    daily = operatives["weekly_minutes"].to_numpy() // days
    row = np.repeat(np.arange(len(operatives)), days)
    weekday = np.concatenate([np.arange(one) for one in days])
    start = 8 * 60 - (row % 3) * 30
    return pd.DataFrame(
        {"operative_id": row, "weekday": weekday, "start_minute": start, "end_minute": start + daily[row] + 30}
    )


def _absences(operatives: pd.DataFrame, today: date, rng: np.random.Generator) -> pd.DataFrame:
    first = np.datetime64(today, "D") - YEARS * 365
    each = 22
    row = np.repeat(np.arange(len(operatives)), each)
    start = first + rng.integers(0, YEARS * 365 + 60, len(row))
    reason = rng.choice(["AL", "SK", "TR"], len(row), p=[0.68, 0.22, 0.1])
    lasts = np.where(reason == "AL", rng.integers(1, 12, len(row)), rng.integers(1, 4, len(row)))
    frame = pd.DataFrame(
        {"operative_id": row, "start_date": start.astype("datetime64[s]"),
         "end_date": (start + lasts - 1).astype("datetime64[s]"), "reason": reason}
    ).sort_values(["operative_id", "start_date"], ignore_index=True)  # fmt: skip
    overlap = frame["start_date"] <= frame.groupby("operative_id")["end_date"].shift().fillna(pd.Timestamp(0))
    return frame[~overlap].reset_index(drop=True)


_FIRMS = (
    ("Larkfield Heating", "GS"), ("Brightwater Gas Services", "GS"), ("Tallis Roofing", "RF"), ("Marl Kitchens", "KB"),
    ("Hartwell Electrical", "EL"), ("Fenway Lifts", "LF"), ("Cobble and Stone", "BW GR"), ("Pane Right", "GZ"),
    ("Norbeck Drains", "DR"), ("Sable Surveys", "SV"), ("Osier Property Care", "MU CP PT PA"),
    ("Drywall North", "DM PT"),
)  # fmt: skip


def _contractors(today: date, rng: np.random.Generator) -> pd.DataFrame:
    count = len(_FIRMS)
    return pd.DataFrame(
        {
            "contractor_id": np.arange(count),
            "contractor_ref": [f"C{number:04}" for number in range(101, 101 + count)],
            "name": [f"{name} Ltd" for name, _ in _FIRMS], "trades": [trades for _, trades in _FIRMS],
            "phone": [f"01632 960{number:03}" for number in range(700, 700 + count)],
            "email": [f"office@{name.lower().replace(' ', '-')}.example.com" for name, _ in _FIRMS],
            "insured_until": (np.datetime64(today, "D") + rng.integers(-40, 400, count)).astype("datetime64[s]"),
            "limit_pence": rng.choice([5_000_000, 25_000_000, 100_000_000], count),
        }
    )  # fmt: skip
