"""The audit: every answer that holds personal data stands in a line of one chain, committed before the answer leaves.

A line holds the reads that were committed together. Its hash is made of the hash before it, its number and its text,
so no line can be changed, left out or put in unseen. The chain is one for the database: all workers add to it under a
lock, and what comes while one's commit is under way waits for its next. The chain's end is sealed apart, in the state
folder and under its key, after every commit and before the answers leave; so the last lines cannot be cut off either.
A worker that no longer finds the sealed end in the database leaves the seal as it is, for the check to tell of it.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import hmac
import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import psycopg
from asyncpg import Connection, Pool
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.service import Read, Reading

KEEP = "CALL api.keep_reads_on_disk($1, $2, $3, NULL, NULL, NULL)"
LONGEST_PURPOSE = 200
"""Characters of a purpose that are kept."""
LONGEST_SEAL = 1_000
PAUSE_SECONDS = 0.05
"""So long the audit keeps its connection while nobody reads."""
SEALED_SECONDS = 3.0
"""In this time a line that was added is sealed."""
log = logging.getLogger("api.audit")

FIRST_FAULT = """
SELECT id, before, id = coalesce(before, 0) + 1 AS is_next FROM (
    SELECT id, previous, line, hash, lag(id) OVER chain AS before, lag(hash) OVER chain AS hash_before
    FROM api.audit WINDOW chain AS (ORDER BY id)
) told
WHERE id <> coalesce(before, 0) + 1 OR previous <> coalesce(hash_before, decode(repeat('00', 32), 'hex'))
    OR hash <> sha256(previous || int8send(id) || convert_to(line::text, 'UTF8'))
ORDER BY id LIMIT 1
"""


@dataclass(frozen=True)
class End:
    """The last line of the chain that was sealed: its number and its hash."""

    number: int
    hash: bytes


class Seal:
    """The sealed end of the chain: a file that all workers of a machine share.

    Who may read the hub's key could sign as well as seal, and a seal costs a fiftieth of a signature.
    """

    def __init__(self, file: Path, key: Ed25519PrivateKey) -> None:
        self._file, self._key = file, key.private_bytes_raw()

    def read(self) -> End | None:
        """The end that was sealed last; None where nothing was. Raises ValueError where the seal is not ours."""
        with self._open() as file:
            return self._read(file)

    def advance(self, end: End) -> None:
        """Seals the end, unless another worker has sealed a later one."""
        with self._open() as file:
            before = self._read(file)
            if before is None or before.number < end.number:
                self._write(file, end)

    def replace(self, end: End) -> None:
        """Seals an end that somebody takes for the true one, whatever was sealed before."""
        with self._open() as file:
            self._write(file, end)

    @contextmanager
    def _open(self) -> Iterator[int]:
        file = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)

    def _read(self, file: int) -> End | None:
        content = os.pread(file, LONGEST_SEAL, 0)
        if not content:
            return None
        number, digest, seal = content.decode("ascii").split()
        if not hmac.compare_digest(seal, self._seal(int(number), digest)):
            raise ValueError("the seal is not of this hub")
        return End(int(number), bytes.fromhex(digest))

    def _write(self, file: int, end: End) -> None:
        digest = end.hash.hex()
        os.pwrite(file, f"{end.number:020} {digest} {self._seal(end.number, digest)}\n".encode(), 0)

    def _seal(self, number: int, digest: str) -> str:
        return hashlib.blake2b(f"{number} {digest}".encode(), key=self._key, person=b"audit").hexdigest()


class Chain:
    """Adds reads to the chain. All that come while an addition is under way are the next one's line.

    An addition is committed without its flush, so that no worker waits for the disk under the lock; its flush follows
    in the same call, then its seal, and only then do those who read hear of it.
    """

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool, self._seal = pool, seal
        self._reads: list[tuple[float, Read]] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._adding: asyncio.Task[None] | None = None
        self._pause: asyncio.Future[None] | None = None
        self._whole = True

    async def write(self, *reads: Read) -> None:
        """Comes back when the reads are on disk and the chain's end sealed. Raises what hinders it."""
        kept, now = asyncio.get_running_loop().create_future(), time.time()
        self._reads += [(now, read) for read in reads]
        self._waiting.append(kept)  # a caller that leaves does not take the others' reads along
        if self._adding is None:
            self._adding = asyncio.create_task(self._add_all())
        elif self._pause is not None and not self._pause.done():
            self._pause.set_result(None)
        await kept

    async def _add_all(self) -> None:
        """Adds until nobody comes any more, or all who wait are told what hinders it."""
        waiting: list[asyncio.Future[None]] = []
        while self._reads:  # some may come while the connection is given back
            try:
                async with self._pool.acquire() as connection:
                    while await self._some_came():
                        reads, self._reads = self._reads, []
                        waiting, self._waiting = self._waiting, []
                        await self._add(connection, line_of(reads))
                        _end(waiting)
                        await asyncio.sleep(0)  # they answer first: who asks again then is in the next addition
            except Exception as fault:  # noqa: BLE001 - it is raised where the reads were to be kept
                _end(waiting + self._waiting, fault)
                self._reads, self._waiting = [], []
        self._adding = None

    async def _some_came(self) -> bool:
        """Whether there are reads to add, at once or soon: a connection is not given back between two of them."""
        if not self._reads:
            loop = asyncio.get_running_loop()
            self._pause = loop.create_future()
            end = loop.call_later(PAUSE_SECONDS, _end, [self._pause])
            await self._pause
            end.cancel()
        return bool(self._reads)

    async def _add(self, connection: Connection, line: str) -> None:
        known = self._known()
        kept = await connection.fetchrow(KEEP, [line], known.number, known.hash)
        if kept["follows"]:
            self._seal.advance(End(kept["number"], kept["seal"]))
        elif self._whole:
            log.error("the sealed end of the audit is not in the database; run hub api audit check")
        self._whole = kept["follows"]

    def _known(self) -> End:
        """The end that was sealed last, number 0 before the first; one that no line has where the seal is not ours."""
        try:
            return self._seal.read() or End(0, b"")
        except ValueError:
            return End(-1, b"")


