"""How a council's own workforce works where no system says it: breaks, overtime, standby, who follows whom."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from ledger.errors import ConfigurationFault
from scheduling.calendars import LOCAL, LocalPriority, local_priorities


@dataclass(frozen=True)
class Stage:
    """When a trade comes in an order of several: by ``stage``, and how long its work rests before the next trade's."""

    trade_ref: str
    stage: int
    rest_hours: int


@dataclass(frozen=True)
class LocalRules:
    """What the files of the folder ``local`` say; times are local wall clock."""

    usual_minutes: int
    longest_minutes: int
    break_shift_minutes: int
    break_minutes: int
    break_earliest: time
    break_latest: time
    overtime_minutes: int
    works_bank_holidays: bool
    standby_groups: tuple[tuple[str, ...], ...]
    standby_start: time
    standby_end: time
    parking_minutes: int
    block_parking_minutes: int
    access: dict[str, tuple[time, time]]
    priorities: dict[str, LocalPriority]
    stages: dict[str, Stage]


def load(folder: Path = LOCAL) -> LocalRules:
    """The rules that the folder declares: ``hours.toml``, ``priorities.csv``, ``follow_ons.csv``."""
    told = tomllib.loads((folder / "hours.toml").read_text(encoding="utf-8"))
    try:
        return LocalRules(
            usual_minutes=told["visit"]["usual_minutes"],
            longest_minutes=told["visit"]["longest_minutes"],
            break_shift_minutes=told["break"]["shift_minutes"],
            break_minutes=told["break"]["minutes"],
            break_earliest=told["break"]["earliest"],
            break_latest=told["break"]["latest"],
            overtime_minutes=told["overtime"]["minutes"],
            works_bank_holidays=told["bank_holidays"]["worked"],
            standby_groups=tuple(tuple(group) for group in told["standby"]["groups"]),
            standby_start=told["standby"]["start"],
            standby_end=told["standby"]["end"],
            parking_minutes=told["parking"]["minutes"],
            block_parking_minutes=told["parking"]["block_minutes"],
            access={code: (first, last) for code, (first, last) in told["access"].items()},
            priorities=local_priorities(folder),
            stages=_stages(folder),
        )
    except KeyError as missing:
        raise ConfigurationFault(
            f"{missing} is not declared.",
            place=str(folder / "hours.toml"),
            next_step="declare it as scheduling/local/hours.toml does.",
        ) from None


def _stages(folder: Path) -> dict[str, Stage]:
    with (folder / "follow_ons.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["trade_ref"]: Stage(row["trade_ref"], int(row["stage"]), int(row["rest_hours"]))
            for row in csv.DictReader(file)
        }
