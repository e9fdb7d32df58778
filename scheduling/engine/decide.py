"""OR-Tools decides: which of all the routes that were ever seen make the best plan together.

Set partitioning. A linear relaxation of the whole pool prices every route; SCIP then chooses among the most promising
ones. Its work is bounded by nodes, not by a clock, so that the same pool gives the same choice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations
from math import inf

import numpy as np
from ortools.math_opt.python import mathopt

from scheduling.engine.stops import DAY_S, Stop
from scheduling.plan import Visit
from scheduling.problem import Problem

MOST_COLUMNS = 1_200  # for SCIP: about half a second on one core
MOST_NODES = 100


@dataclass(frozen=True)
class Column:
    """A route: one of which kind of shift it takes, which rows it serves, and what it costs."""

    kind: int
    rows: tuple[int, ...]
    cost: int


@dataclass(frozen=True)
class Link:
    """A rule between columns: the weights of the chosen ones add up to at least and at most so much."""

    weights: Mapping[int, int]
    least: float = -inf
    most: float = inf


@dataclass(frozen=True)
class SeenRoute:
    """The visits of one shift in some plan, that keeps every rule within the shift."""

    shift: int
    visits: tuple[Visit, ...]
    worked_s: int  # from leaving to being back, breaks left out
    cost: int


def decide(
    problem: Problem, seen: Sequence[SeenRoute], best: Sequence[int], limit_s: float | None = None
) -> tuple[int, ...]:  # fmt: skip
    """The positions of the routes that together cost least, crews, follow-ons, keys and weeks respected.

    ``best`` are the positions of the best plan known; its cost is never exceeded. ``limit_s`` bounds SCIP by the clock.
    """
    stops = [(job, role) for job, one in enumerate(problem.jobs) for role in range(len(one.roles))]
    row_of = {stop: row for row, stop in enumerate(stops)}
    shifts = sorted({route.shift for route in seen})
    kind_of = {shift: kind for kind, shift in enumerate(shifts)}
    columns = [
        Column(kind_of[route.shift], tuple(row_of[visit.job, visit.role] for visit in route.visits), route.cost)
        for route in seen
    ]
    pinned = {pin.job for pin in problem.pins}
    firm = {visit.job for at in best for visit in seen[at].visits
            if visit.job in pinned or problem.jobs[visit.job].is_confirmed}  # fmt: skip
    left_out = [
        None if job in firm else 0 if role else problem.costs.left_out[problem.jobs[job].priority]
        for job, role in stops
    ]
    return choose(columns, [1] * len(shifts), left_out, best, tuple(links(problem, seen)), limit_s)


def choose(
    columns: Sequence[Column],
    supply: Sequence[int],
    left_out: Sequence[int | None],
    best: Sequence[int],
    links: Sequence[Link] = (),
    limit_s: float | None = None,
) -> tuple[int, ...]:
    """The columns that serve each row once at the least cost, ``best`` if none are found that cost less.

    Of each kind no more are chosen than its supply. A row may stay without a column at the cost of ``left_out``, or
    must not (None). ``limit_s`` bounds SCIP by the clock too.
    """
    whole = range(len(columns))
    relaxed, priced = partition(columns, whole, supply, left_out, links, is_whole=False)
    bound = mathopt.solve(relaxed, mathopt.SolverType.GLOP)
    if not bound.has_dual_feasible_solution() or not bound.has_primal_feasible_solution():
        return tuple(best)
    reduced = bound.reduced_costs()
    price = np.array([reduced[priced[at]] for at in whole])
    at_most = cost_of(columns, left_out, best) - bound.objective_value()
    cheap = [int(at) for at in np.argsort(price, kind="stable")[:MOST_COLUMNS] if price[at] < at_most]
    kept = sorted({*cheap, *best})
    model, chosen = partition(columns, kept, supply, left_out, links, is_whole=True)
    hint = mathopt.SolutionHint(variable_values={chosen[at]: float(at in set(best)) for at in kept})
    found = mathopt.solve(
        model,
        mathopt.SolverType.GSCIP,
        params=mathopt.SolveParameters(
            node_limit=MOST_NODES, threads=1, time_limit=None if limit_s is None else timedelta(seconds=limit_s)
        ),
        model_params=mathopt.ModelSolveParameters(solution_hints=[hint]),
    )
    if not found.has_primal_feasible_solution():
        return tuple(best)
    values = found.variable_values()
    result = tuple(at for at in kept if values[chosen[at]] > 0.5)
    return result if cost_of(columns, left_out, result) < cost_of(columns, left_out, best) else tuple(best)


def partition(
    columns: Sequence[Column],
    kept: Iterable[int],
    supply: Sequence[int],
    left_out: Sequence[int | None],
    links: Sequence[Link],
    is_whole: bool,
) -> tuple[mathopt.Model, dict[int, mathopt.Variable]]:
    """The model over the kept columns, whole or relaxed, and the variable of each."""
    model = mathopt.Model()
    served = [model.add_linear_constraint(lb=1, ub=1) for _ in left_out]
    taken = [model.add_linear_constraint(lb=0, ub=number) for number in supply]
    variables: dict[int, mathopt.Variable] = {}
    for at in kept:
        variables[at] = variable = model.add_variable(lb=0, ub=1 if is_whole else inf, is_integer=is_whole)
        model.objective.set_linear_coefficient(variable, columns[at].cost)
        taken[columns[at].kind].set_coefficient(variable, 1)
        for row in columns[at].rows:
            served[row].set_coefficient(variable, 1)
    for row, cost in enumerate(left_out):
        if cost is not None:
            absent = model.add_variable(lb=0, ub=1)
            model.objective.set_linear_coefficient(absent, cost)
            served[row].set_coefficient(absent, 1)
    for link in links:
        rule = model.add_linear_constraint(lb=link.least, ub=link.most)
        for at, weight in link.weights.items():
            if at in variables:
                rule.set_coefficient(variables[at], weight)
    return model, variables


def cost_of(columns: Sequence[Column], left_out: Sequence[int | None], chosen: Sequence[int]) -> float:
    """What chosen columns cost with the rows that they leave out; infinite if a row that must be served is not."""
    served = {row for at in chosen for row in columns[at].rows}
    missing = [cost for row, cost in enumerate(left_out) if row not in served]
    total = sum(columns[at].cost for at in chosen)
    return inf if None in missing else total + sum(cost for cost in missing if cost is not None)


def links(problem: Problem, seen: Sequence[SeenRoute]) -> Iterator[Link]:
    """What binds routes to one another: crews, follow-ons, keys and weeks."""
    serving: dict[Stop, dict[int, Visit]] = defaultdict(dict)
    for at, route in enumerate(seen):
        for visit in route.visits:
            serving[visit.job, visit.role][at] = visit
    for job, one in enumerate(problem.jobs):
        for role in range(1, len(one.roles)):
            yield from together(serving[job, 0], serving[job, role])
        for follow in one.follows:
            yield from after(serving[job, 0], serving[follow.job, 0], follow.gap_s)
    yield from key_links(problem, seen, serving)
    yield from week_links(problem, seen)


def key_links(
    problem: Problem, seen: Sequence[SeenRoute], serving: Mapping[Stop, Mapping[int, Visit]]
) -> Iterator[Link]:
    """The jobs of a key are done by one operative on a day: of two operatives' routes with them only one is taken."""
    jobs_of: dict[str, list[int]] = defaultdict(list)
    for job, one in enumerate(problem.jobs):
        if one.key_ref is not None and (job, 0) in serving:
            jobs_of[one.key_ref].append(job)
    where = [(problem.shifts[route.shift].operative, problem.shifts[route.shift].day) for route in seen]
    for jobs in jobs_of.values():
        for first, second in permutations(jobs, 2):
            for who, day in sorted({where[at] for at in serving[first, 0]}):
                mine = [at for at in serving[first, 0] if where[at] == (who, day)]
                theirs = [at for at in serving[second, 0] if where[at][0] != who and where[at][1] == day]
                if theirs:
                    yield Link(dict.fromkeys([*mine, *theirs], 1), most=1)


