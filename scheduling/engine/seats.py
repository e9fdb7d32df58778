"""What every shift has for one job: its best place there, or what keeps it out."""

# mypy: disable-error-code="assignment, arg-type, return-value, no-any-return"
# to the compiler a number is a number: ints and numpy's are one
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduling.engine.arrays import (
    FAR,
    FIRST_NODE,
    MAX_LEG,
    NEVER,
    PLACE,
    SECONDS,
    START_PLACE,
    UNIT,
    Model,
    Numbers,
)
from scheduling.engine.compiled import compiled
from scheduling.engine.insertion import may_follow
from scheduling.engine.state import State, is_free, keep_job
from scheduling.engine.weighing import may_take, metres_more, weigh

# columns of what a scan finds
COST, BEGINS, METRES_MORE, POSITION_IN, HAS_PLACE, IS_FREE, IS_NEAR, AFTER = range(8)
SEAT_COLUMNS = 8


class Seats(NamedTuple):
    """By shift the best place of a job; ``low_s`` is when it may begin at the earliest, by what comes before it."""

    low_s: int
    found: Numbers  # (shifts, SEAT_COLUMNS)

    @property
    def has_place(self) -> Numbers:
        """Whether a shift has a place for it."""
        return self.found[:, HAS_PLACE]

    @property
    def cost(self) -> Numbers:
        """Metres, as the problem's costs weigh it, that the best place of each shift adds."""
        return self.found[:, COST] // UNIT


@compiled
def scan_seats(model: Model, state: State, job: int, found: Numbers) -> None:
    """Find the best place in each shift for a job of one person that is not planned.

    Noted is too whether van and keys are free for it, and whether the way there from some stop is short enough.
    """
    node = model.job[job, FIRST_NODE]
    place = model.node[node, PLACE]
    keep_job(state, job)
    follows = may_follow(model, state, job)
    for s in range(len(model.shift)):
        found[s, AFTER] = follows
        found[s, IS_FREE] = is_free(model, state, s, node)
        can = follows and may_take(model, state, node, s)
        best = np.int64(NEVER)
        for p in range(state.size[s] + 1):
            here = model.shift[s, START_PLACE] if p == 0 else model.node[state.route[s, p - 1], PLACE]
            if here == place or model.into[place, here, SECONDS] <= model.shift[s, MAX_LEG]:
                found[s, IS_NEAR] = 1
            if not can:
                continue
            cost, start = weigh(model, state, node, s, p, best)
            if cost < best and start < FAR:
                best = cost
                found[s, COST], found[s, BEGINS], found[s, POSITION_IN], found[s, HAS_PLACE] = cost, start, p, 1
                found[s, METRES_MORE] = metres_more(model, state, node, s, p)
