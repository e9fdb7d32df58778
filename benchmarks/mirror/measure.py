"""The mirror: how fast it is built and put back, and whether anything of anybody is in it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.api.state import council_of
from benchmarks.mirror import attack, build, contact, fail_closed, integrity, leaks, replay, reset, subset
from cli.mirror import mirroring_of

HOMES, SHORT = 2_000, 300
PARTS = ("fail closed", "contact", "build", "leaks", "integrity", "subset", "reset", "replay", "attack")


def measure(full: bool) -> None:
    """All parts one after the other, or those of PARTS=a,b; of a council of 2,000 homes in full, of 300 in short."""
    chosen = [name.strip() for name in os.environ.get("PARTS", ",".join(PARTS)).split(",")]
    if unknown := set(chosen) - set(PARTS):
        sys.exit(f"There is no part {', '.join(sorted(unknown))}. Next step: use some of {', '.join(PARTS)}.")
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as at:
        folder = Path(at)
        folder.chmod(0o755)
        measure_in(folder, chosen, full)


def measure_in(folder: Path, chosen: list[str], full: bool) -> None:
    """The chosen parts, of the council that stands in the folder or is made there."""
    if "fail closed" in chosen:
        _tell("fail closed")
        fail_closed.measure(folder, full)
    if "contact" in chosen:
        _tell("contact")
        contact.measure()
    if set(chosen) <= {"fail closed", "contact"}:
        return
    _tell("a council to mirror")
    with council_of(folder, HOMES if full else SHORT) as place:
        parts: dict[str, Callable[[], None]] = {
            "build": lambda: build.measure(place, folder, full),
            "leaks": lambda: leaks.measure(place, folder),
            "integrity": lambda: integrity.measure(place),
            "subset": lambda: subset.measure(place, folder, full),
            "reset": lambda: reset.measure(place, full),
            "replay": lambda: replay.measure(place),
            "attack": lambda: attack.measure(place, folder, full),
        }
        try:
            for name in (name for name in chosen if name in parts):
                _tell(name)
                parts[name]()
        finally:
            mirroring_of(place).order.site.take_down()


def _tell(name: str) -> None:
    print(f"     mirror: {name} ...", flush=True)
