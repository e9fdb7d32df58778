"""Why a visit is where it is: what it adds there, what the next best would, which rules left no more, what holds it.

The next best is found as if everything else stayed as it is: the job is taken out, and put where it costs least with
another operative, or on another day. What follows on it is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from scheduling.calendars import AWAAB_RULES, wall_clock
from scheduling.desk import Desk, Refused
from scheduling.engine.board import Offer
from scheduling.engine.decided import DecidedBoard
from scheduling.engine.seats import AFTER, BEGINS, IS_FREE, IS_NEAR, METRES_MORE, Seats
from scheduling.problem import Block, Clock, Job, Pin, Priority, Problem, Role, Window
from scheduling.right_to_repair import REGULATIONS, owed
from scheduling.rules import Rule

Flags = NDArray[np.bool_]
FULL = "The shifts that are left are full: it does not fit between their other visits, drives and breaks."
HELP = {
    Rule.TRADE: "Take on, borrow or contract an operative of the trade.",
    Rule.SKILL: "Certify or contract somebody who holds what is asked for.",
    Rule.STANDBY: "Only an emergency goes to whoever is on call.",
    Rule.BLOCK: "Lift a block: hub schedule unblock.",
    Rule.PIN: "Change or lift the pin: hub schedule unpin.",
    Rule.WINDOW: "Offer the tenant another window, within the shifts.",
    Rule.EARLIEST: "Plan further ahead, or make it possible sooner.",
    Rule.FOLLOW_ON: "Plan what it follows on, or plan that sooner.",
    Rule.CAPACITY: "Use a bigger van, or give the job to somebody who carries less.",
    Rule.KEY: "Plan the jobs of the key for one operative, or have a second key.",
    Rule.LEG_LIMIT: "Raise the longest drive, or borrow somebody who lives nearer.",
    Rule.CREW: "Offer another window, or another crew.",
    Rule.SHIFT: "Offer another window, give overtime, or move a job of lower priority.",
}


@dataclass(frozen=True)
class Choice:
    """Where a job is or could be. ``more_m`` and ``more_cost`` are against where it is; 0 there."""

    operative_refs: tuple[str, ...]
    day: date
    start_at: datetime
    added_m: int
    cost: int  # metres, as the plan's costs weigh miles, overtime and lateness
    more_m: int = 0
    more_cost: int = 0


@dataclass(frozen=True)
class Bound:
    """A rule that kept shifts away from a job; ``operatives`` are those whom it kept away on their last chance."""

    rule: Rule
    sentence: str
    operatives: int
    shifts: int
    next_step: str


@dataclass(frozen=True)
class Why:
    """All that is to be said of a job's place in the plan; ``here`` is None where it has none."""

    job_ref: str
    here: Choice | None
    next_operative: Choice | None
    next_day: Choice | None
    bounds: tuple[Bound, ...]
    could: int  # operatives who could do it
    held_by: tuple[str, ...]


def why(desk: Desk, order_ref: str) -> list[Why]:
    """Why each job of an order is where it is. Raises Refused where the order is not in the plan."""
    numbers = desk.numbers_of(order_ref)
    if not numbers:
        raise Refused("unknown-order", "The plan has no such order that is to be done.",
                      "Check the number; what cannot be planned is among the plan's faults.")  # fmt: skip
    return [_why(desk, number) for number in numbers]


def _why(desk: Desk, number: int) -> Why:
    board = desk.board
    here = board.here(number)
    windows = desk.windows_of(number)
    operative, day = next_best(board, number)
    to_come = np.array([one.end_s + one.overtime_s > desk.now_s for one in desk.shifts], dtype=bool)
    bounds, could = bounds_of(board, number, windows, to_come)
    return Why(
        desk.jobs[number].job_ref, _choice(desk, here, here), _choice(desk, operative, here),
        _choice(desk, day, here), bounds, could, tuple(_held_by(desk, number)),
    )  # fmt: skip


def next_best(board: DecidedBoard, number: int) -> tuple[Offer | None, Offer | None]:
    """The cheapest place with another operative (of a crew: without one of them), and on another day."""
    here, problem = board.here(number), board.problem
    shifts = problem.shifts
    if len(problem.jobs[number].roles) > 1:
        return _next_crew(board, number, here)
    seats = board.seats(number)
    day, who = (np.array([getattr(one, name) for one in shifts], dtype=np.int64) for name in ("day", "operative"))
    elsewhere = np.ones(len(shifts), dtype=bool)
    at = None if here is None else here.shifts[0]
    other_who = elsewhere if at is None else who != who[at]
    other_day = elsewhere if at is None else day != day[at]
    return _cheapest(seats, number, other_who), None if at is None else _cheapest(seats, number, other_day)


