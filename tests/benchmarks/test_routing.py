"""The readers of public instances, and the measures of routes that no solver has a hand in, on instances made here."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.scheduling import technicians
from benchmarks.scheduling.contest import Outcome, Run, by_ortools, numbered, ours, technicians_by_pyvrp
from benchmarks.scheduling.distances import checked_distance
from benchmarks.scheduling.instances import site_dependent, solomon
from benchmarks.scheduling.routing import gap_by_name
from benchmarks.scheduling.technicians import Instance, Request, Technician
from scheduling.checker import check
from scheduling.engine.model import is_plain
from scheduling.engine.proposers import route
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop

SOLOMON = """TINY

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0       100          0
    1      1         1          6          0        90         10
    2      2         2          4          0        90         10
    3     -3         0          7          0        90         10
"""
SITES = """NAME: TINY
TYPE: SDVRPTW
VEHICLES: 2
VEHICLES_MAX_DURATION: 40
NODE_COORD_SECTION
1 0 0
2 1 1
3 2 2
4 -3 0
DEMAND_SECTION
1 0
2 6
3 4
4 7
SERVICE_TIME_SECTION
1 0
2 10
3 10
4 10
TIME_WINDOW_SECTION
1 0 100
2 50 90
3 0 90
4 0 90
CAPACITY_SECTION
1 10
2 10
VEHICLES_ALLOWED_CLIENTS_SECTION
1 2 3
2 2 3 4
EOF
"""
WORK = Stop(iterations=100)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "TINY.txt"
    path.write_text(SOLOMON)
    return path


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    path = tmp_path / "TINY.vrp"
    path.write_text(SITES)
    return path


def test_each_leg_is_cut_off_after_the_first_decimal(tiny: Path) -> None:
    assert checked_distance(tiny, [(0, [1, 2]), (1, [3])]) == pytest.approx(1.4 + 1.4 + 2.8 + 6)


@pytest.mark.parametrize(
    ("routes", "what"),
    [
        ([(0, [1, 2])], "exactly once"),
        ([(0, [1, 2]), (1, [3, 3])], "exactly once"),
        ([(0, [1, 3]), (1, [2])], "too much"),
        ([(0, [1]), (0, [2, 3])], "drives twice"),
        ([(0, [1]), (1, [2]), (2, [3])], "not there"),
    ],
)
def test_routes_that_break_a_rule_have_no_distance(
    tiny: Path, routes: list[tuple[int, list[int]]], what: str
) -> None:  # fmt: skip
    with pytest.raises(ValueError, match=what):
        checked_distance(tiny, routes)


def test_who_comes_too_late_has_no_distance(tiny: Path) -> None:
    tiny.write_text(SOLOMON.replace("0        90         10\n    3", "0        12         10\n    3"))
    with pytest.raises(ValueError, match="too late"):
        checked_distance(tiny, [(0, [1, 2]), (1, [3])])
    assert checked_distance(tiny, [(0, [2, 1]), (1, [3])])


def test_the_engine_and_or_tools_find_the_least_distance(tiny: Path) -> None:
    problem = solomon(tiny)
    assert is_plain(problem)
    assert checked_distance(tiny, numbered(problem, route(problem, WORK, 1)[0])) == pytest.approx(11.6)
    run = Run("OR-Tools guided", "solomon", "TINY", 0.2, 1)
    assert checked_distance(tiny, numbered(problem, by_ortools(problem, run, iterated=False))) == pytest.approx(11.6)


def test_sites_ask_for_their_vehicles_and_a_vehicle_is_home_in_time(sites: Path) -> None:
    problem = site_dependent(sites)
    assert is_plain(problem)
    best = checked_distance(sites, numbered(problem, ours(problem, Run("ours", "site-dependent", "TINY", 0.5, 1))))
    assert best == pytest.approx(1.414 + 1.414 + 2.828 + 6)
    with pytest.raises(ValueError, match="may not"):
        checked_distance(sites, [(0, [4]), (1, [3, 2])])
    sites.write_text(SITES.replace("3 0 90\n4 0 90", "3 0 10\n4 0 90"))
    with pytest.raises(ValueError, match="too long"):
        checked_distance(sites, [(0, [3, 2]), (1, [4])])  # begun by ten, then waiting for fifty


def instance(tools: frozenset[int] = frozenset(), parts: int = 1) -> Instance:
    """A technician at 0-1, two requests at 0-2 and 0-4 that each use a part and a tool, and the store at 0-0."""
    xy = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0], [0.0, 4.0]])
    ways = np.rint(1000 * np.abs(xy[:, None, 1] - xy[None, :, 1])).astype(np.int64)
    return Instance(
        (Technician(1, frozenset({7}), tools, {5: parts}),),
        tuple(Request(node, 7, frozenset({2}), {5: 1}, 0, 90_000, 1_000) for node in (2, 3)), ways, xy, 99_000,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tools", "parts", "hours"),
    [
        (frozenset({2}), 2, 6 + 2),  # has what it takes
        (frozenset({2}), 1, 6 + 2 + 2),  # one part short: by the store
        (frozenset(), 9, 6 + 2 + 2),  # no tool
    ],
)
def test_a_technician_goes_by_the_store_if_anything_is_short(tools: frozenset[int], parts: int, hours: float) -> None:
    one = instance(tools, parts)
    whole = technicians.problem(one)
    plan = solve(whole, WORK, 1)
    assert check(whole, plan) == ()
    assert technicians.checked_duration(one, technicians.rounds(plan)) == pytest.approx(hours)
    run = Run("PyVRP", technicians.FOLDER, "TINY", 0.2, 1)
    assert technicians.checked_duration(one, technicians_by_pyvrp(one, run)) == pytest.approx(hours)


def test_what_a_technician_cannot_do_has_no_duration() -> None:
    assert technicians.checked_duration(instance(), [(0, [-1, 0, 1])]) == pytest.approx(10)
    for stops in ([0, 1], [0, -1, 1], [-1, 0]):
        with pytest.raises(ValueError, match=r"cannot do|exactly once"):
            technicians.checked_duration(instance(), [(0, stops)])


def test_a_solver_that_fails_on_one_seed_has_no_gap_there() -> None:
    def outcome(name: str, seed: int, value: float | None) -> Outcome:
        return Outcome(Run("ours", "solomon", name, 1, seed), value, 1)

    found = [outcome("A", 1, 101), outcome("A", 2, 103), outcome("B", 1, 100), outcome("B", 2, None)]
    assert gap_by_name(found, "ours", {"A": 100, "B": 100}) == {"A": pytest.approx(2)}
