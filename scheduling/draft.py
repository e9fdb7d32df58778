"""A change to the live plan while it is made, within ``Desk.changing``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scheduling.calendars import seconds_after
from scheduling.decisions import Decision, Undone, standing_against
from scheduling.engine.board import Offer
from scheduling.events import Absence, Booking, Proposal
from scheduling.problem import Job, Place, Window

if TYPE_CHECKING:
    from scheduling.desk import Desk


@dataclass
class Trial:
    """Something that is tried within a draft."""

    is_kept: bool = False

    def keep(self) -> None:
        """Leaves it as it is."""
        self.is_kept = True


@dataclass
class Draft:
    """A change to the live plan that is being made; ``told`` and ``bookings`` go with its event."""

    desk: Desk
    told: dict[str, Any] = field(default_factory=dict)
    bookings: list[Booking] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    decisions: list[Decision | Undone] = field(default_factory=list)
    decided: tuple[Decision, ...] | None = None  # those in force now, where they changed
    windows: dict[int, Window | None] = field(default_factory=dict)
    confirmed: dict[int, bool] = field(default_factory=dict)
    added: list[tuple[Job, Place]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    amended: dict[int, Job] = field(default_factory=dict)  # as they were before
    shut: set[int] = field(default_factory=set)
    away: list[Absence] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    is_whole: bool = False  # all visits are written anew

    def place(self, number: int, window: Window | None = None) -> Offer | None:
        """Puts a job where it costs least, in that window or its own; None, and nothing done, without such a place.

        What follows on it goes along.
        """
        found = self.desk.board.move(number, window)
        if found is not None:
            self.windows[number] = window
        return found

    def decide(self, decided: Sequence[Decision]) -> list[int]:
        """Holds the plan to what people decided; what stands against it goes elsewhere. Gives the jobs that cannot.

        A pinned visit begins at its time, within what its tenant was promised.
        """
        desk, board = self.desk, self.desk.board
        open_jobs = desk.open_jobs() - {*self.closed}
        pins, blocks = desk.pins_and_blocks(decided)
        against = standing_against(board.standing()[0], desk.shifts, pins, blocks)
        taken = dict.fromkeys(job for number in against for job in board.remove(number))
        self.decided = tuple(decided)
        board.decide(pins, blocks)
        at = {pin.job: pin.start_s for pin in pins if pin.start_s is not None}
        taken |= dict.fromkeys(pin.job for pin in pins if pin.job in open_jobs and not board.is_planned(pin.job))
        pinned = {pin.job for pin in pins}
        order = sorted(taken, key=lambda job: (job not in pinned, not desk.is_confirmed(job), desk.jobs[job].priority))
        lost = [job for job in order if not self.put(job, at.get(job))]
        return [job for job in lost if not self.put(job, at.get(job))]  # what it follows on may have its place by now

    def put(self, number: int, at_s: int | None = None) -> bool:
        """Whether a job found a place in what it is narrowed to, at that second if there is one."""
        if self.desk.board.is_planned(number):
            return True
        held = self.windows.get(number) or self.desk.window_of(number)
        if at_s is None:
            return self.place(number, held) is not None
        may = held is None or held.start_s <= at_s <= held.end_s
        return may and self.place(number, Window(at_s, at_s)) is not None

    def promise(self, number: int, booking: Booking) -> bool:
        """Whether a job stands in a booking's window, where it was or elsewhere; if not it is taken out."""
        desk = self.desk
        window = Window(
            seconds_after(desk.starts_at, booking.window_start_at), seconds_after(desk.starts_at, booking.window_end_at)
        )
        held = desk.windows_of(number)
        is_within = len(held) == 1 and window.start_s <= held[0].start_s <= held[0].end_s <= window.end_s
        if is_within and desk.board.is_planned(number):
            return True
        if self.place(number, window) is not None:
            return True
        self.remove(number)
        self.windows[number] = window
        return False

    def remove(self, number: int) -> None:
        """Takes a job out of the plan: it is left out until it is placed again. Nothing else leaves its windows."""
        for other in self.desk.board.remove(number)[1:]:
            self.desk.board.move(other, self.windows.get(other) or self.desk.window_of(other))

    def widen(self, number: int) -> None:
        """Gives a job that is left out its own windows back."""
        self.desk.board.restrict(number, None)
        self.windows[number] = None

    def restrict(self, number: int, window: Window | None) -> bool:
        """Whether a job could be narrowed to a window where it stands, or given its own back."""
        done = self.desk.board.restrict(number, window)
        if done:
            self.windows[number] = window
        return done

    def add(self, job: Job, place: Place) -> int:
        """The number of a job that comes new into the plan; it has no visit yet."""
        self.added.append((job, place))
        return self.desk.take_in(job, place)

    def close(self, number: int) -> None:
        """Takes a job out for good: it is done, or nobody wants it any more."""
        self.remove(number)
        self.closed.append(number)

    def amend(self, number: int, **changes: Any) -> bool:
        """Whether a job can be what it turned out to be where it stands. It is; if it cannot, make room for it."""
        job = self.desk.jobs[number]
        self.amended.setdefault(number, job)
        return self.desk.amend(number, replace(job, **changes))

    def propose(
        self, number: int, why: str, *, for_number: int | None = None, operative: str | None = None
    ) -> Proposal:  # fmt: skip
        """A proposal to agree another slot for a job that was promised one. Asked again it is the same one."""
        desk = self.desk
        ref, for_ref = desk.jobs[number].job_ref, None if for_number is None else desk.jobs[for_number].job_ref
        known = (one for one in desk.proposals.values() if one.status_code == "open" and one.job_ref == ref)
        if (before := next((one for one in known if one.for_ref == for_ref), None)) is not None:
            return before
        by_due = Window(desk.now_s, desk.jobs[number].due_s or desk.end_s)
        window = self.windows.get(number) or next(iter(desk.windows_of(number)), by_due)
        told = {
            "promised": [desk.at(window.start_s).isoformat(), desk.at(window.end_s).isoformat()],
            **({} if operative is None else {"operative_ref": operative}),
        }
        made = Proposal(desk.next_proposal(), ref, for_ref, why, told, "open", desk.clock())
        self.proposals.append(made)
        return made

    def absent(self, absence: Absence) -> list[int]:
        """Closes the shifts of an absence, or what is left of them, and gives the jobs that lose their place by it."""
        desk = self.desk
        begin = max(seconds_after(desk.starts_at, absence.from_at), desk.now_s)
        end = seconds_after(desk.starts_at, absence.until_at)
        shifts = [
            number for number, shift in enumerate(desk.shifts)
            if desk.operative_of(number) == absence.operative_ref and shift.start_s < end and shift.end_s > begin
        ]  # fmt: skip
        self.away.append(absence)
        self.shut_down(shifts)
        out = list(dict.fromkeys(visit.job for visit in desk.board.visits(shifts) if begin < visit.start_s < end))
        for number in out:
            self.remove(number)
        return out

    @contextmanager
    def trial(self) -> Iterator[Trial]:
        """What is moved within is taken back, unless the trial is kept. No job is added, amended or closed in it."""
        saved, windows, confirmed, trial = self.desk.board.save(), dict(self.windows), dict(self.confirmed), Trial()
        yield trial
        if not trial.is_kept:
            self.desk.board.back(saved)
            self.windows, self.confirmed = windows, confirmed

    def shut_down(self, shifts: Iterable[int]) -> None:
        """Lets nothing more be put into some shifts; what stands in them stays."""
        self.shut |= set(shifts)
        self.desk.board.shut(shifts)
