"""The scheduler's operations that tell what there is, and those that tell the hub what it reads from elsewhere.

What is read from elsewhere stays as it is there: a caller's word becomes an event of the desk under the caller's name,
and holds for the plan and for orders that callers raise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from api.scheduling.soap_counter import Counter, Values, degrees, required
from api.scheduling.soap_values import booking_element, hours_element, order_element, resource_elements
from scheduling import booking, replan
from scheduling.callers import Wish
from scheduling.desk import Refused
from scheduling.order_book import Order
from scheduling.problem import LONDON

REASONS = (("ABSENT", "Away"),)
"""Why somebody is away is told to nobody through this interface."""
ALERTS = {
    "RESCHEDULEFAILURES": "The booking is promised, and the plan has no place for it.",
    "SUSPENDEDJOBS": "The order is open, and the plan has no place for it.",
}


def select_order(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The orders of those numbers or places, or all that are open, with their bookings."""
    refs, places, contracts = _many(values, "primaryOrderNumber"), _many(values, "locationIDs"), _contracts(values)
    workers = _many(values, "resources")
    if refs:
        orders = counter.book.orders(refs)
        visits = [visit for order in orders.values() for visit in counter.numbered(order)]
    else:
        orders, by_job = counter.everything()
        orders |= {order.order_ref: order for order in counter.book.orders_at(places)}
        visits = list(by_job.values())
    rows = counter.rows([visit.job_ref for visit in visits])
    period = values.get("returnBookingsFrom"), values.get("returnBookingsTo")
    shown: dict[int, list[Values]] = {}
    by_id = {order.id: order for order in orders.values()}
    for visit in visits:
        element = booking_element(counter.desk, by_id[visit.order_id], visit, rows.get(visit.job_ref, []))
        is_done = element["bookingLifeCycleStatus"] == "COMPLETED"
        if (values.get("includeCompletedBookings") or not is_done) and _within(_at(element), *period):
            shown.setdefault(visit.order_id, []).append(element)
    chosen = [
        order_element(order, bookings)
        for order in orders.values()
        if (not contracts or order.contract_ref in contracts) and (not places or order.location_ref in places)
        and _worked_by(bookings := shown.get(order.id, []), workers) and (bookings or period == (None, None))
    ]  # fmt: skip
    return {"theOrders": chosen}


