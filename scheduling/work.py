"""What is to be done: open orders as jobs, with the crew, the time and the windows that they need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from canonical_model import workload
from identity import frames
from identity.addresses.grid import to_degrees
from identity.frames import INSTANT, REAL, TEXT, WHOLE, YES_OR_NO, Connection
from scheduling.calendars import awaab_steps
from scheduling.horizon import Horizon
from scheduling.local_rules import LocalRules
from scheduling.problem import LONDON, Clock, Fault, Follow, Job, Priority, Role, Window
from scheduling.right_to_repair import defects, periods
from scheduling.staff import minute_of, rows

Ints = NDArray[np.int64]
JOBS = {
    "order_ref": TEXT, "trade_ref": TEXT, "first_line": WHOLE, "minutes": REAL, "untimed": WHOLE, "crew": WHOLE,
    "items": TEXT, "priority_code": TEXT, "raised_at": INSTANT, "target_s": WHOLE, "track_code": TEXT,
    "aware_at": INSTANT, "investigated_at": INSTANT, "is_right_to_repair": YES_OR_NO, "reported_at": INSTANT,
    "estimated_cost": REAL, "sor_codes": TEXT, "access_code": TEXT, "asset_ref": TEXT, "latitude": REAL,
    "longitude": REAL, "easting_m": REAL, "northing_m": REAL, "area": TEXT, "is_in_block": YES_OR_NO,
}  # fmt: skip
VISITS = {
    "order_ref": TEXT, "operative_ref": TEXT, "status_code": TEXT, "start_s": WHOLE, "end_s": WHOLE,
    "arrived_s": WHOLE, "visit_minutes": WHOLE,
}  # fmt: skip
HELD = "reserved"  # for a tenant who has not agreed yet
UNDER_WAY = ("arrived", "started")
LAST_STAGE = 99  # of a trade that the local rules do not name
LEAST_LEFT_S = 10 * 60  # of a visit that takes longer than it should
HAZARD_WORK = ("make-safe", "safety-work", "investigate")


@dataclass(frozen=True, eq=False)
class Work:
    """``jobs`` has a row a job, in the order of the problem; ``under_way`` a row a visit that has begun.

    ``named``: the promised visits of which a system says who comes: order_ref, operative_ref, start_s, end_s.

    jobs: job_ref, order_ref, trade_ref, latitude, longitude and what ``made`` needs.
    under_way: operative_ref, job_ref, latitude, longitude, end_s.
    """

    jobs: pd.DataFrame
    under_way: pd.DataFrame
    named: pd.DataFrame
    faults: tuple[Fault, ...]


def read_work(connection: Connection, horizon: Horizon, rules: LocalRules) -> Work:
    """The open orders of the council's own workforce; one that cannot be planned is told with the reason."""
    values = {"starts_at": horizon.starts_at}
    jobs = frames.read(connection, workload.JOBS, JOBS, values)
    visits = frames.read(connection, workload.VISITS, VISITS, values)
    faults: list[Fault] = []
    jobs = _sequenced(_located(jobs, faults), rules, faults)
    jobs = _timed(jobs, rules, faults)
    jobs = _due(jobs, horizon, rules, faults)
    begun = _under_way(jobs, visits, horizon)
    jobs = _after(jobs, begun)
    jobs = _promised(jobs, visits[~visits["order_ref"].isin(begun["order_ref"])], horizon, faults)
    named = visits[
        visits["order_ref"].isin(jobs["order_ref"]) & visits["status_code"].ne(HELD)
        & visits[["operative_ref", "start_s", "end_s"]].notna().all(axis=1)
    ]  # fmt: skip
    return Work(jobs.reset_index(drop=True), begun, named, tuple(faults))


