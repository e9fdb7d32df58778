"""A plan on its way to be the live one: made, checked, held against the manual week's miles, published.

No plan with a breach is kept, let alone published. One with more miles a job than the manual week's waits as a draft
until a named person approves it. A problem that has a plan already is not planned again: the same problem, seed and
work give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, LiteralString

import pandas as pd
import psycopg
from psycopg.rows import class_row

from ledger.errors import ConfigurationFault, ContractBroken, Defect
from scheduling import build, carrying, faults, keeping, mileage, mileage_watch, store, work
from scheduling.caution import Caution, cautious
from scheduling.checker import check
from scheduling.decisions import decided, in_force
from scheduling.events import Booking
from scheduling.hashes import problem_hash
from scheduling.horizon import Horizon
from scheduling.local_rules import LocalRules
from scheduling.mileage import Total, Ways
from scheduling.plan import Plan, Visit
from scheduling.problem import Fault, Problem

Connection = psycopg.Connection[Any]
HUB = "hub"
"""Who publishes a plan that needs nobody's approval."""

STANDS: LiteralString = """
SELECT id FROM scheduling.plan
WHERE problem_hash = %s AND status_code <> 'superseded' ORDER BY id DESC LIMIT 1
"""
PLAN: LiteralString = """
SELECT p.id, p.status_code, p.starts_on, p.days, p.problem_hash, p.plan_hash, p.written, p.made_at,
    (SELECT a.approved_by FROM scheduling.mileage_approval a WHERE a.plan_hash = p.plan_hash ORDER BY a.id DESC LIMIT 1)
FROM scheduling.plan p
"""
NEEDED: LiteralString = "SELECT problem_hash FROM scheduling.plan WHERE status_code = 'published'"
NEWEST: LiteralString = "ORDER BY p.id DESC LIMIT 1"
LIVE: LiteralString = "WHERE p.status_code = 'published'"
VISITS: LiteralString = """
SELECT v.job_ref, v.role, v.operative_ref, v.day, v.start_at, v.end_at FROM scheduling.visit v
WHERE EXISTS (SELECT FROM scheduling.event WHERE plan_id = %s) ORDER BY v.shift, v.sequence
"""


@dataclass(frozen=True)
class Setup:
    """What plans are made with. ``folder`` keeps their problems; ``iterations`` is the work of a search."""

    folder: Path
    ways: Ways
    rules: LocalRules
    iterations: int
    limit_percent: Decimal = mileage_watch.LIMIT_PERCENT
    caution: Caution | None = field(default_factory=Caution)
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Asked:
    """A problem that is kept, by its hash, and the last event that it knows of. ``is_new``: it has no plan yet."""

    problem_hash: str
    last_event: int
    is_new: bool


@dataclass(frozen=True, eq=False)
class Kept:
    """A plan as it is kept, with its problem and its miles beside the manual week's."""

    plan_id: int
    status_code: str
    made_at: datetime
    plan_hash: str
    horizon: Horizon
    problem: Problem
    plan: Plan
    mileage: pd.DataFrame  # by operative, of the plan and of the manual week (``mileage_watch.beside_manual``)
    planned: Total
    manual: Total
    approved_by: str | None

    def needs_approval(self, limit_percent: Decimal) -> bool:
        """Whether a person has to answer for its miles who has not done so yet."""
        above = mileage_watch.needs_approval(self.planned, self.manual, limit_percent)
        return self.status_code == "draft" and self.approved_by is None and above


def ask(connection: Connection, setup: Setup, horizon: Horizon) -> Asked:
    """The problem of those days as the canonical model and the desk's bookings have it, kept in the folder."""
    row = connection.execute("SELECT coalesce(max(number), 0) FROM scheduling.event").fetchone()
    assert row is not None
    told = carrying.read(connection, horizon.starts_at, horizon.now or horizon.starts_at)
    built = build.build(connection, horizon, setup.rules, setup.ways, told=told)
    with connection.cursor(row_factory=class_row(Booking)) as cursor:
        bookings = cursor.execute(store.BOOKINGS, (horizon.starts_on,)).fetchall()
    problem = decided(_promised(built, horizon, bookings), in_force(connection))
    if setup.caution:
        problem = cautious(problem, work.first_visits(connection, problem.jobs), setup.caution)
    problem = faults.sound(problem)
    name = problem_hash(problem)
    is_new = standing(connection, name) is None
    keeping.keep(problem, setup.folder, [row[0] for row in connection.execute(NEEDED)])
    if is_new:
        count_baseline(connection, horizon, setup.ways)
    return Asked(name, int(row[0]), is_new)


