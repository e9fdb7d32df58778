"""Bad input, named before planning: each fault says what, why and what to do, and the rest is planned.

What contradicts itself is taken out (a job, a shift, a pin), what is only odd stays (a job due before it can begin, a
night in which the clocks change) and is told as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np

from ledger.errors import ContractBroken
from scheduling.calendars import SLOTS
from scheduling.problem import LONDON, Fault, Operative, Pin, Problem, service_s
from scheduling.unservable import unservable
from scheduling.without import problem_without

MOST_DAYS = 28
BRITAIN = ((49.8, 60.9), (-8.7, 1.8))  # latitude, longitude
FAR_DEGREES = (0.9, 1.5)  # 100 km: no council's home is so far from the middle of all
_HOUR, _DAY = 3_600, 86_400


def sound(problem: Problem) -> Problem:
    """The problem without what no plan can serve; ``faults`` names all that was taken out or is odd.

    A sound problem stays as it is. Raises ``ContractBroken`` for a problem that is none: no or too many days, ways that
    are not between its places.
    """
    _hold(problem)
    lost = _lost(problem)
    whole, told = problem, list(problem.faults)
    for mend in (_operatives, _shifts):
        whole, faults = mend(whole, lost)
        told += faults
    hopeless = unservable(whole, lost)
    told += [hopeless[number] for number in sorted(hopeless)]
    told += [*_odd_jobs(whole, hopeless), *_clock_changes(whole)]
    whole, faults = _pins(problem_without(whole, frozenset(hopeless)))
    first: dict[tuple[str, str], Fault] = {}
    for fault in (*told, *faults):
        first.setdefault((fault.code, fault.subject_ref), fault)
    return replace(whole, faults=tuple(first.values()))


def _hold(problem: Problem) -> None:
    places = len(problem.places)
    wrongs = [
        (not 1 <= problem.days <= MOST_DAYS, f"{problem.days} days are asked for", f"plan 1 to {MOST_DAYS} days"),
        (
            problem.starts_at.astimezone(LONDON).time().isoformat() != "00:00:00", "it does not start at midnight",
            "start at the first local midnight",
        ),
        (
            any(matrix.shape != (places, places) for matrix in (problem.travel.distance_m, problem.travel.duration_s)),
            f"the ways are not between the {places} places", "ask for the ways of these places",
        ),
    ]  # fmt: skip
    for is_wrong, fault, next_step in wrongs:
        if is_wrong:
            raise ContractBroken(f"This is no problem to plan: {fault}.", place="scheduling", next_step=f"{next_step}.")


def _lost(problem: Problem) -> frozenset[int]:
    """Places without coordinates, outside Britain, or far out of the town that all the others make.

    A place at sea is one: no road reaches it, and all that roads reach are far.
    """
    at = np.array([(place.latitude, place.longitude) for place in problem.places], dtype=float).reshape(-1, 2)
    missing = ~np.isfinite(at).all(1)
    (south, north), (west, east) = BRITAIN
    with np.errstate(invalid="ignore"):
        abroad = ~((at[:, 0] >= south) & (at[:, 0] <= north) & (at[:, 1] >= west) & (at[:, 1] <= east))
        here = at[~missing & ~abroad]
        middle = np.median(here, axis=0) if len(here) else np.zeros(2)
        far = (np.abs(at - middle) > FAR_DEGREES).any(1)
        off_road = np.isin(np.arange(len(at)), list(problem.travel.approximated))
        on_road = at[~missing & ~abroad & ~off_road]
        at_sea = np.array([
            bool(len(on_road)) and off and bool(np.abs(on_road - one).max(1).min() > 0.02)
            for one, off in zip(at, off_road, strict=True)
        ], dtype=bool)  # fmt: skip
    return frozenset(np.flatnonzero(missing | abroad | far | at_sea).tolist())


def _operatives(problem: Problem, lost: frozenset[int]) -> tuple[Problem, list[Fault]]:
    """Nobody works at no or a negative speed; two of one name are told."""
    faults, mended = [], []
    for one in problem.operatives:
        none = sorted(trade for trade, percent in one.proficiency_percent.items() if percent <= 0)
        if none:
            faults.append(_of_operative("proficiency-zero", one, f"has no speed at {', '.join(none)}, which is left "
                                        "away", "Record a proficiency above 0 %, or take the trade away"))  # fmt: skip
        kept = {trade: percent for trade, percent in one.proficiency_percent.items() if percent > 0}
        mended.append(replace(one, proficiency_percent=kept) if none else one)
    for ref, times in Counter(one.operative_ref for one in problem.operatives).items():
        if times > 1:
            faults.append(Fault("operative-twice", ref, f"Operative {ref} stands in the problem {times} times.",
                                "Merge the records: each is planned as a person of their own."))  # fmt: skip
    return replace(problem, operatives=tuple(mended)), faults


def _shifts(problem: Problem, lost: frozenset[int]) -> tuple[Problem, list[Fault]]:
    """Shifts that end after they start, from somewhere, one after the other; the others are taken out or cut."""
    faults, kept = [], []
    ends_s: dict[int, int] = {}
    following = _next_starts(problem)
    for number, shift in sorted(enumerate(problem.shifts), key=lambda each: (each[1].start_s, each[0])):
        whose, when = problem.operatives[shift.operative], f"{problem.instant(shift.start_s):%d %b %H:%M}"
        if shift.end_s <= shift.start_s:
            faults.append(_of_operative("shift-ends-first", whose, f"has a shift on {when} that ends before it starts",
                                        "Correct the hours"))  # fmt: skip
        elif {shift.start_place, shift.end_place} & lost:
            faults.append(_of_operative("home-no-use", whose, "starts or ends at a place whose coordinates are "
                                        "missing, in the sea or abroad", "Record where they start from"))  # fmt: skip
        elif shift.start_s < ends_s.get(shift.operative, shift.start_s):
            faults.append(_of_operative("shifts-overlap", whose, f"has a shift on {when} that begins within another",
                                        "Correct the hours: the earlier one is planned"))  # fmt: skip
        else:
            ends_s[shift.operative] = shift.end_s
            room_s = max(0, following.get(number, shift.end_s + shift.overtime_s) - shift.end_s)
            rests = tuple(rest for rest in shift.breaks if rest.latest_s >= rest.earliest_s and rest.duration_s > 0)
            if rests != shift.breaks:
                faults.append(_of_operative("break-ends-first", whose, f"has a break on {when} that takes no time, or "
                                            "ends before it begins", "Correct the break"))  # fmt: skip
            kept.append((number, replace(shift, overtime_s=max(0, min(shift.overtime_s, room_s)), breaks=rests)))
    return replace(problem, shifts=tuple(shift for _, shift in sorted(kept, key=lambda each: each[0]))), faults


def _next_starts(problem: Problem) -> dict[int, int]:
    """By shift when the same operative's next one starts."""
    order = sorted(enumerate(problem.shifts), key=lambda each: (each[1].operative, each[1].start_s))
    return {
        number: after.start_s
        for (number, shift), (_, after) in pairwise(order)
        if after.operative == shift.operative and after.start_s >= shift.end_s
    }


