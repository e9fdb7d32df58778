"""How the engine's functions are compiled: once a machine, to files that are kept (``scheduling.engine.cache``).

They work on arrays that they are given and make none, so nothing in them counts references; and they divide by no
zero. Both make them smaller, and so quicker to compile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba
from numba import njit

from scheduling.engine.cache import folder

Function = TypeVar("Function", bound=Callable[..., object])
numba.config.CACHE_DIR = str(folder())  # type: ignore[attr-defined]


def compiled(function: Function) -> Function:
    """The function, compiled when it is first called."""
    return cast(Function, njit(cache=True, error_model="numpy", _nrt=False)(function))
