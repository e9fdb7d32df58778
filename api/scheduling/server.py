"""The scheduling service as a server: ``python -m api.scheduling.server``, what it needs to know pickled on stdin.

One process, as there is one desk. It listens on a socket that whoever starts it has bound, and stops when its stdin
ends, so it never outlives them.
"""

from __future__ import annotations

import logging
import pickle
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Thread

import uvicorn

from api.audit import Chain
from api.door import Door
from api.scheduling.app import create_app
from api.scheduling.soap import Serving
from api.wire import MaskedWire, Wire
from api.workers import BACKLOG, IDLE_SECONDS, Start, seal_of, settings_of, settled, stop_with_stdin
from ledger.errors import HubError
from scheduling.desk import Desk
from scheduling.offers import Rules
from scheduling.problem import LONDON, Window
from scheduling.roads.travel import Roads, roads
from scheduling.store import Store


@dataclass(frozen=True)
class DeskStart:
    """How the API starts, and the desk: ``plans`` has the problems of plans, ``roads`` the extract (None: none).

    ``callers``: how the old scheduler's operations are served; None: they are not. ``today``: the day that it is where
    the desk works, such as a made-up council's; None: as everywhere.
    """

    start: Start
    plans: Path
    rules: Rules
    roads: Path | None
    kept_roads: Path
    day_parts: Path | None
    callers: Serving | None = None
    today: date | None = None


def application(start: DeskStart) -> Door:
    """The service of the one process. Raises HubError where there is no plan, or another desk."""
    settings, seal = settings_of(start.start), seal_of(start.start)
    desk = opened(start)
    app = create_app(
        settings, lambda pool: Chain(pool, seal), lambda: desk, start.rules, callers=start.callers,
    )  # fmt: skip
    return settled(app)


def opened(start: DeskStart) -> Desk:
    """The desk over the database, with the plan as it was left. Raises HubError."""
    store = Store(start.start.database_url, start.plans)
    ways: Roads = roads(start.roads, start.kept_roads, start.day_parts)
    return warmed(Desk(store, clock_of(start.today), ways.beside, start.rules.margin_s))


def warmed(desk: Desk) -> Desk:
    """The desk, with the engine's code for every kind of job loaded: the first caller waits no longer than others."""
    kinds = {(len(job.roles) > 1, bool(job.follows)): number for number, job in reversed(list(enumerate(desk.jobs)))}
    before = next((follow.job for job in desk.jobs for follow in job.follows), None)
    for number in {*kinds.values(), *([] if before is None else [before])}:
        desk.board.offers_instead(number, [Window(0, desk.end_s)])
    return desk


def clock_of(today: date | None) -> Callable[[], datetime]:
    """What tells the time in London; where it is another day, the same time of that day, and on from there."""
    behind = datetime.now(LONDON).date() - today if today else timedelta()
    return lambda: datetime.now(LONDON) - behind


def main() -> None:
    """Serves until stdin ends."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    start: DeskStart = pickle.load(sys.stdin.buffer)  # noqa: S301 - it comes from the process that started this one
    try:
        app = application(start)
    except HubError as fault:
        sys.exit(str(fault))
    Thread(target=stop_with_stdin, daemon=True).start()
    config = uvicorn.Config(
        app, log_config=None, access_log=False, http=MaskedWire if start.start.api.test_data else Wire, ws="none",
        server_header=False, backlog=BACKLOG, timeout_keep_alive=IDLE_SECONDS, timeout_graceful_shutdown=5,
    )  # fmt: skip
    uvicorn.Server(config).run([socket.socket(fileno=start.start.descriptor)])


if __name__ == "__main__":
    main()
