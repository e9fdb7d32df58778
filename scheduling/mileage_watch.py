"""Watches the miles a job: side by side by week, trade and operative; a name for a plan above the manual weeks'; an
alarm when more is driven than was planned."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, LiteralString

import pandas as pd
from psycopg import sql

from identity import frames
from identity.frames import REAL, TEXT, WHOLE, Connection
from ledger.errors import ConfigurationFault, ContractBroken
from scheduling.horizon import Horizon
from scheduling.mileage import MILE_M, Total, Ways, driven, four_areas, read_actual, read_manual
from scheduling.plan import Plan
from scheduling.tables import MILEAGE_KINDS

Kind = Literal["manual", "four_areas", "plan", "actual"]
By = Literal["week", "trade", "operative"]
LIMIT_PERCENT = Decimal(0)
"""How much more miles a job a plan may have than the manual weeks, without approval."""
DRIFT_PERCENT = Decimal(5)
"""How much more miles a job may be driven on a day than planned, without an alarm."""
WEEKS_BACK = 12
"""Manual weeks that a plan is compared with where nobody plans its days by hand."""

GROUPS: dict[By, LiteralString] = {
    "week": "to_char(date_trunc('week', day), 'YYYY-MM-DD')", "trade": "trade_ref", "operative": "operative_ref",
}  # fmt: skip
SIDE_BY_SIDE = sql.SQL("""
SELECT {grouped}, kind, sum(jobs), sum(distance_m) FROM scheduling.mileage
WHERE day BETWEEN %(first)s AND %(last)s GROUP BY 1, 2 ORDER BY 1, 2
""")
SUM = "SELECT coalesce(sum(jobs), 0), coalesce(sum(distance_m), 0) FROM scheduling.mileage"
BY_OPERATIVE: LiteralString = """
SELECT operative_ref, min(trade_ref), sum(jobs)::bigint, sum(distance_m)::bigint FROM scheduling.mileage
WHERE kind = 'manual' AND day BETWEEN %(first)s AND %(last)s GROUP BY operative_ref ORDER BY operative_ref
"""
MILEAGE = {"operative_ref": TEXT, "trade_ref": TEXT, "jobs": WHOLE, "distance_m": WHOLE}
APPROVE = """
INSERT INTO scheduling.mileage_approval
    (approved_by, reason, plan_hash, jobs, distance_m, baseline_jobs, baseline_distance_m, limit_percent)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
ALARM = """
INSERT INTO scheduling.mileage_alarm
    (day, expected, expected_jobs, expected_distance_m, jobs, distance_m, drift_percent)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (day) DO UPDATE SET expected = excluded.expected, expected_jobs = excluded.expected_jobs,
    expected_distance_m = excluded.expected_distance_m, jobs = excluded.jobs, distance_m = excluded.distance_m,
    drift_percent = excluded.drift_percent
"""


@dataclass(frozen=True)
class Drift:
    """How a day was driven, against what was expected of it: by the plan, or by hand where there was none."""

    day: date
    expected: Kind
    wanted: Total
    actual: Total
    is_alarm: bool

    @property
    def percent(self) -> Decimal:
        """How much more was driven a job; negative for less."""
        more = Decimal(self.actual.distance_m * self.wanted.jobs) / (self.wanted.distance_m * self.actual.jobs) - 1
        return (100 * more).quantize(Decimal("0.01"))


def record(connection: Connection, kind: Kind, horizon: Horizon, mileage: pd.DataFrame) -> None:
    """Keeps the mileage of those days, in place of what was kept of the kind before."""
    days = pd.to_timedelta(mileage["day"], unit="D") + pd.Timestamp(horizon.starts_on)
    rows = mileage.assign(kind=kind, day=days.dt.strftime("%Y-%m-%d"))
    columns = ["kind", "day", "operative_ref", "trade_ref", "jobs", "distance_m"]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM scheduling.mileage WHERE kind = %s AND day BETWEEN %s AND %s",
            (kind, horizon.starts_on, horizon.dates[-1]),
        )
        if len(rows):
            frames.append(cursor, sql.Identifier("scheduling", "mileage"), rows[columns])


def count_week(connection: Connection, week: Horizon, ways: Ways) -> None:
    """Keeps what was driven in a week from Monday on, and what would have been: by hand, by rota, in fact."""
    by_hand, made = (read(connection, week, ways) for read in (read_manual, read_actual))
    stops: dict[Kind, pd.DataFrame] = {}
    if len(by_hand.visits):
        stops = {"manual": by_hand.visits, "four_areas": four_areas(by_hand)}
    for kind, visits in stops.items():
        record(connection, kind, week, driven(visits, by_hand.team, by_hand.distance_m))
    record(connection, "actual", week, driven(made.visits, made.team, made.distance_m))


def side_by_side(connection: Connection, by: By, first: date, last: date) -> pd.DataFrame:
    """Rows by week, trade or operative; for each kind jobs, miles and miles a job (two levels of columns)."""
    query = SIDE_BY_SIDE.format(grouped=sql.SQL(GROUPS[by])).as_string(connection)
    types = {by: TEXT, "kind": TEXT, "jobs": WHOLE, "distance_m": REAL}
    found = frames.read(connection, query, types, {"first": first, "last": last})
    found = found.assign(miles=found["distance_m"] / MILE_M)
    found = found.assign(miles_per_job=found["miles"] / found["jobs"])
    wide = found.pivot(index=by, columns="kind", values=["jobs", "miles", "miles_per_job"])
    return wide.swaplevel(axis="columns").reindex(columns=MILEAGE_KINDS, level=0)


