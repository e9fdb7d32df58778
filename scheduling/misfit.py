"""Why a job fits into no shift, even if that is empty: the rule, what it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from scheduling.problem import Job, Operative, Priority, Problem, Role, Shift, Window, service_s
from scheduling.rules import Rule

WHENEVER = (Window(0, 2**40),)
Told = tuple[str, str, str]


def misfit(problem: Problem, number: int) -> Told:
    """The first rule that leaves a job too few people on any day: windows, longest drives, hours, breaks, the rest."""
    job = problem.jobs[number]
    if any(pin.job == number for pin in problem.pins):
        return Rule.PIN, "Nobody can do it as it was pinned.", "Change the pin: its operative, day or time."
    if any(block.job == number for block in problem.blocks):
        return Rule.BLOCK, "Everybody who could do it is barred from it.", "Lift one of the blocks."
    reached, near, timely, rested = (set[tuple[int, int]]() for _ in range(4))
    for shift, window in _meetings(problem, job):
        who, one = problem.operatives[shift.operative], (shift.day, shift.operative)
        reached.add(one)
        way_s = int(problem.travel.duration_s[shift.start_place, job.place])
        if who.max_leg_s is not None and way_s > who.max_leg_s:
            continue
        near.add(one)
        begins = max(shift.start_s + way_s, window.start_s, job.earliest_s)
        needs = max(service_s(job, role, who) for role in job.roles if _may(who, role))
        back_s = int(problem.travel.duration_s[job.place, shift.end_place])
        if begins > window.end_s or begins + needs + back_s > shift.end_s + shift.overtime_s:
            continue
        timely.add(one)
        if _has_rest(shift, begins, needs, back_s, window):
            rested.add(one)
    minutes = job.duration_s // 60
    tests: list[tuple[set[tuple[int, int]], Told]] = [
        (reached, (Rule.WINDOW, "Too few who can do it are on shift in its windows.",
                   "Offer the tenant a window within the shifts.")),
        (near, (Rule.LEG_LIMIT, "It is further from those who can do it than they may drive to a job.",
                "Raise the longest drive, or borrow somebody who lives nearer.")),
        (timely, (Rule.SHIFT, f"Its {minutes} minutes, with the ways, end after every shift that its windows meet.",
                  "Offer an earlier window, split the job, or give overtime.")),
        (rested, (Rule.BREAK, f"Its {minutes} minutes leave no shift room for the break in its time.",
                  "Split the job into two visits, or let the break begin later: hours.toml, [break] latest.")),
    ]  # fmt: skip
    for people, told in tests:
        if not _are_enough(people, len(job.roles)):
            return told
    if len(job.roles) > 1:
        return (Rule.CREW, "Those who could do it together are not free of ways, breaks and limits at one time.",
                "Offer another window, or another crew.")  # fmt: skip
    if job.tools or job.parts:
        return (Rule.STOCK, "No van of those who can do it has its tools and parts, or the time to fetch them.",
                "Put them into a van before the shift, or give the job more time.")  # fmt: skip
    return (Rule.SHIFT, "Ways at that time of day, weekly limits or the van leave it no shift.",
            "Offer another window, give overtime, or raise a limit.")  # fmt: skip


def _are_enough(people: set[tuple[int, int]], roles: int) -> bool:
    """Whether so many different people are there on one day."""
    days = [day for day, _ in people]
    return any(days.count(day) >= roles for day in set(days))


def _meetings(problem: Problem, job: Job) -> Iterator[tuple[Shift, Window]]:
    """The shifts of those who can do the job, with each of its windows that they meet."""
    for shift in problem.shifts:
        is_open = not shift.is_standby or job.priority is Priority.EMERGENCY
        if is_open and any(_may(problem.operatives[shift.operative], role) for role in job.roles):
            for window in job.windows or WHENEVER:
                if shift.start_s <= window.end_s and window.start_s < shift.end_s:
                    yield shift, window


def _may(who: Operative, role: Role) -> bool:
    """Whether an operative can do that part of a job."""
    return who.proficiency_percent.get(role.trade, 0) > 0 and role.skills <= who.skills


def _has_rest(shift: Shift, begins: int, needs: int, back_s: int, window: Window) -> bool:
    """Whether each break of the shift can be before the visit or after it, or need not be."""
    limit = shift.end_s + shift.overtime_s
    for rest in shift.breaks:
        ends = begins + needs
        if ends + back_s <= rest.latest_s:
            continue  # back before it has to begin
        is_after = ends <= rest.latest_s and max(ends, rest.earliest_s) + rest.duration_s + back_s <= limit
        later = max(begins, rest.earliest_s + rest.duration_s)
        if not is_after and not (later <= window.end_s and later + needs + back_s <= limit):
            return False
    return True
