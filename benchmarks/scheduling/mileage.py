"""Miles a job: the last weeks of the estate as they were planned by hand, by a rota of four areas, and by the engine.

The same visits, operatives, hours, skills and roads for all three (``scheduling.replay`` says what binds the plan).
Where the engine leaves a visit out, the week by hand and the rota are counted without it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import psycopg

from benchmarks.api.state import council_of, database_of
from benchmarks.figures import keep
from estate.world import TODAY
from scheduling import checker, mileage, replay
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.faults import sound
from scheduling.horizon import Horizon
from scheduling.local_rules import LocalRules, load
from scheduling.mileage import Total
from scheduling.roads.travel import roads

FOLDER = Path(__file__).parents[2] / "var" / "bench" / "scheduling"
HOMES = 1_900  # the default estate
SEED = 1
WEEKS, CPU_S = 12, 30.0
SHORT_WEEKS, SHORT_CPU_S = 4, 5.0
MARK = 0.85


@dataclass(frozen=True)
class Week:
    """A week three ways, over the same visits; ``visits`` are those that the manager planned."""

    monday: str
    visits: int
    manual: Total
    four_areas: Total
    plan: Total

    @property
    def ratio(self) -> float:
        """The plan's miles a job by the manual week's."""
        return self.plan.miles_per_job / self.manual.miles_per_job


def measure(full: bool) -> None:
    """Replays the last whole weeks before the estate's today."""
    weeks, cpu_s = (WEEKS, CPU_S) if full else (SHORT_WEEKS, SHORT_CPU_S)
    last = Horizon(TODAY - timedelta(days=TODAY.weekday() + 7), 7)
    with council_of(FOLDER, HOMES) as place, psycopg.connect(database_of(place).conninfo) as connection:
        ways = roads(place.roads, place.kept_roads).travel
        found = [
            replayed(connection, week, ways, load(), Stop(cpu_s=cpu_s)) for week in replay.weeks_before(last, weeks)
        ]
    for week in found:
        miles = " ".join(f"{each.miles_per_job:5.2f}" for each in (week.manual, week.four_areas, week.plan))
        print(f"     {week.monday}  {week.plan.jobs:3} of {week.visits:3} visits  {miles}  {week.ratio:.2f}")
    protocol = f"{weeks} weeks of {HOMES:,} homes on the estate's roads, {cpu_s:g} CPU s a week, seed {SEED}; checked"
    by_hand, rota, plan = (
        Total(sum(each.jobs for each in kind), sum(each.distance_m for each in kind))
        for kind in zip(*((week.manual, week.four_areas, week.plan) for week in found), strict=True)
    )
    worst, middle = max(week.ratio for week in found), median(week.ratio for week in found)
    left_out = sum(week.visits - week.plan.jobs for week in found)
    keep("scheduling: miles a job by the manual week's, worst", worst, "x", "<= 1.00 every week", worst <= 1, protocol,
         "four areas, all weeks", rota.miles_per_job / by_hand.miles_per_job)  # fmt: skip
    keep("scheduling: miles a job by the manual week's, median", middle, "x", "<= 0.85", middle <= MARK, protocol)
    keep("scheduling: miles a job of replayed weeks", plan.miles_per_job, "miles", "told", None, protocol,
         "the manual weeks", by_hand.miles_per_job)  # fmt: skip
    keep("scheduling: visits of replayed weeks left out", left_out, "visits", "0", left_out == 0, protocol)


def replayed(
    connection: psycopg.Connection[tuple[object, ...]], horizon: Horizon, ways: mileage.Ways, rules: LocalRules,
    stop: Stop,
) -> Week:  # fmt: skip
    """One week, three ways. Raises RuntimeError where the plan breaks a rule."""
    by_hand = mileage.read_manual(connection, horizon, ways)
    problem = sound(replay.week_problem(connection, horizon, rules, by_hand))
    plan = solve(problem, stop, SEED)
    if broken := checker.check(problem, plan):
        raise RuntimeError(f"the plan of {horizon.starts_on} breaks {broken[0]}")
    number = (by_hand.visits.groupby("order_ref").cumcount() + 1).astype("str")
    refs = by_hand.visits["order_ref"] + "/" + number
    served = by_hand.visits[refs.isin({problem.jobs[visit.job].job_ref for visit in plan.visits})]
    same = mileage.Replay(served, by_hand.team, by_hand.places, by_hand.travel, by_hand.lost)
    return Week(
        horizon.starts_on.isoformat(),
        len(by_hand.visits),
        mileage.total(mileage.driven(same.visits, same.team, same.distance_m)),
        mileage.total(mileage.driven(mileage.four_areas(same), same.team, same.distance_m)),
        mileage.total(mileage.planned(problem, plan)),
    )


if __name__ == "__main__":
    measure(full=True)
