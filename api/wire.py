"""HTTP as it comes over the wire: bounds before a request is whole, and problem documents where it cannot be read.

The server's own protocol keeps an address and headers of any length, waits for ever for a request that never ends and
for a reader that takes nothing, and refuses in plain text. What is refused here never gets to the application.
"""

from __future__ import annotations

import asyncio
import os

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.door import LONGEST_QUERY, SAFETY, TEST_DATA
from api.problems import MEDIA_TYPE, Problem

LONGEST_HEAD, MOST_HEADERS = 32_000, 100
"""Bytes and number of a request's headers."""
ARRIVE_SECONDS = 20.0
"""In this time a request has come in whole, from the first byte of the connection on."""
STALLED_SECONDS = 30.0
"""A reader that leaves room for nothing more for so long is let go: what is written waits in memory."""
LINGER_SECONDS = 5.0
"""So long what a refused client still sends is thrown away, so that it can read why."""
HEAD = Problem("head-too-large", f"Headers may be {LONGEST_HEAD} bytes and {MOST_HEADERS} fields.")


class Wire(HttpToolsProtocol):
    """The server's protocol with bounds of size and time."""

    _headers: tuple[tuple[bytes, bytes], ...] = SAFETY
    """Of every refusal."""
    _in_head, _head = True, 0
    _refusal: Problem | None = None
    _refused = False
    _arriving: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._arriving, self._stalled):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self.cycle is None or self.cycle.response_complete:
            self._await_request()
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head > LONGEST_QUERY + LONGEST_HEAD:  # the parser keeps what has no end yet
            self._answer(HEAD)

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > LONGEST_QUERY:
            self._refuse(Problem("uri-too-long", f"Path and query may be {LONGEST_QUERY} bytes long."))

    def on_headers_complete(self) -> None:
        if (
            len(self.headers) > MOST_HEADERS
            or sum(len(name) + len(value) for name, value in self.headers) > LONGEST_HEAD
        ):
            self._refuse(HEAD)
        self._in_head, self._head = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def send_400_response(self, msg: str) -> None:
        """Tells why the request is refused and stops reading; ``msg``, the server's own words, says nothing of use."""
        self._answer(self._refusal or Problem("malformed", "The request is not HTTP/1.1 as RFC 9112 has it."))

    def _refuse(self, problem: Problem) -> None:
        """Stops the parser, which tells of it by ``send_400_response``."""
        self._refusal = problem
        raise problem

    def _await_request(self) -> None:
        if self._arriving is None:
            self._arriving = self.loop.call_later(ARRIVE_SECONDS, self._is_late)

    def _is_late(self) -> None:
        if self._in_head:
            self._answer(Problem("too-slow", f"A request has to come in within {ARRIVE_SECONDS:g} s."))
        else:
            self.transport.abort()  # of its body: the application waits for it, or has answered already

    def _answer(self, problem: Problem) -> None:
        if self._refused or self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.abort()  # an answer to the request before is on its way
            return
        self._refused = True
        body = problem.body()
        headers = [
            *((name.encode(), value.encode()) for name, value in problem.headers.items()), *self._headers,
            (b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(body)), (b"connection", b"close"),
            (b"request-id", os.urandom(8).hex().encode()),
        ]  # fmt: skip
        lines = b"".join(b"%b: %b\r\n" % pair for pair in headers)
        self.transport.write(STATUS_LINE[problem.status] + lines + b"\r\n" + body)
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.loop.call_later(LINGER_SECONDS, self.transport.close)
        else:
            self.transport.close()


class MaskedWire(Wire):
    """The protocol of a server of masked data: what it refuses is marked, as the answers are."""

    _headers = (*SAFETY, TEST_DATA)