def _cheapest(seats: Seats, number: int, may: Flags) -> Offer | None:
    able = np.flatnonzero(may & (seats.has_place == 1))
    if not len(able):
        return None
    shift = int(able[np.lexsort((able, seats.found[able, BEGINS], seats.found[able, 0]))[0]])
    begins, way = int(seats.found[shift, BEGINS]), int(seats.found[shift, METRES_MORE])
    return Offer(number, None, (shift,), (0,), begins, way, int(seats.cost[shift]))


def _next_crew(board: DecidedBoard, number: int, here: Offer | None) -> tuple[Offer | None, Offer | None]:
    problem = board.problem
    if here is None:
        return next(iter(board.offers(number)), None), None
    pins, blocks, shifts = problem.pins, problem.blocks, problem.shifts
    found = []
    for shift in here.shifts:
        board.decide(pins, (*blocks, Block(shifts[shift].operative, number, None, "", "")))
        found += board.offers(number)[:1]
    board.decide(pins, blocks)
    days = [_day_window(problem, day) for day in range(problem.days) if day != shifts[here.shifts[0]].day]
    others = board.offers(number, days)[:1] if days else []
    return min(found, key=lambda offer: offer.extra_cost, default=None), next(iter(others), None)


def _day_window(problem: Problem, day: int) -> Window:
    first = problem.starts_at.date() + timedelta(days=day)
    begin, end = (wall_clock(problem.starts_at, one, 0) for one in (first, first + timedelta(days=1)))
    return Window(begin, end - 1)


def bounds_of(
    board: DecidedBoard, number: int, windows: Sequence[Window], among: Flags | None = None
) -> tuple[tuple[Bound, ...], int]:  # fmt: skip
    """The rules that kept shifts (all, or some) from a job, the furthest-reaching last; and how many could do it."""
    problem = board.problem
    job, shifts = problem.jobs[number], problem.shifts
    asked = np.ones(len(shifts), dtype=bool) if among is None else among
    who = np.array([one.operative for one in shifts], dtype=np.int64)
    kept_by = np.full(len(shifts), -1, dtype=np.int64)
    hurdles = list(_hurdles(board, problem, number, windows))
    for role in range(len(job.roles)):
        passed = asked.copy()
        for place, (_, _, may) in enumerate(hurdles):
            stopped = passed & ~may[role]
            kept_by[stopped] = np.maximum(kept_by[stopped], place)
            passed &= may[role]
        kept_by[passed] = len(hurdles)
    reached = np.full(len(problem.operatives), -1, dtype=np.int64)
    np.maximum.at(reached, who[asked], kept_by[asked])
    found = [
        Bound(rule, sentence, int((reached == place).sum()), int((asked & (kept_by == place)).sum()), HELP[rule])
        for place, (rule, sentence, _) in enumerate(hurdles)
    ]
    return tuple(one for one in found if one.shifts), int((reached == len(hurdles)).sum())


