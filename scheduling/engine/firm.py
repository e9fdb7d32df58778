"""What was promised or pinned is planned first: no other job takes its place.

What such a job follows on comes with it, early enough. The search that comes later gives none of them up, because
leaving one out costs more than all else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scheduling.engine.arrays import (
    CLOSE,
    DAY,
    DEPTH,
    FAR,
    FIRM,
    FIRST_NODE,
    LEFT_OUT,
    ON_DAY,
    OPERATIVE,
    ROLES,
    WINDOW,
    WINDOWS_END,
    Model,
    Numbers,
)
from scheduling.engine.changes import begin_change, best_of, drop, return_to_best, settle
from scheduling.engine.search import construct, run
from scheduling.engine.state import END_BY, SHIFT, State

Chosen = NDArray[np.bool_]

ROUNDS, BATCH = 10, 200  # of a search among these jobs alone, where the first places do not do for all


def plan_firm(model: Model, state: State, order: Numbers) -> None:
    """Put in what is firm and not planned, with what it follows on, in an order of jobs.

    Where one has no place, what is not firm leaves the shifts that may do it.
    """
    firm, ends_by = firm_jobs(model)
    if not len(model.shift) or not is_left(model, state, firm).any():
        return
    absent = is_left(model, state, firm)
    state.bound[absent, END_BY] = np.minimum(state.bound[absent, END_BY], ends_by[absent])
    mine = order[firm[order]]
    construct(model, state, mine)
    if is_left(model, state, firm).any():
        make_room(model, state, firm)
        construct(model, state, mine)
    best = best_of(model, state, firm)
    for _ in range(ROUNDS):
        if not is_left(model, state, firm).any():
            break
        run(model, state, best, BATCH, 0)
        return_to_best(model, state, best)
    left = is_left(model, state, firm)
    state.bound[left, END_BY] = FAR


def is_left(model: Model, state: State, jobs: Chosen) -> Chosen:
    """Which of the jobs have no visit."""
    left: Chosen = jobs & (state.at[model.job[:, FIRST_NODE], SHIFT] < 0)
    return left


def firm_jobs(model: Model) -> tuple[Chosen, Numbers]:
    """The jobs that are firm or come before one that is, and by when each must end for those that follow."""
    firm = model.job[:, LEFT_OUT] >= FIRM
    ends_by = np.full(len(firm), FAR, dtype=np.int64)
    for job in sorted(range(len(firm)), key=lambda each: -model.job[each, DEPTH]):
        rows = range(model.before_from[job], model.before_from[job + 1])
        if not firm[job] or not rows:
            continue
        begins_by = min(last_start(model, job), ends_by[job] - shortest(model, job))
        for row in rows:
            before, gap = model.before[row].tolist()
            firm[before] = True
            ends_by[before] = min(ends_by[before], begins_by - gap)
    return firm, ends_by


def last_start(model: Model, job: int) -> int:
    """When a job can begin at the latest: by its windows, and by the day that it was pinned to."""
    node = model.node[model.job[job, FIRST_NODE]]
    windows = model.window[node[WINDOW] : node[WINDOWS_END], 1]
    on = model.shift[:, CLOSE] if node[DAY] < 0 else model.shift[model.shift[:, ON_DAY] == node[DAY], CLOSE]
    return int(min(windows.max(initial=0), on.max(initial=0)))


def shortest(model: Model, job: int) -> int:
    """Seconds that a job takes at least."""
    service = model.service[model.job[job, FIRST_NODE]]
    return int(service[service > 0].min(initial=FAR)) if (service > 0).any() else 0


def make_room(model: Model, state: State, firm: Chosen) -> None:
    """Take what is not firm out of the shifts that may do a firm job without a visit."""
    first = model.job[:, FIRST_NODE]
    asked = np.zeros(len(model.shift), dtype=bool)
    for job in np.flatnonzero(is_left(model, state, firm)):
        for node in range(first[job], first[job] + model.job[job, ROLES]):
            day = model.node[node, DAY]
            asked |= (model.service[node, model.shift[:, OPERATIVE]] > 0) & (
                (day < 0) | (model.shift[:, ON_DAY] == day)
            )
    begin_change(state)
    best = best_of(model, state)
    best.changes[2] = 0
    nodes = state.route[asked]
    for job in np.unique(np.searchsorted(first, nodes[nodes >= 0], side="right") - 1):
        if not firm[job]:
            drop(model, state, best, job)
    settle(model, state, best)
