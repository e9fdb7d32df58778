"""The reconciliation of one table in one run: rows and pence, from evidence, with a verdict."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd
import psycopg
from psycopg import sql

from ledger.values import FATES, Batch, MoneyTarget, TableCount
from reconciliation.balances import StatedTotals
from reconciliation.money import KEPT, ZERO, MoneyBooks, books, canonical_money, canonical_table, source_money

Connection = psycopg.Connection[tuple[object, ...]]


def reconcile_table(
    connection: Connection,
    batch: Batch,
    run_id: int,
    fates: pd.DataFrame,
    *,
    anchor: str | None,
    money_target: MoneyTarget | None,
    ended: int,
    complete: bool,
    stated: StatedTotals | None,
) -> TableCount:
    """The table's line of the reconciliation, kept in the ledger.

    ``fates``: key and fate by batch row. ``anchor``: the canonical table that has one row for each source row
    that was kept, if there is one: it is counted in the database. ``complete``: the whole batch was worked on.
    ``stated``: its stated balances beside its transactions; their issues must bear the difference out.
    """
    counts = {fate: int((fates["fate"] == fate).sum()) for fate in FATES}
    money, evidenced = None, None
    with connection.transaction(), connection.cursor() as cursor:
        scope = standing_rows(cursor, batch, fates, complete=complete)
        if anchor:
            cursor.execute(sql.SQL("SELECT count(*) FROM {} t WHERE {}").format(canonical_table(anchor), scope))
            evidenced = int(str(cursor.fetchall()[0][0]))
        if batch.table.money and money_target:
            source = source_money(batch, batch.table.money, fates["fate"])
            canonical = canonical_money(cursor, money_target, scope)
            money = books(cursor, source, canonical, money_target)
    closes = (
        sum(counts.values()) == batch.rows
        and evidenced in (None, counts["loaded"] + counts["unchanged"])
        and (money is None or money.closes)
        and (stated is None or not complete or stated.closes)
    )
    count = TableCount(
        run=run_id, system=batch.table.system, table=batch.table.name, extracted=batch.rows, **counts, ended=ended,
        money_source=money.source if money else None, money_canonical=money.canonical if money else None,
        money_merged=money.merged if money else None, money_quarantined=money.quarantined if money else None,
        money_excluded=money.excluded if money else None,
        money_stated_difference=stated.difference if stated else None, closes=closes,
    )  # fmt: skip
    _keep(connection, count, evidenced, money)
    return count


def absent_table(connection: Connection, run_id: int, system: str, table: str, *, money: bool) -> TableCount:
    """The line of a table of which nothing landed in a run: it reads zero, so that the table is not hidden."""
    none = ZERO if money else None
    count = TableCount(
        run=run_id, system=system, table=table, extracted=0, **dict.fromkeys(FATES, 0), ended=0, money_source=none,
        money_canonical=none, money_merged=none, money_quarantined=none, money_excluded=none,
        money_stated_difference=None, closes=True,
    )  # fmt: skip
    _keep(connection, count, None, None)
    return count


def standing_rows(
    cursor: psycopg.Cursor[tuple[object, ...]], batch: Batch, fates: pd.DataFrame, *, complete: bool
) -> sql.Composed:
    """The SQL condition on ``t`` for canonical rows that stand for the batch's kept source rows.

    Of a complete batch that is every row of the table that has not ended, but for earlier versions of rows that
    this batch sets aside; of one that stopped it is the rows of the keys that were kept.
    """
    kept = fates["fate"].isin(KEPT)
    keys = fates.loc[~kept & (fates["fate"] != "merged") if complete else kept, ["key"]].dropna().drop_duplicates()
    if complete:  # of a key that stands twice the first row was kept
        keys = keys[~keys["key"].isin(fates.loc[kept, "key"])]
    name = sql.Identifier(f"scope_{batch.batch_id}")
    cursor.execute(sql.SQL("CREATE TEMP TABLE {} (key text PRIMARY KEY) ON COMMIT DROP").format(name))
    cursor.execute(sql.SQL("INSERT INTO {} SELECT unnest(%s::text[])").format(name), (keys["key"].tolist(),))
    return sql.SQL(
        "t.batch_id IN (SELECT id FROM ledger.batch WHERE system = {} AND source_table = {}) "
        "AND t.ended_run_id IS NULL AND {} EXISTS (SELECT FROM {} k WHERE k.key = t.source_key)"
    ).format(
        sql.Literal(batch.table.system), sql.Literal(batch.table.name), sql.SQL("NOT" if complete else ""), name
    )  # fmt: skip


def _keep(connection: Connection, count: TableCount, evidenced: int | None, money: MoneyBooks | None) -> None:
    line = asdict(count)
    line["run_id"], line["source_table"] = line.pop("run"), line.pop("table")
    line |= {"evidenced": evidenced, "accounts_open": money.open_accounts if money else 0}
    names = sql.SQL(", ").join(map(sql.Identifier, line))
    values = sql.SQL(", ").join(map(sql.Placeholder, line))
    connection.execute(sql.SQL("INSERT INTO ledger.table_count ({}) VALUES ({})").format(names, values), line)
    if money is None:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger.group_money VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (count.run, count.system, count.table, g.rent_group, g.accounts, g.source, g.canonical, g.merged,
                 g.quarantined, g.excluded)
                for g in money.groups.itertuples()
            ],
        )  # fmt: skip
