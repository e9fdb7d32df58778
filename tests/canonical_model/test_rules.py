"""The database refuses what cannot be."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from canonical_model.tables import current, metadata
from tests.canonical_model.rows import SOURCE, add, add_account, add_home, add_tenancy

CODED = [
    (table.name, column.name)
    for table in sorted(metadata.tables.values(), key=str)
    for column in table.columns
    if table.schema == "canonical" and "codes" in column.info
]
DATED = [
    (table.name, rule.name.removeprefix(f"ck_{table.name}_"))
    for table in sorted(metadata.tables.values(), key=str)
    for rule in sorted(table.constraints, key=lambda rule: str(rule.name))
    if isinstance(rule.name, str) and "_not_before_" in rule.name
]


@pytest.mark.parametrize(("table", "column"), CODED)
def test_every_listed_column_has_its_check(model: Connection, table: str, column: str) -> None:
    definition = definition_of(model, table, f"ck_{table}_{column}")
    codes = current(table).c[column].info["codes"]
    assert all(f"'{code}'" in definition for code in codes)


@pytest.mark.parametrize(("table", "rule"), DATED)
def test_no_end_stands_before_its_start(model: Connection, table: str, rule: str) -> None:
    end, start = rule.split("_not_before_")
    assert f"({end} >= {start})" in definition_of(model, table, f"ck_{table}_{rule}")


def test_an_unknown_code_is_refused(model: Connection) -> None:
    refuses(model, "ck_asset_asset_type_code", "asset", asset_ref="1", asset_type_code="castle")


@pytest.mark.parametrize("uprn", [0, -1, 1_000_000_000_000])
def test_a_uprn_has_at_most_twelve_digits(model: Connection, uprn: int) -> None:
    refuses(model, "ck_asset_uprn", "asset", asset_ref="1", asset_type_code="flat", uprn=uprn)


@pytest.mark.parametrize("uprn", [1, 100_023_336, 10_093_045_678, 999_999_999_999])
def test_short_and_long_uprns_are_valid(model: Connection, uprn: int) -> None:
    add_home(model, uprn=uprn)


def test_a_tenancy_cannot_end_before_it_starts(model: Connection) -> None:
    refuses(
        model,
        "ck_tenancy_end_date_not_before_start_date",
        "tenancy",
        tenancy_ref="1",
        tenancy_type_code="secure",
        start_date="2020-04-06",
        end_date="2020-04-05",
    )


def test_a_charge_belongs_to_an_account(model: Connection) -> None:
    refuses(
        model,
        "fk_charge_account_id",
        "charge",
        account_id=uuid4(),
        element_code="basic_rent",
        amount=Decimal("101.27"),
        frequency_code="weekly",
    )


def test_an_account_in_credit_fits(model: Connection) -> None:
    account = add_account(model)
    add(
        model,
        "balance_snapshot",
        account_id=account,
        balance_date="2026-03-29",
        balance_kind_code="year_end",
        balance=Decimal("-12.34"),
    )
    assert model.scalar(select(current("balance_snapshot").c.balance)) == Decimal("-12.34")


@pytest.mark.parametrize("period_no", [-1, 54])
def test_a_rent_year_has_at_most_53_weeks(model: Connection, period_no: int) -> None:
    refuses(
        model,
        "ck_rent_transaction_period_no",
        "rent_transaction",
        account_id=add_account(model),
        effective_date="2026-04-06",
        transaction_type_code="charge",
        amount=Decimal(1),
        period_no=period_no,
    )


def test_a_contact_reaches_somebody(model: Connection) -> None:
    refuses(model, "ck_contact_method_reaches_somebody", "contact_method", contact_type_code="email", value="x")


def test_an_alert_is_about_something(model: Connection) -> None:
    refuses(model, "ck_alert_is_about_something", "alert", alert_type_code="dangerous_dog")


def test_a_party_is_a_person_or_an_organisation(model: Connection) -> None:
    tenancy = add_tenancy(model)
    refuses(model, "ck_tenancy_party_one_party", "tenancy_party", tenancy_id=tenancy, role_code="sole_tenant")


class TestHoldings:
    """No home is held twice at once, but for what a source cannot explain."""

    @pytest.fixture
    def home(self, model: Connection) -> UUID:
        return add_home(model)

    def hold(self, model: Connection, home: UUID, start: str, end: str | None, **more: object) -> UUID:
        given = {"asset_id": home, "tenancy_id": add_tenancy(model), "role_code": "main"}
        return add(model, "tenancy_holding", **given, start_date=start, end_date=end, **more)

    def judge(self, model: Connection) -> None:
        model.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    def test_one_after_the_other_on_the_same_day(self, model: Connection, home: UUID) -> None:
        self.hold(model, home, "2015-01-05", "2020-04-06")
        self.hold(model, home, "2020-04-06", None)
        self.judge(model)

    @pytest.mark.parametrize(("start", "end"), [("2019-01-07", None), ("2010-01-04", "2015-01-06")])
    def test_an_overlap_is_refused(self, model: Connection, home: UUID, start: str, end: str | None) -> None:
        self.hold(model, home, "2015-01-05", "2020-04-06")
        self.hold(model, home, start, end)
        with pytest.raises(IntegrityError, match="ex_tenancy_holding_overlap"):
            self.judge(model)

    def test_open_holdings_overlap(self, model: Connection, home: UUID) -> None:
        self.hold(model, home, "2015-01-05", None)
        self.hold(model, home, "2024-01-08", None)
        with pytest.raises(IntegrityError, match="ex_tenancy_holding_overlap"):
            self.judge(model)

    def test_a_disputed_one_may_stand_beside_it(self, model: Connection, home: UUID) -> None:
        self.hold(model, home, "2015-01-05", None)
        self.hold(model, home, "2024-01-08", None, is_disputed=True)
        self.judge(model)

    def test_what_its_source_dropped_holds_nothing(self, model: Connection, home: UUID) -> None:
        self.hold(model, home, "2015-01-05", None, ended_run_id=2)
        self.hold(model, home, "2024-01-08", None)
        self.judge(model)

    def test_a_handover_is_judged_when_both_are_written(self, model: Connection, home: UUID) -> None:
        old = self.hold(model, home, "2015-01-05", None)
        self.hold(model, home, "2026-04-06", None)
        holding = current("tenancy_holding")
        model.execute(update(holding).where(holding.c.id == old).values(end_date="2026-04-06"))
        self.judge(model)


def refuses(model: Connection, rule: str, table: str, **values: object) -> None:
    with pytest.raises(IntegrityError, match=rule):
        model.execute(insert(current(table)), {"id": uuid4(), **SOURCE, **values})


def definition_of(model: Connection, table: str, rule: str) -> str:
    query = """
        SELECT pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conname = left(:rule, 63) AND conrelid = ('canonical.' || :table)::regclass
    """
    return str(model.scalar(text(query), {"rule": rule, "table": table}))
