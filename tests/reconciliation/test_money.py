"""Money by account, rent group and fate: what is set aside stands where it belongs, and a penny's absence is seen."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from identity.ids import key_of, stable_id
from ledger.spec import MoneyColumn, TableSpec
from ledger.values import Batch, MoneyTarget, Part
from loading.load import connect
from reconciliation.money import MoneyBooks, books, source_money
from tests.flows.hub import Hub, Row
from tests.flows.test_conservation import ALL, POSTINGS

TARGET = MoneyTarget("rent_transaction", "amount", "account_id", "old")
LINES = [  # account, group, fate, amount
    ("A1", "HRA", "loaded", "10.00"),
    ("A1", "HRA", "merged", "10.00"),
    ("A1", None, "quarantined", "1.50"),
    ("A2 ", "TAH", "unchanged", "-4.00"),
    ("A3", "TAH", "excluded", "2.25"),
    (None, None, "quarantined", "0.75"),
    ("A4", None, "quarantined", "not said"),
]


@pytest.fixture
def cursor(hub_url: str) -> Iterator[psycopg.Cursor[tuple[object, ...]]]:
    with connect(hub_url) as connection, connection.cursor() as opened:
        yield opened


def landed(folder: Path, group: str | None) -> pd.DataFrame:
    """The source's money of LINES, landed in two parts."""
    money = MoneyColumn("amount", "account", group)
    parts = []
    for first, until in ((0, 3), (3, len(LINES))):
        path = folder / f"part-{first}.parquet"
        names = ("account", "rent_group", "amount")
        cells = [[line[at] for line in LINES[first:until]] for at in (0, 1, 3)]
        pq.write_table(pa.table({n: pa.array(c, pa.string()) for n, c in zip(names, cells, strict=True)}), path)
        parts.append(Part(path, "unit", None, until - first, first))
    table = TableSpec("old", "postings", (), ("number",), "", money)
    batch = Batch(table, 1, 1, folder, tuple(parts), (), (), "")
    return source_money(batch, money, pd.Series([fate for _, _, fate, _ in LINES]))


def account(name: str) -> str:
    return stable_id(key_of("old", "rent_account", name)).hex


def by_group(found: MoneyBooks) -> dict[str, tuple[str, ...]]:
    names = ("accounts", "source", "canonical", "merged", "quarantined", "excluded")
    return {
        str(line.rent_group): tuple(str(getattr(line, name)) for name in names) for line in found.groups.itertuples()
    }


def test_what_is_set_aside_stands_in_its_rent_group(tmp_path: Path, cursor: psycopg.Cursor[tuple[object, ...]]) -> None:
    canonical = pd.Series({account("A1"): Decimal("10.00"), account("A2"): Decimal("-4.00")}, dtype="object")
    found = books(cursor, landed(tmp_path, "rent_group"), canonical, TARGET)
    assert found.closes
    assert by_group(found) == {
        "HRA": ("1", "21.50", "10.00", "10.00", "1.50", "0.00"),
        "TAH": ("2", "-1.75", "-4.00", "0.00", "0.00", "2.25"),
        "-": ("2", "0.75", "0.00", "0.00", "0.75", "0.00"),
    }
    assert (found.source, found.merged, found.quarantined, found.excluded) == (
        Decimal("20.50"), Decimal("10.00"), Decimal("2.25"), Decimal("2.25"),
    )  # fmt: skip


def test_a_penny_on_the_wrong_account_is_seen(tmp_path: Path, cursor: psycopg.Cursor[tuple[object, ...]]) -> None:
    """The totals agree, two accounts do not; and of two accounts of different groups neither do the groups."""
    moved = pd.Series({account("A1"): Decimal("9.99"), account("A2"): Decimal("-3.99")}, dtype="object")
    found = books(cursor, landed(tmp_path, "rent_group"), moved, TARGET)
    assert found.source == found.canonical + found.merged + found.quarantined + found.excluded
    assert (found.open_accounts, found.closes) == (2, False)
    lost = pd.Series({account("A1"): Decimal("10.00")}, dtype="object")
    assert not books(cursor, landed(tmp_path, "rent_group"), lost, TARGET).closes


def test_money_that_never_came_from_the_source_is_seen(
    tmp_path: Path, cursor: psycopg.Cursor[tuple[object, ...]]
) -> None:
    strange = {account("A1"): Decimal("10.00"), account("A2"): Decimal("-4.00"), account("A9"): Decimal("0.01")}
    assert books(cursor, landed(tmp_path, None), pd.Series(strange, dtype="object"), TARGET).open_accounts == 1


def test_without_a_group_in_the_source_the_model_tells_it(hub: Hub) -> None:
    hub.run(ALL)
    hub.query("UPDATE canonical.rent_account SET rent_group_code = 'HRA' WHERE account_ref = 'A1' RETURNING 1")
    aside: list[Row] = [("A1", " ", "2024-04-01", "RNT", "2.00"), ("A9", "1", "2024-04-01", "RNT", "3.00")]
    result = hub.run({**ALL, "postings": [*POSTINGS, POSTINGS[0], *aside]})
    assert all(line.closes for line in result.counts)
    lines = hub.query(
        "SELECT rent_group, accounts, money_source, money_canonical, money_merged, money_quarantined, money_excluded "
        "FROM ledger.group_money WHERE run_id = 2 AND source_table = 'postings' ORDER BY 1 DESC"
    )
    assert [tuple(map(str, line)) for line in lines] == [
        ("HRA", "1", "162.15", "60.05", "100.10", "2.00", "0.00"),
        ("-", "2", "10.00", "7.00", "0.00", "3.00", "0.00"),
    ]
