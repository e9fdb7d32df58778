"""What goes otherwise than planned: promised slots stay or wait for consent, and as little as can be changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling import proposals, replan
from scheduling.desk import Desk, Refused
from tests.scheduling import small
from tests.scheduling.live import RULES, Clock, breaches


def under_way(desk: Desk, clock: Clock) -> str:
    now = clock()
    return next(row.job_ref for row in desk.visits() if row.start_at <= now < row.end_at and "/" not in row.job_ref
                and row.job_ref != "CREW")  # fmt: skip


def starts(desk: Desk) -> dict[str, object]:
    return {row.job_ref: row.start_at for row in desk.visits()}


def test_sickness_leaves_promised_slots_and_gives_the_rest_away(desk: Desk, clock: Clock) -> None:
    clock.goes_on(hours=2.5)
    whose = next(row.operative_ref for row in desk.visits() if row.job_ref == "W04")  # promised for this afternoon
    found = replan.away(desk, whose, clock(), clock() + timedelta(hours=12), "planner", "ill")
    rows = {row.job_ref: row for row in desk.visits()}
    assert rows["W04"].operative_ref != whose
    assert small.at(12) <= (rows["W04"].start_at - small.MONDAY).total_seconds() <= small.at(16)
    assert "W04" in found.moved
    today = [row for row in desk.visits() if row.operative_ref == whose and row.day == small.MONDAY.date()]
    assert all(row.start_at <= clock() for row in today)
    assert breaches(desk) == ()


def test_a_job_that_takes_longer_moves_nobody_who_was_promised(desk: Desk, clock: Clock) -> None:
    clock.goes_on(hours=4)
    ref, before = under_way(desk, clock), starts(desk)
    replan.overrun(desk, ref, 120, "device")
    row = next(row for row in desk.visits() if row.job_ref == ref)
    assert abs((row.end_at - clock()).total_seconds() - 120 * 60) <= 120
    assert row.start_at == before[ref]
    assert starts(desk)["W04"].date() == small.MONDAY.date()  # type: ignore[attr-defined]
    assert breaches(desk) == ()


def test_what_is_done_early_makes_room(desk: Desk, clock: Clock) -> None:
    clock.goes_on(hours=4)
    ref = under_way(desk, clock)
    replan.completed(desk, ref, "device")
    row = next(row for row in desk.visits() if row.job_ref == ref)
    assert (row.end_at - clock()).total_seconds() <= 60
    assert desk.numbers_of(ref) == []
    with pytest.raises(Refused):
        replan.completed(desk, ref, "device")
    assert breaches(desk) == ()


def test_nobody_in_is_for_another_day_or_for_consent(desk: Desk, clock: Clock) -> None:
    clock.goes_on(hours=4)
    ref = under_way(desk, clock)
    found = replan.no_access(desk, ref, "device")
    row = next(row for row in desk.visits() if row.job_ref == ref)
    assert row.day > small.MONDAY.date()
    assert found.proposals == []
    assert breaches(desk) == ()


def test_a_promised_slot_without_access_waits_for_the_tenant(desk: Desk, clock: Clock) -> None:
    begins = next(row.start_at for row in desk.visits() if row.job_ref == "W04")
    clock.now = begins + timedelta(minutes=10)
    found = replan.no_access(desk, "W04", "device")
    (one,) = found.proposals
    assert (one.job_ref, one.why) == ("W04", "no-access")
    assert not any(row.job_ref == "W04" for row in desk.visits())
    offer = proposals.slots(desk, RULES, one.id)[0]
    assert proposals.accept(desk, RULES, one.id, offer, "contact centre").status_code == "accepted"
    assert any(row.job_ref == "W04" for row in desk.visits())


def test_a_cancelled_order_goes(desk: Desk, clock: Clock) -> None:
    clock.goes_on(hours=4)
    replan.cancelled(desk, "W90", "repairs", "done by the tenant")
    assert not [row for row in desk.visits() if row.job_ref.startswith("W90")]
    assert breaches(desk) == ()
    with pytest.raises(Refused):
        replan.cancelled(desk, "W90", "repairs")


def test_who_is_not_known_or_not_on_duty_is_refused(desk: Desk, clock: Clock) -> None:
    for ref, begin in (("NONE", clock()), ("OP0", clock() + timedelta(days=5))):
        with pytest.raises(Refused):
            replan.away(desk, ref, begin, begin + timedelta(hours=8), "planner")
