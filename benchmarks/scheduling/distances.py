"""The distance of routes, from the instance's own file: no matrix or reading of the solvers' is used.

Written apart from what is measured, in the instance's own unit.
"""

from __future__ import annotations

import math
from pathlib import Path

Route = tuple[int, list[int]]
"""A vehicle, and the customers' numbers in their order."""


def checked_distance(path: Path, routes: list[Route]) -> float:
    """The routes' distance, in the instance's unit. Raises ValueError where they break a rule of the instance."""
    return vrplib(path, routes) if path.suffix == ".vrp" else solomon(path, routes)


def solomon(path: Path, routes: list[Route]) -> float:
    """The distance of a Solomon instance's routes, each leg cut off after the first decimal."""
    lines = [line.split() for line in path.read_text().splitlines()]
    vehicles, capacity = next((int(a), int(b)) for a, b in (line for line in lines if len(line) == 2) if a.isdigit())
    rows = {int(line[0]): [int(word) for word in line[1:]] for line in lines if len(line) == 7 and line[0].isdigit()}
    visits_once(routes, set(rows) - {0}, vehicles)

    def leg(a: int, b: int) -> int:
        squared = (rows[a][0] - rows[b][0]) ** 2 + (rows[a][1] - rows[b][1]) ** 2
        return math.isqrt(100 * squared)

    total = 0
    for _, stops in routes:
        if sum(rows[stop][2] for stop in stops) > capacity:
            raise ValueError(f"{path.stem}: a vehicle carries too much")
        at, clock = 0, rows[0][3] * 10
        for stop in [*stops, 0]:
            total += leg(at, stop)
            clock = max(clock + rows[at][5] * 10 + leg(at, stop), rows[stop][3] * 10)
            if clock > rows[stop][4] * 10:
                raise ValueError(f"{path.stem}: customer {stop} is served too late")
            at = stop
    return total / 10


def vrplib(path: Path, routes: list[Route]) -> float:
    """The distance of a site-dependent instance's routes, each leg rounded to the third decimal."""
    text = path.read_text()

    def table(name: str) -> dict[int, list[float]]:
        lines = text.split(f"{name}_SECTION\n")[1].splitlines()
        return {int(words[0]): [float(word) for word in words[1:]] for words in rows(lines)}

    def rows(lines: list[str]) -> list[list[str]]:
        end = next((at for at, line in enumerate(lines) if line[:1].isalpha()), len(lines))
        return [line.split() for line in lines[:end] if line.strip()]

    places, load, service = table("NODE_COORD"), table("DEMAND"), table("SERVICE_TIME")
    hours, capacity, allowed = table("TIME_WINDOW"), table("CAPACITY"), table("VEHICLES_ALLOWED_CLIENTS")
    longest = float(text.split("VEHICLES_MAX_DURATION:")[1].split()[0]) * 1000
    visits_once(routes, set(places) - {1}, len(capacity))

    def leg(a: int, b: int) -> int:
        return round(1000 * math.dist(places[a], places[b]))

    total = 0
    for vehicle, stops in routes:
        number = vehicle + 1
        if sum(load[stop][0] for stop in stops) > capacity[number][0] or not set(stops) <= set(allowed[number]):
            raise ValueError(f"{path.stem}: vehicle {number} carries too much, or goes where it may not")
        ways = [leg(a, b) for a, b in zip([1, *stops], [*stops, 1], strict=True)]
        total += sum(ways)
        clock = hours[1][0] * 1000
        for way, before, stop in zip(ways, [1, *stops], [*stops, 1], strict=True):
            clock = max(clock + service[before][0] * 1000 + way, hours[stop][0] * 1000)
            if clock > hours[stop][1] * 1000:
                raise ValueError(f"{path.stem}: customer {stop} is served too late")
        leaves = clock
        for way, before in zip(reversed(ways), reversed([1, *stops]), strict=True):
            leaves = min(leaves - way - service[before][0] * 1000, hours[before][1] * 1000)
        if clock - leaves > longest:
            raise ValueError(f"{path.stem}: vehicle {number} is out for too long")
    return total / 1000


def visits_once(routes: list[Route], customers: set[int], vehicles: int) -> None:
    """Raises ValueError unless each customer is visited once, by vehicles that are there and drive once."""
    visited = [stop for _, stops in routes for stop in stops]
    if sorted(visited) != sorted(customers):
        raise ValueError("a customer is not visited exactly once")
    driven = [vehicle for vehicle, _ in routes]
    if len(set(driven)) != len(driven) or not set(driven) <= set(range(vehicles)):
        raise ValueError("a vehicle drives twice, or is not there")
