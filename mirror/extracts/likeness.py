"""Whether the same value has the same mask in the mirror's database and in what the masked extracts became."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
import psycopg
import pyarrow as pa
from psycopg import sql

from mirror.extracts.keys import mask_source_key
from mirror.masked import Masker
from mirror.plan import MASK, Plan

MOST_ROWS = 20_000
"""Rows of a table that are looked at: the first by their key."""
CANONICAL = "canonical."
_OWN = ("uuid", "hash", "source_key")
"""Masks of ids and hashes, which a replay makes from the masked keys."""
_ROW = ["_system", "_table", "_key"]


@dataclass(frozen=True)
class Likeness:
    """How many values of a canonical column have the mask in the replay that they have in the mirror."""

    table: str
    column: str
    mask: str
    values: int
    same: int


def likeness(before: psycopg.Connection, after: psycopg.Connection, masker: Masker, plan: Plan) -> list[Likeness]:
    """Each masked column of the canonical tables, in the mirror and in the replay, row by row of the source."""
    whole = {"source_key", "batch_id", "ended_run_id"}
    tables = [
        name.removeprefix(CANONICAL)
        for name in plan.tables
        if name.startswith(CANONICAL)
        and whole <= set(plan.table(name))
        and any(decision.action == MASK for decision in plan.table(name).values())
    ]
    return [one for table in tables for one in _alike(table, before, after, masker)]


def _alike(table: str, before: psycopg.Connection, after: psycopg.Connection, masker: Masker) -> Iterator[Likeness]:
    decisions = masker.plan.table(f"canonical.{table}")
    old = _rows(before, table, list(decisions))
    if old.empty:
        return
    batch = pa.RecordBatch.from_pandas(old[list(decisions)], pa.schema([(name, pa.string()) for name in decisions]))
    masked = masker.mask(f"canonical.{table}", batch).to_pandas().set_axis(old.index)
    masked[_ROW] = old[_ROW]
    masked["_key"] = _masked_keys(old, masker)
    once = masked.drop_duplicates(_ROW, keep=False)
    replayed_rows = _rows(after, table, list(decisions), once["_key"].tolist())
    both = once.merge(replayed_rows.drop_duplicates(_ROW, keep=False), on=_ROW)
    for name, decision in decisions.items():
        if decision.action == MASK and decision.mask not in _OWN:
            mirrored, replayed = both[f"{name}_x"], both[f"{name}_y"]
            known = mirrored.notna() | replayed.notna()
            yield Likeness(table, name, decision.mask, int(known.sum()), int((mirrored == replayed)[known].sum()))


def _masked_keys(rows: pd.DataFrame, masker: Masker) -> pd.Series[str]:
    found = pd.Series("", rows.index, dtype=object)
    for (system, table), part in rows.groupby(_ROW[:2]):
        keys = mask_source_key(str(system), str(table), pa.array(part["_key"], pa.string()), masker)
        found.loc[part.index] = keys.to_pylist()
    return found


def _rows(
    connection: psycopg.Connection, table: str, columns: list[str], keys: list[str] | None = None
) -> pd.DataFrame:
    """The table's rows as text with the system, table and key that each came from: those of the keys, or the first."""
    query = sql.SQL(
        "SELECT batch.system, batch.source_table, row.source_key, {columns} FROM {table} AS row "
        "JOIN ledger.batch AS batch ON batch.id = row.batch_id "
        "WHERE row.ended_run_id IS NULL AND (%(keys)s::text[] IS NULL OR row.source_key = ANY(%(keys)s)) "
        "ORDER BY 1, 2, 3 LIMIT {most}"
    ).format(
        columns=sql.SQL(", ").join(sql.SQL("row.{}::text").format(sql.Identifier(name)) for name in columns),
        table=sql.Identifier("canonical", table), most=sql.SQL("ALL") if keys else sql.Literal(MOST_ROWS),
    )  # fmt: skip
    found = connection.execute(query, {"keys": keys}).fetchall()
    return pd.DataFrame(found, columns=[*_ROW, *columns], dtype=object)
