"""Identity: FEBRL4, a whole council, people at scale and spoilt addresses, each beside its truth."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.identity import addresses, council, febrl, scale


def measure(full: bool) -> None:
    """The whole table in full; a council of 500 homes and 100,000 records at scale in the short form."""
    parts: dict[str, Callable[[Path], None]] = {
        "FEBRL4": febrl.measure,
        "a council": lambda folder: council.measure(folder, full),
        "addresses": lambda _: addresses.measure(full),
        "scale": lambda folder: scale.measure(folder, full),
    }
    for name, part in parts.items():
        print(f"     identity: {name} ...", flush=True)
        with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
            Path(folder).chmod(0o755)
            part(Path(folder))
