"""Plans by VROOM and PyVRP alone, as far as each can be told a problem; what it cannot be told it does not keep.

Both are told trades, skills, own speeds, pins and blocks (who may serve what, for how long), windows, shifts, loads and
priorities. VROOM is told breaks too; PyVRP has none. Roles of a crew are told as jobs of their own. Times are those of
the peer's own schedule.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyvrp
import vroom
from numpy.typing import NDArray
from pyvrp.stop import MaxIterations

from scheduling.plan import LeftOut, Plan, Rest, Visit
from scheduling.problem import Priority, Problem, service_s
from scheduling.walk import Walk

UNKNOWN = {
    "VROOM": frozenset(
        {"crews", "follow-ons", "keys", "areas", "due dates", "weekly limits", "leg limits", "times of day",
         "breaks on a condition", "tools and parts", "free hours"}
    ),
    "PyVRP": frozenset(
        {"crews", "follow-ons", "keys", "areas", "due dates", "weekly limits", "leg limits", "times of day", "breaks",
         "breaks on a condition", "tools and parts", "free hours"}
    ),
}  # fmt: skip
"""Features that a peer cannot be told."""
WEIGHT = {Priority.EMERGENCY: 100, Priority.URGENT: 40, Priority.ROUTINE: 10, Priority.PLANNED: 3}
PRIZE = 1_000_000  # metres that serving a job of weight 1 is worth
EVER = 40 * 86_400
Stop = tuple[int, int]
Served = dict[Stop, tuple[int, int, int, int]]
"""By job and role: shift, arrival, start and end."""


def by_vroom(problem: Problem, cpu_s: float | None = None) -> Plan:
    """VROOM's plan at its deepest level."""
    stops, needs, spans = _stops(problem)
    places = [problem.jobs[job].place for job, _ in stops]
    model = vroom.Input()
    model.set_durations_matrix("car", problem.travel.duration_s.astype(np.int64))
    model.set_distances_matrix("car", problem.travel.distance_m.astype(np.int64))
    model.set_costs_matrix("car", problem.travel.distance_m.astype(np.int64))
    load = max((job.load for job in problem.jobs), default=0) * len(stops)
    for number, shift in enumerate(problem.shifts):
        model.add_vehicle(
            vroom.Vehicle(
                number, start=shift.start_place, end=shift.end_place,
                time_window=(shift.start_s, shift.end_s + shift.overtime_s), type=str(number),
                capacity=[load if shift.capacity is None else shift.capacity],
                skills=set(np.flatnonzero(needs[:, number] >= 0).tolist()),
                breaks=[
                    vroom.Break(each, [(rest.earliest_s, rest.latest_s)], rest.duration_s)
                    for each, rest in enumerate(shift.breaks)
                    if rest.latest_s >= shift.start_s and rest.earliest_s + rest.duration_s <= shift.end_s
                ],
            )
        )  # fmt: skip
    for row, (job, role) in enumerate(stops):
        if not spans[row]:
            continue
        model.add_job(
            vroom.Job(
                row, location=places[row], delivery=[problem.jobs[job].load if role == 0 else 0], skills={row},
                priority=_weight(problem, job), time_windows=spans[row],
                service_per_type={str(shift): int(s) for shift, s in enumerate(needs[row]) if s >= 0},
            )
        )  # fmt: skip
    limit = None if cpu_s is None else timedelta(seconds=cpu_s)
    found = model.solve(exploration_level=5, nb_threads=1, timeout=limit).routes
    served: Served = {}
    rests = []
    for step in found.itertuples():
        start_s = int(step.arrival + step.waiting_time)
        if step.type == "job":
            served[stops[step.id]] = (step.vehicle_id, int(step.arrival), start_s, start_s + int(step.service))
        elif step.type == "break":
            rests.append(Rest(step.vehicle_id, int(step.id), start_s, start_s + int(step.service)))
    return _plan(problem, served, rests)