def week_links(problem: Problem, seen: Sequence[SeenRoute]) -> Iterator[Link]:
    """Nobody works longer in an ISO week than their limit."""
    worked: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for at, route in enumerate(seen):
        shift = problem.shifts[route.shift]
        week = problem.instant(shift.day * DAY_S + DAY_S // 2).isocalendar().week
        worked[shift.operative, week][at] = route.worked_s
    for (operative, _), seconds in sorted(worked.items()):
        limit = problem.operatives[operative].weekly_limit_s
        if limit is not None:
            yield Link(seconds, most=limit)


def together(first: Mapping[int, Visit], other: Mapping[int, Visit]) -> Iterator[Link]:
    """Two members of a crew begin at the same second, or neither comes."""
    for start in sorted({visit.start_s for visit in (*first.values(), *other.values())}):
        weights = {at: 1 for at, visit in first.items() if visit.start_s == start}
        weights |= {at: weights.get(at, 0) - 1 for at, visit in other.items() if visit.start_s == start}
        yield Link(weights, 0, 0)


def after(later: Mapping[int, Visit], earlier: Mapping[int, Visit], gap_s: int) -> Iterator[Link]:
    """A follow-on comes only with the job before it, and no sooner than the gap after that."""
    if not later:
        return
    comes = dict.fromkeys(earlier, -1)
    yield Link({**comes, **{at: 1 + comes.get(at, 0) for at in later}}, most=0)
    far = gap_s + max((visit.end_s for visit in earlier.values()), default=0)
    ends = {at: -visit.end_s for at, visit in earlier.items()}
    weights = {at: visit.start_s - far + ends.get(at, 0) for at, visit in later.items()}
    yield Link({**ends, **weights}, least=gap_s - far)
