"""What is compiled beforehand need not be compiled when somebody waits."""

from __future__ import annotations

from typing import Any

from scheduling.engine.board import put_job, scan, scan_crew
from scheduling.engine.search import run
from scheduling.engine.warm import warm


def test_a_warm_engine_has_compiled_its_search_and_its_board() -> None:
    warm()
    functions: tuple[Any, ...] = (run, scan, scan_crew, put_job)
    assert all(function.signatures for function in functions)
