"""Who can work: the council's operatives with what they can do, their homes and the hours that absences leave them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import numpy as np
import orjson
import pandas as pd

from canonical_model import workload
from identity import frames
from identity.addresses.grid import to_degrees
from identity.frames import REAL, TEXT, WHOLE, YES_OR_NO, Connection
from scheduling import calendars
from scheduling.events import Absence
from scheduling.horizon import Horizon
from scheduling.local_rules import LocalRules
from scheduling.problem import Break, Fault, Operative

OPERATIVES = {
    "operative_ref": TEXT, "trade_ref": TEXT, "section": TEXT, "weekly_limit_minutes": WHOLE,
    "max_travel_minutes": WHOLE, "start_easting_m": REAL, "start_northing_m": REAL, "end_easting_m": REAL,
    "end_northing_m": REAL,
}  # fmt: skip
SKILLS = {
    "operative_ref": TEXT, "trade_ref": TEXT, "sor_code": TEXT, "proficiency_percent": REAL, "last_day": WHOLE,
}  # fmt: skip
HOURS = {
    "operative_ref": TEXT, "day": WHOLE, "is_standby": YES_OR_NO, "start_s": WHOLE, "end_s": WHOLE,
    "is_uncovered": YES_OR_NO,
}  # fmt: skip
STANDARD = 100  # percent: works in the standard minutes
SHORTEST_S = 30 * 60  # what is left of a shift between absences is not worth a van's way if it is shorter


@dataclass(frozen=True, eq=False)
class Staff:
    """``operatives`` have their row in ``homes`` (start and end, degrees), ``hours`` name them by position.

    hours: operative, day, is_standby, start_s, end_s; by operative and start.
    """

    operatives: tuple[Operative, ...]
    homes: pd.DataFrame
    hours: pd.DataFrame
    faults: tuple[Fault, ...]


def read_staff(connection: Connection, horizon: Horizon, rules: LocalRules, away: Sequence[Absence] = ()) -> Staff:
    """Everybody who can be given work in those days; who cannot is told with the reason.

    ``away``: absences that the desk was told, beside those of the systems.
    """
    values = _values(horizon, rules, away)
    known = frames.read(connection, workload.OPERATIVES, OPERATIVES, values)
    skills = frames.read(connection, workload.SKILLS, SKILLS, values)
    hours = frames.read(connection, workload.HOURS, HOURS, values)
    endless = frames.read(connection, workload.ENDLESS, {"operative_ref": TEXT}, values)
    expired = skills["last_day"].lt(horizon.days - 1).fillna(False)
    able = _abilities(known, skills[~expired])
    homeless = known[["start_easting_m", "end_easting_m"]].isna().any(axis=1)
    untrained = ~known["operative_ref"].isin(able["operative_ref"])
    idle = ~known["operative_ref"].isin(hours["operative_ref"])
    kept = known[~homeless & ~untrained].reset_index(drop=True)
    faults = (
        *_told(known[homeless], "operative-without-home", "it is not known where their day starts",
               "give the operative a postcode that the gazetteer has"),
        *_told(known[untrained], "operative-without-trade", "they have no trade that holds in these days",
               "give the operative a trade, or renew the certificate"),
        *_told(endless, "absence-without-end",
               f"an absence has no end; it is believed for {rules.endless_absence_days} days",
               "enter its last day in the repairs system"),
        *_told(known[idle], "operative-without-hours", "no shift of theirs is known",
               "give the operative shifts, or end their employment in the repairs system"),
        *_told(skills[expired], "certificate-runs-out", "a certificate ends before the last day of the plan",
               "renew it in the repairs system, or plan fewer days"),
        *_told(hours[hours["is_uncovered"].fillna(False)].drop_duplicates("operative_ref"), "standby-uncovered",
               "they are away while it is their turn to be on call",
               "name a stand-in, as a standby shift of that date in the repairs system"),
    )  # fmt: skip
    items = skills[~expired & skills["sor_code"].notna()]
    return Staff(_operatives(kept, able, items), _homes(kept), _own_hours(kept, hours, horizon), faults)


def breaks_of(start_s: int, end_s: int, day: int, horizon: Horizon, rules: LocalRules) -> tuple[Break, ...]:
    """The rest that hours of that length hold: at the declared time, or in the middle third where that lies outside."""
    if end_s - start_s < rules.break_shift_minutes * 60:
        return ()
    earliest, latest = (horizon.clock(day, minute_of(at)) for at in (rules.break_earliest, rules.break_latest))
    if earliest < start_s or latest + rules.break_minutes * 60 > end_s:
        third = (end_s - start_s) // 3
        earliest, latest = start_s + third, start_s + 2 * third
    return (Break(earliest, latest, rules.break_minutes * 60),)


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The frame's rows, to make a value of each: a problem has thousands, not millions."""
    return iter(frame.itertuples())


