"""OR-Tools' search of a routing model within CPU seconds, which it does not count itself."""

from __future__ import annotations

import time
from collections.abc import Callable

from ortools.constraint_solver import pywrapcp

from scheduling.engine.stops import Routes, Stops


def searched(
    routing: pywrapcp.RoutingModel, manager: pywrapcp.RoutingIndexManager, search: Callable[[], object], asked: Stops,
    first: int, cpu_s: float,
) -> Routes:  # fmt: skip
    """The routes of the cheapest solution met in the CPU seconds; ``first`` is the first stop's node."""
    ends = time.process_time() + cpu_s
    best: list[tuple[int, Routes]] = []

    def keep() -> None:
        cost = routing.CostVar().Min()
        if not best or cost < best[0][0]:
            best[:] = [(cost, followed())]

    def followed() -> Routes:
        found: Routes = {}
        for vehicle, shift in enumerate(asked.shifts):
            at, visited = routing.NextVar(routing.Start(vehicle)).Value(), []
            while not routing.IsEnd(at):
                visited.append(asked.stops[manager.IndexToNode(at) - first])
                at = routing.NextVar(at).Value()
            if visited:
                found[shift] = tuple(visited)
        return found

    routing.AddAtSolutionCallback(keep)
    routing.AddSearchMonitor(routing.solver().CustomLimit(lambda: time.process_time() > ends))
    search()
    return best[0][1] if best else {}
