"""A judgement of the canonical model stands as long as nothing that its rules read was written, and no longer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from tests.canonical_model.rows import add_home, add_tenancy
from validation.canonical import RULES, check_model
from validation.standing import Judgement, keep, standing

TENANCY = RULES[:3]


@pytest.fixture
def model(hub_url: str) -> Iterator[Connection]:
    """A model with an open tenancy that lacks all, written by run 1."""
    engine = create_engine(hub_url)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO ledger.run (id) VALUES (1), (2)"))
        add_tenancy(connection, source_key="bare")
        connection.commit()
        yield connection
    engine.dispose()


@pytest.fixture
def judged(model: Connection, hub_url: str, tmp_path: Path) -> Judgement:
    return keep(tmp_path, hub_url, 1, check_model(hub_url, rules=TENANCY), TENANCY)


def test_it_stands_with_all_its_faults_while_nothing_is_written(
    model: Connection, judged: Judgement, hub_url: str, tmp_path: Path
) -> None:
    assert [fault.keys for fault in judged.verdicts[0].faults] == [("bare",)] * 3
    assert standing(tmp_path, hub_url, TENANCY) == judged
    add_home(model, run_id=2)  # no rule of these reads it
    model.commit()
    assert standing(tmp_path, hub_url, TENANCY) == judged


@pytest.mark.parametrize(
    "written",
    [
        "UPDATE canonical.tenancy SET run_id = 2",
        "UPDATE canonical.tenancy SET ended_run_id = 2",
        "WITH gone AS (DELETE FROM canonical.tenancy RETURNING *) "
        "INSERT INTO history.tenancy SELECT gone.*, 2 FROM gone",
        "UPDATE ledger.run SET started_at = started_at + interval '1 second'",
    ],
)
def test_it_falls_with_a_row_that_a_later_run_wrote_or_with_another_database(
    model: Connection, judged: Judgement, written: str, hub_url: str, tmp_path: Path
) -> None:
    model.execute(text(written))
    model.commit()
    assert standing(tmp_path, hub_url, TENANCY) is None


def test_it_falls_with_other_rules_and_on_another_day(
    judged: Judgement, hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert standing(tmp_path, hub_url, (*TENANCY[:2], replace(TENANCY[2], max_share=0.5))) is None
    monkeypatch.setenv("PGOPTIONS", "-c timezone=Pacific/Kiritimati")
    east = standing(tmp_path, hub_url, TENANCY)
    monkeypatch.setenv("PGOPTIONS", "-c timezone=Etc/GMT+12")
    assert None in (east, standing(tmp_path, hub_url, TENANCY))


def test_nothing_stands_before_the_first_judgement(hub_url: str, tmp_path: Path) -> None:
    assert standing(tmp_path, hub_url, TENANCY) is None
