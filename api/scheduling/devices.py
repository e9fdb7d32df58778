"""The feed of an operative's device: messages as server-sent events, whose id is where to resume; and that it has them.

PostgreSQL tells that there are messages as soon as they are on disk, so a device hears of an emergency at once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any

import orjson
from asyncpg import Pool
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.problems import Problem
from api.scheduling import answers
from api.scheduling.answers import documented, streamed
from api.scheduling.thread import TEND_SECONDS, DeskThread, TheDesk
from api.scheduling.told import answer
from api.scheduling.values import LARGEST, Number, RefPath
from api.scopes import SCHEDULING_DEVICE, require
from api.service import Service, TheCaller, TheService
from api.streams import ALIVE_SECONDS, Stream
from ledger.errors import HubError
from scheduling.devices import CHANNEL, Devices, Message, Rules, acknowledge, escalate

MOST_STREAMS = 2_000
LOOK_SECONDS = 5.0
"""So often a device's messages are looked for, should PostgreSQL have told nothing."""
IN_A_PAGE = 100
NEW = """
SELECT id, sequence, kind, told, sent_at, acknowledge_by, acknowledged_at, escalated_at FROM scheduling.message
WHERE operative_ref = $1 AND id > $2 ORDER BY id LIMIT $3
"""
LAST = "SELECT coalesce(max(id), 0) FROM scheduling.message WHERE operative_ref = $1"
log = logging.getLogger("api.scheduling")
router = APIRouter(prefix="/v1/scheduling", tags=["Devices"])


class Bell:
    """Rings when there are messages, for all streams of this process."""

    def __init__(self) -> None:
        self._rung, self._streams = asyncio.Event(), 0

    def ring(self, *_: Any) -> None:
        """Wakes who waits."""
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    def next(self) -> asyncio.Event:
        """What is set when it rings next."""
        return self._rung

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Counts a stream within. Raises Problem where there are too many."""
        if self._streams >= MOST_STREAMS:
            raise Problem("too-many-requests", "Too many streams are open.", headers={"retry-after": "30"})
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1


@asynccontextmanager
async def told(service: Service, desk: DeskThread, rules: Rules | None = None) -> AsyncIterator[Bell]:
    """Devices are told of what happens within, and of what nobody has acknowledged others are."""
    rules = rules or Rules()
    await desk.do(Devices, rules)
    async with listening(service.pool) as bell:
        tending = asyncio.create_task(_tend(desk, rules))
        try:
            yield bell
        finally:
            tending.cancel()


async def _tend(desk: DeskThread, rules: Rules) -> None:
    while True:
        await asyncio.sleep(TEND_SECONDS)
        try:
            await desk.do(escalate, rules)
        except (Problem, HubError) as fault:
            log.warning("what nobody acknowledged could not be passed on: %s", fault)


@asynccontextmanager
async def listening(pool: Pool) -> AsyncIterator[Bell]:
    """A bell that PostgreSQL rings."""
    bell = Bell()
    async with pool.acquire() as connection:
        await connection.add_listener(CHANNEL, bell.ring)
        try:
            yield bell
        finally:
            if not connection.is_closed():
                await connection.remove_listener(CHANNEL, bell.ring)


@router.get("/devices/{operative_ref}/stream", **streamed())
async def stream(
    operative_ref: RefPath, request: Request, service: TheService, caller: TheCaller,
    after: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
) -> Response:  # fmt: skip
    """An operative's messages as they come: from ``Last-Event-ID`` or ``after`` on, else from now on."""
    require(caller.scopes, SCHEDULING_DEVICE, "The feed of a device")
    given = request.headers.get("last-event-id")
    if given is not None and not (given.isdigit() and len(given) < 19):
        raise Problem("bad-value", "It is no id of an event of this stream.", parameter="Last-Event-ID")
    place = int(given) if given is not None else after
    if place is None:
        place = await service.pool.fetchval(LAST, operative_ref)
    bell: Bell = request.app.state.bell
    return Stream(
        _events(service, bell, operative_ref, place, caller.expires_at), bell.heard(), request.state.rate_limit
    )


@router.post("/messages/{number}/acknowledged", **documented(answers.MessageTold))
async def acknowledged(number: Number, request: Request, desk: TheDesk, caller: TheCaller) -> Response:
    """The operative has the message; told once or twice."""
    require(caller.scopes, SCHEDULING_DEVICE, "The feed of a device")
    return answer(request, message_told(await desk.do(acknowledge, number, caller.client_id)))


def message_told(message: Message) -> dict[str, Any]:
    """A message as JSON tells it."""
    return {
        "id": message.id, "operative_ref": message.operative_ref, "sequence": message.sequence, "kind": message.kind,
        **message.told, "sent_at": message.sent_at, "acknowledge_by": message.acknowledge_by,
        "acknowledged_at": message.acknowledged_at, "escalated_at": message.escalated_at,
    }  # fmt: skip


async def _events(
    service: Service, bell: Bell, operative_ref: str, place: int, expires_at: float
) -> AsyncIterator[bytes]:
    """Events until the caller's token expires; a line now and then where nothing happens."""
    yield b"retry: 1000\n\n"
    alive = time.monotonic()
    while time.time() < expires_at:
        rung = bell.next()
        rows = await service.pool.fetch(NEW, operative_ref, place, IN_A_PAGE)
        for row in rows:
            told = {
                "id": row["id"], "sequence": row["sequence"], **_parsed(row["told"]), "sent_at": row["sent_at"],
                "acknowledge_by": row["acknowledge_by"], "acknowledged_at": row["acknowledged_at"],
            }  # fmt: skip
            place = row["id"]
            yield b"id: %d\nevent: %b\ndata: %b\n\n" % (place, row["kind"].encode(), orjson.dumps(told))
            alive = time.monotonic()
        if len(rows) == IN_A_PAGE:
            continue
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await rung.wait()
        except TimeoutError:
            if time.monotonic() - alive >= ALIVE_SECONDS:
                alive = time.monotonic()
                yield b": nothing new\n\n"


def _parsed(told: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(told) if isinstance(told, str | bytes) else told
    return found
