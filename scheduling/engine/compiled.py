"""How the engine's functions are compiled: once a machine, to files beside their modules.

They work on arrays that they are given and make none, so nothing in them counts references; and they divide by no
zero. Both make them smaller, and so quicker to compile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """The function, compiled when it is first called."""
    options: dict[str, Any] = {"cache": True, "error_model": "numpy", "_nrt": False}  # numba types not the last
    return cast(Function, njit(**options)(function))
