"""Ctrl-C is heard once, by the process that a person started, which then ends what it started itself.

A terminal sends SIGINT to every process that runs in it, at any moment: while one imports, while another waits for
the database. Each would die of it in its own way and tell so. What is started in ``unheard`` never gets it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STOPS = (signal.SIGINT, signal.SIGTERM)
_heard = False
_held = 0  # contexts of the main thread that hear nothing
_waiting = False  # a stop that came in one of them


def stop_at_the_first() -> None:
    """Makes SIGINT and SIGTERM end this process as Ctrl-C does, and those after the first do nothing.

    Impatience would otherwise cut off the stopping, and leave a server behind.
    """
    for name in STOPS:
        signal.signal(name, _stop)


@contextmanager
def unheard() -> Iterator[None]:
    """A context in which this thread starts processes and threads that never get SIGINT: it is blocked, and a
    process begins with what its parent had blocked. This thread gets it when the context ends.

    Another thread, which does not block it, may receive it meanwhile, and Python would interrupt the main thread for
    it: half-way through the start of a process that nobody then knows of. So that waits too.
    """
    global _held, _waiting  # noqa: PLW0603 - signals belong to the process
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    _held += is_main
    try:
        yield
    finally:
        _held -= is_main
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if _waiting and is_main and not _held:
            _waiting = False
            raise KeyboardInterrupt


def was_heard() -> bool:
    """Whether a stop was heard: what then goes wrong is its doing, since a library may wrap the interrupt in an error
    of its own."""
    return _heard


def _stop(*_: object) -> None:
    global _heard, _waiting  # noqa: PLW0603 - signals belong to the process
    _heard = True
    for name in STOPS:
        signal.signal(name, signal.SIG_IGN)
    if _held:
        _waiting = True
    else:
        raise KeyboardInterrupt
