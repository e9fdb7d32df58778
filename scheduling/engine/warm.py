"""The engine compiled before anybody waits for it."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from scheduling.engine.board import Board
from scheduling.engine.solve import solve
from scheduling.engine.stop import Stop
from scheduling.engine.today import TodayBoard
from scheduling.plan import Plan
from scheduling.problem import LONDON, Job, Operative, Place, Priority, Problem, Role, Shift, Travel, Window

HOUR = 3_600
DAY = Window(8 * HOUR, 16 * HOUR)


def warm() -> None:
    """Compile all that a plan, a live board of one and a day at the desk need; at once where that was done before."""
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
    for job in range(len(problem.jobs)):
        board.remove(job)
        board.place(board.offers(job, (DAY,))[0])
    warm_desk(problem, plan)


def warm_desk(problem: Problem, plan: Plan) -> None:
    """Compile what the live plan needs: slots, reports and emergencies, of one person and of two."""
    board = TodayBoard(problem, plan)
    board.goes_on(7 * HOUR)
    for job in range(len(problem.jobs)):
        board.offers_instead(job, (DAY,))
        board.move(job, DAY)
        board.restrict(job, DAY)
    board.here(0)
    board.seats(0)
    board.stands(0, board.starts(0))
    board.remove(0)
    board.send(board.nearest(0, 8 * HOUR, 16 * HOUR)[0])
    board.put_routes(board.routes(None, range(len(problem.jobs))), {0: None})
    for roles in (1, 2):
        urgent = Job(f"URGENT {roles}", 1, problem.jobs[0].roles * roles, HOUR, Priority.EMERGENCY, due_s=9 * HOUR)
        with board.trying(urgent, problem.places[1]) as number:
            board.respond(number, 8 * HOUR, 9 * HOUR, 16 * HOUR, promised=())
            board.remove(number)
    board.plan()
