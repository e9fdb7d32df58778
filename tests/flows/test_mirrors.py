"""The mirror's flow: a scheduled run is told everything by its environment, and its steps are the build's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flows import mirrors
from flows.mirrors import Mirroring, read, written
from flows.progress import read as progress_of
from ledger.errors import ContractBroken, Defect, HubError
from mirror import build
from mirror.build import Order, Steps
from mirror.cluster import Site, State

TOLD = Mirroring(
    Order("postgresql://none", Site(Path("mirror")), "demo", 10, date(2026, 9, 30), 2),
    Path("mirror.key"), date(2026, 9, 28), Path("proofs"), Path("progress.jsonl"),
)  # fmt: skip


@pytest.mark.parametrize(
    "told",
    [
        TOLD,
        replace(TOLD, order=Order("postgresql://none", Site(Path("m"), 5499, "postgresql://there/x"))),
        replace(TOLD, order=replace(TOLD.order, streets=(20400001, 20400002), as_of=None)),
    ],
)
def test_a_scheduled_run_is_told_everything_by_its_environment(told: Mirroring) -> None:
    assert read(written(told)) == told


def test_every_step_is_a_task_that_is_not_tried_again() -> None:
    for field in fields(Steps):
        task = getattr(mirrors.STEPS, field.name)
        assert task.retries == 0
        assert not task.persist_result


def test_progress_is_told_by_table_and_stage(tmp_path: Path) -> None:
    told = replace(TOLD, progress=tmp_path / "progress.jsonl")
    told._tell("copy", "canonical.asset", 7)
    told._tell("copy", "canonical.asset", 5)
    assert progress_of(told.progress)["canonical.asset", "copy"].rows == 12


CANARY = "Zebedee Quillfeather"


def failing(fault: Exception) -> Callable[..., State]:
    """A step or a build that raises the fault."""

    def step(*_: object) -> State:
        raise fault

    return step


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (psycopg.errors.DiskFull(CANARY), "there is no room for the mirror"),
        (psycopg.errors.UniqueViolation(CANARY), "masked rows break"),
        (ValueError(CANARY), "the hub itself failed: ValueError"),
        (ContractBroken("the proof failed.", next_step="build again."), "the proof failed"),
    ],
)
def test_a_step_that_fails_is_told_as_in_a_build_without_prefect(fault: Exception, told: str, tmp_path: Path) -> None:
    step: Any = mirrors._step(failing(fault), "fill", "a build")
    with pytest.raises(HubError, match=told) as raised:
        step.fn(replace(TOLD.order, site=Site(tmp_path)))
    assert CANARY not in repr(raised.value)


def test_what_masks_or_proof_raise_quotes_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "build", failing(ValueError(CANARY)))
    with pytest.raises(Defect, match="the hub itself failed") as raised:
        replace(TOLD, key=tmp_path / "mirror.key", progress=tmp_path / "progress.jsonl",
                order=replace(TOLD.order, site=Site(tmp_path))).run()  # fmt: skip
    assert CANARY not in str(raised.value)
    assert raised.value.__cause__ is None
