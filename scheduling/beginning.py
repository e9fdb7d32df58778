"""A plan becomes the live one: what was promised, decided and told while it was made finds its place in it.

Nothing that a tenant was promised is lost by it: what the plan has no place for is proposed to be agreed anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduling.calendars import slot, slot_named
from scheduling.carrying import Carried
from scheduling.draft import Draft
from scheduling.events import HUB, OTHER, Booking, Status
from scheduling.problem import Window
from scheduling.room import make_room, stay

if TYPE_CHECKING:
    from scheduling.desk import Desk


def begin(desk: Desk) -> None:
    """The first event of a plan. A desk that was killed before it had happened does the same."""
    told = desk.store.carried(desk.starts_at, desk.clock())
    going = desk.store.under_way(desk.clock())
    with desk.changing("begun", HUB) as draft:
        draft.told["plan"] = desk.plan_id
        draft.is_whole = True
        _over(draft, told)
        loose = [number for absence in told.away for number in draft.absent(absence)]
        loose += _come(draft, told) + _otherwise(draft, told)
        _go_on(draft, {ref: whose for ref, whose in going.items() if ref not in told.over})
        lost = draft.decide(desk.store.decisions())
        unplaced = [number for number in _promised(draft, told) + loose if not _placed(draft, number)]
        left = [number for number in dict.fromkeys(lost + unplaced) if not desk.board.is_planned(number)]
        proposals = [draft.propose(number, "begun") for number in left if _is_confirmed(draft, number)]
        draft.told["without place"] = [desk.jobs[number].job_ref for number in left]
        draft.told["proposals"] = [one.id for one in proposals]
        draft.bookings += [
            _booking(desk, number) for number, job in enumerate(desk.jobs)
            if number not in draft.closed and desk.is_new(job)
        ]  # fmt: skip


def _over(draft: Draft, told: Carried) -> None:
    """Takes out what is done or withdrawn, and remembers it as long as the systems have it open."""
    desk = draft.desk
    known = {number for ref in told.over for number in desk.numbers_of(ref)}
    for number in sorted(known):
        draft.close(number)
    draft.gone += sorted(desk.store.still_open(told.over - {desk.jobs[number].job_ref for number in known}))


def _come(draft: Draft, told: Carried) -> list[int]:
    """The jobs that were raised at the desk and that the plan does not have."""
    found: list[int] = []
    is_next = False
    for ref, (job, place) in told.came.items():
        is_next, was_next = not _open(draft, ref) and ref not in draft.desk.under_way, is_next
        if is_next:
            found.append(draft.add(job if was_next else replace(job, follows=()), place))
    return found


def _otherwise(draft: Draft, told: Carried) -> list[int]:
    """The jobs that are more pressing than the plan knows, or have to wait longer; they are placed anew."""
    desk, found = draft.desk, []
    for ref in told.amended:
        for number in _open(draft, ref):
            before = desk.jobs[number]
            now = told.as_it_is(before)
            draft.amend(number, priority=now.priority, due_s=now.due_s, earliest_s=now.earliest_s)
            if now != before:
                draft.confirmed[number] = now.is_confirmed
                draft.remove(number)
                found.append(number)
    return found


def _go_on(draft: Draft, going: dict[str, str]) -> None:
    """Who is at a job by now stays with it; the plan may have thought of somebody else, or of another day."""
    desk = draft.desk
    now = (number for number, shift in enumerate(desk.shifts) if shift.start_s <= desk.now_s < shift.end_s)
    at_work = {desk.operative_of(number): number for number in now}
    for ref, whose in going.items():
        number, shift = next(iter(_open(draft, ref)), None), at_work.get(whose)
        if number is None or shift is None or shift in desk.board.shifts_of(number):
            continue
        with draft.trial() as trial:
            draft.remove(number)
            if stay(draft, number, shift):
                trial.keep()


def _promised(draft: Draft, told: Carried) -> list[int]:
    """Holds the plan to the bookings; gives the jobs for which it has no place in their slot."""
    desk, unplaced = draft.desk, []
    for booking in [one for one in desk.bookings.values() if one.is_active]:
        numbers = _open(draft, booking.job_ref)
        if not numbers:
            is_done = booking.job_ref in told.done or booking.job_ref in desk.under_way
            draft.bookings.append(_ended(booking, "done" if is_done else "cancelled"))
        elif booking.window_end_at <= desk.clock():
            draft.bookings.append(_ended(booking, "expired"))
        else:
            draft.confirmed[numbers[0]] = booking.status_code == "confirmed"
            if not draft.promise(numbers[0], booking):
                unplaced.append(numbers[0])
    return unplaced


def _ended(booking: Booking, status: Status) -> Booking:
    return replace(booking, status_code=status, expires_at=None)


def _placed(draft: Draft, number: int) -> bool:
    """Whether a job has a place; for one that was promised, work that nobody was promised makes way."""
    if draft.put(number):
        return True
    window = draft.windows.get(number)
    if window is None or not _is_confirmed(draft, number) or len(draft.desk.jobs[number].roles) > 1:
        return False
    draft.restrict(number, window)
    return make_room(draft, number, window, lambda shift: stay(draft, number, shift)) is not None


def _open(draft: Draft, ref: str) -> list[int]:
    """The jobs of an order that are still to be done, as far as this draft knows."""
    return [number for number in draft.desk.numbers_of(ref) if number not in draft.closed]


def _is_confirmed(draft: Draft, number: int) -> bool:
    return draft.confirmed.get(number, draft.desk.is_confirmed(number))


def _booking(desk: Desk, number: int) -> Booking:
    """The booking of a job that another system promised."""
    window = desk.jobs[number].windows[0]
    day = desk.at(window.start_s).date()
    whole = Window(window.start_s, window.end_s + desk.margin_s)
    name = slot_named(desk.starts_at, day, whole) or slot_named(desk.starts_at, day, window)
    end_s = whole.end_s if name and slot(desk.starts_at, day, name) == whole else window.end_s
    return Booking(
        desk.next_booking(), desk.jobs[number].job_ref, "confirmed", day, name or OTHER, desk.at(window.start_s),
        desk.at(max(end_s, window.start_s + 60)), HUB, desk.clock(), None,
    )  # fmt: skip