def minute_of(at: time) -> int:
    """Minutes after midnight."""
    return at.hour * 60 + at.minute


def _values(horizon: Horizon, rules: LocalRules, away: Sequence[Absence]) -> dict[str, object]:
    holidays = [] if rules.works_bank_holidays else [*_holidays(horizon)]
    return {
        "starts_on": horizon.starts_on, "days": horizon.days, "starts_at": horizon.starts_at, "holidays": holidays,
        "standby_groups": json.dumps(rules.standby_groups), "standby_start": rules.standby_start,
        "standby_end": rules.standby_end, "endless_days": rules.endless_absence_days,
        "told_away": orjson.dumps(away).decode(),
    }  # fmt: skip


def _holidays(horizon: Horizon) -> set[date]:
    years = range(horizon.starts_on.year - 1, horizon.dates[-1].year + 1)
    return {day for year in years for day in calendars.bank_holidays(year)}


def _abilities(known: pd.DataFrame, skills: pd.DataFrame) -> pd.DataFrame:
    """operative_ref, trade_ref, percent; the main trade first; it is known to everybody who has one."""
    listed = skills[skills["sor_code"].isna() & skills["trade_ref"].notna()]
    main = known.loc[known["trade_ref"].notna(), ["operative_ref", "trade_ref"]]
    both = pd.concat([listed[["operative_ref", "trade_ref", "proficiency_percent"]], main], ignore_index=True)
    both["is_other"] = both["trade_ref"] != both["operative_ref"].map(known.set_index("operative_ref")["trade_ref"])
    both["percent"] = both.pop("proficiency_percent").fillna(STANDARD).round().astype("int64").clip(lower=1)
    both = both.drop_duplicates(["operative_ref", "trade_ref"])
    return both.sort_values(["operative_ref", "is_other", "trade_ref"])


def _operatives(kept: pd.DataFrame, able: pd.DataFrame, items: pd.DataFrame) -> tuple[Operative, ...]:
    trades = {
        ref: dict(zip(own["trade_ref"], own["percent"].tolist(), strict=True))
        for ref, own in able.groupby("operative_ref")
    }
    skilled = items.groupby("operative_ref")["sor_code"].agg(frozenset).to_dict()
    return tuple(
        Operative(
            operative_ref=row.operative_ref,
            proficiency_percent=trades[row.operative_ref],
            skills=skilled.get(row.operative_ref, frozenset()),
            areas=frozenset() if pd.isna(row.section) else frozenset({row.section}),
            weekly_limit_s=None if pd.isna(row.weekly_limit_minutes) else int(row.weekly_limit_minutes) * 60,
            max_leg_s=None if pd.isna(row.max_travel_minutes) else int(row.max_travel_minutes) * 60,
        )
        for row in rows(kept)
    )


def _homes(kept: pd.DataFrame) -> pd.DataFrame:
    """start_latitude, start_longitude, end_latitude, end_longitude by position."""
    start, end = (to_degrees(kept[f"{side}_easting_m"], kept[f"{side}_northing_m"]) for side in ("start", "end"))
    return pd.concat([start.add_prefix("start_"), end.add_prefix("end_")], axis=1)


def _own_hours(kept: pd.DataFrame, hours: pd.DataFrame, horizon: Horizon) -> pd.DataFrame:
    position = pd.Series(np.arange(len(kept)), kept["operative_ref"])
    left = hours[hours["operative_ref"].isin(kept["operative_ref"]) & hours["start_s"].notna()]
    left = left[(left["end_s"] - left["start_s"].clip(lower=horizon.now_s)) >= SHORTEST_S]
    return pd.DataFrame(
        {
            "operative": position[left["operative_ref"]].to_numpy(), "day": left["day"].to_numpy(np.int64),
            "is_standby": left["is_standby"].to_numpy(np.bool_), "start_s": left["start_s"].to_numpy(np.int64),
            "end_s": left["end_s"].to_numpy(np.int64),
        }
    ).sort_values(["operative", "start_s"], ignore_index=True)  # fmt: skip


def _told(whom: pd.DataFrame, code: str, message: str, next_step: str) -> list[Fault]:
    return [Fault(code, ref, f"Operative {ref}: {message}.", f"{next_step}.") for ref in whom["operative_ref"]]
