"""The problem says what the canonical model says, and names what it cannot take."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from scheduling.build import build
from scheduling.calendars import midnight
from scheduling.horizon import Horizon
from scheduling.local_rules import LocalRules, load
from scheduling.problem import LONDON, Job, Operative, Priority, Problem, Shift, Window
from scheduling.work import first_visits
from tests.scheduling.council import MONDAY, Council, at, straight

HOUR = 3_600
DAY = 24 * HOUR
RULES = load()


def built(council: Council, days: int = 5, now: datetime | None = None, rules: LocalRules = RULES) -> Problem:
    return build(council.raw, Horizon(MONDAY, days, now), rules, straight)


def job(problem: Problem, ref: str) -> Job:
    return next(each for each in problem.jobs if each.job_ref == ref)


def operative(problem: Problem, ref: str) -> Operative:
    return next(each for each in problem.operatives if each.operative_ref == ref)


def shifts(problem: Problem, ref: str, *, standby: bool = False) -> list[Shift]:
    own = problem.operatives.index(operative(problem, ref))
    return [each for each in problem.shifts if each.operative == own and each.is_standby == standby]


def faults(problem: Problem) -> set[tuple[str, str]]:
    return {(fault.code, fault.subject_ref) for fault in problem.faults}


# -- who works when -------------------------------------------------------------------------------------------------


def test_an_operative_comes_with_trades_limits_and_a_home(council: Council) -> None:
    one = council.operatives["1"]
    for trade, percent, main in (("EL", 80, False), ("PL", 110, True)):
        council.add("operative_skill", operative_id=one, trade_id=council.trades[trade], proficiency_percent=percent,
                    is_main=main)  # fmt: skip
    problem = built(council)
    found = operative(problem, "1")
    assert list(found.proficiency_percent.items()) == [("PL", 110), ("EL", 80)]
    assert operative(problem, "2").proficiency_percent == {"PL": 100}
    assert (found.weekly_limit_s, found.max_leg_s, found.areas) == (37 * HOUR, 45 * 60, frozenset({"R01"}))
    assert {shift.start_place for shift in shifts(problem, "1")} == {shift.end_place for shift in shifts(problem, "1")}


def test_certificates_hold_to_the_last_day_or_are_told(council: Council) -> None:
    one, two = council.operatives["1"], council.operatives["2"]
    council.add("operative_skill", operative_id=one, sor_code="ASB", qualified_until_date=MONDAY + timedelta(days=4))
    council.add("operative_skill", operative_id=two, sor_code="ASB", qualified_until_date=MONDAY + timedelta(days=3))
    council.line(council.order("7"), trade="PL", sor_code="ASB")
    problem = built(council)
    assert operative(problem, "1").skills == {"ASB"}
    assert operative(problem, "2").skills == frozenset()
    assert ("certificate-runs-out", "2") in faults(problem)
    assert job(problem, "7").roles[0].skills == {"ASB"}


def test_shifts_follow_the_clock_over_the_end_of_summer_time(council: Council) -> None:
    problem = built(council, days=8)
    found = shifts(problem, "1")
    assert [shift.day for shift in found] == [0, 1, 2, 3, 4, 7]
    assert found[0].start_s == 8 * HOUR
    assert found[-1].start_s == 7 * DAY + HOUR + 8 * HOUR
    assert found[0].breaks[0].earliest_s == 11 * HOUR + 1_800
    assert found[0].overtime_s == HOUR // 2  # on call at 17:00
    assert shifts(problem, "4")[0].overtime_s == HOUR


def test_absences_leave_what_is_left(council: Council) -> None:
    one, two, three = (council.operatives[ref] for ref in "123")
    leave = {"absence_type_code": "annual_leave"}
    council.add("absence", operative_id=one, start_date=MONDAY, end_date=MONDAY + timedelta(days=1), **leave)
    council.add("absence", operative_id=two, start_date=MONDAY, end_date=MONDAY, start_time=time(12), end_time=time(14),
                **leave)  # fmt: skip
    council.add("operative_availability", operative_id=three, start_at=at(0, 7), end_at=at(0, 16),
                availability_code="no")  # fmt: skip
    for ref, start in (("4", date(2026, 10, 21)), ("1", date(2024, 4, 5))):  # the end was never entered
        council.add("absence", operative_id=council.operatives[ref], start_date=start, **leave)
    problem = built(council)
    assert [shift.day for shift in shifts(problem, "1")] == [2, 3, 4]
    parts = [(shift.start_s / HOUR, shift.end_s / HOUR) for shift in shifts(problem, "2")][:2]
    assert parts == [(8, 12), (14, 16.5)]
    assert shifts(problem, "2")[0].breaks == ()
    assert shifts(problem, "2")[0].overtime_s == HOUR  # no longer than to the next part
    assert shifts(problem, "3")[0].day == 0  # half an hour of the day is left
    assert [shift.day for shift in shifts(problem, "4")] == [0, 1]
    assert {("absence-without-end", "1"), ("absence-without-end", "4")} <= faults(problem)


def test_a_single_date_takes_the_place_of_the_pattern(council: Council) -> None:
    council.add(
        "shift", operative_id=council.operatives["1"], shift_date=MONDAY, start_time=time(10), end_time=time(14)
    )
    found = shifts(built(council, days=2), "1")
    assert (found[0].start_s, found[0].end_s) == (10 * HOUR, 14 * HOUR)
    assert found[1].start_s == DAY + 8 * HOUR


def test_nobody_works_on_a_bank_holiday_unless_the_council_says_so(council: Council) -> None:
    horizon = Horizon(date(2026, 12, 21), 7)
    usual = build(council.raw, horizon, RULES, straight)
    assert {shift.day for shift in shifts(usual, "4")} == {0, 1, 2, 3}
    worked = build(council.raw, horizon, replace(RULES, works_bank_holidays=True), straight)
    assert {shift.day for shift in shifts(worked, "4")} == {0, 1, 2, 3, 4}


def test_the_rota_goes_round_and_leaves_the_day_alone(council: Council) -> None:
    problem = built(council, days=7)
    calls = shifts(problem, "3", standby=True)  # the only electrician is always on call
    assert [(shift.start_s / HOUR, shift.end_s / HOUR) for shift in calls[:2]] == [(0, 8), (17, 32)]
    assert calls[-2].end_s - calls[-2].start_s == 25 * HOUR  # from Saturday on the clocks go back
    assert all(not shift.breaks and not shift.overtime_s for shift in calls)
    plumbers = {ref for ref in "12" if shifts(problem, ref, standby=True)}
    # Monday morning still belongs to the week before
    turns = [shift for ref in "12" for shift in shifts(problem, ref, standby=True)]
    assert len(plumbers) == 2
    assert len(turns) == len(calls)


def test_a_rota_of_the_systems_takes_the_place_of_the_declared_one(council: Council) -> None:
    council.add("shift", operative_id=council.operatives["4"], shift_date=MONDAY, start_time=time(18), end_time=time(6),
                is_standby=True)  # fmt: skip
    problem = built(council)
    calls = [shift for shift in problem.shifts if shift.is_standby]
    assert [(shift.operative, shift.start_s / HOUR, shift.end_s / HOUR) for shift in calls] == [(3, 18, 30)]


def test_an_absence_of_who_is_on_call_is_told(council: Council) -> None:
    council.add("absence", operative_id=council.operatives["3"], absence_type_code="sick",
                start_date=MONDAY, end_date=MONDAY)  # fmt: skip
    assert ("standby-uncovered", "3") in faults(built(council))


def test_who_cannot_be_planned_is_told(council: Council) -> None:
    council.operative("8", "PL", home=None)
    council.operative("9", None)
    council.add("operative", operative_ref="10", contractor_id=council.own, trade_id=council.trades["PL"],
                start_postcode="KB1 1AA")  # fmt: skip
    council.operative("11", "PL", contractor_id=council.firm)
    council.operative("12", "PL", is_active=False)
    problem = built(council)
    assert faults(problem) == {
        ("operative-without-home", "8"), ("operative-without-trade", "9"), ("operative-without-hours", "10")
    }  # fmt: skip
    assert {each.operative_ref for each in problem.operatives} == {"1", "2", "3", "4", "10"}


# -- what is to be done ---------------------------------------------------------------------------------------------


def test_a_job_takes_the_minutes_of_its_lines_and_the_crew_of_the_largest(council: Council) -> None:
    order = council.order("7", home=council.home("F1", asset_type_code="flat"))
    council.line(order, 1, minutes=None, standard_minutes=20, quantity=3)
    council.line(order, 2, minutes=45, sor_code="S2", min_operatives=2)
    found = job(built(council), "7")
    assert found.duration_s == 105 * 60
    assert found.parking_s == 300
    assert [role.trade for role in found.roles] == ["PL", "PL"]
    assert (found.priority, found.due_s, found.area) == (Priority.ROUTINE, 11 * DAY + HOUR, "R01")


def test_trades_of_an_order_follow_one_another_when_what_was_done_has_dried(council: Council) -> None:
    order = council.order("7")
    for number, trade in enumerate(("PA", "PT", "PL"), start=1):
        council.line(order, number, trade)
    council.visit(order, at(1, 8), at(1, 12))
    problem = built(council)
    plumbing, plaster, paint = (job(problem, f"7/{trade}") for trade in ("PL", "PT", "PA"))
    assert plumbing.follows == ()
    assert [(problem.jobs[each.job], each.gap_s) for each in plaster.follows] == [(plumbing, 0)]
    assert [(problem.jobs[each.job], each.gap_s) for each in paint.follows] == [(plaster, 48 * HOUR)]
    assert plumbing.windows and not plaster.windows and not paint.windows


def test_promises_are_windows_and_what_a_tenant_asked_for_too(council: Council) -> None:
    promised, held, later = (council.order(ref) for ref in "123")
    council.visit(promised, at(1, 12), at(1, 16), status_code="accepted", booking_ref="B1")
    council.visit(promised, at(1, 12), at(1, 16), appointment_ref="B1", booking_ref="B1")  # the same, in another system
    council.visit(held, at(7, 8), at(7, 12), status_code="reserved")
    council.visit(later, at(14, 8), at(14, 12))
    for ref, code in (("4", "morning"), ("5", "avoid_school_run"), ("6", "key_held")):
        request = council.add("repair_request", request_ref=ref, access_code=code)
        council.order(ref, request_id=request)
    problem = built(council, days=8)
    assert (job(problem, "1").windows, job(problem, "1").is_confirmed) == ((Window(36 * HOUR, 40 * HOUR),), True)
    after = 7 * DAY + HOUR  # the clocks went back
    assert job(problem, "2").windows == (Window(after + 8 * HOUR, after + 12 * HOUR),)
    assert not job(problem, "2").is_confirmed
    assert "3" not in {each.job_ref for each in problem.jobs}  # promised for a day beyond the plan
    assert len(job(problem, "4").windows) == 8
    assert job(problem, "5").windows[0] == Window(9 * HOUR + 1_800, 14 * HOUR + 1_800)
    assert job(problem, "6").key_ref == "H6"
    assert "two-promises" not in {fault.code for fault in problem.faults}


def test_the_orders_own_target_is_its_due_and_the_law_may_be_sooner(council: Council) -> None:
    council.order("1", target_at=at(-3, 12))
    council.order("2", target_at=None, priority_code="urgent", raised_at=at(0, 9))
    hazard = council.order("3")
    council.add("hazard_case", hazard_ref="Z", hazard_type_code="damp_and_mould", track_code="significant",
                work_order_id=hazard, aware_at=at(-14, 9), investigated_at=at(-4, 15))  # fmt: skip
    emergency = council.order("4")
    council.add("hazard_case", hazard_ref="Y", hazard_type_code="falls", track_code="emergency",
                work_order_id=emergency, aware_at=at(-1, 20))  # fmt: skip
    problem = built(council, days=1)
    assert job(problem, "1").due_s == 0  # overdue from the start
    assert job(problem, "2").due_s == (midnight(date(2026, 10, 27)) - midnight(MONDAY)).total_seconds() + HOUR
    assert (job(problem, "3").due_s, job(problem, "3").priority) == (4 * DAY, Priority.URGENT)
    assert (job(problem, "4").due_s, job(problem, "4").priority) == (20 * HOUR, Priority.EMERGENCY)


def test_a_visit_under_way_ends_where_it_is_and_its_operative_goes_on_from_there(council: Council) -> None:
    going, next_one = council.order("1"), council.order("2")
    council.line(going, 1, "PL", minutes=90)
    council.line(going, 2, "PT", minutes=60)
    council.visit(going, at(0, 8), at(0, 12), status_code="started", arrived_at=at(0, 9, 30),
                  operative_id=council.operatives["1"])  # fmt: skip
    council.visit(next_one, at(0, 8), at(0, 9))
    problem = built(council, now=at(0, 10))
    first = shifts(problem, "1")[0]
    assert (first.start_s, first.under_way_ref) == (11 * HOUR, "1/PL")
    assert problem.places[first.start_place] == problem.places[job(problem, "1/PT").place]
    assert shifts(problem, "2")[0].start_s == 10 * HOUR
    assert {each.job_ref for each in problem.jobs} == {"1/PT", "2"}
    assert job(problem, "1/PT").earliest_s == 11 * HOUR
    assert job(problem, "2").earliest_s == 10 * HOUR
    assert ("promise-passed", "2") in faults(problem)


def test_a_visit_that_takes_longer_than_it_should_is_nearly_over(council: Council) -> None:
    going = council.order("1")
    council.line(going, minutes=30)
    council.visit(going, at(0, 8), at(0, 12), status_code="arrived", arrived_at=at(0, 8),
                  operative_id=council.operatives["1"])  # fmt: skip
    assert shifts(built(council, now=at(0, 11)), "1")[0].start_s == 11 * HOUR + 600


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("no-place", {"asset_id": None}),
        ("no-trade", {"trade": None}),
        ("no-priority", {"priority_code": None}),
        ("no-minutes", {"minutes": None}),
        ("longer-than-a-visit", {"minutes": 600}),
        ("no-coordinates", {"asset": {"easting_m": None}}),
        ("two-promises", {"visits": 2}),
        ("promise-without-window", {"open": True}),
    ],
)
def test_what_cannot_be_taken_as_it_is_is_told_with_what_to_do(
    council: Council, code: str, values: dict[str, object]
) -> None:
    minutes = values.pop("minutes", 60)
    asset = values.pop("asset", {})
    visits, is_open = values.pop("visits", 0), values.pop("open", False)
    order = council.order("7", home=council.home("P", **asset), **values)  # type: ignore[arg-type]
    council.line(order, minutes=minutes)  # type: ignore[arg-type]
    for number in range(int(visits)):  # type: ignore[call-overload]
        council.visit(order, at(number, 8), at(number, 12), booking_ref=f"B{number}")
    if is_open:
        council.visit(order, at(0, 8), at(0, 12), window_end_at=None)
    council.order("8")
    problem = built(council)
    (fault,) = [each for each in problem.faults if each.subject_ref == "7"]
    assert fault.code == code
    assert fault.next_step
    assert "8" in {each.job_ref for each in problem.jobs}
    assert ("7" in {each.job_ref for each in problem.jobs}) == (code not in ("no-place", "no-trade", "no-coordinates"))


def test_first_visits_are_of_orders_that_nobody_has_been_to(council: Council) -> None:
    council.order("1")
    seen = council.order("2", attended_at=at(-2, 9))
    council.line(seen)
    several = council.order("3")
    for number, trade in enumerate(("PL", "PT"), start=1):
        council.line(several, number, trade)
    visited = council.order("4")
    council.visit(visited, at(-3, 8), at(-3, 12), arrived_at=at(-3, 9), status_code="no_access")
    assert first_visits(council.raw, built(council).jobs) == {"1", "3/PL", "3/PT"}


def test_work_of_firms_and_work_that_waits_is_not_ours_to_plan(council: Council) -> None:
    council.order("1", contractor_id=council.firm)
    council.order("2", status_code="pending_material")
    council.order("3", status_code="complete")
    assert built(council).jobs == ()


def test_nothing_of_a_person_is_in_the_problem(council: Council) -> None:
    secret = "Mr Worple"
    council.operative("5", "PL", home=4, name=secret)
    request = council.add("repair_request", request_ref="R", reported_by_name=secret, access_notes=secret)
    order = council.order("7", request_id=request, description=secret)
    council.visit(order, at(0, 8), at(0, 12), comment=secret)
    problem = built(council)
    assert secret not in repr(problem)
    assert len(problem.jobs) == 1


def test_the_same_state_gives_the_same_problem(council: Council) -> None:
    for ref in ("1", "2", "3"):
        council.line(council.order(ref), trade="PL")
    one, other = built(council), built(council)
    assert repr(replace(one, travel=other.travel)) == repr(other)
    assert (one.travel.distance_m == other.travel.distance_m).all()


@pytest.mark.parametrize("days", [0, 29])
def test_a_plan_covers_one_to_28_days(days: int) -> None:
    with pytest.raises(ValueError, match="28"):
        Horizon(MONDAY, days)


def test_seconds_are_counted_from_london_midnight() -> None:
    horizon = Horizon(MONDAY, 7, datetime(2026, 10, 19, 9, tzinfo=LONDON))
    assert (horizon.now_s, horizon.end_s) == (9 * HOUR, 7 * DAY + HOUR)
