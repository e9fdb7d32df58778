"""``python -m benchmarks [NAME]``: all benchmarks in short form, or one in full."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from benchmarks.figures import write_evidence

NAMES = sorted(path.parent.name for path in Path(__file__).parent.glob("*/measure.py"))


def main() -> None:
    """Runs the benchmarks and writes docs/evidence.md."""
    chosen = sys.argv[1:] or NAMES
    if unknown := set(chosen) - set(NAMES):
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}. Next step: use one of {', '.join(NAMES)}.")
    for name in chosen:
        import_module(f"benchmarks.{name}.measure").measure(full=bool(sys.argv[1:]))
    write_evidence()


if __name__ == "__main__":
    main()