def _promised(problem: Problem, horizon: Horizon, bookings: Sequence[Booking]) -> Problem:
    """The problem with what the desk promised since the systems told of it; what is over by now is told."""
    known = {job.job_ref for job in problem.jobs}
    standing = [one for one in bookings if one.is_active and one.job_ref in known]
    over = [one for one in standing if horizon.seconds(one.window_end_at) <= horizon.now_s]
    if not standing:
        return problem
    from scheduling.booking import promised  # noqa: PLC0415 - seconds to load

    passed = [
        Fault("promise-passed", one.job_ref, f"Job {one.job_ref} was promised a visit that has passed and is not "
              "reported.", "report the visit, or agree a new slot with the tenant.")
        for one in over
    ]  # fmt: skip
    kept = [one for one in standing if one not in over]
    return replace(promised(problem, kept), faults=(*problem.faults, *passed))


def count_baseline(connection: Connection, horizon: Horizon, ways: Ways) -> None:
    """Counts what was driven by hand in the weeks that the plan is compared with: its own, and those before."""
    monday = horizon.starts_on - timedelta(days=horizon.starts_on.weekday())
    last = horizon.dates[-1]
    for week in range(-mileage_watch.WEEKS_BACK, (last - monday).days // 7 + 1):
        mileage_watch.count_week(connection, Horizon(monday + timedelta(weeks=week), 7), ways)


def standing(connection: Connection, name: str) -> int | None:
    """Number of the plan that the problem of that hash has already; None without one."""
    row = connection.execute(STANDS, (name,)).fetchone()
    return None if row is None else int(row[0])


def draft(connection: Connection, setup: Setup, asked: Asked) -> int:
    """Number of the problem's plan: one that stands, or a new draft. Raises Defect for a plan that breaks a rule."""
    if (number := standing(connection, asked.problem_hash)) is not None:
        return number
    from scheduling.engine.solve import solve  # noqa: PLC0415 - seconds to load
    from scheduling.engine.stop import Stop  # noqa: PLC0415

    problem = keeping.kept(setup.folder, asked.problem_hash)
    before = carried(connection, setup.folder, problem)
    plan = solve(problem, Stop(iterations=setup.iterations), setup.seed, warm=before, before=before)
    hold(problem, plan)
    return store.keep_plan(connection, setup.folder, problem, plan, asked.last_event)


def hold(problem: Problem, plan: Plan) -> None:
    """Nothing for a plan that keeps every rule; else Defect, which names the first breach."""
    if breaches := check(problem, plan):
        first = breaches[0]
        raise Defect(
            f"the plan breaks {len(breaches)} rules; the first is {first.rule}: {first.message}",
            system="scheduling",
            next_step="the live plan stays as it is; tell the maintainers, with the problem's file.",
        )


def publish(connection: Connection, setup: Setup, plan_id: int, by: str) -> Kept:
    """The plan, live now; a live one stays it. Raises ContractBroken where its miles need an approval, or it is old."""
    found = kept(connection, setup.folder, plan_id)
    if found.status_code != "published":
        hold(found.problem, found.plan)
        mileage_watch.check_mileage(connection, found.plan_hash, found.planned, found.manual, setup.limit_percent)
        with connection.transaction():
            store.publish(connection, plan_id, by)
            mileage_watch.record(connection, "plan", found.horizon, mileage.planned(found.problem, found.plan))
    return kept(connection, setup.folder, plan_id)


def approve(connection: Connection, setup: Setup, plan_id: int, by: str, reason: str) -> Kept:
    """The plan, for whose miles a named person answers now."""
    found = kept(connection, setup.folder, plan_id)
    mileage_watch.approve(connection, found.plan_hash, by, reason, found.planned, found.manual, setup.limit_percent)
    return kept(connection, setup.folder, plan_id)


def kept(connection: Connection, folder: Path, plan_id: int | None = None) -> Kept:
    """The plan of that number, or the newest one. Raises ConfigurationFault where there is none."""
    query, values = (PLAN + NEWEST, ()) if plan_id is None else (PLAN + "WHERE p.id = %s", (plan_id,))
    found = _read(connection, folder, query, values)
    if found is None:
        raise ConfigurationFault(
            "there is no plan." if plan_id is None else f"there is no plan {plan_id}.",
            system="scheduling",
            next_step="make one: hub schedule plan.",
        )
    return found


def _read(connection: Connection, folder: Path, query: LiteralString, values: tuple[Any, ...]) -> Kept | None:
    row = connection.execute(query, values).fetchone()
    if row is None:
        return None
    number, status, starts_on, days, name, of_plan, written, made_at, approved_by = row
    problem, plan = keeping.kept(folder, name), Plan.from_bytes(bytes(written))
    horizon, miles = Horizon(starts_on, days), mileage.planned(problem, plan)
    return Kept(
        number, status, made_at, of_plan, horizon, problem, plan,
        mileage_watch.beside_manual(connection, horizon, miles), mileage.total(miles),
        mileage_watch.baseline(connection, horizon), approved_by,
    )  # fmt: skip


def carried(connection: Connection, folder: Path, problem: Problem) -> Plan | None:
    """The live plan's visits as they are now, in the numbers of another problem; None without any.

    Visits of jobs, operatives and days that the problem does not have are left away.
    """
    try:
        live = _read(connection, folder, PLAN + LIVE, ())
    except ContractBroken:  # its problem's file is gone, and the desk tells so: this plan begins from nothing
        live = None
    if live is None:
        return None
    jobs = {job.job_ref: number for number, job in enumerate(problem.jobs)}
    shifts = _by_day(problem)
    visits = []
    for job_ref, role, operative_ref, day, start_at, end_at in _as_they_are(connection, live):
        start_s, end_s = (round((at - problem.starts_at).total_seconds()) for at in (start_at, end_at))
        job = jobs.get(job_ref, -1)
        hours = shifts.get((operative_ref, day), ())
        shift = next((row for row in hours if problem.shifts[row].start_s <= start_s), None)
        if shift is not None and job >= 0 and role < len(problem.jobs[job].roles):
            visits.append(Visit(job, role, shift, start_s, start_s, end_s, 0))
    visits.sort(key=lambda visit: (visit.shift, visit.start_s))
    return Plan("", 0, 0, tuple(visits), (), (), 0, 0) if visits else None


def _by_day(problem: Problem) -> Mapping[tuple[str, date], tuple[int, ...]]:
    """The shifts of an operative on a day, the last first."""
    found: dict[tuple[str, date], tuple[int, ...]] = {}
    for number, shift in sorted(enumerate(problem.shifts), key=lambda each: each[1].start_s):
        day = problem.starts_at.date() + timedelta(days=shift.day)
        key = (problem.operatives[shift.operative].operative_ref, day)
        found[key] = (number, *found.get(key, ()))
    return found


def _as_they_are(connection: Connection, live: Kept) -> Iterator[tuple[str, int, str, date, datetime, datetime]]:
    """The visits as the desk keeps them; as they were published where it has not begun yet."""
    rows = connection.execute(VISITS, (live.plan_id,)).fetchall()
    if rows:
        yield from rows
        return
    problem = live.problem
    for visit in live.plan.visits:
        shift = problem.shifts[visit.shift]
        yield (
            problem.jobs[visit.job].job_ref, visit.role, problem.operatives[shift.operative].operative_ref,
            live.horizon.dates[shift.day], problem.instant(visit.start_s), problem.instant(visit.end_s),
        )  # fmt: skip
