"""Emergencies: who is nearest goes, nobody loses a promised slot while there is another way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from scheduling import emergencies, proposals
from scheduling.desk import Desk, Refused
from scheduling.devices import SUPERVISOR, Devices, messages
from scheduling.problem import Job, Place, Priority, Role
from scheduling.store import keep_plan, publish
from tests.scheduling import small
from tests.scheduling.live import RULES, Clock, breaches, opened, published


def leak(ref: str = "LEAK", **changes: object) -> Job:
    return replace(small.job(ref, 0, "PL", minutes=30, priority=Priority.EMERGENCY), **changes)  # type: ignore[arg-type]


def at(kilometre: float) -> Place:
    return Place(f"at {kilometre}", 52.6 + kilometre / 111, -1.1)


def test_the_nearest_capable_operative_goes_at_once(desk: Desk, clock: Clock) -> None:
    clock.goes_on(hours=3)  # nine o'clock
    promised = {row.job_ref: row.start_at for row in desk.visits() if row.job_ref in ("W03", "W04")}
    sent = emergencies.dispatch(desk, leak(), at(4), "contact centre")
    assert len(sent.visits) == 1
    assert sent.operative_refs[0] != "OP3"  # an electrician
    assert (sent.visits[0].start_at - clock()).total_seconds() <= 2 * small.HOUR
    assert sent.visits[0].start_at >= clock()
    assert sent.proposals == ()
    assert set(promised) == {row.job_ref for row in desk.visits() if row.job_ref in promised}
    assert breaches(desk) == ()


def test_nobody_is_expected_before_they_were_sent(hub_url: str, tmp_path: Path, clock: Clock) -> None:
    staff = [small.operative(f"OP{number}", {"PL": 100}) for number in range(2)]
    idle = small.problem(staff, [small.shift(0, 0), small.shift(1, 0)], [small.job("W0", 3, "PL")])
    published(hub_url, tmp_path, idle)
    desk = opened(hub_url, tmp_path, clock)
    clock.goes_on(hours=7)  # one o'clock: both have had nothing to do for hours
    two = leak("TWO", roles=(Role("PL"), Role("PL")))
    for job in (leak(), two, leak("NEXT")):  # a plan of one job has room for more
        sent = emergencies.dispatch(desk, job, at(4), "contact centre")
        assert len(sent.visits) == len(job.roles)
        assert all(clock() <= one.arrive_at <= one.start_at for one in sent.visits)
    assert breaches(desk) == ()
    desk.store.close()


def test_an_emergency_told_twice_is_one(desk: Desk, clock: Clock) -> None:
    clock.goes_on(hours=4)
    first = emergencies.dispatch(desk, leak(), at(4), "contact centre")
    number = desk.last_event
    assert emergencies.dispatch(desk, leak(), at(4), "contact centre") == first
    assert desk.last_event == number


def test_an_order_of_the_plan_becomes_an_emergency(desk: Desk, clock: Clock) -> None:
    clock.goes_on(hours=4)
    ref = next(row.job_ref for row in desk.visits() if row.day > small.MONDAY.date() and row.job_ref != "CREW"
               and not desk.is_confirmed(desk.numbers_of(row.job_ref)[0]) and "/" not in row.job_ref)  # fmt: skip
    sent = emergencies.dispatch_order(desk, ref, "contact centre")
    assert sent.visits[0].day == small.MONDAY.date()
    assert breaches(desk) == ()
    with pytest.raises(Refused):
        emergencies.dispatch_order(desk, "NONE", "contact centre")


def test_out_of_hours_the_officer_on_call_goes(hub_url: str, tmp_path: Path, clock: Clock) -> None:
    staff = [small.operative("OP0", {"PL": 100}), small.operative("CALL", {"PL": 100})]
    shifts = [
        small.shift(0, 0), small.shift(0, 1),
        replace(small.shift(1, 0, begins=16, ends=32, home=5), is_standby=True),
    ]  # fmt: skip
    whole = small.problem(staff, shifts, [small.job("W0", 3, "PL")])
    published(hub_url, tmp_path, whole)
    desk = opened(hub_url, tmp_path, clock)
    clock.goes_on(hours=14)  # eight in the evening
    sent = emergencies.dispatch(desk, leak(), at(4), "contact centre")
    assert sent.operative_refs == ("CALL",)
    assert (sent.visits[0].start_at - clock()).total_seconds() < small.HOUR
    assert breaches(desk) == ()
    desk.store.close()


def full(promised: int) -> tuple[list[Job], list[object], list[object]]:
    """One plumber, a day of seven hour-long jobs, the first ``promised`` of which have a slot."""
    staff: list[object] = [small.operative("OP0", {"PL": 100})]
    shifts: list[object] = [small.shift(0, day) for day in range(2)]
    jobs = [
        small.job(f"W{n}", 1, "PL", windows=(small.window(8 + n, 8.5 + n),), is_confirmed=True) if n < promised
        else small.job(f"W{n}", 1, "PL", due_s=small.at(17))
        for n in range(7)
    ]  # fmt: skip
    return jobs, staff, shifts


@pytest.mark.parametrize("promised", [3, 7])
def test_work_that_nobody_was_promised_makes_way_and_promises_only_with_consent(
    hub_url: str, tmp_path: Path, clock: Clock, promised: int
) -> None:
    jobs, staff, shifts = full(promised)
    published(hub_url, tmp_path, small.problem(staff, shifts, jobs))  # type: ignore[arg-type]
    desk = opened(hub_url, tmp_path, clock)
    clock.goes_on(hours=2.5)
    before = {row.job_ref: row.start_at for row in desk.visits()}
    sent = emergencies.dispatch(desk, leak(duration_s=5_400, due_s=small.at(15.9)), at(1), "contact centre")
    after = {row.job_ref: row.start_at for row in desk.visits()}
    for number in range(promised):
        assert after[f"W{number}"] == before[f"W{number}"]
    assert breaches(desk) == () or promised == 7
    if promised == 3:
        assert sent.visits
        assert sent.moved
        assert sent.proposals == ()
    else:
        assert sent.visits == ()
        assert sent.proposals
        one = sent.proposals[0]
        offer = next(each for each in proposals.slots(desk, RULES, one.id) if each.startswith("2026-09-15"))
        done = proposals.accept(desk, RULES, one.id, offer, "contact centre")
        assert done.status_code == "accepted"
        rows = {row.job_ref: row for row in desk.visits()}
        assert rows["LEAK"].day == small.MONDAY.date()
        assert rows[one.job_ref].day > small.MONDAY.date()
        assert proposals.open_proposals(desk) == []
        assert breaches(desk) == ()
        with pytest.raises(Refused):
            proposals.refuse(desk, one.id, "contact centre")
    desk.store.close()


def test_a_desk_that_starts_again_knows_the_emergency(desk: Desk, hub_url: str, tmp_path: Path, clock: Clock) -> None:
    clock.goes_on(hours=4)
    emergencies.dispatch(desk, leak(), at(4), "contact centre")
    plan = desk.snapshot()[1].to_bytes()
    desk.store.close()
    again = opened(hub_url, tmp_path, clock)
    assert again.snapshot()[1].to_bytes() == plan
    again.store.close()


def test_a_crew_is_sent_together_as_soon_as_it_can_be(desk: Desk, clock: Clock) -> None:
    clock.goes_on(hours=3)
    two = leak("TWO", roles=(Role("PL"), Role("PL")))
    sent = emergencies.dispatch(desk, two, at(4), "contact centre")
    assert len(set(sent.operative_refs)) == 2
    assert len({visit.start_at for visit in sent.visits}) == 1
    assert clock() <= sent.visits[0].start_at <= clock() + timedelta(hours=2)
    assert breaches(desk) == ()


def test_promised_visits_keep_their_slots_with_somebody_else_where_only_one_can_come(
    hub_url: str, tmp_path: Path, clock: Clock
) -> None:
    gas = frozenset({"GAS"})
    staff = [small.operative("OP0", {"PL": 100}, "GAS"), small.operative("OP1", {"PL": 100})]
    jobs = [small.job(f"W{n}", 1, "PL", windows=(small.window(8 + n, 8.3 + n),), is_confirmed=True) for n in range(7)]
    whole = small.problem(staff, [small.shift(who, home=who) for who in range(2)], jobs)
    with psycopg.connect(hub_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        plan = small.walked(whole, {0: [(number, 0) for number in range(7)]})
        publish(connection, keep_plan(connection, tmp_path, whole, plan), "a planner")
    desk = opened(hub_url, tmp_path, clock)
    clock.goes_on(hours=4.5)
    before = {row.job_ref: row.start_at for row in desk.visits()}
    asked = leak("GAS", roles=(Role("PL", gas),), due_s=small.at(15))
    sent = emergencies.dispatch(desk, asked, at(1), "contact centre")
    assert sent.operative_refs == ("OP0",)
    assert len(sent.moved) == 1
    assert sent.left_out == ()
    assert {row.job_ref for row in desk.visits()} == {*before, "GAS"}
    assert breaches(desk) == ()
    desk.store.close()


def test_an_emergency_without_any_place_is_proposed_and_a_supervisor_hears_of_it_at_once(
    desk: Desk, clock: Clock
) -> None:
    Devices(desk)
    clock.goes_on(hours=3)
    sent = emergencies.dispatch(desk, leak("GAS", roles=(Role("PL", frozenset({"GAS"})),)), at(4), "contact centre")
    assert sent.visits == ()
    assert [(one.job_ref, one.for_ref, one.why) for one in sent.proposals] == [("GAS", None, emergencies.NO_PLACE)]
    told = {one.kind: one.told for one in messages(desk, SUPERVISOR)}
    assert told["consent-needed"] == {"proposals": [sent.proposals[0].id]}
    assert told["emergency-without-place"] == {"job_ref": "GAS"}
    assert breaches(desk) == ()
