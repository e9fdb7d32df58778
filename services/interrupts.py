"""Ctrl-C is heard once, by the process that a person started, which then ends what it started itself.

A terminal sends SIGINT to every process that runs in it, at any moment: while one imports, while another waits for
the database. Each would die of it in its own way and tell so. What is started in ``unheard`` never gets it.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

STOPS = (signal.SIGINT, signal.SIGTERM)
_heard = False


def stop_at_the_first() -> None:
    """Makes SIGINT and SIGTERM end this process as Ctrl-C does, and those after the first do nothing.

    Impatience would otherwise cut off the stopping, and leave a server behind.
    """
    for name in STOPS:
        signal.signal(name, _stop)


@contextmanager
def unheard() -> Iterator[None]:
    """A context in which this thread starts processes and threads that never get SIGINT: it is blocked, and a
    process begins with what its parent had blocked. This thread gets it when the context ends."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def was_heard() -> bool:
    """Whether a stop was heard: what then goes wrong is its doing, since a library may wrap the interrupt in an error
    of its own."""
    return _heard


def _stop(*_: object) -> None:
    global _heard  # noqa: PLW0603 - signals belong to the process
    _heard = True
    for name in STOPS:
        signal.signal(name, signal.SIG_IGN)
    raise KeyboardInterrupt
