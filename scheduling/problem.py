"""What is to be planned: operatives, their shifts, jobs, the roads between them, and what people have decided.

Everything here is immutable and says its unit: ``_s`` is seconds, ``_m`` metres. Instants are whole seconds after
``Problem.starts_at``, which elapse evenly: a clock that goes back moves no appointment. Operatives, shifts, jobs and
places are named by their position in the problem's tuples.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

LONDON = ZoneInfo("Europe/London")


class Priority(IntEnum):
    """How soon a job must be done; the lower, the sooner."""

    EMERGENCY = 0
    URGENT = 1
    ROUTINE = 2
    PLANNED = 3


@dataclass(frozen=True)
class Window:
    """A time in which a visit may begin, both ends included."""

    start_s: int
    end_s: int


@dataclass(frozen=True)
class Place:
    """Somewhere that is driven to: a home, a depot, where an operative lives."""

    place_ref: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Part:
    """So many pieces of one kind of material."""

    kind: str
    count: int


@dataclass(frozen=True)
class Store:
    """Where operatives fetch what their van lacks: the depot, a merchant. What it has it never runs out of."""

    store_ref: str
    place: int
    fetch_s: int = 0  # from the door to being on the way again
    windows: tuple[Window, ...] = ()  # in one of them fetching begins; none: at any time
    kinds: frozenset[str] | None = None  # the tools and parts it has; None: all


@dataclass(frozen=True)
class Break:
    """A rest that a shift must hold, taken between two visits wherever the operative then is."""

    earliest_s: int
    latest_s: int  # it begins by then
    duration_s: int


@dataclass(frozen=True)
class Operative:
    """Somebody who does repairs."""

    operative_ref: str
    proficiency_percent: dict[str, int]  # by trade, main first; 125 takes four fifths of the standard minutes
    skills: frozenset[str] = frozenset()  # certificates and single SOR items, beyond the trades
    areas: frozenset[str] = frozenset()  # where they are glad to work; empty: anywhere
    weekly_limit_s: int | None = None  # longest working week, breaks left out, overtime counted
    max_leg_s: int | None = None  # longest drive to a job
    tools: frozenset[str] = frozenset()  # special tools that are always in their van


@dataclass(frozen=True)
class Shift:
    """The hours of an operative on one day. One that is under way begins where and when the current job will end."""

    operative: int
    day: int  # 0 is the first day of the problem
    start_s: int
    end_s: int
    start_place: int
    end_place: int
    breaks: tuple[Break, ...] = ()
    overtime_s: int = 0  # how much later than ``end_s`` they may be back at ``end_place``
    is_standby: bool = False  # for calls out of hours: only emergencies
    capacity: int | None = None  # load that the van holds
    under_way_ref: str | None = None  # the job that they are at when the shift begins
    stock: tuple[Part, ...] = ()  # in the van when the shift begins
    longest_s: int | None = None  # hours are free: who leaves later, for the first visit, is back so long after that


@dataclass(frozen=True)
class Role:
    """What one member of a job's crew must be able to do."""

    trade: str
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Follow:
    """Another job that must have ended at least ``gap_s`` before: plaster dries before it is painted."""

    job: int
    gap_s: int


@dataclass(frozen=True)
class Clock:
    """By when a law wants a job done: ``step`` is what is due; it may have passed."""

    law: str  # right-to-repair or awaab
    step: str  # the defect, or the step of the hazard
    due_s: int
    again_s: int | None = None  # of Right to Repair the end of a second contractor's time