def _hurdles(
    board: DecidedBoard, problem: Problem, number: int, windows: Sequence[Window]
) -> Iterator[tuple[Rule, str, list[Flags]]]:  # fmt: skip
    """Each rule in the order in which shifts are held to it, with those that pass, by role."""
    job, shifts, staff = problem.jobs[number], problem.shifts, problem.operatives
    roles = range(len(job.roles))
    who, day, start, end = (
        np.array([getattr(one, name) for one in shifts], dtype=np.int64)
        for name in ("operative", "day", "start_s", "end_s")
    )
    last = end + np.array([one.overtime_s for one in shifts], dtype=np.int64)

    def of_staff(able: list[bool]) -> Flags:
        return np.array(able, dtype=bool)[who]

    def each(rule: Rule, may: Flags) -> tuple[Rule, str, list[Flags]]:
        return rule, rule.sentence, [may for _ in roles]

    def trained(role: Role) -> Flags:
        return of_staff([one.proficiency_percent.get(role.trade, 0) > 0 for one in staff])

    yield Rule.TRADE, Rule.TRADE.sentence, [trained(role) for role in job.roles]
    yield (
        Rule.SKILL,
        Rule.SKILL.sentence,
        [of_staff([role.skills <= one.skills for one in staff]) for role in job.roles],
    )
    calls = np.array([one.is_standby for one in shifts], dtype=bool)
    yield each(Rule.STANDBY, ~calls | (job.priority is Priority.EMERGENCY))
    yield each(Rule.BLOCK, ~_barred(problem.blocks, number, who, day))
    pin = next((one for one in problem.pins if one.job == number), None)
    yield Rule.PIN, Rule.PIN.sentence, [_as_pinned(pin, role, who, day) for role in roles]
    inside = [(window.start_s <= last) & (window.end_s >= start) for window in windows]
    yield each(Rule.WINDOW, np.any(inside, axis=0) if inside else np.ones(len(shifts), dtype=bool))
    yield each(Rule.EARLIEST, last >= job.earliest_s)
    if len(roles) > 1:
        placed = bool(board.offers(number))
        yield Rule.CREW, "All of its crew are never free together.", [np.full(len(shifts), placed) for _ in roles]
        return
    seats = board.seats(number)
    yield each(Rule.FOLLOW_ON, (seats.found[:, AFTER] == 1) & (last >= seats.low_s))
    free = seats.found[:, IS_FREE] == 1
    yield each(Rule.KEY if job.key_ref is not None else Rule.CAPACITY, free)
    yield each(Rule.LEG_LIMIT, seats.found[:, IS_NEAR] == 1)
    yield Rule.SHIFT, FULL, [seats.has_place == 1]


def _barred(blocks: Sequence[Block], number: int, who: NDArray[np.int64], day: NDArray[np.int64]) -> Flags:
    barred = np.zeros(len(who), dtype=bool)
    for block in blocks:
        if block.job in (None, number):
            barred |= (who == block.operative) & ((block.day is None) | (day == block.day))
    return barred


def _as_pinned(pin: Pin | None, role: int, who: NDArray[np.int64], day: NDArray[np.int64]) -> Flags:
    may = np.ones(len(who), dtype=bool)
    if pin is not None and pin.operatives is not None:
        may &= who == pin.operatives[role]
    if pin is not None and pin.day is not None:
        may &= day == pin.day
    return may


def _choice(desk: Desk, offer: Offer | None, here: Offer | None) -> Choice | None:
    if offer is None:
        return None
    shifts = [desk.shifts[shift] for shift in offer.shifts]
    refs = tuple(desk.operatives[one.operative].operative_ref for one in shifts)
    return Choice(
        refs, desk.date_of(shifts[0].day), desk.at(offer.start_s), offer.extra_m, offer.extra_cost,
        0 if here is None else offer.extra_m - here.extra_m, 0 if here is None else offer.extra_cost - here.extra_cost,
    )  # fmt: skip


def _held_by(desk: Desk, number: int) -> Iterator[str]:
    """Promises and decisions that a job may not leave, as sentences."""
    job: Job = desk.jobs[number]
    if (booking := desk.booking_of(number)) is not None:
        done = "promised to its tenant" if booking.status_code == "confirmed" else "held for its tenant"
        yield f"It is {done}: {booking.day:%d %B %Y}, {booking.slot}, booking {booking.id}."
    elif desk.is_confirmed(number):
        for window in desk.windows_of(number):
            yield f"It is promised to its tenant from {desk.at(window.start_s):%d %B %Y %H:%M}."
    for one in desk.decisions:
        if one.job_ref == job.job_ref or (one.kind == "block" and one.job_ref is None):
            yield f"Decision {one.id}: {one.told()}."
    for clock in job.clocks:
        yield _by_law(desk, clock)
    for follow in job.follows:
        yield f"It begins {follow.gap_s // 60} minutes after the end of {desk.jobs[follow.job].job_ref} or later."


def _by_law(desk: Desk, clock: Clock) -> str:
    due = f"{desk.at(clock.due_s):%d %B %Y %H:%M}"
    if clock.again_s is None:
        return f"Awaab's Law ({AWAAB_RULES}) wants it by {due}: {clock.step}."
    again = desk.at(clock.again_s)
    told = f"The Right to Repair ({REGULATIONS}) wants it by {due}: {clock.step}. "
    if pounds := owed(again, desk.clock()):
        return f"{told}A second contractor's time has ended too: the tenant is owed £{pounds}."
    return f"{told}A second contractor has until {again:%d %B %Y %H:%M}; after that the tenant is owed money."
