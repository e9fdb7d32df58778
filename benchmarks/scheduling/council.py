"""Council days: a seeded town, its operatives, and as many repairs as they can nearly all do.

The town is 15 by 12 km with its homes on clustered estates; operatives drive from their own homes in and around it.
Minutes and trades are those of the made-up schedule of rates, short jobs more often than long ones. At five jobs an
operative and day, work takes about two thirds of the shifts' time at each trade, driving and parking a tenth more.
Ways are great circle x circuity at a town's speed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate import sor
from scheduling.problem import (
    LONDON,
    Break,
    DayPart,
    Follow,
    Job,
    Operative,
    Place,
    Priority,
    Problem,
    Role,
    Shift,
    Travel,
    Window,
)  # fmt: skip

MONDAY = datetime(2026, 9, 14, tzinfo=LONDON)
SIZES = {"20x100": (20, 100, 1), "100x500": (100, 500, 1), "250x1250": (250, 1_250, 1), "250x20x5000": (250, 5_000, 20)}
"""Operatives, jobs, working days."""
SEEDS = (11, 12, 13)
CENTRE = (52.63, -1.13)  # latitude, longitude
HOUR, DAY = 3_600, 86_400
SLOTS = {"AM": (8, 12), "PM": (12, 16), "SCHOOL": (9.5, 14.5), "DAY": (8, 16)}
SLOT_SHARES = (0.34, 0.3, 0.08, 0.28)
PRIORITY_SHARES = {Priority.EMERGENCY: 0.06, Priority.URGENT: 0.22, Priority.ROUTINE: 0.6, Priority.PLANNED: 0.12}
DAYS_DUE = {Priority.URGENT: 7, Priority.ROUTINE: 28, Priority.PLANNED: 90}  # calendar days after it was reported
SECOND_TRADES = {
    "PL": ("DR", "MU"), "EL": ("MU",), "CP": ("GZ", "MU"), "MU": ("CP", "PL", "PA", "GR"), "PT": ("PA", "DM", "BW"),
    "PA": ("PT", "DM"), "RF": ("BW", "DR"), "GZ": ("CP",), "BW": ("RF", "GR", "PT"), "DR": ("PL", "BW"),
    "GR": ("BW", "MU"), "DM": ("PA", "PT"),
}  # fmt: skip
CERTIFICATES = {"PL": ("GAS", 0.3), "EL": ("EICR", 0.3), "RF": ("HEIGHT", 0.4)}
"""By trade the certificate that a share of its jobs asks for; one operative in two holds it, and always the first."""
DAY_PARTS = (DayPart(0, 100), DayPart(7 * 60, 135), DayPart(9 * 60 + 15, 112), DayPart(15 * 60, 130),
             DayPart(18 * 60 + 30, 105), DayPart(21 * 60, 100))  # fmt: skip


def council_day(size: str, seed: int, *, plain: bool = False) -> Problem:
    """The problem of a size of ``SIZES``; ``plain`` leaves out what only some solvers know.

    Out of a plain one are crews, follow-ons, keys, areas, due dates and times of day: every solver that knows skills,
    own speeds, windows and breaks plans the same miles.
    """
    problem = council_of(*SIZES[size], seed)
    return without_ties(problem) if plain else problem


def council_of(operatives: int, jobs: int, days: int, seed: int) -> Problem:
    """The problem of so many operatives, jobs and working days."""
    rng = np.random.default_rng([seed, operatives, jobs, days])
    town = _town(rng, max(1_500, 2 * jobs))
    work = _jobs(rng, town, jobs, days)
    staff = _operatives(rng, town, work, operatives)
    homes = staff[["latitude", "longitude"]].assign(place_ref=[f"OPERATIVE-{i}" for i in staff.index])
    visited = town.homes.loc[np.unique(work["home"]), ["latitude", "longitude"]]
    visited = visited.assign(place_ref=[f"BLOCK-{i}" for i in visited.index])
    every = pd.concat([homes, visited], ignore_index=True)
    place_of = dict(zip(np.unique(work["home"]), range(operatives, len(every)), strict=True))
    return Problem(
        starts_at=MONDAY,
        days=(days - 1) // 5 * 7 + (days - 1) % 5 + 1,
        places=tuple(Place(row.place_ref, row.latitude, row.longitude) for row in _rows(every)),
        operatives=tuple(
            Operative(
                f"OP{i:03}", row.proficiency_percent, row.skills, areas=frozenset(row.areas),
                weekly_limit_s=42 * HOUR, max_leg_s=HOUR,
            )
            for i, row in enumerate(_rows(staff))
        ),
        shifts=_shifts(operatives, days),
        jobs=_as_jobs(rng, work, staff, place_of, days),
        travel=travel(every["latitude"].to_numpy(), every["longitude"].to_numpy()),
    )  # fmt: skip


def travel(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> Travel:
    """Ways between points: great circle x circuity (1.72 - 0.14 ln km); 31 km/h, and half a minute to get going."""
    a, b = np.radians(latitude), np.radians(longitude)
    half = np.sin((a[:, None] - a) / 2) ** 2 + np.cos(a)[:, None] * np.cos(a) * np.sin((b[:, None] - b) / 2) ** 2
    km = 2 * 6_371.0 * np.arcsin(np.sqrt(half))
    km *= 1.72 - 0.14 * np.log(np.maximum(km, 0.05))
    duration = np.where(km > 0, 30 + km * HOUR / 31, 0)
    return Travel(np.rint(km * 1_000).astype(np.int32), np.ceil(duration).astype(np.int32), DAY_PARTS)


def _rows(frame: pd.DataFrame) -> Iterable[Any]:
    """Its rows as named tuples, of Python's own numbers."""
    return frame.itertuples()


