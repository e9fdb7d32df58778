"""Slots held for tenants for some minutes, promised, changed, given back; orders that come and go.

A hold takes its place in the plan, so it is nobody else's; if it expires before it is confirmed, the job goes back to
where it costs least. Nothing here ever moves a visit out of a window that another tenant was promised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from canonical_model.workload import STANDING
from scheduling.desk import Desk, Refused
from scheduling.draft import Draft
from scheduling.events import Booking
from scheduling.offers import (
    Asked,
    Offers,
    Rules,
    job_offers,
    name_of,
    named_windows,
    offer_parts,
    slot_windows,
    span,
    with_margin,
)
from scheduling.problem import Job, Place, Problem, Window

OPEN = frozenset(STANDING.replace("'", "").split(", "))


def offers(desk: Desk, rules: Rules, order_ref: str, asked: Asked | None = None) -> Offers:
    """The slots that an order can have. Raises Refused where it can have none: it is not open, or booked already."""
    expire(desk)
    number = _job(desk, order_ref)
    _free(desk, number)
    return job_offers(desk, rules, number, asked or Asked())


def hold(desk: Desk, rules: Rules, offer: str, by: str, key: str | None = None) -> Booking:
    """The place of an offer, held for some minutes; another hold of the same order is given back for it.

    A ``key`` makes it safe to ask twice: the same key is the same hold. Raises Refused with fresh offers where the slot
    is taken meanwhile.
    """
    day, name, order_ref = offer_parts(offer)
    same = (one for one in desk.bookings.values() if key and (one.made_by, one.idempotency_key) == (by, key))
    if (again := next(same, None)) is not None:
        if (again.day, again.slot, again.job_ref) != (day, name, order_ref):
            raise Refused("key-used", "The idempotency key was used for another offer.", "Send a new key.")
        return again
    expire(desk)
    number = _job(desk, order_ref)
    _free(desk, number, by)
    return _hold(desk, rules, number, name, slot_windows(desk, rules, day, name), by, key)


def hold_window(
    desk: Desk, rules: Rules, order_ref: str, starts_at: datetime, ends_at: datetime, by: str
) -> Booking:  # fmt: skip
    """A window of its own held for an order, as other systems name theirs."""
    expire(desk)
    number = _job(desk, order_ref)
    _free(desk, number, by)
    windows = named_windows(desk, rules, starts_at, ends_at)
    return _hold(desk, rules, number, name_of(desk, windows[0]), windows, by, None)


def confirm(desk: Desk, rules: Rules, booking_id: int, by: str) -> Booking:
    """The booking that a hold becomes; confirmed twice it is the same one.

    Raises Refused, with fresh offers, after the hold has expired.
    """
    expire(desk)
    booking = find(desk, booking_id)
    if booking.status_code == "confirmed":
        return booking
    if booking.status_code == "cancelled":
        raise Refused("booking-cancelled", "The hold was given back.", "Ask for offers and hold one.")
    numbers = desk.numbers_of(booking.job_ref)
    if booking.status_code == "expired" or not numbers:
        fresh = job_offers(desk, rules, numbers[0], Asked()).offers if numbers else ()
        raise Refused("hold-expired", "The hold is over, and its place may be gone.", "Hold one of these offers.",
                      offers=fresh)  # fmt: skip
    with desk.changing("confirmed", by) as draft:
        done = replace(booking, status_code="confirmed", expires_at=None)
        draft.bookings.append(done)
        draft.told |= _told(done)
    return done


def change(desk: Desk, rules: Rules, booking_id: int, offer: str, by: str) -> Booking:
    """The booking in another slot, as its tenant agreed to.

    Raises Refused with fresh offers where that is taken; the booking stays as it is then.
    """
    day, name, order_ref = offer_parts(offer)
    booking = _active(desk, booking_id)
    if booking.job_ref != order_ref:
        raise Refused("offer-of-another", "The offer is of another order.", "Ask for offers to change this booking.")
    return _move(desk, rules, booking, name, slot_windows(desk, rules, day, name), by)


def change_window(
    desk: Desk, rules: Rules, booking_id: int, starts_at: datetime, ends_at: datetime, by: str
) -> Booking:  # fmt: skip
    """The booking in another window of its own."""
    booking, windows = _active(desk, booking_id), named_windows(desk, rules, starts_at, ends_at)
    return _move(desk, rules, booking, name_of(desk, windows[0]), windows, by)


def offers_to_change(desk: Desk, rules: Rules, booking_id: int, asked: Asked | None = None) -> Offers:
    """The slots that a booking could be changed to; its own is among them."""
    booking = _active(desk, booking_id)
    return job_offers(desk, rules, desk.numbers_of(booking.job_ref)[0], asked or Asked())


def cancel(desk: Desk, booking_id: int, by: str, reason: str | None = None) -> Booking:
    """The booking, cancelled, once or twice; its order stays to be done, where that costs least."""
    booking = find(desk, booking_id)
    if not booking.is_active:
        return booking
    with desk.changing("cancelled", by, reason) as draft:
        done = replace(booking, status_code="cancelled", expires_at=None)
        draft.bookings.append(done)
        _release(draft, booking)
        draft.told |= _told(done)
    return done


def expire(desk: Desk) -> list[Booking]:
    """The holds whose time is over, ended now."""
    now = desk.clock()
    over = [one for one in desk.holds() if one.expires_at is not None and one.expires_at <= now]
    if over:
        with desk.changing("expired", "hub") as draft:
            for one in over:
                draft.bookings.append(replace(one, status_code="expired"))
                _release(draft, one)
            draft.told["bookings"] = [one.id for one in over]
    return over


def find(desk: Desk, booking_id: int) -> Booking:
    """The booking of that number. Raises Refused."""
    if (booking := desk.bookings.get(booking_id)) is None:
        raise Refused("unknown-booking", "There is no such hold or booking.", "Use the number that a hold was told.")
    return booking


def raise_order(desk: Desk, job: Job, place: Place, by: str) -> int:
    """The number of an order that was raised since the plan was made; it has its cheapest place until it is booked.

    Raised twice it is the same one.
    """
    return raise_jobs(desk, [(job, place)], by)


def raise_jobs(desk: Desk, jobs: Sequence[tuple[Job, Place]], by: str) -> int:
    """The number of the first of an order's jobs; each that follows on another follows on the one before it."""
    if numbers := desk.numbers_of(jobs[0][0].job_ref):
        return numbers[0]
    with desk.changing("order-raised", by) as draft:
        added = [draft.add(job, place) for job, place in jobs]
        for number in added:
            draft.place(number)
        draft.told["job_ref"] = jobs[0][0].job_ref
    return added[0]


