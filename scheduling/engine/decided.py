"""The live board as people have decided it to be: held to pins and blocks, and asked why a job is where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scheduling.engine.arrays import (
    CLOSED,
    DAY,
    EARLIEST,
    FIRST_NODE,
    ON_DAY,
    OPERATIVE,
    RESTRICTED,
    ROLES,
    UNIT,
    WINDOW,
    WINDOWS_END,
    forbidden_by,
    services_of,
)
from scheduling.engine.board import Offer, put_job
from scheduling.engine.changes import begin_change, take_back
from scheduling.engine.live import Beside, LiveBoard, starts_of
from scheduling.engine.outcome import stops_in
from scheduling.engine.seats import SEAT_COLUMNS, Seats, scan_seats
from scheduling.engine.state import HIGH, LOW
from scheduling.plan import Plan, Rest, Visit
from scheduling.problem import Block, Pin, Problem


class DecidedBoard(LiveBoard):
    """A live board that keeps what people decide while the day goes on."""

    def __init__(self, problem: Problem, plan: Plan, beside: Beside | None = None) -> None:
        super().__init__(problem, plan, beside)
        self._at = {pin.job for pin in problem.pins if pin.start_s is not None}

    def standing(self) -> tuple[list[Visit], list[Rest]]:
        """All visits and breaks."""
        return stops_in(self._problem, self._model, self._state, range(len(self._state.size)))

    def decide(self, pins: Sequence[Pin], blocks: Sequence[Block]) -> None:
        """Holds the board to what people have decided, in place of what it was held to.

        Whoever asks takes out what stands against it before: nothing is moved here.
        """
        was, jobs, nodes, model = self._problem.blocks, len(self._jobs), self._nodes, self._model
        self._problem = replace(self._problem, pins=tuple(pins), blocks=tuple(blocks))
        whole = replace(self.problem, jobs=tuple(self._jobs))
        model.service[:nodes] = services_of(whole)
        forbidden = forbidden_by(whole, model.service, model.shift)
        model.node[:nodes, DAY] = -1
        for pin in pins:
            if pin.day is not None:
                first = int(model.job[pin.job, FIRST_NODE])
                model.node[first : first + len(self._jobs[pin.job].roles), DAY] = pin.day
        model.node[:nodes, RESTRICTED] = 0
        model.node[np.unique(forbidden // max(1, len(model.shift))), RESTRICTED] = 1
        for shut, of in ((0, was), (1, blocks)):
            for block in of:
                if block.job is None:
                    on = (block.day is None) | (model.shift[:, ON_DAY] == block.day)
                    model.shift[(model.shift[:, OPERATIVE] == block.operative) & on, CLOSED] = shut
        self._model = model._replace(forbidden=forbidden)
        free = self._at - {pin.job for pin in pins if pin.start_s is not None}
        for job in sorted(free & set(range(jobs))):
            self._at.remove(job)
            self._give_own(job)

    def here(self, job: int) -> Offer | None:
        """The place that a job has, and what it adds to the plan there; what follows on it is not counted."""
        model, state, first = self._model, self._state, int(self._model.job[job, FIRST_NODE])
        if not self.is_planned(job):
            return None
        at = state.at[first : first + int(model.job[job, ROLES])].copy()
        bound = state.bound[job].copy()
        begin_change(state)
        self._drop(job)
        cost, way = int(state.cost[0]), self.distance_m
        start, earliest = int(bound[LOW]), int(model.job[job, EARLIEST])
        model.job[job, EARLIEST] = min(earliest, start)  # what has begun was put there before now
        stands = put_job(model, state, job, at, start, start, int(bound[HIGH]))
        model.job[job, EARLIEST] = earliest
        found = int(state.cost[0]) - cost, self.distance_m - way
        take_back(model, state)
        if not stands:
            return None
        begins = next(visit.start_s for visit in self.visits([int(at[0, 0])]) if visit.job == job)
        return Offer(job, None, tuple(at[:, 0].tolist()), tuple(at[:, 1].tolist()), begins, found[1], found[0] // UNIT)

    def seats(self, job: int) -> Seats:
        """What each shift has for a job of one person, as if it were not planned."""
        model, state = self._model, self._state
        begin_change(state)
        if self.is_planned(job):
            self._drop(job)
        found = np.zeros((len(model.shift), SEAT_COLUMNS), dtype=np.int64)
        scan_seats(model, state, job, found)
        low = int(state.bound[job, LOW])
        take_back(model, state)
        return Seats(low, found)

    def _give_own(self, job: int) -> None:
        """Gives a job that was published with a pinned time the windows that it has without the pin."""
        model, first = self._model, int(self._model.job[job, FIRST_NODE])
        nodes = slice(first, first + int(model.job[job, ROLES]))
        begin, self._free_window = self._free_window, self._free_window + len(rows := starts_of(self._jobs[job]))
        model.window[begin : self._free_window] = np.array(rows, dtype=np.int64).reshape(-1, 2)
        if model.node[first, WINDOW] == self._own[first, 0]:
            model.node[nodes, WINDOW : WINDOWS_END + 1] = begin, self._free_window
        self._own[nodes] = begin, self._free_window