@dataclass(frozen=True, eq=False)
class _Town:
    """Homes: latitude, longitude, area. ``north`` and ``east`` are degrees to the kilometre."""

    homes: pd.DataFrame
    north: float
    east: float


def _town(rng: np.random.Generator, blocks: int) -> _Town:
    north, east = 1 / 111.2, 1 / (111.2 * np.cos(np.radians(CENTRE[0])))
    estates = np.clip(rng.normal(0, 0.45, (max(12, blocks // 90), 2)), -1, 1) * (7.5, 6)  # km east, north
    size = rng.dirichlet(np.full(len(estates), 1.5))
    of = rng.choice(len(estates), blocks, p=size)
    at = estates[of] + rng.normal(0, 0.35, (blocks, 2))
    area = np.where(estates[of, 1] > 0, "N", "S").astype(object) + np.where(estates[of, 0] > 0, "E", "W").astype(object)
    homes = pd.DataFrame(
        {"latitude": (CENTRE[0] + at[:, 1] * north).round(6), "longitude": (CENTRE[1] + at[:, 0] * east).round(6),
         "area": area}
    )  # fmt: skip
    return _Town(homes, north, east)


def _jobs(rng: np.random.Generator, town: _Town, count: int, days: int) -> pd.DataFrame:
    """home, trade, minutes, priority, slot, reported_day (0 or earlier), certificate, area, is_keyed.

    One job in twenty waits behind a key, two by two: the same trade at the same home.
    """
    book = sor.book()
    share = book["trade_code"].map(sor.TRADES.set_index("trade_code")["share"])
    weight = 1 / book["minutes"]
    weight = share * weight / weight.groupby(book["trade_code"]).transform("sum")
    item = book.iloc[rng.choice(len(book), count, p=weight / weight.sum())]
    asks = item["trade_code"].map({trade: share for trade, (_, share) in CERTIFICATES.items()}).fillna(0).to_numpy()
    name = item["trade_code"].map({trade: name for trade, (name, _) in CERTIFICATES.items()}).to_numpy()
    jobs = pd.DataFrame(
        {
            "home": rng.integers(0, len(town.homes), count), "trade": item["trade_code"].to_numpy(),
            "minutes": item["minutes"].to_numpy(),
            "priority": rng.choice([int(p) for p in PRIORITY_SHARES], count, p=list(PRIORITY_SHARES.values())),
            "slot": rng.choice(list(SLOTS), count, p=SLOT_SHARES),
            "reported_day": -rng.integers(0, 6 if days == 1 else 15, count),
            "certificate": np.where(rng.random(count) < asks, name, ""),
        }
    )  # fmt: skip
    first = np.flatnonzero(rng.random(count - 1) < 0.025)
    alike = ["home", "trade", "certificate"]
    jobs.loc[first + 1, alike] = jobs.loc[first, alike].to_numpy()
    keyed = np.isin(np.arange(count), np.concatenate([first, first + 1]))
    return jobs.assign(area=town.homes["area"].to_numpy()[jobs["home"]], is_keyed=keyed)


def _operatives(rng: np.random.Generator, town: _Town, work: pd.DataFrame, count: int) -> pd.DataFrame:
    """latitude, longitude, proficiency_percent (by trade), skills, areas; as many of a trade as it has minutes."""
    minutes = work.groupby("trade")["minutes"].sum()
    want = minutes / minutes.sum() * count
    number = np.floor(want).astype(int)
    number[(want - number).nlargest(count - number.sum()).index] += 1
    first = np.repeat(number.index.to_numpy(), number.to_numpy())
    held = [{trade: int(rng.integers(90, 116))} for trade in first]
    for trades in held:
        others = SECOND_TRADES[next(iter(trades))]
        for other in rng.choice(others, int(rng.random() < 0.6), replace=False):
            trades[str(other)] = int(rng.integers(60, 100))
    for trade in number.index[number == 0]:  # a small team still answers for the rare trades
        able = [i for i in range(count) if trade in SECOND_TRADES[first[i]]]
        for i in able[:2]:
            held[i][str(trade)] = int(rng.integers(80, 100))
    skills = [
        frozenset(
            name for trade, (name, _) in CERTIFICATES.items()
            if trade in held[i] and (i == 0 or first[i - 1] != trade or rng.random() < 0.5)
        )
        for i in range(count)
    ]  # fmt: skip
    at = rng.normal(0, 1, (count, 2)) * (5.5, 4.5)
    corners = np.where(at[:, 1] > 0, "N", "S").astype(object) + np.where(at[:, 0] > 0, "E", "W").astype(object)
    beside = {"NE": ["NW", "SE"], "NW": ["NE", "SW"], "SE": ["SW", "NE"], "SW": ["SE", "NW"]}
    areas = [(corner, str(rng.choice(beside[corner]))) if rng.random() < 0.7 else () for corner in corners]
    return pd.DataFrame(
        {"latitude": (CENTRE[0] + at[:, 1] * town.north).round(6),
         "longitude": (CENTRE[1] + at[:, 0] * town.east).round(6), "proficiency_percent": held, "skills": skills,
         "areas": areas}
    )  # fmt: skip


def _shifts(operatives: int, days: int) -> tuple[Shift, ...]:
    """Eight hours on each working day, half an hour's rest between 11:30 and 14:00 within them."""
    return tuple(
        Shift(
            operative, day, start, start + 8 * HOUR, operative, operative,
            (Break(day * DAY + 41_400, day * DAY + 14 * HOUR, HOUR // 2),),
        )
        for number in range(days) for day in [number // 5 * 7 + number % 5]
        for operative in range(operatives) for start in [day * DAY + 8 * HOUR - operative % 3 * 1_800]
    )  # fmt: skip


def _as_jobs(
    rng: np.random.Generator, work: pd.DataFrame, staff: pd.DataFrame, place_of: dict[int, int], days: int
) -> tuple[Job, ...]:
    workdays = [number // 5 * 7 + number % 5 for number in range(days)]
    jobs = []
    for row in _rows(work):
        begins, ends = SLOTS[row.slot]
        priority = Priority(row.priority)
        emergency = priority is Priority.EMERGENCY
        confirmed = not emergency and row.slot != "DAY" and (days == 1 or rng.random() < 0.3)
        on = [int(rng.choice(workdays[: max(1, days // 2)]))] if confirmed else workdays
        due_day = 1 if emergency else max(row.reported_day + DAYS_DUE[priority], on[-1] + 1 if confirmed else 1)
        jobs.append(
            Job(
                job_ref=f"JOB{row.Index:05}", place=place_of[row.home],
                roles=(Role(row.trade, frozenset([row.certificate] if row.certificate else [])),),
                duration_s=row.minutes * 60, priority=priority,
                windows=() if emergency else tuple(
                    Window(round(day * DAY + begins * HOUR), round(day * DAY + ends * HOUR)) for day in on
                ),
                due_s=due_day * DAY, area=row.area, parking_s=int(rng.integers(1, 6)) * 60, is_confirmed=confirmed,
                key_ref=f"KEY-{row.home}-{row.trade}" if row.is_keyed else None,
            )
        )  # fmt: skip
    return _with_follow_ons(rng, _with_crews(rng, jobs, staff), days)


def _with_crews(rng: np.random.Generator, jobs: list[Job], staff: pd.DataFrame) -> list[Job]:
    """One job in 33 needs two people: the second of its trade, or of the multi-trade team where it has few."""
    holders = pd.Series([trade for held in staff["proficiency_percent"] for trade in held]).value_counts()
    for i in np.flatnonzero(rng.random(len(jobs)) < 0.03).tolist():
        role = jobs[i].roles[0]
        if jobs[i].priority is not Priority.EMERGENCY:
            second = role.trade if holders.get(role.trade, 0) >= 6 else "MU"
            jobs[i] = replace(jobs[i], roles=(role, Role(second)), windows=_all_day(jobs[i]), is_confirmed=False)
    return jobs


def _with_follow_ons(rng: np.random.Generator, jobs: list[Job], days: int) -> tuple[Job, ...]:
    """One job in 33 comes after another at its home, an hour later on one day, a day or more when there are many."""
    for i in np.flatnonzero(rng.random(len(jobs)) < 0.03).tolist():
        before = int(rng.integers(0, len(jobs)))
        ends = {i, before}
        if len(ends) < 2 or any(
            jobs[j].follows or (j in ends and jobs[j].priority is Priority.EMERGENCY) for j in ends
        ) or any(follow.job in ends for job in jobs for follow in job.follows):  # fmt: skip
            continue
        gap_s = HOUR if days == 1 else int(rng.choice([1, 2, 3])) * DAY
        jobs[i] = replace(
            jobs[i], place=jobs[before].place, area=jobs[before].area, follows=(Follow(before, gap_s),),
            windows=_all_day(jobs[i]), is_confirmed=False, key_ref=None,
        )  # fmt: skip
        jobs[before] = replace(jobs[before], windows=_all_day(jobs[before]), is_confirmed=False)
    return tuple(jobs)


def _all_day(job: Job) -> tuple[Window, ...]:
    """The job's days, from eight to four."""
    return tuple(Window(day * DAY + 8 * HOUR, day * DAY + 16 * HOUR) for day in (w.start_s // DAY for w in job.windows))


def without_ties(problem: Problem) -> Problem:
    """Evenly slow roads, one role a job, and nothing that ties jobs to each other."""
    duration = (problem.travel.duration_s * 1.15).astype(np.int32)
    return replace(
        problem,
        travel=Travel(problem.travel.distance_m, duration),
        operatives=tuple(replace(each, areas=frozenset(), weekly_limit_s=None, max_leg_s=None)
                         for each in problem.operatives),
        jobs=tuple(
            replace(job, roles=job.roles[:1], follows=(), key_ref=None, area=None, due_s=None) for job in problem.jobs
        ),
    )  # fmt: skip
