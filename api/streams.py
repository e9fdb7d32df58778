"""The change feed as server-sent events: one event a change, whose id is the cursor to resume from.

A worker asks the database five times a second how far the log can be read, once for all its streams. Streams of the
same resources at the same place, as all are that have caught up, share one page and the JSON of its changes. A stream
holds one page: a reader that takes no bytes for a while is let go, and resumes by its ``Last-Event-ID``.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.asking import parameters
from api.feed import Feed, TheFeed, Wanted, told, wanted_of
from api.problems import Problem
from api.resources import Asked
from api.routes import asked_of
from api.service import Service, TheCaller, TheService
from canonical_model.changes import Horizon, Place

POLL_SECONDS = 0.2
ALIVE_SECONDS = 15.0
STALLED_SECONDS = 30.0
"""A reader that takes nothing for so long is let go."""
MOST_STREAMS, MOST_OF_A_CLIENT = 500, 100
"""Streams of one worker."""
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
router = APIRouter(prefix="/v1")


class Tail:
    """How far the log can be read, kept up to date while somebody follows."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._clients: Counter[str] = Counter()
        self._news = asyncio.Condition()
        self._horizon: Horizon | None = None
        self._poll: asyncio.Task[None] | None = None

    @contextmanager
    def follow(self, client: str) -> Iterator[None]:
        """Keeps the horizon up to date within. Raises Problem where too many follow."""
        if self._clients.total() >= MOST_STREAMS or self._clients[client] >= MOST_OF_A_CLIENT:
            raise Problem("too-many-requests", "Too many streams are open.", headers={"retry-after": "30"})
        self._clients[client] += 1
        if self._poll is None or self._poll.done():
            self._poll = asyncio.create_task(self._keep_polling())
        try:
            yield
        finally:
            self._clients[client] -= 1
            if not self._clients.total():
                self._poll.cancel()

    async def beyond(self, seen: Horizon, seconds: float) -> Horizon | None:
        """The horizon once it lies beyond ``seen``; None where it does not within the time."""
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: self._ended() or self._lies_beyond(seen))
        except TimeoutError:
            return None
        if self._ended():
            raise ConnectionError("the database does not tell how far the log can be read")
        return self._horizon

    def _lies_beyond(self, seen: Horizon) -> bool:
        return self._horizon is not None and self._horizon.beyond(seen) != seen

    def _ended(self) -> bool:
        return self._poll is None or self._poll.done()

    async def _keep_polling(self) -> None:
        while True:
            horizon, _ = await self._feed.horizon()
            if horizon != self._horizon:
                await self._tell(horizon)
            await asyncio.sleep(POLL_SECONDS)

    async def _tell(self, horizon: Horizon) -> None:
        async with self._news:
            self._horizon = horizon
            self._news.notify_all()


class Stream(Response):
    """Sends parts as they come, until the reader leaves, takes nothing any more, or there are no more parts."""

    def __init__(self, parts: AsyncIterator[bytes], following: AbstractContextManager[None], rate_limit: str) -> None:
        super().__init__(media_type="text/event-stream", headers={**HEADERS, "ratelimit": rate_limit})
        del self.headers["content-length"]
        self._parts, self._following = parts, following

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        with self._following:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            tasks = [asyncio.create_task(self._send_all(send)), asyncio.create_task(_leaves(receive))]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                sent, _ = await asyncio.gather(*tasks, return_exceptions=True)
            if isinstance(sent, Exception):
                raise sent

    async def _send_all(self, send: Any) -> None:
        async for part in self._parts:
            try:
                async with asyncio.timeout(STALLED_SECONDS):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            except TimeoutError:
                return  # what it did not take it asks for when it comes back
        await send({"type": "http.response.body", "body": b""})


async def _leaves(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def tail_of(request: Request, feed: TheFeed) -> Tail:
    """The worker's tail, made when it is first asked for."""
    state = request.app.state
    if not hasattr(state, "tail"):
        state.tail = Tail(feed)
    tail: Tail = state.tail
    return tail


@router.get("/changes/stream")
async def a_stream(
    request: Request, service: TheService, caller: TheCaller, feed: TheFeed, tail: Annotated[Tail, Depends(tail_of)]
) -> Response:
    """Changes as they come, from the cursor of ``Last-Event-ID`` or ``after`` on."""
    given = parameters(request.scope["query_string"])
    wanted, asked = wanted_of(caller, given), asked_of(request, caller)
    place = await feed.place(caller.client_id, request.headers.get("last-event-id") or given.get("after"))
    await feed.read(place, (await feed.horizon())[0], wanted.tables, wanted.limit)  # a cursor too old is told at once
    events = _events(service, asked, feed, tail, wanted, place)
    return Stream(events, tail.follow(caller.client_id), request.state.rate_limit)


async def _events(
    service: Service, asked: Asked, feed: Feed, tail: Tail, wanted: Wanted, place: Place
) -> AsyncIterator[bytes]:
    """Pages of events until the caller's token expires; a line now and then where nothing happens."""
    client = asked.caller.client_id
    yield b"retry: 1000\n\n"
    while (left := asked.caller.expires_at - time.time()) > 0:
        if place.window == place.seen:
            horizon = await tail.beyond(place.seen, min(ALIVE_SECONDS, left))
            if horizon is None:
                yield f"id: {feed.cursor(client, place)}\n: nothing new\n\n".encode()
                continue
            place = place.upto(horizon)
        page, after = await feed.step(place, wanted.tables, wanted.limit)
        if page.changes:
            said = page.lines
            if wanted.records:
                said = list(map(orjson.dumps, await told(service, asked, wanted, page.changes)))
            within = feed.cursor(client, place).encode()
            cursors = [b"%b.%d" % (within, change.number) for change in page.changes]
            cursors[-1] = feed.cursor(client, after).encode()
            yield b"".join(b"id: %b\nevent: change\ndata: %b\n\n" % event for event in zip(cursors, said, strict=True))
        place = after
