"""What a planner decides against the engine: pin, swap, block, and taking it back; the cost is seen before it is done.

A decision is asked for twice. The first time nothing is kept: the plan is changed, measured and set back, and the
``token`` of what came of it is told. With that token it is done, if what comes of it is still the same; what was shown
is what is done. No promise to a tenant is broken without consent, and no rule at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import orjson

from scheduling.calendars import slot
from scheduling.decisions import Decision, Undone
from scheduling.desk import Desk, Refused
from scheduling.draft import Draft
from scheduling.effects import Effect, Standing, moved, standing
from scheduling.explain import bounds_of
from scheduling.problem import LONDON, Window

MOST_TRIED = 40
"""Visits of which one may make room for a pinned one."""


@dataclass(frozen=True)
class By:
    """Who decides, and why; ``token`` of what was shown to them, None to be shown it; ``consent`` of the tenants."""

    name: str
    reason: str
    token: str | None = None
    consent: bool = False


def pin(
    desk: Desk, by: By, order_ref: str, *, operatives: Sequence[str] = (), day: date | None = None,
    at: datetime | None = None,
) -> Effect:  # fmt: skip
    """Holds a visit to operatives (by role), a day, a time. Without any, to where it is: operative and day."""
    number, job_ref = _job(desk, order_ref)
    refs, on = tuple(operatives) or None, at.astimezone(LONDON).date() if at else day
    if refs is None and on is None:
        refs, on = _where(desk, number)
    if refs is not None:
        _known(desk, refs, len(desk.jobs[number].roles))
    _to_come(desk, on)
    if at is not None and at < desk.clock():
        raise Refused("past", "The time is over.", "Pin to a time to come.")
    with _deciding(desk, by, "pinned", [number]) as deciding:
        made = deciding.decision("pin", job_ref, refs, on, at and at.astimezone(LONDON))
        kept = [one for one in desk.decisions if (one.kind, one.job_ref) != ("pin", job_ref)]
        deciding.replaces([one for one in desk.decisions if one not in kept])
        deciding.settle([*kept, made], (number,))
    return deciding.effect


def swap(desk: Desk, by: By, order_ref: str, other_ref: str) -> Effect:
    """Gives each of two visits the other's operative and day; both stay pinned there."""
    (first, a), (second, b) = _job(desk, order_ref), _job(desk, other_ref)
    if first == second:
        raise Refused("same-job", "A job cannot be swapped with itself.", "Name two orders.")
    there, here = _where(desk, second), _where(desk, first)
    if len(there[0]) != len(here[0]):
        raise Refused("crew", "One of the jobs needs more people than the other.", "Pin each of them instead.")
    with _deciding(desk, by, "swapped", [first, second]) as deciding:
        kept = [one for one in desk.decisions if one.kind != "pin" or one.job_ref not in (a, b)]
        deciding.replaces([one for one in desk.decisions if one not in kept])
        pins = [deciding.decision("pin", ref, *where, None) for ref, where in ((a, there), (b, here))]
        deciding.settle([*kept, *pins], (first, second))
    return deciding.effect


def block(
    desk: Desk, by: By, operative_ref: str, *, order_ref: str | None = None, day: date | None = None
) -> Effect:  # fmt: skip
    """Keeps an operative from an order, a day, both, or all of the plan's work; what they have goes to others."""
    _known(desk, (operative_ref,), 1)
    _to_come(desk, day)
    numbers = [] if order_ref is None else [_job(desk, order_ref)[0]]
    job_ref = desk.jobs[numbers[0]].job_ref if numbers else None
    theirs = {
        visit.job for visit in desk.board.standing()[0]
        if desk.operatives[desk.shifts[visit.shift].operative].operative_ref == operative_ref
        and (not numbers or visit.job in numbers)
        and (day is None or desk.date_of(desk.shifts[visit.shift].day) == day)
    }  # fmt: skip
    with _deciding(desk, by, "blocked", theirs & desk.open_jobs()) as deciding:
        made = deciding.decision("block", job_ref, (operative_ref,), day, None)
        deciding.settle([*desk.decisions, made], ())
    return deciding.effect


