"""What is compiled beforehand need not be compiled when somebody waits."""

from __future__ import annotations

from typing import Any

from scheduling.engine.board import put_job, scan, scan_crew
from scheduling.engine.reach import freeze, scan_reach, send_to
from scheduling.engine.search import run
from scheduling.engine.seats import scan_seats
from scheduling.engine.urgent import respond
from scheduling.engine.warm import warm


def test_a_warm_engine_has_compiled_its_search_its_board_and_what_a_desk_asks_of_it() -> None:
    warm()
    functions: tuple[Any, ...] = (
        run, scan, scan_crew, put_job, freeze, scan_reach, send_to, scan_seats, respond,
    )  # fmt: skip
    assert all(function.signatures for function in functions)
