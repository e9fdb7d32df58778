"""Records asked for at one moment: one query, one write of the audit, and nobody waits for another's question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any
from uuid import UUID

import pytest

from api.fetching import MOST, Fetcher
from api.service import Read, read_now
from tests.api.state import ANN, BEN, RETIRED, some

READ = read_now("portal", None, "people", ("surname",), 1)


class Rows:
    """A pool that has every record but one, answers when it may and remembers what it was asked."""

    def __init__(self, *, missing: UUID = RETIRED) -> None:
        self.asked: list[tuple[str, int]] = []
        self.may: dict[str, asyncio.Event] = {}
        self._missing = missing

    async def fetch(self, sql: str, ids: list[UUID], *args: Any) -> list[dict[str, UUID]]:
        self.asked.append((sql, len(ids)))
        if sql == "broken":
            raise ConnectionError
        if sql in self.may:
            await self.may[sql].wait()
        return [{"id": one} for one in dict.fromkeys(ids) if one != self._missing]


class Book:
    """An audit that remembers its writes, or is full."""

    def __init__(self, *, full: bool = False) -> None:
        self.writes: list[int] = []
        self._full = full

    async def write(self, *reads: Read) -> None:
        if self._full:
            raise OSError
        self.writes.append(len(reads))


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @wraps(test)
    def run(**named: Any) -> None:
        asyncio.run(test(**named))

    return run


def fetcher(rows: Rows, book: Book) -> Fetcher:
    pool: Any = rows
    return Fetcher(pool, book)


@in_a_loop
async def test_what_is_asked_at_one_moment_is_one_query_and_one_write() -> None:
    rows, book = Rows(), Book()
    records, ids = fetcher(rows, book), [ANN, BEN, ANN, RETIRED]
    found = await asyncio.gather(*(records.fetch("s", (), one, READ) for one in ids))
    assert [row and row["id"] for row in found] == [ANN, BEN, ANN, None]
    assert (rows.asked, book.writes) == ([("s", 4)], [3])  # what is not there was not read


@in_a_loop
async def test_open_fields_leave_no_write() -> None:
    rows, book = Rows(), Book()
    assert await fetcher(rows, book).fetch("s", (), ANN, None)
    assert book.writes == []


@in_a_loop
async def test_a_slow_question_holds_up_its_own_askers_alone() -> None:
    rows, book = Rows(), Book()
    rows.may["slow"] = asyncio.Event()
    records = fetcher(rows, book)
    first = asyncio.create_task(records.fetch("slow", (), ANN, READ))
    await asyncio.sleep(0)
    later = [asyncio.create_task(records.fetch("slow", (), some(1_000 + one), READ)) for one in range(MOST + 1)]
    assert await asyncio.wait_for(records.fetch("quick", (), BEN, READ), 1)
    assert not first.done()
    rows.may["slow"].set()
    assert all(await asyncio.gather(first, *later))
    assert rows.asked == [("slow", 1), ("quick", 1), ("slow", MOST), ("slow", 1)]


@in_a_loop
async def test_as_it_was_is_a_question_of_its_own() -> None:
    rows, book = Rows(), Book()
    records = fetcher(rows, book)
    await asyncio.gather(records.fetch("s", ("then",), ANN, READ), records.fetch("s", ("now",), ANN, READ))
    assert rows.asked == [("s", 1), ("s", 1)]


@pytest.mark.parametrize(("sql", "full", "fault"), [("broken", False, ConnectionError), ("s", True, OSError)])
@in_a_loop
async def test_what_hinders_it_is_told_to_all_who_wait_and_to_nobody_else(
    sql: str, full: bool, fault: type[Exception]
) -> None:
    records = fetcher(Rows(), Book(full=full))
    told = await asyncio.gather(*(records.fetch(sql, (), one, READ) for one in (ANN, BEN)), return_exceptions=True)
    assert [type(one) for one in told] == [fault, fault]
    assert await records.fetch("other", (), ANN, None)