def undo(desk: Desk, by: By, decision_id: int) -> Effect:
    """Takes a pin or block back; visits stay where they are until the next plan, or something else moves them."""
    made = next((one for one in desk.decisions if one.id == decision_id), None)
    if made is None:
        raise Refused("unknown-decision", "There is no such pin or block in force.", "See: hub schedule decisions.")
    with _deciding(desk, by, "undone", ()) as deciding:
        deciding.replaces([made])
        deciding.settle([one for one in desk.decisions if one is not made], ())
        for number in desk.numbers_of(made.job_ref) if made.start_at and made.job_ref else ():
            deciding.give_back(number)
    return deciding.effect


class _Shown(Exception):
    """Nothing is to be kept: it was only to be seen."""


class _Deciding:
    """A decision that is being made in a draft."""

    effect: Effect

    def __init__(self, desk: Desk, draft: Draft, by: By) -> None:
        self._desk, self._draft, self._by = desk, draft, by
        self._broken: set[int] = set()
        self._lost: list[int] = []

    def decision(
        self, kind: str, job_ref: str | None, refs: tuple[str, ...] | None, day: date | None, at: datetime | None
    ) -> Decision:  # fmt: skip
        """A new decision, which is kept with the event."""
        made = Decision(
            self._desk.next_decision() if self._by.token else 0, "pin" if kind == "pin" else "block", job_ref, refs,
            day, at, self._desk.clock(), self._by.name, self._by.reason,
        )  # fmt: skip
        self._draft.decisions.append(made)
        return made

    def replaces(self, old: Sequence[Decision]) -> None:
        """Takes decisions back that the new ones stand in place of."""
        self._draft.decisions += [Undone(one.id, self._desk.clock(), self._by.name) for one in old]

    def settle(self, decided: Sequence[Decision], pinned: tuple[int, ...]) -> None:
        """Holds the plan to the decisions. Raises Refused, by rule, where what is pinned has no place."""
        desk, draft = self._desk, self._draft
        lost = draft.decide(decided)
        for number in [one for one in lost if one in pinned]:
            if not self._making_room(number) and not self._elsewhere(number):
                raise self._impossible(number)
            lost.remove(number)
        self._lost = lost
        self._broken |= {number for number in lost if desk.is_confirmed(number)}

    def give_back(self, number: int) -> None:
        """Gives a job whose time was pinned the window that it was promised, or its own."""
        desk = self._desk
        booking = desk.booking_of(number)
        window = None if booking is None else Window(
            desk.seconds(booking.window_start_at), desk.seconds(booking.window_end_at)
        )  # fmt: skip
        self._draft.restrict(number, window)

    def _making_room(self, number: int) -> bool:
        """Whether it has a place if one visit goes elsewhere that nobody was promised or pinned: the cheapest one."""
        desk, board = self._desk, self._desk.board
        pinned = {one.job: one for one in board.problem.pins}
        pin = pinned[number]
        full = [
            shift for shift, one in enumerate(desk.shifts)
            if (pin.operatives is None or one.operative in pin.operatives) and pin.day in (None, one.day)
        ]  # fmt: skip
        free = [
            job for job in dict.fromkeys(visit.job for visit in board.visits(full))
            if not (desk.is_confirmed(job) or job in pinned or board.is_fixed(job))
        ]  # fmt: skip
        saved, costs = board.save(), dict[int, int]()
        for job in free[:MOST_TRIED]:
            if (cost := self._instead(number, job, pin.start_s)) is not None:
                costs[job] = cost
            board.back(saved)
        cheapest = min(costs, key=lambda job: (costs[job], job), default=None)
        return cheapest is not None and self._instead(number, cheapest, pin.start_s) is not None

    def _instead(self, number: int, other: int, at_s: int | None) -> int | None:
        """What it costs that a job takes the place of another, which goes elsewhere; None where one has no place."""
        board, draft = self._desk.board, self._draft
        was = board.here(other)
        draft.remove(other)
        if not (draft.put(number, at_s) and draft.put(other)):
            return None
        now = board.here(number), board.here(other)
        return sum(one.extra_cost for one in now if one) - (was.extra_cost if was else 0)

    def _elsewhere(self, number: int) -> bool:
        """Whether a promised job has a place outside its promise, as it is pinned; the promise goes with it."""
        desk, draft = self._desk, self._draft
        pin = next((one for one in desk.board.problem.pins if one.job == number), None)
        if not desk.is_confirmed(number) or pin is None:
            return False
        days = range(desk.days) if pin.day is None else (pin.day,)
        for day in days:
            for name in ("AM", "PM", "DAY"):
                told = slot(desk.starts_at, desk.date_of(day), name)
                asked = told if pin.start_s is None else Window(pin.start_s, pin.start_s)
                if told.start_s <= asked.start_s <= told.end_s and draft.place(number, asked) is not None:
                    self._broken.add(number)
                    if (booking := desk.booking_of(number)) is not None:
                        draft.bookings.append(replace(
                            booking, day=desk.date_of(day), slot=name, window_start_at=desk.at(told.start_s),
                            window_end_at=desk.at(told.end_s),
                        ))  # fmt: skip
                    return True
        return False

    def _impossible(self, number: int) -> Refused:
        """The rule that forbids what was asked, on the way that leads furthest."""
        desk = self._desk
        board, problem = desk.board, desk.board.problem
        pin = next(one for one in problem.pins if one.job == number)
        shifts = problem.shifts
        among = np.array([
            (pin.operatives is None or one.operative in pin.operatives) and (pin.day is None or one.day == pin.day)
            for one in shifts
        ], dtype=bool)  # fmt: skip
        if not among.any():
            return Refused("shift", "Nobody of those has a shift then.", "Pin to a day on which they work.")
        bounds, _ = bounds_of(board, number, desk.windows_of(number), among)
        last = bounds[-1]
        return Refused(str(last.rule), f"Rule {last.rule}: {last.sentence}", last.next_step)

    def measured(self, before: Standing, after: Standing) -> Effect:
        """What came of it."""
        desk = self._desk
        others = tuple(moved(desk, before, after))
        refs = {one.job_ref for one in others}
        broken = tuple(sorted(desk.jobs[number].job_ref for number in self._broken))
        promised = {desk.jobs[number].job_ref for number in desk.open_jobs() if desk.is_confirmed(number)}
        a, b = before.measure, after.measure
        effect = Effect(
            "", b.distance_m - a.distance_m, b.drive_s - a.drive_s, b.overtime_s - a.overtime_s,
            sum(b.late_days.values()) - sum(a.late_days.values()), b.cost - a.cost, others,
            tuple(desk.jobs[number].job_ref for number in self._lost),
            tuple(sorted(refs & promised - set(broken))), broken,
        )  # fmt: skip
        return replace(effect, token=self._token(effect))

    def _token(self, effect: Effect) -> str:
        """Names what was decided and all that comes of it: in another plan, or for other visits, it is another."""
        asked = [
            ("undo", one.id) if isinstance(one, Undone)
            else (one.kind, one.job_ref, one.operative_refs, one.day, one.start_at)
            for one in self._draft.decisions
        ]  # fmt: skip
        told = orjson.dumps((self._desk.plan_id, asked, effect))
        return hashlib.sha256(told).hexdigest()[:20]


