"""Public routing instances as the product's problems. They are no part of the project: each is read where it stands.

A metre of such a problem is a unit of the instance's distance, scaled to whole numbers, and a second as much of its
time. Service is given as ``parking_s``, which no rounding touches.
"""

from __future__ import annotations

import math
import os
import re
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scheduling.problem import LONDON, Job, Operative, Place, Problem, Role, Shift, Travel, Window

INSTANCES = Path(os.environ.get("SCHEDULING_INSTANCES", Path(__file__).parents[3] / "shared" / "bench"))
STARTS_AT = datetime(2026, 1, 5, tzinfo=LONDON)
TRADE = "visit"
TENTH, THOUSANDTH = 10, 1_000


def names(folder: str, pattern: str) -> list[str]:
    """The names of the instances in a folder; none where it is missing."""
    return sorted(path.stem for path in (INSTANCES / folder).glob(pattern))


def solomon(path: Path) -> Problem:
    """A Solomon or Gehring-Homberger instance, distances cut off after the first decimal."""
    numbers = [[int(word) for word in line.split()] for line in path.read_text().splitlines() if is_numbers(line)]
    (vehicles, capacity), *rows = numbers
    table = np.array(rows, dtype=np.int64)
    ways = distances(table[:, 1:3].astype(float), TENTH, math.floor)
    opens, closes = (int(at) * TENTH for at in table[0, 4:6])
    return Problem(
        starts_at=STARTS_AT,
        days=1 + closes // 86_400,
        places=tuple(Place(str(row[0]), 51 + row[2] / 1_000, row[1] / 1_000) for row in rows),
        operatives=tuple(Operative(str(number), {TRADE: 100}) for number in range(vehicles)),
        shifts=tuple(Shift(number, 0, opens, closes, 0, 0, capacity=capacity) for number in range(vehicles)),
        jobs=tuple(
            Job(
                str(number), number, (Role(TRADE),), 0, windows=(Window(ready * TENTH, due * TENTH),),
                parking_s=service * TENTH, load=demand,
            )
            for number, _, _, demand, ready, due, service in rows[1:]
        ),
        travel=Travel(ways, ways),
    )  # fmt: skip


def site_dependent(path: Path) -> Problem:
    """An instance in which only some vehicles may serve a customer; distances to three decimals, rounded."""
    found = sections(path.read_text())
    table = {
        name: np.array([[float(word) for word in line.split()] for line in found[name]])
        for name in ("NODE_COORD", "DEMAND", "SERVICE_TIME", "TIME_WINDOW", "CAPACITY")
    }
    ways = distances(table["NODE_COORD"][:, 1:], THOUSANDTH, round)
    serves = [{int(word) for word in line.split()[1:]} for line in found["VEHICLES_ALLOWED_CLIENTS"]]
    skill = [
        "site " + " ".join(str(vehicle) for vehicle, clients in enumerate(serves) if node in clients)
        for node in range(1, len(ways) + 1)
    ]
    longest = round(float(found["VEHICLES_MAX_DURATION"][0]) * THOUSANDTH)
    opens, closes = (round(at * THOUSANDTH) for at in table["TIME_WINDOW"][0, 1:])
    vehicles = range(len(serves))
    return Problem(
        starts_at=STARTS_AT,
        days=1 + closes // 86_400,
        places=tuple(Place(str(node), 51 + y / 1_000, x / 1_000) for node, x, y in table["NODE_COORD"].tolist()),
        operatives=tuple(
            Operative(str(number), {TRADE: 100}, frozenset(skill[node - 1] for node in serves[number]))
            for number in vehicles
        ),
        shifts=tuple(
            Shift(number, 0, opens, closes, 0, 0, capacity=int(table["CAPACITY"][number, 1]), longest_s=longest)
            for number in vehicles
        ),
        jobs=tuple(
            Job(
                str(node + 1), node, (Role(TRADE, frozenset({skill[node]})),), 0,
                windows=(Window(*(round(at * THOUSANDTH) for at in table["TIME_WINDOW"][node, 1:])),),
                parking_s=round(table["SERVICE_TIME"][node, 1] * THOUSANDTH), load=int(table["DEMAND"][node, 1]),
            )
            for node in range(1, len(ways))
        ),
        travel=Travel(ways, ways),
    )  # fmt: skip


def sections(text: str) -> dict[str, list[str]]:
    """The lines of each section of a VRPLIB file, and the word of each of its specifications."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if ":" in line:
            name, word = line.split(":", 1)
            found[name.strip()] = [word.strip()]
        elif line.strip().endswith("_SECTION"):
            found[name := line.strip().removesuffix("_SECTION")] = []
        elif line.strip() not in ("", "EOF"):
            found[name].append(line)
    return found


def distances(xy: NDArray[np.float64], scale: int, whole: object) -> NDArray[np.int32]:
    """Euclidean distances, scaled and made whole: cut off (``math.floor``) or rounded (``round``)."""
    exact = scale * np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
    # a distance that is whole as it is must not be cut to the one below by a last bit
    return (np.floor(exact + 1e-9) if whole is math.floor else np.rint(exact)).astype(np.int32)


def is_numbers(line: str) -> bool:
    """Whether a line has two or seven whole numbers, and nothing else."""
    return re.fullmatch(r"\s*\d+\s+\d+(\s+\d+){0}\s*|\s*\d+(\s+-?\d+){6}\s*", line) is not None


def best_distances() -> dict[str, float]:
    """The best known distance of each Solomon instance, cut off after the first decimal."""
    text = (INSTANCES / "solomon" / "best-distance-1-decimal.sol").read_text("utf-8", errors="replace")
    return {name: float(value) for name, value in re.findall(r"^(R?C?\d+) = ([\d.]+)", text, re.MULTILINE)}
