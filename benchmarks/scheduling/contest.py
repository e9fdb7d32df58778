"""One solver on one public instance, in a process of its own: what it found, and the CPU seconds that took.

``python -m benchmarks.scheduling.contest SOLVER FOLDER NAME CPU_S SEED`` prints it as a line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial

import pyvrp
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.scheduling import technicians
from benchmarks.scheduling.distances import Route, checked_distance
from benchmarks.scheduling.instances import INSTANCES, site_dependent, solomon
from benchmarks.scheduling.ortools_search import searched
from benchmarks.scheduling.technicians import Instance, Rounds
from benchmarks.scheduling.vroom_routes import propose_vroom
from scheduling.engine.model import Model, expressed
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.engine.stops import Routes, stops_of
from scheduling.problem import Problem

PENALTY = 10_000_000
LOADED = Stop(iterations=1)
"""Enough for all of the engine to be loaded."""


@dataclass(frozen=True)
class Run:
    """One solver, one instance, so many CPU seconds, one seed."""

    solver: str
    folder: str
    name: str
    cpu_s: float
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What a run found; no value where its routes break a rule or leave a customer out."""

    run: Run
    value: float | None
    cpu_s: float


def outcomes(runs: Iterable[Run]) -> Iterator[Outcome]:
    """All runs, as many at a time as the machine has cores, each in a process of its own."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as workers:
        for found in workers.map(in_process, runs):
            print(f"       {found.run.solver}, {found.run.name}, seed {found.run.seed}: {found.value}", flush=True)
            yield found


def in_process(run: Run) -> Outcome:
    """The outcome of a run in a new process that has one core's worth of threads."""
    told = [str(word) for word in (run.solver, run.folder, run.name, run.cpu_s, run.seed)]
    single = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    printed = subprocess.run(
        [sys.executable, "-m", "benchmarks.scheduling.contest", *told], check=True, capture_output=True, env=single
    ).stdout
    found = json.loads(printed.splitlines()[-1])
    return Outcome(run, found["value"], found["cpu_s"])


def outcome(run: Run) -> Outcome:
    """The outcome of a run, in this process; its routes are measured from the instance's own file.

    Starting is counted to nobody: neither what is imported, nor that the engine's compiled code is loaded.
    """
    if run.folder == technicians.FOLDER:
        instance = technicians.read(run.name)
        if run.solver == "ours":
            solve(technicians.problem(instance), LOADED, run.seed)
        began = time.process_time()
        found = TECHNICIANS[run.solver](instance, run)
        used = time.process_time() - began
        measured: Callable[[], float] = lambda: technicians.checked_duration(instance, found)  # noqa: E731
    else:
        path = next((INSTANCES / run.folder).glob(f"{run.name}.[tv][xr][tp]"))
        problem = (site_dependent if path.suffix == ".vrp" else solomon)(path)
        if run.solver == "ours":
            solve(problem, LOADED, run.seed)
        began = time.process_time()
        routes = numbered(problem, SOLVERS[run.solver](problem, run))
        used = time.process_time() - began
        measured = lambda: checked_distance(path, routes)  # noqa: E731
    try:
        value: float | None = measured()
    except ValueError as problem_found:
        print(problem_found, file=sys.stderr)
        value = None
    return Outcome(run, value, used)


def ours(problem: Problem, run: Run) -> Routes:
    """The routes of the product's plan."""
    plan = solve(problem, Stop(cpu_s=run.cpu_s), run.seed)
    routes: Routes = {}
    for visit in plan.visits:
        routes[visit.shift] = (*routes.get(visit.shift, ()), (visit.job, visit.role))
    return routes


def technicians_by_ours(instance: Instance, run: Run) -> Rounds:
    """The rounds of the product's plan."""
    return technicians.rounds(solve(technicians.problem(instance), Stop(cpu_s=run.cpu_s), run.seed))


def technicians_by_pyvrp(instance: Instance, run: Run) -> Rounds:
    """PyVRP's rounds, as it solves by itself."""
    return [
        (route.vehicle_type(), [stop.idx if stop.is_client() else -1 for stop in list(route)[1:-1]])
        for route in alone(technicians.model(instance), run).routes()
    ]


def by_pyvrp(problem: Problem, run: Run) -> Routes:
    """PyVRP's routes, as it solves by itself."""
    model = modelled(problem)
    return model.routes(alone(model.data, run))


