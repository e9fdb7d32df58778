"""Tenants get slots that are kept: offered, held, promised, changed and given back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from scheduling import booking
from scheduling.desk import Desk, Refused
from scheduling.offers import Asked
from scheduling.problem import Place
from tests.scheduling import small
from tests.scheduling.live import RULES, Clock, breaches, opened, published, town

MONDAY = date(2026, 9, 14)


def first_offer(desk: Desk, order: str = "W00") -> str:
    return booking.offers(desk, RULES, order).offers[0].offer


def test_each_offer_has_window_miles_target_and_preference(desk: Desk) -> None:
    found = booking.offers(desk, RULES, "W01", Asked(days=12))
    assert {each.slot for each in found.offers} == {"AM", "PM", "SCHOOL"}
    assert [each.preference for each in found.offers] == list(range(1, len(found.offers) + 1))
    one = next(each for each in found.offers if (each.day, each.slot) == (MONDAY + timedelta(days=1), "PM"))
    assert (one.starts_at.hour, one.ends_at.hour) == (12, 16)
    assert one.starts_at <= one.expected_at <= one.ends_at
    assert one.added_m >= 0
    late = [each for each in found.offers if each.late_days]
    assert {each.day for each in late} == {each.day for each in found.offers if each.day >= MONDAY + timedelta(days=4)}
    assert min(each.preference for each in late) > max(each.preference for each in found.offers if not each.late_days)
    assert all(each.why for each in found.offers)


def test_days_without_slots_are_listed_with_the_reason(desk: Desk) -> None:
    days = {each.day: each for each in booking.offers(desk, RULES, "W01", Asked(days=14)).days}
    assert len(days) == 14
    saturday, next_saturday = days[date(2026, 9, 19)], days[date(2026, 9, 26)]
    assert (saturday.offers, saturday.closed) == (0, "nobody-works")
    assert next_saturday.closed == "beyond-plan"
    assert days[MONDAY].offers == 3


def test_every_offer_can_be_had_and_breaks_nothing(desk: Desk, clock: Clock) -> None:
    for order in ("W02", "CREW", "W90"):
        for offer in booking.offers(desk, RULES, order, Asked(days=12)).offers:
            held = booking.hold(desk, RULES, offer.offer, "portal")
            row = next(row for row in desk.visits() if row.job_ref == held.job_ref)
            assert offer.starts_at <= row.start_at <= offer.ends_at, offer
            assert breaches(desk) == ()
    clock.goes_on(minutes=11)
    booking.expire(desk)
    assert breaches(desk) == ()


def test_a_held_place_is_nobody_elses(desk: Desk) -> None:
    """Orders for one morning are held until it is full; all of them stand in it, and the next is told so."""
    held = []
    for number in (0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16):
        try:
            held.append(booking.hold(desk, RULES, f"2026-09-16.AM.W{number:02}", "portal"))
        except Refused as refusal:
            assert refusal.code == "slot-taken"
            assert refusal.more["offers"]
            assert all((each.day, each.slot) != (date(2026, 9, 16), "AM") for each in refusal.more["offers"])
            break
    else:
        pytest.fail("three plumbers cannot do fifteen jobs in a morning")
    starts = {row.job_ref: row.start_at for row in desk.visits()}
    assert len(held) >= 9
    assert all(each.window_start_at <= starts[each.job_ref] <= each.window_end_at for each in held)
    assert breaches(desk) == ()


def test_a_hold_that_is_over_goes_back(desk: Desk, clock: Clock) -> None:
    held = booking.hold(desk, RULES, "2026-09-24.PM.W00", "portal")
    assert held.expires_at == clock() + timedelta(minutes=10)
    clock.goes_on(minutes=10)
    with pytest.raises(Refused) as refused:
        booking.confirm(desk, RULES, held.id, "portal")
    assert refused.value.code == "hold-expired"
    assert refused.value.more["offers"]
    assert desk.bookings[held.id].status_code == "expired"
    assert desk.booking_of(desk.numbers_of("W00")[0]) is None
    assert not desk.is_confirmed(desk.numbers_of("W00")[0])
    assert booking.hold(desk, RULES, "2026-09-24.PM.W00", "another").id != held.id
    assert breaches(desk) == ()


def test_a_hold_confirmed_twice_is_one_booking(desk: Desk) -> None:
    held = booking.hold(desk, RULES, first_offer(desk), "portal")
    done = booking.confirm(desk, RULES, held.id, "portal")
    number = desk.last_event
    assert booking.confirm(desk, RULES, held.id, "portal") == done
    assert (done.id, done.status_code, done.expires_at) == (held.id, "confirmed", None)
    assert desk.last_event == number
    with pytest.raises(Refused, match="booked already") as refused:
        booking.offers(desk, RULES, "W00")
    assert refused.value.more["booking"] == held.id


def test_a_hold_asked_for_twice_with_a_key_is_one_hold(desk: Desk) -> None:
    offer = first_offer(desk)
    held = booking.hold(desk, RULES, offer, "portal", "key 1")
    assert booking.hold(desk, RULES, offer, "portal", "key 1") == held
    with pytest.raises(Refused) as refused:
        booking.hold(desk, RULES, first_offer(desk, "W01"), "portal", "key 1")
    assert refused.value.code == "key-used"


def test_another_hold_of_the_same_client_takes_its_place(desk: Desk) -> None:
    before = booking.hold(desk, RULES, "2026-09-15.AM.W00", "portal")
    held = booking.hold(desk, RULES, "2026-09-17.PM.W00", "portal")
    assert desk.bookings[before.id].status_code == "cancelled"
    assert desk.booking_of(desk.numbers_of("W00")[0]) == held
    with pytest.raises(Refused) as refused:
        booking.hold(desk, RULES, "2026-09-17.AM.W00", "another")
    assert refused.value.code == "already-held"


def test_a_booking_is_changed_or_stays(desk: Desk) -> None:
    held = booking.hold(desk, RULES, "2026-09-15.AM.W00", "portal")
    booking.confirm(desk, RULES, held.id, "portal")
    moved = booking.change(desk, RULES, held.id, "2026-09-18.PM.W00", "portal")
    assert (moved.id, moved.day, moved.slot, moved.status_code) == (held.id, date(2026, 9, 18), "PM", "confirmed")
    row = next(row for row in desk.visits() if row.job_ref == "W00")
    assert moved.window_start_at <= row.start_at <= moved.window_end_at
    with pytest.raises(Refused) as refused:
        booking.change(desk, RULES, held.id, "2026-09-18.PM.W01", "portal")
    assert refused.value.code == "offer-of-another"
    assert desk.bookings[held.id] == moved
    assert breaches(desk) == ()


def test_a_cancelled_booking_leaves_the_order_open(desk: Desk) -> None:
    held = booking.hold(desk, RULES, "2026-09-24.AM.W00", "portal")
    booking.confirm(desk, RULES, held.id, "portal")
    assert booking.cancel(desk, held.id, "portal").status_code == "cancelled"
    assert booking.cancel(desk, held.id, "portal").status_code == "cancelled"
    assert any(row.job_ref == "W00" for row in desk.visits())
    assert booking.offers(desk, RULES, "W00").offers
    assert breaches(desk) == ()


def test_what_is_promised_never_leaves_its_window(desk: Desk) -> None:
    windows = {"W03": (date(2026, 9, 15), 8, 12), "W04": (MONDAY, 12, 16)}
    for number in (0, 1, 2, 5, 6, 7, 8, 9, 10):
        offers = booking.offers(desk, RULES, f"W{number:02}", Asked(slots=("AM", "PM"), days=2)).offers
        if offers:
            booking.confirm(desk, RULES, booking.hold(desk, RULES, offers[-1].offer, "portal").id, "portal")
    rows = {row.job_ref: row for row in desk.visits()}
    for ref, (day, first, last) in windows.items():
        start = rows[ref].start_at
        assert start.date() == day
        assert first <= start.hour + start.minute / 60 <= last
    assert breaches(desk) == ()


def test_parts_of_an_order_are_agreed_one_after_the_other(desk: Desk) -> None:
    first = booking.hold(desk, RULES, booking.offers(desk, RULES, "W90").offers[0].offer, "portal")
    then = booking.hold(desk, RULES, booking.offers(desk, RULES, "W90").offers[0].offer, "portal")
    assert (first.job_ref, then.job_ref) == ("W90/EL", "W90/PT")
    assert breaches(desk) == ()


def test_refusals_say_what_to_do(desk: Desk, clock: Clock) -> None:
    def code(order: str, asked: Asked | None = None) -> str:
        with pytest.raises(Refused) as refused:
            booking.offers(desk, RULES, order, asked)
        assert refused.value.next_step
        return refused.value.code

    assert code("W99") == "unknown-order"
    assert code("W03") == "already-booked"
    assert code("W00", Asked(days=29)) == "too-many-days"
    assert code("W00", Asked(first=date(2026, 9, 13))) == "past"
    assert code("W00", Asked(first=date(2027, 9, 13))) == "beyond-plan"
    assert code("W00", Asked(slots=("NIGHT",))) == "unknown-slot"
    booking.withdraw(desk, "W00", "repairs")
    assert code("W00") == "order-closed"
    clock.goes_on(hours=9)
    for offer in ("2026-09-14.AM.W01", "2026-09-13.AM.W01", "2026-09-14.AM", "nonsense", "2026-09-31.AM.W01"):
        with pytest.raises(Refused) as refused:
            booking.hold(desk, RULES, offer, "portal")
        assert refused.value.code in ("past", "unknown-offer")
    with pytest.raises(Refused, match="no such hold"):
        booking.confirm(desk, RULES, 999, "portal")


def test_nothing_is_offered_for_sooner_than_the_lead(desk: Desk, clock: Clock) -> None:
    clock.goes_on(hours=5.5)  # 11:30
    today = [each for each in booking.offers(desk, RULES, "W01").offers if each.day == MONDAY]
    assert {each.slot for each in today} <= {"PM", "SCHOOL"}
    assert all(each.expected_at >= clock() + timedelta(hours=1) for each in today)


def test_an_order_raised_today_is_booked_like_any(desk: Desk) -> None:
    job = small.job("NEW", 0, "PL", due_s=small.at(0, 9))
    number = booking.raise_order(desk, job, Place("new", 52.64, -1.1), "repairs")
    assert booking.raise_order(desk, job, Place("new", 52.64, -1.1), "repairs") == number
    assert any(row.job_ref == "NEW" for row in desk.visits())
    held = booking.hold(desk, RULES, first_offer(desk, "NEW"), "portal")
    assert booking.confirm(desk, RULES, held.id, "portal").job_ref == "NEW"
    assert breaches(desk) == ()
    booking.withdraw(desk, "NEW", "repairs", "raised twice")
    assert not any(row.job_ref == "NEW" for row in desk.visits())
    assert desk.bookings[held.id].status_code == "cancelled"
    assert breaches(desk) == ()


def test_a_window_of_its_own(desk: Desk) -> None:
    begin = small.MONDAY + timedelta(days=2, hours=10)
    held = booking.hold_window(desk, RULES, "W00", begin, begin + timedelta(hours=2), "old system")
    assert (held.slot, held.window_start_at) == ("OTHER", begin)
    again = booking.hold_window(
        desk, RULES, "W01", small.MONDAY + timedelta(days=2, hours=8), small.MONDAY + timedelta(days=2, hours=12), "x"
    )
    assert again.slot == "AM"
    assert breaches(desk) == ()


def test_the_next_nights_problem_keeps_what_was_promised(desk: Desk) -> None:
    held = booking.hold(desk, RULES, "2026-09-18.PM.W00", "portal")
    problem = booking.promised(desk.board.problem, list(desk.bookings.values()))
    job = next(job for job in problem.jobs if job.job_ref == "W00")
    assert job.windows == (small.window(12, 16, 4),)
    assert job.is_confirmed
    assert held.status_code == "held"


def test_events_and_bookings_hold_references_alone(desk: Desk, hub_url: str) -> None:
    held = booking.hold(desk, RULES, first_offer(desk), "portal")
    booking.confirm(desk, RULES, held.id, "portal")
    with psycopg.connect(hub_url.replace("+psycopg", "", 1)) as connection:
        kinds = [row[0] for row in connection.execute("SELECT kind FROM scheduling.event ORDER BY number")]
        told = connection.execute("SELECT told FROM scheduling.event WHERE kind = 'held'").fetchone()
    assert kinds == ["begun", "held", "confirmed"]
    assert told is not None
    assert set(told[0]) == {"booking", "job_ref", "day", "slot"}


def test_slots_keep_the_hour_when_clocks_change(hub_url: str, tmp_path: Path, clock: Clock) -> None:
    """The offers after the last Sunday of October begin at eight by the clock, an hour later by the sun."""
    starts = small.MONDAY.replace(month=10, day=19)
    whole = replace(town(), starts_at=starts)
    shifts = tuple(
        replace(each, start_s=each.start_s + 3_600, end_s=each.end_s + 3_600, breaks=()) if each.day >= 7 else each
        for each in whole.shifts
    )
    published(hub_url, tmp_path, replace(whole, shifts=shifts))
    clock.now = starts + timedelta(hours=6)
    desk = opened(hub_url, tmp_path, clock)
    for offer in booking.offers(desk, RULES, "W01", Asked(days=12)).offers:
        assert (offer.starts_at.hour, offer.starts_at.minute) in {(8, 0), (12, 0), (9, 30)}
        assert (offer.starts_at.utcoffset() == timedelta(0)) is (offer.day > date(2026, 10, 25))
    desk.store.close()
