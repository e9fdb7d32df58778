"""The live plan in memory, and the one place where it changes.

Whoever changes it does so within ``Desk.changing``: what the block did is one event, on disk before the block is left;
a block that fails leaves plan and bookings as they were. Booking, emergencies and the rest are functions over a desk.
A desk is used by one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from ledger.errors import Defect, Terminal
from scheduling.beginning import begin
from scheduling.calendars import seconds_after, wall_clock
from scheduling.decisions import Decision, pins_and_blocks
from scheduling.draft import Draft
from scheduling.engine.live import Beside, Routes
from scheduling.engine.today import TodayBoard
from scheduling.events import Booking, Change, Event, Live, Proposal, VisitRow
from scheduling.hashes import problem_hash
from scheduling.plan import Plan, Visit
from scheduling.problem import Block, Job, Pin, Place, Priority, Problem, Window
from scheduling.store import Store
from scheduling.without import plan_without, problem_without

Clock = Callable[[], datetime]


class Refused(Terminal):
    """What was asked cannot be done; ``code`` says why, for programs. Never holds a value of a tenant."""

    def __init__(self, code: str, fault: str, next_step: str, **more: Any) -> None:
        super().__init__(fault, system="scheduling", next_step=next_step)
        self.code, self.more = code, more


class Desk:
    """The live plan: ``board`` has the routes, ``jobs`` the jobs by number, ``bookings`` who was told when."""

    board: TodayBoard
    jobs: list[Job]
    bookings: dict[int, Booking]
    proposals: dict[int, Proposal]

    def __init__(self, store: Store, clock: Clock, beside: Beside | None = None, margin_s: int = 0) -> None:
        """``beside`` gives the ways of places that come up during the day; without it they are estimated.

        ``margin_s``: the plan's windows end so long before those that tenants were told.
        """
        self.store, self.clock, self._beside, self.margin_s = store, clock, beside, margin_s
        self._number, self._booking = store.last_number(), store.last_booking()
        self._decision = store.last_decision()
        self._proposal, self.proposals = store.last_proposal(), {one.id: one for one in store.proposals()}
        live = store.live()
        self._take_up(live)
        events = store.events(live.plan_id)
        for event in events:
            self._replay(event.change)
        if not events:
            begin(self)

    # -- as it is -----------------------------------------------------------------------------------------------

    @property
    def now_s(self) -> int:
        """Seconds after the start of the plan."""
        return self.seconds(self.clock())

    def seconds(self, at: datetime) -> int:
        """Seconds from the start of the plan to an instant."""
        return seconds_after(self.starts_at, at)

    def open_jobs(self) -> set[int]:
        """The jobs that are to be done, with a visit or without."""
        return set(range(len(self.jobs))) - self._closed

    @property
    def end_s(self) -> int:
        """The midnight after the last day, seconds after the start."""
        return wall_clock(self.starts_at, self.date_of(self.days), 0)

    @property
    def last_event(self) -> int:
        """Number of the last event."""
        return self._number

    def numbers_of(self, order_ref: str) -> list[int]:
        """The jobs of an order, or of one trade of it, that are still to be done, as they follow each other."""
        return [number for number in self._known(order_ref) if number not in self._closed | self._done]

    def all_of(self, order_ref: str) -> list[int]:
        """The jobs of an order that are still to be done, those of its further visits too."""
        own = self._numbers.get(order_ref)
        known = [*([] if own is None else [own]), *self._parts.get(order_ref, [])]
        return [number for number in known if number not in self._closed | self._done]

    def is_closed(self, order_ref: str) -> bool:
        """Whether this desk knew the order, and all of it was done or withdrawn."""
        known = self._known(order_ref)
        return bool(known) and all(number in self._closed | self._done for number in known)

    def is_done(self, number: int) -> bool:
        """Whether a job was told to be done; its visit stays as it was."""
        return number in self._done

    def is_shut(self, shift: int) -> bool:
        """Whether nobody works a shift any more."""
        return shift in self._shut

    def is_confirmed(self, number: int) -> bool:
        """Whether a tenant was promised when the job is done."""
        return self._confirmed.get(number, self.jobs[number].is_confirmed)

    def windows_of(self, number: int) -> tuple[Window, ...]:
        """The windows of a job: the one that it is narrowed to, or its own."""
        window = self._windows.get(number)
        return self.jobs[number].windows if window is None else (window,)

    def window_of(self, number: int) -> Window | None:
        """The window that a job is narrowed to; None where it has its own."""
        return self._windows.get(number)

    def holds(self) -> list[Booking]:
        """The holds that are not confirmed, given back or over."""
        return list(self._held.values())

    def booking_of(self, number: int) -> Booking | None:
        """The hold or booking that keeps a job's place."""
        booking = self.bookings.get(self._booked.get(self.jobs[number].job_ref, 0))
        return booking if booking is not None and booking.is_active else None

    def date_of(self, day: int) -> date:
        """The local date of a day of the plan."""
        return self.starts_at.date() + timedelta(days=day)

    def at(self, seconds: int) -> datetime:
        """The London time of so many seconds after the start of the plan."""
        return self.board.problem.instant(seconds)

    def visits(self, shifts: Iterable[int] | None = None) -> list[VisitRow]:
        """The visits of those shifts, or of all, as people read them."""
        rows: list[VisitRow] = []
        last, sequence = -1, 0
        for visit in self.board.visits(range(len(self.shifts)) if shifts is None else sorted(shifts)):
            shift = self.shifts[visit.shift]
            sequence = sequence + 1 if visit.shift == last else 1
            last = visit.shift
            rows.append(
                VisitRow(
                    self.jobs[visit.job].job_ref, visit.role, self.operatives[shift.operative].operative_ref,
                    self.date_of(shift.day), visit.shift, sequence, self.at(self._expected_s(visit)),
                    self.at(visit.start_s),
                    self.at(visit.end_s), visit.leg_m,
                )
            )  # fmt: skip
        return rows

    def _expected_s(self, visit: Visit) -> int:
        """When somebody is expected: who is sent while the day goes on leaves to be there when work begins.

        The board has them leave as soon as they could have, which may be before anybody knew; that counts for who waits
        for a window to open, for others of a crew, or for what the job follows on.
        """
        job = self.jobs[visit.job]
        opens = any(window.start_s == visit.start_s for window in self.windows_of(visit.job))
        waits = job.priority is not Priority.EMERGENCY and (len(job.roles) > 1 or bool(job.follows) or opens)
        return visit.arrive_s if waits else visit.start_s

    def snapshot(self) -> tuple[Problem, Plan]:
        """The plan as it is now and the problem that it solves, as the checker wants them: without what is closed."""
        jobs = [
            replace(job, windows=self.windows_of(number), is_confirmed=self.is_confirmed(number))
            for number, job in enumerate(self.jobs)
        ]
        problem, plan = replace(self.board.problem, jobs=tuple(jobs)), self.board.plan()
        closed = frozenset(self._closed)
        problem, plan = problem_without(problem, closed), plan_without(problem, plan, closed)
        return problem, replace(plan, problem_hash=problem_hash(problem))

    def operative_of(self, shift: int) -> str:
        """Who works a shift, in the source's own number."""
        return self.operatives[self.shifts[shift].operative].operative_ref

    def next_booking(self) -> int:
        """A number for a new booking; one that comes to nothing is not used again."""
        self._booking += 1
        return self._booking

    def next_proposal(self) -> int:
        """A number for a new proposal."""
        self._proposal += 1
        return self._proposal

    def next_decision(self) -> int:
        """A number for a new decision."""
        self._decision += 1
        return self._decision

    def pins_and_blocks(self, decided: Sequence[Decision]) -> tuple[tuple[Pin, ...], tuple[Block, ...]]:
        """Decisions as the live plan knows them."""
        return pins_and_blocks(decided, self._numbers, self.operatives, self.starts_at, self.days)

    # -- how it changes -----------------------------------------------------------------------------------------

    @contextmanager
    def changing(self, kind: str, by: str, reason: str | None = None) -> Iterator[Draft]:
        """Makes what is done within one event. It is kept when the block is left; a fault takes all of it back."""
        draft = Draft(self)
        self.board.goes_on(self.now_s)
        try:
            yield draft
        except BaseException:
            self._back(draft, *self.board.touched())
            raise
        self._keep(kind, by, reason, draft)

    def adopt(self) -> bool:
        """Takes up a plan that was published since; False where there is none. What was told and promised goes on."""
        if self.store.live_id() == self.plan_id:
            return False
        self._take_up(self.store.live())
        begin(self)
        return True

    def _take_up(self, live: Live) -> None:
        """The plan as it was published."""
        self.plan_id, self.starts_at, self.days = live.plan_id, live.problem.starts_at, live.problem.days
        self.operatives, self.shifts = live.problem.operatives, live.problem.shifts
        self.under_way = {shift.under_way_ref for shift in self.shifts} - {None}
        self.working_days = {shift.day for shift in self.shifts if not shift.is_standby}
        self.board = TodayBoard(live.problem, live.plan, self._beside)
        self.jobs = list(live.problem.jobs)
        self._numbers: dict[str, int] = {}
        self._parts: dict[str, list[int]] = {}
        for number, job in enumerate(self.jobs):
            self._name(number, job.job_ref)
        self._windows: dict[int, Window | None] = {}
        self._confirmed: dict[int, bool] = {}
        self._closed: set[int] = set()
        self._done: set[int] = set()
        self._shut: set[int] = set()
        self.decisions: tuple[Decision, ...] = ()
        as_is = self.board.routes(None, range(len(self.jobs)))
        self._routes, self._bounds = dict(as_is.stops), dict(as_is.bounds)
        self.bookings, self._booked, self._held = {}, dict[str, int](), dict[int, Booking]()
        for booking in self.store.bookings(self.starts_at.date()):
            self._file(booking)

    def is_new(self, job: Job) -> bool:
        """Whether a system promised a job's window, and this desk has no booking for it."""
        return job.is_confirmed and job.job_ref not in self._booked and len(job.windows) == 1

    def _replay(self, change: Change) -> None:
        for job, place in change.added:
            self.take_in(job, place)
        if change.decided is not None:
            self.decisions = change.decided
            self.board.decide(*self.pins_and_blocks(self.decisions))
        for job in change.amended:
            self.amend(self._numbers[job.job_ref], job)
        windows = {self._numbers[ref]: window for ref, window in change.windows.items()}
        routes = Routes(
            {shift: tuple((self._numbers[ref], role) for ref, role in stops) for shift, stops in change.routes.items()},
            {self._numbers[ref]: bounds for ref, bounds in change.bounds.items()},
        )
        if not self.board.put_routes(routes, windows):
            raise Defect(
                "an event's routes cannot be driven.", system="scheduling", place=f"plan {self.plan_id}",
                next_step="Publish a plan anew, and tell the maintainers.",
            )  # fmt: skip
        self.board.shut(change.shut)
        self._made(routes, windows, change.confirmed, [self._numbers[ref] for ref in change.closed])
        self._ended([self._numbers[ref] for ref in change.done], change.shut)

    def _keep(self, kind: str, by: str, reason: str | None, draft: Draft) -> None:
        shifts, jobs = self.board.touched()
        now = self.board.routes(shifts, jobs)
        routes = Routes(
            {shift: stops for shift, stops in now.stops.items() if stops != self._routes[shift]},
            {number: bounds for number, bounds in now.bounds.items() if bounds != self._bounds.get(number)},
        )
        change = Change(
            {
                shift: tuple((self.jobs[job].job_ref, role) for job, role in stops)
                for shift, stops in routes.stops.items()
            },
            {self.jobs[number].job_ref: bounds for number, bounds in routes.bounds.items()},
            {self.jobs[number].job_ref: window for number, window in draft.windows.items()},
            {self.jobs[number].job_ref: is_confirmed for number, is_confirmed in draft.confirmed.items()},
            tuple(draft.added),
            tuple(self.jobs[number].job_ref for number in draft.closed),
            tuple(self.jobs[number].job_ref for number in draft.done),
            tuple(self.jobs[number] for number in draft.amended),
            tuple(sorted(draft.shut)),
            draft.decided,
            tuple(draft.away),
            tuple(draft.gone),
        )
        event = Event(self._number + 1, self.plan_id, self.clock(), kind, by, reason, draft.told, change)
        written = None if draft.is_whole else sorted(shifts)
        try:
            self.store.append(event, draft.bookings, self.visits(written), written, draft.proposals, draft.decisions)
        except BaseException:
            self._back(draft, shifts, jobs)
            raise
        self._number = event.number
        self._made(routes, draft.windows, change.confirmed, draft.closed)
        self._ended(draft.done, draft.shut)
        if draft.decided is not None:
            self.decisions = draft.decided
        for booking in draft.bookings:
            self._file(booking)
        self.proposals |= {one.id: one for one in draft.proposals}

    def _made(
        self, routes: Routes, windows: Mapping[int, Window | None], confirmed: Mapping[str, bool], closed: Iterable[int]
    ) -> None:
        """Notes what a change came to."""
        self._routes |= routes.stops
        self._bounds |= routes.bounds
        self._windows |= windows
        self._confirmed |= {self._numbers[ref]: is_confirmed for ref, is_confirmed in confirmed.items()}
        self._closed |= set(closed)

    def _ended(self, done: Iterable[int], shut: Iterable[int]) -> None:
        self._done |= set(done)
        self._shut |= set(shut)

    def _back(self, draft: Draft, shifts: Iterable[int], jobs: Iterable[int]) -> None:
        """The plan as it was before a draft that came to nothing."""
        for job, _ in draft.added:
            self._closed.add(self._numbers.pop(job.job_ref))
        for number, job in draft.amended.items():
            self.amend(number, job)
        self.board.shut(draft.shut - self._shut, is_shut=False)
        if draft.decided is not None:
            self.board.decide(*self.pins_and_blocks(self.decisions))
        self.board.put_routes(
            Routes(
                {shift: self._routes[shift] for shift in shifts},
                {number: self._bounds[number] for number in jobs if number in self._bounds},
            ),
            {number: self._windows.get(number) for number in draft.windows},
        )
        self.board.touched()

    @contextmanager
    def asking(self, job: Job, place: Place) -> Iterator[int]:
        """The number of an order's job that nobody has raised, while it is asked about; nothing of it stays."""
        with self.board.trying(job, place) as number:
            self.jobs.append(self.board.problem.jobs[number])
            try:
                yield number
            finally:
                self.jobs.pop()

    # -- names --------------------------------------------------------------------------------------------------

    def take_in(self, job: Job, place: Place) -> int:
        """The number of a job that was not in the problem; for drafts and replay."""
        number = self.board.add(job, place)
        self.jobs.append(self.board.problem.jobs[number])
        self._name(number, job.job_ref)
        return number

    def amend(self, number: int, job: Job) -> bool:
        """Whether a job can be what it turned out to be where it stands; for drafts and replay."""
        self.jobs[number] = job
        return self.board.amend(number, job)

    def _name(self, number: int, ref: str) -> None:
        self._numbers[ref] = number
        order, _, trade = ref.rpartition("/")
        if order and trade:
            self._parts.setdefault(order, []).append(number)

    def _known(self, order_ref: str) -> list[int]:
        number = self._numbers.get(order_ref)
        return self._parts.get(order_ref, []) if number is None else [number]

    def _file(self, booking: Booking) -> None:
        self.bookings[booking.id] = booking
        if booking.status_code == "held":
            self._held[booking.id] = booking
        else:
            self._held.pop(booking.id, None)
        if booking.is_active:
            self._booked[booking.job_ref] = booking.id
        elif self._booked.get(booking.job_ref) == booking.id:
            del self._booked[booking.job_ref]
