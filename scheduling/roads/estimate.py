"""Ways where no road is known: the great circle, longer by a circuity that falls with distance, at declared speeds.

Circuity is 1.72 - 0.14 ln(km). That fit of towns is not asked beyond what it was made of: below 250 m it stays at 1.91
and above 60 km at 1.15. The estimated distance still grows with the great circle everywhere. Its first kilometres are
driven at the first speed of ``estimate.csv``, those beyond at the next, so a longer way never takes less time.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int32]

SPEEDS = Path(__file__).with_name("estimate.csv")
FIT_KM = (0.25, 60.0)


def circuity(great_circle_m: Floats) -> Floats:
    """How much longer than the great circle the road is held to be."""
    found: Floats = 1.72 - 0.14 * np.log(np.clip(great_circle_m / 1_000, *FIT_KM))
    return found


def estimated(great_circle_m: Floats) -> tuple[Whole, Whole]:
    """Seconds and metres of a way, for its great circle."""
    distance_m = great_circle_m * circuity(great_circle_m)
    up_to_m, hours = _speeds()
    seconds = np.interp(distance_m, up_to_m, hours * 3_600)
    return np.ceil(seconds).astype(np.int32), np.round(distance_m).astype(np.int32)


def _speeds() -> tuple[Floats, Floats]:
    """Distances in metres at which the speed changes, and the hours that it takes to there."""
    with SPEEDS.open(encoding="utf-8", newline="") as file:
        rows = [(float(row["up_to_km"]), float(row["kmh"])) for row in csv.DictReader(file)]
    up_to_km, kmh = np.array(rows).T
    hours = np.cumsum(np.diff(up_to_km, prepend=0) / kmh)
    return np.append(0, up_to_km) * 1_000, np.append(0, hours)