def made(jobs: pd.DataFrame, places: Ints, horizon: Horizon, rules: LocalRules) -> tuple[Job, ...]:
    """The jobs as the problem holds them; ``places`` are positions by row."""
    asked = {code: _daily(code, horizon, rules) for code in rules.access}
    return tuple(
        Job(
            job_ref=row.job_ref,
            place=place,
            roles=(Role(row.trade_ref, frozenset(row.items.split())),) * row.crew,
            duration_s=row.duration_s,
            priority=Priority(row.priority),
            windows=_windows(row, asked),
            earliest_s=max(horizon.now_s, row.earliest_s),
            due_s=row.due_s,
            follows=() if row.follows < 0 else (Follow(row.follows, row.gap_s),),
            area=None if pd.isna(row.area) else row.area,
            parking_s=60 * (rules.block_parking_minutes if row.is_in_block else rules.parking_minutes),
            key_ref=row.asset_ref if row.access_code == "key_held" else None,
            is_confirmed=row.is_confirmed,
            clocks=row.clocks,
        )
        for row, place in zip(rows(jobs), places.tolist(), strict=True)
    )


def first_visits(connection: Connection, jobs: tuple[Job, ...]) -> frozenset[str]:
    """The jobs (``job_ref``) of orders that nobody has been to: how long they take is known least."""
    unseen = set(frames.read(connection, workload.UNSEEN, {"order_ref": TEXT})["order_ref"])
    return frozenset(job.job_ref for job in jobs if job.job_ref in unseen or job.job_ref.rpartition("/")[0] in unseen)


def _windows(row: Any, asked: dict[str, tuple[Window, ...]]) -> tuple[Window, ...]:
    """The promised window, else what the tenant asked for; an emergency waits for no part of the day."""
    if row.window_end_s >= 0:
        return (Window(row.window_start_s, row.window_end_s),)
    if row.priority == Priority.EMERGENCY:
        return ()
    return asked.get(row.access_code, ())


def _daily(code: str, horizon: Horizon, rules: LocalRules) -> tuple[Window, ...]:
    first, last = (minute_of(at) for at in rules.access[code])
    return tuple(Window(horizon.clock(day, first), horizon.clock(day, last)) for day in range(horizon.days))


def _located(jobs: pd.DataFrame, faults: list[Fault]) -> pd.DataFrame:
    """The jobs at a known place, in degrees: as all systems together know it, else as the order's own system does."""
    own = to_degrees(jobs["easting_m"], jobs["northing_m"])
    jobs = jobs.assign(**{name: jobs[name].fillna(own[name]) for name in ("latitude", "longitude")})
    nowhere, unknown = jobs["asset_ref"].isna(), jobs["latitude"].isna() & jobs["asset_ref"].notna()
    faults += _told(jobs[nowhere], "no-place", "has no home or block that the hub knows",
                    "give the order its property reference in the repairs system")  # fmt: skip
    faults += _told(jobs[unknown], "no-coordinates", "is at a place without coordinates",
                    "match the place's address to its UPRN, `hub identity review`")  # fmt: skip
    return jobs[~nowhere & ~unknown]


def _sequenced(jobs: pd.DataFrame, rules: LocalRules, faults: list[Fault]) -> pd.DataFrame:
    """The jobs of each order by the stages of their trades; follows is the row before, -1 for the first."""
    lost = jobs["trade_ref"].isna()
    faults += _told(jobs[lost], "no-trade", "has work of no known trade", "give its lines a trade or an SOR item")
    stage = {ref: (rule.stage, rule.rest_hours * 3_600) for ref, rule in rules.stages.items()}
    kept = jobs[~lost]
    known = kept["trade_ref"].map(stage)
    kept = kept.assign(
        stage=[each[0] if isinstance(each, tuple) else LAST_STAGE for each in known],
        rest_s=[each[1] if isinstance(each, tuple) else 0 for each in known],
    ).sort_values(["order_ref", "stage", "first_line", "trade_ref"], ignore_index=True)
    place = kept.groupby("order_ref").cumcount().to_numpy()
    several = kept.groupby("order_ref")["trade_ref"].transform("size").to_numpy() > 1
    return kept.assign(
        job_ref=kept["order_ref"].where(~several, kept["order_ref"] + "/" + kept["trade_ref"]),
        follows=np.where(place > 0, np.arange(len(kept)) - 1, -1),
        gap_s=np.where(place > 0, kept["rest_s"].shift(fill_value=0), 0),
        is_first=place == 0,
        items=kept["items"].fillna(""),
        is_in_block=kept["is_in_block"].fillna(False).astype("bool"),
        crew=kept["crew"].fillna(1).clip(lower=1).astype("int64"),
    )


