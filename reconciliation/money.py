"""Money: every penny of a source table has a place, per account, per rent group and in total.

The source's side is read from the landed rows, the canonical side from the database: neither takes the
other's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import sql

from identity.ids import key_of, stable_ids
from ledger.keys import trimmed
from ledger.spec import MoneyColumn
from ledger.values import Batch, MoneyTarget

ZERO = Decimal("0.00")
EXACT = pa.decimal128(18, 2)
NOBODY = ""
"""The account of money that stands on none."""
AMOUNT = r"^-?\d{1,10}(\.\d{0,2}0*)?$"
"""What a text must look like to hold money; the mappings' rule of money takes the same."""


@dataclass(frozen=True)
class MoneyBooks:
    """Pounds by where they went; ``open_accounts`` have a source that differs from canonical + set aside.

    ``groups``: rent_group, accounts, money_source, money_canonical, money_set_aside.
    """

    source: Decimal
    canonical: Decimal
    merged: Decimal
    quarantined: Decimal
    excluded: Decimal
    open_accounts: int
    groups: pd.DataFrame

    @property
    def closes(self) -> bool:
        """Whether source = canonical + merged + quarantined + excluded, in total and for every account."""
        aside = self.merged + self.quarantined + self.excluded
        return self.source == self.canonical + aside and not self.open_accounts


def source_money(batch: Batch, money: MoneyColumn, fates: pd.Series[str]) -> pd.DataFrame:
    """Pounds of the landed rows by account and fate: columns ``account, fate, amount``.

    A cell that holds no amount holds no money; its row is an issue of its own.
    """
    frames = []
    for part in batch.parts:
        columns = [money.amount, money.account, *([money.sign_column] if money.sign_column else [])]
        table = pq.read_table(part.path, columns=columns)
        amount = _amounts(table, money)
        inside = fates.iloc[part.first_row : part.first_row + part.rows]
        grouped = pa.table(
            {"account": trimmed(table[money.account]), "fate": pa.array(inside.to_numpy(dtype=object), pa.string()),
             "amount": amount}
        ).group_by(["account", "fate"]).aggregate([("amount", "sum")])  # fmt: skip
        frames.append(grouped)
    if not frames:
        return pd.DataFrame({"account": [], "fate": [], "amount": []})
    total = pa.concat_tables(frames).group_by(["account", "fate"]).aggregate([("amount_sum", "sum")])
    frame: pd.DataFrame = total.rename_columns(["account", "fate", "amount"]).to_pandas()
    frame["amount"] = frame["amount"].map(lambda value: ZERO if value is None else value)
    return frame


def canonical_table(name: str) -> sql.Identifier:
    """The qualified name of a canonical table."""
    return sql.Identifier("canonical", name)


def canonical_money(
    cursor: psycopg.Cursor[tuple[object, ...]], target: MoneyTarget, scope: sql.Composable
) -> pd.DataFrame:
    """Pounds that stand in the canonical model by account: ``account_id, amount, rent_group``.

    ``scope`` is the SQL condition on ``t`` that chooses the rows of the table in question. What stands on no
    account has the account NOBODY.
    """
    statement = (
        "SELECT replace(m.account::text, '-', ''), m.amount, a.rent_group_code FROM (SELECT t.{account} account, "
        "sum(t.{column}) amount FROM {table} t WHERE {scope} GROUP BY 1) m "
        "LEFT JOIN canonical.rent_account a ON a.id = m.account"
        if target.account_system and target.account_table == "rent_account"
        else "SELECT replace(t.{account}::text, '-', ''), sum(t.{column}), NULL FROM {table} t WHERE {scope} GROUP BY 1"
        if target.account_system
        else "SELECT t.{account}, sum(t.{column}), NULL FROM {table} t WHERE {scope} GROUP BY 1"
    )
    cursor.execute(
        sql.SQL(statement).format(
            account=sql.Identifier(target.account_column), column=sql.Identifier(target.column),
            table=canonical_table(target.table), scope=scope,
        )
    )  # fmt: skip
    found = pd.DataFrame(cursor.fetchall(), columns=["account_id", "amount", "rent_group"])
    return found.assign(account_id=found["account_id"].fillna(NOBODY))


