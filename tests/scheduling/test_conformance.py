"""Every need of a council's repairs is kept, and each case is a real one: who cannot be told of it gets it wrong."""

from __future__ import annotations

import pytest

from scheduling.checker import check
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.faults import sound
from tests.scheduling.needs import NEEDS, Need


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.name)
def test_a_need_is_kept(need: Need) -> None:
    plan = solve(need.problem, Stop(iterations=2_000), seed=1)
    assert check(need.problem, plan) == ()
    assert need.miss(plan) is None


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.name)
def test_no_need_is_taken_out_as_a_fault(need: Need) -> None:
    assert sound(need.problem).jobs == need.problem.jobs
