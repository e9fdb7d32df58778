"""Business rules of the canonical model on small rows in a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine

from canonical_model import schema
from canonical_model.tables import metadata
from tests.canonical_model.rows import add, add_account, add_home, add_tenancy
from validation.canonical import RULES, check_model


@pytest.fixture
def model(database_url: str) -> Iterator[Connection]:
    schema.migrate(database_url)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def broken(url: str, docs: Path | None = None) -> dict[str, tuple[int, tuple[str, ...]]]:
    return {fault.code: (fault.count, fault.keys) for verdict in check_model(url, docs) for fault in verdict.faults}


def test_every_rule_is_sql_that_an_empty_model_holds(model: Connection, database_url: str) -> None:
    verdicts = check_model(database_url)
    assert [verdict.table for verdict in verdicts] == list(dict.fromkeys(rule.table for rule in RULES))
    assert all(verdict.passed and verdict.rows == 0 and not verdict.faults for verdict in verdicts)
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert all(f"canonical.{rule.table}" in metadata.tables for rule in RULES)


def test_offending_rows_are_counted_and_named_by_their_source_key(
    model: Connection, database_url: str, tmp_path: Path
) -> None:
    home, person = add_home(model), add(model, "person", person_ref="1", surname="Canary47")
    whole = add_tenancy(model, source_key="whole")
    add_tenancy(model, source_key="bare")
    add_tenancy(model, source_key="ended", end_date=date(2021, 1, 1))
    add_tenancy(model, source_key="vanished", ended_run_id=1)
    add(model, "tenancy_party", tenancy_id=whole, person_id=person, role_code="sole_tenant")
    add(model, "tenancy_holding", tenancy_id=whole, asset_id=home, role_code="main", start_date=date(2019, 1, 1))
    account = add_account(model, tenancy_id=whole, start_date=date(2020, 4, 6), rent_group_code="H")
    entry = {"account_id": account, "transaction_type_code": "charge", "amount": 1}
    add(model, "rent_transaction", source_key="early", effective_date=date(2020, 4, 5), **entry)
    add(model, "rent_transaction", source_key="right", effective_date=date(2020, 4, 6), **entry)
    add(
        model, "rent_period", rent_group_code="H", rent_year=2020, period_no=1, week_start_date=date(2020, 4, 6),
        is_free_week=False,
    )  # fmt: skip
    stated = {"account_id": account, "balance_kind_code": "period_end", "rent_year": 2020, "period_no": 1}
    add(model, "balance_snapshot", source_key="sunday", balance_date=date(2020, 4, 12), balance=1, **stated)
    add(model, "balance_snapshot", source_key="monday", balance_date=date(2020, 4, 13), balance=50_001, **stated)
    model.commit()
    assert broken(database_url, tmp_path) == {
        "CANONICAL-TENANCY-NO-ACCOUNT": (1, ("bare",)),
        "CANONICAL-TENANCY-NO-PARTY": (1, ("bare",)),
        "CANONICAL-TENANCY-NO-HOLDING": (1, ("bare",)),
        "CANONICAL-TENANCY-HOLDING-OUTSIDE-TENANCY": (1, ("k",)),
        "CANONICAL-RENT-TRANSACTION-BEFORE-ACCOUNT": (1, ("early",)),
        "CANONICAL-BALANCE-SNAPSHOT-NOT-PERIOD-END": (1, ("monday",)),
        "CANONICAL-BALANCE-SNAPSHOT-IMPLAUSIBLE": (1, ("monday",)),
    }
    verdict = next(verdict for verdict in check_model(database_url) if verdict.table == "tenancy")
    assert (verdict.rows, verdict.passed) == (3, False)
    assert "an open tenancy has a rent account" in verdict.stop_reason
    assert "Canary47" not in "".join(page.read_text("utf-8") for page in tmp_path.iterdir())
