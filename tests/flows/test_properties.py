"""Random dirty batches, one after the other: the books close after each, and history tells every earlier state."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from canonical_model.queries import as_of
from canonical_model.tables import current
from connectors import landing
from flows import references, stages
from ledger.errors import ContractBroken
from ledger.values import FATES, TableCount
from services.databases import create_database, drop_database
from tests.flows.hub import BROKEN, DELETED, Hub, Row, Tables, know_ledgers

ACCOUNTS = st.sampled_from(["A1", "A2", " A1 ", "", "A\x003"])
HOMES = st.sampled_from(["H1", "H2", "H3", " "])
DAYS = st.sampled_from(["2024-04-01", "2024-04-08", "01/04/2024", "", "1900-01-01"])
AMOUNTS = st.sampled_from(["1.00", "-1.00", "0.10", "7", "12.345", "one", "", "99999999999.00", "£1,000.50"])
FAULTY = st.sampled_from([(BROKEN, 'half "a, record'), (DELETED, "gone")])
ROWS = {
    "homes": st.tuples(HOMES, HOMES, st.sampled_from(["F", "B", "?"])),
    "accounts": st.tuples(ACCOUNTS, DAYS, DAYS, st.sampled_from(["", "ring twice", "x"])),
    "postings": st.tuples(
        ACCOUNTS, st.sampled_from(["1", "2", "3", ""]), DAYS, st.sampled_from(["RNT", "PAY", "TST", "???"]), AMOUNTS
    ),
    "receipts": st.tuples(st.sampled_from(["R1", "R2", "R3", " "]), ACCOUNTS, DAYS, AMOUNTS),
}
BATCHES = st.fixed_dictionaries(
    {name: st.lists(st.one_of(row, row, row, FAULTY), max_size=8) for name, row in ROWS.items()}
)
RUNS = st.lists(st.tuples(BATCHES, st.sampled_from(["whole", "whole", "again", "load fails"])), min_size=1, max_size=4)
CHECKED = ("asset", "rent_account", "identifier", "rent_transaction", "bank_entry")


@pytest.fixture(scope="module")
def known_ledgers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        know_ledgers(patch, Path(__file__).parent, "tests.flows")
        patch.setattr(landing, "PART_ROWS", 3)
        patch.setattr(stages, "PART_ROWS", 3)
        yield
    references.mapping_of.cache_clear()


@settings(
    max_examples=10, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(runs=RUNS)
@pytest.mark.usefixtures("known_ledgers")
def test_books_close_and_history_tells_the_truth(
    postgres: str, empty_hub: str, runs: Sequence[tuple[Tables, str]]
) -> None:
    name = f"test_{uuid4().hex[:12]}"
    url = create_database(postgres, name, template=empty_hub)
    seen: list[dict[str, set[tuple[Any, ...]]]] = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            hub = Hub(url, Path(folder))
            tables: Tables = {}
            for batch, way in runs:
                tables = tables if way == "again" else batch
                result = hub.run(tables, load=_failing() if way == "load fails" else stages.load_partition)
                assert result.status == (
                    "stopped" if way == "load fails" and seen_load(result.message) else "finished"
                ), result.message
                for line in result.counts:
                    assert_conserved(line, tables)
                seen.append({entity: state(url, entity) for entity in CHECKED})
            for run, then in enumerate(seen, start=1):
                assert {entity: state(url, entity, run) for entity in CHECKED} == then
            hub.run(tables)
            settled = hub.run(tables)
            assert not [line for line in settled.counts if line.loaded or line.ended]
    finally:
        drop_database(postgres, name)


def seen_load(message: str | None) -> bool:
    return message is not None and "the test says so" in message


def _failing() -> object:
    calls: list[int] = []

    def load(run: references.Run, partition: references.Partition) -> int:
        calls.append(1)
        if len(calls) == 3:
            raise ContractBroken("the test says so.", system="ledgers", next_step="None.")
        return stages.load_partition(run, partition)

    return load


def assert_conserved(line: TableCount, tables: Tables) -> None:
    assert line.closes, line
    assert line.extracted == len(tables.get(line.table, ())) == sum(getattr(line, fate) for fate in FATES)
    if line.money_source is not None:
        aside = (line.money_merged, line.money_quarantined, line.money_excluded)
        assert line.money_source == sum((part or Decimal(0) for part in aside), line.money_canonical or Decimal(0))
        assert line.money_source == sum((money(row) for row in tables.get(line.table, ())), Decimal(0))


def money(row: Row) -> Decimal:
    """What a row holds, worked out by hand: texts that are no amount hold none."""
    known = {"1.00": "1.00", "-1.00": "-1.00", "0.10": "0.10", "7": "7", "£1,000.50": "1000.50"}
    return Decimal(known.get(str(row[-1]), "0"))


def state(url: str, entity: str, run: int | None = None) -> set[tuple[Any, ...]]:
    """The rows of an entity that stand now, or stood after a run, by id and content."""
    table = current(entity)
    hidden = ("source_row", "batch_id", "run_id", "row_hash", "ended_run_id")
    names = [column.name for column in table.columns if column.name not in hidden]
    rows = (select(table).where(table.c.ended_run_id.is_(None)) if run is None else as_of(table, run)).subquery()
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {tuple(row) for row in connection.execute(select(*(rows.c[name] for name in names)))}
    engine.dispose()
    return found
