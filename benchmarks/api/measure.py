"""The API: how fast it is beside its peers, how it bears devices, exports and the past, and whether it keeps its word.

All servers have two processes and the same PostgreSQL on the same two cores, with the load tool beside them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.api import contract, exports, feed, history, throughput
from benchmarks.api.hub_server import Choice
from benchmarks.api.state import council_of


def measure(full: bool) -> None:
    """Measures all parts, each in full or in short."""
    feed.measure(feed.Size() if full else feed.Size(changes=50_000, kills=4))
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as at:
        folder = Path(at)
        folder.chmod(0o755)
        with council_of(folder) as place:
            choice = Choice(place.database_url, str(folder / "api"))
            contract.measure(choice, full)
            throughput.measure(place, choice, folder, full)
            throughput.measure_devices(place, choice, full)
            history.measure(place, choice, full)
            exports.measure(place, choice, full)
