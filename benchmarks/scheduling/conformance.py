"""Needs of a council's repairs: which of them ours, VROOM and PyVRP keep, each case judged by the independent checker.

The cases are those of ``tests/scheduling/needs.py``. The table of all stands in ``docs/scheduling-needs.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import keep
from benchmarks.scheduling.peers import UNKNOWN, by_pyvrp, by_vroom
from scheduling.checker import check
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.plan import Plan
from scheduling.problem import Problem
from tests.scheduling.needs import NEEDS, Need

TABLE = Path(__file__).parents[2] / "docs" / "scheduling-needs.md"
ITERATIONS, SEED = 2_000, 1
SOLVERS: dict[str, Callable[[Problem], Plan]] = {
    "ours": lambda problem: solve(problem, Stop(iterations=ITERATIONS), SEED),
    "VROOM": by_vroom,
    "PyVRP": lambda problem: by_pyvrp(problem, seed=SEED),
}


def measure() -> None:
    """Runs every case with every solver, and writes the table."""
    rows = [(need, {name: judge(need, name, plan_of) for name, plan_of in SOLVERS.items()}) for need in NEEDS]
    TABLE.write_text(_table(rows), "utf-8")
    kept = {name: sum(found[name] == KEPT for _, found in rows) for name in SOLVERS}
    told = f"{len(NEEDS)} cases, {ITERATIONS} iterations, seed {SEED}; docs/scheduling-needs.md names what each cannot"
    for peer in ("VROOM", "PyVRP"):
        keep(f"scheduling, needs kept beside {peer}", kept["ours"], "cases", f"all {len(NEEDS)}",
             kept["ours"] == len(NEEDS), told, peer, kept[peer])  # fmt: skip


KEPT = "yes"


def judge(need: Need, name: str, plan_of: Callable[[Problem], Plan]) -> str:
    """``yes``, or why not: what the solver cannot be told, and how its plan shows it."""
    plan = plan_of(need.problem)
    breaches = check(need.problem, plan)
    rules = ", ".join(sorted({breach.rule.value for breach in breaches}))
    shows = f"its plan breaks the rule {rules}" if rules else need.miss(plan) or ""
    if need.feature in UNKNOWN.get(name, ()):
        return f"no: cannot be told of {need.feature}; {shows or 'right by chance'}"
    return f"no: {shows}" if shows else KEPT


def _table(rows: list[tuple[Need, dict[str, str]]]) -> str:
    lines = [
        "# What a scheduling service must know", "",
        "Written by `make bench NAME=scheduling`. Each line is a small problem with a known answer "
        "(`tests/scheduling/needs.py`); the plans of ours, and of VROOM and PyVRP as far as they can be told the "
        "problem, are judged by the independent checker and by that answer.", "",
        f"| need | {' | '.join(SOLVERS)} |", f"|---|{'---|' * len(SOLVERS)}",
        *(f"| {need.name} | {' | '.join(found[name] for name in SOLVERS)} |" for need, found in rows),
        f"| **kept, of {len(rows)}** | "
        + " | ".join(f"**{sum(found[name] == KEPT for _, found in rows)}**" for name in SOLVERS) + " |",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
