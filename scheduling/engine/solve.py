"""A plan of a problem: built, searched for better ones, and told with what is left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scheduling.checker import check
from scheduling.engine.arrays import (
    DEPTH,
    FIRST_NODE,
    LEFT_OUT,
    METRES,
    ROLES,
    SECONDS,
    UNIT,
    WORK_PRICE,
    Model,
    Numbers,
    model_of,
)
from scheduling.engine.changes import best_of, load, return_to_best
from scheduling.engine.firm import plan_firm
from scheduling.engine.model import is_plain
from scheduling.engine.outcome import absent_in, cost_of, plan_of
from scheduling.engine.pool import Pool
from scheduling.engine.proposers import route
from scheduling.engine.search import construct, run
from scheduling.engine.state import State, empty_state
from scheduling.engine.stop import Stop, Watch
from scheduling.engine.stops import Routes
from scheduling.engine.timetable import refresh_all
from scheduling.plan import Plan
from scheduling.problem import Problem

BATCH = 200  # iterations between two looks at the clock
HOT, COLD = 0.4, 0.002  # of the mean leg: how much dearer a change may be, first and last
HOT_TIME, COLD_TIME = 1.0, 0.05  # the same where working time counts: waiting moves costs by more than ways do

MARKS = (0.85, 0.95)  # shares of the stop at which OR-Tools decides: earlier it would hinder the search
LOOKS = tuple(np.linspace(0.4, 0.95, 400).tolist())  # those at which routes are kept
MOST_SHIFTS = 600  # of more, those kept would be few of each


def solve(problem: Problem, stop: Stop, seed: int, warm: Plan | None = None, before: Plan | None = None) -> Plan:
    """The best plan found; never one that is worse (``rank``) than ``warm``, or than what of it keeps the rules.

    ``warm`` is where the search begins; ``before`` is a plan that people know, which visits should not leave without
    need. The same problem, plans, seed and iterations give the same bytes.
    """
    watch = stop.begin()
    model = model_of(problem, None if before is None else before_of(problem, before))
    state = begun(problem, model, seed, warm)
    plan_firm(model, state, order_of(model, state))
    construct(model, state, order_of(model, state))
    if before is None and is_plain(problem):
        first = plan_of(problem, model, state, seed, 0)
        plan = plain(problem, model, stop.without(watch.share(0)), seed, warm)
        plan = min(first, plan, key=lambda each: rank(problem, [left.job for left in each.left_out], each.cost))
    else:
        state, iterations = search(problem, model, state, watch)
        plan = plan_of(problem, model, state, seed, iterations)
    return plan if warm is None else not_worse(problem, model, plan, warm)


def not_worse(problem: Problem, model: Model, plan: Plan, warm: Plan) -> Plan:
    """The plan, or the one it began with if that is better: a search that also weighs what moved may pay for that.

    A plan of another problem counts as far as it keeps the rules of this one.
    """
    bar = rank(problem, [left.job for left in plan.left_out], plan.cost)
    if warm.problem_hash == plan.problem_hash:
        is_better = rank(problem, [left.job for left in warm.left_out], warm.cost) < bar
        if not is_better or check(problem, warm):
            return plan
        return replace(warm, seed=plan.seed, iterations=plan.iterations)
    state = begun(problem, model, plan.seed, warm)
    if rank(problem, absent_in(model, state), cost_of(problem, model, state)) >= bar:
        return plan
    return plan_of(problem, model, state, plan.seed, plan.iterations)


def rank(problem: Problem, left_out: Sequence[int], cost: int) -> tuple[int, int, int]:
    """How bad a plan is: promises and pins among the jobs that it leaves out, then all of those, then its cost."""
    pinned = {pin.job for pin in problem.pins}
    firm = sum(problem.jobs[job].is_confirmed or job in pinned for job in left_out)
    return firm, sum(problem.costs.left_out[problem.jobs[job].priority] for job in left_out), cost


def plain(problem: Problem, model: Model, stop: Stop, seed: int, warm: Plan | None) -> Plan:
    """The plan of the routes that PyVRP proposes and OR-Tools decides upon, for a problem that they know all of."""
    begin: Routes = {}
    for visit in sorted(warm.visits if warm else (), key=lambda visit: (visit.shift, visit.start_s, visit.end_s)):
        begin[visit.shift] = (*begin.get(visit.shift, ()), (visit.job, visit.role))
    routes, iterations = route(problem, stop, seed, begin or None)
    state = driven(model, routes, seed)
    construct(model, state, order_of(model, state))
    return plan_of(problem, model, state, seed, iterations)


def plan_by(problem: Problem, routes: Routes) -> Plan:
    """The plan of routes without crews or follow-ons, timed; without those that cannot be driven."""
    model = model_of(problem)
    return plan_of(problem, model, driven(model, routes, 0), 0, 0)


def driven(model: Model, routes: Routes, seed: int) -> State:
    """The state in which the routes are driven, each as soon as it can."""
    state = empty_state(model, seed)
    refresh_all(model, state)
    rows = [(model.job[job, FIRST_NODE] + role, shift, 0, 0) for shift in sorted(routes) for job, role in routes[shift]]
    load(model, state, best_of(model, state), np.array(rows, dtype=np.int64).reshape(-1, 4))
    return state


def begun(problem: Problem, model: Model, seed: int, warm: Plan | None) -> State:
    """The state of a plan, without the visits that no longer keep a rule."""
    state = empty_state(model, seed)
    refresh_all(model, state)
    if warm is not None and warm.visits:
        best = best_of(model, state)
        visits = sorted(warm.visits, key=lambda visit: (visit.shift, visit.start_s, visit.end_s))
        rows = np.array(
            [(model.job[visit.job, FIRST_NODE] + visit.role, visit.shift, visit.start_s, visit.end_s - visit.start_s)
             for visit in visits], dtype=np.int64,
        )  # fmt: skip
        load(model, state, best, rows)
    return state


def before_of(problem: Problem, before: Plan) -> Numbers:
    """The operative and the day that each node had in an earlier plan; -1 without one."""
    first = np.concatenate([[0], np.cumsum([len(job.roles) for job in problem.jobs])]).astype(np.int64)
    rows = np.full((int(first[-1]), 2), -1, dtype=np.int64)
    for visit in before.visits:
        shift = problem.shifts[visit.shift]
        rows[first[visit.job] + visit.role] = shift.operative, shift.day
    return rows


def order_of(model: Model, state: State) -> Numbers:
    """The jobs without a visit in the order in which they are put in: dear to leave out, few operatives, long."""
    absent = np.flatnonzero(state.at[model.job[:, FIRST_NODE], 0] < 0)
    node = model.job[absent, FIRST_NODE]
    service = model.service[node]
    able = (service > 0).sum(axis=1)
    order = np.lexsort((-service.max(axis=1, initial=0), able, -model.job[absent, ROLES], -model.job[absent, LEFT_OUT],
                        model.job[absent, DEPTH]))  # fmt: skip
    return absent[order].astype(np.int64)


def search(problem: Problem, model: Model, state: State, watch: Watch) -> tuple[State, int]:
    """The best plan seen until the stop, and the iterations that were made.

    From two fifths of the way on routes are kept now and then; at two late marks OR-Tools decides over all of them.
    """
    best = best_of(model, state)
    if len(model.node) < 2 or not len(model.shift):
        return state, 0
    visits = max(1, int(state.size.sum()))
    leg = max(UNIT, int(state.cost[0]) // visits)
    metres, seconds = model.out[:, :, METRES].sum(dtype=np.int64), model.out[:, :, SECONDS].sum(dtype=np.int64)
    metre = UNIT + int(model.price[WORK_PRICE] * seconds // max(1, metres))  # what one costs, with its time
    distance = int(state.leg.sum()) * metre // visits
    leg = max(UNIT, min(leg, distance))
    hot, cold = (HOT_TIME, COLD_TIME) if model.price[WORK_PRICE] else (HOT, COLD)
    pool = Pool(problem, model)
    marks, looks = ([*MARKS], [*LOOKS]) if len(model.shift) <= MOST_SHIFTS else ([], [])
    done = 0
    while (share := watch.share(done)) < 1.0:
        heat = int(leg * hot * (cold / hot) ** share)
        batch = BATCH if watch.stop.iterations is None else min(BATCH, watch.stop.iterations - done)
        run(model, state, best, batch, heat)
        done += batch
        if looks and share >= looks[0]:
            looks = [look for look in looks if look > share]
            pool.keep(state, np.sort(best.changed[: best.changes[0]]))
        if marks and share >= marks[0]:
            marks = [mark for mark in marks if mark > share]
            return_to_best(model, state, best)
            state = decided(model, state, pool, watch.stop.iterations is None)
            best = best_of(model, state)
    return_to_best(model, state, best)
    return state, done


def decided(model: Model, best: State, pool: Pool, is_timed: bool) -> State:
    """The plan that OR-Tools makes of the routes seen, or the best one where that is not better by the engine's sums.

    A route that was driven at other times, beside other routes, may not fit beside these.
    """
    rows = pool.decided(best, is_timed)
    if rows is None:
        return best
    state = empty_state(model, 0)
    refresh_all(model, state)
    load(model, state, best_of(model, state), rows)
    state.random[:] = best.random
    construct(model, state, order_of(model, state))
    return state if best_of(model, state).cost[0] < best_of(model, best).cost[0] else best
