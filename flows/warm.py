"""A process that has everything imported, which the workers are forked from: each would import it again by itself."""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext

from services.interrupts import unheard

WORKERS_IMPORT = "flows.orchestrate"


def warm_up(*modules: str) -> BaseContext:
    """How workers are started: by a process that imports what they need, and ``modules``, from the first call on.

    It never hears Ctrl-C, and neither do those that it forks. It ends with this process. What it imports reads
    the settings of Prefect in the environment.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([WORKERS_IMPORT, *modules])
    resource_tracker.ensure_running()  # its start unblocks SIGINT
    with unheard():
        forkserver.ensure_running()
    return context
