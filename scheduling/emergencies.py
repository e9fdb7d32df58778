"""An emergency is placed at once: the operative who can be there first, by where they are and what they still do.

Out of hours that is who is on call, as nobody else is on duty. Nobody loses a slot that they were promised while there
is any other way: first comes a place beside all that is planned, then one for which work that nobody was promised makes
way, then one for which promised visits go to somebody else within their slots. If none is, it is told whose slot it
would take, and they are asked; a supervisor hears of it in the same moment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from scheduling.desk import Desk, Refused
from scheduling.draft import Draft
from scheduling.events import Proposal, VisitRow
from scheduling.problem import Job, Place, Priority, Window

WITHIN_S = 24 * 3_600
"""An emergency that says nothing else is begun in a day."""
SOON_S = 2 * 3_600
"""If nobody can be there by then beside all that is planned, work that nobody was promised makes way."""
NO_PLACE = "no-place"
"""Why an emergency is itself proposed: no promise less would make a place for it, so a person has to see to it."""


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


def _placed(draft: Draft, number: int) -> _Found:
    desk = draft.desk
    now, task = desk.now_s, desk.jobs[number]
    until = max(task.due_s or 0, now + SOON_S)
    found = desk.board.respond(number, now, min(until, now + SOON_S), until, _promised(draft))
    if found.is_placed:
        return _Found(found.moved, found.left_out)
    asked = tuple(
        draft.propose(other, "emergency", for_number=number, operative=desk.operative_of(shift))
        for shift, other in found.victims
    )
    return _Found(proposals=asked or (draft.propose(number, NO_PLACE),))


def _promised(draft: Draft) -> list[int]:
    """The jobs whose time somebody has been told, or is about to be."""
    desk = draft.desk
    held = [number for one in desk.holds() for number in desk.numbers_of(one.job_ref)]
    kept = [number for number in range(len(desk.jobs)) if draft.confirmed.get(number, desk.is_confirmed(number))]
    return kept + held


def _told(desk: Desk, number: int, found: _Found) -> Dispatch:
    stands = desk.board.shifts_of(number)
    rows = {(row.job_ref, row.role): row for row in desk.visits(stands)}
    ref = desk.jobs[number].job_ref
    visits = tuple(rows[ref, role] for role in range(len(stands)))
    return Dispatch(
        ref, visits, tuple(desk.jobs[one].job_ref for one in found.moved),
        tuple(desk.jobs[one].job_ref for one in found.left_out), found.proposals,
    )  # fmt: skip
