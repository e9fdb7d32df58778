"""The masked replay: every system's extract under the masks, migrated again, beside the run that it comes from."""

from __future__ import annotations

import shutil

from benchmarks.figures import keep
from benchmarks.mirror.integrity import keep_same_masks
from benchmarks.mirror.state import machine
from cli.mirror_extracts import masker_of, originals_in, replayed, target_of, written
from cli.workplace import Workplace
from mirror.extracts.compare import SAME_PAIRS, SAME_ROWS, Agreement
from mirror.extracts.writing.systems import ORDER


def measure(place: Workplace) -> None:
    """All systems, written, migrated and compared."""
    names = [name for name in ORDER if name in place.settings.systems and place.settings.systems[name].enabled]
    shutil.rmtree(place.folder / "mirror" / "extracts", ignore_errors=True)
    with masker_of(place) as masks, target_of(place, names) as target:
        written(place, target, names, masks)
        found, _ = replayed(place, target, names, masks)
        _keep(found, ", ".join(names))
        left = sum(leak.times for leak in originals_in(place, target, names, masks))
        keep("mirror: leaks, masked extracts", left, "originals", "0", left == 0,
             f"what every system served, as it was read again, and the files; {machine()}")  # fmt: skip
        keep_same_masks(place, target)


def _keep(found: Agreement, names: str) -> None:
    rows = sum(table.rows for table in found.rows)
    protocol = f"{rows:,} rows of {names}, served as each system serves them and migrated whole; {machine()}"
    keep("mirror: replay, rows of the same fate and issues", 100 * found.share, "%", f">= {100 * SAME_ROWS:g}",
         found.share >= SAME_ROWS, protocol)  # fmt: skip
    for pairs in found.pairs:
        counts = f"{pairs.records:,} records, {pairs.before:,} pairs before and {pairs.after:,} after"
        keep(f"mirror: replay, {pairs.kind} pair F1", pairs.f1, "F1", f">= {SAME_PAIRS:g}", pairs.f1 >= SAME_PAIRS,
             f"{counts}; {protocol}")  # fmt: skip
    differ = len(found.money) + found.balances
    keep("mirror: replay, sums and balances that differ", differ, "", "0, to the penny", differ == 0,
         f"{found.accounts:,} accounts; {protocol}")  # fmt: skip
