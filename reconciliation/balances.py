"""Stated balances: where a source's balance differs from the sum of its own transactions, account by account."""

from __future__ import annotations

from decimal import Decimal

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


def total_difference(balances: pd.DataFrame, table: str) -> Decimal | None:
    """Sum of stated minus posted over a table's accounts; None where it states no balances.

    The single differences are issue rows; that they sum to the difference of the totals is asserted here.
    """
    mine = balances[balances["table"] == table]
    if not len(mine):
        return None
    total = sum(mine["stated"], Decimal(0)) - sum(mine["posted"], Decimal(0))
    assert total == sum(mine["difference"], Decimal(0))
    return Decimal(total)