def by_pyvrp(problem: Problem, iterations: int = 500, seed: int = 0) -> Plan:
    """PyVRP's plan; each shift is a vehicle type with ways of its own, where they hold the work as well."""
    stops, needs, spans = _stops(problem)
    model = pyvrp.Model()
    at_place = [model.add_location(x=number, y=0) for number in range(len(problem.places))]
    depots = [model.add_depot(each) for each in at_place]
    clients: dict[int, Stop] = {}
    where: list[tuple[pyvrp.Location, int]] = []
    for row, (job, role) in enumerate(stops):
        group = model.add_client_group(required=False) if len(spans[row]) > 1 else None
        for opens, closes in spans[row]:
            spot = model.add_location(x=row, y=1)
            model.add_client(
                spot, delivery=problem.jobs[job].load if role == 0 else 0, tw_early=opens, tw_late=closes,
                prize=PRIZE * _weight(problem, job), required=False, group=group,
            )  # fmt: skip
            clients[len(where)] = (job, role)
            where.append((spot, row))
    load = max((job.load for job in problem.jobs), default=0) * len(stops)
    way_m, way_s = problem.travel.distance_m, problem.travel.duration_s
    for number, shift in enumerate(problem.shifts):
        profile = model.add_profile()
        own = [(at_place[place], place, 0) for place in {shift.start_place, shift.end_place}]
        own += [(spot, problem.jobs[stops[row][0]].place, int(needs[row, number]))
                for spot, row in where if needs[row, number] >= 0]  # fmt: skip
        for spot, place, work_s in own:
            for other, to, _ in own:
                if spot is not other:
                    model.add_edge(spot, other, int(way_m[place, to]), int(way_s[place, to]) + work_s, profile)
        model.add_vehicle_type(
            1, capacity=load if shift.capacity is None else shift.capacity, start_depot=depots[shift.start_place],
            end_depot=depots[shift.end_place], tw_early=shift.start_s, tw_late=shift.end_s + shift.overtime_s,
            profile=profile, name=str(number),
        )  # fmt: skip
    if not problem.shifts or not clients:
        return _plan(problem, {}, [])
    found = model.solve(MaxIterations(iterations), seed=seed, display=False)
    served: Served = {}
    for route in found.best.routes() if found.best.is_feasible() else ():
        vehicle = route.vehicle_type()
        for step in route.schedule():
            if step.is_client():
                stop, begins_s = clients[step.idx], step.start_time
                ends_s = begins_s + int(needs[stops.index(stop), vehicle])
                served[stop] = (vehicle, begins_s - step.wait_duration, begins_s, ends_s)
    return _plan(problem, served, [])


def _stops(problem: Problem) -> tuple[list[Stop], NDArray[np.int64], list[list[tuple[int, int]]]]:
    """Jobs and roles; seconds that each takes in each shift, -1 where it may not; when each may begin."""
    stops = [(number, role) for number, job in enumerate(problem.jobs) for role in range(len(job.roles))]
    pins = {pin.job: pin for pin in problem.pins}
    needs = np.full((len(stops), len(problem.shifts)), -1, dtype=np.int64)
    spans = []
    for row, (number, role) in enumerate(stops):
        job, pin = problem.jobs[number], pins.get(number)
        spans.append(
            [(pin.start_s, pin.start_s)] if pin and pin.start_s is not None else sorted(
                (max(window.start_s, job.earliest_s), window.end_s)
                for window in job.windows if window.end_s >= job.earliest_s
            ) or ([] if job.windows else [(job.earliest_s, EVER)])
        )  # fmt: skip
        for column, shift in enumerate(problem.shifts):
            operative, asked = problem.operatives[shift.operative], job.roles[role]
            barred = any(
                block.operative == shift.operative and block.job in {None, number} and block.day in {None, shift.day}
                for block in problem.blocks
            )
            elsewhere = pin and (
                (pin.operatives is not None and pin.operatives[role] != shift.operative)
                or pin.day not in {None, shift.day}
            )
            able = operative.proficiency_percent.get(asked.trade, 0) > 0 and asked.skills <= operative.skills
            called = not shift.is_standby or job.priority is Priority.EMERGENCY
            if able and called and not barred and not elsewhere:
                needs[row, column] = service_s(job, asked, operative)
    return stops, needs, spans


def _weight(problem: Problem, job: int) -> int:
    return 100 if problem.jobs[job].is_confirmed else WEIGHT[problem.jobs[job].priority]


def _plan(problem: Problem, served: Served, rests: list[Rest]) -> Plan:
    visits = [Visit(job, role, *times, leg_m=0) for (job, role), times in served.items()]
    done = {visit.job for visit in visits}
    left_out = tuple(
        LeftOut(job, "not-served", "The peer does not serve it.", "Plan it by hand.")
        for job in range(len(problem.jobs)) if job not in done
    )  # fmt: skip
    plan = Plan("", 0, 0, tuple(visits), tuple(rests), left_out, 0, 0)
    walk = Walk(problem, plan)
    told = tuple(replace(visit, leg_m=int(leg)) for visit, leg in zip(walk.visits, walk.leg_m, strict=True))
    return replace(plan, visits=told, distance_m=walk.measure.distance_m, cost=walk.measure.cost)
