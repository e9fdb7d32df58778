"""A plan that is published while the desk is up, or was killed, takes up all that was told and promised meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from scheduling import booking, emergencies, replan
from scheduling.carrying import BEFORE
from scheduling.desk import Desk
from scheduling.offers import Asked
from scheduling.problem import Follow, Place, Priority
from scheduling.without import problem_without
from tests.canonical_model.rows import add
from tests.scheduling import small
from tests.scheduling.live import RULES, Clock, breaches, opened, published, town

PLACE = Place("new", 52.641, -1.1)


def taken_up(desk: Desk, clock: Clock, url: str, folder: Path, is_killed: bool) -> Desk:
    """The desk over the next plan, which knows nothing of what the desk was told."""
    if is_killed:
        desk.store.close()
        published(url, folder, town())
        return opened(url, folder, clock)
    published(url, folder, town())
    assert desk.adopt()
    return desk


def shifts_of(desk: Desk, operative_ref: str, day: int) -> list[datetime]:
    date = small.MONDAY.date() + timedelta(days=day)
    return [row.start_at for row in desk.visits() if row.operative_ref == operative_ref and row.day == date]


@pytest.mark.parametrize("is_killed", [False, True], ids=["up", "killed"])
def test_who_is_away_stays_away(desk: Desk, clock: Clock, hub_url: str, tmp_path: Path, is_killed: bool) -> None:
    whose = next(row.operative_ref for row in desk.visits() if row.job_ref == "W03")  # promised for tomorrow
    replan.away(desk, whose, clock(), clock() + timedelta(days=20), "planner", "ill")
    again = taken_up(desk, clock, hub_url, tmp_path, is_killed)
    assert all(not shifts_of(again, whose, day) for day in range(12))
    row = next(row for row in again.visits() if row.job_ref == "W03")
    assert row.operative_ref != whose
    assert small.at(8, 1) <= (row.start_at - small.MONDAY).total_seconds() <= small.at(12, 1)
    assert breaches(again) == ()
    later = booking.offers(again, RULES, "W06", Asked(days=12)).offers
    booking.confirm(again, RULES, booking.hold(again, RULES, later[-1].offer, "x").id, "x")
    assert all(not shifts_of(again, whose, day) for day in range(12))
    again.store.close()


@pytest.mark.parametrize("is_killed", [False, True], ids=["up", "killed"])
def test_what_was_done_raised_or_withdrawn_stays_so(
    desk: Desk, clock: Clock, hub_url: str, tmp_path: Path, is_killed: bool
) -> None:
    due_s = small.at(12, 4)
    booking.raise_order(desk, small.job("NEW", 0, "PL", due_s=due_s), PLACE, "repairs")
    booking.raise_order(desk, small.job("GONE", 0, "PL"), PLACE, "repairs")
    booking.withdraw(desk, "GONE", "repairs")
    booking.withdraw(desk, "W11", "repairs", "done by a neighbour")
    done = next(row for row in desk.visits() if row.job_ref[0] == "W" and "/" not in row.job_ref)
    clock.now = done.start_at + timedelta(minutes=5)
    held = next((one for one in desk.bookings.values() if one.job_ref == done.job_ref), None)
    replan.completed(desk, done.job_ref, "device")
    again = taken_up(desk, clock, hub_url, tmp_path, is_killed)
    refs = {row.job_ref for row in again.visits()}
    assert "NEW" in refs
    assert not refs & {"GONE", "W11", done.job_ref}
    assert again.jobs[again.numbers_of("NEW")[0]].due_s == due_s
    assert held is None or again.bookings[held.id].status_code == "done"
    assert breaches(again) == ()
    again.store.close()


def test_a_done_visit_is_no_cancelled_booking(desk: Desk, clock: Clock, hub_url: str, tmp_path: Path) -> None:
    begins = next(row.start_at for row in desk.visits() if row.job_ref == "W04")
    clock.now = begins + timedelta(minutes=30)
    replan.completed(desk, "W04", "device")
    (one,) = [each for each in desk.bookings.values() if each.job_ref == "W04"]
    assert one.status_code == "done"
    published(hub_url, tmp_path, town())
    desk.adopt()
    assert desk.bookings[one.id].status_code == "done"
    assert not any(row.job_ref == "W04" for row in desk.visits())


@pytest.mark.parametrize("is_killed", [False, True], ids=["up", "killed"])
def test_the_trades_of_an_order_wait_for_each_other_in_every_plan(
    desk: Desk, clock: Clock, hub_url: str, tmp_path: Path, is_killed: bool
) -> None:
    gap_s = 2 * small.DAY
    with pytest.raises(ZeroDivisionError), desk.changing("tried", "x") as draft:
        draft.add(small.job("TRIED", 0, "PL"), PLACE)
        raise ZeroDivisionError
    jobs = [
        (small.job("TWO/PL", 0, "PL"), PLACE),
        (small.job("TWO/PT", 0, "PT", follows=(Follow(BEFORE, gap_s),)), PLACE),
    ]
    booking.raise_jobs(desk, jobs, "repairs")
    _waits(desk, gap_s)
    moved = booking.offers(desk, RULES, "TWO/PL", Asked(days=12)).offers[0]
    held = booking.hold(desk, RULES, moved.offer, "x")
    _waits(desk, gap_s)
    before = desk.snapshot()[1].to_bytes()
    desk.store.close()
    desk = opened(hub_url, tmp_path, clock)
    assert desk.snapshot()[1].to_bytes() == before
    booking.confirm(desk, RULES, held.id, "x")
    again = taken_up(desk, clock, hub_url, tmp_path, is_killed)
    _waits(again, gap_s)
    assert again.jobs[again.numbers_of("TWO/PT")[0]].follows[0].gap_s == gap_s
    again.store.close()


def _waits(desk: Desk, gap_s: int) -> None:
    rows = {row.job_ref: row for row in desk.visits()}
    assert rows["TWO/PT"].start_at >= rows["TWO/PL"].end_at + timedelta(seconds=gap_s)
    assert breaches(desk) == ()


@pytest.mark.parametrize("is_killed", [False, True], ids=["up", "killed"])
def test_an_emergency_stays_one(desk: Desk, clock: Clock, hub_url: str, tmp_path: Path, is_killed: bool) -> None:
    clock.goes_on(hours=3)
    emergencies.dispatch_order(desk, "W16", "contact centre")
    again = taken_up(desk, clock, hub_url, tmp_path, is_killed)
    job = again.jobs[again.numbers_of("W16")[0]]
    assert job.priority is Priority.EMERGENCY
    row = next(row for row in again.visits() if row.job_ref == "W16")
    assert row.start_at <= clock() + timedelta(hours=24)
    assert breaches(again) == ()
    again.store.close()


def test_who_is_at_a_job_stays_with_it(desk: Desk, clock: Clock, hub_url: str, tmp_path: Path) -> None:
    clock.goes_on(hours=4)
    before = next(row for row in desk.visits() if row.start_at <= clock() < row.end_at and "/" not in row.job_ref
                  and row.job_ref != "CREW")  # fmt: skip
    slow = town()
    jobs = [replace(job, earliest_s=small.at(0, 2)) if job.job_ref == before.job_ref else job for job in slow.jobs]
    published(hub_url, tmp_path, replace(slow, jobs=tuple(jobs)))  # the next plan has it the day after tomorrow
    desk.adopt()
    row = next(row for row in desk.visits() if row.job_ref == before.job_ref)
    assert row.day in (before.day, before.day + timedelta(days=2))
    assert breaches(desk) == ()


def test_instants_are_those_of_the_new_plan(desk: Desk, clock: Clock, hub_url: str, tmp_path: Path) -> None:
    """A plan that starts a week later counts its seconds from there."""
    due_s = small.at(12, 9)
    booking.raise_order(desk, small.job("NEW", 0, "PL", due_s=due_s), PLACE, "repairs")
    due_at = desk.at(due_s)
    replan.away(desk, "OP0", clock(), small.MONDAY + timedelta(days=8), "planner")
    clock.now = small.MONDAY + timedelta(days=6, hours=20)
    published(hub_url, tmp_path, replace(town(), starts_at=small.MONDAY + timedelta(days=7)))
    desk.adopt()
    assert desk.at(desk.jobs[desk.numbers_of("NEW")[0]].due_s or 0) == due_at
    shut = {desk.date_of(shift.day) for number, shift in enumerate(desk.shifts) if desk.is_shut(number)}
    assert shut == {small.MONDAY.date() + timedelta(days=7)}
    assert not shifts_of(desk, "OP0", 7)
    assert breaches(desk) == ()


def test_a_promise_without_a_place_is_proposed_to_be_agreed_anew(
    desk: Desk, hub_url: str, tmp_path: Path, clock: Clock
) -> None:
    """Both who could come to a promised morning are away in the next plan."""
    for ref in ("OP0", "OP1", "OP2"):
        replan.away(desk, ref, clock() + timedelta(days=1), clock() + timedelta(days=2), "planner")
    asked = {one.job_ref for one in desk.proposals.values()}
    assert asked == {"W03"}
    published(hub_url, tmp_path, town())
    desk.adopt()
    assert {one.job_ref for one in desk.proposals.values() if one.status_code == "open"} == {"W03"}
    assert breaches(desk) == ()


def test_what_the_systems_hold_open_is_remembered_over_two_plans(
    desk: Desk, hub_url: str, tmp_path: Path, clock: Clock
) -> None:
    """The second plan has the order no more, as it knew that it was withdrawn; the third is made without the desk."""
    engine = create_engine(hub_url)
    with engine.begin() as connection:
        add(connection, "work_order", work_order_ref="W11", work_type_code="responsive", status_code="open")
    engine.dispose()
    booking.withdraw(desk, "W11", "repairs", "done by a neighbour")
    number = next(number for number, job in enumerate(town().jobs) if job.job_ref == "W11")
    published(hub_url, tmp_path, problem_without(town(), frozenset({number})))
    desk.adopt()
    published(hub_url, tmp_path, replace(town(), days=13))
    desk.adopt()
    assert "W11" not in {row.job_ref for row in desk.visits()}
