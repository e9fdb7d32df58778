"""Records by their ids: those that are asked for at the same moment are fetched by one query, kept by one audit line.

Under load most of what a single record costs is its own way to the database and back; together they share it. Nothing
is waited for: a query leaves at once where fewer than ``LANES`` are under way, else with what came meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from asyncpg import Pool, Record

if TYPE_CHECKING:
    from api.service import Audit, Read

LANES = 2
"""Queries under way: while the audit keeps the reads of one, the next is answered."""
MOST = 100
"""Records of one query."""


@dataclass(frozen=True, eq=False, slots=True)
class _Wish:
    """Somebody waits for a record; ``read`` is what the audit keeps of it."""

    identity: UUID
    read: Read | None
    found: asyncio.Future[Record | None]


class Fetcher:
    """Answers wishes for records in the order of their questions' coming."""

    def __init__(self, pool: Pool, audit: Audit) -> None:
        self._pool, self._audit = pool, audit
        self._waiting: dict[tuple[str, tuple[Any, ...]], list[_Wish]] = {}
        self._lanes: set[asyncio.Task[None]] = set()
        self._called = False

    async def fetch(self, sql: str, args: tuple[Any, ...], identity: UUID, read: Read | None) -> Record | None:
        """The row of ``sql`` with that id, or None; it comes back when the audit has kept its reading.

        ``sql`` takes ids as ``$1`` and the others of ``args`` after them, and gives a column id.
        """
        loop = asyncio.get_running_loop()
        wish = _Wish(identity, read, loop.create_future())
        self._waiting.setdefault((sql, args), []).append(wish)
        if not self._called and len(self._lanes) < LANES:
            self._called = True
            loop.call_soon(self._begin)  # after all that came in this turn of the loop
        return await wish.found

    def _begin(self) -> None:
        self._called = False
        lane = asyncio.create_task(self._work())
        self._lanes.add(lane)
        lane.add_done_callback(self._lanes.discard)

    async def _work(self) -> None:
        """Fetches until nobody waits."""
        while self._waiting:
            (sql, args), wishes = next(iter(self._waiting.items()))
            del self._waiting[sql, args]
            if len(wishes) > MOST:  # the rest comes after the other questions
                self._waiting[sql, args] = wishes[MOST:]
            await self._answer(sql, args, wishes[:MOST])

    async def _answer(self, sql: str, args: tuple[Any, ...], wishes: Sequence[_Wish]) -> None:
        try:
            rows = await self._pool.fetch(sql, [wish.identity for wish in wishes], *args)
            found = {row["id"]: row for row in rows}
            kept = [wish.read for wish in wishes if wish.read is not None and wish.identity in found]
            if kept:
                await self._audit.write(*kept)
        except Exception as fault:  # noqa: BLE001 - it is raised where the records are waited for
            for wish in wishes:
                if not wish.found.done():
                    wish.found.set_exception(fault)
        else:
            for wish in wishes:
                if not wish.found.done():
                    wish.found.set_result(found.get(wish.identity))
