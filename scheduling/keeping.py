"""The problems of plans as files, named by their hash: a plan means nothing without the problem that it solves.

They tell where work is, so they rest in a private folder of the hub. A file is whole or not there.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Collection
from pathlib import Path

from ledger.errors import ContractBroken
from scheduling.hashes import problem_hash
from scheduling.problem import Problem

KEPT = 4
"""Problems that stay when another is kept, beside those that are needed: drafts, and one to go back to."""


def keep(problem: Problem, folder: Path, needed: Collection[str] = ()) -> str:
    """The hash by which ``kept`` finds it; the oldest files beyond ``KEPT`` go, but none that is ``needed``."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = problem_hash(problem)
    file, unfinished = _file(folder, name), folder / f"{name}.{os.getpid()}.part"
    with unfinished.open("wb") as out:
        pickle.dump(problem, out, protocol=5)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)
    for old in sorted(folder.glob("*.problem"), key=lambda one: one.stat().st_mtime, reverse=True)[KEPT:]:
        if old.stem not in needed:
            old.unlink(missing_ok=True)
    return name


def kept(folder: Path, name: str) -> Problem:
    """The problem of that hash. Raises ContractBroken where its file is missing or is not what was kept."""
    try:
        with _file(folder, name).open("rb") as file:
            problem: Problem = pickle.load(file)  # noqa: S301 - the hub's own file, in its private folder
    except (OSError, EOFError, pickle.UnpicklingError, AttributeError) as error:
        raise _unusable(name, f"cannot be read: {type(error).__name__}") from None
    if problem_hash(problem) != name:
        raise _unusable(name, "is not the one that was kept")
    return problem


def _unusable(name: str, why: str) -> ContractBroken:
    return ContractBroken(
        f"the problem of the plan {why}.", system="scheduling", place=f"problem {name}",
        next_step="Make and publish a plan anew: hub schedule plan, hub schedule publish.",
    )  # fmt: skip


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.problem"
