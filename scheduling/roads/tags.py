"""What OpenStreetMap's tags mean to a van: whether it may drive there, which way, and how fast on an empty road.

Limits follow the tags (`maxspeed` by direction, in mph or km/h), else what the tags imply, else what ``speeds.csv``
says of the class; a goods vehicle up to 7.5 t may drive 50 mph on a single carriageway, 60 on a dual one and 70 on a
motorway (Highway Code, rule 124). What is driven is a percentage of the limit that leaves room for junctions, by class.
Times of the day (`maxspeed:conditional`, `access:conditional`) are not read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SPEEDS = Path(__file__).with_name("speeds.csv")

_KM_PER_MILE = 1.609344
_WALK_MPH = 4.0
_NATIONAL = {"nsl_single": 60.0, "nsl_dual": 70.0, "nsl_restricted": 30.0, "urban": 30.0, "rural": 60.0,
             "motorway": 70.0, "national": 60.0, "none": 70.0, "walk": _WALK_MPH}  # fmt: skip
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|km/h|kmh|kph)?")
_VAN_MPH = {"single": 50.0, "dual": 60.0, "motorway": 70.0}

_ACCESS = ("goods", "motorcar", "motor_vehicle", "vehicle", "access")
"""The more a key is about vans, the more it counts."""
_CLOSED = {"no", "private", "agricultural", "forestry", "emergency", "psv", "bus", "military", "taxi", "hov"}
_OPEN_BARRIERS = {"gate", "lift_gate", "swing_gate", "cattle_grid", "toll_booth", "border_control", "sally_port",
                  "height_restrictor", "entrance", "no", "kerb", "arch"}  # fmt: skip


@dataclass(frozen=True)
class Road:
    """How a way is driven, km/h in its own direction and against it; 0 is not at all."""

    ahead_kmh: float
    back_kmh: float
    stops: bool  # whether a van may stop there and somebody walk to a door


@dataclass(frozen=True)
class _Class:
    implied_mph: float
    percent: float


def classes(path: Path = SPEEDS) -> dict[str, _Class]:
    """What is driven on, by the value of ``highway``."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["highway"]: _Class(float(row["implied_mph"]), float(row["percent"])) for row in csv.DictReader(file)
        }


def road(tags: Mapping[str, str], known: Mapping[str, _Class]) -> Road | None:
    """How a way of these tags is driven; None where a van may not, or it is no road."""
    of = known.get(tags.get("highway", ""))
    if of is None or tags.get("area") == "yes" or tags.get("service") == "emergency_access" or not is_open(tags):
        return None
    ahead, back = _directions(tags)
    if not (ahead or back):
        return None
    is_motorway = tags["highway"].startswith("motorway")
    kind = "motorway" if is_motorway else "single" if ahead and back else "dual"
    speeds = [
        min(_limit_mph(tags, way) or of.implied_mph, _VAN_MPH[kind]) * of.percent / 100 * _KM_PER_MILE
        for way in ("forward", "backward")
    ]
    stops = not is_motorway and tags.get("tunnel", "no") == "no"
    return Road(speeds[0] if ahead else 0, speeds[1] if back else 0, stops)


def is_open(tags: Mapping[str, str]) -> bool:
    """Whether a van may go there. Who has business there may: `destination`, `customers`, `permit` are open."""
    stated = next((tags[key] for key in _ACCESS if key in tags), "yes")
    return stated not in _CLOSED


def is_blocked(tags: Mapping[str, str]) -> bool:
    """Whether a node of these tags stops a van: a bollard does, a gate does where it is private."""
    barrier = tags.get("barrier")
    if barrier is None:
        return False
    if any(key in tags for key in _ACCESS):
        return not is_open(tags)
    return barrier not in _OPEN_BARRIERS or tags.get("locked") == "yes"


def _directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether it is driven in its own direction, and against it."""
    around = tags.get("junction") in ("roundabout", "circular") or tags["highway"] in ("motorway", "motorway_link")
    stated = tags.get("oneway:motor_vehicle", tags.get("oneway", "yes" if around else "no"))
    if stated in ("yes", "true", "1"):
        return True, False
    if stated in ("-1", "reverse"):
        return False, True
    return (False, False) if stated == "reversible" else (True, True)


def _limit_mph(tags: Mapping[str, str], way: str) -> float | None:
    """The limit that the tags state or imply; None where they say nothing that can be read."""
    for key in (f"maxspeed:{way}", "maxspeed", "maxspeed:type", "source:maxspeed"):
        found = [mph for text in tags.get(key, "").split(";") if (mph := _mph(text.strip().lower())) is not None]
        if found:
            return min(found)
    return None


def _mph(text: str) -> float | None:
    name = text.rpartition(":")[2]
    if name in _NATIONAL:
        return _NATIONAL[name]
    number = _NUMBER.fullmatch(text)
    if number is None or float(number[1]) == 0:
        return None
    return float(number[1]) if number[2] == "mph" else float(number[1]) / _KM_PER_MILE
