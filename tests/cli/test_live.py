"""Live progress: what the stages tell in their file is what a person sees."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from cli.live import bars
from flows.progress import Progress, read


def test_each_system_and_stage_has_its_bar_with_rows_and_rate(tmp_path: Path) -> None:
    file = tmp_path / "progress.jsonl"
    for stage, rows in (("read", 1_000), ("read", 500), ("gate", 1_500), ("load", 700)):
        Progress(file, "rents", stage).add(rows)
    done = read(file)
    assert {stage: done["rents", stage].rows for stage in ("read", "gate", "load")} == {
        "read": 1_500, "gate": 1_500, "load": 700,
    }  # fmt: skip
    console = Console(width=140, record=True, file=(tmp_path / "screen").open("w"))
    console.print(bars(done, ["rents", "works"]))
    lines = console.export_text().splitlines()
    shown = next(line for line in lines if line.startswith("rents"))
    assert [word for word in shown.split() if word in ("1,500", "700")] == ["1,500", "1,500", "700"]
    assert shown.count("/s") == 3
    assert any(line.startswith("works") for line in lines)


def test_nothing_told_yet_is_no_progress(tmp_path: Path) -> None:
    assert read(tmp_path / "none.jsonl") == {}