@dataclass(frozen=True)
class Job:
    """Work at a place. Of two or more roles, all arrive, and begin together."""

    job_ref: str
    place: int
    roles: tuple[Role, ...]
    duration_s: int  # at 100 % proficiency; a crew takes as long as its slowest member
    priority: Priority = Priority.ROUTINE
    windows: tuple[Window, ...] = ()  # in one of them the visit begins; none: at any time
    earliest_s: int = 0
    due_s: int | None = None  # the visit should have ended by then; later costs, and is told
    follows: tuple[Follow, ...] = ()
    area: str | None = None
    parking_s: int = 0  # from the van to the door and back, on top of ``duration_s`` and never shortened by proficiency
    key_ref: str | None = None  # a key that only one operative can hold on a day
    is_confirmed: bool = False  # the tenant was promised its (single) window
    load: int = 0  # what it takes of the van's capacity
    tools: frozenset[str] = frozenset()  # that it takes, beyond those in every van; with the crew's first member
    parts: tuple[Part, ...] = ()  # that it uses up
    clocks: tuple[Clock, ...] = ()  # the law's, which ``due_s`` and ``priority`` keep to


@dataclass(frozen=True)
class Pin:
    """A person's decision that a job stays with an operative, on a day, or at a time; None leaves that free."""

    job: int
    operatives: tuple[int, ...] | None  # one for each role
    day: int | None
    start_s: int | None
    decided_by: str
    reason: str


@dataclass(frozen=True)
class Block:
    """A person's decision that an operative does not do a job, or any job on a day; None means every one."""

    operative: int
    job: int | None
    day: int | None
    decided_by: str
    reason: str


@dataclass(frozen=True)
class DayPart:
    """How much longer than on empty roads driving takes, from a minute of the local day on."""

    start_minute: int
    percent: int


@dataclass(frozen=True, eq=False)
class Travel:
    """The ways between the places, on empty roads.

    A drive goes through the day at the speed of each day part that it meets, so who leaves later never arrives
    earlier.
    """

    distance_m: NDArray[np.int32]  # (places, places)
    duration_s: NDArray[np.int32]  # (places, places)
    day_parts: tuple[DayPart, ...] = (DayPart(0, 100),)
    approximated: frozenset[int] = frozenset()  # places that no road reaches: their ways are estimated


@dataclass(frozen=True)
class Costs:
    """What a plan is judged by, in metres: an hour of overtime is worth so much driving."""

    per_drive_minute: int = 0
    per_overtime_minute: int = 150
    per_working_minute: int = 0  # from leaving to being back, without breaks
    outside_area: int = 2_000  # a visit outside the areas that its operative is glad to work in
    moved: int = 3_000  # a visit that another operative or day had in the plan before
    late_per_day: dict[Priority, int] = field(
        default_factory=lambda: {
            Priority.EMERGENCY: 5_000_000, Priority.URGENT: 100_000, Priority.ROUTINE: 20_000, Priority.PLANNED: 5_000,
        }
    )  # fmt: skip
    left_out: dict[Priority, int] = field(
        default_factory=lambda: {
            Priority.EMERGENCY: 50_000_000, Priority.URGENT: 10_000_000,
            Priority.ROUTINE: 2_000_000, Priority.PLANNED: 500_000,
        }
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything that a plan depends on."""

    starts_at: datetime  # the first local midnight
    days: int  # 1 to 28
    places: tuple[Place, ...]
    operatives: tuple[Operative, ...]
    shifts: tuple[Shift, ...]
    jobs: tuple[Job, ...]
    travel: Travel
    pins: tuple[Pin, ...] = ()
    blocks: tuple[Block, ...] = ()
    stores: tuple[Store, ...] = ()
    costs: Costs = Costs()
    faults: tuple[Fault, ...] = ()  # what could not be taken as it was given

    def instant(self, seconds: int) -> datetime:
        """The London time of so many seconds after the start."""
        return (self.starts_at.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(LONDON)


@dataclass(frozen=True)
class Fault:
    """Something of the problem that no plan can serve as it is: what, why, and what a planner can do about it."""

    code: str  # such as ``no-operative-for-trade``
    subject_ref: str  # the job, operative or shift
    message: str
    next_step: str


def service_s(job: Job, role: Role, operative: Operative) -> int:
    """Seconds that an operative needs at a job by themselves, parking included, rounded up to whole minutes."""
    percent = operative.proficiency_percent[role.trade]
    return -(-job.duration_s * 100 // (percent * 60)) * 60 + job.parking_s