def recorded(connection: Connection, kind: Kind, first: date, last: date) -> Total:
    """What is kept of a kind from one day to another."""
    row = connection.execute(f"{SUM} WHERE kind = %s AND day BETWEEN %s AND %s", (kind, first, last)).fetchone()
    assert row is not None
    return Total(int(row[0]), int(row[1]))


def baseline(connection: Connection, horizon: Horizon) -> Total:
    """The manual plan of the same days; where there is none, of the weeks before."""
    return recorded(connection, "manual", *baseline_days(connection, horizon))


def baseline_days(connection: Connection, horizon: Horizon) -> tuple[date, date]:
    """First and last day of the manual plan that a plan of those days is compared with."""
    if recorded(connection, "manual", horizon.starts_on, horizon.dates[-1]).jobs:
        return horizon.starts_on, horizon.dates[-1]
    before = horizon.starts_on - timedelta(days=1)
    return before - timedelta(weeks=WEEKS_BACK), before


def beside_manual(connection: Connection, horizon: Horizon, planned: pd.DataFrame) -> pd.DataFrame:
    """By operative: trade_ref, jobs and metres of a plan (``mileage.planned``), and of the manual one beside it."""
    first, last = baseline_days(connection, horizon)
    by_hand = frames.read(connection, BY_OPERATIVE, MILEAGE, {"first": first, "last": last})
    own = planned.groupby("operative_ref", as_index=False).agg(
        trade_ref=("trade_ref", "first"), jobs=("jobs", "sum"), distance_m=("distance_m", "sum")
    )
    both = own.merge(by_hand, how="outer", on="operative_ref", suffixes=("", "_manual"))
    counts = ["jobs", "distance_m", "jobs_manual", "distance_m_manual"]
    both["trade_ref"] = both["trade_ref"].astype("object").fillna(both["trade_ref_manual"]).fillna("")
    return both.drop(columns="trade_ref_manual").fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, "int64"))


def needs_approval(plan: Total, manual: Total, limit_percent: Decimal = LIMIT_PERCENT) -> bool:
    """Whether a plan has more miles a job than the manual weeks and the limit. Without any to compare with it does."""
    if not plan.jobs or not plan.distance_m:
        return False
    if not manual.jobs:
        return True
    return 100 * plan.distance_m * manual.jobs > (100 + limit_percent) * manual.distance_m * plan.jobs


def plan_hash(plan: Plan) -> str:
    """SHA-256 of the plan's bytes."""
    return hashlib.sha256(plan.to_bytes()).hexdigest()


def approve(
    connection: Connection, of_plan: str, by: str, reason: str, plan: Total, manual: Total,
    limit_percent: Decimal = LIMIT_PERCENT,
) -> None:  # fmt: skip
    """Keeps that a named person answers for a plan's miles. Raises ConfigurationFault without a name or a reason."""
    if not by.strip() or not reason.strip():
        raise ConfigurationFault(
            "an approval has the name of a person and a reason.",
            system="scheduling",
            next_step="say who approves the plan, and why.",
        )
    values = (by, reason, of_plan, plan.jobs, plan.distance_m, manual.jobs, manual.distance_m, limit_percent)
    connection.execute(APPROVE, values)


def check_mileage(
    connection: Connection, of_plan: str, plan: Total, manual: Total, limit_percent: Decimal = LIMIT_PERCENT
) -> None:
    """Nothing where the plan may be published. Raises ContractBroken where it has more miles and nobody's approval."""
    if not needs_approval(plan, manual, limit_percent):
        return
    found = connection.execute("SELECT FROM scheduling.mileage_approval WHERE plan_hash = %s", (of_plan,)).fetchone()
    if found is None:
        raise ContractBroken(
            f"the plan has {plan.miles_per_job:.2f} miles a job, the manual weeks {manual.miles_per_job:.2f}.",
            system="scheduling",
            place=f"plan {of_plan[:12]}",
            next_step="plan anew, or let a named person answer for it: hub schedule approve.",
        )


def watch(connection: Connection, day: date, limit_percent: Decimal = DRIFT_PERCENT) -> Drift | None:
    """How the day's actuals stand to what was expected; an alarm is kept where they drift. None where either is not
    known."""
    actual = recorded(connection, "actual", day, day)
    expected: Kind = "plan"
    wanted = recorded(connection, expected, day, day)
    if not wanted.jobs:
        expected = "manual"
        wanted = recorded(connection, expected, day, day)
    if not actual.jobs or not wanted.distance_m:
        return None
    is_alarm = needs_approval(actual, wanted, limit_percent)
    drift = Drift(day, expected, wanted, actual, is_alarm)
    if is_alarm:
        values = (day, expected, wanted.jobs, wanted.distance_m, actual.jobs, actual.distance_m, drift.percent)
        connection.execute(ALARM, values)
    else:
        connection.execute("DELETE FROM scheduling.mileage_alarm WHERE day = %s", (day,))
    return drift
