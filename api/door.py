"""What every request passes first and every answer last: bounds on size, headers for safety, no fault untold."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import asyncpg

from api.audit import LONGEST_PURPOSE
from api.limits import Crowd, policy
from api.problems import MEDIA_TYPE, Problem
from api.service import METHOD, REQUEST_ID
from api.settings import ApiSettings

LONGEST_QUERY = 8_000
LARGEST_BODY = 64_000
"""Bytes. A longer query is 414, a larger body 413, before anything of it is read."""

LONGEST_TAGS = 1_000
LONGEST = {
    b"purpose": LONGEST_PURPOSE, b"if-none-match": LONGEST_TAGS, b"last-event-id": 2_000,
    b"range": LONGEST_TAGS, b"if-range": LONGEST_TAGS,
}  # fmt: skip
"""Characters of a header."""
SAFETY = (
    (b"x-content-type-options", b"nosniff"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
TEST_DATA = (b"hub-data", b"TEST DATA")
log = logging.getLogger("api")


class Door:
    """Wraps an ASGI application. Every answer has an id, which the audit keeps too, and masked data are marked."""

    def __init__(self, app: Callable[..., Awaitable[None]], settings: ApiSettings) -> None:
        self._app, self._crowd = app, Crowd(settings.requests_at_once)
        limit = (b"ratelimit-policy", policy(settings.requests_per_minute, settings.burst).encode())
        self._headers = (*SAFETY, limit, *([TEST_DATA] if settings.test_data else []))

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, request_id = False, os.urandom(8).hex()
        REQUEST_ID.set(request_id)
        METHOD.set(scope["method"])

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                told = (b"request-id", request_id.encode())
                message["headers"] = [*message.get("headers", ()), *self._headers, told]
            await send(message)

        try:
            _check_size(scope)
            with self._crowd:
                await self._app(scope, _bounded(receive), sending)
        except Exception as error:  # noqa: BLE001 - what its text holds must not get into the server's log
            problem = _problem_of(error)
            if begun:
                raise ConnectionAbortedError("an answer broke off") from None  # by which the server ends the connection
            await tell(problem, scope["path"], sending)


async def tell(problem: Problem, path: str, send: Any) -> None:
    """Sends a problem document."""
    body = problem.body(path)
    headers = {**problem.headers, "content-type": MEDIA_TYPE, "content-length": str(len(body))}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _check_size(scope: MutableMapping[str, Any]) -> None:
    if len(scope["query_string"]) + len(scope["path"]) > LONGEST_QUERY:
        raise Problem("uri-too-long", f"Path and query may be {LONGEST_QUERY} bytes long.")
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value[:20]) > LARGEST_BODY):
            raise Problem("too-large", f"A body may be {LARGEST_BODY} bytes long.")
        if name in LONGEST and len(value) > LONGEST[name]:
            told = name.decode().title()
            raise Problem("bad-value", f"{told} may be {LONGEST[name]} characters long.", parameter=told)


def _bounded(receive: Any) -> Any:
    """Receives at most so many bytes of body, whatever was said of its length."""
    received = 0

    async def receiving() -> MutableMapping[str, Any]:
        nonlocal received
        message: MutableMapping[str, Any] = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_BODY:
            raise Problem("too-large", f"A body may be {LARGEST_BODY} bytes long.")
        return message

    return receiving


def _problem_of(error: Exception) -> Problem:
    """What is told of a fault that no endpoint expected; its text could hold a value, so only its kind is logged."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, asyncpg.QueryCanceledError):
        return Problem("unavailable", "The query takes too long. Narrow it by filters.", headers={"retry-after": "5"})
    if isinstance(
        error, asyncpg.PostgresConnectionError | asyncpg.TooManyConnectionsError | ConnectionError | TimeoutError
    ):
        return Problem("unavailable", "The database does not answer. Ask again soon.", headers={"retry-after": "5"})
    log.error("an answer failed: %s", type(error).__name__)
    return Problem("defect", "The API could not answer; the fault is in its log.")
