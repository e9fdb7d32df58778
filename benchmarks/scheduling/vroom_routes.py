"""Routes by VROOM, as far as it can be told a problem: trades, skills, pins and blocks (who may serve what), a time by
operative, windows, breaks, loads and priorities. It knows no crews, follow-ons, keys, day parts, weekly limits or
lateness: jobs of one person alone are told.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import vroom
from numpy.typing import NDArray
from vroom.solution.solution import Solution

from scheduling.engine.stops import Routes, Stops, driving_s, leg_costs, stops_of
from scheduling.problem import Priority, Problem

# VROOM serves the greatest sum of priorities it can, before it looks at the way.
WEIGHT = {Priority.EMERGENCY: 100, Priority.URGENT: 40, Priority.ROUTINE: 10, Priority.PLANNED: 3}
CONFIRMED = 100
DEEPEST = 5


def propose_vroom(
    problem: Problem, *, cpu_s: float | None = None, exploration: int = DEEPEST, seed: int = 0
) -> Routes:  # fmt: skip
    """VROOM's routes for the jobs of one person.

    Within ``cpu_s`` VROOM makes all searches of its level, each in a thread of its own: of equally good routes those
    win that were found first, which may change from call to call. Without it VROOM makes one search, and the same call
    gives the same routes. It has no seed: the order in which it reads the stops and shifts is shuffled instead.
    """
    asked = stops_of(problem)
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
    pinned = {pin.job for pin in problem.pins}
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
                priority=CONFIRMED if job.is_confirmed or asked.stops[row][0] in pinned else WEIGHT[job.priority],
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


def shift_places(problem: Problem, asked: Stops) -> NDArray[np.int64]:
    """Where the shifts begin and end."""
    chosen = [problem.shifts[shift] for shift in asked.shifts]
    return np.array([place for shift in chosen for place in (shift.start_place, shift.end_place)], dtype=np.int64)


def paces(asked: Stops) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pace of each shift, and seconds at each stop by each pace: shifts that take as long anywhere have one."""
    pace_s, member = np.unique(asked.service_s, axis=1, return_inverse=True)
    return member.reshape(-1).astype(np.int64), pace_s


def classes(is_allowed: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The class of each row, equal rows being one class, and the row of each class."""
    packed = np.packbits(is_allowed, axis=1)
    _, first, member = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return member.reshape(-1).astype(np.int64), is_allowed[first]
