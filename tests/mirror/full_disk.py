"""Builds a mirror with files that may not grow beyond a limit, as on a disk that is full: a process of its own."""

from __future__ import annotations

import resource
import signal
import sys
from pathlib import Path

from ledger.errors import HubError
from mirror.build import build
from tests.mirror.made import making, order

if __name__ == "__main__":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
    try:
        build(order(sys.argv[1], Path(sys.argv[2])), making())
    except HubError as fault:
        print(fault)
