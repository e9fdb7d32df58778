"""Money: every penny of a source table has a place, per account, per rent group and in total.

The source's side is read from the landed rows, the canonical side from the database: neither takes the
other's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import sql

from identity.ids import key_of, stable_ids
from ledger.spec import MoneyColumn
from ledger.values import Batch, MoneyTarget

ZERO = Decimal("0.00")
EXACT = pa.decimal128(18, 2)


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
            {"account": _text(table[money.account]), "fate": pa.array(inside.to_numpy(dtype=object), pa.string()),
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

    ``scope`` is the SQL condition on ``t`` that chooses the rows of the table in question.
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
    return pd.DataFrame(cursor.fetchall(), columns=["account_id", "amount", "rent_group"])


def books(source: pd.DataFrame, canonical: pd.DataFrame, target: MoneyTarget) -> MoneyBooks:
    """The books of one table from both sides."""
    by_fate = source.groupby("fate")["amount"].sum()
    kept = source[source["fate"].isin(["loaded", "unchanged"])]
    expected = kept.assign(account_id=_account_ids(kept["account"], target))
    sides = pd.DataFrame(
        {
            "source": expected.groupby("account_id")["amount"].sum(),
            "canonical": canonical.set_index("account_id")["amount"],
        }
    )
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
        return list(accounts)
    keys = [key_of(target.account_system, target.account_table, str(key), target.account_part) for key in accounts]
    ids: list[str] = stable_ids(pa.array(keys, pa.string())).to_pylist()
    return ids


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(pc.cast(column, pa.string()))


def _amounts(table: pa.Table, money: MoneyColumn) -> pa.ChunkedArray:
    column = table[money.amount]
    if pa.types.is_string(column.type):
        clean = pc.replace_substring_regex(_text(column), r"^\+|[£,]", "")
        good = pc.match_substring_regex(clean, r"^-?\d{1,12}(\.\d{0,2}0*)?$")
        column = pc.if_else(good, clean, pa.scalar(None, pa.string()))
    elif pa.types.is_decimal(column.type) and column.type.scale > EXACT.scale:
        cents = pc.round(column, EXACT.scale)
        column = pc.if_else(pc.equal(cents, column), column, pa.scalar(None, column.type))
    amount = pc.cast(column, EXACT)
    if money.sign_column:
        negative = pc.is_in(_text(table[money.sign_column]), pa.array(money.negative_values))
        amount = pc.cast(pc.if_else(negative, pc.negate(amount), amount), EXACT)
    return amount
