"""Records by their ids: those that are asked for at the same moment are fetched by one query, kept by one audit line.

Under load most of what a single record costs is its own way to the database and back; together they share it. One
query of a question is under way at a time: it leaves at once, and what comes meanwhile leaves with the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from asyncpg import Pool, Record

if TYPE_CHECKING:
    from api.service import Audit, Read

MOST = 200
"""Records of one query."""


@dataclass(frozen=True, eq=False, slots=True)
class _Wish:
    """Somebody waits for a record; ``read`` is what the audit keeps of it."""

    identity: UUID
    read: Read | None
    found: asyncio.Future[Record | None]


class Fetcher:
    """Answers wishes for records, those of one question together."""

    def __init__(self, pool: Pool, audit: Audit) -> None:
        self._pool, self._audit = pool, audit
        self._waiting: dict[tuple[str, tuple[Any, ...]], list[_Wish]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def fetch(self, sql: str, args: tuple[Any, ...], identity: UUID, read: Read | None) -> Record | None:
        """The row of ``sql`` with that id, or None; it comes back when the audit has kept its reading.

        ``sql`` takes ids as ``$1`` and ``args`` after them, and gives a column id.
        """
        wish = _Wish(identity, read, asyncio.get_running_loop().create_future())
        if (waiting := self._waiting.get((sql, args))) is not None:
            waiting.append(wish)
        else:
            self._waiting[sql, args] = [wish]
            task = asyncio.create_task(self._work(sql, args))  # which begins after all that came in this turn
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await wish.found

    async def _work(self, sql: str, args: tuple[Any, ...]) -> None:
        """Fetches until nobody waits."""
        while wishes := self._waiting[sql, args]:
            self._waiting[sql, args], wishes = wishes[MOST:], wishes[:MOST]
            try:
                rows = await self._pool.fetch(sql, [wish.identity for wish in wishes], *args)
            except Exception as fault:  # noqa: BLE001 - it is raised where the records are waited for
                _fail(wishes, fault)
            else:
                task = asyncio.create_task(self._answer({row["id"]: row for row in rows}, wishes))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        del self._waiting[sql, args]

    async def _answer(self, found: Mapping[UUID, Record], wishes: Sequence[_Wish]) -> None:
        """Hands out the rows when the audit has kept their reading; the next are fetched meanwhile."""
        kept = [wish.read for wish in wishes if wish.read is not None and wish.identity in found]
        try:
            if kept:
                await self._audit.write(*kept)
        except Exception as fault:  # noqa: BLE001 - as above
            _fail(wishes, fault)
        else:
            for wish in wishes:
                if not wish.found.done():
                    wish.found.set_result(found.get(wish.identity))


def _fail(wishes: Sequence[_Wish], fault: Exception) -> None:
    for wish in wishes:
        if not wish.found.done():
            wish.found.set_exception(fault)
