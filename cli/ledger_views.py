"""What the ledger answers: the state of systems, issues, the reconciliation of a run. One query each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from ledger.errors import ConfigurationFault
from ledger.values import TableCount
from loading.load import connect

RUN_HEADINGS = ("System", "Run", "Status", "At", "Rows", "Quarantined", "Closes")

LAST_RUNS = """
SELECT s.system, s.run_id, s.status, to_char(s.finished_at, 'YYYY-MM-DD HH24:MI'),
       (SELECT sum(extracted) FROM ledger.table_count c WHERE c.run_id = s.run_id AND c.system = s.system),
       (SELECT sum(quarantined) FROM ledger.table_count c WHERE c.run_id = s.run_id AND c.system = s.system),
       (SELECT bool_and(closes) FROM ledger.table_count c WHERE c.run_id = s.run_id AND c.system = s.system), s.message
FROM ledger.system_run s
WHERE s.run_id = (SELECT max(run_id) FROM ledger.system_run l WHERE l.system = s.system) ORDER BY s.system
"""

DRIFT_HEADINGS = ("System", "Table", "Element", "Times", "Last in run")

DRIFT = """
SELECT DISTINCT ON (system, source_table, element) system, source_table, element, times, run_id
FROM ledger.drift ORDER BY system, source_table, element, run_id DESC
"""

ISSUE_CODES = """
SELECT i.code, i.severity, i.owner, count(*) FROM restricted.issue i JOIN ledger.batch b ON b.id = i.batch_id
WHERE i.closed_run_id IS NULL AND (%(system)s::text IS NULL OR b.system = %(system)s)
  AND (%(code)s::text IS NULL OR i.code = %(code)s)
GROUP BY 1, 2, 3 ORDER BY 2, 4 DESC, 1
"""

ISSUE_ROWS = """
SELECT i.code, i.severity, i.owner, b.system, b.source_table, i.source_key, i.source_row, i.field, i.value
FROM restricted.issue i JOIN ledger.batch b ON b.id = i.batch_id
WHERE i.closed_run_id IS NULL AND (%(system)s::text IS NULL OR b.system = %(system)s)
  AND (%(code)s::text IS NULL OR i.code = %(code)s)
ORDER BY i.severity, b.system, b.source_table, i.source_row LIMIT %(limit)s
"""

ISSUE_HEADINGS = ("Code", "Severity", "Who corrects it", "System", "Table", "Key", "Row", "Field", "Value")

COUNTS = """
SELECT run_id, system, source_table, extracted, loaded, unchanged, merged, quarantined, excluded, ended, money_source,
       money_canonical, money_merged, money_quarantined, money_excluded, money_stated_difference, closes
FROM ledger.table_count WHERE run_id = coalesce(%(run)s, (SELECT max(id) FROM ledger.run))
ORDER BY system, source_table
"""

ENDINGS = """
SELECT system, status, message FROM ledger.system_run
WHERE run_id = coalesce(%(run)s, (SELECT max(id) FROM ledger.run)) AND (status <> 'finished' OR message IS NOT NULL)
ORDER BY system
"""

RUN_CLOSES = "SELECT closes FROM ledger.run WHERE id = coalesce(%(run)s, (SELECT max(id) FROM ledger.run))"


@dataclass(frozen=True)
class LastRuns:
    """Each system's last run: ``lines`` by RUN_HEADINGS, and what the runs had to say, in full."""

    lines: list[tuple[Any, ...]]
    messages: list[str]


def last_runs(database_url: str) -> LastRuns:
    """How each system's last run ended."""
    found = rows_of(database_url, LAST_RUNS, {})
    messages = [f"{row[0]}, run {row[1]}, {row[2]}: {row[-1]}" for row in found if row[-1]]
    return LastRuns([row[:-1] for row in found], messages)


def drift(database_url: str) -> list[tuple[Any, ...]]:
    """Elements that a source sends and its schema does not declare, with how often in the run that last met them."""
    return rows_of(database_url, DRIFT, {})


def issue_codes(database_url: str, system: str | None, code: str | None) -> list[tuple[Any, ...]]:
    """Standing issues by code: severity, who must correct them, how many."""
    return rows_of(database_url, ISSUE_CODES, {"system": system, "code": code})


def issue_rows(database_url: str, system: str | None, code: str | None, limit: int) -> list[tuple[Any, ...]]:
    """Standing issues one by one, with the offending value: personal data."""
    return rows_of(database_url, ISSUE_ROWS, {"system": system, "code": code, "limit": limit})


def table_counts(database_url: str, run: int | None) -> list[TableCount]:
    """The reconciliation of a run, or of the last one."""
    return [TableCount(*row) for row in rows_of(database_url, COUNTS, {"run": run})]


def endings(database_url: str, run: int | None) -> list[tuple[Any, ...]]:
    """Of a run, or of the last one: the systems that did not finish or left a message, with status and message."""
    return rows_of(database_url, ENDINGS, {"run": run})


def run_closes(database_url: str, run: int | None) -> bool:
    """Whether every system of a run, or of the last one, finished and all its books close.

    Raises ConfigurationFault where there is no such run.
    """
    found = rows_of(database_url, RUN_CLOSES, {"run": run})
    if not found:
        raise ConfigurationFault(
            "There was no run yet." if run is None else f"There is no run {run}.",
            next_step="Run `hub migrate` first." if run is None else "`hub status` shows each system's last run.",
        )
    return bool(found[0][0])


def rows_of(database_url: str, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What the query gives."""
    with connect(database_url) as connection:
        rows: psycopg.Cursor[tuple[Any, ...]] = connection.execute(query.encode(), values)
        return rows.fetchall()
