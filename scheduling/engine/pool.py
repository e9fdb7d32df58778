"""The routes that a search has seen: OR-Tools puts them together anew, and the search goes on from what comes out."""

from __future__ import annotations

import numpy as np

from scheduling.engine.arrays import FIRST_NODE, UNIT, Model, Numbers
from scheduling.engine.decide import SeenRoute, decide
from scheduling.engine.outcome import stops_in
from scheduling.engine.state import COST, WORKED, State
from scheduling.plan import Visit
from scheduling.problem import Problem

MOST_KEPT = 4_000
DECIDE_S = 1.0  # of one decision, so that a clock that must be kept is kept

Key = tuple[int, bytes, int]


class Pool:
    """Routes by shift, stops and cost; of too many those not seen for longest are forgotten."""

    def __init__(self, problem: Problem, model: Model) -> None:
        self._problem, self._model = problem, model
        self._routes: dict[Key, SeenRoute] = {}

    def keep(self, state: State, shifts: Numbers) -> list[Key]:
        """Keeps the routes of those shifts, and tells by which keys."""
        size, cost, worked = state.size[shifts], state.tally[shifts, COST], state.tally[shifts, WORKED]
        told = zip(shifts.tolist(), size.tolist(), cost.tolist(), worked.tolist(), strict=True)
        keys = {(s, state.route[s, :n].tobytes(), paid): seconds for s, n, paid, seconds in told if n}
        new = {key: seconds for key, seconds in keys.items() if key not in self._routes}
        visits: dict[int, list[Visit]] = {key[0]: [] for key in new}
        for visit in stops_in(self._problem, self._model, state, visits)[0]:
            visits[visit.shift].append(visit)
        for key, seconds in new.items():
            self._routes[key] = SeenRoute(key[0], tuple(visits[key[0]]), seconds, -(-key[2] // UNIT))
        for key in keys:  # now the last to be forgotten
            self._routes[key] = self._routes.pop(key)
        for key in list(self._routes)[: max(0, len(self._routes) - MOST_KEPT)]:
            del self._routes[key]
        return list(keys)

    def decided(self, best: State, is_timed: bool) -> Numbers | None:
        """The visits of the kept routes that OR-Tools prefers to those of the best plan; None if it prefers none.

        A row is: node, shift, start, seconds.
        """
        keys = self.keep(best, np.flatnonzero(best.size))
        position = {key: number for number, key in enumerate(self._routes)}
        seen = list(self._routes.values())
        begun = [position[key] for key in keys]
        chosen = decide(self._problem, seen, begun, DECIDE_S if is_timed else None)
        if set(chosen) == set(begun):
            return None
        rows = [
            (self._model.job[visit.job, FIRST_NODE] + visit.role, visit.shift, visit.start_s,
             visit.end_s - visit.start_s)
            for number in sorted(chosen, key=lambda each: seen[each].shift) for visit in seen[number].visits
        ]  # fmt: skip
        return np.array(rows, dtype=np.int64).reshape(-1, 4)