def select_booking(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The open bookings, by state, operative, planned time and promised window; as long a period as is asked for."""
    contracts, states, workers = _contracts(values), _many(values, "bookingStatus"), _many(values, "workers")
    orders, visits = counter.everything()
    rows, by_id = counter.rows(), {order.id: order for order in orders.values()}
    promised = values.get("returnBookingsPWFrom"), values.get("returnBookingsPWTo")
    found = []
    for ref, visit in visits.items():
        element = booking_element(counter.desk, by_id[visit.order_id], visit, rows.get(ref, []))
        if (
            (not contracts or element["contract"] in contracts)
            and (not states or element["bookingLifeCycleStatus"] in states)
            and _within(_at(element), values.get("returnBookingsFrom"), values.get("returnBookingsTo"))
            and _within(element["planningWindowStart"], *promised)
            and _worked_by([element], workers)
        ):  # fmt: skip
            found.append(element)
    return {"theBookings": found}


def get_schedule(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The visits of an operative on a day, in their order."""
    counter.raising.check(values.get("contract"))
    day, who = values.get("scheduleDate"), values.get("resourceId")
    if not isinstance(day, datetime):
        raise Refused("missing", "scheduleDate is missing", "Send the day.")
    _known(counter, [who or ""])
    shifts = [
        number for number, shift in enumerate(counter.desk.shifts)
        if counter.desk.operatives[shift.operative].operative_ref == who
        and counter.desk.date_of(shift.day) == day.astimezone(LONDON).date()
    ]  # fmt: skip
    rows = counter.desk.visits(shifts)
    orders = counter.book.orders({counter.order_of(row.job_ref) for row in rows})
    for order in orders.values():
        counter.numbered(order)
    visits = counter.book.visits_of([row.job_ref for row in rows])
    return {
        "theBookings": [
            booking_element(counter.desk, orders[counter.order_of(row.job_ref)], visits[row.job_ref], [row])
            for row in rows if row.job_ref in visits
        ]
    }  # fmt: skip


def select_resource(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The operatives of the plan, with hours where they are asked for, and times in which they are away."""
    wanted = {*_many(values, "theResourceIDs"), *_many(values, "theEmployeeCodes")}
    desk = counter.desk
    first = values.get("returnWorkingHoursFrom") or desk.at(0)
    last = values.get("returnWorkingHoursTo") or desk.at(desk.end_s)
    hours: dict[str, list[Values]] = {}
    away: dict[str, list[Values]] = {}
    for shift in desk.shifts if values.get("includeWorkingHours") else ():
        if desk.at(shift.end_s) > first and desk.at(shift.start_s) <= last:
            ref = desk.operatives[shift.operative].operative_ref
            hours.setdefault(ref, []).append(hours_element(desk, shift))
    for ref, begin, end in counter.book.away(first, last):
        told = {"beginDateTime": begin, "endDateTime": end, "reason": REASONS[0][0]}
        away.setdefault(ref, []).append(told)
    return {"theResources": resource_elements(desk, wanted, hours, away)}


def select_meta_data(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The trades as templates of operatives, and the reasons for which somebody can be away."""
    counter.raising.check(values.get("contract"))
    trades = sorted({trade for one in counter.desk.operatives for trade in one.proficiency_percent})
    return {
        "theResourceTemplates": [
            {"name": trade, "theAbilities": [{"name": "trade", "value": trade}]} for trade in trades
        ],
        "theUnavailabilityReasons": [{"name": name, "description": text} for name, text in REASONS],
    }


def select_alerts(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """What the plan has no place for: promised bookings, and open orders."""
    wanted, contracts, desk = _many(values, "alertType"), _contracts(values), counter.desk
    orders, visits = counter.everything()
    planned, by_id = counter.rows(), {order.id: order for order in orders.values()}
    found = []
    for ref, visit in visits.items():
        numbers = desk.numbers_of(ref)
        if ref in planned or not numbers:
            continue
        kind = "RESCHEDULEFAILURES" if desk.is_confirmed(numbers[0]) else "SUSPENDEDJOBS"
        order = by_id[visit.order_id]
        if (not wanted or kind in wanted) and (not contracts or order.contract_ref in contracts):
            found.append(
                {
                    "reason": kind, "comments": ALERTS[kind], "createDateTime": desk.clock(),
                    "theBooking": booking_element(desk, order, visit, []), "theOrder": order_element(order),
                }
            )  # fmt: skip
    return {"theAlerts": found}


# -- what the hub reads from elsewhere ------------------------------------------------------------------------------


def update_resource(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """Nothing, or what the absences came to. Hours, trades and areas are the works system's to tell."""
    told = values.get("theResources") or []
    _known(counter, [one.get("resourceID") or "" for one in told])
    if any(one.get(name) for one in told for name in ("theWorkingHours", "theAbilities", "theSectors")):
        raise Refused("read-elsewhere", "Hours, abilities and sectors are not taken: the works system tells them",
                      "Change them there.")  # fmt: skip
    away = [(one["resourceID"], *_period(each)) for one in told for each in one.get("theUnavailabilities") or ()]
    said = []
    for ref, begin, end in away:
        if not _on_duty(counter, ref, begin, end):
            continue
        changes = replan.away(counter.desk, ref, begin, end, by)
        lost, asked = len(changes.left_out), len(changes.proposals)
        if lost or asked:
            said.append(f"{ref}: {lost} visits have no place, {asked} need the tenant's consent")
    return {"errorMsg": ". ".join(said) or None}


def _period(told: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Begin and end of an absence; why somebody is away is not kept. Raises Refused."""
    begin, end = told.get("beginDateTime"), told.get("endDateTime")
    if not isinstance(begin, datetime) or not isinstance(end, datetime) or begin >= end:
        raise Refused("bad-period", "An unavailability has no begin, or no end after it", "Send both.")
    return begin, end


def _on_duty(counter: Counter, ref: str, begin: datetime, end: datetime) -> bool:
    """Whether an operative has hours in that time that were not taken away before."""
    desk = counter.desk
    return any(
        desk.operative_of(number) == ref and not desk.is_shut(number) and desk.at(shift.start_s) < end
        and desk.at(shift.end_s) > max(begin, desk.clock())
        for number, shift in enumerate(desk.shifts)
    )  # fmt: skip


def update_location(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """The place; where it lies holds for the orders there that nobody was promised yet. The rest is not taken."""
    told = required(values, "theLocation")
    ref, (latitude, longitude) = told.get("locationId") or "", degrees(told)
    if not ref:
        raise Refused("missing", "locationId is missing", "Send it.")
    if latitude is None:
        return {"theLocation": told, "errorMsg": "Only latitude and longitude are taken; the rest is read elsewhere"}
    counter.note("location-told", by, location_ref=ref, latitude=latitude, longitude=longitude)
    for order in counter.book.orders_at([ref]):
        _move(counter, counter.book.amend(replace(order, latitude=latitude, longitude=longitude)), by)
    return {"theLocation": told}


def update_booking_code(counter: Counter, values: Mapping[str, Any], by: str) -> Values:
    """Nothing: the codes' times hold for orders that callers raise from now on."""
    definitions = values.get("theBookingCodeDefinitions") or []
    for contract in _contracts(values):
        counter.raising.check(contract)
    for told in definitions:
        minutes = told.get("bookingCodeTime")
        if not told.get("bookingCode") or not isinstance(minutes, int) or not 0 < minutes <= 24 * 60:
            raise Refused("bad-code", "A bookingCode is empty, or its bookingCodeTime is no time", "Send minutes.")
    for told in definitions:
        counter.note("code-told", by, sor_code=told["bookingCode"], minutes=told["bookingCodeTime"],
                     trade_ref=told.get("trade"))  # fmt: skip
        counter.book.tell_code(told["bookingCode"], told.get("trade") or None, told["bookingCodeTime"], by)
    return {}


def _move(counter: Counter, order: Order, by: str) -> None:
    """Puts the order's jobs that nobody was promised where the order now is."""
    desk = counter.desk
    for number in desk.numbers_of(order.order_ref):
        job = desk.jobs[number]
        if desk.booking_of(number) is None and not desk.is_confirmed(number):
            _, place = counter.raising.job(desk, order, Wish())
            booking.withdraw(desk, job.job_ref, by, "its place was told")
            booking.raise_order(desk, job, place, by)


# -- filters --------------------------------------------------------------------------------------------------------


def _many(values: Mapping[str, Any], name: str) -> list[str]:
    return [each for each in values.get(name) or () if each]


def _contracts(values: Mapping[str, Any]) -> list[str]:
    found = values.get("contract") or ()
    return [found] if isinstance(found, str) else list(found)


def _known(counter: Counter, refs: Sequence[str]) -> None:
    """Raises Refused where one is no operative of the plan."""
    if not {one.operative_ref for one in counter.desk.operatives} >= set(refs):
        raise Refused("unknown-operative", "There is no such resource", "selectResource tells who there is.")


def _at(element: Mapping[str, Any]) -> datetime:
    """When a booking is: as planned, else as promised."""
    at: datetime = element["assignedStart"] or element["planningWindowStart"]
    return at


def _within(at: datetime, first: datetime | None, last: datetime | None) -> bool:
    return (first is None or first <= at) and (last is None or at <= last)


def _worked_by(bookings: Sequence[Mapping[str, Any]], workers: Sequence[str]) -> bool:
    return not workers or any(each["resourceID"] in workers for one in bookings for each in one["theResources"])
