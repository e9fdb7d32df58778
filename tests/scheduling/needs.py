"""What a scheduling service must know of a council's repairs: for each need a problem whose right answer is known.

Who ignores the need has a cheaper plan in reach, so that only a plan that keeps it is right. A need names the feature
that a solver must be told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from scheduling.calendars import slot
from scheduling.plan import Plan, Visit
from scheduling.problem import (
    LONDON,
    Block,
    Costs,
    DayPart,
    Follow,
    Operative,
    Part,
    Pin,
    Priority,
    Problem,
    Role,
    Shift,
    Store,
)  # fmt: skip
from tests.scheduling.small import DAY, HOUR, MONDAY, at, job, lunch, operative, problem, road, shift, window

ANYBODY = ()


@dataclass(frozen=True)
class Need:
    """``by``: who does each job, in the order of its roles; a job that is not in it is left out."""

    name: str
    feature: str
    problem: Problem
    by: dict[str, tuple[str, ...]]
    holds: Callable[[Seen], bool] = field(default=lambda seen: True)

    def miss(self, plan: Plan) -> str | None:
        """What is not as it should be; None if all is."""
        seen = Seen(self.problem, plan)
        done = {ref: seen.who(ref) for ref in seen.visits if seen.visits[ref]}
        for ref in self.by.keys() - done.keys():
            return f"{ref} is left out"
        for ref in done.keys() - self.by.keys():
            return f"{ref} is planned"
        for ref, who in self.by.items():
            if who != ANYBODY and done[ref] != who:
                return f"{ref} is done by {' and '.join(done[ref])}"
        return None if self.holds(seen) else "the times or the way are not right"


class Seen:
    """A plan by the names of its jobs and operatives."""

    def __init__(self, whole: Problem, plan: Plan) -> None:
        self.problem, self.plan = whole, plan
        self.visits: dict[str, list[Visit]] = {each.job_ref: [] for each in whole.jobs}
        for visit in sorted(plan.visits, key=lambda visit: visit.role):
            self.visits[whole.jobs[visit.job].job_ref].append(visit)

    def who(self, ref: str) -> tuple[str, ...]:
        """The operatives at a job."""
        shifts = [self.problem.shifts[visit.shift] for visit in self.visits[ref]]
        return tuple(self.problem.operatives[shift.operative].operative_ref for shift in shifts)

    def start(self, ref: str) -> int:
        """When a job begins."""
        return self.visits[ref][0].start_s

    def end(self, ref: str) -> int:
        """When a job has ended."""
        return max(visit.end_s for visit in self.visits[ref])


def _near_and_far(first: dict[str, int], other: dict[str, int]) -> list[Operative]:
    return [operative("near", first), operative("far", other)]


PL = {"PL": 100}
TWO = _near_and_far(PL, PL)
DAYS = [shift(0), shift(1, home=9)]


def _slot(name: str, begins: float, ends: float) -> Need:
    one = job("visit", 1, "PL", windows=(slot(MONDAY, MONDAY.date(), name),), is_confirmed=True)
    # the day is over soon after the slot begins, or has begun long before
    whole = problem([operative("near", PL)], [shift(0, begins=6, ends=19)], [one])
    return Need(f"an appointment {name} begins in it", "windows", whole, {"visit": ("near",)},
                lambda seen: at(begins) <= seen.start("visit") <= at(ends))  # fmt: skip


def _needs() -> list[Need]:
    gas = replace(job("boiler", 1, "PL"), roles=(Role("PL", frozenset({"GAS"})),))
    sunday = datetime(2026, 10, 24, tzinfo=LONDON)
    clocks = problem(
        [operative("near", PL)], [replace(shift(0, day=1), start_s=DAY + 8 * HOUR, end_s=DAY + 18 * HOUR)],
        [job("visit", 1, "PL", windows=(slot(sunday, sunday.date().replace(day=25), "AM"),))], starts_at=sunday,
    )  # fmt: skip
    month = tuple(shift(0, day) for day in range(28))
    return [
        Need("a job is done in its trade", "trades", problem(
            _near_and_far({"EL": 100}, PL), DAYS, [job("tap", 1, "PL")]), {"tap": ("far",)}),
        Need("a certificate that a job asks for is held", "skills", problem(
            [operative("near", PL), operative("far", PL, "GAS")], DAYS, [gas]), {"boiler": ("far",)}),
        Need("a job takes its SOR minutes", "durations", problem(
            [operative("near", PL)], [shift(0)],
            [job("one", 1, "PL", minutes=180), job("two", 2, "PL", minutes=180), job("three", 5, "PL", minutes=180)]),
            {"one": ("near",), "two": ("near",)}),
        Need("each operative works at their own speed, by trade", "own speeds", problem(
            _near_and_far({"PL": 60}, PL), [shift(0, ends=9.5), shift(1, ends=9.6, home=9)], [job("tap", 1, "PL")]),
            {"tap": ("far",)}),
        Need("operatives start from home", "homes", problem(
            TWO, DAYS, [job("here", 2, "PL"), job("there", 8, "PL")]), {"here": ("near",), "there": ("far",)}),
        Need("operatives end where they end, which may be elsewhere", "homes", problem(
            TWO, [shift(0), replace(shift(1), end_place=9)], [job("there", 8, "PL")]), {"there": ("far",)}),
        Need("nobody works outside their shift", "shifts", problem(
            TWO, [shift(0, ends=12), shift(1, begins=12, ends=18, home=9)],
            [job("late", 1, "PL", windows=(window(12, 16),))]), {"late": ("far",)}),
        Need("a break is whole, in its time, between two visits", "breaks", problem(
            [operative("near", PL)], [shift(0, breaks=(lunch(),))],
            [job("before", 1, "PL", windows=(window(11, 11),)), job("after", 1, "PL", windows=(window(12.5, 13),))]),
            {"before": ("near",), "after": ("near",)}),
        Need("a break takes working time", "breaks", problem(
            [operative("near", PL)], [shift(0, breaks=(lunch(),))],
            [job("one", 1, "PL", minutes=230), job("two", 2, "PL", minutes=230)]), {"one": ("near",)}),
        Need("who is home before a break's latest time need not take it", "breaks on a condition", problem(
            [operative("near", PL)], [shift(0, ends=13.25, breaks=(lunch(),))], [job("long", 1, "PL", minutes=300)]),
            {"long": ("near",)}, lambda seen: seen.end("long") <= at(13.2)),
        Need("who is away has no visits", "shifts", problem(
            TWO, [shift(0, day=1), *DAYS], [job("today", 1, "PL", windows=(window(8, 16),))]), {"today": ("near",)}),
        Need("absence sends another", "shifts", problem(
            TWO, [shift(0, day=1), shift(1, home=9)], [job("today", 1, "PL", windows=(window(8, 16),))]),
            {"today": ("far",)}),
        Need("overtime has a limit", "overtime", problem(
            TWO, [shift(0), shift(1, home=9, overtime_s=HOUR)], [job("late", 1, "PL", windows=(window(15.25, 16),))]),
            {"late": ("far",)}),
        Need("out of hours the officer on call comes, to emergencies only", "standby", problem(
            TWO, [shift(0), shift(1, begins=17, ends=23, home=9, is_standby=True)],
            [job("burst", 1, "PL", priority=Priority.EMERGENCY, earliest_s=at(18), due_s=at(22)),
             job("drip", 1, "PL"),
             job("whole day", 1, "PL", minutes=460, windows=(window(8, 9),), is_confirmed=True)]),
            {"burst": ("far",), "whole day": ("near",)}),
        Need("of two jobs the more urgent is done", "priorities", problem(
            [operative("near", PL)], [shift(0)],
            [job("urgent", 9, "PL", minutes=300, priority=Priority.URGENT),
             job("planned", 1, "PL", minutes=300, priority=Priority.PLANNED)]), {"urgent": ("near",)}),
        Need("target dates are met", "due dates", problem(
            [operative("near", PL)], [shift(0), shift(0, day=1, home=9)],
            [job("later", 1, "PL", minutes=300, due_s=2 * DAY),
             job("sooner", 8, "PL", minutes=300, due_s=DAY, priority=Priority.URGENT)]),
            {"later": ANYBODY, "sooner": ANYBODY}, lambda seen: seen.end("sooner") <= DAY),
        Need("a hazard is made safe within its 24 hours", "due dates", problem(
            [operative("near", PL)], [shift(0), shift(0, day=1)],
            [job("hazard", 9, "PL", priority=Priority.EMERGENCY, earliest_s=at(9), due_s=at(9, 1)),
             job("one", 9, "PL", minutes=240, windows=(window(8, 16, 1),)),
             job("two", 1, "PL", minutes=400, windows=(window(8, 16),), priority=Priority.PLANNED)]),
            {"hazard": ANYBODY, "one": ANYBODY}, lambda seen: seen.end("hazard") <= at(9, 1)),
        _slot("AM", 8, 12), _slot("PM", 12, 16), _slot("SCHOOL", 9.5, 14.5), _slot("DAY", 8, 16),
        Need("of several slots one is kept", "windows", problem(
            [operative("near", PL)], [shift(0, day=1)],
            [job("visit", 1, "PL", windows=(window(8, 12), window(12, 16, 1)))]), {"visit": ("near",)},
            lambda seen: at(12, 1) <= seen.start("visit") <= at(16, 1)),
        Need("materials that come later are waited for", "windows", problem(
            [operative("near", PL)], [shift(0)], [job("door", 1, "PL", earliest_s=at(13))]), {"door": ("near",)},
            lambda seen: seen.start("door") >= at(13)),
        Need("a crew of two begins and ends together", "crews", problem(
            _near_and_far(PL, {"CP": 50}), DAYS, [job("lift", 2, "PL", "CP"), job("tap", 1, "PL")]),
            {"lift": ("near", "far"), "tap": ("near",)},
            lambda seen: len({v.start_s for v in seen.visits["lift"]}) == 1
            and seen.end("lift") - seen.start("lift") == 2 * HOUR),
        Need("of a crew of one trade both are different people", "crews", problem(
            TWO, DAYS, [job("lift", 1, "PL", "PL")]), {"lift": ANYBODY}, lambda seen: len(set(seen.who("lift"))) == 2),
        Need("no crew is half there", "crews", problem(
            _near_and_far(PL, {"CP": 100}), [shift(0), shift(1, ends=12, home=9)],
            [job("lift", 2, "PL", "CP"), job("tap", 1, "PL"),
             job("door", 9, "CP", minutes=230, windows=(window(8, 9),), is_confirmed=True)]),
            {"tap": ("near",), "door": ("far",)}),
        Need("what follows on waits its gap, in another's trade", "follow-ons", problem(
            _near_and_far({"PT": 100}, {"PA": 100}), DAYS,
            [job("paint", 2, "PA", follows=(Follow(1, 2 * HOUR),)), job("plaster", 2, "PT")]),
            {"plaster": ("near",), "paint": ("far",)},
            lambda seen: seen.start("paint") >= seen.end("plaster") + 2 * HOUR),
        Need("what dries over night is gone on with on another day", "follow-ons", problem(
            [operative("near", {"PT": 100, "PA": 100})], [shift(0), shift(0, day=1)],
            [job("paint", 2, "PA", follows=(Follow(1, 12 * HOUR),)), job("plaster", 2, "PT")]),
            {"plaster": ("near",), "paint": ("near",)}, lambda seen: seen.start("paint") >= DAY),
        Need("nothing follows what is left out", "follow-ons", problem(
            _near_and_far({"PT": 100}, {"PA": 100}), [shift(0, ends=12), shift(1, home=9)],
            [job("paint", 2, "PA", follows=(Follow(1, HOUR),)), job("plaster", 2, "PT", minutes=90),
             job("promised", 1, "PT", minutes=200, windows=(window(8, 9),), is_confirmed=True)]),
            {"promised": ("near",)}),
        Need("parking takes its minutes, whatever the speed", "durations", problem(
            [operative("near", {"PL": 200})], [shift(0)], [job("tap", 1, "PL", parking_s=300)]), {"tap": ("near",)},
            lambda seen: seen.end("tap") - seen.start("tap") == HOUR // 2 + 300),
        Need("a key is with one operative all day", "keys", problem(
            TWO, DAYS, [job("one", 2, "PL", key_ref="K"), job("two", 7, "PL", key_ref="K")]),
            {"one": ANYBODY, "two": ANYBODY}, lambda seen: seen.who("one") == seen.who("two")),
        Need("a job under way leaves its operative there, and then", "time left", problem(
            TWO, [Shift(0, 0, at(10.5), at(16), 6, 0, under_way_ref="CURRENT"), shift(1)],
            [job("burst", 7, "PL", priority=Priority.EMERGENCY, earliest_s=at(10), due_s=at(16))]),
            {"burst": ("near",)}, lambda seen: seen.start("burst") >= at(10.5) + 120),
        Need("a pinned visit keeps its operative", "pins", problem(
            TWO, DAYS, [job("tap", 1, "PL")], pins=(Pin(0, (1,), None, None, "planner", "reason"),)),
            {"tap": ("far",)}),
        Need("a pinned visit keeps its day", "pins", problem(
            TWO, [shift(0), shift(1, day=1, home=9)], [job("tap", 1, "PL")],
            pins=(Pin(0, None, 1, None, "planner", "reason"),)), {"tap": ("far",)}),
        Need("a pinned visit keeps its time", "pins", problem(
            TWO, [shift(0, ends=12), shift(1, home=9)], [job("tap", 1, "PL")],
            pins=(Pin(0, None, None, at(14), "planner", "reason"),)), {"tap": ("far",)},
            lambda seen: seen.start("tap") == at(14)),
        Need("a promised slot is kept before what is more urgent", "promises", problem(
            [operative("near", PL)], [shift(0)],
            [job("promised", 9, "PL", minutes=300, priority=Priority.PLANNED, windows=(window(8, 10),),
                 is_confirmed=True), job("urgent", 1, "PL", minutes=300, priority=Priority.URGENT)]),
            {"promised": ("near",)}),
        Need("operatives work where they are glad to", "areas", problem(
            [replace(operative("near", PL), areas=frozenset({"south"})),
             replace(operative("far", PL), areas=frozenset({"north"}))],
            [shift(0), shift(1, home=4)], [job("tap", 1, "PL", area="north")], costs=Costs(outside_area=9_000)),
            {"tap": ("far",)}),
        Need("who is barred from a home does not go there", "blocks", problem(
            TWO, DAYS, [job("tap", 1, "PL")], blocks=(Block(0, 0, None, "planner", "reason"),)), {"tap": ("far",)}),
        Need("nobody works longer than their week", "weekly limits", problem(
            [replace(operative("near", PL), weekly_limit_s=8 * HOUR), operative("far", PL)],
            [shift(0), shift(0, day=1), shift(1, home=9), shift(1, day=1, home=9)],
            [job(f"day {day}", 1, "PL", minutes=300, windows=(window(8, 16, day),)) for day in range(2)]),
            {"day 0": ANYBODY, "day 1": ANYBODY}, lambda seen: seen.who("day 0") != seen.who("day 1")),
        Need("nobody drives farther to a job than their limit", "leg limits", problem(
            [replace(operative("near", PL), max_leg_s=8 * 60), operative("far", PL)], [shift(0), shift(1, home=12)],
            [job("tap", 5, "PL")]), {"tap": ("far",)}),
        Need("a van holds what it holds", "loads", problem(
            TWO, [shift(0, capacity=1), shift(1, home=9, capacity=1)],
            [job("one", 1, "PL", load=1), job("two", 1, "PL", load=1)]), {"one": ANYBODY, "two": ANYBODY},
            lambda seen: seen.who("one") != seen.who("two")),
        Need("who has the tool goes", "tools and parts", problem(
            [operative("near", PL), replace(operative("far", PL), tools=frozenset({"CAMERA"}))], DAYS,
            [job("drain", 1, "PL", tools=frozenset({"CAMERA"}))]), {"drain": ("far",)}),
        Need("a van's stock is used up", "tools and parts", problem(
            TWO, [shift(0, stock=(Part("VALVE", 1),)), shift(1, home=9, stock=(Part("VALVE", 1),))],
            [job(name, 1, "PL", parts=(Part("VALVE", 1),)) for name in ("one", "two")]),
            {"one": ANYBODY, "two": ANYBODY}, lambda seen: seen.who("one") != seen.who("two")),
        Need("what is short is fetched first, from a store that has it and is open", "tools and parts", problem(
            TWO, [shift(0), shift(1, ends=8.2, home=9)], [job("tap", 2, "PL", parts=(Part("TAP", 1),))],
            stores=(Store("merchant", 3, 600, (window(9, 16),), frozenset({"TAP"})),
                    Store("depot", 1, 600, (), frozenset()))), {"tap": ("near",)},
            lambda seen: seen.start("tap") == at(9) + 720 and seen.plan.distance_m == 6_000),
        Need("who begins with the first visit is back within their hours", "free hours", problem(
            TWO, [shift(0, longest_s=2 * HOUR), shift(1, home=9, longest_s=8 * HOUR)],
            [job("early", 1, "PL", windows=(window(8, 8.5),)), job("late", 1, "PL", windows=(window(13, 14),))]),
            {"early": ANYBODY, "late": ANYBODY}, lambda seen: seen.who("early") != seen.who("late")
            or seen.who("early") == ("far",)),
        Need("the rush hour is slow", "times of day", problem(
            TWO, [shift(0), shift(1, begins=7.5, home=9)], [job("tap", 4, "PL", windows=(window(8, 8.2),))],
            travel=road(10, (DayPart(0, 100), DayPart(8 * 60, 200)))), {"tap": ("far",)}),
        Need("an appointment keeps its hour when the clocks go back", "windows", clocks, {"visit": ("near",)},
            lambda seen: seen.problem.instant(seen.start("visit")).hour in range(8, 13)),
        Need("a plan may have 28 days", "days", problem(
            [operative("near", PL)], month,
            [job("last", 1, "PL", windows=(window(8, 12, 27),)), job("first", 1, "PL", windows=(window(8, 12),))]),
            {"last": ("near",), "first": ("near",)}),
        Need("the way is the shortest", "ways", problem(
            [operative("near", PL)], [shift(0)],
            [job(f"at {place}", place, "PL", minutes=30) for place in (5, 1, 7)]),
            {"at 5": ("near",), "at 1": ("near",), "at 7": ("near",)}, lambda seen: seen.plan.distance_m == 14_000),
    ]  # fmt: skip


NEEDS = tuple(_needs())