def amend(desk: Desk, number: int, by: str, **changes: Any) -> None:
    """Lets a job that nobody was promised be as long or urgent as it is told now; what follows on it still waits."""
    ref = desk.jobs[number].job_ref
    others = [one for one in desk.all_of(ref.rpartition("/")[0] or ref) if one != number]
    with desk.changing("order-amended", by) as draft:
        if not draft.amend(number, **changes) or others:
            draft.remove(number)
        for one in (number, *others):
            draft.put(one)
        draft.told["job_ref"] = ref


def withdraw(desk: Desk, order_ref: str, by: str, reason: str | None = None) -> None:
    """Takes an order out of the plan, with its bookings: nobody wants it any more, or it is done."""
    numbers = desk.numbers_of(order_ref)
    if not numbers:
        raise _not_there(desk, order_ref)
    with desk.changing("order-withdrawn", by, reason) as draft:
        for number in numbers:
            if (booking := desk.booking_of(number)) is not None:
                draft.bookings.append(replace(booking, status_code="cancelled", expires_at=None))
            draft.close(number)
        draft.told["order_ref"] = order_ref


def promised(problem: Problem, bookings: Sequence[Booking], margin_s: int = 0) -> Problem:
    """The problem of a plan to come with what was promised since the systems told of it."""
    kept = {one.job_ref: one for one in bookings if one.is_active}
    jobs = []
    for job in problem.jobs:
        if (booking := kept.get(job.job_ref)) is not None:
            window = with_margin(span(problem.starts_at, booking.window_start_at, booking.window_end_at), margin_s)
            job = replace(job, windows=(window,), is_confirmed=True)  # noqa: PLW2901 - the job as it is promised
        jobs.append(job)
    return replace(problem, jobs=tuple(jobs))


# -- how ----------------------------------------------------------------------------------------------------------