def _end(waiting: list[asyncio.Future[None]], fault: Exception | None = None) -> None:
    """Ends the waiting of those who still wait."""
    for one in waiting:
        if not one.done():
            one.set_exception(fault) if fault else one.set_result(None)


def line_of(reads: Iterable[tuple[float, Read]]) -> str:
    """Reads as the audit keeps them, JSON without a value of anybody: what they share is told once.

    Of a read itself: how many milliseconds after the first of its kind, how many records, and the id of its request.
    """
    alike: dict[Reading, list[tuple[float, Read]]] = {}
    for one in reads:
        alike.setdefault(one[1].about, []).append(one)
    return orjson.dumps([_told(about, them) for about, them in alike.items()]).decode()


def _told(about: Reading, reads: Sequence[tuple[float, Read]]) -> dict[str, Any]:
    first = reads[0][0]
    return {
        "at": datetime.fromtimestamp(first, UTC), "client": about.client_id,
        "purpose": about.purpose and about.purpose[:LONGEST_PURPOSE], "method": about.method,
        "resource": about.resource, "fields": about.fields,
        "reads": [(int(1_000 * (at - first)), read.records, read.request_id) for at, read in reads],
    }  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What a check of the chain came to: how many lines it has, and its first fault in words."""

    lines: int
    fault: str | None


def check(connection: psycopg.Connection[tuple[object, ...]], seal: Seal) -> Finding:
    """Computes the whole chain anew and holds its end against the seal."""
    try:
        sealed = seal.read()  # before the chain, which may grow meanwhile
    except ValueError:
        return Finding(_count(connection), "the seal of its end was changed, or is of another state folder")
    count = _count(connection)
    fault = _first_fault(connection) or _fault_of_the_end(connection, sealed, count)
    return Finding(count, fault or _fault_beyond_the_end(seal, count))


def _first_fault(connection: psycopg.Connection[tuple[object, ...]]) -> str | None:
    """The first line that is missing or changed, in words."""
    if (found := connection.execute(FIRST_FAULT).fetchone()) is None:
        return None
    number, before, is_next = found
    if not is_next:
        return f"line {int(str(before or 0)) + 1} is missing"
    return f"line {number} was changed, or does not follow the line before it"


def _fault_of_the_end(connection: psycopg.Connection[tuple[object, ...]], sealed: End | None, count: int) -> str | None:
    if sealed is None:
        return "its end was never sealed here, or the seal was removed" if count else None
    kept = connection.execute("SELECT hash FROM api.audit WHERE id = %s", (sealed.number,)).fetchone()
    if kept is None:
        return f"line {count + 1} is missing: the chain was cut off, and line {sealed.number} was sealed"
    if kept[0] != sealed.hash:
        return f"line {sealed.number} is not the one that was sealed: it or lines before it were rewritten"
    return None


def _fault_beyond_the_end(seal: Seal, count: int) -> str | None:
    """What is told of lines that stand behind the sealed end for longer than a worker takes to seal what it added."""
    give_up = time.monotonic() + SEALED_SECONDS
    while count and (end := seal.read() or End(0, b"")).number < count:
        if time.monotonic() > give_up:
            return f"line {end.number + 1} was never sealed: no worker added it, or one was stopped before it could"
        time.sleep(PAUSE_SECONDS)
    return None


def accept(connection: psycopg.Connection[tuple[object, ...]], seal: Seal) -> int:
    """Seals the chain's end as it stands, as after the database was restored; gives its number."""
    last = connection.execute("SELECT id, hash FROM api.audit ORDER BY id DESC LIMIT 1").fetchone()
    if last is None:
        return 0
    number, digest = int(str(last[0])), last[1]
    assert isinstance(digest, bytes)
    seal.replace(End(number, digest))
    return number


def _count(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    found = connection.execute("SELECT count(*) FROM api.audit").fetchone()
    return int(str(found[0])) if found else 0
