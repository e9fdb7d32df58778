"""A problem as PyVRP's model, exact where ``is_plain`` says so."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, Route, Solution, VehicleType

from scheduling.engine.stops import DAY_S, Routes, Stop, Stops, driving_s, leg_costs
from scheduling.problem import Priority, Problem

MOST_CELLS = 60_000_000  # of all profiles' matrices together: about a gigabyte
FORBIDDEN = 20  # times the longest way


@dataclass(frozen=True, eq=False)
class Model:
    """PyVRP's data, and what its vehicles and clients stand for."""

    data: ProblemData
    shifts_of: tuple[tuple[int, ...], ...]  # the shifts of each type of vehicle, which are alike
    stop_of: tuple[Stop, ...]  # of each client

    def routes(self, solution: Solution) -> Routes:
        """The solution's routes by shift."""
        free = [list(reversed(shifts)) for shifts in self.shifts_of]
        return {
            free[route.vehicle_type()].pop(): tuple(self.stop_of[stop.idx] for stop in route if stop.is_client())
            for route in solution.routes()
        }

    def solution(self, routes: Routes) -> Solution | None:
        """The routes as a solution, each stop in the first of its windows; None where they are of another problem."""
        client_of = {stop: client for client, stop in reversed(list(enumerate(self.stop_of)))}
        type_of = {shift: kind for kind, shifts in enumerate(self.shifts_of) for shift in shifts}
        if not all(shift in type_of and all(stop in client_of for stop in stops) for shift, stops in routes.items()):
            return None
        return Solution(
            self.data,
            [
                Route(self.data, [client_of[stop] for stop in stops], type_of[shift])
                for shift, stops in routes.items()
                if stops
            ],
        )


def is_plain(problem: Problem) -> bool:
    """Whether PyVRP's model says all that the problem does: then the search needs no other.

    A limited week is not plain: PyVRP counts it from a departure that it may put off.
    """
    return (
        all(part.percent == 100 for part in problem.travel.day_parts)
        and not any(shift.breaks or shift.overtime_s for shift in problem.shifts)
        and all(one.max_leg_s is None and one.weekly_limit_s is None for one in problem.operatives)
        and problem.costs.per_working_minute == 0
        and all(
            len(job.roles) == 1
            and not job.follows
            and job.due_s is None
            and job.key_ref is None
            and job.area is None
            and not job.is_confirmed
            and not job.tools
            and not job.parts
            for job in problem.jobs
        )
    )


def expressed(problem: Problem, asked: Stops, must_serve_all: bool) -> Model | None:
    """The stops and shifts as PyVRP's model; None where it would not fit into memory.

    Each profile is one set of stops that a shift may serve in one pace: the service that a slower pace adds stands in
    its durations, and a stop it may not serve is too far away. A break is taken from the end of the shift.
    """
    likeness = np.concatenate([asked.is_allowed.T, asked.service_s.T], axis=1)
    _, first, member = np.unique(likeness, axis=0, return_index=True, return_inverse=True)
    member = member.reshape(-1)
    homes = sorted({(problem.shifts[at].start_place, problem.shifts[at].end_place) for at in asked.shifts})
    depots = sorted({place for pair in homes for place in pair})
    places = np.concatenate([np.array(depots, dtype=np.int64), asked.place])
    if len(first) * len(places) ** 2 > MOST_CELLS:
        return None
    base_s = asked.service_s.min(axis=1)
    ways = np.ix_(places, places)
    distances, durations = leg_costs(problem)[ways], driving_s(problem)[ways]
    ever_s = (problem.days + 1) * DAY_S
    per_profile = [
        profile(distances, durations, asked.is_allowed[:, at], asked.service_s[:, at] - base_s, len(depots), ever_s)
        for at in first
    ]
    clients, stop_of, groups = clients_of(problem, asked, base_s, len(depots), must_serve_all)
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for column, number in enumerate(asked.shifts):
        shift = problem.shifts[number]
        rest_s = sum(rest.duration_s for rest in shift.breaks)
        length_s = shift.end_s - shift.start_s - rest_s
        limits_s = (problem.operatives[shift.operative].weekly_limit_s, shift.longest_s)
        kind = (
            int(member[column]), depots.index(shift.start_place), depots.index(shift.end_place),
            shift.start_s, shift.end_s - rest_s, min([length_s, *(each for each in limits_s if each is not None)]),
            int(asked.capacity[column]),
        )  # fmt: skip
        alike[kind].append(number)
    vehicles = [
        VehicleType(
            len(shifts), [load], start_depot=start, end_depot=end, tw_early=early, tw_late=late,
            shift_duration=length, profile=number,
        )
        for (number, start, end, early, late, length, load), shifts in alike.items()
    ]  # fmt: skip
    data = ProblemData(
        locations=[Location(problem.places[place].longitude, problem.places[place].latitude) for place in places],
        clients=clients,
        depots=[Depot(at) for at in range(len(depots))],
        vehicle_types=vehicles,
        distance_matrices=[distance for distance, _ in per_profile],  # type: ignore[misc]  # its stubs mistake the shape
        duration_matrices=[duration for _, duration in per_profile],  # type: ignore[misc]
        groups=groups,
    )
    return Model(data, tuple(tuple(shifts) for shifts in alike.values()), stop_of)


def profile(
    distances: NDArray[np.int64],
    durations: NDArray[np.int64],
    may: NDArray[np.bool_],
    extra_s: NDArray[np.int64],
    depots: int,
    too_late_s: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distances and durations of shifts that may serve some stops, and take longer at each.

    The way to any other stop ends after all shifts have.
    """
    distance, duration = distances.copy(), durations.copy()
    duration[depots:] += extra_s[:, None]
    closed = np.flatnonzero(~may) + depots
    for matrix, far in ((distance, FORBIDDEN * int(distance.max())), (duration, too_late_s)):
        matrix[closed, :] = far
        matrix[:, closed] = far
        np.fill_diagonal(matrix, 0)
    return distance, duration


def clients_of(
    problem: Problem, asked: Stops, base_s: NDArray[np.int64], depots: int, must_serve_all: bool
) -> tuple[list[Client], tuple[Stop, ...], list[ClientGroup]]:
    """A client for each window of each stop, the stop of each, and the groups of which one is visited."""
    clients: list[Client] = []
    stop_of: list[Stop] = []
    groups: list[ClientGroup] = []
    pinned = {pin.job for pin in problem.pins}
    for row, stop in enumerate(asked.stops):
        job = problem.jobs[stop[0]]
        windows = asked.windows[row]
        priority = Priority.EMERGENCY if job.is_confirmed or stop[0] in pinned else job.priority
        is_group = len(windows) > 1
        if is_group:
            members = list(range(len(clients), len(clients) + len(windows)))
            groups.append(ClientGroup(members, required=must_serve_all))
        for start, end in windows:
            clients.append(
                Client(
                    depots + row,
                    delivery=[job.load],
                    service_duration=int(base_s[row]),
                    tw_early=start,
                    tw_late=end,
                    prize=0 if must_serve_all else problem.costs.left_out[priority],
                    required=must_serve_all and not is_group,
                    group=len(groups) - 1 if is_group else None,
                )
            )
            stop_of.append(stop)
    return clients, tuple(stop_of), groups
