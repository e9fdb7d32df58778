"""Runs a server as long as somebody uses it: ``python -m services.keeper USERS COMMAND ...``

Whoever uses the server holds a shared lock on the file USERS. The system takes it from a process that ends, be it
killed, so the server stops with its last user, whichever of them began it. Until it has stopped this process holds
the lock alone: who comes meanwhile waits, and then begins another server.
"""

from __future__ import annotations

import fcntl
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

STOP_SECONDS = 20


def keep(users: Path, command: Sequence[str]) -> int:
    """The exit code of the server, which ends by itself or after its last user."""
    tether = shutil.which("setpriv")  # the server must not outlive its keeper
    server = subprocess.Popen([tether, "--pdeathsig", "INT", *command] if tether else command)
    Thread(target=_stop_when_unused, args=(users, server), daemon=True).start()
    return server.wait()


def _stop_when_unused(users: Path, server: subprocess.Popen[bytes]) -> None:
    with users.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server.send_signal(signal.SIGINT)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1]), sys.argv[2:]))
