"""Progress that crosses processes: every stage appends a line to one file, the terminal reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Progress:
    """Tells how many more rows a stage of a system has done. A line is shorter than a page: appends stay whole."""

    path: Path
    system: str
    stage: str

    def add(self, rows: int) -> None:
        """Notes that ``rows`` more are done; 0 notes that the stage has begun."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([self.system, self.stage, rows]) + "\n")


def totals(path: Path) -> dict[tuple[str, str], int]:
    """Rows done so far by (system, stage)."""
    done: dict[tuple[str, str], int] = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        system, stage, rows = json.loads(line)
        done[system, stage] = done.get((system, stage), 0) + rows
    return done
