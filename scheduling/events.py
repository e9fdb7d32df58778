"""What happens to the live plan, as values: an event with its change, the bookings and proposals that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from scheduling import decisions
from scheduling.decisions import Decision
from scheduling.plan import Plan
from scheduling.problem import Clock, Follow, Job, Part, Place, Priority, Problem, Role, Window

Status = Literal["held", "confirmed", "done", "expired", "cancelled"]
HUB = "hub"
"""Who does what nobody asked for: what expires, and what a new plan brings."""
OTHER = "OTHER"
"""A window that is none of the slots, as another system promised it."""
Stop = tuple[str, int]
"""A job and its role."""


@dataclass(frozen=True)
class Absence:
    """An operative who does not work between two instants."""

    operative_ref: str
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True)
class Change:
    """What a command did to the plan, whole: replayed in order, changes give the same plan byte for byte.

    ``routes``: by shift all its stops, in order, as they are now. ``bounds``: what crews and follow-ons leave of a
    job's time. ``windows``: by job the one window that it is narrowed to, None where its own are given back.
    ``confirmed``: by job whether its window is promised. ``added``: jobs that were not in the problem, each with its
    place; ``closed``: jobs that are no longer to be done; ``done``: those that are done, whose visits stay.
    ``amended``: jobs as they turned out to be; ``shut``: shifts that nobody works any more.
    ``decided``: the pins and blocks that are in force now, None where they are as they were. ``away``: who was told to
    be away; ``gone``: jobs that are no longer to be done and that this plan does not have, the systems still do.
    """

    routes: Mapping[int, tuple[Stop, ...]] = field(default_factory=dict)
    bounds: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    windows: Mapping[str, Window | None] = field(default_factory=dict)
    confirmed: Mapping[str, bool] = field(default_factory=dict)
    added: tuple[tuple[Job, Place], ...] = ()
    closed: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    amended: tuple[Job, ...] = ()
    shut: tuple[int, ...] = ()
    decided: tuple[Decision, ...] | None = None
    away: tuple[Absence, ...] = ()
    gone: tuple[str, ...] = ()

    def written(self) -> dict[str, Any]:
        """The change as JSON keeps it."""
        return {
            "routes": {str(shift): stops for shift, stops in self.routes.items()},
            "bounds": self.bounds,
            "windows": {ref: window and (window.start_s, window.end_s) for ref, window in self.windows.items()},
            "confirmed": dict(self.confirmed),
            "added": [[_written_job(job), asdict(place)] for job, place in self.added],
            "closed": self.closed,
            "done": self.done,
            "amended": [_written_job(job) for job in self.amended],
            "shut": self.shut,
            "decided": None if self.decided is None else decisions.written(self.decided),
            "away": [[one.operative_ref, one.from_at.isoformat(), one.until_at.isoformat()] for one in self.away],
            "gone": self.gone,
        }

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Change:
        """The change that ``written`` gave."""
        return cls(
            {int(shift): tuple((ref, role) for ref, role in stops) for shift, stops in written["routes"].items()},
            {ref: tuple(bound) for ref, bound in written["bounds"].items()},
            {ref: window and Window(*window) for ref, window in written["windows"].items()},
            written["confirmed"],
            tuple((_read_job(job), Place(**place)) for job, place in written["added"]),
            tuple(written["closed"]),
            tuple(written.get("done", ())),
            tuple(_read_job(job) for job in written.get("amended", ())),
            tuple(written.get("shut", ())),
            None if written.get("decided") is None else decisions.read(written["decided"]),
            tuple(
                Absence(ref, datetime.fromisoformat(begin), datetime.fromisoformat(end))
                for ref, begin, end in written.get("away", ())
            ),
            tuple(written.get("gone", ())),
        )


@dataclass(frozen=True)
class Event:
    """Something that happened to the live plan. ``told`` is what was asked and answered, in references alone."""

    number: int
    plan_id: int
    happened_at: datetime
    kind: str
    done_by: str
    reason: str | None
    told: Mapping[str, Any]
    change: Change


@dataclass(frozen=True)
class Booking:
    """A slot that is held for a tenant, or promised."""

    id: int
    job_ref: str
    status_code: Status
    day: date
    slot: str
    window_start_at: datetime
    window_end_at: datetime
    made_by: str
    made_at: datetime
    expires_at: datetime | None
    idempotency_key: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it keeps a place in the plan."""
        return self.status_code in ("held", "confirmed")


Answer = Literal["open", "accepted", "refused", "void"]


@dataclass(frozen=True)
class Proposal:
    """Something that the plan cannot keep unless a tenant agrees: ``job_ref`` to another slot, of those in ``told``.

    ``for_ref`` is an emergency that takes its place then; without one the place is lost already, ``why`` says by what.
    """

    id: int
    job_ref: str
    for_ref: str | None
    why: str
    told: Mapping[str, Any]
    status_code: Answer
    made_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None


@dataclass(frozen=True)
class VisitRow:
    """A visit as the table ``visit`` keeps it."""

    job_ref: str
    role: int
    operative_ref: str
    day: date
    shift: int
    sequence: int
    arrive_at: datetime
    start_at: datetime
    end_at: datetime
    leg_m: int


@dataclass(frozen=True, eq=False)
class Live:
    """The published plan with its problem, as it was published."""

    plan_id: int
    problem: Problem
    plan: Plan
    last_event: int


def _written_job(job: Job) -> dict[str, Any]:
    roles = [[role.trade, sorted(role.skills)] for role in job.roles]
    return {**asdict(job), "roles": roles, "tools": sorted(job.tools), "priority": int(job.priority)}


def _read_job(written: Mapping[str, Any]) -> Job:
    return Job(
        **{
            **written,
            "roles": tuple(Role(trade, frozenset(skills)) for trade, skills in written["roles"]),
            "priority": Priority(written["priority"]),
            "windows": tuple(Window(**window) for window in written["windows"]),
            "follows": tuple(Follow(**follow) for follow in written["follows"]),
            "tools": frozenset(written.get("tools", ())),
            "parts": tuple(Part(**part) for part in written.get("parts", ())),
            "clocks": tuple(Clock(**clock) for clock in written.get("clocks", ())),
        }
    )
