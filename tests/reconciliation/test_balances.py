"""Stated balances: both totals are summed by themselves, and the issue rows must bear their difference out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine

from loading.load import connect
from reconciliation.balances import StatedTotals, stated_balances, stated_totals
from tests.canonical_model.rows import add, add_account

CODE = "OLD-ACCOUNTS-BALANCE-DIFFERS"
STATED = {"A1": ("10.00", "9.00"), "A2": ("-3.50", "0.25"), "A3": ("7.00", "7.00")}
"""By account: what the source states, and the sum of its transactions."""


@pytest.fixture
def ledger(hub_url: str) -> str:
    """Accounts with a stale snapshot, a last one, and transactions before and after it."""
    with connect(hub_url) as connection:
        connection.execute("INSERT INTO ledger.run DEFAULT VALUES")
        connection.execute(
            "INSERT INTO ledger.batch (run_id, system, source_table, folder, mapping_version, rows, sha256) "
            "VALUES (1, 'old', 'accounts', '', '', 3, '')"
        )
    engine = create_engine(hub_url)
    with engine.begin() as connection:
        for name, (stated, posted) in STATED.items():
            account = add_account(connection, account_ref=name, source_key=name)
            for day, amount in ((date(2024, 4, 1), "99.00"), (date(2025, 4, 7), stated)):
                add(
                    connection, "balance_snapshot", account_id=account, balance_kind_code="current", balance_date=day,
                    balance=Decimal(amount), source_key=name,
                )  # fmt: skip
            for day, amount in ((date(2025, 4, 7), posted), (date(2025, 4, 14), "55.00")):
                entry: dict[str, Any] = {"effective_date": day, "amount": Decimal(amount), "source_key": name}
                add(connection, "rent_transaction", account_id=account, transaction_type_code="charge", **entry)
    engine.dispose()
    return hub_url


def told(connection: psycopg.Connection[tuple[object, ...]], differences: dict[str, str]) -> None:
    for key, value in differences.items():
        connection.execute(
            "INSERT INTO restricted.issue (batch_id, run_id, source_key, code, severity, field, value, owner) "
            "VALUES (1, 1, %s, %s, 'error', 'balance', %s, 'Rents')", (key, CODE, value),
        )  # fmt: skip


def test_issues_that_bear_the_difference_out(ledger: str) -> None:
    with connect(ledger) as connection:
        found = stated_balances(connection, "old").set_index("key")["difference"]
        assert found.to_dict() == {"A1": Decimal("1.00"), "A2": Decimal("-3.75"), "A3": Decimal("0.00")}
        told(connection, {"A1": "1.00", "A2": "-3.75"})
        totals = stated_totals(connection, "old", 1, [CODE])["accounts"]
    assert totals == StatedTotals(Decimal("13.50"), Decimal("16.25"), Decimal("-2.75"))
    assert (totals.difference, totals.closes) == (Decimal("-2.75"), True)


@pytest.mark.parametrize("differences", [{}, {"A1": "1.00"}, {"A1": "1.00", "A2": "-3.74"}])
def test_a_difference_that_no_issue_tells_of_is_seen(ledger: str, differences: dict[str, str]) -> None:
    with connect(ledger) as connection:
        told(connection, differences)
        assert not stated_totals(connection, "old", 1, [CODE])["accounts"].closes
