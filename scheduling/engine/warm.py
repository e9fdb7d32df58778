"""The engine compiled before anybody waits for it."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from scheduling.engine.board import Board
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.problem import LONDON, Job, Operative, Place, Problem, Role, Shift, Travel, Window

HOUR = 3_600


def warm() -> None:
    """Compile all that a plan and a live board of one need; at once where that was done before on this machine."""
    ways = np.array([[0, 1_000], [1_000, 0]], dtype=np.int32)
    trade = Role("ANY")
    problem = Problem(
        starts_at=datetime(2026, 9, 14, tzinfo=LONDON),
        days=1,
        places=(Place("HOME", 52.6, -1.1), Place("WORK", 52.61, -1.1)),
        operatives=tuple(Operative(f"OP{number}", {"ANY": 100}) for number in range(2)),
        shifts=tuple(Shift(number, 0, 8 * HOUR, 16 * HOUR, 0, 0) for number in range(2)),
        jobs=(Job("ONE", 1, (trade,), HOUR, due_s=20 * HOUR), Job("CREW", 1, (trade, trade), HOUR, due_s=20 * HOUR)),
        travel=Travel(ways, ways),
    )
    plan = solve(problem, Stop(iterations=1), 1)
    board = Board(problem, solve(problem, Stop(iterations=1), 1, warm=plan))
    day = Window(8 * HOUR, 16 * HOUR)
    for job in range(len(problem.jobs)):
        board.remove(job)
        board.place(board.offers(job, (day,))[0])
