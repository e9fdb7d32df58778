"""Pure routing on public instances: the hub's engine, PyVRP, VROOM and OR-Tools with the same CPU seconds each."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from statistics import mean

from benchmarks.figures import keep
from benchmarks.scheduling import technicians
from benchmarks.scheduling.contest import Outcome, Run, outcomes
from benchmarks.scheduling.instances import INSTANCES, best_distances, names

PEERS = ("PyVRP", "VROOM", "OR-Tools iterated", "OR-Tools guided")
SEEDED = (
    "C104", "C109", "C203", "R101", "R104", "R108", "R112", "R203", "R211", "RC101", "RC108", "RC206",
)  # fmt: skip
"""Solomon's instances that are solved with three seeds by the hub and PyVRP."""
LARGER = ("c1_2_2", "c1_2_4", "c2_2_2", "c2_2_4", "r1_2_1", "r1_2_4", "r2_2_1", "r2_2_4", "rc1_2_2", "rc2_2_2")
ROUTING_S, TECHNICIANS_S = 30, 60
MARK, NEAR = 0.3, 0.02  # % above the best known; % above PyVRP
SKILLS_MARK = 1.0


def measure(full: bool, everything: bool) -> None:
    """``everything``: all instances, peers and seeds; else ``full``: a sample of each class; else two of each."""
    solomon = names("solomon", "*.txt")
    if not solomon:
        print(f"     no instances in {INSTANCES}: solomon, gehring-homberger-200 are skipped")
        return
    few = 6 if full else 2
    chosen = solomon if everything else list(SEEDED[:: 12 // few])
    seeds = {name: (1, 2, 3) if everything and name in SEEDED else (1,) for name in chosen}
    runs = [
        Run(solver, "solomon", name, ROUTING_S, seed)
        for name in chosen
        for solver in ("ours", *PEERS)
        for seed in (seeds[name] if solver in ("ours", "PyVRP") else (1,))
    ]
    known = best_distances()
    report("routing, Solomon", list(outcomes(runs)), known, "best known", MARK)
    larger = LARGER if everything else LARGER[:: 10 // min(few, 5)]
    runs = [Run(solver, "gehring-homberger-200", name, ROUTING_S, 1) for name in larger for solver in ("ours", *PEERS)]
    found = list(outcomes(runs))
    best = {name: min(one.value for one in found if one.run.name == name and one.value is not None) for name in larger}
    report("routing, Gehring-Homberger 200", found, best, "best of the run", MARK)


def measure_skills(full: bool, everything: bool) -> None:
    """The instances in which only some vehicles may serve a customer, as ``measure`` does the others."""
    sites = names("site-dependent", "*.vrp")
    if not sites:
        print(f"     no instances in {INSTANCES}: site-dependent is skipped")
        return
    chosen = sites if everything else sites[:: 2 if full else 5]
    runs = [Run(solver, "site-dependent", name, ROUTING_S, 1) for name in chosen for solver in ("ours", "PyVRP")]
    report("skills, site-dependent", list(outcomes(runs)), known_sites(sites), "best known", SKILLS_MARK)


def measure_technicians(full: bool, everything: bool) -> None:
    """The technicians' instances, as ``measure`` does the others; what is least is the working time."""
    instances = names(technicians.FOLDER, "*.xml")
    if not instances:
        print(f"     no instances in {INSTANCES}: {technicians.FOLDER} is skipped")
        return
    chosen = instances if everything else instances[:: 5 if full else 15]
    runs = [
        Run(solver, technicians.FOLDER, name, TECHNICIANS_S, 1) for name in chosen for solver in ("ours", "PyVRP")
    ]  # fmt: skip
    with (INSTANCES / technicians.FOLDER / "best-known.tsv").open(encoding="utf-8") as file:
        known = {row["instance"]: float(row["duration"]) for row in csv.DictReader(file, delimiter="\t")}
    report("skills, technicians' working time", list(outcomes(runs)), known, "best known", SKILLS_MARK)


def report(title: str, found: list[Outcome], known: dict[str, float], against: str, mark: float) -> None:
    """Keeps the mean gap of the hub to the values known, beside each peer's of the same instances."""
    unserved = [one for one in found if one.value is None and one.run.solver == "ours"]
    gaps = {solver: gap_by_name(found, solver, known) for solver in dict.fromkeys(one.run.solver for one in found)}
    ours = gaps.pop("ours")
    protocol = (
        f"{len(ours)} instances, {sum(one.run.solver == 'ours' for one in found)} runs of {found[0].run.cpu_s:g} CPU s "
        f"in a process each, {max(one.cpu_s for one in found):.1f} at most; mean gap to the {against}; "
        "measured from the instance's file"
    )
    average = mean(ours.values()) if ours else float("nan")
    ok = not unserved and average <= mark
    keep(f"scheduling: {title}, mean gap", average, "%", f"<= {mark:g}", ok, protocol)
    for peer, theirs in gaps.items():
        both = sorted(set(ours) & set(theirs))
        if not both:
            continue
        mine, other = mean(ours[name] for name in both), mean(theirs[name] for name in both)
        slack = NEAR if peer == "PyVRP" else 0.0
        worse = [name for name in both if ours[name] > theirs[name] + 1e-9] if peer.startswith("OR-Tools") else []
        told = f"{protocol}; {peer} served {len(both)}" + (f"; above it on {', '.join(worse)}" if worse else "")
        keep(
            f"scheduling: {title}, beside {peer}", mine, "%", f"<= the peer's + {slack:g} points"
            + (", and above it nowhere" if peer.startswith("OR-Tools") else ""),
            mine <= other + slack and not worse, told, peer, other,
        )  # fmt: skip


def gap_by_name(found: Iterable[Outcome], solver: str, known: dict[str, float]) -> dict[str, float]:
    """The mean gap of a solver's seeds on each instance that all of them served, in %."""
    by_name: dict[str, list[float | None]] = {}
    for one in found:
        if one.run.solver == solver:
            by_name.setdefault(one.run.name, []).append(one.value)
    return {
        name: mean(100 * (value / known[name] - 1) for value in values if value is not None)
        for name, values in by_name.items()
        if None not in values
    }


def known_sites(sites: Iterable[str]) -> dict[str, float]:
    """The best known distance of each site-dependent instance: the last word of its solution."""
    folder = INSTANCES / "site-dependent"
    return {name: float((folder / f"{name}.sol").read_text("utf-8").split()[-1]) / 1_000 for name in sites}