def by_vroom(problem: Problem, run: Run) -> Routes:
    """VROOM's routes at its deepest level."""
    return propose_vroom(problem, cpu_s=run.cpu_s, seed=run.seed)


def by_ortools(problem: Problem, run: Run, iterated: bool) -> Routes:
    """The routes of OR-Tools' routing library: iterated or guided local search; a visit left out is punished."""
    asked = stops_of(problem)
    ways = problem.travel.distance_m.tolist()
    node_of = [0, *(int(place) for place in asked.place)]
    service = [0, *asked.service_s[:, 0].tolist()]
    manager = pywrapcp.RoutingIndexManager(len(node_of), len(asked.shifts), 0)
    routing = pywrapcp.RoutingModel(manager)

    def way(a: int, b: int) -> int:
        return int(ways[node_of[manager.IndexToNode(a)]][node_of[manager.IndexToNode(b)]])

    def time_between(a: int, b: int) -> int:
        return way(a, b) + int(service[manager.IndexToNode(a)])

    def demand(a: int) -> int:
        at = manager.IndexToNode(a)
        return int(asked.load[at - 1]) if at else 0

    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitCallback(way))
    closes = max(problem.shifts[shift].end_s for shift in asked.shifts)
    routing.AddDimension(routing.RegisterTransitCallback(time_between), closes, closes, False, "time")
    hours = routing.GetDimensionOrDie("time")
    load = routing.RegisterUnaryTransitCallback(demand)
    routing.AddDimensionWithVehicleCapacity(load, 0, asked.capacity.tolist(), True, "load")
    for row, windows in enumerate(asked.windows):
        index = manager.NodeToIndex(row + 1)
        hours.CumulVar(index).SetRange(windows[0][0], min(windows[-1][1], closes))
        routing.AddDisjunction([index], PENALTY)
    settings = pywrapcp.DefaultRoutingSearchParameters()
    settings.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    settings.lns_time_limit.seconds = 10
    # iterated local search heeds the clock on the wall alone; else CPU seconds end it
    settings.time_limit.seconds = int(run.cpu_s * (1 if iterated else 20))
    if iterated:
        settings.use_iterated_local_search = True
        rounds = settings.iterated_local_search_parameters
        rounds.reference_solution_acceptance_strategy.greedy_descent.SetInParent()
        ruin = rounds.ruin_recreate_parameters.ruin_strategies.add().sisr
        ruin.max_removed_sequence_size, ruin.avg_num_removed_visits, ruin.bypass_factor = 10, 10, 0.01
    else:
        settings.local_search_metaheuristic = (
            routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        )  # fmt: skip
    search = routing.SolveWithIteratedLocalSearch if iterated else routing.SolveWithParameters
    return searched(routing, manager, partial(search, settings), asked, 1, run.cpu_s)


def modelled(problem: Problem) -> Model:
    """The problem as PyVRP's model, every job to be served."""
    model = expressed(problem, stops_of(problem), must_serve_all=True)
    if model is None:
        raise ValueError("the instance is too large for PyVRP's model")
    return model


def alone(data: pyvrp.ProblemData, run: Run) -> pyvrp.Solution:
    """PyVRP's best solution within the CPU seconds."""
    ends = time.process_time() + run.cpu_s
    return pyvrp.solve(data, lambda _: time.process_time() >= ends, seed=run.seed, collect_stats=False).best


def numbered(problem: Problem, routes: Routes) -> list[Route]:
    """Each vehicle and the customers that it visits, by the instance's numbers."""
    return [(shift, [int(problem.jobs[job].job_ref) for job, _ in stops]) for shift, stops in routes.items()]


SOLVERS: dict[str, Callable[[Problem, Run], Routes]] = {
    "ours": ours,
    "PyVRP": by_pyvrp,
    "VROOM": by_vroom,
    "OR-Tools iterated": lambda problem, run: by_ortools(problem, run, iterated=True),
    "OR-Tools guided": lambda problem, run: by_ortools(problem, run, iterated=False),
}
TECHNICIANS: dict[str, Callable[[Instance, Run], Rounds]] = {
    "ours": technicians_by_ours,
    "PyVRP": technicians_by_pyvrp,
}


if __name__ == "__main__":
    one = outcome(Run(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]), int(sys.argv[5])))
    print(json.dumps(asdict(one)))
