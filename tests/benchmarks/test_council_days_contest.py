"""What the contest of the council days tells OR-Tools, and how it reads what came of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.scheduling import council_days
from benchmarks.scheduling.breaks_by_ortools import by_ortools, shared_paces
from benchmarks.scheduling.council import council_of, without_ties
from benchmarks.scheduling.council_days import Outcome, report, told
from benchmarks.scheduling.vroom_routes import propose_vroom
from scheduling.checker import check
from scheduling.engine.stops import Routes, stops_of
from scheduling.faults import sound
from scheduling.problem import Problem

DAY = sound(without_ties(council_of(8, 30, 1, 11)))


def ortools(problem: Problem) -> Routes:
    return by_ortools(problem, 2.0)[0]


@pytest.mark.parametrize("peer", [ortools, propose_vroom])
def test_a_peer_is_told_all_of_a_day(peer: Callable[[Problem], Routes]) -> None:
    plan = told(DAY, peer(DAY))
    assert check(DAY, plan) == ()
    assert len(plan.left_out) <= 1


def test_shifts_that_share_a_pace_take_as_long_wherever_either_may() -> None:
    asked = stops_of(DAY)
    pace_of, pace_s = shared_paces(asked)
    assert len(pace_s) < len(asked.shifts)
    for column, pace in enumerate(pace_of):
        may = asked.is_allowed[:, column]
        assert (pace_s[pace][may] == asked.service_s[may, column]).all()


def test_the_engine_is_held_against_the_best_level_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    monkeypatch.setattr(council_days, "keep", lambda *told: kept.append(told))
    found = [
        Outcome("ours", "100x500", 11, 97_000, 1, 120.0),
        Outcome("OR-Tools", "100x500", 11, 105_000, 1, 120.0),
        Outcome("VROOM 0", "100x500", 11, 90_000, 3, 1.0),
        Outcome("VROOM 1", "100x500", 11, 100_000, 1, 2.0),
        Outcome("VROOM 5", "100x500", 11, None, 0, 120.0),
    ]
    report("100x500", 120, found)
    (_, km, _, _, ok, protocol, peer, other), (*_, beside_ortools, _, _, _) = kept
    assert (km, ok, peer, other) == (97.0, True, "VROOM", 100.0)
    assert "VROOM 1" in protocol
    assert not beside_ortools
