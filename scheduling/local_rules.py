"""How a council's own workforce works where no system says it: breaks, overtime, standby, who follows whom."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from ledger.errors import ConfigurationFault
from scheduling.calendars import LOCAL, LocalPriority, local_priorities
from scheduling.right_to_repair import Entitled, entitled


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
    endless_absence_days: int
    works_bank_holidays: bool
    standby_groups: tuple[tuple[str, ...], ...]
    standby_start: time
    standby_end: time
    parking_minutes: int
    block_parking_minutes: int
    access: dict[str, tuple[time, time]]
    priorities: dict[str, LocalPriority]
    stages: dict[str, Stage]
    entitled: Entitled


def load(folder: Path | None = None) -> LocalRules:
    """The rules of ``hours.toml``, ``priorities.csv``, ``follow_ons.csv`` and ``right_to_repair_items.csv`` in the
    folder, else the hub's own.

    Raises ConfigurationFault where a file does not say what it must.
    """
    hours, priorities, stages, items = (
        _file(folder, name) for name in ("hours.toml", "priorities.csv", "follow_ons.csv", "right_to_repair_items.csv")
    )
    with _told(hours):
        told = tomllib.loads(hours.read_text(encoding="utf-8"))
        return LocalRules(
            usual_minutes=told["visit"]["usual_minutes"],
            longest_minutes=told["visit"]["longest_minutes"],
            break_shift_minutes=told["break"]["shift_minutes"],
            break_minutes=told["break"]["minutes"],
            break_earliest=told["break"]["earliest"],
            break_latest=told["break"]["latest"],
            overtime_minutes=told["overtime"]["minutes"],
            endless_absence_days=told["absence"]["endless_days"],
            works_bank_holidays=told["bank_holidays"]["worked"],
            standby_groups=tuple(tuple(group) for group in told["standby"]["groups"]),
            standby_start=told["standby"]["start"],
            standby_end=told["standby"]["end"],
            parking_minutes=told["parking"]["minutes"],
            block_parking_minutes=told["parking"]["block_minutes"],
            access={code: (first, last) for code, (first, last) in told["access"].items()},
            priorities=_priorities(priorities),
            stages=_stages(stages),
            entitled=_entitled(items),
        )


def _file(folder: Path | None, name: str) -> Path:
    own = LOCAL / name if folder is None else folder / name
    return own if own.exists() else LOCAL / name


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Says which file is wrong, and how."""
    try:
        yield
    except (KeyError, ValueError, TypeError, AttributeError) as fault:
        raise ConfigurationFault(
            f"it does not say what it must: {type(fault).__name__} {fault}.",
            system="scheduling",
            place=str(path),
            next_step=f"write it as scheduling/local/{path.name} is written.",
        ) from None


def _priorities(path: Path) -> dict[str, LocalPriority]:
    with _told(path):
        return local_priorities(path)


def _entitled(path: Path) -> Entitled:
    with _told(path):
        return entitled(path)


def _stages(path: Path) -> dict[str, Stage]:
    with _told(path), path.open(encoding="utf-8", newline="") as file:
        return {
            row["trade_ref"]: Stage(row["trade_ref"], int(row["stage"]), int(row["rest_hours"]))
            for row in csv.DictReader(file)
        }
