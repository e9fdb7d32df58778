"""The scheduler's operations that change something: slots, orders, visits, reservations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from api.scheduling.soap_counter import (
    Counter,
    Values,
    required,
    same_work,
    told_lines,
    told_order,
    told_wish,
    window,
)
from api.scheduling.soap_values import SAID, booking_element, order_element
from scheduling import booking, replan
from scheduling.calendars import SLOTS, bank_holidays, midnight
from scheduling.callers import Wish
from scheduling.desk import Refused
from scheduling.offers import Asked, Offer, Offers, job_offers
from scheduling.order_book import Order, Visit
from scheduling.problem import LONDON, Priority

DEFAULT_DAYS, MOST_DAYS = 7, 14
SATURDAY = 5
BEGUN = {"ARRIVED": replan.arrived, "STARTED": replan.started}


def check_availability(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The days and their overlapping slots; the best is the one that adds the least miles."""
    asked = required(values, "theOrder")
    counter.raising.check(asked.get("contract"))
    now = counter.desk.clock().astimezone(LONDON)
    first = max((values.get("periodBegin") or now).astimezone(LONDON).date(), now.date())
    end = values.get("periodEnd")
    last = end.astimezone(LONDON).date() if end else first + timedelta(days=DEFAULT_DAYS - 1)
    if last < first:
        raise Refused("bad-period", "The period is over, or ends before it begins", "Ask from today on.")
    said = [f"The period was limited to {MOST_DAYS} days"] if (last - first).days >= MOST_DAYS else []
    days = min((last - first).days + 1, MOST_DAYS)
    if values.get("resourceIDs"):
        said.append("resourceIDs are not taken: the plan chooses who comes")
    offers = _asked(counter, asked, Asked(first, days, tuple(SLOTS)), by)
    if any(day.closed == "beyond-plan" for day in offers.days):
        said.append(f"The plan ends on {counter.desk.date_of(counter.desk.days - 1)}")
    return {"theSlots": _days(offers, values.get("onlyBestSlots")), "errorMsg": ". ".join(said) or None}


