"""Emergencies replayed over live days: how soon the operative's device can read of it, and whose slot it cost.

The time is from the command to the message read by somebody who listens, over the desk's commit; the engine's is the
CPU time of looking for the nearest and putting the emergency there, whatever has to make way. Each day has a hundred,
and ends with the checker. A day that is nearly over has no place for the last of them: those are proposed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import psycopg

from benchmarks.figures import keep
from benchmarks.scheduling.council import SEEDS
from benchmarks.scheduling.live_day import ONE_CREW_IN, SIZE, emergencies_of, live, planned_day
from scheduling import emergencies
from scheduling.checker import check
from scheduling.desk import Desk
from scheduling.devices import CHANNEL, SUPERVISOR, messages
from scheduling.engine.warm import warm

EMERGENCIES, OF_A_DAY = 1_000, 100
READ = "SELECT id, told->>'job_ref' FROM scheduling.message WHERE kind = 'emergency' AND id > %s ORDER BY id"
LATE_S = 5.0


class Listener:
    """Notes when the message of each emergency could be read."""

    def __init__(self, url: str) -> None:
        self.read: dict[str, float] = {}
        self._connection = psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)
        self._connection.execute(f"LISTEN {CHANNEL}")
        self._ended = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        last = 0
        while not self._ended:
            if list(self._connection.notifies(timeout=0.2, stop_after=1)):  # it has the connection to itself
                for number, ref in self._connection.execute(READ, (last,)).fetchall():
                    last = number
                    self.read[ref] = time.perf_counter()

    def close(self) -> None:
        """Ends the listening."""
        self._ended = True
        self._thread.join()
        self._connection.close()


def measure(full: bool) -> None:
    """A thousand in full, two hundred in the short form."""
    warm()
    cpu_s, days = (120.0, EMERGENCIES // OF_A_DAY) if full else (40.0, 2)
    plans = [planned_day(seed, cpu_s) for seed in (SEEDS if full else SEEDS[:1])]
    told_s: list[float] = []
    engine_s: list[float] = []
    broken = breaches = unplaced = unheard = 0
    for number in range(days):
        day, plan = plans[number % len(plans)]
        with live(day, plan) as (desk, clock, url, _):
            listener = Listener(url)
            engine, told_before = _timed(desk), unplaced
            for at, job, place in emergencies_of(day, OF_A_DAY, number):
                clock.now = at
                before = _promised(desk)
                engine.clear()
                begun = time.perf_counter()
                found = emergencies.dispatch(desk, job, place, "benchmark")
                engine_s.append(sum(engine))
                if not found.visits:
                    unplaced += 1
                    unheard += not found.proposals or told_of(desk) != unplaced - told_before
                else:
                    told_s.append(_waited(listener, job.job_ref) - begun)
                after = _promised(desk)
                broken += sum(1 for ref in before if ref not in after)
            breaches += len(check(*desk.snapshot()))
            listener.close()
    protocol = (
        f"{len(engine_s)} emergencies on {days} days {SIZE}, one in {ONE_CREW_IN} for two; {unplaced} had no place "
        "left on the day and were proposed"
    )
    p99 = float(np.percentile(told_s, 99))
    keep("scheduling, emergency: command to the device's message p99", p99, "s", "<= 1 s", p99 <= 1, protocol)
    keep("scheduling, emergency: without a place, and no supervisor told at once", unheard, "emergencies", "0",
         unheard == 0, protocol)  # fmt: skip
    engine_p99 = 1_000 * float(np.percentile(engine_s, 99))
    keep("scheduling, emergency: engine p99", engine_p99, "ms", "<= 10 ms", engine_p99 <= 10, protocol)
    keep("scheduling, emergency: promised slots broken", broken + breaches, "slots", "0", broken + breaches == 0,
         protocol)  # fmt: skip


def told_of(desk: Desk) -> int:
    """The emergencies of which a supervisor was told that nobody can go."""
    return sum(one.kind == "emergency-without-place" for one in messages(desk, SUPERVISOR))


def _timed(desk: Desk) -> list[float]:
    """The CPU seconds of each call of the engine that an emergency makes, from now on."""
    seconds: list[float] = []

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            begun = time.thread_time()
            try:
                return function(*args, **more)
            finally:
                seconds.append(time.thread_time() - begun)

        return call

    for name in ("respond", "remove", "goes_on"):
        setattr(desk.board, name, watched(getattr(desk.board, name)))
    return seconds


def _promised(desk: Desk) -> set[str]:
    """The promised jobs whose visit begins in its window."""
    kept = set()
    for visit in desk.board.visits(range(len(desk.shifts))):
        if desk.is_confirmed(visit.job):
            window = desk.windows_of(visit.job)[0]
            if window.start_s <= visit.start_s <= window.end_s:
                kept.add(desk.jobs[visit.job].job_ref)
    return kept


def _waited(listener: Listener, ref: str) -> float:
    until = time.perf_counter() + LATE_S
    while ref not in listener.read and time.perf_counter() < until:
        time.sleep(0.001)
    return listener.read.get(ref, float("inf"))