@contextmanager
def _deciding(desk: Desk, by: By, kind: str, jobs: Sequence[int] | set[int]) -> Iterator[_Deciding]:
    """A decision in the making: shown and set back without a token, kept with the right one. Raises Refused."""
    if not by.name.strip() or not by.reason.strip():
        raise Refused("nameless", "A decision needs a named person and a reason.", "Say who decides, and why.")
    _not_under_way(desk, jobs)
    try:
        with desk.changing(kind, by.name, by.reason) as draft:
            before = standing(desk)
            deciding = _Deciding(desk, draft, by)
            yield deciding
            effect = deciding.effect = deciding.measured(before, standing(desk))
            _agreed(by, effect)
            done = tuple(one.id for one in draft.decisions)
            draft.told |= {"decisions": list(done), "added_m": effect.added_m, "broken": list(effect.broken),
                           "moved": [one.job_ref for one in effect.moved]}  # fmt: skip
        deciding.effect = replace(effect, decisions=done)
    except _Shown:
        return


def _agreed(by: By, effect: Effect) -> None:
    """Raises _Shown where it was only asked, and Refused where something else was shown, or a tenant has no say."""
    if by.token is None:
        raise _Shown
    if by.token != effect.token:
        raise Refused("plan-changed", "The plan has changed since it was shown; it would cost other than that.",
                      "Look at what it costs now, and confirm that.")  # fmt: skip
    if effect.broken and not by.consent:
        raise Refused(
            "consent-needed", f"What was promised for {', '.join(effect.broken)} would be broken.",
            "Ask the tenants; if they agree, confirm with their consent.", orders=list(effect.broken),
        )  # fmt: skip


