"""Progress that crosses processes: every stage appends a line to one file, the terminal reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from time import time


@dataclass(frozen=True)
class Progress:
    """Tells how many more rows a stage of a system has done. A line is shorter than a page: appends stay whole."""

    path: Path
    system: str
    stage: str

    def add(self, rows: int) -> None:
        """Notes that ``rows`` more are done."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([self.system, self.stage, rows, round(time(), 2)]) + "\n")


@dataclass(frozen=True)
class Done:
    """What a stage of a system has done: rows, and the moments (seconds of the epoch) of the first and last note."""

    rows: int
    began: float
    last: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / max(self.last - self.began, 0.5)


def read(path: Path) -> dict[tuple[str, str], Done]:
    """What is done so far by (system, stage), in the order in which they began."""
    done: dict[tuple[str, str], Done] = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        system, stage, rows, at = json.loads(line)
        earlier = done.get((system, stage), Done(0, at, at))
        done[system, stage] = Done(earlier.rows + rows, earlier.began, at)
    return done
