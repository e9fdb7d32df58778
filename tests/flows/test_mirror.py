"""The mirror's flow: a scheduled run is told everything by its environment, and its steps are the build's."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest

from flows import mirror
from flows.mirror import Mirroring, read, written
from flows.progress import read as progress_of
from mirror.build import Order, Steps
from mirror.cluster import Site

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
        task = getattr(mirror.STEPS, field.name)
        assert task.retries == 0
        assert not task.persist_result


def test_progress_is_told_by_table_and_stage(tmp_path: Path) -> None:
    told = replace(TOLD, progress=tmp_path / "progress.jsonl")
    told._tell("copy", "canonical.asset", 7)
    told._tell("copy", "canonical.asset", 5)
    assert progress_of(told.progress)["canonical.asset", "copy"].rows == 12