def _odd_jobs(problem: Problem, hopeless: Collection[int]) -> Iterator[Fault]:
    """Jobs that are planned as they are, though something about them cannot be meant."""
    change = _change(problem)
    for number, job in enumerate(problem.jobs):
        if number not in hopeless and job.due_s is not None and job.due_s < job.earliest_s:
            yield Fault("due-before-earliest", job.job_ref, f"Job {job.job_ref} is due before it can begin: it will be "
                        "late.", "Agree a new date, or correct the one it can begin on.")  # fmt: skip
        if change is not None and any(_is_hour_off(problem, window.start_s, *change) for window in job.windows):
            yield Fault(
                "appointment-an-hour-off", job.job_ref, f"Job {job.job_ref} has a window that is a slot only by the "
                "clock before it changed.", "Ask the tenant which hour they were told, and correct the appointment.",
            )  # fmt: skip


def _change(problem: Problem) -> tuple[int, int] | None:
    """When the clocks change within the days planned, and by how many seconds they go forward."""
    hours = range((problem.days + 1) * 24)
    offsets = [problem.instant(hour * _HOUR).utcoffset() or timedelta() for hour in hours]
    for hour in hours[1:]:
        if offsets[hour] != offsets[hour - 1]:
            return hour * _HOUR, round((offsets[hour] - offsets[hour - 1]).total_seconds())
    return None


def _is_hour_off(problem: Problem, start_s: int, change_s: int, forward_s: int) -> bool:
    begins = {first for first, _ in SLOTS.values()}
    if start_s < change_s:
        return False
    now, before = problem.instant(start_s), problem.instant(start_s - forward_s)
    return now.hour * 60 + now.minute not in begins and before.hour * 60 + before.minute in begins


def _clock_changes(problem: Problem) -> Iterator[Fault]:
    """The night in which the clocks change, with the shifts over it: they last an hour more or less than they look."""
    change = _change(problem)
    if change is None:
        return
    at, forward_s = problem.instant(change[0]), change[1]
    over = sum(shift.start_s < change[0] < shift.end_s for shift in problem.shifts)
    way, hours = ("forward", 23) if forward_s > 0 else ("back", 25)
    yield Fault(
        "clocks-change", f"{at:%Y-%m-%d}", f"The clocks go {way} on {at:%d %B %Y}: the day has {hours} hours, and "
        f"{over} shifts run over the change.", "Tell those on call; appointments keep their time by the clock.",
    )  # fmt: skip


