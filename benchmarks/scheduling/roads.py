"""Ways by road between the places of a week: found anew, with new places added, and kept from before.

Each is measured in a process of its own, from the extract's file to whole matrices: ``python -m
benchmarks.scheduling.roads FOLDER KEPT PLACES``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from benchmarks.figures import keep
from benchmarks.peak import peak_mib
from estate import world
from estate.truth import Truth
from estate.writers import roads as writer
from identity.addresses.grid import to_degrees
from scheduling.problem import Place, Travel
from scheduling.roads.sphere import metres_between
from scheduling.roads.travel import roads

SEED = 20260928
PLACES, NEW = 5_250, 250  # 5,000 jobs and 250 operatives; a day's new jobs among them
COLD_S, NEW_S, KEPT_S, ONE_S, PEAK_MIB = 15, 5, 3, 0.3, 1_024


def measure(full: bool) -> None:
    """A town of about 20,000 nodes in full, of 3,300 with 800 places in short."""
    homes, count = (12_500, PLACES) if full else (2_000, 800)
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as name:
        folder = Path(name)
        _write(folder, homes, count)
        before = count - NEW if full else count - 50
        cold = _run(folder / "cold", folder, count)
        _run(folder / "kept", folder, before)
        added = _run(folder / "kept", folder, count)
        again = _run(folder / "kept", folder, count)
    protocol = (
        f"made-up town of {homes} homes, {cold['nodes']} nodes, {count} homes; extract to int32 matrices, CPU seconds "
        "after imports, a process each"
    )
    for what, run, mark in (
        ("found anew", cold, COLD_S), (f"{count - before} new among those kept", added, NEW_S),
        ("kept", again, KEPT_S),
    ):  # fmt: skip
        keep(f"roads: ways of {count} places, {what}", run["seconds"], "CPU s", f"<= {mark}", run["seconds"] <= mark,
             protocol)  # fmt: skip
    keep(f"roads: one more place beside {count - 1}", again["one_s"], "CPU s", f"<= {ONE_S}", again["one_s"] <= ONE_S,
         protocol)  # fmt: skip
    most = max(run["peak_mib"] for run in (cold, added, again))
    keep(f"roads: memory for the ways of {count} places", most, "MiB", f"<= {PEAK_MIB}", most <= PEAK_MIB, protocol)
    keep(f"roads: by road to great circle, {homes} homes", cold["ratio"], "", "told", None, protocol)
    keep(f"roads: speed on empty roads, {homes} homes", cold["kmh"], "km/h", "told", None, protocol)
    same = "yes" if cold["hash"] == added["hash"] == again["hash"] else "no"
    keep(f"roads: the same bytes all three ways, {count} places", same == "yes", "", "1", same == "yes", protocol)


def _write(folder: Path, homes: int, count: int) -> None:
    """The town's extract, and so many of its homes in an order that mixes old and new."""
    town = world.build(homes, SEED)
    writer.write(town, folder, Truth())
    own = town.places.properties
    own = own[own["is_dwelling"]].drop_duplicates(["easting", "northing"]).sample(count, random_state=1)
    np.save(folder / "places.npy", to_degrees(own["easting"], own["northing"]).to_numpy())


def _run(kept: Path, folder: Path, count: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scheduling.roads", str(folder), str(kept), str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _measured(folder: Path, kept: Path, count: int) -> dict[str, Any]:
    at = np.load(folder / "places.npy")[:count]
    places = [Place(f"home {number}", *where) for number, where in enumerate(at.tolist())]
    started = process_time()
    found = roads(folder / writer.FILE, kept)
    travel = found.travel(places)
    seconds = process_time() - started
    peak = peak_mib()
    without = Travel(travel.distance_m[:-1, :-1], travel.duration_s[:-1, :-1])
    started = process_time()
    found.extended(without, places[:-1], places[-1:])
    one_s = process_time() - started
    some = np.arange(0, count, 5)
    circle_m = metres_between(at[some, :1], at[some, 1:], at[:, 0], at[:, 1])
    by_road_m, by_road_s = travel.distance_m[some], travel.duration_s[some]
    return {
        "seconds": seconds, "one_s": one_s, "peak_mib": peak, "nodes": found.ways.graph.nodes if found.ways else 0,
        "ratio": float(by_road_m.sum() / circle_m.sum()),
        "kmh": float(by_road_m.sum(dtype=np.int64) / by_road_s.sum(dtype=np.int64) * 3.6),
        "hash": sha256(travel.distance_m.tobytes() + travel.duration_s.tobytes()).hexdigest(),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(_measured(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
