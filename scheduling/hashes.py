"""What names a problem: the hash of all that a plan of it depends on."""

from __future__ import annotations

import hashlib

import numpy as np
import orjson

from scheduling.problem import Problem


def problem_hash(problem: Problem) -> str:
    """A short hash of everything that a plan depends on."""
    travel = problem.travel
    digest = hashlib.sha256()
    for part in (
        problem.starts_at.isoformat(), problem.days, problem.places, problem.operatives, problem.shifts, problem.jobs,
        problem.pins, problem.blocks, problem.stores, problem.costs, travel.day_parts,
    ):  # fmt: skip
        digest.update(orjson.dumps(part, default=sorted, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS))
    digest.update(np.ascontiguousarray(travel.distance_m).tobytes())
    digest.update(np.ascontiguousarray(travel.duration_s).tobytes())
    return digest.hexdigest()[:16]
