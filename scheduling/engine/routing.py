"""Pure routing: PyVRP's local search proposes, OR-Tools decides over every route it has seen, again and again.

Late acceptance hill climbing (Burke and Bykov, 2017) over PyVRP's perturbation and local search, as PyVRP itself does
it. On the way each feasible route is kept once; at a few marks set partitioning puts the kept ones together anew, and
the search goes on from what comes out where that is better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyvrp import (
    IteratedLocalSearchParams,
    PenaltyManager,
    PenaltyParams,
    ProblemData,
    RandomNumberGenerator,
    Route,
    Solution,
)
from pyvrp.search import OPERATORS, LocalSearch, PerturbationManager, compute_neighbours

from scheduling.engine.decide import Column, choose
from scheduling.engine.stop import Stop

MARKS = (0.1, 0.25, 0.5, 0.75, 0.9)  # shares of the stop at which OR-Tools decides
MOST_KEPT, MOST_STOPS = 6_000, 36_000  # routes kept, and stops of all together: what takes longer pays less
DECIDE_S = 0.8  # of one decision, so that a clock that must be kept is kept


@dataclass(frozen=True)
class Routed:
    """The best solution of a search, and how many iterations it took."""

    solution: Solution
    iterations: int


def search(
    data: ProblemData, stop: Stop, seed: int, warm: Solution | None = None, give_up: float = 1.0
) -> Routed:  # fmt: skip
    """The best solution found until the stop; never a worse one than ``warm``, if that is feasible.

    Without any feasible solution it ends when the share ``give_up`` of the stop is used.
    """
    watch = stop.begin()
    rng = RandomNumberGenerator(seed=seed)
    improve = LocalSearch(data, rng, compute_neighbours(data), PerturbationManager())
    for operator in OPERATORS:
        if operator.supports(data):
            improve.add_operator(operator(data))
    weights = PenaltyParams()
    penalties = PenaltyManager(weights.midpoint_penalties(data), weights)
    first = warm or improve(Solution.make_random(data, rng), penalties.max_cost_evaluator(), exhaustive=True)
    settings = IteratedLocalSearchParams()
    history: list[Solution | None] = [None] * settings.history_length
    pool, marks = Pool(data), list(MARKS)
    best = current = first
    iterations = unimproved = 0
    while (share := watch.share(iterations)) < 1 and (share < give_up or best.is_feasible()):
        iterations += 1
        unimproved += 1
        costs = penalties.cost_evaluator()
        if unimproved > settings.num_iters_no_improvement:
            history = [None] * settings.history_length
            current, unimproved = best, 0
        if marks and share >= marks[0]:
            marks.pop(0)
            candidate = pool.recombined(best, None if stop.cpu_s is None and stop.wall_s is None else DECIDE_S)
            if candidate is best:
                continue
        else:
            candidate = improve(current, costs, exhaustive=False)
            penalties.register(candidate)
        pool.keep(candidate)
        if costs.cost(candidate) < costs.cost(best):
            best, unimproved = candidate, 0
            candidate = improve(best, costs, exhaustive=True)
            if costs.cost(candidate) < costs.cost(best):
                best = candidate
                pool.keep(best)
        place = iterations % settings.history_length
        late = history[place]
        bar = costs.penalised_cost(first if late is None else late)
        if costs.penalised_cost(candidate) < max(bar, costs.penalised_cost(current)):
            current = candidate
        if late is None or costs.penalised_cost(current) < bar:
            history[place] = current
    return Routed(best, iterations)


class Pool:
    """Feasible routes that were seen: the cheapest of each type of vehicle and set of clients."""

    def __init__(self, data: ProblemData) -> None:
        self._data = data
        self._routes: list[Route] = []
        self._at: dict[tuple[int, frozenset[int]], int] = {}  # their positions, in the same order
        self._seen: set[tuple[int, ...]] = set()
        # the copies of a client that are a group, of which one is visited, are one row
        groups = {client: group for group, one in enumerate(data.groups()) for client in one.clients}
        names = [("group", groups[at]) if at in groups else ("client", at) for at in range(data.num_clients)]
        rows = {name: row for row, name in enumerate(dict.fromkeys(names))}
        self._row_of = [rows[name] for name in names]
        self._left_out: list[int | None] = [None] * len(rows)
        for at, client in enumerate(data.clients()):
            group = None if client.group is None else data.group(client.group)
            if not (client.required if group is None else group.required):
                self._left_out[self._row_of[at]] = client.prize

    def keep(self, solution: Solution) -> None:
        """Keeps the routes of a solution that are feasible by themselves; a known one is told by its figures."""
        for route in solution.routes():
            figures = (route.vehicle_type(), route.distance(), route.duration(), route.slack(), route.start_time())
            if figures not in self._seen:
                self._seen.add(figures)
                if route.is_feasible():
                    self._keep(route)

    def _keep(self, route: Route) -> int:
        """The position of a route, or of the cheaper one with its clients that was known before."""
        key = (route.vehicle_type(), frozenset(clients_of(route)))
        position = self._at.setdefault(key, len(self._routes))
        if position == len(self._routes):
            self._routes.append(route)
        elif cost_of(route) < cost_of(self._routes[position]):
            self._routes[position] = route
        return position

    def recombined(self, best: Solution, limit_s: float | None) -> Solution:
        """The kept routes that together cost least, or ``best``; of too many routes the oldest are forgotten."""
        stops = np.cumsum([route.num_clients() for route in reversed(self._routes)])
        most = min(MOST_KEPT, int(np.searchsorted(stops, MOST_STOPS)))
        if len(self._routes) > most:
            newer = self._routes[len(self._routes) - most :]
            self._routes, self._at, self._seen = [], {}, set()
            for route in newer:
                self._keep(route)
        begun = [self._keep(route) for route in best.routes()] if best.is_feasible() else []
        columns = [
            Column(vehicle, tuple(sorted({self._row_of[client] for client in clients})), cost_of(route))
            for (vehicle, clients), route in zip(self._at, self._routes, strict=True)
        ]
        supply = [vehicle.num_available for vehicle in self._data.vehicle_types()]
        chosen = choose(columns, supply, self._left_out, begun, limit_s=limit_s)
        found = Solution(self._data, [self._routes[at] for at in chosen]) if chosen else best
        return best if found == best else found


def cost_of(route: Route) -> int:
    """What a route costs by itself."""
    return route.distance_cost() + route.duration_cost() + route.fixed_vehicle_cost()


def clients_of(route: Route) -> list[int]:
    """The clients that a route visits, in order."""
    return [stop.idx for stop in route if stop.is_client()]
