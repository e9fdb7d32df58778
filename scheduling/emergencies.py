"""An emergency is placed at once: the operative who can be there first, by where they are and what they still do.

Out of hours that is who is on call, as nobody else is on duty. Nobody loses a slot that they were promised while there
is any other way: first comes a place beside all that is planned, then one for which work that nobody was promised makes
way. If neither is, it is told whose slot it would take, and they are asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from scheduling.desk import Desk, Refused
from scheduling.draft import Draft
from scheduling.events import Proposal, VisitRow
from scheduling.problem import Job, Place, Priority, Window
from scheduling.proposals import propose
from scheduling.room import make_room, waiting

WITHIN_S = 24 * 3_600
"""An emergency that says nothing else is begun in a day."""
SOON_S = 2 * 3_600
"""If nobody can be there by then beside all that is planned, unpromised work makes way."""
SOONER = 2
"""Operatives who are asked to make room only for an emergency to be sooner."""
ASKED = 3
"""Tenants whose slot could make way that are told of, at the most."""


@dataclass(frozen=True)
class Dispatch:
    """Who goes to an emergency, and when; or whose consent it waits for. ``moved`` and ``left_out`` are other jobs."""

    job_ref: str
    visits: tuple[VisitRow, ...]
    moved: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    @property
    def operative_refs(self) -> tuple[str, ...]:
        """Who goes."""
        return tuple(visit.operative_ref for visit in self.visits)


def dispatch(desk: Desk, job: Job, place: Place, by: str, reason: str | None = None) -> Dispatch:
    """Sends somebody to an emergency that the plan does not have yet. Told twice it is the same one."""
    if numbers := desk.numbers_of(job.job_ref):
        return _known(desk, numbers[0], by, reason)
    if desk.is_closed(job.job_ref):
        raise Refused("order-closed", "The order is done or withdrawn.", "Raise a new order for new work.")
    with desk.changing("emergency", by, reason) as draft:
        number = draft.add(_as_emergency(desk, job), place)
        found = _send(draft, number)
    return _told(desk, number, found)


def dispatch_order(desk: Desk, order_ref: str, by: str, reason: str | None = None) -> Dispatch:
    """Sends somebody to an order of the plan that has turned out to be an emergency. Raises Refused."""
    numbers = desk.numbers_of(order_ref)
    if not numbers:
        raise Refused("unknown-order", "The plan has no such order to be done.", "Tell the place, trade and minutes.")
    return _known(desk, numbers[0], by, reason)


def _known(desk: Desk, number: int, by: str, reason: str | None) -> Dispatch:
    sent = desk.board.shifts_of(number)
    if sent and desk.jobs[number].priority is Priority.EMERGENCY:
        return _told(desk, number, _Found())
    with desk.changing("emergency", by, reason) as draft:
        draft.remove(number)
        due = desk.now_s + WITHIN_S
        draft.amend(number, priority=Priority.EMERGENCY, due_s=due)
        draft.restrict(number, Window(desk.now_s, due))
        draft.confirmed[number] = False
        if (booking := desk.booking_of(number)) is not None:
            draft.bookings.append(replace(booking, status_code="cancelled", expires_at=None))
        found = _send(draft, number)
    return _told(desk, number, found)


@dataclass(frozen=True)
class _Found:
    moved: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()
    proposals: tuple[Proposal, ...] = ()


def _as_emergency(desk: Desk, job: Job) -> Job:
    now = desk.now_s
    due = now + WITHIN_S if job.due_s is None else max(job.due_s, now + 1)
    return replace(job, priority=Priority.EMERGENCY, windows=(), earliest_s=now, due_s=due)


def _send(draft: Draft, number: int) -> _Found:
    """The place of an emergency that has no visit; its event tells who goes."""
    desk = draft.desk
    found = _placed(draft, number)
    draft.told |= {
        "job_ref": desk.jobs[number].job_ref,
        "operatives": [desk.operative_of(shift) for shift in desk.board.shifts_of(number)],
        "moved": [desk.jobs[one].job_ref for one in found.moved],
        "left_out": [desk.jobs[one].job_ref for one in found.left_out],
        "proposals": [one.id for one in found.proposals],
    }
    return found


def _placed(draft: Draft, number: int, without: frozenset[int] = frozenset()) -> _Found:
    desk = draft.desk
    board, now, task = desk.board, desk.now_s, desk.jobs[number]
    until = max(task.due_s or 0, now + SOON_S)
    if len(task.roles) > 1:
        return _crew(draft, number, Window(now, until))
    shifts = None if not without else [one for one in range(len(desk.shifts)) if one not in without]
    reaches = board.nearest(number, now, until, shifts)
    if reaches and reaches[0].start_s <= now + SOON_S and board.send(reaches[0]):
        return _Found()

    def put(shift: int) -> bool:
        found = board.nearest(number, now, until, [shift]) if shift not in without else []
        soon = [one for one in found if not reaches or one.start_s < reaches[0].start_s]
        return bool(soon) and board.send(soon[0])

    room = make_room(draft, number, Window(now, min(until, now + SOON_S)), put, SOONER)
    if room is not None and (not room.left_out or not reaches):
        return _Found(room.moved, room.left_out)
    if room is not None:
        draft.remove(number)
    if reaches and any(board.send(one) for one in reaches):
        return _Found()
    room = make_room(draft, number, Window(now, until), put)
    if room is not None:
        return _Found(room.moved, room.left_out)
    return _Found(proposals=_asked(draft, number, until))


def _crew(draft: Draft, number: int, window: Window) -> _Found:
    """A crew goes as soon as it can be together: the hours are tried one after the other."""
    step = 2 * 3_600
    for begins in range(window.start_s, window.end_s, step):
        if draft.place(number, Window(begins, min(begins + step, window.end_s))) is not None:
            return _Found()
    return _Found()


def _asked(draft: Draft, number: int, until: int) -> tuple[Proposal, ...]:
    """Proposals to take a slot that was promised; nothing is changed."""
    desk, found = draft.desk, []
    for shift in desk.board.able(number, Window(desk.now_s, until), 4 * ASKED):
        for other in [one for one in waiting(draft, shift) if desk.is_confirmed(one)]:
            with draft.trial():
                draft.remove(other)
                reach = desk.board.nearest(number, desk.now_s, until, [shift])
            if reach:
                found.append(propose(draft, other, "emergency", for_number=number, operative=desk.operative_of(shift)))
                break
        if len(found) == ASKED:
            break
    return tuple(found)


def _told(desk: Desk, number: int, found: _Found) -> Dispatch:
    stands = desk.board.shifts_of(number)
    rows = {(row.job_ref, row.role): row for row in desk.visits(stands)}
    ref = desk.jobs[number].job_ref
    visits = tuple(rows[ref, role] for role in range(len(stands)))
    return Dispatch(
        ref, visits, tuple(desk.jobs[one].job_ref for one in found.moved),
        tuple(desk.jobs[one].job_ref for one in found.left_out), found.proposals,
    )  # fmt: skip


def arrival_of(dispatched: Dispatch) -> datetime | None:
    """When the first of them begins; None while it waits for consent."""
    return dispatched.visits[0].start_at if dispatched.visits else None
