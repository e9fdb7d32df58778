"""Council days as three solvers plan them: the hub's engine, VROOM at each of its levels, OR-Tools from nothing.

``python -m benchmarks.scheduling.council_days SOLVER SIZE DAY CPU_S`` prints what one of them made of one day, as a
line of JSON. All are told the same: who may serve what and how fast, windows, shifts and breaks. All shall serve every
job, then drive the fewest metres. Their routes are timed by one clock, and the plans held by the checker.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from statistics import mean

from benchmarks.figures import keep
from benchmarks.scheduling.breaks_by_ortools import by_ortools
from benchmarks.scheduling.council import SEEDS, council_day
from benchmarks.scheduling.vroom_routes import DEEPEST, propose_vroom
from scheduling.checker import check
from scheduling.engine.solve import plan_by, solve
from scheduling.engine.stop import Stop
from scheduling.engine.stops import Routes
from scheduling.engine.warm import warm
from scheduling.faults import sound
from scheduling.plan import Plan
from scheduling.problem import Problem

BUDGET_S = {"20x100": 30, "100x500": 120, "250x1250": 300}
VROOM_MARK = {"20x100": 1.0, "100x500": 0.98, "250x1250": 0.98}
ORTOOLS_MARK = {"20x100": 0.95, "100x500": 0.9, "250x1250": 0.7}
LEVELS = tuple(f"VROOM {level}" for level in range(DEEPEST + 1))
UNLIMITED = 100  # times the budget
SPARE_S = 5  # of CPU, to tell the plan in after the budget


@dataclass(frozen=True)
class Outcome:
    """What a solver made of a day: metres, jobs without a visit, CPU seconds; no plan if it took more of them."""

    solver: str
    size: str
    day: int
    metres: int | None
    unserved: int
    cpu_s: float
    breaches: tuple[str, ...] = ()


def measure(full: bool) -> None:
    """All sizes with their CPU seconds; in short the smallest, on one day, with a few."""
    for size in BUDGET_S if full else ["20x100"]:
        budget_s = BUDGET_S[size] if full else 5
        days = SEEDS if full else SEEDS[:1]
        found = list(outcomes(size, days, budget_s))
        report(size, budget_s, found)


def outcomes(size: str, days: Iterable[int], budget_s: float) -> Iterator[Outcome]:
    """What every solver makes of each day, as many at a time as the machine has cores."""
    asked = [(solver, size, day, budget_s) for day in days for solver in ("ours", "OR-Tools", *LEVELS)]
    with ThreadPoolExecutor(os.cpu_count() or 1) as workers:
        yield from workers.map(lambda words: in_process(*words), asked)


def in_process(solver: str, size: str, day: int, budget_s: float) -> Outcome:
    """The outcome in a process of its own with one core's worth of threads; VROOM is stopped past its budget."""
    words = [sys.executable, "-m", "benchmarks.scheduling.council_days", solver, size, str(day), str(budget_s)]
    single = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run(words, capture_output=True, text=True, env=single, check=False)
    if ran.returncode == 0:
        return Outcome(**json.loads(ran.stdout.splitlines()[-1]))
    if -ran.returncode in (9, 24):  # SIGKILL and SIGXCPU: no CPU seconds are left
        return Outcome(solver, size, day, None, 0, budget_s)
    raise RuntimeError(f"{solver} on day {day} of {size} ended with {ran.returncode}: {ran.stderr[-2_000:]}")


def outcome(solver: str, size: str, day: int, budget_s: float) -> Outcome:
    """The outcome in this process; what is compiled once a machine, and OR-Tools' model, are not counted."""
    warm()
    problem = sound(council_day(size, day, plain=True))
    solve_it = SOLVERS[solver.split(maxsplit=1)[0]]
    plan, used_s = solve_it(problem, solver, budget_s)
    breaches = tuple(str(breach.rule) for breach in check(problem, plan))
    return Outcome(solver, size, day, plan.distance_m, len(plan.left_out), used_s, breaches)


def ours(problem: Problem, _: str, budget_s: float) -> tuple[Plan, float]:
    """The engine's plan, and the CPU seconds it took."""
    began = time.process_time()
    plan = solve(problem, Stop(cpu_s=budget_s), 1)
    return plan, time.process_time() - began


def vroom(problem: Problem, solver: str, budget_s: float) -> tuple[Plan, float]:
    """VROOM's plan at a level, whole: it would divide a time limit among its starts, and search less at each."""
    began = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(began + budget_s) + SPARE_S, resource.RLIM_INFINITY))
    routes = propose_vroom(problem, cpu_s=UNLIMITED * budget_s, exploration=int(solver.split()[1]))
    used_s = time.process_time() - began
    return told(problem, routes), used_s


def ortools(problem: Problem, _: str, budget_s: float) -> tuple[Plan, float]:
    """OR-Tools' plan by guided local search, from nothing."""
    routes, used_s = by_ortools(problem, budget_s)
    return told(problem, routes), used_s


def told(problem: Problem, routes: Routes) -> Plan:
    """The plan of routes that somebody else proposed; one that cannot be driven would miss jobs in it."""
    plan = plan_by(problem, routes)
    if len(plan.visits) < sum(map(len, routes.values())):
        raise ValueError("A route that was proposed cannot be driven.")
    return plan


SOLVERS: dict[str, Callable[[Problem, str, float], tuple[Plan, float]]] = {
    "ours": ours, "VROOM": vroom, "OR-Tools": ortools,
}  # fmt: skip


def report(size: str, budget_s: float, found: list[Outcome]) -> None:
    """Keeps the mean miles of the engine beside VROOM's best level's and OR-Tools'."""
    plans = [one for one in found if one.metres is not None and one.cpu_s <= budget_s + 1]
    days = sorted({one.day for one in found})
    mine = {one.day: one for one in plans if one.solver == "ours"}
    theirs = {
        "VROOM": ({day: best(one for one in plans if one.day == day and one.solver in LEVELS) for day in days},
                  VROOM_MARK[size]),
        "OR-Tools": ({one.day: one for one in plans if one.solver == "OR-Tools"}, ORTOOLS_MARK[size]),
    }  # fmt: skip
    broken = [f"{one.solver}: {', '.join(one.breaches)}" for one in plans if one.breaches]
    for peer, (by_day, mark) in theirs.items():
        km = mean((mine[day].metres or 0) / 1_000 for day in days)
        other_km = mean((by_day[day].metres or 0) / 1_000 for day in days)
        unserved, other = (sum(each[day].unserved for day in days) for each in (mine, by_day))
        ok = km <= mark * other_km and unserved <= other and not any(one.breaches for one in mine.values())
        levels = ", ".join(by_day[day].solver for day in days) if peer == "VROOM" else "guided local search"
        protocol = (
            f"mean of {len(days)} generated days, {budget_s:g} CPU s each, {km / other_km:.3f} x; {levels}; unserved "
            f"{unserved} beside {other}; {'; '.join(broken) or 'no breach'} by the checker"
        )
        keep(
            f"scheduling: council days {size}, beside {peer}", km, "km", f"<= {mark:g} x, nothing more unserved", ok,
            protocol, peer, other_km,
        )  # fmt: skip


def best(plans: Iterable[Outcome]) -> Outcome:
    """The plan with the fewest jobs unserved, then the fewest metres."""
    return min(plans, key=lambda one: (one.unserved, one.metres))


if __name__ == "__main__":
    print(json.dumps(asdict(outcome(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))))
