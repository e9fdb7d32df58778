"""Scheduling: how good the plans are beside the best open solvers, and what of a council's needs each keeps."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from benchmarks.scheduling import (
    conformance,
    council_days,
    crews,
    disruption,
    emergency,
    mileage,
    offers,
    roads,
    routing,
    scale,
    travel_aware,
    uncertainty,
)


def measure(full: bool) -> None:
    """All parts one after the other, or those of PARTS=a,b; each in full or in short; all instances with FULL=1."""
    everything = os.environ.get("FULL") == "1"
    parts: dict[str, Callable[[], None]] = {
        "needs": conformance.measure,
        "crews": lambda: crews.measure(full),
        "uncertain durations": lambda: uncertainty.measure(full),
        "emergency": lambda: emergency.measure(full),
        "disruption": lambda: disruption.measure(full),
        "slot offers": lambda: offers.measure(full),
        "travel-aware offers": lambda: travel_aware.measure(full),
        "mileage": lambda: mileage.measure(full),
        "council days": lambda: council_days.measure(full),
        "scale": lambda: scale.measure(full),
        "roads": lambda: roads.measure(full),
        "routing": lambda: routing.measure(full, everything),
        "skills": lambda: routing.measure_skills(full, everything),
        "technicians": lambda: routing.measure_technicians(full, everything),
    }
    chosen = [name.strip() for name in os.environ.get("PARTS", ",".join(parts)).split(",")]
    if unknown := set(chosen) - parts.keys():
        sys.exit(f"There is no part {', '.join(sorted(unknown))}. Next step: use some of {', '.join(parts)}.")
    for name in chosen:
        print(f"     scheduling: {name} ...", flush=True)
        parts[name]()
