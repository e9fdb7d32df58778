"""What comes over the wire is bounded in size and time before the application has it, and refused as a problem."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from api import wire
from api.wire import MaskedWire, Wire

PLAIN = b"GET /%s HTTP/1.1\r\nHost: hub\r\n\r\n"
LARGE = 20_000_000


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Reads what there is and answers; ``/large`` with more than any socket holds."""
    while (await receive()).get("more_body"):
        pass
    body = b"x" * (LARGE if scope["path"] == "/large" else 2)
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server that speaks by ``Wire``."""
    with _serving(Wire) as port:
        yield port


@contextmanager
def _serving(protocol: type[Wire]) -> Iterator[int]:
    """The port of a server that speaks by that protocol, as long as the context lasts."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=2_048)
    config = uvicorn.Config(application, http=protocol, ws="none", lifespan="off", log_config=None, server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def answer_to(port: int, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to what is sent, which is sent whole before anything is read."""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        connection.sendall(sent)
        return _answer(connection)


def _answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    with connection.makefile("rb") as reading:
        status = int(reading.readline().split()[1])
        lines = iter(reading.readline, b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.decode().partition(":") for line in lines)}
        return status, headers, reading.read(int(headers["content-length"]))


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        (PLAIN % (b"v1/people?q=" + b"x" * 10_000_000), 414, "uri-too-long"),
        (b"GET / HTTP/1.1\r\nHost: hub\r\nPurpose: " + b"x" * 10_000_000 + b"\r\n\r\n", 431, "head-too-large"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431, "head-too-large"),
        (b"GET / HTTP/1.1\r\n" + b"A: " + b"b" * 39_000 + b"\r\n\r\n", 431, "head-too-large"),
        (b"this is no HTTP\r\n\r\n", 400, "malformed"),
        (b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "malformed"),
    ],
)
def test_what_cannot_be_read_is_refused_as_a_problem_that_says_nothing_of_it(
    port: int, sent: bytes, status: int, kind: str
) -> None:
    told, headers, body = answer_to(port, sent)
    assert (told, headers["content-type"], headers["connection"]) == (status, "application/problem+json", "close")
    assert headers.keys() >= {"request-id", "cache-control", "x-content-type-options"}
    assert json.loads(body)["type"] == f"/docs#problem-{kind}"
    assert b"xxx" not in body
    assert "hub-data" not in headers
    assert answer_to(port, PLAIN % b"")[0] == 200


def test_a_refusal_over_masked_data_says_so() -> None:
    with _serving(MaskedWire) as port:
        assert answer_to(port, b"this is no HTTP\r\n\r\n")[1]["hub-data"] == "TEST DATA"


def test_requests_on_one_connection_are_counted_each_for_itself(port: int) -> None:
    padded = b"GET / HTTP/1.1\r\nHost: hub\r\nPadding: " + b"x" * 20_000 + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        for _ in range(5):
            connection.sendall(padded)
            assert _answer(connection)[0] == 200


def test_a_request_that_never_ends_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "ARRIVE_SECONDS", 0.3)
    for begun in (b"", b"GET / HTTP/1.1\r\nHost:"):
        assert answer_to(port, begun)[0] == 408
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nso far")
        assert connection.recv(1) == b""


def test_a_reader_that_takes_nothing_is_let_go(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "STALLED_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        connection.sendall(PLAIN % b"large")
        time.sleep(1.5)
        assert sum(map(len, iter(lambda: connection.recv(1_000_000), b""))) < LARGE


def test_a_reader_that_takes_its_time_gets_all(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "STALLED_SECONDS", 1.0)
    got = 0
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        connection.sendall(PLAIN % b"large")
        while got < LARGE:
            got += len(connection.recv(2_000_000))
            time.sleep(0.02)


def test_a_thousand_connections_are_answered(port: int) -> None:
    connections = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(1_000)]
    try:
        for connection in connections:
            connection.sendall(PLAIN % b"")
        assert {_answer(connection)[0] for connection in connections} == {200}
    finally:
        for connection in connections:
            connection.close()
