"""Money: every penny of a source table has a place, per account, per rent group and in total.

The source's side is read from the landed rows, the canonical side from the database: neither takes the
other's word.
"""

from __future__ import annotations

from collections.abc import Iterable
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
from ledger.values import FATES, Batch, MoneyTarget

ZERO = Decimal("0.00")
EXACT = pa.decimal128(18, 2)
KEPT = ("loaded", "unchanged")
SIDES = ("source", "canonical", "merged", "quarantined", "excluded")
NO_MONEY: pd.Series[Any] = pd.Series(dtype="object")
NOBODY = ""
"""The account of money that stands on none."""
AMOUNT = r"^-?\d{1,10}(\.\d{0,2}0*)?$"
"""What a text must look like to hold money; the mappings' rule of money takes the same."""


@dataclass(frozen=True)
class MoneyBooks:
    """Pounds by where they went; ``open_accounts`` have a source that differs from canonical + set aside.

    ``groups``: rent_group, accounts, then pounds: source, canonical, merged, quarantined, excluded.
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
        """Whether source = canonical + merged + quarantined + excluded: in total, by rent group and by account."""
        aside = self.merged + self.quarantined + self.excluded
        total = self.source == self.canonical + aside
        return total and not self.open_accounts and not _open(self.groups).any()


def source_money(batch: Batch, money: MoneyColumn, fates: pd.Series[str]) -> pd.DataFrame:
    """Pounds of the landed rows: columns ``account, rent_group, fate, amount``.

    ``rent_group`` is null where the source has no column of it. A cell that holds no amount holds no money; its
    row is an issue of its own.
    """
    by = ["account", "rent_group", "fate"]
    named = [money.amount, money.account, money.group, money.sign_column]
    frames = []
    for part in batch.parts:
        table = pq.read_table(part.path, columns=list(dict.fromkeys(filter(None, named))))
        group = trimmed(table[money.group]) if money.group else pa.nulls(len(table), pa.string())
        inside = fates.iloc[part.first_row : part.first_row + part.rows]
        cells = pa.table(
            {"account": trimmed(table[money.account]), "rent_group": group,
             "fate": pa.array(inside.to_numpy(dtype=object), pa.string()), "amount": _amounts(table, money)}
        )  # fmt: skip
        frames.append(cells.group_by(by).aggregate([("amount", "sum")]))
    if not frames:
        return pd.DataFrame({name: [] for name in (*by, "amount")})
    total = pa.concat_tables(frames).group_by(by).aggregate([("amount_sum", "sum")])
    frame: pd.DataFrame = total.rename_columns([*by, "amount"]).to_pandas()
    frame["amount"] = frame["amount"].map(lambda value: ZERO if value is None else value)
    return frame


def canonical_table(name: str) -> sql.Identifier:
    """The qualified name of a canonical table."""
    return sql.Identifier("canonical", name)


def canonical_money(
    cursor: psycopg.Cursor[tuple[object, ...]], target: MoneyTarget, scope: sql.Composable
) -> pd.Series[Any]:
    """Pounds that stand in the canonical model by account; what stands on none has the account NOBODY.

    ``scope`` is the SQL condition on ``t`` that chooses the rows of the table in question.
    """
    account = sql.SQL("replace(account::text, '-', '')") if target.account_system else sql.SQL("account")
    cursor.execute(
        sql.SQL(
            "SELECT coalesce({}, {}), sum(amount) "
            "FROM (SELECT t.{} AS account, sum(t.{}) AS amount FROM {} t WHERE {} GROUP BY 1) AS standing GROUP BY 1"
        ).format(
            account, sql.Literal(NOBODY), sql.Identifier(target.account_column), sql.Identifier(target.column),
            canonical_table(target.table), scope,
        )
    )  # fmt: skip
    found: list[Any] = cursor.fetchall()
    return pd.Series(dict(found), dtype="object")


def known_accounts(
    cursor: psycopg.Cursor[tuple[object, ...]], accounts: Iterable[str], target: MoneyTarget
) -> dict[str, str | None]:
    """Those of the accounts that the canonical model knows, with their rent group."""
    if not target.account_system:
        return {}
    group = sql.Identifier("rent_group_code") if target.account_table == "rent_account" else sql.NULL
    cursor.execute(
        sql.SQL("SELECT replace(id::text, '-', ''), {} FROM {} WHERE id = ANY(%s::uuid[])").format(
            group, canonical_table(target.account_table)
        ),
        (sorted(set(accounts) - {NOBODY}),),
    )
    found: list[Any] = cursor.fetchall()
    return dict(found)


def books(
    cursor: psycopg.Cursor[tuple[object, ...]], source: pd.DataFrame, canonical: pd.Series[Any], target: MoneyTarget
) -> MoneyBooks:
    """The books of one table from both sides: all its money by account and fate, and what stands in the model.

    Where the reference to the account is optional, a kept row whose account the hub does not know stands on no
    account: its account's absence is looked up, not assumed. An account's rent group is what the source states,
    else what the model does; ``-`` where neither knows one.
    """
    source = source.assign(account_id=_account_ids(source["account"], target))
    known = known_accounts(cursor, {*source["account_id"], *canonical.index}, target)
    if target.account_system and NOBODY in canonical.index:
        absent = source["fate"].isin(KEPT) & ~source["account_id"].isin(known)
        source["account_id"] = source["account_id"].mask(absent, NOBODY)
    by_fate = {fate: rows.groupby("account_id")["amount"].sum() for fate, rows in source.groupby("fate")}
    sides = pd.DataFrame(
        {fate: by_fate.get(fate, NO_MONEY) for fate in FATES} | {"canonical": canonical}, dtype="object"
    )
    sides = sides.apply(lambda side: side.map(lambda amount: ZERO if pd.isna(amount) else amount))
    sides["source"] = sides[list(FATES)].sum(axis="columns")
    stated = source.dropna(subset=["rent_group"]).groupby("account_id")["rent_group"].first().to_dict()
    group = [stated.get(account) or known.get(account) or "-" for account in sides.index]
    sums = {name: (name, "sum") for name in SIDES}
    groups = sides.assign(rent_group=group).groupby("rent_group").agg(accounts=("source", "size"), **sums)
    total = {name: sum(sides[name], ZERO) for name in SIDES}
    return MoneyBooks(**total, open_accounts=int(np.count_nonzero(_open(sides))), groups=groups.reset_index())


def _open(sides: pd.DataFrame) -> np.ndarray:
    """True where source and canonical + merged + quarantined + excluded differ."""
    placed = sides["canonical"] + sides["merged"] + sides["quarantined"] + sides["excluded"]
    return np.asarray(sides["source"] != placed, dtype=bool)


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
