"""The day goes otherwise than planned: who is ill, takes longer, finds nobody in, is done early, or need not come.

What happened touches as little as it can. A promised slot stays, though somebody else may come; work that nobody was
promised goes where it costs least; nobody else's day is changed unless room is needed for what was promised. What
cannot be kept so is a proposal, which waits for the tenant's answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from scheduling.calendars import seconds_after, wall_clock
from scheduling.desk import Desk, Refused
from scheduling.draft import Draft
from scheduling.events import Absence, Proposal
from scheduling.problem import Priority
from scheduling.room import make_room, stay

LEAVES_S = 300
"""Who finds nobody in leaves a card, and goes on after so long."""
FILLED = 20
"""Jobs without a visit that are tried where there is room again, the most pressing first."""


@dataclass
class Changes:
    """What a report came to, in jobs: who comes now or when is other than before, what has no visit, what is asked."""

    moved: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)


def away(
    desk: Desk, operative_ref: str, from_at: datetime, until_at: datetime, by: str, reason: str | None = None
) -> Changes:  # fmt: skip
    """An operative is away between two instants, from now on or later: what they had not begun, others do.

    It holds for later plans too. Raises Refused where there is no such operative, or they have no shift in that time.
    """
    if operative_ref not in {one.operative_ref for one in desk.operatives}:
        raise Refused("unknown-operative", "There is no such operative.", "Use the number that the plan knows.")
    changes = Changes()
    with desk.changing("away", by, reason) as draft:
        out = draft.absent(Absence(operative_ref, from_at, until_at))
        if not draft.shut and seconds_after(desk.starts_at, until_at) <= desk.end_s:
            raise Refused("not-on-duty", "The operative has no shift in that time.", "Check the times.")
        _place(draft, out, None, "away", changes)
        _tell(draft, changes, operative_ref=operative_ref)
    return changes


def overrun(desk: Desk, job_ref: str, minutes_left: int, by: str) -> Changes:
    """A job under way takes so many minutes from now on: what follows comes later, or is done by others."""
    number, changes = _under_way(desk, job_ref), Changes()
    shifts = desk.board.shifts_of(number)
    with desk.changing("overrun", by) as draft:
        seconds = _duration(desk, number, desk.now_s + minutes_left * 60)
        if not draft.amend(number, duration_s=seconds):
            draft.amend(number, duration_s=draft.amended[number].duration_s)
            out = [one for shift in shifts for one in _not_begun(draft, shift)]
            for one in out:
                draft.remove(one)
            while not draft.amend(number, duration_s=seconds) and seconds > draft.amended[number].duration_s:
                draft.amend(number, duration_s=draft.amended[number].duration_s)
                seconds -= 300  # the shift with its overtime is over by then
            _place(draft, out, shifts[0], "overrun", changes)
        _tell(draft, changes, job_ref=job_ref, minutes_left=minutes_left)
    return changes


def started(desk: Desk, job_ref: str, by: str) -> Changes:
    """A job was begun now; what follows is timed by that, where it can be."""
    number = _number(desk, job_ref)
    with desk.changing("started", by) as draft:
        if desk.board.is_planned(number):
            desk.board.stands(number, desk.now_s)
        draft.told["job_ref"] = job_ref
    return Changes()


def arrived(desk: Desk, job_ref: str, by: str) -> Changes:
    """An operative is at the door."""
    _number(desk, job_ref)
    with desk.changing("arrived", by) as draft:
        draft.told["job_ref"] = job_ref
    return Changes()


def completed(desk: Desk, job_ref: str, by: str) -> Changes:
    """A job is done; where that is sooner than planned, the rest of the shift is, and there may be room for more."""
    if job_ref in desk.under_way:
        return _told_done(desk, job_ref, by)
    number, changes = _number(desk, job_ref), Changes()
    with desk.changing("completed", by) as draft:
        if (booking := desk.booking_of(number)) is not None:
            draft.bookings.append(replace(booking, status_code="done", expires_at=None))
        if not desk.board.is_planned(number):
            draft.close(number)
        else:
            if desk.board.starts(number) < desk.now_s < _ends(desk, number):
                draft.amend(number, duration_s=_duration(desk, number, desk.now_s))
            draft.done.append(number)
            _fill(draft, changes)
        _tell(draft, changes, job_ref=job_ref)
    return changes


def _told_done(desk: Desk, job_ref: str, by: str) -> Changes:
    """A job that was under way when the plan was made is done; the next plan knows it."""
    with desk.changing("completed", by) as draft:
        draft.gone.append(job_ref)
        draft.told["job_ref"] = job_ref
    return Changes()


def no_access(desk: Desk, job_ref: str, by: str) -> Changes:
    """Nobody was in: the job is for another day; a promised one needs another slot that its tenant agrees to."""
    number, changes = _number(desk, job_ref), Changes()
    is_promised = desk.is_confirmed(number)
    with desk.changing("no-access", by) as draft:
        _leave(draft, number, desk.now_s + LEAVES_S)
        tomorrow = wall_clock(desk.starts_at, desk.at(desk.now_s).date() + timedelta(days=1), 0)
        if desk.jobs[number].priority is not Priority.EMERGENCY:
            draft.amend(number, earliest_s=tomorrow)
        if is_promised:
            changes.proposals.append(draft.propose(number, "no-access"))
        else:
            _place(draft, [number], None, "no-access", changes)
        _fill(draft, changes, without=number)
        _tell(draft, changes, job_ref=job_ref)
    return changes


def cancelled(desk: Desk, order_ref: str, by: str, reason: str | None = None) -> Changes:
    """Nobody wants an order any more: its visits go, and there may be room for what had none."""
    numbers, changes = desk.all_of(order_ref), Changes()
    if not numbers:
        raise Refused("unknown-order", "The plan has no such order to be done.", "Check the number.")
    with desk.changing("order-cancelled", by, reason) as draft:
        for number in numbers:
            _leave(draft, number, desk.now_s)
            if (booking := desk.booking_of(number)) is not None:
                draft.bookings.append(replace(booking, status_code="cancelled", expires_at=None))
            draft.close(number)
        _fill(draft, changes)
        _tell(draft, changes, order_ref=order_ref)
    return changes


# -- how ----------------------------------------------------------------------------------------------------------


def _place(draft: Draft, numbers: Iterable[int], shift: int | None, why: str, changes: Changes) -> None:
    """Puts jobs that lost their place into their windows again: promised ones first, then the most pressing."""
    desk = draft.desk
    order = sorted(
        (one for one in numbers if not desk.board.is_planned(one)),
        key=lambda one: (desk.jobs[one].priority is not Priority.EMERGENCY, not desk.is_confirmed(one),
                         desk.windows_of(one)[0].start_s if desk.is_confirmed(one) else 0, desk.jobs[one].priority),
    )  # fmt: skip
    for number in order:
        if desk.board.is_planned(number):
            continue
        if shift is not None and stay(draft, number, shift):
            continue
        ref, window = desk.jobs[number].job_ref, draft.windows.get(number, desk.window_of(number))
        if draft.place(number, window) is not None:
            changes.moved.append(ref)
            continue
        if _promised_room(draft, number, changes):
            changes.moved.append(ref)
        elif desk.is_confirmed(number):
            changes.proposals.append(draft.propose(number, why))
        else:
            changes.left_out.append(ref)


def _promised_room(draft: Draft, number: int, changes: Changes) -> bool:
    """Whether work that nobody was promised made way for what was, or for an emergency."""
    desk, task = draft.desk, draft.desk.jobs[number]
    if len(task.roles) > 1 or not (desk.is_confirmed(number) or task.priority is Priority.EMERGENCY):
        return False
    window = draft.windows.get(number, desk.window_of(number))
    spans = desk.windows_of(number)
    if not spans:
        return False

    def put(shift: int) -> bool:
        return stay(draft, number, shift)

    draft.restrict(number, window)
    for span in spans:
        if span.end_s > desk.now_s and (room := make_room(draft, number, span, put)) is not None:
            changes.moved += [desk.jobs[one].job_ref for one in room.moved]
            changes.left_out += [desk.jobs[one].job_ref for one in room.left_out]
            return True
    return False


def _fill(draft: Draft, changes: Changes, without: int = -1) -> None:
    """Visits for jobs that had none, where there is room now."""
    desk = draft.desk
    gone = {without, *draft.closed}
    absent = [one for one in desk.open_jobs() - gone if not desk.board.is_planned(one)]
    absent.sort(key=lambda one: (desk.jobs[one].priority, desk.jobs[one].due_s or desk.end_s))
    for number in absent[:FILLED]:
        if not desk.is_confirmed(number) and draft.place(number, desk.window_of(number)) is not None:
            changes.filled.append(desk.jobs[number].job_ref)


def _leave(draft: Draft, number: int, at_s: int) -> None:
    """Takes a visit out; who was there or on the way goes on from its place at that second."""
    desk = draft.desk
    shifts = desk.board.shifts_of(number) if desk.board.is_planned(number) else ()
    is_fixed = bool(shifts) and desk.board.starts(number) <= at_s
    draft.remove(number)
    for shift in shifts:
        if is_fixed:
            desk.board.not_before(shift, at_s, desk.jobs[number].place)


def _not_begun(draft: Draft, shift: int) -> list[int]:
    desk = draft.desk
    return list(dict.fromkeys(
        visit.job for visit in desk.board.visits([shift]) if visit.start_s > desk.now_s
    ))  # fmt: skip


def _duration(desk: Desk, number: int, end_s: int) -> int:
    """How long a job is at full proficiency, if it ends then where it stands: in whole minutes, rounded up."""
    task = desk.jobs[number]
    needs = max(60, end_s - desk.board.starts(number) - task.parking_s)
    percent = min(
        desk.operatives[desk.shifts[shift].operative].proficiency_percent[role.trade]
        for shift, role in zip(desk.board.shifts_of(number), task.roles, strict=True)
    )
    return max(1, -(-needs // 60) * 60 * percent // 100)


def _ends(desk: Desk, number: int) -> int:
    (shift, *_) = desk.board.shifts_of(number)
    return next(visit.end_s for visit in desk.board.visits([shift]) if visit.job == number)


def _number(desk: Desk, job_ref: str) -> int:
    numbers = desk.numbers_of(job_ref)
    if not numbers:
        raise Refused("order-closed" if desk.is_closed(job_ref) else "unknown-order",
                      "The plan has no such job to be done.", "Check the number.")  # fmt: skip
    return numbers[0]


def _under_way(desk: Desk, job_ref: str) -> int:
    number = _number(desk, job_ref)
    if not desk.board.is_planned(number) or desk.board.starts(number) > desk.now_s:
        raise Refused("not-begun", "The job is not under way.", "Tell that it was started first.")
    return number


def _tell(draft: Draft, changes: Changes, **more: object) -> None:
    draft.told |= {
        **more, "moved": changes.moved, "left_out": changes.left_out, "filled": changes.filled,
        "proposals": [one.id for one in changes.proposals],
    }  # fmt: skip
