"""What holds for every table of the model."""

from __future__ import annotations

import pytest
from sqlalchemy import DateTime, Numeric, Table

from canonical_model.base import Sourced
from canonical_model.tables import WORDS, current, metadata, tables_of

EVERY = sorted(metadata.tables.values(), key=str)
CURRENT = [table for table in EVERY if table.schema == "canonical"]
GOLDEN_IDS = ("entity_id", "golden_id", "old_id", "new_id", "first_run_id")
GOLDEN_END = ["record_count", "system_count", "confidence", "flags", "run_id", "row_hash", "ended_run_id"]
PROVENANCE = ["source_key", "source_row", "batch_id", "run_id", "row_hash", "ended_run_id"]


@pytest.mark.parametrize("table", EVERY, ids=str)
def test_every_table_and_column_is_explained(table: Table) -> None:
    assert table.comment
    assert [column.name for column in table.columns if not column.comment] == []


@pytest.mark.parametrize("table", CURRENT, ids=str)
def test_names_follow_the_glossary(table: Table) -> None:
    for column in table.columns:
        if isinstance(column.type, DateTime):
            assert column.name.endswith("_at")
            assert column.type.timezone
        if column.name.endswith("_id") and column.name not in (*GOLDEN_IDS, *PROVENANCE):
            assert column.foreign_keys, column.name
        assert (column.type.python_type.__name__ == "date") == column.name.endswith("_date")


@pytest.mark.parametrize("table", CURRENT, ids=str)
def test_money_is_exact_and_signed(table: Table) -> None:
    for column in table.columns:
        if isinstance(column.type, Numeric):
            assert column.type.asdecimal
            assert column.type.precision
        if column.name.endswith(("amount", "balance", "rent", "cost", "fee")):
            assert isinstance(column.type, Numeric)
            assert (column.type.precision, column.type.scale) == (12, 2)


@pytest.mark.parametrize("table", CURRENT, ids=str)
def test_every_versioned_table_has_its_history(table: Table) -> None:
    if table.name in ("golden_link", "golden_event", "golden_value"):
        assert f"history.{table.name}" not in metadata.tables
        return
    history = metadata.tables[f"history.{table.name}"]
    names = [column.name for column in table.columns]
    end = GOLDEN_END if table.name.startswith("golden_") else PROVENANCE
    assert names[0] == "id"
    assert names[-len(end) :] == end
    assert [column.name for column in history.columns] == [*names, "replaced_run_id"]
    assert not history.foreign_keys
    leading = {index.columns[0].name for index in table.indexes if len(index.columns)}
    references = [column.name for column in table.columns if column.foreign_keys and column.name in leading]
    assert sorted([column.name for column in index.columns] for index in history.indexes) == sorted(
        [["id", "replaced_run_id", "run_id"], *([name, "replaced_run_id"] for name in references)]
    )


def test_every_table_stands_under_one_housing_word() -> None:
    told = [table.name for module in WORDS.values() for table in tables_of(module)]
    assert sorted(told) == [table.name for table in CURRENT]


def test_the_large_table_carries_one_index_beside_its_key() -> None:
    (index,) = current("rent_transaction").indexes
    assert [column.name for column in index.columns] == ["account_id", "effective_date"]


def test_lists_have_no_code_twice() -> None:
    for table in CURRENT:
        for column in table.columns:
            codes = column.info.get("codes", ())
            assert len(set(codes)) == len(codes), column


def test_provenance_is_what_the_mixin_says() -> None:
    assert list(Sourced.__annotations__) == ["id", *PROVENANCE]
