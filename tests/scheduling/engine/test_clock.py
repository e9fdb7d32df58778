"""The engine's clock against the checker's, through day parts and the nights on which the clocks change."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from scheduling.engine.arrays import Model, model_of
from scheduling.engine.clock import arrival, departure
from scheduling.problem import LONDON, DayPart
from scheduling.walk import _Clock
from tests.scheduling.small import job, operative, problem, road, shift

PARTS = (DayPart(0, 100), DayPart(90, 137), DayPart(7 * 60, 135), DayPart(9 * 60 + 15, 112), DayPart(18 * 60 + 30, 105))
NIGHTS = (
    datetime(2026, 3, 28, tzinfo=LONDON),
    datetime(2026, 10, 24, tzinfo=LONDON),
    datetime(2026, 9, 14, tzinfo=LONDON),
)


@pytest.mark.parametrize("starts_at", NIGHTS)
def test_a_drive_takes_the_time_of_each_part_of_the_local_day(starts_at: datetime) -> None:
    whole = problem(
        [operative("A", {"PL": 100})],
        [shift(0)],
        [job("J", 1, "PL")],
        travel=road(3, PARTS),
        starts_at=starts_at,
        days=3,
    )
    model, clock = model_of(whole), _Clock(whole)
    rng = np.random.default_rng(1)
    leave, drive = rng.integers(0, 3 * 86_400, 400), rng.integers(0, 9_000, 400)
    ends = clock.arrive(leave, drive)
    for at, seconds, end in zip(leave.tolist(), drive.tolist(), ends.tolist(), strict=True):
        assert arrival(model, seconds, at) == end
        assert _is_last(model, seconds, departure(model, seconds, end), end)


def _is_last(model: Model, seconds: int, leave: int, end: int) -> bool:
    return arrival(model, seconds, leave) <= end < arrival(model, seconds, leave + 1)
