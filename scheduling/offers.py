"""Which slots an order can have now, and what each would cost: miles, days after the target, and days to wait.

An offer is a place that the live plan has, which has none that would break a slot that was promised.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from scheduling.calendars import SLOTS, bank_holidays, seconds_after, slot, slot_named
from scheduling.desk import Desk, Refused
from scheduling.engine.board import Offer as Found
from scheduling.events import OTHER
from scheduling.problem import LONDON, Window

MOST_DAYS = 28
DAY_S = 86_400
MILE_M = 1_609.344
NEAR_M = 800
"""A visit that adds less is on the way of another."""


@dataclass(frozen=True)
class Rules:
    """How a council books. ``margin_s``: a visit is planned to begin so long before its slot ends.

    ``wait_m``: a day that a tenant waits longer weighs as much as so many metres driven, when offers are put in order.
    """

    hold_minutes: int = 10
    lead_minutes: int = 60  # nothing is booked for sooner than that
    margin_s: int = 2_400
    wait_m: int = 400
    slots: tuple[str, ...] = ("AM", "PM", "SCHOOL")


@dataclass(frozen=True)
class Offer:
    """A slot that can be had now. ``offer`` is what a hold is asked with."""

    offer: str
    order_ref: str
    day: date
    slot: str
    starts_at: datetime
    ends_at: datetime
    operative_ref: str
    expected_at: datetime
    added_m: int
    cost_m: int  # what it adds to the plan's cost: miles, overtime, days after the target
    late_days: int  # begun days after the target; 0: within it
    preference: int  # 1 is what is best for miles and tenant together
    why: str

    @property
    def added_miles(self) -> float:
        """What the visit adds to the miles driven, to a tenth."""
        return round(self.added_m / MILE_M, 1)


@dataclass(frozen=True)
class Day:
    """A day that was asked for, with how many slots it has; ``closed`` says why it can have none."""

    day: date
    offers: int
    closed: str | None


@dataclass(frozen=True)
class Offers:
    """What an order can have: the offers in the order of preference, and every day that was asked for."""

    order_ref: str
    offers: tuple[Offer, ...]
    days: tuple[Day, ...]


@dataclass(frozen=True)
class Asked:
    """What a tenant or officer wants to hear of: ``days`` days from ``first`` on (None: today), in those slots."""

    first: date | None = None
    days: int = 20
    slots: tuple[str, ...] = ()


def job_offers(desk: Desk, rules: Rules, number: int, asked: Asked) -> Offers:
    """The slots that a job can have, whatever is agreed for it, and every day that was asked for."""
    first, names = _checked(desk, rules, asked)
    days = [first + timedelta(days=each) for each in range(asked.days)]
    closed, soonest_s = {day: _closed(desk, day) for day in days}, _soonest_s(desk, rules)
    windows = {}
    for day in days:
        for name in names if closed[day] is None else ():
            told = slot(desk.starts_at, day, name)
            planned = _from(desk, soonest_s, with_margin(told, rules.margin_s))
            if planned is not None:
                windows[day, name] = told, planned
    found = desk.board.offers_instead(number, [planned for _, planned in windows.values()])
    by_window = {offer.window: offer for offer in reversed(found)}
    rated = [
        _offer(desk, number, day, name, told, by_window[planned])
        for (day, name), (told, planned) in windows.items() if planned in by_window
    ]  # fmt: skip
    today = desk.clock().astimezone(LONDON).date()
    rated.sort(
        key=lambda one: (*rank(rules, one.late_days, one.cost_m, (one.day - today).days), one.starts_at, one.slot)
    )
    told_offers = tuple(replace(one, preference=place, why=_why(one)) for place, one in enumerate(rated, 1))
    count = Counter(one.day for one in rated)
    ref = desk.jobs[number].job_ref
    return Offers(ref, told_offers, tuple(Day(day, count[day], None if count[day] else closed[day]) for day in days))


def _offer(desk: Desk, number: int, day: date, name: str, told: Window, found: Found) -> Offer:
    job = desk.jobs[number]
    shift = desk.shifts[found.shifts[0]]
    operative = desk.operatives[shift.operative]
    end_s = found.start_s + desk.board.service_s(number, found.shifts)
    late_s = 0 if job.due_s is None else max(0, end_s - job.due_s)
    return Offer(
        f"{day}.{name}.{job.job_ref}", job.job_ref, day, name, desk.at(told.start_s), desk.at(told.end_s),
        operative.operative_ref, desk.at(found.start_s), found.extra_m, found.extra_cost, -(-late_s // DAY_S), 0, "",
    )  # fmt: skip


def rank(rules: Rules, late_days: int, cost_m: int, wait_days: int) -> tuple[int, int]:
    """How good a slot is for miles and tenant together; the smaller, the better."""
    return late_days, cost_m + rules.wait_m * wait_days


def _why(offer: Offer) -> str:
    """Why an offer stands where it does, for an officer."""
    days = "1 day" if offer.late_days == 1 else f"{offer.late_days} days"
    target = f"{days} after the target" if offer.late_days else "within the target"
    way = "on the way of another visit" if offer.added_m < NEAR_M else f"{offer.added_miles} more miles"
    return f"{target}, {way}"


def slot_windows(desk: Desk, rules: Rules, day: date, name: str) -> tuple[Window, Window]:
    """What the tenant is told of a slot, and when a visit in it is planned to begin. Raises Refused for the past."""
    _checked(desk, rules, Asked(day, 1, (name,)))
    told = slot(desk.starts_at, day, name)
    planned = _from_now(desk, rules, with_margin(told, rules.margin_s))
    if planned is None:
        raise Refused("past", "The slot is over, or too soon.", "Ask for offers.")
    return told, planned


def named_windows(desk: Desk, rules: Rules, starts_at: datetime, ends_at: datetime) -> tuple[Window, Window]:
    """The same of a window that somebody names."""
    told = span(desk.starts_at, starts_at, ends_at)
    planned = _from_now(desk, rules, with_margin(told, rules.margin_s)) if told.start_s < told.end_s else None
    if planned is None:
        raise Refused("past", "The window is over, or ends before it begins.", "Name a window to come.")
    return told, planned


def offer_parts(offer: str) -> tuple[date, str, str]:
    """Day, slot and order of an offer."""
    day, _, rest = offer.partition(".")
    name, _, ref = rest.partition(".")
    try:
        if name in SLOTS and ref:
            return date.fromisoformat(day), name, ref
    except ValueError:
        pass  # told below
    raise Refused("unknown-offer", "It is no offer of this desk.", "Send the offer as it was told.")


def _checked(desk: Desk, rules: Rules, asked: Asked) -> tuple[date, tuple[str, ...]]:
    """The first day and the slots that are asked for. Raises Refused where they are none of the plan's."""
    today = desk.clock().astimezone(LONDON).date()
    first = asked.first or today
    if not 1 <= asked.days <= MOST_DAYS:
        raise Refused("too-many-days", f"Slots are offered for 1 to {MOST_DAYS} days at once.", "Ask for fewer days.")
    if first < today:
        raise Refused("past", "The day is over.", "Ask from today on.")
    if first >= desk.date_of(desk.days):
        raise Refused("beyond-plan", f"The plan ends on {desk.date_of(desk.days - 1):%d %B %Y}.",
                      "Ask for a day before its end; the plan of the next night goes on further.")  # fmt: skip
    names = asked.slots or rules.slots
    if unknown := [name for name in names if name not in SLOTS]:
        raise Refused("unknown-slot", f"{len(unknown)} of the slots are not known.", f"Known are {', '.join(SLOTS)}.")
    return first, names


