"""The problem of the next days, from the canonical model.

Nothing of a person comes in: operatives, orders and places are their references, where somebody starts the day is the
middle of a postcode.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from identity.frames import Connection
from scheduling.carrying import Carried
from scheduling.horizon import Horizon
from scheduling.local_rules import LocalRules
from scheduling.problem import Costs, Fault, Job, Place, Problem, Shift, Travel
from scheduling.staff import Staff, breaks_of, read_staff, rows
from scheduling.without import problem_without
from scheduling.work import Ints, Work, made, read_work

Ways = Callable[[tuple[Place, ...]], Travel]
"""Gives the ways between places: by road, or estimated."""
DEGREES = 6  # decimals of a place: a tenth of a metre; flats of a block are one place


def build(
    connection: Connection, horizon: Horizon, rules: LocalRules, ways: Ways, costs: Costs | None = None,
    told: Carried | None = None,
) -> Problem:  # fmt: skip
    """Everything that a plan of those days depends on; what cannot be taken stands in ``faults``.

    Reads what the canonical model holds now, and what the desk was ``told`` beyond that: the same state gives the same
    problem.
    """
    told = told or Carried()
    staff, work = read_staff(connection, horizon, rules, told.away), read_work(connection, horizon, rules)
    places, at = _places(staff, work)
    jobs = tuple(told.as_it_is(job) for job in made(work.jobs, at["job"], horizon, rules))
    places, jobs = _with_those_that_came(places, jobs, told)
    shifts = _shifts(staff, work, at, horizon, rules)
    problem = Problem(
        starts_at=horizon.starts_at,
        days=horizon.days,
        places=places,
        operatives=staff.operatives,
        shifts=shifts,
        jobs=jobs,
        travel=ways(places),
        costs=costs or Costs(),
        faults=(*staff.faults, *work.faults, *_strangers(staff, work), *_away_then(staff, work, horizon)),
    )
    return problem_without(problem, frozenset(row for row, job in enumerate(jobs) if job.job_ref in told.over))


def _with_those_that_came(
    places: tuple[Place, ...], jobs: tuple[Job, ...], told: Carried
) -> tuple[tuple[Place, ...], tuple[Job, ...]]:
    """Places and jobs, with the orders that were raised at the desk and that no system has yet."""
    at = {(place.latitude, place.longitude): number for number, place in enumerate(places)}
    known, added, is_next = {job.job_ref for job in jobs}, list[Job](), False
    for ref, (job, place) in told.came.items():
        if ref not in known:
            number = at.setdefault((place.latitude, place.longitude), len(at))
            places = places if number < len(places) else (*places, place)
            follows = tuple(replace(one, job=len(jobs) + len(added) - 1) for one in job.follows if is_next)
            added.append(replace(job, place=number, follows=follows))
        is_next = ref not in known
    return places, (*jobs, *added)


def _places(staff: Staff, work: Work) -> tuple[tuple[Place, ...], dict[str, Ints]]:
    """The distinct places by reference, and the position of each job's, visit under way's, start's and end's."""
    refs = pd.Series([operative.operative_ref for operative in staff.operatives], dtype="str")
    homes = staff.homes
    listed = pd.concat(
        [
            _points("job", work.jobs["asset_ref"], work.jobs["latitude"], work.jobs["longitude"]),
            _points("under_way", "visit of " + work.under_way["operative_ref"], work.under_way["latitude"],
                    work.under_way["longitude"]),
            _points("start", "start of " + refs, homes["start_latitude"], homes["start_longitude"]),
            _points("end", "end of " + refs, homes["end_latitude"], homes["end_longitude"]),
        ],
        ignore_index=True,
    )  # fmt: skip
    number = listed.groupby(["latitude", "longitude"], sort=False).ngroup().to_numpy().astype(np.int64)
    first = listed.loc[np.unique(number, return_index=True)[1]]
    places = tuple(
        Place(ref, latitude, longitude)
        for ref, latitude, longitude in zip(first["ref"], first["latitude"], first["longitude"], strict=True)
    )
    return places, {kind: number[(listed["kind"] == kind).to_numpy()] for kind in ("job", "under_way", "start", "end")}


def _points(kind: str, ref: pd.Series, latitude: pd.Series, longitude: pd.Series) -> pd.DataFrame:
    values = {"latitude": latitude.to_numpy().round(DEGREES), "longitude": longitude.to_numpy().round(DEGREES)}
    return pd.DataFrame({"kind": kind, "ref": ref.to_numpy(), **values})


def _shifts(staff: Staff, work: Work, at: dict[str, Ints], horizon: Horizon, rules: LocalRules) -> tuple[Shift, ...]:
    """The hours that are left, each from home to home; one under way begins where and when its visit will end."""
    hours = staff.hours
    follows = hours["operative"].eq(hours["operative"].shift(-1))
    gap = (hours["start_s"].shift(-1) - hours["end_s"]).where(follows).fillna(np.inf)
    overtime = np.where(hours["is_standby"], 0, np.minimum(gap, rules.overtime_minutes * 60)).astype("int64")
    position = {operative.operative_ref: row for row, operative in enumerate(staff.operatives)}
    begun = {
        position[row.operative_ref]: (row.end_s, place, row.job_ref)
        for row, place in zip(rows(work.under_way), at["under_way"].tolist(), strict=True)
        if row.operative_ref in position
    }
    found = []
    for row, late in zip(rows(hours), overtime.tolist(), strict=True):
        start_s, place, ref = max(row.start_s, horizon.now_s), int(at["start"][row.operative]), None
        if row.start_s <= horizon.now_s < row.end_s and row.operative in begun:
            start_s, place, ref = begun[row.operative]
        if start_s < row.end_s:
            breaks = () if row.is_standby else breaks_of(row.start_s, row.end_s, row.day, horizon, rules)
            found.append(
                Shift(
                    operative=row.operative,
                    day=row.day,
                    start_s=start_s,
                    end_s=row.end_s,
                    start_place=place,
                    end_place=int(at["end"][row.operative]),
                    breaks=breaks,
                    overtime_s=late,
                    is_standby=row.is_standby,
                    under_way_ref=ref,
                )
            )
    return tuple(found)


def _away_then(staff: Staff, work: Work, horizon: Horizon) -> list[Fault]:
    """Promised visits whose operative has no hours in their window: the promise stays, somebody else is sought."""
    known = {operative.operative_ref: row for row, operative in enumerate(staff.operatives)}
    coming = work.named[work.named["operative_ref"].isin(known) & (work.named["start_s"] < horizon.end_s)]
    coming = coming.assign(operative=coming["operative_ref"].map(known))
    own = coming.reset_index().merge(staff.hours, on="operative", suffixes=("", "_shift"))
    meets = (own["start_s_shift"] < own["end_s"]) & (own["end_s_shift"] > own["start_s"]) & ~own["is_standby"]
    alone = coming[~coming.index.isin(own.loc[meets, "index"])]
    return [
        Fault("absence-over-confirmed-visit", row.order_ref, f"Order {row.order_ref} was promised a visit by operative "
              f"{row.operative_ref}, who is not at work then: another is sought for the same time.",
              "choose who goes, or offer the tenant another appointment.")
        for row in rows(alone)
    ]  # fmt: skip


def _strangers(staff: Staff, work: Work) -> list[Fault]:
    """Visits under way by somebody who is not at work: agency workers, or hours that are missing."""
    known = {operative.operative_ref for operative in staff.operatives}
    away = work.under_way[~work.under_way["operative_ref"].isin(known)]
    return [
        Fault("under-way-by-nobody", ref, f"Job {ref} is under way by an operative who is not at work.",
              "give the operative hours, or report the visit.")
        for ref in away["job_ref"]
    ]  # fmt: skip
