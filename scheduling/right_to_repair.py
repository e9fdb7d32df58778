"""The Right to Repair: which jobs mend a qualifying defect, by when, and what is owed where nobody came in time.

Source: Secure Tenants of Local Housing Authorities (Right to Repair) Regulations 1994. The periods of the defects are
the law's (``local/right_to_repair.csv``); which items of the schedule of rates mend which defect is the council's own
(``right_to_repair_items.csv``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd

from ledger.errors import ConfigurationFault
from scheduling.calendars import LOCAL, ONE, add_working_days, midnight, rows_of
from scheduling.problem import LONDON

REGULATIONS = "SI 1994/133"
MOST_POUNDS = 250
"""A repair that is expected to cost more does not qualify."""
AT_ONCE, BY_DAY, AT_MOST = Decimal(10), Decimal(2), Decimal(50)
"""Pounds that are owed to the tenant when a second contractor is late too, for each day begun, and altogether."""


@dataclass(frozen=True)
class Entitled:
    """What mends which defect: by trade and the beginning of an item's code, the longest that fits; by trade alone."""

    by_item: dict[str, str]  # trade/code
    by_trade: dict[str, str]


def entitled(path: Path) -> Entitled:
    """The council's table. Raises KeyError or ValueError for what is none."""
    rows = list(rows_of(path))
    if unknown := {row["defect_code"] for row in rows} - set(_days()):
        raise ValueError(f"{', '.join(sorted(unknown))} is no defect of right_to_repair.csv")
    return Entitled(
        {f"{row['trade_ref']}/{row['sor_code']}": row["defect_code"] for row in rows if row["sor_code"]},
        {row["trade_ref"]: row["defect_code"] for row in rows if not row["sor_code"]},
    )


def defects(jobs: pd.DataFrame, known: Entitled) -> pd.Series:
    """The defect of each job that qualifies, of several the most pressing; NA where none does.

    The system's word on the request comes first. Where it says that the regulations apply and no item of the order is
    declared, the trade of the first job tells; where it says nothing, a declared item does, unless it costs too much.
    """
    item = _by_items(jobs, known)
    says = jobs["is_right_to_repair"]
    applies, not_said = says.fillna(False).astype(bool), says.isna()
    is_small = ~(jobs["estimated_cost"] > MOST_POUNDS).fillna(False)
    by_item = item.where(applies | not_said & is_small)
    untold = by_item.isna().groupby(jobs["order_ref"]).transform("all")
    return by_item.where(
        by_item.notna(), jobs["trade_ref"].map(known.by_trade).where(applies & untold & jobs["is_first"])
    )


def _by_items(jobs: pd.DataFrame, known: Entitled) -> pd.Series:
    lines = jobs.assign(item=jobs["sor_codes"].fillna("").str.split()).explode("item")
    item = lines["trade_ref"] + "/" + lines["item"].astype("str")
    defect = pd.Series(pd.NA, index=item.index, dtype="str")
    for length in sorted({len(code) for code in known.by_item}):
        longer = item.str[:length].map(known.by_item)
        defect = longer.where(longer.notna(), defect)
    found = pd.DataFrame({"defect": defect, "days": defect.map(_days())}).dropna()
    return found.sort_values("days", kind="stable").groupby(level=0)["defect"].first().reindex(jobs.index)


@cache
def periods(defect_code: str, day: date) -> tuple[datetime, datetime]:
    """When a defect reported on a day must be repaired, and when a second contractor's time, which is as long, ends."""
    for row in rows_of(LOCAL / "right_to_repair.csv"):
        if row["defect_code"] == defect_code and _in_season(day.month, row["first_month"], row["last_month"]):
            first = add_working_days(day, int(row["working_days"]))
            return midnight(first + ONE), midnight(add_working_days(first, int(row["working_days"])) + ONE)
    raise ConfigurationFault(
        f"{defect_code} is no defect of the Right to Repair scheme.",
        place="right_to_repair.csv",
        next_step="use one of its defect codes.",
    )


def owed(again_at: datetime, now: datetime) -> Decimal:
    """Pounds owed to the tenant by now, where a second contractor's time ended then and nothing is repaired."""
    days = (now.astimezone(LONDON).date() - again_at.astimezone(LONDON).date()).days + 1
    return min(AT_MOST, AT_ONCE + BY_DAY * days) if now >= again_at else Decimal(0)


@cache
def _days() -> dict[str, int]:
    """The shortest period of each defect, working days."""
    found: dict[str, int] = {}
    for row in rows_of(LOCAL / "right_to_repair.csv"):
        days = int(row["working_days"])
        found[row["defect_code"]] = min(days, found.get(row["defect_code"], days))
    return found


def _in_season(month: int, first: str, last: str) -> bool:
    if not first:
        return True
    within = int(first) <= int(last)
    return int(first) <= month <= int(last) if within else month >= int(first) or month <= int(last)
