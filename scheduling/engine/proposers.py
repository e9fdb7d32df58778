"""Routes that PyVRP proposes for a problem of which it can be told everything (``is_plain``)."""

from __future__ import annotations

from scheduling.engine.model import expressed
from scheduling.engine.routing import search
from scheduling.engine.stop import Stop
from scheduling.engine.stops import Routes, Stops, stops_of
from scheduling.problem import Problem

GIVE_UP = 0.6  # the share of the stop in which a plan that serves all must be found


def route(problem: Problem, stop: Stop, seed: int, warm: Routes | None = None) -> tuple[Routes, int]:
    """The routes of a whole problem that ``is_plain``, and the iterations they took.

    They leave a job out only if no plan was found that does not.
    """
    asked = stops_of(problem)
    whole, tried = routed(problem, asked, stop, seed, warm, must_serve_all=True)
    if whole or not asked.stops or not asked.shifts:
        return whole, tried
    found, iterations = routed(problem, asked, stop.without(GIVE_UP), seed, warm, must_serve_all=False)
    return found, tried + iterations


def routed(
    problem: Problem, asked: Stops, stop: Stop, seed: int, warm: Routes | None, *, must_serve_all: bool
) -> tuple[Routes, int]:  # fmt: skip
    """The best routes of the stops, and the iterations they took; no routes without a feasible solution."""
    if not asked.stops or not asked.shifts:
        return {}, 0
    model = expressed(problem, asked, must_serve_all)
    if model is None:
        return {}, 0
    begin = None if warm is None else model.solution(warm)
    found = search(model.data, stop, seed, begin, GIVE_UP if must_serve_all else 1.0)
    return (model.routes(found.solution) if found.solution.is_feasible() else {}), found.iterations