def _hold(
    desk: Desk, rules: Rules, number: int, name: str, windows: tuple[Window, Window], by: str, key: str | None
) -> Booking:  # fmt: skip
    """A hold of a job in a window: what the tenant is told, and what is planned."""
    told, planned = windows
    before, now = desk.booking_of(number), desk.clock()
    with _or_fresh(desk, rules, number), desk.changing("held", by) as draft:
        if draft.place(number, planned) is None:
            raise _Gone
        if before is not None:
            draft.bookings.append(replace(before, status_code="cancelled", expires_at=None))
        draft.confirmed[number] = True
        held = Booking(
            desk.next_booking(), desk.jobs[number].job_ref, "held", desk.at(told.start_s).date(), name,
            desk.at(told.start_s), desk.at(told.end_s), by, now, now + timedelta(minutes=rules.hold_minutes), key,
        )  # fmt: skip
        draft.bookings.append(held)
        draft.told |= _told(held)
    return held


def _move(desk: Desk, rules: Rules, booking: Booking, name: str, windows: tuple[Window, Window], by: str) -> Booking:
    told, planned = windows
    number = desk.numbers_of(booking.job_ref)[0]
    with _or_fresh(desk, rules, number), desk.changing("moved", by) as draft:
        if draft.place(number, planned) is None:
            raise _Gone
        moved = replace(
            booking, day=desk.at(told.start_s).date(), slot=name, window_start_at=desk.at(told.start_s),
            window_end_at=desk.at(told.end_s),
        )  # fmt: skip
        draft.bookings.append(moved)
        draft.told |= {
            **_told(moved),
            "before": [booking.window_start_at.isoformat(), booking.window_end_at.isoformat()],
        }
    return moved


class _Gone(Exception):
    """The plan has no place in the window any more."""


@contextmanager
def _or_fresh(desk: Desk, rules: Rules, number: int) -> Iterator[None]:
    """Refuses with the offers that there are now, where the place is gone."""
    try:
        yield
    except _Gone:
        raise Refused(
            "slot-taken", "The slot has no room for the order any more.", "Hold one of these offers.",
            offers=job_offers(desk, rules, number, Asked()).offers,
        ) from None  # fmt: skip


def _release(draft: Draft, booking: Booking) -> None:
    """Gives a job its own windows back, and the place that costs least; without one it is left out."""
    for number in draft.desk.numbers_of(booking.job_ref):
        draft.confirmed[number] = False
        if draft.place(number) is None:
            draft.remove(number)
            draft.widen(number)


def _job(desk: Desk, order_ref: str) -> int:
    """The job of an order that is to be agreed next: the first that nobody was promised, else the first. Raises
    Refused where the order is not open."""
    numbers = desk.numbers_of(order_ref)
    if not numbers:
        raise _not_there(desk, order_ref)
    return next((number for number in numbers if desk.booking_of(number) is None), numbers[0])


def _free(desk: Desk, number: int, by: str | None = None) -> None:
    """Raises Refused where a job is promised already, or somebody else holds it; ``by`` may hold it anew."""
    if (booking := desk.booking_of(number)) is None:
        return
    if booking.status_code == "confirmed":
        raise Refused("already-booked", f"The order is booked already, on {booking.day:%d %B}, {booking.slot}.",
                      "Change or cancel the booking.", booking=booking.id)  # fmt: skip
    if booking.made_by != by and by is not None:
        raise Refused("already-held", "Somebody holds a slot for the order.", "Wait until the hold is over.",
                      booking=booking.id)  # fmt: skip


def _not_there(desk: Desk, order_ref: str) -> Refused:
    if desk.is_closed(order_ref):
        return Refused("order-closed", "The order is done or withdrawn.", "Raise a new order for new work.")
    status = desk.store.order_status(order_ref)
    if status is None:
        return Refused("unknown-order", "There is no such order.", "Check the number with the repairs system.")
    if status in OPEN:
        return Refused("not-planned", "The order is open, but not in the plan.",
                       "Raise it at the desk, or see the plan's faults: hub schedule show.")  # fmt: skip
    return Refused("order-closed", f"The order is {status.replace('_', ' ')}: nobody goes to it.",
                   "Reopen it in the repairs system, or raise a new one.")  # fmt: skip


def _active(desk: Desk, booking_id: int) -> Booking:
    expire(desk)
    booking = find(desk, booking_id)
    if not booking.is_active:
        raise Refused(f"booking-{booking.status_code}", f"The booking is {booking.status_code}.",
                      "Ask for offers and hold one.")  # fmt: skip
    return booking


def _told(booking: Booking) -> dict[str, Any]:
    """A booking as its event tells it."""
    return {"booking": booking.id, "job_ref": booking.job_ref, "day": booking.day.isoformat(), "slot": booking.slot}
