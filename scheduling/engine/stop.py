"""When a search ends."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Stop:
    """The work a search may do; whichever comes first ends it. Only ``iterations`` alone gives the same plan always."""

    iterations: int | None = None
    cpu_s: float | None = None
    wall_s: float | None = None

    def __post_init__(self) -> None:
        if self.iterations is None and self.cpu_s is None and self.wall_s is None:
            raise ValueError("a search needs an end: iterations, cpu_s or wall_s")

    def without(self, share: float) -> Stop:
        """What is left of the stop when a share of it is used."""
        return Stop(
            None if self.iterations is None else int(self.iterations * (1 - share)),
            None if self.cpu_s is None else self.cpu_s * (1 - share),
            None if self.wall_s is None else self.wall_s * (1 - share),
        )

    def begin(self) -> Watch:
        """A watch over this stop that starts now."""
        return Watch(self, time.process_time(), time.perf_counter())


@dataclass(frozen=True)
class Watch:
    """A stop that runs since two instants, of the process's CPU time and of the clock on the wall."""

    stop: Stop
    cpu_began: float
    wall_began: float

    def share(self, iterations: int) -> float:
        """How much of the stop is used up, from 0 to 1, after so many iterations."""
        used = [0.0]
        if self.stop.iterations is not None:
            used.append(iterations / self.stop.iterations if self.stop.iterations else 1.0)
        if self.stop.cpu_s is not None:
            used.append((time.process_time() - self.cpu_began) / max(1e-9, self.stop.cpu_s))
        if self.stop.wall_s is not None:
            used.append((time.perf_counter() - self.wall_began) / max(1e-9, self.stop.wall_s))
        return min(1.0, max(used))
