"""The repairs system's lists: priorities, trades, the book of rates, suppliers, and the workforce."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estate import sor
from estate.world import World

OWN = "DLO"
"""The supplier that is the council's own workforce."""


def yes(flags: pd.Series | np.ndarray) -> np.ndarray:
    """Y where the flag is set, else N."""
    return np.where(flags, "Y", "N")


def refs(world: World) -> pd.Series:
    """Payroll numbers by operative; blank for none (-1)."""
    found: pd.Series = pd.concat([world.workforce.operatives["payroll_no"], pd.Series([""], index=[-1])])
    return found


def clock(minutes: pd.Series) -> pd.Series:
    """Minutes of the day as HH:MM."""
    return (minutes // 60).astype("str").str.zfill(2) + ":" + (minutes % 60).astype("str").str.zfill(2)


def priorities() -> pd.DataFrame:
    """The rmprior table."""
    known = sor.PRIORITIES
    return pd.DataFrame(
        {
            "priority_code": known["priority_code"], "description": known["name"],
            "days_to_complete": known["days_to_complete"], "hours_to_complete": known["hours_to_complete"],
            "saturday_working": yes(known["calendar_time"]), "sunday_working": yes(known["calendar_time"]),
            "holiday_working": "Y",
        }
    )  # fmt: skip


def trades() -> pd.DataFrame:
    """The rmtrade table."""
    # Gas, kitchens, lifts and surveys are contractors' trades; the book of rates has no items for them.
    more = pd.DataFrame(
        {"trade_code": ["GS", "KB", "LF", "SV"], "name": ["Gas", "Kitchens and bathrooms", "Lifts", "Surveys"]}
    )
    known = pd.concat([sor.TRADES, more], ignore_index=True)
    return pd.DataFrame(
        {"trade": known["trade_code"], "trade_desc": known["name"], "rate_code": "R" + known["trade_code"]}
    )


def suppliers(world: World) -> pd.DataFrame:
    """The supplier table: the council's own workforce, then the contractors."""
    firms = world.workforce.contractors
    own = pd.DataFrame(
        {"contractor_ref": [OWN], "name": ["Kelborough Direct Repairs"], "phone": ["01632 960600"], "email": [""]}
    )
    known = pd.concat([own, firms], ignore_index=True)
    return pd.DataFrame(
        {
            "sup_ref": known["contractor_ref"], "sup_name": known["name"], "in_house": yes(known.index == 0),
            "sup_active": "Y", "insured_to": known["insured_until"],
            "order_limit": known["limit_pence"].fillna(0).astype("int64"),
            "sup_phone": known["phone"], "sup_email": known["email"],
        }
    )  # fmt: skip


def contracts(world: World) -> pd.DataFrame:
    """The supcontr table."""
    firms = world.workforce.contractors
    start = pd.Timestamp(world.today.year - 4, 4, 1)
    types = np.select([firms["trades"] == "GS", firms["trades"] == "KB"], ["GAS", "PLN"], "SPE")
    return pd.DataFrame(
        {
            "con_ref": ["RR-DLO", *("RR-" + firms["contractor_ref"])], "sup_ref": [OWN, *firms["contractor_ref"]],
            "con_desc": ["Responsive repairs", *(firms["name"] + ": measured term")], "con_type": ["RES", *types],
            "con_start": start, "con_end": [pd.NaT, *([start + pd.DateOffset(years=6, days=-1)] * len(firms))],
            "con_value": [0, *(firms["limit_pence"] * 10)],
        }
    )  # fmt: skip


def book(book: pd.DataFrame) -> pd.DataFrame:
    """The rmjob table: the schedule of rates."""
    two = book["minutes"] > 150
    return pd.DataFrame(
        {
            "job_code": book["sor_code"], "book_ver": "2023.1", "short_desc": book["short_text"], "unit": book["unit"],
            "trade": book["trade_code"], "cost": book["price_pence"], "smv": book["minutes"].astype("float64"),
            "min_ops": np.where(two, 2, 1), "max_ops": np.where(two, 3, 1),
            "warranty_days": np.where(book["short_text"].str.startswith("Renew"), 365, 90),
            "from_date": pd.Timestamp(2023, 4, 1), "to_date": pd.Series(pd.NaT, book.index, dtype="datetime64[s]"),
        }
    )  # fmt: skip


def operatives(world: World) -> pd.DataFrame:
    """The operativ table."""
    known = world.workforce.operatives
    return pd.DataFrame(
        {
            "op_ref": known["payroll_no"], "op_name": known["forename"] + " " + known["surname"],
            "trade": known["trade_code"], "sup_ref": OWN, "section": known["repairs_area"],
            "start_pc": _nearest_postcodes(world, known), "week_mins": known["weekly_minutes"],
            "max_travel": known["max_travel_minutes"], "km_cost": known["cost_per_km_pence"],
            "hour_rate": known["cost_per_hour_pence"], "start_date": known["start_date"],
            "end_date": known["end_date"].fillna(pd.Timestamp(1900, 1, 1)), "active": yes(known["active"]),
            "mobile": known["mobile"],
        }
    )  # fmt: skip


def _nearest_postcodes(world: World, operatives: pd.DataFrame) -> list[str]:
    """Where operatives live, to the nearest council home: postcodes."""
    homes = world.places.properties[world.places.properties["is_dwelling"]]
    x, y, code = homes["easting"].to_numpy(), homes["northing"].to_numpy(), homes["postcode"].to_numpy()
    where = zip(operatives["easting"], operatives["northing"], strict=True)
    return [str(code[np.hypot(x - east, y - north).argmin()]) for east, north in where]


def skills(world: World) -> pd.DataFrame:
    """The opskill table."""
    known = world.workforce.skills
    return pd.DataFrame(
        {
            "op_ref": refs(world).loc[known["operative_id"]].to_numpy(), "trade": known["trade_code"],
            "proficiency": known["proficiency"], "preference": known["preference"],
            "main_trade": yes(known["preference"] == 1),
        }
    )  # fmt: skip


def shifts(world: World) -> pd.DataFrame:
    """The opshift table."""
    known = world.workforce.shifts
    return pd.DataFrame(
        {
            "op_ref": refs(world).loc[known["operative_id"]].to_numpy(), "day_no": known["weekday"] + 1,
            "start_time": clock(known["start_minute"]), "end_time": clock(known["end_minute"]),
            "from_date": pd.Timestamp(2023, 4, 3),
        }
    )  # fmt: skip


def absences(world: World) -> pd.DataFrame:
    """The opabs table."""
    known = world.workforce.absences
    return pd.DataFrame(
        {
            "abs_ref": np.arange(1, len(known) + 1), "op_ref": refs(world).loc[known["operative_id"]].to_numpy(),
            "abs_code": known["reason"], "from_date": known["start_date"], "to_date": known["end_date"],
        }
    )  # fmt: skip