def _closed(desk: Desk, day: date) -> str | None:
    """Why a day has no slots, where it can have none: only standby is on duty, nobody is, or the plan ends before."""
    if not desk.starts_at.date() <= day < desk.date_of(desk.days):
        return "beyond-plan"
    number = (day - desk.starts_at.date()).days
    if number in desk.working_days:
        return None
    return "bank-holiday" if day in bank_holidays(day.year) else "nobody-works"


def _from_now(desk: Desk, rules: Rules, window: Window) -> Window | None:
    """What is left of a window after what is too soon."""
    return _from(desk, _soonest_s(desk, rules), window)


def _soonest_s(desk: Desk, rules: Rules) -> int:
    return desk.now_s + rules.lead_minutes * 60


def _from(desk: Desk, soonest_s: int, window: Window) -> Window | None:
    if window.end_s < soonest_s or window.start_s >= desk.end_s:
        return None
    return Window(max(window.start_s, soonest_s), window.end_s)


def with_margin(told: Window, margin_s: int) -> Window:
    """The window in which a visit is planned to begin, so that it is in time if the day runs late."""
    return Window(told.start_s, told.end_s - margin_s) if told.end_s - told.start_s >= 2 * margin_s else told


def span(starts_at: datetime, begin: datetime, end: datetime) -> Window:
    return Window(seconds_after(starts_at, begin), seconds_after(starts_at, end))


def name_of(desk: Desk, told: Window) -> str:
    """The slot that a window is; OTHER where it is none."""
    return slot_named(desk.starts_at, desk.at(told.start_s).date(), told) or OTHER
