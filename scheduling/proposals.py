"""What the plan cannot keep unless a tenant agrees: proposed with the slots that they could have, decided by a command.

Nothing that was promised moves before somebody has told the tenant's answer.
"""

from __future__ import annotations

from dataclasses import replace

from scheduling.desk import Desk, Refused
from scheduling.draft import Draft
from scheduling.events import Answer, Booking, Proposal
from scheduling.offers import Asked, Rules, job_offers, offer_parts, slot_windows


def open_proposals(desk: Desk) -> list[Proposal]:
    """What waits for an answer, the oldest first."""
    return [one for one in desk.proposals.values() if one.status_code == "open"]


def find(desk: Desk, number: int) -> Proposal:
    """The proposal of that number. Raises Refused."""
    if (proposal := desk.proposals.get(number)) is None:
        raise Refused("unknown-proposal", "There is no such proposal.", "Ask for those that are open.")
    return proposal


def slots(desk: Desk, rules: Rules, number: int, days: int = 10) -> list[str]:
    """The offers that a proposal can be accepted with, as they are now, the best first."""
    proposal = find(desk, number)
    asked = Asked(days=min(days, max(1, desk.days)))
    return [one.offer for one in job_offers(desk, rules, _job(desk, proposal.job_ref), asked).offers]


def accept(desk: Desk, rules: Rules, number: int, offer: str, by: str) -> Proposal:
    """The tenant agrees to another slot: their visit moves there, and what waited for it takes its place.

    Raises Refused where it is decided already, or the slot or the place is gone; then nothing has changed.
    """
    proposal = _open(desk, number)
    day, name, ref = offer_parts(offer)
    if ref != proposal.job_ref:
        raise Refused("offer-of-another", "The offer is of another order.", "Send one of the proposal's offers.")
    job = _job(desk, ref)
    told, planned = slot_windows(desk, rules, day, name)
    with desk.changing("proposal-accepted", by) as draft:
        if proposal.for_ref is not None:
            draft.remove(job)
            _send(draft, proposal.for_ref)
        if draft.place(job, planned) is None:
            raise Refused("slot-taken", "The slot has no room for the order any more.", "Ask for its offers again.")
        draft.confirmed[job] = True
        if (booking := desk.booking_of(job)) is not None:
            draft.bookings.append(
                replace(
                    booking, day=day, slot=name, window_start_at=desk.at(told.start_s),
                    window_end_at=desk.at(told.end_s),
                )
            )  # fmt: skip
        else:
            draft.bookings.append(
                Booking(
                    desk.next_booking(), ref, "confirmed", day, name, desk.at(told.start_s), desk.at(told.end_s), by,
                    desk.clock(), None,
                )
            )  # fmt: skip
        done = _decided(desk, draft, proposal, "accepted", by)
        if proposal.for_ref is not None:
            for other in open_proposals(desk):
                if other.for_ref == proposal.for_ref and other.id != proposal.id:
                    _decided(desk, draft, other, "void", by)
            sent = desk.board.shifts_of(_job(desk, proposal.for_ref))
            draft.told |= {"emergency": proposal.for_ref, "operatives": [desk.operative_of(each) for each in sent]}
        draft.told |= {"proposal": proposal.id, "job_ref": ref, "offer": offer}
    return done


def refuse(desk: Desk, number: int, by: str, reason: str | None = None) -> Proposal:
    """The tenant does not agree: what was promised stays promised, and somebody has to see to it."""
    proposal = _open(desk, number)
    with desk.changing("proposal-refused", by, reason) as draft:
        done = _decided(desk, draft, proposal, "refused", by)
        draft.told |= {"proposal": proposal.id, "job_ref": proposal.job_ref, "for_ref": proposal.for_ref}
    return done


def _send(draft: Draft, ref: str) -> None:
    """Sends somebody to the emergency that waited for a place. Raises Refused."""
    desk = draft.desk
    emergency = _job(desk, ref)
    if desk.board.is_planned(emergency):
        raise Refused("placed-already", "The emergency has found another place.", "Leave the promise as it is.")
    until = max(desk.jobs[emergency].due_s or 0, desk.now_s + 3_600)
    if not desk.board.go(emergency, desk.now_s, until):
        raise Refused(
            "place-gone", "The slot's place is no help to the emergency any more.", "Send the emergency anew."
        )


def _decided(desk: Desk, draft: Draft, proposal: Proposal, status: Answer, by: str) -> Proposal:
    done = replace(proposal, status_code=status, decided_at=desk.clock(), decided_by=by)
    draft.proposals.append(done)
    return done


def _open(desk: Desk, number: int) -> Proposal:
    proposal = find(desk, number)
    if proposal.status_code != "open":
        raise Refused("proposal-decided", f"The proposal is {proposal.status_code} already.", "Ask for the open ones.")
    return proposal


def _job(desk: Desk, ref: str) -> int:
    numbers = desk.numbers_of(ref)
    if not numbers:
        raise Refused("order-closed", "The order is done or withdrawn.", "Ask for the open proposals.")
    return numbers[0]
