"""A hub over the small made-up system of ``tests/flows/ledgers``, whose source is in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from connectors.opening import Connection
from flows import references, runs
from flows.migrate import Steps, SystemResult, migrate_system
from flows.references import Landed, Run
from ledger.values import TableCount
from loading.load import connect
from mappings import catalogue
from mappings.catalogue import System
from tests.connectors.fake import FakeSource
from validation.verdict import Verdict

COLUMNS = {
    "homes": ("home", "part_of", "kind"),
    "accounts": ("account", "opened", "closed", "contact"),
    "postings": ("account", "number", "posted", "kind", "amount"),
    "receipts": ("receipt", "account", "received", "amount"),
}
Row = Sequence[str | None]
Tables = Mapping[str, Sequence[Row]]
BROKEN, DELETED = "broken", "deleted"


def open_gate(run: Run, landed: Landed) -> Verdict:
    """Lets everything pass: most tests are about what comes after the gate."""
    return Verdict(landed.system, landed.table, passed=True, rows=0)


@dataclass
class Hub:
    """Runs of the system ``ledgers`` over one database and one folder."""

    database_url: str
    folder: Path
    steps: Steps = field(default_factory=lambda: Steps(gate=open_gate))
    results: list[SystemResult] = field(default_factory=list)
    patch: pytest.MonkeyPatch = field(default_factory=pytest.MonkeyPatch)

    def run(self, tables: Tables, *, fail_after: int | None = None, **steps: Any) -> SystemResult:
        """One run over these rows; tables that are not given are empty. A row of BROKEN or DELETED and a text is
        a faulty record."""
        source = FakeSource({name: {"unit": chunk(name, tables.get(name, ()))} for name in COLUMNS})
        source.fail_after = fail_after
        return self.run_source(source, **steps)

    def run_source(self, source: object, **steps: Any) -> SystemResult:
        """One run over any source."""
        run = self.begin()
        known = {"open": lambda *_, **__: source, **steps}
        result = migrate_system(run, "ledgers", Connection(""), replace(self.steps, **known))
        runs.finish(run, [result])
        self.results.append(result)
        return result

    def know(self, system: System) -> None:
        """Lets the next runs understand the system in another way."""
        self.patch.setattr(references, "load_system", lambda _: system)
        references.mapping_of.cache_clear()

    def begin(self) -> Run:
        """A new run."""
        return runs.begin(self.database_url, self.folder, self.folder / "landing")

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says."""
        with connect(self.database_url) as connection:
            rows: psycopg.Cursor[tuple[Any, ...]] = connection.execute(statement.encode(), values)
            return rows.fetchall()

    def issues(self, *, standing: bool = True) -> list[tuple[str, str | None]]:
        """Code and key of the issues, sorted."""
        where = "WHERE closed_run_id IS NULL" if standing else ""
        return [
            (code, key)
            for code, key in self.query(f"SELECT code, source_key FROM restricted.issue {where} ORDER BY 1, 2")
        ]


def count(result: SystemResult, table: str) -> TableCount:
    """The table's line of the reconciliation."""
    return next(line for line in result.counts if line.table == table)


def fates(result: SystemResult, table: str) -> dict[str, int]:
    """The numbers of the table's line that are not zero."""
    line = count(result, table)
    names = ("extracted", "loaded", "unchanged", "merged", "quarantined", "excluded", "ended")
    return {name: getattr(line, name) for name in names if getattr(line, name)}


def chunk(table: str, rows: Sequence[Row]) -> pa.Table:
    """Rows as a connector yields them."""
    columns = COLUMNS[table]
    faults = [row[0] if row and row[0] in (BROKEN, DELETED) else None for row in rows]
    cells = {
        name: pa.array([None if fault else row[at] for row, fault in zip(rows, faults, strict=True)], pa.string())
        for at, name in enumerate(columns)
    }
    return pa.table(
        {
            "_line": pa.array(range(1, len(rows) + 1), pa.int64()),
            "_fault": pa.array(faults, pa.string()),
            "_raw": pa.array([row[1] if fault else None for row, fault in zip(rows, faults, strict=True)], pa.string()),
            **cells,
        }
    )


def know_ledgers(patch: pytest.MonkeyPatch, folder: Path, package: str) -> None:
    """Lets the hub know the system from this folder instead of the product's own."""
    patch.setattr(references, "load_system", lambda name: catalogue.load_system(name, folder, package))
    references.mapping_of.cache_clear()
