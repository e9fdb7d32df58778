"""Routes that the best open heuristics propose for a problem, as far as they can express it.

VROOM knows skills, breaks, several windows, priorities and a time by operative; PyVRP knows one window, and a break
only as time that is missing. Neither knows crews, follow-ons, keys, day parts, weekly limits or lateness: what binds
those is handed over as held visits, and the engine that asks brings the rest into order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

import numpy as np
import vroom
from numpy.typing import NDArray
from vroom.solution.solution import Solution

from scheduling.engine.model import expressed
from scheduling.engine.routing import search
from scheduling.engine.stop import Stop
from scheduling.engine.stops import Held, Routes, Stops, classes, driving_s, leg_costs, stops_of
from scheduling.problem import Priority, Problem

# VROOM serves the greatest sum of priorities it can, before it looks at the way.
WEIGHT = {Priority.EMERGENCY: 100, Priority.URGENT: 40, Priority.ROUTINE: 10, Priority.PLANNED: 3}
CONFIRMED = 100
DEEPEST = 5
GIVE_UP = 0.6  # the share of the stop in which a plan that serves all must be found


def propose_vroom(
    problem: Problem,
    *,
    cpu_s: float | None = None,
    exploration: int = DEEPEST,
    seed: int = 0,
    jobs: Collection[int] | None = None,
    shifts: Collection[int] | None = None,
    held: Iterable[Held] = (),
) -> Routes:
    """VROOM's routes for the jobs of one person and the held visits, over the shifts given (None: all).

    Within ``cpu_s`` VROOM makes all searches of its level, each in a thread of its own: of equally good routes those
    win that were found first, which may change from call to call. Without it VROOM makes one search, and the same call
    gives the same routes. It has no seed: the order in which it reads the stops and shifts is shuffled instead.
    """
    held = tuple(held)
    asked = stops_of(problem, jobs, shifts, held)
    if not asked.stops or not asked.shifts:
        return {}
    used = np.unique(np.concatenate([asked.place, shift_places(problem, asked)]))
    local = np.searchsorted(used, np.arange(len(problem.places)))
    model = vroom.Input()
    ways = np.ix_(used, used)
    model.set_durations_matrix("car", driving_s(problem)[ways])
    model.set_distances_matrix("car", problem.travel.distance_m[ways])
    model.set_costs_matrix("car", leg_costs(problem)[ways])
    stop_class, may_class = classes(asked.is_allowed)
    pace_of, pace_s = paces(asked)
    firm = {pin.job for pin in problem.pins} | {one.job for one in held}
    rng = np.random.default_rng(seed)
    columns = rng.permutation(len(asked.shifts)) if seed else np.arange(len(asked.shifts))
    for column in columns.tolist():
        shift = problem.shifts[asked.shifts[column]]
        model.add_vehicle(
            vroom.Vehicle(
                column,
                start=int(local[shift.start_place]),
                end=int(local[shift.end_place]),
                time_window=(shift.start_s, shift.end_s),
                capacity=[int(asked.capacity[column])],
                skills=set(np.flatnonzero(may_class[:, column]).tolist()),
                breaks=[
                    vroom.Break(number, [(rest.earliest_s, rest.latest_s)], rest.duration_s)
                    for number, rest in enumerate(shift.breaks)
                ],
                type=str(pace_of[column]),
            )
        )
    rows = rng.permutation(len(asked.stops)) if seed else np.arange(len(asked.stops))
    for row in rows.tolist():
        if not asked.windows[row]:
            continue
        job = problem.jobs[asked.stops[row][0]]
        model.add_job(
            vroom.Job(
                row,
                location=int(local[job.place]),
                default_service=int(pace_s[row, 0]),
                service_per_type={str(pace): int(s) for pace, s in enumerate(pace_s[row].tolist()) if pace},
                delivery=[job.load],
                skills={int(stop_class[row])},
                priority=CONFIRMED if job.is_confirmed or asked.stops[row][0] in firm else WEIGHT[job.priority],
                time_windows=asked.windows[row],
            )
        )
    if cpu_s is None:
        solution = Solution(model._solve(nb_searches=1, depth=exploration, nb_threads=1, timeout=None))
    else:
        solution = model.solve(exploration_level=exploration, nb_threads=1, timeout=timedelta(seconds=cpu_s))
    found = solution.routes
    visits = found.loc[found["type"] == "job", ["vehicle_id", "id"]]
    return {
        asked.shifts[column]: tuple(asked.stops[row] for row in members["id"])
        for column, members in visits.groupby("vehicle_id")
    }


def route(problem: Problem, stop: Stop, seed: int, warm: Routes | None = None) -> tuple[Routes, int]:
    """The routes of a whole problem that ``is_plain``, and the iterations they took.

    They leave a job out only if no plan was found that does not.
    """
    asked = stops_of(problem)
    whole, tried = routed(problem, asked, stop, seed, warm, must_serve_all=True)
    if whole or not asked.stops or not asked.shifts:
        return whole, tried
    found, iterations = routed(problem, asked, stop.without(GIVE_UP), seed, warm, must_serve_all=False)
    return found, tried + iterations


def propose_pyvrp(
    problem: Problem,
    stop: Stop,
    *,
    seed: int = 0,
    jobs: Collection[int] | None = None,
    shifts: Collection[int] | None = None,
    held: Iterable[Held] = (),
    warm: Routes | None = None,
) -> Routes:
    """The routes of ``routing.search`` for the same; none where PyVRP's model would not fit into memory.

    ``warm`` are routes to begin with, taken if they are of these very stops and shifts.
    """
    asked = stops_of(problem, jobs, shifts, held)
    return routed(problem, asked, stop, seed, warm, must_serve_all=False)[0]


def routed(
    problem: Problem, asked: Stops, stop: Stop, seed: int, warm: Routes | None, *, must_serve_all: bool
) -> tuple[Routes, int]:  # fmt: skip
    """The best routes of the stops, and the iterations they took; no routes without a feasible solution."""
    if not asked.stops or not asked.shifts:
        return {}, 0
    model = expressed(problem, asked, must_serve_all)
    if model is None:
        return {}, 0
    begin = None if warm is None else model.solution(warm)
    found = search(model.data, stop, seed, begin, GIVE_UP if must_serve_all else 1.0)
    return (model.routes(found.solution) if found.solution.is_feasible() else {}), found.iterations


def shift_places(problem: Problem, asked: Stops) -> NDArray[np.int64]:
    """Where the shifts begin and end."""
    chosen = [problem.shifts[shift] for shift in asked.shifts]
    return np.array([place for shift in chosen for place in (shift.start_place, shift.end_place)], dtype=np.int64)


def paces(asked: Stops) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pace of each shift, and seconds at each stop by each pace: shifts that take as long anywhere have one."""
    pace_s, member = np.unique(asked.service_s, axis=1, return_inverse=True)
    return member.reshape(-1).astype(np.int64), pace_s
