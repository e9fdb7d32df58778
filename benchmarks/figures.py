"""Figures: kept in ``results.jsonl``, shown in ``docs/evidence.md`` as they are, short or not."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).with_name("results.jsonl")
EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence.md"


@dataclass(frozen=True)
class Figure:
    """One measured figure. ``pass_mark`` in words; ``peer_figure`` in the same unit, from the same run."""

    name: str
    figure: float
    unit: str
    pass_mark: str
    ok: bool | None
    peer: str | None
    peer_figure: float | None
    protocol: str
    at: str


def keep(
    name: str, figure: float, unit: str, pass_mark: str, ok: bool | None, protocol: str,
    peer: str | None = None, peer_figure: float | None = None,
) -> None:  # fmt: skip
    """Prints a figure and appends it to the results, with the machine in its protocol."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    where = f"{protocol}; {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    kept = Figure(name, round(figure, 3), unit, pass_mark, ok, peer, peer_figure and round(peer_figure, 3), where, at)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(kept)) + "\n")
    beside = f" (peer {kept.peer}: {kept.peer_figure})" if peer else ""
    print(f"{'ok  ' if ok else '    ' if ok is None else 'MISS'} {name}: {kept.figure} {unit}{beside} [{pass_mark}]")


def write_evidence() -> None:
    """Writes docs/evidence.md from the last line of each figure."""
    lines = RESULTS.read_text("utf-8").splitlines() if RESULTS.exists() else []
    last = {figure["name"]: figure for figure in map(json.loads, lines)}
    table = [
        "# Evidence", "",
        "Written by `make bench` from `benchmarks/results.jsonl`: the last figure of each name, as it was measured.",
        "",
        "| figure | measured | pass mark | met | peer, in the same run | protocol | at |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {f['name']} | {f['figure']:g} {f['unit']} | {f['pass_mark']} | "
            f"{ {True: 'yes', False: '**no**', None: '-'}[f['ok']] } | "
            f"{f['peer'] + ': ' + format(f['peer_figure'], 'g') if f['peer'] else '-'} | {f['protocol']} | {f['at']} |"
            for f in last.values()
        ),
    ]  # fmt: skip
    EVIDENCE.write_text("\n".join(table) + "\n", "utf-8")
