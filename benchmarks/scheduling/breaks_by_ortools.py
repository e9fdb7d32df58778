"""OR-Tools' routing library on a council day: vehicles of their own speed, who may serve what, windows, breaks."""

from __future__ import annotations

import time
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.scheduling.ortools_search import searched
from scheduling.engine.stops import Routes, Stops, driving_s, leg_costs, stops_of
from scheduling.problem import Problem

PENALTY = 10_000_000  # metres that a stop left out costs


def by_ortools(problem: Problem, cpu_s: float) -> tuple[Routes, float]:
    """The best routes of guided local search, and the CPU seconds that it took; the model is made before they count.

    Ways and times are matrices on its side, never called back for: one for each set of shifts that take as long at
    whatever more than one of them may serve.
    """
    asked = stops_of(problem)
    homes = [(problem.shifts[shift].start_place, problem.shifts[shift].end_place) for shift in asked.shifts]
    depots = sorted({place for pair in homes for place in pair})
    places = np.concatenate([np.array(depots, dtype=np.int64), asked.place])
    stops = len(depots)  # the first node of a stop
    starts, ends = ([depots.index(pair[side]) for pair in homes] for side in (0, 1))
    manager = pywrapcp.RoutingIndexManager(len(places), len(homes), starts, ends)
    routing = pywrapcp.RoutingModel(manager)
    ways = np.ix_(places, places)
    metres, seconds = leg_costs(problem)[ways], driving_s(problem)[ways]
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(metres.tolist()))
    pace_of, pace_s = shared_paces(asked)
    service = np.concatenate([np.zeros((len(pace_s), stops), dtype=np.int64), pace_s], axis=1)
    transits = [routing.RegisterTransitMatrix((seconds + own[:, None]).tolist()) for own in service]
    closes = max(problem.shifts[shift].end_s for shift in asked.shifts)
    routing.AddDimensionWithVehicleTransits([transits[pace] for pace in pace_of], closes, closes, False, "time")
    hours = routing.GetDimensionOrDie("time")
    node_of = np.array([manager.IndexToNode(index) for index in range(routing.Size())])
    for vehicle, number in enumerate(asked.shifts):
        shift = problem.shifts[number]
        hours.CumulVar(routing.Start(vehicle)).SetRange(shift.start_s, shift.end_s)
        hours.CumulVar(routing.End(vehicle)).SetRange(shift.start_s, shift.end_s)
        rests = [
            routing.solver().FixedDurationIntervalVar(
                rest.earliest_s, rest.latest_s, rest.duration_s, False, f"rest {vehicle} {each}"
            )
            for each, rest in enumerate(shift.breaks)
        ]
        hours.SetBreakIntervalsOfVehicle(rests, vehicle, service[pace_of[vehicle], node_of].tolist())
    for row, windows in enumerate(asked.windows):
        index = manager.NodeToIndex(stops + row)
        time_of = hours.CumulVar(index)
        time_of.SetRange(windows[0][0], min(windows[-1][1], closes))
        for (_, before), (after, _) in pairwise(windows):
            time_of.RemoveInterval(before + 1, after - 1)
        routing.VehicleVar(index).SetValues([-1, *np.flatnonzero(asked.is_allowed[row]).tolist()])
        routing.AddDisjunction([index], PENALTY)
    settings = pywrapcp.DefaultRoutingSearchParameters()
    settings.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    settings.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    settings.lns_time_limit.seconds = 10  # by default 0.1, in which no neighbourhood of so many breaks is searched
    settings.time_limit.seconds = int(cpu_s * 20)  # by the clock on the wall; CPU seconds end it
    routing.CloseModelWithParameters(settings)
    began = time.process_time()
    search = partial(routing.SolveWithParameters, settings)
    return searched(routing, manager, search, asked, stops, cpu_s), time.process_time() - began


def shared_paces(asked: Stops) -> tuple[list[int], NDArray[np.int64]]:
    """The pace of each shift, and seconds at each stop by each pace: shifts share one that agree wherever both may."""
    paces: list[NDArray[np.int64]] = []
    known: list[NDArray[np.bool_]] = []
    pace_of = []
    for column in range(len(asked.shifts)):
        may, own = asked.is_allowed[:, column], asked.service_s[:, column]
        agreeing = (pace for pace in range(len(paces)) if (paces[pace] == own)[may & known[pace]].all())
        pace = next(agreeing, len(paces))
        if pace == len(paces):
            paces.append(asked.service_s[:, column].copy())
            known.append(np.zeros(len(asked.stops), dtype=bool))
        paces[pace][may] = own[may]
        known[pace] |= may
        pace_of.append(pace)
    return pace_of, np.array(paces, dtype=np.int64)
