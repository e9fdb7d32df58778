"""A problem that is planned with room for what cannot be known: how long a visit takes, and how the roads are.

Standard minutes are a mean. A visit takes half as long again or half as long as it should, and a first visit, of which
nobody has seen the fault, is known still less: a plan of means is late by the third job of a morning. How much room
is left is a council's setting. It changes no promise: only the plan sees longer jobs, slower roads, and slots that end
earlier.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np

from scheduling.problem import Job, Problem, Window


@dataclass(frozen=True)
class Caution:
    """How much room a plan leaves."""

    spread: float = 0.5  # coefficient of variation of a visit's time
    first_spread: float = 0.8  # of a first visit's
    quantile: float = 0.75  # a plan's duration is enough for this share of the visits
    margin_s: int = 3_600  # a visit begins so long before its slot ends, where the slot is longer than twice that
    travel_percent: int = 115  # how long drives are planned, of what the roads say

    def factor(self, is_first: bool) -> float:
        """Planned by mean duration: never below one."""
        spread = self.first_spread if is_first else self.spread
        sigma = sqrt(log(1 + spread**2))
        return max(1.0, exp(NormalDist().inv_cdf(self.quantile) * sigma - sigma**2 / 2))


def cautious(problem: Problem, first_visits: frozenset[str], caution: Caution) -> Problem:
    """The problem as it is to be planned; ``first_visits`` are the jobs (``job_ref``) that nobody has seen yet."""
    factors = {is_first: caution.factor(is_first) for is_first in (False, True)}
    duration_s = -(-problem.travel.duration_s.astype(np.int64) * caution.travel_percent // 100)
    return replace(
        problem,
        travel=replace(problem.travel, duration_s=duration_s.astype(np.int32)),
        jobs=tuple(_with_room(job, factors[job.job_ref in first_visits], caution.margin_s) for job in problem.jobs),
    )


def _with_room(job: Job, factor: float, margin_s: int) -> Job:
    windows = tuple(
        Window(window.start_s, window.end_s - margin_s) if window.end_s - window.start_s >= 2 * margin_s else window
        for window in job.windows
    )
    return replace(job, duration_s=round(job.duration_s * factor), windows=windows)
