"""Stated balances: where a source's balance differs from the sum of its own transactions, account by account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
import psycopg

STATED = """
CREATE TEMP TABLE stated ON COMMIT DROP AS
SELECT DISTINCT ON (s.account_id)
  s.account_id, s.balance_date, s.balance, b.source_table, s.batch_id, s.source_row, s.source_key
FROM canonical.balance_snapshot s JOIN ledger.batch b ON b.id = s.batch_id
WHERE b.system = %(system)s AND s.ended_run_id IS NULL
ORDER BY s.account_id, s.balance_date DESC
"""
DIFFERENCES = """
WITH posted AS (
  SELECT t.account_id, sum(t.amount) AS balance
  FROM canonical.rent_transaction t JOIN stated s USING (account_id)
  WHERE t.effective_date <= s.balance_date AND t.ended_run_id IS NULL GROUP BY 1)
SELECT s.source_table, s.batch_id, s.source_row, s.source_key, s.balance, coalesce(p.balance, 0)
FROM stated s LEFT JOIN posted p USING (account_id)
"""
SUM_STATED = b"SELECT source_table, sum(balance) FROM stated GROUP BY 1"
SUM_POSTED = b"""
SELECT s.source_table, sum(t.amount) FROM canonical.rent_transaction t JOIN stated s USING (account_id)
WHERE t.effective_date <= s.balance_date AND t.ended_run_id IS NULL GROUP BY 1
"""
SUM_TOLD = b"""
SELECT b.source_table, sum(i.value::numeric) FROM restricted.issue i JOIN ledger.batch b ON b.id = i.batch_id
WHERE i.run_id = %s AND b.system = %s AND i.code = ANY(%s) AND i.closed_run_id IS NULL GROUP BY 1
"""


def stated_balances(connection: psycopg.Connection[tuple[object, ...]], system: str) -> pd.DataFrame:
    """The last stated balance of each account of a system beside the sum of its loaded transactions.

    Columns ``table, batch_id, row, key, stated, posted, difference``; pounds; difference = stated - posted.
    """
    with connection.transaction():
        connection.execute(STATED, {"system": system})
        connection.execute("ANALYZE stated")  # a planner that knows its size reads the transactions once
        rows = connection.execute(DIFFERENCES).fetchall()
    frame = pd.DataFrame(rows, columns=["table", "batch_id", "row", "key", "stated", "posted"])
    return frame.assign(difference=frame["stated"] - frame["posted"])


@dataclass(frozen=True)
class StatedTotals:
    """A table's stated balances beside its transactions, in pounds, each side summed by itself.

    ``told``: the sum of the differences of the issue rows that this run recorded.
    """

    stated: Decimal
    posted: Decimal
    told: Decimal

    @property
    def difference(self) -> Decimal:
        """Stated minus posted."""
        return self.stated - self.posted

    @property
    def closes(self) -> bool:
        """Whether the issue rows sum exactly to the difference of the totals."""
        return self.difference == self.told


def stated_totals(
    connection: psycopg.Connection[tuple[object, ...]], system: str, run_id: int, codes: Sequence[str]
) -> dict[str, StatedTotals]:
    """By source table that states balances, its totals; ``codes`` are the issues that tell of a difference."""
    with connection.transaction():
        connection.execute(STATED, {"system": system})
        connection.execute("ANALYZE stated")
        stated, posted = _sums(connection, SUM_STATED), _sums(connection, SUM_POSTED)
        told = _sums(connection, SUM_TOLD, (run_id, system, list(codes)))
    none = Decimal(0)
    return {table: StatedTotals(stated[table], posted.get(table, none), told.get(table, none)) for table in stated}


def _sums(
    connection: psycopg.Connection[tuple[object, ...]], query: bytes, values: tuple[object, ...] = ()
) -> dict[str, Decimal]:
    rows: list[Any] = connection.execute(query, values).fetchall()
    return dict(rows)
