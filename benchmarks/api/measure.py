"""The API: how fast it is beside its peers, how it bears devices, exports and the past, and whether it keeps its word.

All servers have the same PostgreSQL on the same two cores, with the load tool beside them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.api import contract, exports, feed, history, subject_access, throughput, tools
from benchmarks.api.hub_server import Choice
from benchmarks.api.state import council_of

NEEDED = {"contract": {"npm"}, "throughput": {"wrk", "npm"}}
"""Part -> programs without which it is skipped: of Spectral and PostGraphile, and of the load."""


def measure(full: bool) -> None:
    """All parts one after the other, each in full or in short: an hour, or a quarter of one."""
    _tell("feed")
    feed.measure(feed.Size() if full else feed.Size(changes=100_000, kills=4))
    _tell("a council to serve")
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as at:
        folder = Path(at)
        folder.chmod(0o755)
        with council_of(folder) as place:
            choice = Choice(place.database_url, str(folder / "api"))
            parts: dict[str, Callable[[], None]] = {
                "contract": lambda: contract.measure(choice, full),
                "throughput": lambda: throughput.measure(place, choice, folder, full),
                "devices": lambda: throughput.measure_devices(place, choice, full),
                "subject access": lambda: subject_access.measure(place, choice, full),
                "as-of": lambda: history.measure(place, choice, full),
                "exports": lambda: exports.measure(place, choice, full),
            }
            absent = tools.missing()
            for name, part in parts.items():
                if lacking := sorted(NEEDED.get(name, set()) & absent):
                    _tell(f"{name}: skipped for want of {', '.join(lacking)}")
                    continue
                _tell(name)
                part()


def _tell(name: str) -> None:
    print(f"     api: {name} ...", flush=True)
