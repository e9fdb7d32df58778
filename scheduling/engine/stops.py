"""A problem as routing engines see it: stops, which shift may serve which, how long each takes and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scheduling.problem import Priority, Problem

Stop: TypeAlias = tuple[int, int]  # a job, and which of its roles
Routes: TypeAlias = dict[int, tuple[Stop, ...]]  # the stops of each shift that has any, in their order

DAY_S = 86_400


@dataclass(frozen=True, eq=False)
class Stops:
    """The stops to be routed over some shifts; rows of the matrices are stops, columns are shifts."""

    stops: tuple[Stop, ...]
    shifts: tuple[int, ...]
    is_allowed: NDArray[np.bool_]
    service_s: NDArray[np.int64]
    windows: tuple[tuple[tuple[int, int], ...], ...]  # of each stop; sorted, apart
    place: NDArray[np.int64]
    load: NDArray[np.int64]
    capacity: NDArray[np.int64]  # of each shift; one without a limit carries every load there is


def stops_of(problem: Problem) -> Stops:
    """The stop of each job that asks for one person, over all shifts."""
    stops = tuple((job, 0) for job, one in enumerate(problem.jobs) if len(one.roles) == 1)
    shifts = tuple(range(len(problem.shifts)))
    pinned = {pin.job: pin.start_s for pin in problem.pins if pin.start_s is not None}
    load = np.array([problem.jobs[job].load for job, _ in stops], dtype=np.int64)
    vans = [shift.capacity for shift in problem.shifts]
    return Stops(
        stops=stops,
        shifts=shifts,
        is_allowed=allowed(problem, stops, shifts),
        service_s=services(problem, stops, shifts),
        windows=tuple(start_windows(problem, job, pinned.get(job)) for job, _ in stops),
        place=np.array([problem.jobs[job].place for job, _ in stops], dtype=np.int64),
        load=load,
        capacity=np.array([int(load.sum()) if van is None else van for van in vans], dtype=np.int64),
    )


def allowed(problem: Problem, stops: tuple[Stop, ...], shifts: tuple[int, ...]) -> NDArray[np.bool_]:
    """Whether a shift may serve a stop: trade and skills, standby, pins, blocks and the shift's hours."""
    asked = [(problem.jobs[job].roles[role], problem.jobs[job].priority == Priority.EMERGENCY) for job, role in stops]
    kinds = {kind: number for number, kind in enumerate(dict.fromkeys(asked))}
    can = np.array(
        [
            [role.trade in one.proficiency_percent and role.skills <= one.skills for one in problem.operatives]
            for role, _ in kinds
        ],
        dtype=bool,
    ).reshape(len(kinds), len(problem.operatives))
    is_emergency = np.array([urgent for _, urgent in kinds], dtype=bool)
    operative = np.array([problem.shifts[shift].operative for shift in shifts], dtype=np.int64)
    is_standby = np.array([problem.shifts[shift].is_standby for shift in shifts], dtype=bool)
    by_kind = can[:, operative] & (is_emergency[:, None] | ~is_standby[None, :])
    result: NDArray[np.bool_] = by_kind[np.array([kinds[kind] for kind in asked], dtype=np.int64)]
    day = np.array([problem.shifts[shift].day for shift in shifts], dtype=np.int64)
    rows_of: dict[int, list[int]] = {}
    for row, (job, _) in enumerate(stops):
        rows_of.setdefault(job, []).append(row)
    for pin in problem.pins:
        for row in rows_of.get(pin.job, ()):
            if pin.operatives is not None:
                result[row] &= operative == pin.operatives[stops[row][1]]
            if pin.day is not None:
                result[row] &= day == pin.day
    for block in problem.blocks:
        rows = slice(None) if block.job is None else rows_of.get(block.job, [])
        columns = operative == block.operative
        if block.day is not None:
            columns = columns & (day == block.day)
        result[rows] &= ~columns
    return result


def services(problem: Problem, stops: tuple[Stop, ...], shifts: tuple[int, ...]) -> NDArray[np.int64]:
    """Seconds at each stop by each shift, as ``problem.service_s`` counts them; the standard time where it may not."""
    trades = sorted({problem.jobs[job].roles[role].trade for job, role in stops})
    percent = np.array(
        [[one.proficiency_percent.get(trade, 100) for one in problem.operatives] for trade in trades], dtype=np.int64
    ).reshape(len(trades), len(problem.operatives))
    trade = np.array([trades.index(problem.jobs[job].roles[role].trade) for job, role in stops], dtype=np.int64)
    operative = np.array([problem.shifts[shift].operative for shift in shifts], dtype=np.int64)
    duration = np.array([problem.jobs[job].duration_s for job, _ in stops], dtype=np.int64)
    parking = np.array([problem.jobs[job].parking_s for job, _ in stops], dtype=np.int64)
    by_percent = percent[trade][:, operative] * 60
    return -(-duration[:, None] * 100 // by_percent) * 60 + parking[:, None]


def start_windows(problem: Problem, job: int, at_s: int | None) -> tuple[tuple[int, int], ...]:
    """When a visit may begin, sorted and apart: at a pinned second, else in its windows, by its target if it can."""
    if at_s is not None:
        return ((at_s, at_s),)
    one = problem.jobs[job]
    whole = [(window.start_s, window.end_s) for window in one.windows] or [(0, (problem.days + 1) * DAY_S)]
    later = [(max(start, one.earliest_s), end) for start, end in whole if end >= one.earliest_s]
    if one.due_s is not None:
        by_then = one.due_s - one.duration_s - one.parking_s
        later = [(start, min(end, by_then)) for start, end in later if start <= by_then] or later
    joined: list[tuple[int, int]] = []
    for start, end in sorted(later):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def mean_percent(problem: Problem) -> int:
    """How much longer than on empty roads a drive takes in the hours of the shifts, on the average, rounded up."""
    parts = sorted(problem.travel.day_parts, key=lambda part: part.start_minute)
    starts = np.array([part.start_minute for part in parts])
    minutes = np.concatenate(
        [np.arange(shift.start_s // 60, max(shift.end_s, shift.start_s + 60) // 60) % 1440 for shift in problem.shifts]
        or [np.arange(1440)]
    )
    percents = np.array([part.percent for part in parts])[np.searchsorted(starts, minutes, side="right") - 1]
    return int(np.ceil(percents.mean()))


def driving_s(problem: Problem) -> NDArray[np.int64]:
    """Seconds between places in the mean traffic of the shifts."""
    return -(-problem.travel.duration_s.astype(np.int64) * mean_percent(problem) // 100)


def leg_costs(problem: Problem) -> NDArray[np.int64]:
    """What a leg costs, in metres."""
    minutes = driving_s(problem) * problem.costs.per_drive_minute // 60
    return problem.travel.distance_m.astype(np.int64) + minutes
