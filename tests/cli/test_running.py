"""The made-up council of a state folder is written by one process at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from cli import running
from estate import council
from estate.council import Size

SIZE = Size(100, 7)


def test_who_comes_while_the_council_is_written_waits_and_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place: Any = SimpleNamespace(folder=tmp_path, estate=tmp_path / "estate", legacy_tenancy_url="")
    began: list[Size] = []

    def write(folder: Path, size: Size, _: str, on_system: Callable[[str], None]) -> None:
        began.append(size)
        on_system("world")
        time.sleep(0.2)
        folder.mkdir()

    monkeypatch.setattr(council, "write", write)
    monkeypatch.setattr(council, "written", lambda folder: SIZE if folder.exists() else None)
    monkeypatch.setattr(running, "console", Console(quiet=True))
    with ThreadPoolExecutor(2) as together:
        list(together.map(lambda _: running.write_estate(place, SIZE), range(2)))
    assert began == [SIZE]
