"""Scale: 250 operatives, 5,000 open jobs, 20 days; the first full plan, and what three times the search still gains.

``python -m benchmarks.scheduling.scale CPU_S`` plans for so many CPU seconds, none for the first plan alone, and prints
what came of it as a line of JSON. Each runs in a process of its own: a search cools down towards its stop, so the plan
of ten minutes is that of a search which knows that it has ten, not one of thirty looked at early.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from benchmarks.figures import keep
from benchmarks.peak import peak_mib
from benchmarks.scheduling.council import SEEDS, council_day
from scheduling.checker import check
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.engine.warm import warm
from scheduling.faults import sound

SIZE = "250x20x5000"
TEN_S, THIRTY_S = 600.0, 1_800.0
FIRST_S, GAP, MOST_MIB = 60, 3.0, 2_048


@dataclass(frozen=True)
class Planned:
    """A plan's cost in metres, its way, the jobs left out, CPU seconds, the peak of memory and breaches."""

    cost: int
    metres: int
    left_out: int
    cpu_s: float
    peak_mib: float
    breaches: int


def measure(full: bool) -> None:
    """The first plan, and those of ten and thirty minutes of CPU; in short a thirtieth of them."""
    share = 1.0 if full else 1 / 30
    with ThreadPoolExecutor(os.cpu_count() or 1) as workers:
        ten, thirty = workers.map(in_process, (TEN_S * share, THIRTY_S * share))
    first = in_process(0.0)
    told = f"{SIZE} (operatives x days x jobs), seed {SEEDS[0]}; CPU s of one thread"
    keep(
        "scheduling: scale, first full plan", first.cpu_s, "s", f"<= {FIRST_S}",
        first.cpu_s <= FIRST_S and not first.breaches,
        f"{told}; {first.left_out} left out, {first.metres / 1_000:,.0f} km, {first.breaches} breaches",
    )  # fmt: skip
    gap = 100 * (ten.cost / thirty.cost - 1)
    keep(
        f"scheduling: scale, plan of {ten.cpu_s:.0f} s above that of {thirty.cpu_s:.0f} s", gap, "%", f"<= {GAP:g}",
        gap <= GAP and not ten.breaches and not thirty.breaches,
        f"{told}; cost {ten.cost:,} and {thirty.cost:,} m, way {ten.metres / 1_000:,.0f} and "
        f"{thirty.metres / 1_000:,.0f} km, left out {ten.left_out} and {thirty.left_out}; two searches",
    )  # fmt: skip
    peak = max(first.peak_mib, ten.peak_mib, thirty.peak_mib)
    keep("scheduling: scale, memory", peak, "MiB", f"<= {MOST_MIB}", peak <= MOST_MIB, f"{told}; peak of a process")


def in_process(cpu_s: float) -> Planned:
    """What a search of so many CPU seconds comes to, in a process with one core's worth of threads."""
    words = [sys.executable, "-m", "benchmarks.scheduling.scale", str(cpu_s)]
    single = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    printed = subprocess.run(words, check=True, capture_output=True, env=single).stdout
    return Planned(**json.loads(printed.splitlines()[-1]))


def planned(cpu_s: float) -> Planned:
    """The same in this process; what is compiled once a machine is not counted."""
    warm()
    problem = sound(council_day(SIZE, SEEDS[0]))
    began = time.process_time()
    plan = solve(problem, Stop(cpu_s=cpu_s) if cpu_s else Stop(iterations=0), 1)
    used_s = time.process_time() - began
    peak = peak_mib()
    breaches = len(check(problem, plan))
    return Planned(plan.cost, plan.distance_m, len(plan.left_out), used_s, peak, breaches)


if __name__ == "__main__":
    print(json.dumps(asdict(planned(float(sys.argv[1])))))
