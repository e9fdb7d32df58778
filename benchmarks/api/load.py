"""Load on a server of this machine: wrk for as much as it takes, and devices that ask once a second each."""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

WRK = Path(__file__).with_name("wrk.lua")
CONNECTIONS = 64
ANSWER_SECONDS = 10.0
_CONTENT_LENGTH = b"content-length:"


@dataclass(frozen=True)
class Asked:
    """One request as wrk sends it."""

    path: str
    method: str = "GET"
    body: str = ""


@dataclass(frozen=True)
class Load:
    """What a load came to. ``faults``: answers of 400 and above, refused connections, time-outs."""

    requests: int
    seconds: float
    bytes: int
    faults: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def load(
    port: int, asked: Sequence[Asked], headers: Mapping[str, str], seconds: int, connections: int = CONNECTIONS
) -> Load:
    """As many of the requests as the server answers over that many connections of one thread."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as file:
        file.writelines(f"{one.method}\t{one.path}\t{one.body}\n" for one in asked)
        file.flush()
        said = [option for name, value in headers.items() for option in ("-H", f"{name}: {value}")]
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", f"{ANSWER_SECONDS:g}s", "-s",
                   str(WRK), *said, f"http://127.0.0.1:{port}", "--", file.name]  # fmt: skip
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Load(**json.loads(done.stdout.strip().splitlines()[-1]))


def devices(port: int, asked: Sequence[Asked], headers: Mapping[str, str], count: int, seconds: int) -> Load:
    """``count`` devices, each with a connection of its own and a request a second, begun over the first second.

    A device does not wait with its next request for a slow answer to the one before it: latency counts from when the
    request was due.
    """
    return asyncio.run(_devices(port, asked, headers, count, seconds))


async def _devices(port: int, asked: Sequence[Asked], headers: Mapping[str, str], count: int, seconds: int) -> Load:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    texts = [f"GET {one.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode() for one in asked]
    began = perf_counter()
    done = await asyncio.gather(*(_device(port, texts, at, count, seconds, began) for at in range(count)))
    latencies = np.array([latency for one in done for latency in one.latencies]) * 1_000
    p50, p95, p99 = np.quantile(latencies, [0.5, 0.95, 0.99])
    return Load(
        len(latencies), perf_counter() - began, sum(one.bytes for one in done), sum(one.faults for one in done),
        float(p50), float(p95), float(p99), float(latencies.max()),
    )  # fmt: skip


class _Told:
    """What one device was told."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.faults = self.bytes = 0


async def _device(port: int, texts: Sequence[bytes], at: int, count: int, seconds: int, began: float) -> _Told:
    told = _Told()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for second in range(seconds):
        due = began + second + at / count
        await asyncio.sleep(max(0.0, due - perf_counter()))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                writer.write(texts[(at + second * count) % len(texts)])
                status, size = await _answer(reader)
            told.bytes += size
            told.faults += status >= 400
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            told.faults += 1
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        told.latencies.append(perf_counter() - due)
    writer.close()
    return told


async def _answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Status and bytes of an answer that tells its length."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lines = [line for line in head.lower().split(b"\r\n") if line.startswith(_CONTENT_LENGTH)]
    size = int(lines[0].removeprefix(_CONTENT_LENGTH)) if lines else 0
    if size:
        await reader.readexactly(size)
    return status, len(head) + size