def _timed(jobs: pd.DataFrame, rules: LocalRules, faults: list[Fault]) -> pd.DataFrame:
    """duration_s by the standard minutes; without them what a visit usually takes, and never longer than one visit."""
    missing = jobs["minutes"].fillna(0) <= 0
    minutes = jobs["minutes"].where(~missing, rules.usual_minutes)
    long = minutes > rules.longest_minutes
    faults += _told(jobs[missing], "no-minutes", f"has no standard minutes; it is planned with {rules.usual_minutes}",
                    "give its lines an SOR item with standard minutes")  # fmt: skip
    faults += _told(jobs[long], "longer-than-a-visit", f"takes more than a visit of {rules.longest_minutes} minutes; "
                    "the rest is not planned", "book the rest as a follow-on when the first visit is done")  # fmt: skip
    return jobs.assign(duration_s=(minutes.clip(upper=rules.longest_minutes) * 60).round().astype("int64"))


def _due(jobs: pd.DataFrame, horizon: Horizon, rules: LocalRules, faults: list[Fault]) -> pd.DataFrame:
    """priority, due_s, clocks: the order's own target, or the law's where it is sooner. Overdue is due at the start."""
    unknown = ~jobs["priority_code"].isin(list(rules.priorities))
    faults += _told(jobs[unknown], "no-priority", "has no priority that is declared; it is planned as routine",
                    "give it one in the repairs system, or declare it in priorities.csv")  # fmt: skip
    codes = jobs["priority_code"].where(~unknown, "routine")
    priority = codes.map({code: int(rule.priority) for code, rule in rules.priorities.items()}).astype("int64")
    emergency, significant = (jobs["track_code"].eq(code).fillna(False) for code in ("emergency", "significant"))
    priority = priority.where(~emergency, int(Priority.EMERGENCY))
    priority = priority.where(~significant, priority.clip(upper=int(Priority.URGENT)))
    defect = _defects(jobs, rules, faults)
    priority = priority.where(defect.isna(), priority.clip(upper=int(Priority.URGENT)))
    jobs = jobs.assign(code=codes, priority=priority, defect=defect)
    due = jobs["target_s"].astype("Float64")
    clocks: dict[int, tuple[Clock, ...]] = {}
    # Few have no target, are hazards or are in the Right to Repair scheme: these are counted one by one.
    for row in rows(jobs[due.isna()]):
        raised_at = horizon.starts_at if pd.isna(row.raised_at) else row.raised_at.to_pydatetime()
        due.at[row.Index] = horizon.seconds(rules.priorities[row.code].due(raised_at))
    for row in rows(jobs[jobs["track_code"].notna() | defect.notna()]):
        clocks[row.Index] = tuple(_clocks(row, horizon))
        due.at[row.Index] = min(due[row.Index], *(clock.due_s for clock in clocks[row.Index]))
    told = pd.Series([clocks.get(row, ()) for row in jobs.index.tolist()], index=jobs.index, dtype="object")
    return jobs.assign(due_s=due.clip(lower=0).astype("int64"), clocks=told)


def _defects(jobs: pd.DataFrame, rules: LocalRules, faults: list[Fault]) -> pd.Series:
    """The defects of the Right to Repair that jobs mend, and what qualifies without anybody knowing as what."""
    found = defects(jobs, rules.entitled)
    untold = jobs["is_right_to_repair"].fillna(False) & ~jobs["order_ref"].isin(jobs.loc[found.notna(), "order_ref"])
    faults += _told(jobs[untold], "right-to-repair-untold", "is in the Right to Repair scheme, and none of its items "
                    "or trades is declared to mend a defect of it; it is planned by its own target",
                    "declare its items in right_to_repair_items.csv")  # fmt: skip
    return found


def _clocks(row: Any, horizon: Horizon) -> Iterator[Clock]:
    """The law's clocks of a job. Of a hazard the work where it is known, else the investigation."""
    if not pd.isna(row.track_code):
        ended = None if pd.isna(row.investigated_at) else row.investigated_at.to_pydatetime()
        steps = {step.code: step.due_at for step in awaab_steps(row.track_code, row.aware_at.to_pydatetime(), ended)}
        code = next(code for code in HAZARD_WORK if code in steps)
        yield Clock("awaab", code, horizon.seconds(steps[code]))
    if not pd.isna(row.defect):
        told = next((at for at in (row.reported_at, row.raised_at) if not pd.isna(at)), horizon.starts_at)
        first, again = periods(row.defect, told.astimezone(LONDON).date())
        yield Clock("right-to-repair", row.defect, horizon.seconds(first), horizon.seconds(again))


