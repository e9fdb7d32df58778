"""A plan as one page that opens from disk without a network: who is where when, on which way, and what is left out.

It holds references of operatives, orders and areas, and points on a map that say no address. What is drawn on demand is
in the page as columns of whole numbers, so that four weeks of 250 operatives are a page of some megabytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from scheduling.mileage import MILE_M, Total
from scheduling.problem import Problem
from scheduling.publish import Kept
from scheduling.roads.extract import Graph

TEMPLATE = Path(__file__).with_name("show.html")
SEGMENTS = 6_000  # pieces of road that are drawn, the fastest first
METRES_A_DEGREE = 111_320
GRAIN_M = 10  # of the points on the map
MARGIN_M = 1_500  # of road around the places
NOON = 12 * 60


def write(path: Path, found: Kept, roads: Graph | None, is_test_data: bool) -> Path:
    """The page, for the hub's user alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    unfinished.touch(mode=0o600)
    unfinished.write_text(page(found, roads, is_test_data), encoding="utf-8")
    return unfinished.replace(path)


def page(found: Kept, roads: Graph | None, is_test_data: bool) -> str:
    """The page as HTML: its tables ready, its pictures drawn by it from the numbers that it holds."""
    data = orjson.dumps(numbers(found, roads)).decode().replace("<", "\\u003c")
    parts = {
        "{{title}}": escape(f"Plan {found.plan_id}, from {found.horizon.starts_on:%d %B %Y}"),
        "{{mark}}": '<p class="mark" role="note">TEST DATA</p>' if is_test_data else "",
        "{{told}}": _told(found),
        "{{miles}}": _miles(found),
        "{{left_out}}": _left_out(found),
        "{{faults}}": _faults(found.problem),
        "{{data}}": data,
    }
    text = TEMPLATE.read_text("utf-8")
    for name, value in parts.items():
        text = text.replace(name, value)
    return text


# -- what is drawn --------------------------------------------------------------------------------------------------