def kept_money(
    cursor: psycopg.Cursor[tuple[object, ...]], source: pd.DataFrame, canonical: pd.DataFrame, target: MoneyTarget
) -> pd.Series[Any]:
    """Pounds of the kept source rows by the canonical side's name of their account.

    Where the reference to the account is optional, a row whose account the hub does not know keeps its money
    and stands on no account: its account's absence is looked up, not assumed.
    """
    kept = source[source["fate"].isin(["loaded", "unchanged"])]
    kept = kept.assign(account_id=_account_ids(kept["account"], target))
    if target.account_system and NOBODY in set(canonical["account_id"]):
        doubtful = sorted(set(kept["account_id"]) - set(canonical["account_id"]))
        cursor.execute(
            sql.SQL("SELECT replace(id::text, '-', '') FROM {} WHERE id = ANY(%s::uuid[])").format(
                canonical_table(target.account_table)
            ),
            (doubtful,),
        )
        absent = set(doubtful) - {str(account) for (account,) in cursor.fetchall()}
        kept = kept.assign(account_id=kept["account_id"].mask(kept["account_id"].isin(absent), NOBODY))
    by_account: pd.Series[Any] = kept.groupby("account_id")["amount"].sum()
    return by_account


def books(source: pd.DataFrame, kept: pd.Series[Any], canonical: pd.DataFrame) -> MoneyBooks:
    """The books of one table from both sides: all its money, what was kept of it, and what stands in the model."""
    by_fate = source.groupby("fate")["amount"].sum()
    sides = pd.DataFrame({"source": kept, "canonical": canonical.set_index("account_id")["amount"]})
    sides = sides.apply(lambda side: side.map(lambda value: ZERO if pd.isna(value) else value))
    group = canonical.set_index("account_id")["rent_group"].reindex(sides.index).fillna("-")
    groups = sides.assign(rent_group=group).groupby("rent_group").agg(
        accounts=("source", "size"), money_source=("source", "sum"), money_canonical=("canonical", "sum")
    )  # fmt: skip
    aside = source.loc[~source["fate"].isin(["loaded", "unchanged"]), "amount"].sum() or ZERO
    groups = groups.assign(money_set_aside=ZERO)
    if aside or "-" in groups.index:
        earlier = groups.loc["-"] if "-" in groups.index else pd.Series(
            {"accounts": 0, "money_source": ZERO, "money_canonical": ZERO, "money_set_aside": ZERO}
        )  # fmt: skip
        groups.loc["-"] = earlier + pd.Series(
            {"accounts": 0, "money_source": aside, "money_canonical": ZERO, "money_set_aside": aside}
        )
    return MoneyBooks(
        source=sum(source["amount"], ZERO),
        canonical=sum(sides["canonical"], ZERO),
        merged=by_fate.get("merged", ZERO),
        quarantined=by_fate.get("quarantined", ZERO),
        excluded=by_fate.get("excluded", ZERO),
        open_accounts=int(np.count_nonzero(sides["source"] != sides["canonical"])),
        groups=groups.reset_index(),
    )


def _account_ids(accounts: pd.Series[str], target: MoneyTarget) -> list[str]:
    """How the canonical side names the source's accounts."""
    if not target.account_system:
        return list(accounts.fillna(NOBODY))
    keys = [
        key_of(target.account_system, target.account_table, key, target.account_part) if key else None
        for key in accounts.fillna("")
    ]
    return [row_id or NOBODY for row_id in stable_ids(pa.array(keys, pa.string())).to_pylist()]


def _amounts(table: pa.Table, money: MoneyColumn) -> pa.ChunkedArray:
    column = table[money.amount]
    if pa.types.is_string(column.type):
        clean = pc.replace_substring_regex(trimmed(column), r"^\+|[£,]", "")
        good = pc.match_substring_regex(clean, AMOUNT)
        column = pc.if_else(good, clean, pa.scalar(None, pa.string()))
    elif pa.types.is_decimal(column.type) and column.type.scale > EXACT.scale:
        cents = pc.round(column, EXACT.scale)
        column = pc.if_else(pc.equal(cents, column), column, pa.scalar(None, column.type))
    elif pa.types.is_integer(column.type):
        column = pc.cast(column, pa.decimal128(19, 0))
    amount = pc.cast(pc.cast(column, pa.decimal128(38, 2)), EXACT)
    if money.sign_column:
        negative = pc.is_in(trimmed(table[money.sign_column]), pa.array(money.negative_values))
        amount = pc.cast(pc.if_else(negative, pc.negate(amount), amount), EXACT)
    return amount
