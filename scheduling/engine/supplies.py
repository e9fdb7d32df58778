"""Tools and parts as flat arrays: what jobs take, what vans have, what stores hold.

A tool is one piece of its kind, of which a van that has it has enough. The last column stands for kinds that no job of
the problem asks for; a job that comes later may.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scheduling.problem import Job, Problem

Numbers = NDArray[np.int64]
Short = NDArray[np.int32]

ENOUGH = 2**30


def kinds(problem: Problem) -> dict[str, int]:
    """The column of each tool and part that a job asks for."""
    asked = {kind for job in problem.jobs for kind in (*job.tools, *(part.kind for part in job.parts))}
    return {kind: column for column, kind in enumerate(sorted(asked))}


def taken(job: Job, column: dict[str, int]) -> Short:
    """How many pieces of each kind a job takes."""
    row = np.zeros(len(column) + 1, dtype=np.int32)
    for tool in job.tools:
        row[column.get(tool, -1)] += 1
    for part in job.parts:
        row[column.get(part.kind, -1)] += part.count
    return row


def needs(problem: Problem) -> Short:
    """The pieces that each node takes: all of them the first of a job, whose van brings them."""
    column = kinds(problem)
    nothing = np.zeros(len(column) + 1, dtype=np.int32)
    rows = [
        nothing if role or not (job.tools or job.parts) else taken(job, column)
        for job in problem.jobs for role in range(len(job.roles))
    ]  # fmt: skip
    return np.array(rows, dtype=np.int32).reshape(-1, len(column) + 1)


def stock(problem: Problem) -> Numbers:
    """The pieces that each shift's van has at first."""
    column = kinds(problem)
    found = np.zeros((len(problem.shifts), len(column) + 1), dtype=np.int64)
    for row, shift in zip(found, problem.shifts, strict=True):
        for part in shift.stock:
            if part.kind in column:
                row[column[part.kind]] += part.count
        for tool in problem.operatives[shift.operative].tools & column.keys():
            row[column[tool]] = ENOUGH
    return found


def holds(problem: Problem) -> Short:
    """Whether each store has each kind."""
    column = kinds(problem)
    found = np.zeros((len(problem.stores), len(column) + 1), dtype=np.int32)
    for row, store in zip(found, problem.stores, strict=True):
        row[:] = store.kinds is None
        for kind in (store.kinds or frozenset()) & column.keys():
            row[column[kind]] = 1
    return found


def stores(problem: Problem, window: Numbers) -> tuple[Numbers, Numbers]:
    """The windows with those of the stores behind them, and a row for each store (``arrays.STORE_PLACE``)."""
    rows = [[(each.start_s, each.end_s) for each in one.windows] or [(-ENOUGH, ENOUGH)] for one in problem.stores]
    begins = len(window) + np.cumsum([0, *map(len, rows)])
    store = [
        (one.place, one.fetch_s, begin, end)
        for one, begin, end in zip(problem.stores, begins.tolist(), begins[1:].tolist(), strict=False)
    ]
    added = np.array([row for one in rows for row in sorted(one)], dtype=np.int64).reshape(-1, 2)
    return np.concatenate([window, added]), np.array(store, dtype=np.int64).reshape(-1, 4)