def _asked(counter: Counter, asked: Mapping[str, Any], which: Asked, by: str) -> Offers:
    """The offers for an order that there is, or for one that nobody has raised yet."""
    desk, ref = counter.desk, asked.get("primaryOrderNumber") or ""
    booking.expire(desk)
    wish = told_wish(desk, _first(asked), asked)
    numbers = desk.all_of(ref) if ref else []
    if not numbers:
        if ref and desk.is_closed(ref):
            raise Refused("order-closed", "The order is done or deleted", "Create a new one.")
        told = {**asked, "primaryOrderNumber": ref or "enquiry", "targetDate": asked.get("targetDate") or _far(which)}
        job, place = counter.raising.job(desk, told_order(told, by), wish)
    else:
        job = desk.jobs[next((each for each in numbers if desk.booking_of(each) is None), numbers[0])]
        place = desk.board.problem.places[job.place]
        if _is_wished(job.duration_s, job.priority, wish):
            return job_offers(desk, counter.rules, desk.numbers_of(job.job_ref)[0], which)
        job = replace(job, duration_s=(wish.minutes or job.duration_s // 60) * 60, windows=(), is_confirmed=False,
                      priority=Priority.EMERGENCY if wish.is_emergency else job.priority)  # fmt: skip
    with desk.asking(job, place) as number:
        return job_offers(desk, counter.rules, number, which)


def _is_wished(duration_s: int, priority: Priority, wish: Wish) -> bool:
    """Whether a job is as a caller tells it."""
    lasts = not wish.minutes or wish.minutes * 60 == duration_s
    return lasts and (not wish.is_emergency or priority is Priority.EMERGENCY)


def _far(which: Asked) -> datetime:
    return midnight((which.first or date.min) + timedelta(days=which.days))


def _days(offers: Offers, only_best: str | None) -> list[Values]:
    best = min(offers.offers, key=_added, default=None)
    by_day: dict[date, list[Offer]] = {}
    for offer in offers.offers:
        by_day.setdefault(offer.day, []).append(offer)
    found = []
    for each in offers.days:
        had = {offer.slot: offer for offer in by_day.get(each.day, [])}
        if only_best in ("day", "fullPeriod"):
            chosen = min(had.values(), key=_added, default=None) if only_best == "day" else best
            had = {name: offer for name, offer in had.items() if offer is chosen}
        listed = () if each.closed else had if only_best in ("day", "fullPeriod") else SLOTS
        is_holiday, is_weekend = each.day in bank_holidays(each.day.year), each.day.weekday() >= SATURDAY
        found.append(
            {
                "day": midnight(each.day),
                "nonWorkingDay": bool(each.closed) and is_holiday and not is_weekend,
                "weeklyDayOff": bool(each.closed) and is_weekend,
                "slotsForDay": [_slot(each.day, name, had.get(name), best) for name in listed],
            }
        )
    return found


def _added(offer: Offer) -> tuple[int, datetime, datetime]:
    return offer.added_m, offer.starts_at, offer.ends_at


def _slot(day: date, name: str, offer: Offer | None, best: Offer | None) -> Values:
    """A slot: MAYBE where there is room, but after the order's target."""
    first, last = (datetime.combine(day, time(minute // 60, minute % 60), LONDON) for minute in SLOTS[name])
    available = "NO" if offer is None else "MAYBE" if offer.late_days else "YES"
    return {
        "available": available, "beginDate": first, "endDate": last, "bestSlot": offer is not None and offer is best,
    }  # fmt: skip


# -- orders ---------------------------------------------------------------------------------------------------------


def create_order(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The order in the plan, with a booking that nobody was promised yet. One that the hub had before is taken over."""
    asked = required(values, "theOrder")
    counter.raising.check(asked.get("contract"))
    ref = asked.get("primaryOrderNumber") or ""
    known = counter.book.orders([ref]).get(ref) if ref else None
    if known is not None and known.raised_by is not None:
        raise Refused("order-exists", "An order of that number exists", "Update it.")
    if counter.desk.is_closed(ref) and known is not None:
        raise Refused("order-closed", "The order is done", "Create one of another number.")
    wish, order = told_wish(counter.desk, _first(asked), asked), told_order(asked, by, known)
    if not counter.desk.numbers_of(ref):
        booking.raise_jobs(counter.desk, counter.raising.jobs(counter.desk, order, wish), by)
    order = counter.book.add(order) if known is None else counter.book.amend(order)
    visits = counter.numbered(order)
    for visit in visits[:1]:
        counter.book.tell(visit, minutes=wish.minutes, is_emergency=wish.is_emergency or visit.is_emergency,
                          user_ref=order.user_ref)  # fmt: skip
    return {"theOrder": _order_now(counter, order)}


def update_order(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The order as it is told now. Work, place and priority change while nobody was promised a visit."""
    asked = required(values, "theOrder")
    known = counter.order(asked.get("primaryOrderNumber"))
    order, desk = told_order(asked, by, known), counter.desk
    counter.raising.check(order.contract_ref)
    numbers = desk.numbers_of(order.order_ref)
    if not same_work(known, order) or known.target_at != order.target_at:
        if any(desk.booking_of(number) for number in numbers) and not same_work(known, order):
            raise Refused("booked", "The order is booked: delete its booking before its work or place changes",
                          "deleteBooking, then updateOrder.")  # fmt: skip
        if numbers and not any(desk.booking_of(number) for number in numbers):
            jobs = counter.raising.jobs(desk, order, told_wish(desk, _first(asked), asked))
            if len(jobs) == len(numbers) == 1:
                jobs = [(replace(jobs[0][0], job_ref=desk.jobs[numbers[0]].job_ref), jobs[0][1])]
            booking.withdraw(desk, order.order_ref, by, "the order was changed")
            booking.raise_jobs(desk, jobs, by)
    return {"theOrder": _order_now(counter, counter.book.amend(replace(order, raised_by=known.raised_by or by)))}


def delete_order(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The order that is gone, with its bookings."""
    order = counter.order(required(values, "theOrder").get("primaryOrderNumber"))
    gone = order_element(order)
    for ref in [counter.desk.jobs[number].job_ref for number in counter.desk.all_of(order.order_ref)]:
        booking.withdraw(counter.desk, ref, by, "the order was deleted")
    counter.book.delete(order)
    return {"theOrder": gone}


def complete_order(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """Nothing: the order is done, and leaves the plan."""
    counter.raising.check(values.get("contract"))
    _complete(counter, counter.order(values.get("primaryOrderNumber")), by)
    return {}


def _complete(counter: Counter, order: Order, by: str) -> None:
    visits = counter.numbered(order)
    for ref in [counter.desk.jobs[number].job_ref for number in counter.desk.all_of(order.order_ref)]:
        _finish(counter, ref, by)
    for visit in visits:
        counter.book.tell(visit, life_cycle="COMPLETED")
    counter.book.amend(replace(order, status_code="COMPLETED"))


def _finish(counter: Counter, job_ref: str, by: str) -> None:
    """Lets a visit that began be over by now, and one that was still to come leave the plan."""
    desk = counter.desk
    for number in desk.numbers_of(job_ref):
        if desk.board.is_planned(number) and desk.board.starts(number) <= desk.now_s:
            replan.completed(desk, job_ref, by)
        else:
            booking.withdraw(desk, job_ref, by, "completed")


def _order_now(counter: Counter, order: Order) -> Values:
    visits = counter.numbered(order)
    rows = counter.rows([visit.job_ref for visit in visits])
    return order_element(
        order, [booking_element(counter.desk, order, visit, rows.get(visit.job_ref, [])) for visit in visits]
    )


# -- visits ---------------------------------------------------------------------------------------------------------


def create_booking(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The order's booking that nobody was promised yet; a further visit where all that there are have been."""
    asked = required(values, "theBooking")
    told = values.get("theOrder") or {}
    order = counter.order(told.get("primaryOrderNumber") or asked.get("primaryOrderNumber"))
    visit = _new_visit(counter, order, asked, by)
    return {"theBookings": [_booking_now(counter, order, visit)]}


def _new_visit(counter: Counter, order: Order, asked: Mapping[str, Any], by: str) -> Visit:
    desk, wish, visits = counter.desk, told_wish(counter.desk, asked), counter.numbered(order)
    lines = told_lines(asked) or order.lines
    free = [number for number in desk.all_of(order.order_ref) if desk.booking_of(number) is None]
    if free:
        ref = desk.jobs[free[0]].job_ref
        _as_told(counter, ref, wish, by)
    else:
        further = counter.raising.job(desk, replace(order, lines=lines), wish, counter.book.ever(order) + 1)
        ref = further[0].job_ref
        booking.raise_order(desk, *further, by)
    counter.numbered(order)
    visit = counter.book.visits_of([ref])[ref]
    counter.book.tell(
        visit, minutes=wish.minutes, is_emergency=wish.is_emergency, user_ref=asked.get("userId") or order.user_ref,
        reason=asked.get("bookingReason") or ("follow on" if visits and not free else visit.reason),
    )  # fmt: skip
    return counter.book.visits_of([ref])[ref]


def schedule_booking(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """Nothing, or what to know: the tenant is promised the window. Sent again, the booking moves."""
    asked = required(values, "theBooking")
    visit, order = counter.visit(asked)
    _promise(counter, visit, order, asked, by)
    if values.get("resourceLock") in ("lockAsSpecified", "lockAfterSchedule"):
        return {"errorMsg": "The window is kept; who comes may change unless a planner pins it"}
    return {}


def create_reservation(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """Nothing: the window is held for the tenant until midnight."""
    asked = required(values, "theBooking")
    visit, order = counter.visit(asked if asked.get("bookingId") else {**asked, "bookingId": values.get("bookingId")})
    _hold(counter, visit, order, asked, by)
    return {}


def confirm_reservation(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """Nothing: what was held is promised, in another window where one is named."""
    asked = required(values, "theBooking")
    visit, order = counter.visit(asked if asked.get("bookingId") else {**asked, "bookingId": values.get("bookingId")})
    booking.expire(counter.desk)
    numbers = counter.desk.numbers_of(visit.job_ref)
    kept = counter.desk.booking_of(numbers[0]) if numbers else None
    if kept is None or kept.status_code != "held":
        raise Refused("not-reserved", "The booking is not reserved", "createReservation first.")
    if (kept.window_start_at, kept.window_end_at) != window(asked):
        _promise(counter, visit, order, asked, by)
    else:
        booking.confirm(counter.desk, counter.rules, kept.id, by)
        _planned(counter, visit)
    return {}


def update_booking(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The visit, after what was told of it: that it began, that it is done."""
    asked = required(values, "theBooking")
    visit, order = counter.visit(asked)
    told = values.get("transactionType") or "undefined"
    shown = _booking_now(counter, order, visit)
    if told in SAID:
        if told == "COMPLETED":
            _finish(counter, visit.job_ref, by)
        elif told in BEGUN:
            BEGUN[told](counter.desk, visit.job_ref, by)
        else:
            counter.note("visit-told", by, job_ref=visit.job_ref, state=told, operative_ref=values.get("resourceId"))
        counter.book.tell(visit, life_cycle=told)
        shown["bookingLifeCycleStatus"] = told
    if told in BEGUN and order.status_code == "PLANNED":
        order = counter.book.amend(replace(order, status_code="STARTED"))
    if follow_on := values.get("theFollowOnBooking"):
        _new_visit(counter, order, {"bookingReason": "follow on", **follow_on}, by)
    elif values.get("completeOrder"):
        _complete(counter, order, by)
    return {"theBooking": shown}


def delete_booking(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The visit that is gone. Its order stays, and is to be booked anew."""
    visit, order = counter.visit(required(values, "theBooking"))
    gone = _booking_now(counter, order, visit)
    numbers = counter.desk.numbers_of(visit.job_ref)
    if numbers and (kept := counter.desk.booking_of(numbers[0])) is not None:
        booking.cancel(counter.desk, kept.id, by, "the booking was deleted")
    counter.book.delete_visit(visit)
    return {"theBooking": gone, "theOrder": order_element(order)}


def _promise(counter: Counter, visit: Visit, order: Order, asked: Mapping[str, Any], by: str) -> None:
    """Promises the window; a booking that stands moves in one step, and stays where there is no room."""
    desk, (begin, end) = counter.desk, window(asked)
    booking.expire(desk)
    _as_told(counter, visit.job_ref, told_wish(desk, asked), by)
    numbers = desk.numbers_of(visit.job_ref)
    kept = desk.booking_of(numbers[0]) if numbers else None
    if kept is None or kept.status_code == "held":
        held = booking.hold_window(desk, counter.rules, visit.job_ref, begin, end, by)
        booking.confirm(desk, counter.rules, held.id, by)
    elif (kept.window_start_at, kept.window_end_at) != (begin, end):
        booking.change_window(desk, counter.rules, kept.id, begin, end, by)
    _planned(counter, visit)


def _hold(counter: Counter, visit: Visit, order: Order, asked: Mapping[str, Any], by: str) -> None:
    desk, (begin, end) = counter.desk, window(asked)
    _as_told(counter, visit.job_ref, told_wish(desk, asked), by)
    now = desk.clock().astimezone(LONDON)
    minutes = max(
        counter.rules.hold_minutes, int((midnight(now.date() + timedelta(days=1)) - now).total_seconds() // 60)
    )
    booking.hold_window(desk, replace(counter.rules, hold_minutes=minutes), visit.job_ref, begin, end, by)
    _planned(counter, visit)


def _planned(counter: Counter, visit: Visit) -> None:
    """A visit that is agreed anew is no longer under way."""
    if visit.life_cycle is not None:
        counter.book.tell(visit, life_cycle=None)


def _as_told(counter: Counter, job_ref: str, wish: Wish, by: str) -> None:
    """Lets a job take as long and be as urgent as a caller tells; one that is promised is not changed so."""
    desk = counter.desk
    numbers = desk.numbers_of(job_ref)
    if not numbers:
        raise Refused("order-closed", "The visit is done, or its order was deleted", "createBooking for another visit.")
    job = desk.jobs[numbers[0]]
    if _is_wished(job.duration_s, job.priority, wish):
        return
    if desk.booking_of(numbers[0]) is not None:
        raise Refused("booked", "The booking is promised: delete it before its duration or urgency changes",
                      "deleteBooking, then createBooking.")  # fmt: skip
    priority = Priority.EMERGENCY if wish.is_emergency else job.priority
    booking.amend(desk, numbers[0], by, duration_s=(wish.minutes or job.duration_s // 60) * 60, priority=priority)


def _booking_now(counter: Counter, order: Order, visit: Visit) -> Values:
    return booking_element(counter.desk, order, visit, counter.rows([visit.job_ref]).get(visit.job_ref, []))


def _first(asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The booking that an order is told with."""
    return next(iter(asked.get("theBookings") or ()), None)
