"""Work done one turn ahead: while PostgreSQL loads a partition, a thread of this process maps the next one.

What the thread makes waits here for the step that needs it: a step is still told of its partition by reference
alone, and two partitions at most are in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, TypeVar

Item = TypeVar("Item", bound=Hashable)
Made = TypeVar("Made")

_BEGUN: dict[Hashable, Future[Any]] = {}


@contextmanager
def one_ahead(work: Callable[[Item], object], items: Sequence[Item]) -> Iterator[Iterator[Item]]:
    """The items in their order; as one is given, a thread begins ``work`` of the next. Its end forgets the rest."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        try:
            yield _turns(thread, work, items)
        finally:
            for item in items:
                if begun := _BEGUN.pop(item, None):
                    begun.cancel()


def _turns(thread: ThreadPoolExecutor, work: Callable[[Item], object], items: Sequence[Item]) -> Iterator[Item]:
    for item, following in pairwise(items):
        _BEGUN[following] = thread.submit(work, following)
        yield item
    yield from items[-1:]


def taken(work: Callable[[Item], Made], item: Item) -> Made:
    """``work(item)``, from the thread that began it or done now: a step that is tried again begins it anew."""
    begun: Future[Made] | None = _BEGUN.pop(item, None)
    return begun.result() if begun else work(item)
