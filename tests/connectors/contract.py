"""What every connector promises, as tests: a connector's test class inherits them and arranges its source."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest

from connectors.protocol import CHUNK_ROWS, FAULTS, Source, Unit
from ledger.errors import ContractBroken, HubError
from ledger.spec import Column, SystemSpec, TableSpec

PLAIN_TYPES = (pa.string(), pa.int64(), pa.date32(), pa.timestamp("us"), pa.bool_())


def a_table(name: str, *columns: str, key: Sequence[str] = (), **layout: Any) -> TableSpec:
    """A table specification as the tests of connectors need it; the key is the first column unless told."""
    return TableSpec(
        system="testing",
        name=name,
        columns=tuple(Column(column) for column in columns),
        key=tuple(key) or columns[:1],
        grain="one row a record",
        layout=layout,
    )


def a_system(technology: str, *tables: TableSpec, **layout: Any) -> SystemSpec:
    """A system of those tables, with the layout they share."""
    return SystemSpec("testing", "Testing", "Nobody", technology, tables, layout=layout)


@dataclass(frozen=True)
class Arranged:
    """One opened source with what must come out of it. ``folder`` holds its units, where they are files."""

    source: Source
    table: TableSpec
    whole_rows: int
    faults: Mapping[str, int] = field(default_factory=dict)
    module: ModuleType | None = None
    """The connector's module, whose CHUNK_ROWS the contract makes small."""
    folder: Path | None = None
    empty: TableSpec | None = None
    missing: TableSpec | None = None
    failures: Sequence[tuple[Callable[[], object], type[HubError]]] = ()
    """Calls that meet a source in trouble, each with the error it must end in."""


def read_all(source: Source, table: TableSpec) -> list[pa.Table]:
    """All chunks of all units of a table, in reading order."""
    return [chunk for unit in source.units(table) for chunk in source.read(table, unit)]


def rows_of(source: Source, table: TableSpec) -> list[dict[str, Any]]:
    """All records of a table as dictionaries: for small tables only."""
    return [row for chunk in read_all(source, table) for row in chunk.to_pylist()]


class ConnectorContract:
    """Inherit, and give a fixture ``arranged``. The table must hold more than two records."""

    def test_chunks_have_the_agreed_columns(self, arranged: Arranged) -> None:
        for chunk in read_all(arranged.source, arranged.table):
            assert chunk.column_names[:3] == ["_line", "_fault", "_raw"]
            assert [chunk.schema.field(at).type for at in range(3)] == [pa.int64(), pa.string(), pa.string()]
            assert len(set(chunk.column_names)) == len(chunk.column_names)
            for column in chunk.schema:
                assert column.type in PLAIN_TYPES or pa.types.is_decimal128(column.type), column
            assert chunk["_line"].null_count == 0

    def test_declared_columns_are_there(self, arranged: Arranged) -> None:
        chunk = read_all(arranged.source, arranged.table)[0]
        assert {column.name for column in arranged.table.columns} <= set(chunk.column_names)

    def test_lines_rise_within_a_unit_and_start_at_one_or_later(self, arranged: Arranged) -> None:
        for unit in arranged.source.units(arranged.table):
            lines = [
                line for chunk in arranged.source.read(arranged.table, unit) for line in chunk["_line"].to_pylist()
            ]
            assert lines == sorted(set(lines))
            assert not lines or lines[0] >= 1

    def test_nothing_is_lost(self, arranged: Arranged) -> None:
        rows = rows_of(arranged.source, arranged.table)
        faulty = [row for row in rows if row["_fault"] is not None]
        assert len(rows) - len(faulty) == arranged.whole_rows
        assert {fault: sum(row["_fault"] == fault for row in faulty) for fault in FAULTS} == {
            fault: arranged.faults.get(fault, 0) for fault in FAULTS
        }
        assert all(row["_raw"] is None for row in rows if row["_fault"] is None)

    def test_a_faulty_record_carries_what_was_read_and_no_values(self, arranged: Arranged) -> None:
        for row in rows_of(arranged.source, arranged.table):
            if row["_fault"] is not None:
                assert row.pop("_raw") is not None
                assert row.pop("_line") and row.pop("_fault")
                assert set(row.values()) <= {None}

    def test_chunks_are_bounded(self, arranged: Arranged, monkeypatch: pytest.MonkeyPatch) -> None:
        at_once = rows_of(arranged.source, arranged.table)
        assert len(at_once) <= CHUNK_ROWS
        if arranged.module is not None:
            monkeypatch.setattr(arranged.module, "CHUNK_ROWS", 2)
            chunks = read_all(arranged.source, arranged.table)
            assert max(chunk.num_rows for chunk in chunks) <= 2
            assert [row for chunk in chunks for row in chunk.to_pylist()] == at_once

    def test_all_chunks_of_a_unit_have_one_schema(self, arranged: Arranged, monkeypatch: pytest.MonkeyPatch) -> None:
        if arranged.module is not None:
            monkeypatch.setattr(arranged.module, "CHUNK_ROWS", 2)
        for unit in arranged.source.units(arranged.table):
            chunks = list(arranged.source.read(arranged.table, unit))
            assert all(chunk.schema.equals(chunks[0].schema) for chunk in chunks)

    def test_reading_twice_gives_the_same(self, arranged: Arranged) -> None:
        assert arranged.source.units(arranged.table) == arranged.source.units(arranged.table)
        assert rows_of(arranged.source, arranged.table) == rows_of(arranged.source, arranged.table)

    def test_units_are_known_by_their_bytes(self, arranged: Arranged) -> None:
        units = arranged.source.units(arranged.table)
        assert len({unit.name for unit in units}) == len(units) > 0
        for unit in units:
            if arranged.folder is not None:
                content = (arranged.folder / unit.name).read_bytes()
                assert unit.sha256 == hashlib.sha256(content).hexdigest()
            else:
                assert unit.sha256 is None or re.fullmatch("[0-9a-f]{64}", unit.sha256)

    def test_controls_answer_once_the_unit_was_read(self, arranged: Arranged) -> None:
        for unit in arranged.source.units(arranged.table):
            rows = sum(chunk.num_rows for chunk in arranged.source.read(arranged.table, unit))
            assert arranged.source.controls(arranged.table, unit).rows in (None, rows)

    def test_a_reader_may_stop_early(self, arranged: Arranged) -> None:
        unit = arranged.source.units(arranged.table)[0]
        chunks = iter(arranged.source.read(arranged.table, unit))
        next(chunks)
        del chunks
        assert rows_of(arranged.source, arranged.table)

    def test_an_empty_table_gives_no_rows(self, arranged: Arranged) -> None:
        if arranged.empty is None:
            pytest.skip("this technology has no empty table")
        assert rows_of(arranged.source, arranged.empty) == []

    def test_a_missing_table_is_named(self, arranged: Arranged) -> None:
        missing = arranged.missing
        if missing is None:
            pytest.skip("this source has one table only")
        with pytest.raises(ContractBroken, match=re.escape(missing.name)) as caught:
            rows_of(arranged.source, missing)
        assert caught.value.system == "testing"
        assert caught.value.next_step

    def test_trouble_ends_in_a_named_error(self, arranged: Arranged) -> None:
        for call, expected in arranged.failures:
            with pytest.raises(expected) as caught:
                call()
            assert caught.value.system == "testing"
            assert caught.value.next_step


def only_unit(source: Source, table: TableSpec) -> Unit:
    """The table's one unit."""
    (unit,) = source.units(table)
    return unit
