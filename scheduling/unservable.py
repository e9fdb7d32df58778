"""Jobs that no plan can serve, found before planning: each with why, and what a planner can do.

Only what is certain: breaks, other jobs and limits are the engine's. What it leaves out for want of room stands in the
plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scheduling.problem import Fault, Job, Priority, Problem, Role, service_s

_NEVER = 2**40
Whole = NDArray[np.int64]


def unservable(problem: Problem, lost: frozenset[int]) -> dict[int, Fault]:
    """By job the fault that keeps it out of every plan; ``lost`` are the places whose coordinates are no use."""
    found: dict[int, Fault] = {}
    shifts = _Shifts(problem)
    repeated = {ref for ref, times in Counter(job.job_ref for job in problem.jobs).items() if times > 1}
    seen: set[str] = set()
    for number, job in enumerate(problem.jobs):
        told = _contradiction(job) or (_LOST if job.place in lost else None) or shifts.why_not(job)
        if job.job_ref in repeated & seen:
            told = ("job-twice", "stands in the problem twice; the first is planned",
                    "Remove one, or give it a reference of its own")  # fmt: skip
        seen.add(job.job_ref)
        if told:
            found[number] = _fault(job, *told)
    for number in _in_circles(problem):
        found.setdefault(number, _fault(
            problem.jobs[number], "follow-on-circle", "waits for itself through the jobs that it follows",
            "Take one of those links away",
        ))  # fmt: skip
    while waiting := {
        number: follow.job
        for number, job in enumerate(problem.jobs) for follow in job.follows
        if number not in found and follow.job in found
    }:  # fmt: skip
        for number, before in waiting.items():
            found[number] = _fault(
                problem.jobs[number], "follows-what-cannot-be", f"comes after {problem.jobs[before].job_ref}, which "
                "cannot be planned", "Mend that job first, or take the link away",
            )  # fmt: skip
    return found


_Told = tuple[str, str, str]
_LOST = ("coordinates-no-use", "is at a place whose coordinates are missing, in the sea or abroad",
         "Give the home its coordinates (its UPRN's, in the gazetteer)")  # fmt: skip


def _fault(job: Job, code: str, why: str, next_step: str) -> Fault:
    return Fault(code, job.job_ref, f"Job {job.job_ref} {why}.", f"{next_step}.")


def _contradiction(job: Job) -> _Told | None:
    """What is wrong with a job by itself."""
    latest = max((window.end_s for window in job.windows), default=_NEVER)
    wrongs = [
        (not job.roles, "no-trade", "asks for no trade", "Give it a trade, or an SOR item that has one"),
        (job.duration_s <= 0, "no-duration", f"takes {job.duration_s} s", "Give its SOR items their minutes"),
        (
            min([job.parking_s, job.load, *(part.count for part in job.parts)]) < 0,
            "negative", "has a negative time, load or number of parts", "Correct it",
        ),
        (
            bool(job.windows) and all(window.end_s < window.start_s for window in job.windows),
            "window-ends-first", "has a window that ends before it begins", "Correct the appointment",
        ),
        (
            latest < job.earliest_s, "earliest-after-window", "can begin only after its last window",
            "Offer the tenant another appointment",
        ),
        (
            job.is_confirmed and len(job.windows) != 1, "confirmed-without-one-window",
            f"is confirmed, and has {len(job.windows)} windows", "Keep the one that the tenant was promised",
        ),
    ]  # fmt: skip
    return next(((code, why, step) for is_wrong, code, why, step in wrongs if is_wrong), None)


class _Shifts:
    """The shifts as columns, and who can play each role."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.operative, self.start_s, self.end_place = (self._column(n) for n in ("operative", "start_s", "end_place"))
        self.start_place, self.is_standby = self._column("start_place"), self._column("is_standby").astype(bool)
        self.latest_s = self._column("end_s") + self._column("overtime_s")
        most = [_NEVER if shift.capacity is None else shift.capacity for shift in problem.shifts]
        self.capacity = np.array(most, dtype=np.int64)
        self._able: dict[Role, dict[int, int]] = {}

    def _column(self, name: str) -> Whole:
        return np.array([getattr(shift, name) for shift in self.problem.shifts], dtype=np.int64)

    def able(self, role: Role) -> dict[int, int]:
        """The operatives who can play a role, and their proficiency."""
        if role not in self._able:
            self._able[role] = {
                number: each.proficiency_percent[role.trade]
                for number, each in enumerate(self.problem.operatives)
                if each.proficiency_percent.get(role.trade, 0) > 0 and role.skills <= each.skills
            }
        return self._able[role]

    def why_not(self, job: Job) -> _Told | None:
        """Why no shift can hold a job; None if one can."""
        for role in job.roles:
            if told := self._without_anybody(role) or self._without_room(job, role):
                return told
        if (job.tools or job.parts) and (missing := self._missing(job)):
            return ("no-tool-or-part", f"takes {', '.join(sorted(missing))}, which no van of its trade has and no "
                    "store holds", "Put it into a van, or name the store that has it")  # fmt: skip
        if len(job.roles) > 1 and not _all_played([set(self.able(role)) for role in job.roles]):
            return ("crew-short", f"needs {len(job.roles)} people, and fewer have its trades between them",
                    "Train or borrow an operative, or split the job")  # fmt: skip
        return None

    def _missing(self, job: Job) -> frozenset[str]:
        """What a job takes that nobody's van has or can have, by the van that has most."""
        able, stores = self.able(job.roles[0]), self.problem.stores
        fewest = job.tools | {part.kind for part in job.parts}
        for shift in self.problem.shifts:
            if shift.operative not in able:
                continue
            has = Counter({part.kind: part.count for part in shift.stock})
            short = (job.tools - self.problem.operatives[shift.operative].tools) | {
                part.kind for part in job.parts if has[part.kind] < part.count
            }
            if not short or any(store.kinds is None or short <= store.kinds for store in stores):
                return frozenset()
            fewest = min(fewest, short, key=len)
        return fewest

    def _without_anybody(self, role: Role) -> _Told | None:
        if not any(each.proficiency_percent.get(role.trade, 0) > 0 for each in self.problem.operatives):
            return ("no-operative-for-trade", f"asks for trade {role.trade}, which no operative has",
                    "Give it to a contractor, or correct its trade")  # fmt: skip
        if not self.able(role):
            held = ", ".join(sorted(role.skills))
            return ("no-operative-for-skill", f"asks for {held}, which no operative of trade {role.trade} holds",
                    "Give it to a contractor, or correct what it asks for")  # fmt: skip
        return None

    def _without_room(self, job: Job, role: Role) -> _Told | None:
        """Each test takes away the shifts that fail it; what empties them is the reason."""
        able = self.able(role)
        needs = np.full(len(self.problem.operatives), _NEVER, dtype=np.int64)
        for number in able:
            needs[number] = service_s(job, role, self.problem.operatives[number])
        may = np.flatnonzero(
            (needs[self.operative] < _NEVER) & (~self.is_standby | (job.priority is Priority.EMERGENCY))
        )
        if not len(may):
            return ("no-shift-for-trade", f"asks for trade {role.trade}, and none who has it is at work",
                    "Plan more days, or add a shift")  # fmt: skip
        needs, begins, ends = needs[self.operative[may]], self.start_s[may], self.latest_s[may]
        duration = self.problem.travel.duration_s
        there = np.where(self.start_place[may] == job.place, 0, duration[self.start_place[may], job.place])
        back = np.where(self.end_place[may] == job.place, 0, duration[job.place, self.end_place[may]])
        spans = np.array([(window.start_s, window.end_s) for window in job.windows] or [(-_NEVER, _NEVER)]).T
        opens, closes = np.maximum(spans[0], job.earliest_s)[:, None], spans[1][:, None]
        tests: list[tuple[Callable[[], NDArray[np.bool_]], _Told]] = [
            (lambda: needs <= ends - begins,
             ("longer-than-any-shift", f"takes {int(needs.min()) // 60} minutes, longer than any shift of its trade",
              "Split it into jobs that follow each other, or allow overtime")),
            (lambda: self.capacity[may] >= job.load,
             ("load-too-large", f"takes {job.load} of a van, more than any holds", "Send a larger van, or deliver it")),
            (lambda: ((opens <= closes) & (opens < ends) & (closes > begins)).any(0),
             ("window-outside-all-shifts", "has its window outside all shifts of its trade",
              "Offer the tenant another appointment, or add a shift")),
            (lambda: ((np.maximum(opens, begins + there) <= closes)
                      & (np.maximum(opens, begins + there) + needs + back <= ends)).any(0),
             ("no-time-in-any-shift", "cannot be reached, done and driven home from in any shift of its trade",
              "Widen its window, split it, or allow overtime")),
        ]  # fmt: skip
        for test, told in tests:
            if not test().any():
                return told
        return None


def _all_played(able: list[set[int]]) -> bool:
    """Whether each role can have an operative of its own."""
    taken: dict[int, int] = {}

    def give(role: int, tried: set[int]) -> bool:
        for one in able[role] - tried:
            tried.add(one)
            if one not in taken or give(taken[one], tried):
                taken[one] = role
                return True
        return False

    return all(give(role, set()) for role in range(len(able)))


def _in_circles(problem: Problem) -> set[int]:
    """The jobs that come, over some others, after themselves."""
    before = {number: {follow.job for follow in job.follows} for number, job in enumerate(problem.jobs) if job.follows}
    while gone := [number for number, jobs in before.items() if not jobs & before.keys()]:
        for number in gone:
            del before[number]
    after = {job for jobs in before.values() for job in jobs}
    while gone := [number for number in before if number not in after]:  # it only waits for a circle
        for number in gone:
            del before[number]
        after = {job for jobs in before.values() for job in jobs}
    return set(before)