def _job(desk: Desk, order_ref: str) -> tuple[int, str]:
    """The job of an order: with several trades, it is named by one of them. Raises Refused."""
    numbers = desk.numbers_of(order_ref)
    if not numbers:
        raise Refused("unknown-order", "The plan has no such order that is to be done.", "Check the number.")
    if len(numbers) > 1:
        parts = ", ".join(desk.jobs[number].job_ref for number in numbers)
        raise Refused("several-trades", f"The order is several jobs: {parts}.", "Name one of them.")
    return numbers[0], desk.jobs[numbers[0]].job_ref


def _where(desk: Desk, number: int) -> tuple[tuple[str, ...], date]:
    """The operatives and the day of a visit. Raises Refused where the job has none."""
    stands = desk.board.shifts_of(number)
    if not stands:
        raise Refused("not-placed", "The job has no visit now.", "Name the operative and the day that it should have.")
    shifts = [desk.shifts[shift] for shift in stands]
    return tuple(desk.operatives[one.operative].operative_ref for one in shifts), desk.date_of(shifts[0].day)


def _known(desk: Desk, refs: Sequence[str], roles: int) -> None:
    known = {one.operative_ref for one in desk.operatives}
    if unknown := [ref for ref in refs if ref not in known]:
        raise Refused("unknown-operative", f"{len(unknown)} of the operatives are not of the plan.",
                      "Check the numbers of the operatives.")  # fmt: skip
    if len(refs) != roles or len(set(refs)) != len(refs):
        raise Refused("crew", f"The job needs {roles} different operatives.", "Name one for each part of the crew.")


def _to_come(desk: Desk, day: date | None) -> None:
    """Raises Refused for a day that is over, or not of the plan."""
    if day is not None and day < desk.clock().astimezone(LONDON).date():
        raise Refused("past", "The day is over.", "Name a day to come.")
    if day is not None and not desk.starts_at.date() <= day < desk.date_of(desk.days):
        raise Refused("beyond-plan", "The plan does not have that day.", "Name a day of the plan.")


def _not_under_way(desk: Desk, jobs: Sequence[int] | set[int]) -> None:
    """Raises Refused where one of the jobs has begun, or somebody is on the way to it."""
    now, wanted = desk.now_s, set(jobs)
    last: dict[int, int] = {}
    for visit in desk.board.standing()[0]:
        leaves = last.get(visit.shift, desk.shifts[visit.shift].start_s)
        last[visit.shift] = visit.end_s
        if visit.job in wanted and leaves <= now and desk.shifts[visit.shift].start_s <= now:
            raise Refused("under-way", f"{desk.jobs[visit.job].job_ref} has begun, or somebody is on the way to it.",
                          "Report what happened instead: no access, or sick.")  # fmt: skip
