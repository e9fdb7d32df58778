"""Small problems for property tests, which use every field that a problem has."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
from hypothesis import strategies as st

from scheduling.problem import (
    LONDON,
    Block,
    Break,
    Costs,
    DayPart,
    Follow,
    Job,
    Operative,
    Part,
    Pin,
    Place,
    Priority,
    Problem,
    Role,
    Shift,
    Store,
    Travel,
    Window,
)  # fmt: skip

HOUR, DAY = 3_600, 86_400
TRADES = ("PL", "EL", "CP")
SKILLS = ("GAS", "EICR")
TOOLS = ("SAW", "CAMERA")
PARTS_KINDS = ("TAP", "VALVE")
AREAS = ("north", "south")
STARTS = tuple(
    datetime(*date, tzinfo=LONDON)
    for date in [(2026, 9, 14), (2026, 10, 24), (2026, 3, 28), (2026, 12, 31)]  # two nights that the clock changes in
)
PARTS = (
    (DayPart(0, 100),),
    (DayPart(0, 100), DayPart(450, 135), DayPart(570, 112), DayPart(900, 130)),
    (DayPart(60, 90), DayPart(480, 200)),
)


@st.composite
def problems(draw: st.DrawFn, most_jobs: int = 9, most_operatives: int = 4) -> Problem:
    """Up to three days of a few operatives and jobs; what is asked may be impossible, but never contradicts itself."""
    days = draw(st.integers(1, 3))
    operatives = draw(st.lists(_operatives(), min_size=1, max_size=most_operatives))
    places = draw(st.integers(2, 8))
    shifts = [
        shift for whose in range(len(operatives)) for day in range(days)
        for shift in draw(_shifts(whose, day, places))
    ]  # fmt: skip
    jobs = draw(st.lists(_jobs(places, days), min_size=1, max_size=most_jobs))
    return Problem(
        starts_at=draw(st.sampled_from(STARTS)), days=days,
        places=tuple(Place(f"P{number}", 52.6 + number / 100, -1.1) for number in range(places)),
        operatives=tuple(replace(each, operative_ref=f"O{number}") for number, each in enumerate(operatives)),
        shifts=tuple(shifts),
        jobs=tuple(replace(each, job_ref=f"J{number}") for number, each in enumerate(draw(_following(jobs)))),
        travel=draw(_travel(places)),
        pins=draw(_pins(jobs, len(operatives), days)),
        blocks=tuple(draw(st.lists(st.builds(
            Block, st.integers(0, len(operatives) - 1), st.none() | st.integers(0, len(jobs) - 1),
            st.none() | st.integers(0, days - 1), st.just("planner"), st.just("reason"),
        ), max_size=2))),
        stores=tuple(draw(st.lists(_stores(places), max_size=2))),
        costs=Costs(
            per_drive_minute=draw(st.sampled_from([0, 7, 100])), per_working_minute=draw(st.sampled_from([0, 0, 11]))
        ),
    )  # fmt: skip


@st.composite
def _operatives(draw: st.DrawFn) -> Operative:
    trades = draw(st.lists(st.sampled_from(TRADES), min_size=1, max_size=3, unique=True))
    return Operative(
        "", {trade: draw(st.integers(60, 125)) for trade in trades},
        frozenset(draw(st.sets(st.sampled_from(SKILLS)))), frozenset(draw(st.sets(st.sampled_from(AREAS)))),
        draw(st.none() | st.integers(2 * HOUR, 20 * HOUR)), draw(st.none() | st.integers(300, HOUR)),
        frozenset(draw(st.sets(st.sampled_from(TOOLS)))),
    )  # fmt: skip


def _parts(most: int) -> st.SearchStrategy[tuple[Part, ...]]:
    """Pieces of some kinds."""
    one = st.builds(Part, st.sampled_from(PARTS_KINDS), st.integers(1, most))
    return st.lists(one, max_size=2, unique_by=lambda part: part.kind).map(tuple)


@st.composite
def _stores(draw: st.DrawFn, places: int) -> Store:
    hours = [Window(day * DAY + 9 * HOUR, day * DAY + 15 * HOUR) for day in range(3)]
    return Store(
        "STORE", draw(st.integers(0, places - 1)), draw(st.sampled_from([0, 300, 1_200])),
        draw(st.sampled_from([(), tuple(hours)])),
        draw(st.none() | st.frozensets(st.sampled_from((*TOOLS, *PARTS_KINDS)))),
    )  # fmt: skip


@st.composite
def _shifts(draw: st.DrawFn, whose: int, day: int, places: int) -> list[Shift]:
    place = st.integers(0, places - 1)
    found = []
    if draw(st.integers(0, 5)):
        starts = day * DAY + draw(st.integers(14, 20)) * 1_800
        rest = Break(day * DAY + 23 * 1_800, day * DAY + draw(st.integers(24, 28)) * 1_800, 1_800)
        tea = Break(starts + HOUR, starts + 2 * HOUR, 600)
        found.append(
            Shift(
                whose, day, starts, starts + draw(st.integers(4, 8)) * HOUR, draw(place), draw(place),
                draw(st.sampled_from([(), (rest,), (tea, rest)])), draw(st.sampled_from([0, 1_800])),
                capacity=draw(st.none() | st.integers(0, 4)),
                under_way_ref=draw(st.none() | st.just("UNDER-WAY")), stock=draw(_parts(3)),
                longest_s=draw(st.sampled_from([None, None, 3 * HOUR, 6 * HOUR])),
            )
        )  # fmt: skip
    if not draw(st.integers(0, 3)):
        found.append(Shift(whose, day, day * DAY + 19 * HOUR, (day + 1) * DAY, draw(place), draw(place), (), 0, True))
    return found


@st.composite
def _jobs(draw: st.DrawFn, places: int, days: int) -> Job:
    day = draw(st.integers(0, days - 1)) * DAY
    slots = [Window(day + 8 * HOUR, day + 12 * HOUR), Window(day + 12 * HOUR, day + 16 * HOUR),
             Window(day + 34_200, day + 52_200), Window(day + 8 * HOUR, day + 16 * HOUR)]  # fmt: skip
    windows = tuple(draw(st.lists(st.sampled_from(slots), max_size=2, unique=True)))
    role = st.builds(Role, st.sampled_from(TRADES), st.frozensets(st.sampled_from(SKILLS), max_size=1))
    return Job(
        "", draw(st.integers(0, places - 1)),
        tuple(draw(st.lists(role, min_size=1, max_size=draw(st.sampled_from([1, 1, 2]))))),
        draw(st.integers(1, 18)) * 600, draw(st.sampled_from(list(Priority))), windows,
        draw(st.sampled_from([0, 0, day + 10 * HOUR])), draw(st.none() | st.integers(0, days * DAY)),
        area=draw(st.none() | st.sampled_from(AREAS)), parking_s=draw(st.sampled_from([0, 90, 300])),
        key_ref=draw(st.sampled_from([None, None, None, "K1"])),
        is_confirmed=len(windows) == 1 and draw(st.booleans()), load=draw(st.integers(0, 2)),
        tools=frozenset(draw(st.sampled_from([(), (), (), TOOLS[:1]]))),
        parts=draw(st.just(()) | _parts(2)),
    )  # fmt: skip


@st.composite
def _following(draw: st.DrawFn, jobs: list[Job]) -> list[Job]:
    """Some follow one that stands before them, so that none follows itself."""
    return [
        replace(job, follows=(Follow(draw(st.integers(0, number - 1)), draw(st.sampled_from([0, HOUR, DAY]))),))
        if number and not draw(st.integers(0, 4)) else job
        for number, job in enumerate(jobs)
    ]  # fmt: skip


@st.composite
def _pins(draw: st.DrawFn, jobs: list[Job], operatives: int, days: int) -> tuple[Pin, ...]:
    chosen = draw(st.lists(st.integers(0, len(jobs) - 1), max_size=2, unique=True))
    return tuple(
        Pin(
            job,
            draw(st.none() | st.permutations(range(operatives)).map(lambda who: tuple(who[:roles])))
            if (roles := len(jobs[job].roles)) <= operatives else None,
            draw(st.none() | st.integers(0, days - 1)), None, "planner", "reason",
        )
        for job in chosen
    )  # fmt: skip


@st.composite
def _travel(draw: st.DrawFn, places: int) -> Travel:
    """Ways between points of a plane, a little longer in one direction."""
    points = np.array(draw(st.lists(
        st.tuples(st.integers(0, 9_000), st.integers(0, 9_000)), min_size=places, max_size=places
    )))  # fmt: skip
    apart = np.abs(points[:, None] - points[None]).sum(2)
    duration = -(-apart // 9)
    if draw(st.booleans()):
        duration = duration + np.triu(duration) // 10
    return Travel(apart.astype(np.int32), duration.astype(np.int32), draw(st.sampled_from(PARTS)))
