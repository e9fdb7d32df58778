"""Technician routing (Pillac, Gueret and Medaglia, 2012): skills, tools, spare parts, and a store to fetch them from.

Each technician starts and ends at home, with some tools and parts. A request asks for one skill, for tools and for
parts; who goes by the central store has every tool and all parts from then on. Hours and service are those of the
Solomon instance of the same name. What is least is the time from leaving home to being back, of all together.

To the hub an instance is a problem like a council's: tools and stock of a van, parts of a job, a store, hours that
begin with the first visit. PyVRP's model is told the store as a place to unload: a vehicle holds as much of each tool
and part as all requests need; what the technician lacks at first is load that is on board from the start, each request
adds what it uses, and the store takes everything off.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from defusedxml import ElementTree
from numpy.typing import NDArray
from pyvrp import Client, Depot, Location, ProblemData, VehicleType

from benchmarks.scheduling.instances import INSTANCES, STARTS_AT, TRADE
from scheduling.plan import Plan
from scheduling.problem import (
    Costs,
    Job,
    Operative,
    Part,
    Place,
    Priority,
    Problem,
    Role,
    Shift,
    Store,
    Travel,
    Window,
)  # fmt: skip

FOLDER = "technician-routing"
STORE = 0
SCALE = 1_000
FAR = 10_000_000
WORKING = 6_000  # metres that a minute of working time is worth: so metres only part plans that are equally long
LEFT_OUT = 1_000_000_000
Rounds = list[tuple[int, list[int]]]
"""Technicians, and the requests that each serves; -1 is the store."""


@dataclass(frozen=True)
class Technician:
    """Where they live, what they can do and what they have at first; of a tool that they have, enough."""

    home: int
    skills: frozenset[int]
    tools: frozenset[int]
    parts: dict[int, int]


@dataclass(frozen=True)
class Request:
    """What is to be done at a node, and when."""

    node: int
    skill: int
    tools: frozenset[int]
    parts: dict[int, int]
    opens: int
    closes: int
    service: int


@dataclass(frozen=True, eq=False)
class Instance:
    """Technicians and requests; times and ways scaled by ``SCALE`` and rounded."""

    technicians: tuple[Technician, ...]
    requests: tuple[Request, ...]
    ways: NDArray[np.int64]
    xy: NDArray[np.float64]
    closes: int  # the last moment to be back


def read(name: str) -> Instance:
    """The instance of a name such as ``R101.100_25-5-5-5``."""
    root = ElementTree.parse(INSTANCES / FOLDER / f"{name}.xml").getroot()
    assert root is not None
    renewable = {one.attrib["id"]: one.attrib["renewable"] == "true" for one in root.iterfind("resources/resource")}
    xy = np.array([[float(node.findtext(axis, "")) for axis in ("cx", "cy")] for node in root.iter("node")])
    ways = np.rint(SCALE * np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))).astype(np.int64)
    skills = {
        driver.findtext("compatible_vehicle_type"): frozenset(int(one.attrib["id"]) for one in driver.iter("skill"))
        for driver in root.iter("driver_profile")
    }
    hours = solomon_hours(INSTANCES / "solomon" / f"{name.partition('.')[0]}.txt")
    technicians = tuple(
        Technician(
            home=int(one.findtext("departure_node", "")),
            skills=skills[one.attrib["type"]],
            tools=frozenset(int(each.attrib["id"]) for each in one.iter("resource") if renewable[each.attrib["id"]]),
            parts={
                int(each.attrib["id"]): int(float(each.findtext("start", "0")))
                for each in one.iter("resource") if not renewable[each.attrib["id"]]
            },
        )
        for one in root.iter("vehicle_profile")
    )  # fmt: skip
    requests = tuple(
        Request(
            node=int(one.attrib["node"]),
            skill=int(one.findtext("skill", "")),
            tools=frozenset(int(each.attrib["id"]) for each in one.iter("resource") if renewable[each.attrib["id"]]),
            parts={
                int(each.attrib["id"]): int(float(each.text or "0"))
                for each in one.iter("resource") if not renewable[each.attrib["id"]]
            },
            opens=opens * SCALE, closes=closes * SCALE, service=service * SCALE,
        )
        for one, (opens, closes, service) in zip(root.iter("request"), hours[1:], strict=True)
    )  # fmt: skip
    return Instance(technicians, requests, ways, xy, hours[0][1] * SCALE)


def solomon_hours(path: Path) -> list[tuple[int, int, int]]:
    """When each customer of a Solomon instance may be begun, at first and at last, and its service; 0 is the depot."""
    rows = [line.split() for line in path.read_text("utf-8").splitlines()]
    return [(int(row[4]), int(row[5]), int(row[6])) for row in rows if len(row) == 7 and row[0].isdigit()]


def problem(instance: Instance) -> Problem:
    """The instance as the hub plans it; jobs and operatives are numbered as requests and technicians."""
    return Problem(
        starts_at=STARTS_AT,
        days=1 + instance.closes // 86_400,
        places=tuple(Place(str(node), 51 + y / 1_000, x / 1_000) for node, (x, y) in enumerate(instance.xy.tolist())),
        operatives=tuple(
            Operative(str(number), {TRADE: 100}, frozenset(map(str, one.skills)), tools=frozenset(map(str, one.tools)))
            for number, one in enumerate(instance.technicians)
        ),
        shifts=tuple(
            Shift(
                number, 0, 0, instance.closes, one.home, one.home, longest_s=instance.closes,
                stock=tuple(Part(str(part), count) for part, count in one.parts.items()),
            )
            for number, one in enumerate(instance.technicians)
        ),
        jobs=tuple(
            Job(
                str(number), one.node, (Role(TRADE, frozenset({str(one.skill)})),), 0,
                windows=(Window(one.opens, one.closes),), parking_s=one.service, tools=frozenset(map(str, one.tools)),
                parts=tuple(Part(str(part), count) for part, count in one.parts.items()),
            )
            for number, one in enumerate(instance.requests)
        ),
        travel=Travel(instance.ways.astype(np.int32), instance.ways.astype(np.int32)),
        stores=(Store("store", STORE),),
        costs=Costs(per_working_minute=WORKING, left_out=dict.fromkeys(Priority, LEFT_OUT)),
    )  # fmt: skip


def rounds(plan: Plan) -> Rounds:
    """Each technician of a plan and the requests that they serve, -1 where they go by the store."""
    at = [(one.shift, one.arrive_s, one.end_s, one.job) for one in plan.visits]
    at += [(one.shift, one.arrive_s, one.end_s, -1) for one in plan.fetches]
    found: dict[int, list[int]] = {}
    for who, _, _, number in sorted(at):
        found.setdefault(who, []).append(number)
    return list(found.items())


def model(instance: Instance) -> ProblemData:
    """The instance as PyVRP's data; locations are the instance's nodes, depots the homes and, last, the store."""
    resources = sorted({each for one in instance.requests for each in (*one.tools, *one.parts)})
    needs = [[one.parts.get(each, int(each in one.tools)) for each in resources] for one in instance.requests]
    whole = np.array(needs).sum(axis=0).tolist()
    clients = [
        Client(
            one.node, pickup=need, service_duration=one.service, tw_early=one.opens, tw_late=one.closes,
        )
        for one, need in zip(instance.requests, needs, strict=True)
    ]  # fmt: skip
    kinds = list(dict.fromkeys(technician.skills for technician in instance.technicians))
    profiles: list[Any] = []  # pyvrp types its matrices in a way that numpy arrays do not meet
    for skills in kinds:
        closed = [one.node for one in instance.requests if one.skill not in skills]
        ways = instance.ways.copy()
        ways[closed, :] = ways[:, closed] = FAR
        np.fill_diagonal(ways, 0)
        profiles.append(ways)
    vehicles = [
        VehicleType(
            1, capacity=whole, start_depot=number, end_depot=number, tw_late=instance.closes,
            unit_distance_cost=0, unit_duration_cost=1, profile=kinds.index(one.skills),
            initial_load=[
                0 if each in one.tools else max(0, total - one.parts.get(each, 0))
                for each, total in zip(resources, whole, strict=True)
            ],
            reload_depots=[len(instance.technicians)], max_reloads=1,
        )
        for number, one in enumerate(instance.technicians)
    ]  # fmt: skip
    return ProblemData(
        locations=[Location(x, y) for x, y in instance.xy.tolist()],
        clients=clients,
        depots=[Depot(technician.home) for technician in instance.technicians] + [Depot(STORE)],
        vehicle_types=vehicles,
        distance_matrices=profiles,
        duration_matrices=profiles,
    )


def checked_duration(instance: Instance, routes: Rounds) -> float:
    """The working time of all routes, in the instance's unit.

    Raises ValueError for a route that breaks a rule, or a request that is not served exactly once.
    """
    served = sorted(number for _, stops in routes for number in stops if number >= 0)
    if served != list(range(len(instance.requests))) or len({who for who, _ in routes}) != len(routes):
        raise ValueError("a request is not served exactly once, or a technician works twice")
    return sum(route_duration(instance, who, stops) for who, stops in routes) / SCALE


def route_duration(instance: Instance, who: int, stops: list[int]) -> int:
    """The shortest time from leaving to being back, in thousandths."""
    technician = instance.technicians[who]
    tools, parts, has_all = set(technician.tools), dict(technician.parts), False
    nodes, hours = [technician.home], [(0, instance.closes, 0)]
    for number in stops:
        if number < 0:
            has_all = True
            nodes.append(STORE)
            hours.append((0, instance.closes, 0))
            continue
        request = instance.requests[number]
        for part, count in request.parts.items():
            parts[part] = parts.get(part, 0) - count
        short = not request.tools <= tools or any(parts[part] < 0 for part in request.parts)
        if request.skill not in technician.skills or (short and not has_all):
            raise ValueError(f"technician {who} cannot do request {number}")
        nodes.append(request.node)
        hours.append((request.opens, request.closes, request.service))
    nodes.append(technician.home)
    hours.append((0, instance.closes, 0))
    legs = [int(instance.ways[a, b]) for a, b in pairwise(nodes)]
    at = 0
    for leg, (opens, closes, _), (_, _, before) in zip(legs, hours[1:], hours, strict=False):
        at = max(at + before + leg, opens)
        if at > closes:
            raise ValueError(f"technician {who} comes too late")
    back = at
    for leg, (_, closes, service) in zip(reversed(legs), reversed(hours[:-1]), strict=True):
        at = min(closes, at - leg - service)
    return back - at
