"""Where roads only bend, and where they meet or end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def following(start: Ints, end: Ints, twin: Ints) -> Ints:
    """The one edge that each leads to where the node between them only bends the road; -1 at a junction or an end.

    ``twin`` is the edge that runs the other way on the same piece of road, -1 where there is none.
    """
    nodes = int(max(start.max(), end.max())) + 1
    out, into = (np.bincount(ends, minlength=nodes) for ends in (start, end))
    order = np.argsort(start, kind="stable")
    first = np.cumsum(out) - out
    one, other = (order[np.minimum(first[end] + turn, len(order) - 1)] for turn in (0, 1))
    turns_back = (twin >= 0) & (start[twin] == end)
    both_ways = np.bincount(end, weights=turns_back, minlength=nodes) == 2
    straight = (out[end] == 1) & (into[end] == 1) & (one != twin)
    bends = (out[end] == 2) & (into[end] == 2) & both_ways[end]
    return np.where(straight, one, np.where(bends, np.where(one == twin, other, one), -1))