def _under_way(jobs: pd.DataFrame, visits: pd.DataFrame, horizon: Horizon) -> pd.DataFrame:
    """The visits that have begun, with where they are and when they will probably end."""
    first = jobs[jobs["is_first"]]
    has_begun = visits["status_code"].isin(UNDER_WAY) & (visits["arrived_s"] <= horizon.now_s).fillna(False)
    begun = visits[has_begun & visits["operative_ref"].notna() & (horizon.now is not None)]
    begun = begun.sort_values("arrived_s").drop_duplicates("operative_ref", keep="last")
    at = begun.merge(first[["order_ref", "job_ref", "latitude", "longitude", "duration_s"]], on="order_ref")
    expected = (at["arrived_s"] + at["duration_s"]).astype("int64")
    ends = np.maximum(expected, horizon.now_s + LEAST_LEFT_S)
    return at.assign(end_s=ends)[["order_ref", "operative_ref", "job_ref", "latitude", "longitude", "end_s"]]


def _after(jobs: pd.DataFrame, begun: pd.DataFrame) -> pd.DataFrame:
    """The jobs without those under way; what follows one waits for its end."""
    going = jobs["job_ref"].isin(begun["job_ref"]).to_numpy()
    ends = begun.set_index("job_ref")["end_s"]
    before = jobs["follows"].to_numpy()
    waits = (before >= 0) & going[before]
    ended = jobs["job_ref"].iloc[before].map(ends).fillna(0).to_numpy(np.int64)
    left = np.cumsum(~going) - 1
    return jobs.assign(
        earliest_s=np.where(waits, ended + jobs["gap_s"].to_numpy(), 0),
        follows=np.where((before >= 0) & ~waits, left[before], -1),
    )[~going]


def _promised(jobs: pd.DataFrame, visits: pd.DataFrame, horizon: Horizon, faults: list[Fault]) -> pd.DataFrame:
    """window_start_s, window_end_s (-1: none) and is_confirmed; without what is promised for later days."""
    open_ended = visits["start_s"].isna() | visits["end_s"].isna()
    passed = ~open_ended & (visits["end_s"] < horizon.now_s).fillna(False)
    coming = visits[~open_ended & ~passed].sort_values(["order_ref", "start_s", "end_s"])
    again = coming["order_ref"].duplicated()
    faults += _told(visits[open_ended], "promise-without-window", "has a visit without a window",
                    "book the visit anew")  # fmt: skip
    faults += _told(visits[passed], "promise-passed", "was promised a visit that has passed and is not reported",
                    "report the visit, or agree a new window with the tenant")  # fmt: skip
    faults += _told(coming[again], "two-promises", "has two visits promised; the first is kept",
                    "cancel the second, or order it as a follow-on")  # fmt: skip
    window = coming[~again].set_index("order_ref")
    told = jobs["order_ref"].where(jobs["is_first"])
    later = told.map(window["start_s"]).ge(horizon.end_s).fillna(False).to_numpy(np.bool_)
    waiting = jobs["order_ref"].isin(jobs.loc[later, "order_ref"]).to_numpy()
    left = np.cumsum(~waiting) - 1
    before = jobs["follows"].to_numpy()
    return jobs.assign(
        window_start_s=told.map(window["start_s"]).fillna(-1).astype("int64"),
        window_end_s=told.map(window["end_s"]).fillna(-1).astype("int64"),
        is_confirmed=told.isin(window.index[window["status_code"] != HELD]),
        follows=np.where(before >= 0, left[before], -1),
    )[~waiting]


def _told(which: pd.DataFrame, code: str, message: str, next_step: str) -> list[Fault]:
    refs = which["order_ref"].drop_duplicates()
    return [Fault(code, ref, f"Order {ref} {message}.", f"{next_step}.") for ref in refs]
