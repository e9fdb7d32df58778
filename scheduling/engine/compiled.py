"""How the engine's functions are compiled: once a machine, to files beside their modules.

They work on arrays that they are given and make none, so nothing in them counts references; and they divide by no
zero. Both make them smaller, and so quicker to compile.

Compiled code holds what it calls of other modules too. So what was compiled is kept under a name that stands for the
text of its module and of all that this imports here: after any of them changes, nothing old runs.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import config, njit, types

Function = TypeVar("Function", bound=Callable[..., object])

SETTINGS: Any = config  # numba sets its names when it is loaded

IMPORTED = re.compile(r"^from (?:[\w.]+\.)?(\w+) import", re.MULTILINE)
WITHIN = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
FORGOTTEN_S = 7 * 86_400  # after so long without use what was compiled is removed


def compiled(function: Function) -> Function:
    """The function, compiled when it is first called."""
    return _compiled(function, {})


def within(function: Function) -> Function:
    """A function that compiled code alone calls: the way in from Python, which is longer than most, is not compiled."""
    return _compiled(function, WITHIN)


def inlined(function: Function) -> Function:
    """As ``within``, and its text stands wherever it is called: a call hands over hundreds of numbers."""
    return _compiled(function, {**WITHIN, "forceinline": True})


def _compiled(function: Function, more: dict[str, bool]) -> Function:
    options: dict[str, Any] = {"cache": True, "error_model": "numpy", "_nrt": False, **more}  # numba types not all
    elsewhere = SETTINGS.CACHE_DIR
    # numba reads it where it learns of a function, and never again
    SETTINGS.CACHE_DIR = str(folder_of(Path(function.__code__.co_filename)))
    try:
        made = njit(**options)(function)
    finally:
        SETTINGS.CACHE_DIR = elsewhere
    made.get_call_template = partial(_template, made.get_call_template)
    return cast(Function, made)


def _template(template: Callable[..., Any], args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
    """What types a call: a constant as the number that it is, lest a function be compiled for each of them."""
    return template([types.unliteral(each) for each in args], kws)  # type: ignore[no-untyped-call]


@cache
def folder_of(module: Path) -> Path:
    """Where this process finds and keeps what is compiled of a module."""
    return folder(module, parents(), time.time())


def version(module: Path) -> str:
    """What stands for the text of a module and of those beside it that it imports, and for the compiler."""
    texts: dict[str, str] = {}
    wanted = [module.stem]
    while wanted:
        name = wanted.pop()
        path = module.with_name(f"{name}.py")
        if name not in texts and path.exists():
            texts[name] = path.read_text()
            wanted += IMPORTED.findall(texts[name])
    told = [numba.__version__, platform.python_version(), *(texts[name] for name in sorted(texts))]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]


def folder(module: Path, parents: tuple[Path, ...], now: float) -> Path:
    """Where the code compiled of a module is kept: in the first parent that can be written; what is old is removed."""
    name = f"compiled-{module.stem}-{version(module)}"
    for parent in parents:
        found = parent / name
        try:
            found.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=found).close()
            os.utime(found, (now, now))
        except OSError:
            continue
        for other in parent.glob("compiled-*"):
            if other != found and now - other.stat().st_mtime > FORGOTTEN_S:
                shutil.rmtree(other, ignore_errors=True)
        return found
    return Path(tempfile.mkdtemp(prefix="hub-engine-"))  # of this process alone


def parents() -> tuple[Path, ...]:
    """The folders to try: what NUMBA_CACHE_DIR names, beside the modules, and the user's own for what is cached."""
    named = [Path(SETTINGS.CACHE_DIR)] if SETTINGS.CACHE_DIR else []
    home = Path("~/Library/Caches" if sys.platform == "darwin" else "~/.cache").expanduser()
    own = Path(os.environ.get("XDG_CACHE_HOME") or home)
    return (*named, Path(__file__).parent / "__pycache__", own / "housing-hub")
