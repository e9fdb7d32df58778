"""Whether a plan keeps every rule, found from problem and plan alone: nothing of the engine is asked.

This is the reference of what the rules mean, where ``scheduling/problem.py`` leaves it open:

- A drive leaves as soon as it can: the first of a shift at ``start_s``, the others when the visit before has ended and
  the rests taken before the drive are over. Only where hours are free (``longest_s``) the first drive leaves as late as
  it may to be there at the stated ``arrive_s``, and the hours begin then, or with a rest before.
- A drive arrives in the first whole second by which the way driven is the way's duration on empty roads: a second in a
  part of the day of ``percent`` drives 100 / percent seconds of it. A visit's ``arrive_s`` may be later than that,
  never earlier. Parts of the day go by the wall clock, on days of 23 and 25 hours too; before the first part of a day
  the last one still holds.
- A rest that begins when its operative has arrived is taken there, and is over before the visit begins; any other is
  taken before the drive. One that is left out is no fault if the operative is back by its ``latest_s``, or if its time
  was over before the shift began.
- A working week is Monday to Sunday; a shift counts from its beginning to being back, without its rests. The day of a
  shift, not of the hour, is the day of a key, pin and block. A shift without visits counts nothing.
- A crew is one visit for each role, by different operatives, with one start and one end; the van of the first role
  carries the job's load, tools and parts. Of the jobs of one key on one day, one operative is at every one.
- A job's tools are in the van of its operative, and its parts are left of the van's stock after the jobs before it; or
  the van has called before, once in the shift, at a store that has what is short. A call takes the store's time, begins
  in its hours, and is driven to as a visit is.
- The cost is the metres driven, and by ``Costs``: time driven, time worked and time after ``end_s``, to the second and
  together rounded down to a metre; visits outside the areas of an operative who has some; days begun after ``due_s``
  by job; and jobs left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from scheduling.plan import Fetch, Plan, Visit
from scheduling.problem import Job, Priority, Problem, Store, service_s
from scheduling.rules import Rule
from scheduling.walk import LATER, Walk


@dataclass(frozen=True)
class Breach:
    """One rule that a plan breaks, and where."""

    rule: Rule
    message: str
    job_ref: str | None = None
    operative_ref: str | None = None
    day: int | None = None  # of the problem


def check(problem: Problem, plan: Plan) -> tuple[Breach, ...]:
    """Every breach of every rule, by rule; none says that the plan may be published."""
    if unknown := tuple(_unknown(problem, plan)):
        return unknown
    walk = Walk(problem, plan)
    return tuple(breach for rule in _RULES for breach in rule(walk))


def _unknown(problem: Problem, plan: Plan) -> Iterator[Breach]:
    jobs, shifts = len(problem.jobs), len(problem.shifts)
    for visit in plan.visits:
        if not (0 <= visit.job < jobs and 0 <= visit.shift < shifts and 0 <= visit.role < _roles(problem, visit.job)):
            yield Breach(
                Rule.ONCE, f"A visit names job {visit.job}, role {visit.role}, shift {visit.shift}: not there."
            )
    for rest in plan.rests:
        if not (0 <= rest.shift < shifts and 0 <= rest.number < len(problem.shifts[rest.shift].breaks)):
            yield Breach(Rule.BREAK, f"A rest names break {rest.number} of shift {rest.shift}: not there.")
    for fetch in plan.fetches:
        if not (0 <= fetch.store < len(problem.stores) and 0 <= fetch.shift < shifts):
            yield Breach(Rule.STOCK, f"A call names store {fetch.store}, shift {fetch.shift}: not there.")
    for left in plan.left_out:
        if not 0 <= left.job < jobs:
            yield Breach(Rule.ONCE, f"Job {left.job} is left out, but is not there.")


def _roles(problem: Problem, job: int) -> int:
    return len(problem.jobs[job].roles)


def _once(walk: Walk) -> Iterator[Breach]:
    left_out: dict[int, int] = defaultdict(int)
    for left in walk.plan.left_out:
        left_out[left.job] += 1
        if not (left.code and left.message and left.next_step):
            yield Breach(Rule.ONCE, "It is left out without a reason.", walk.problem.jobs[left.job].job_ref)
    for index, job in enumerate(walk.problem.jobs):
        roles = [visit.role for visit in walk.visits_of.get(index, ())]
        if len(roles) != len(set(roles)):
            yield Breach(Rule.ONCE, "It is planned more than once.", job.job_ref)
        if left_out[index] + bool(roles) != 1:
            told = "neither planned nor left out" if not roles and not left_out[index] else "planned or left out twice"
            yield Breach(Rule.ONCE, f"It is {told}.", job.job_ref)


def _capable(walk: Walk) -> Iterator[Breach]:
    for visit in walk.visits:
        job, operative = walk.problem.jobs[visit.job], walk.problem.operatives[walk.operative(visit)]
        role = job.roles[visit.role]
        if operative.proficiency_percent.get(role.trade, 0) <= 0:
            yield _at_stop(walk, Rule.TRADE, visit, f"The operative has no trade {role.trade}.")
        if missing := role.skills - operative.skills:
            yield _at_stop(walk, Rule.SKILL, visit, f"The operative does not hold {', '.join(sorted(missing))}.")
        if walk.problem.shifts[visit.shift].is_standby and job.priority is not Priority.EMERGENCY:
            yield _at_stop(walk, Rule.STANDBY, visit, "It is no emergency, but the shift is on call.")


def _windows(walk: Walk) -> Iterator[Breach]:
    for visit in walk.visits:
        job = walk.problem.jobs[visit.job]
        if job.windows and not any(window.start_s <= visit.start_s <= window.end_s for window in job.windows):
            yield _at_stop(
                walk, Rule.WINDOW, visit, f"It begins on {walk.time(visit.start_s)}, in none of its windows."
            )
        if visit.start_s < job.earliest_s:
            begins, can = walk.time(visit.start_s), walk.time(job.earliest_s)
            yield _at_stop(walk, Rule.EARLIEST, visit, f"It begins on {begins}, and can begin on {can}.")


def _durations(walk: Walk) -> Iterator[Breach]:
    for index, visits in walk.visits_of.items():
        job = walk.problem.jobs[index]
        needs = [_service_s(walk, job, visit) for visit in visits]
        known = [seconds for seconds in needs if seconds is not None]
        for visit in visits:
            if len(known) == len(visits) and visit.end_s - visit.start_s != max(known):
                told = f"It takes {visit.end_s - visit.start_s} s, and should {max(known)} s."
                yield _at_stop(walk, Rule.DURATION, visit, told)


def _service_s(walk: Walk, job: Job, visit: Visit) -> int | None:
    """Seconds that a visit takes; None without the trade."""
    operative, role = walk.problem.operatives[walk.operative(visit)], job.roles[visit.role]
    return service_s(job, role, operative) if operative.proficiency_percent.get(role.trade, 0) > 0 else None


def _drives(walk: Walk) -> Iterator[Breach]:
    for number in np.flatnonzero(walk.arrive_s < walk.reach_s):
        rule = Rule.SHIFT if walk.is_first[number] else Rule.TRAVEL
        arrives, can = walk.time(walk.arrive_s[number]), walk.time(walk.reach_s[number])
        yield _at_stop(walk, rule, walk.stops[number], f"It is arrived at on {arrives}; the drive ends on {can}.")
    for number in np.flatnonzero(walk.start_s < walk.arrive_s):
        yield _at_stop(walk, Rule.TRAVEL, walk.stops[number], "It begins before it is arrived at.")


def _shifts(walk: Walk) -> Iterator[Breach]:
    latest_s = walk.shift_column("end_s")[walk.used] + walk.shift_column("overtime_s")[walk.used]
    for number in np.flatnonzero(walk.back_s > latest_s):
        back, by = walk.time(walk.back_s[number]), walk.time(latest_s[number])
        yield _in_shift(walk, Rule.OVERTIME, int(walk.used[number]), f"The operative is back on {back}, not by {by}.")
    days: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for shift, back_s in zip(walk.used, walk.back_s, strict=True):
        days[walk.problem.shifts[shift].operative].append((walk.problem.shifts[shift].start_s, int(back_s), int(shift)))
    for spans in days.values():
        for (_, back_s, _), (start_s, _, shift) in pairwise(sorted(spans)):
            if start_s < back_s:
                yield _in_shift(walk, Rule.SHIFT, shift, "It begins before the operative is back from the one before.")


def _breaks(walk: Walk) -> Iterator[Breach]:
    taken: dict[int, list[int]] = defaultdict(list)
    for rest in walk.rests:
        taken[rest.shift].append(rest.number)
        asked = walk.problem.shifts[rest.shift].breaks[rest.number]
        if rest.end_s - rest.start_s != asked.duration_s:
            yield _in_shift(walk, Rule.BREAK, rest.shift, f"A break lasts {rest.end_s - rest.start_s} s.")
        if not asked.earliest_s <= rest.start_s <= asked.latest_s:
            yield _in_shift(
                walk, Rule.BREAK, rest.shift, f"A break begins on {walk.time(rest.start_s)}: out of its time."
            )
    for rest in walk.disturbed:
        told = f"The break on {walk.time(rest.start_s)} runs into work, a drive or another break."
        yield _in_shift(walk, Rule.BREAK, rest.shift, told)
    for shift, back_s in zip(walk.used.tolist(), walk.back_s, strict=True):
        whole = walk.problem.shifts[shift]
        for number, asked in enumerate(whole.breaks):
            times = taken[shift].count(number)
            if times > 1 or (times == 0 and whole.start_s <= asked.latest_s < back_s):
                yield _in_shift(walk, Rule.BREAK, shift, f"Break {number} is taken {times} times.")


def _vans(walk: Walk) -> Iterator[Breach]:
    load: dict[int, int] = defaultdict(int)
    for visit in walk.visits:
        load[visit.shift] += walk.problem.jobs[visit.job].load if visit.role == 0 else 0
    for shift, carried in load.items():
        capacity = walk.problem.shifts[shift].capacity
        if capacity is not None and carried > capacity:
            yield _in_shift(walk, Rule.CAPACITY, shift, f"The van is to carry {carried}, and holds {capacity}.")


def _stocks(walk: Walk) -> Iterator[Breach]:
    problem = walk.problem
    for shift, stops in groupby(walk.stops, key=lambda stop: stop.shift):
        tools = problem.operatives[problem.shifts[shift].operative].tools
        left: dict[str, int] = defaultdict(int)
        for part in problem.shifts[shift].stock:
            left[part.kind] += part.count
        calls = 0
        fetched: frozenset[str] | None = frozenset()  # None: all there is
        for stop in stops:
            if isinstance(stop, Fetch):
                store, calls = problem.stores[stop.store], calls + 1
                fetched = store.kinds
                yield from _call(walk, stop, store, calls)
            elif stop.role == 0:
                job = problem.jobs[stop.job]
                for part in job.parts:
                    left[part.kind] -= part.count
                short = (job.tools - tools) | {part.kind for part in job.parts if left[part.kind] < 0}
                if fetched is not None and (missing := short - fetched):
                    yield _at_stop(walk, Rule.STOCK, stop, f"The van has no {', '.join(sorted(missing))} for it.")


def _call(walk: Walk, stop: Fetch, store: Store, calls: int) -> Iterator[Breach]:
    if calls > 1:
        yield _at_stop(walk, Rule.STOCK, stop, f"It is call {calls} at a store in the shift.")
    if stop.end_s - stop.start_s != store.fetch_s:
        told = f"Fetching takes {stop.end_s - stop.start_s} s, and should {store.fetch_s} s."
        yield _at_stop(walk, Rule.DURATION, stop, told)
    if store.windows and not any(window.start_s <= stop.start_s <= window.end_s for window in store.windows):
        yield _at_stop(walk, Rule.WINDOW, stop, f"Store {store.store_ref} is shut on {walk.time(stop.start_s)}.")


def _crews(walk: Walk) -> Iterator[Breach]:
    for index, visits in walk.visits_of.items():
        job = walk.problem.jobs[index]
        if {visit.role for visit in visits} != set(range(len(job.roles))):
            yield Breach(Rule.CREW, f"{len(job.roles)} should come, and {len(visits)} do.", job.job_ref)
        elif len(visits) > len(job.roles):  # planned twice, which is another rule's
            continue
        elif len({walk.operative(visit) for visit in visits}) < len(visits):
            yield Breach(Rule.CREW, "One operative is to be two of the crew.", job.job_ref)
        elif len({(visit.start_s, visit.end_s) for visit in visits}) > 1:
            yield Breach(Rule.CREW, "Its crew does not begin and end together.", job.job_ref)


def _follow_ons(walk: Walk) -> Iterator[Breach]:
    for index, visits in walk.visits_of.items():
        job = walk.problem.jobs[index]
        for follow in job.follows:
            before = walk.visits_of.get(follow.job)
            other = walk.problem.jobs[follow.job].job_ref
            if before is None:
                yield Breach(Rule.FOLLOW_ON, f"It comes after {other}, which is left out.", job.job_ref)
            elif min(v.start_s for v in visits) < max(v.end_s for v in before) + follow.gap_s:
                yield Breach(Rule.FOLLOW_ON, f"It begins less than {follow.gap_s} s after {other}.", job.job_ref)


def _keys(walk: Walk) -> Iterator[Breach]:
    holders: dict[tuple[str, int], set[int]] = {}
    for index, visits in walk.visits_of.items():
        key = walk.problem.jobs[index].key_ref
        for day in {walk.problem.shifts[visit.shift].day for visit in visits} if key is not None else ():
            here = {walk.operative(visit) for visit in visits if walk.problem.shifts[visit.shift].day == day}
            holders[key or "", day] = holders.get((key or "", day), here) & here
    for (key, day), both in holders.items():
        if not both:
            yield Breach(Rule.KEY, f"Key {key} would be with two operatives on one day.", day=day)


def _decisions(walk: Walk) -> Iterator[Breach]:
    for pin in walk.problem.pins:
        for visit in walk.visits_of.get(pin.job, ()):
            asked = (pin.operatives[visit.role] if pin.operatives is not None else None, pin.day, pin.start_s)
            given = (walk.operative(visit), walk.problem.shifts[visit.shift].day, visit.start_s)
            for name, a, b in zip(("operative", "day", "time"), asked, given, strict=True):
                if a is not None and a != b:
                    yield _at_stop(walk, Rule.PIN, visit, f"It was pinned to another {name}.")
    blocks: dict[int, set[tuple[int | None, int | None]]] = defaultdict(set)
    for block in walk.problem.blocks:
        blocks[block.operative].add((block.job, block.day))
    for visit in walk.visits:
        day = walk.problem.shifts[visit.shift].day
        barred = {(visit.job, day), (visit.job, None), (None, day), (None, None)}
        if barred & blocks.get(walk.operative(visit), set()):
            yield _at_stop(walk, Rule.BLOCK, visit, "The operative is barred from it.")


def _limits(walk: Walk) -> Iterator[Breach]:
    weeks: dict[tuple[int, Any], int] = defaultdict(int)
    first = walk.problem.starts_at.date()
    for shift, worked_s in zip(walk.used.tolist(), walk.worked_s.tolist(), strict=True):
        whole = walk.problem.shifts[shift]
        week = (first + timedelta(days=whole.day)).isocalendar()[:2]
        weeks[whole.operative, week] += worked_s
        if whole.longest_s is not None and worked_s > whole.longest_s:
            told = f"{worked_s / 3600:.1f} hours are more than {whole.longest_s / 3600:.1f}."
            yield _in_shift(walk, Rule.HOURS, shift, told)
    for (operative, week), worked_s in weeks.items():
        limit_s = walk.problem.operatives[operative].weekly_limit_s
        if limit_s is not None and worked_s > limit_s:
            told = f"{worked_s / 3600:.1f} hours in week {week[1]} are more than {limit_s / 3600:.1f}."
            yield Breach(Rule.WEEKLY_LIMIT, told, operative_ref=walk.problem.operatives[operative].operative_ref)
    limits = [LATER if each.max_leg_s is None else each.max_leg_s for each in walk.problem.operatives]
    most_s = np.array(limits, dtype=np.int64)[walk.shift_column("operative")[walk.shift]]
    for number in np.flatnonzero(walk.free_s > most_s):
        if isinstance(walk.stops[number], Visit):
            told = f"The drive is longer than {most_s[number] // 60} minutes."
            yield _at_stop(walk, Rule.LEG_LIMIT, walk.stops[number], told)


def _sums(walk: Walk) -> Iterator[Breach]:
    stated_m = np.array([stop.leg_m for stop in walk.stops], dtype=np.int64)
    for number in np.flatnonzero(stated_m != walk.leg_m):
        told = f"The way is {walk.leg_m[number]} m, not {stated_m[number]}."
        yield _at_stop(walk, Rule.DISTANCE, walk.stops[number], told)
    if walk.plan.distance_m != walk.distance_m:
        yield Breach(Rule.DISTANCE, f"All ways are {walk.distance_m} m, not {walk.plan.distance_m}.")
    cost = walk.measure.cost
    if walk.plan.cost != cost:
        yield Breach(Rule.COST, f"The plan costs {cost}, not {walk.plan.cost}.")


def _at_stop(walk: Walk, rule: Rule, stop: Visit | Fetch, message: str) -> Breach:
    breach = _in_shift(walk, rule, stop.shift, message)
    return replace(breach, job_ref=walk.problem.jobs[stop.job].job_ref) if isinstance(stop, Visit) else breach


def _in_shift(walk: Walk, rule: Rule, shift: int, message: str) -> Breach:
    whose = walk.problem.shifts[shift]
    return Breach(rule, message, None, walk.problem.operatives[whose.operative].operative_ref, whose.day)


_RULES: tuple[Callable[[Walk], Iterator[Breach]], ...] = (
    _once, _capable, _windows, _durations, _shifts, _drives, _breaks, _vans, _stocks, _crews, _follow_ons, _keys,
    _decisions, _limits, _sums,
)  # fmt: skip
