"""The desk on a thread of its own: what is asked of it is done one after the other, while answers go out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

import psycopg
from fastapi import Depends, Request

from api.problems import Problem
from api.scheduling.told import offer_told
from ledger.errors import HubError, SourceUnavailable
from scheduling.booking import expire
from scheduling.desk import Desk, Refused

TEND_SECONDS = 2.0
"""So often holds that are over go back, and a plan that was published is taken up."""
KINDS = {
    "unknown-order": "not-found", "unknown-booking": "not-found", "unknown-message": "not-found",
    "unknown-proposal": "not-found", "proposal-decided": "conflict", "already-booked": "conflict",
    "already-held": "conflict", "slot-taken": "conflict", "key-used": "conflict", "offer-of-another": "conflict",
    "unknown-decision": "not-found", "plan-changed": "conflict", "consent-needed": "conflict",
    "order-closed": "gone", "hold-expired": "gone", "booking-expired": "gone", "booking-cancelled": "gone",
}  # fmt: skip
"""Code of a refusal -> kind of the problem; any other is understood, but cannot be done."""
Given = ParamSpec("Given")
Answer = TypeVar("Answer")
log = logging.getLogger("api.scheduling")


class DeskThread:
    """Does what is asked with the desk, on its one thread. ``lost`` is called when the desk cannot write any more."""

    def __init__(self, opening: Callable[[], Desk], lost: Callable[[], None]) -> None:
        self._opening, self._lost = opening, lost
        self._thread = ThreadPoolExecutor(1, "desk")

    async def do(
        self, function: Callable[Concatenate[Desk, Given], Answer], *args: Given.args, **more: Given.kwargs
    ) -> Answer:
        """What ``function(desk, ...)`` gives. Raises Problem where it is refused."""
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, lambda: function(self._desk, *args, **more)
            )
        except Refused as refusal:
            raise problem_of(refusal) from None
        except (SourceUnavailable, psycopg.OperationalError) as fault:
            log.warning("%s", fault if isinstance(fault, HubError) else type(fault).__name__)
            self._lost()
            raise Problem(
                "unavailable", "The desk has lost its database and starts again. Ask again soon.",
                headers={"retry-after": "5"},
            ) from None  # fmt: skip

    async def open(self) -> None:
        """Opens the desk, with the plan as it was left."""
        self._desk = await asyncio.get_running_loop().run_in_executor(self._thread, self._opening)

    async def close(self) -> None:
        """Ends the thread when all that was asked is done, and gives the desk's lock back."""
        await asyncio.to_thread(self._thread.shutdown)
        self._desk.store.close()


@asynccontextmanager
async def attended(opening: Callable[[], Desk], lost: Callable[[], None]) -> AsyncIterator[DeskThread]:
    """A desk that is looked after: holds end, and plans are taken up, without anybody asking."""
    desk = DeskThread(opening, lost)
    await desk.open()
    tending = asyncio.create_task(_tend(desk))
    try:
        yield desk
    finally:
        tending.cancel()
        await desk.close()


async def _tend(desk: DeskThread) -> None:
    while True:
        await asyncio.sleep(TEND_SECONDS)
        try:
            await desk.do(expire)
            await desk.do(Desk.adopt)
        except (Problem, HubError) as fault:
            log.warning("the desk could not be tended: %s", fault)


def problem_of(refusal: Refused) -> Problem:
    """What a client is told of a refusal: ``code`` for programs, and fresh offers where a slot was taken."""
    more: dict[str, Any] = {
        name: [offer_told(one) for one in value] if name == "offers" else value for name, value in refusal.more.items()
    }
    detail = f"{refusal.fault} {refusal.next_step}"
    return Problem(KINDS.get(refusal.code, "unprocessable"), detail, headers=None, code=refusal.code, **more)


def desk_of(request: Request) -> DeskThread:
    """The desk, for an endpoint."""
    desk: DeskThread = request.app.state.desk
    return desk


TheDesk = Annotated[DeskThread, Depends(desk_of)]