def _pins(problem: Problem) -> tuple[Problem, list[Fault]]:
    """Pins that can be kept together; of two that contradict each other the first stands."""
    kept: list[Pin] = []
    faults: list[Fault] = []
    busy: dict[int, list[tuple[int, int, str]]] = {}
    for pin in problem.pins:
        ref = problem.jobs[pin.job].job_ref if 0 <= pin.job < len(problem.jobs) else f"number {pin.job}"
        for code, why, step in _contradicted(problem, pin, kept, busy):
            faults.append(Fault(code, ref, f"The pin of job {ref} {why}.", f"{step}."))
            freed = _freed(pin) if code in {"absence-over-confirmed-visit", "pin-against-block"} else None
            if freed is None:
                break
            kept.append(freed)
            break
        else:
            kept.append(pin)
            for operative, start_s, end_s in _spans(problem, pin):
                busy.setdefault(operative, []).append((start_s, end_s, ref))
    return replace(problem, pins=tuple(kept)), faults


def _freed(pin: Pin) -> Pin | None:
    """The pin with its day and time, for any operative."""
    return None if pin.day is None and pin.start_s is None else replace(pin, operatives=None)


def _contradicted(
    problem: Problem, pin: Pin, kept: list[Pin], busy: dict[int, list[tuple[int, int, str]]]
) -> Iterator[tuple[str, str, str]]:
    if not 0 <= pin.job < len(problem.jobs) or (
        pin.operatives is not None
        and (len(pin.operatives) != len(problem.jobs[pin.job].roles) or max(pin.operatives) >= len(problem.operatives))
    ):
        yield "pin-of-nothing", "names a job, crew or operative that is not there", "Pin it anew"
        return
    job = problem.jobs[pin.job]
    if any(other.job == pin.job for other in kept):
        yield "pins-overlap", "stands beside an earlier pin of the same job, which is kept", "Take one of them back"
    if pin.start_s is not None and job.windows and not any(w.start_s <= pin.start_s <= w.end_s for w in job.windows):
        yield "pin-outside-window", "is at a time outside its windows", "Ask the tenant, or pin another time"
    for role, operative in zip(job.roles, pin.operatives or (), strict=False):
        whose = problem.operatives[operative]
        if whose.proficiency_percent.get(role.trade, 0) <= 0 or not role.skills <= whose.skills:
            yield ("pin-without-skill", f"is to operative {whose.operative_ref}, who has not what it asks for",
                   "Pin it to another, or record the skill")  # fmt: skip
    for operative in pin.operatives or ():
        ref = problem.operatives[operative].operative_ref
        if any(
            block.operative == operative and block.job == pin.job and block.day in {None, pin.day}
            for block in problem.blocks
        ):
            yield ("pin-against-block", f"is to operative {ref}, who is barred from it: the bar stands",
                   "Pin it to another, or lift the bar")  # fmt: skip
        if not _at_work(problem, pin, operative):
            yield ("absence-over-confirmed-visit", f"is to operative {ref}, who is not at work then: another is sought "
                   "for the same time", "Choose who goes, or offer the tenant another appointment")  # fmt: skip
    for operative, start_s, end_s in _spans(problem, pin):
        for other_start_s, other_end_s, other in busy.get(operative, ()):
            if start_s < other_end_s and other_start_s < end_s:
                yield ("pins-overlap", f"is at the time of that of job {other} for the same operative, which is kept",
                       "Pin one of them to another operative or time")  # fmt: skip


def _at_work(problem: Problem, pin: Pin, operative: int) -> bool:
    """Whether the operative has a shift when a pin wants them, or else in the window that the tenant was promised."""
    windows = problem.jobs[pin.job].windows
    times = [(pin.start_s, pin.start_s)] if pin.start_s is not None else [(w.start_s, w.end_s) for w in windows]
    barred = {block.day for block in problem.blocks if block.operative == operative and block.job is None}
    return any(
        shift.operative == operative
        and pin.day in {None, shift.day}
        and not barred & {None, shift.day}
        and (not times or any(start < shift.end_s and end >= shift.start_s for start, end in times))
        for shift in problem.shifts
    )


def _spans(problem: Problem, pin: Pin) -> list[tuple[int, int, int]]:
    """Operative, start and end of what is pinned to both."""
    if pin.operatives is None or pin.start_s is None:
        return []
    job = problem.jobs[pin.job]
    able = [
        (operative, service_s(job, role, problem.operatives[operative]))
        for role, operative in zip(job.roles, pin.operatives, strict=True)
        if problem.operatives[operative].proficiency_percent.get(role.trade, 0) > 0
    ]
    longest = max((needs for _, needs in able), default=0)
    return [(operative, pin.start_s, pin.start_s + longest) for operative, _ in able]


def _of_operative(code: str, whose: Operative, why: str, next_step: str) -> Fault:
    return Fault(code, whose.operative_ref, f"Operative {whose.operative_ref} {why}.", f"{next_step}.")