def numbers(found: Kept, roads: Graph | None) -> dict[str, Any]:
    """What the page draws: columns of visits, shifts, jobs and operatives, minutes of the local day, points in tens of
    metres."""
    problem, plan = found.problem, found.plan
    days = np.array([found.horizon.clock(day, NOON) // 60 - NOON for day in range(problem.days)], dtype=np.int64)
    at = _Flat(np.array([(place.latitude, place.longitude) for place in problem.places]).reshape(-1, 2))
    spots = at.points(at.degrees)
    begins = days[[shift.day for shift in problem.shifts]]
    visits = np.array(
        [(visit.shift, visit.job, visit.role, visit.arrive_s, visit.start_s, visit.end_s, visit.leg_m)
         for visit in plan.visits], dtype=np.int64,
    ).reshape(-1, 7)  # fmt: skip
    visits[:, 3:6] = visits[:, 3:6] // 60 - begins[visits[:, 0], None]
    rests = np.array([(one.shift, one.start_s // 60, one.end_s // 60) for one in plan.rests]).reshape(-1, 3)
    rests = rests.astype(np.int64)
    rests[:, 1:] -= begins[rests[:, 0], None]
    shifts = np.array(
        [(one.operative, one.day, one.start_s // 60, one.end_s // 60, one.start_place, one.end_place)
         for one in problem.shifts], dtype=np.int64,
    ).reshape(-1, 6)  # fmt: skip
    shifts[:, 2:4] -= begins[:, None]
    return {
        "first": found.horizon.starts_on.isoformat(),
        "days": problem.days,
        "operatives": [[one.operative_ref, next(iter(one.proficiency_percent), "")] for one in problem.operatives],
        "jobs": {
            "ref": [job.job_ref for job in problem.jobs],
            "place": [job.place for job in problem.jobs],
            "trade": ["+".join(role.trade for role in job.roles) for job in problem.jobs],
            "priority": [int(job.priority) for job in problem.jobs],
            "area": [job.area or "" for job in problem.jobs],
            "confirmed": [int(job.is_confirmed) for job in problem.jobs],
        },
        "places": spots.tolist(),
        "shifts": shifts.T.tolist(),
        "visits": visits.T.tolist(),
        "rests": rests.T.tolist(),
        "roads": _roads(roads, at) if roads else [],
    }


class _Flat:
    """Degrees as points of a flat map, tens of metres east and south of its north-western corner."""

    def __init__(self, degrees: NDArray[np.float64]) -> None:
        self.degrees = degrees
        known = degrees[np.isfinite(degrees).all(axis=1)]
        known = known if len(known) else np.zeros((1, 2))
        self.south, self.west = map(float, known.min(axis=0))
        self.north, self.east = map(float, known.max(axis=0))
        self.narrow = float(np.cos(np.radians((self.south + self.north) / 2)))

    def points(self, degrees: NDArray[np.float64]) -> NDArray[np.int64]:
        """East and south of each, (points, 2)."""
        degrees = np.nan_to_num(degrees, nan=self.south)
        east = (degrees[:, 1] - self.west) * METRES_A_DEGREE * self.narrow
        south = (self.north - degrees[:, 0]) * METRES_A_DEGREE
        return np.column_stack([east, south]).round(-1).astype(np.int64) // GRAIN_M


def _roads(graph: Graph, at: _Flat) -> list[list[int]]:
    """The main lines around the places: east and south of either end of each piece of road."""
    margin = MARGIN_M / METRES_A_DEGREE
    inside = (
        (graph.latitude > at.south - margin) & (graph.latitude < at.north + margin)
        & (graph.longitude > at.west - margin / at.narrow) & (graph.longitude < at.east + margin / at.narrow)
    )  # fmt: skip
    edge = np.where(graph.ahead >= 0, graph.ahead, graph.back)
    speed = graph.distance_cm[edge] / np.maximum(graph.time_ms[edge], 1)
    seen = np.flatnonzero(inside[graph.segment_from] & inside[graph.segment_to])
    main = np.sort(seen[np.argsort(-speed[seen], kind="stable")[:SEGMENTS]])
    ends = [
        at.points(np.column_stack([graph.latitude[end[main]], graph.longitude[end[main]]]))
        for end in (graph.segment_from, graph.segment_to)
    ]
    lines: list[list[int]] = np.column_stack(ends).tolist()
    return lines


# -- what is told ---------------------------------------------------------------------------------------------------


def _told(found: Kept) -> str:
    problem, plan = found.problem, found.plan
    approved = f", its miles approved by {escape(found.approved_by)}" if found.approved_by else ""
    return (
        f"<p>{found.horizon.starts_on:%A %d %B %Y} and {problem.days - 1} more days: <strong>{found.planned.jobs:,}"
        f"</strong> jobs planned, <strong>{len(plan.left_out):,}</strong> left out, "
        f"{len(problem.operatives):,} operatives; {found.status_code}{approved}. "
        f"Miles a job: <strong>{found.planned.miles_per_job:.2f}</strong>, "
        f"by hand <strong>{found.manual.miles_per_job:.2f}</strong>.</p>"
    )


def _miles(found: Kept) -> str:
    """The miles by trade and by operative, beside the manual week's."""
    sums = ["jobs", "distance_m", "jobs_manual", "distance_m_manual"]
    by_trade = found.mileage.groupby("trade_ref", as_index=False)[sums].sum()
    by_operative = found.mileage.sort_values(["trade_ref", "operative_ref"])
    headings = ("Jobs", "Miles", "Miles a job", "Jobs by hand", "Miles by hand", "Miles a job by hand")
    whole = [("All", *_beside(found.planned, found.manual))]
    return _table("Miles by trade", ("Trade", *headings), [*_lines(by_trade, ["trade_ref"]), *whole]) + _table(
        "Miles by operative", ("Operative", "Trade", *headings), _lines(by_operative, ["operative_ref", "trade_ref"])
    )


def _lines(miles: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    columns = [*names, "jobs", "distance_m", "jobs_manual", "distance_m_manual"]
    return [
        (*map(str, row[: len(names)]), *_beside(Total(*row[-4:-2]), Total(*row[-2:])))
        for row in miles[columns].itertuples(index=False, name=None)
    ]


def _beside(plan: Total, manual: Total) -> Iterable[str]:
    for total in (plan, manual):
        yield f"{total.jobs:,}"
        yield f"{total.distance_m / MILE_M:,.0f}"
        yield f"{total.miles_per_job:.2f}" if total.jobs else ""


def _left_out(found: Kept) -> str:
    jobs = found.problem.jobs
    lines = [
        (jobs[one.job].job_ref, jobs[one.job].priority.name.lower(), "+".join(r.trade for r in jobs[one.job].roles),
         jobs[one.job].area or "", one.code, one.message, one.next_step)
        for one in sorted(found.plan.left_out, key=lambda one: (jobs[one.job].priority, jobs[one.job].job_ref))
    ]  # fmt: skip
    return _table("Left out", ("Job", "Priority", "Trade", "Area", "Rule", "Why", "What to do"), lines)


def _faults(problem: Problem) -> str:
    lines = [(one.code, one.subject_ref, one.message, one.next_step) for one in problem.faults]
    return _table("Faults of what was given", ("Fault", "Of", "Why", "What to do"), lines)


def _table(title: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in headings)
    body = "".join(
        "<tr>" + "".join(f"<td{_side(cell)}>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(title)}"><table><caption>{escape(title)} '
        f"({len(lines):,})</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _side(cell: str) -> str:
    return ' class="n"' if cell.replace(",", "").replace(".", "").isdigit() else ""
