"""Whether a record of a mirror still holds what its own original held: what no search of values alone can tell."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
from psycopg import sql

from mirror.plan import Plan
from mirror.proof.identifiers import Masks
from mirror.proof.rows import Connection, texts

PERSONAL = ("nino", "phone", "mail", "contact")
PAIR = ("forename", "surname")
LEAST_SIGNS = 5


def unmasked(source: Connection, mirror: Connection, plan: Plan, masks: Masks) -> dict[str, int]:
    """``table.column`` -> records that still hold their own original; a whole name counts, half a one does not."""
    told: dict[str, int] = {}
    for table in plan.tables:
        decided = plan.table(table)
        alone = [each.column for each in decided.values() if each.mask in PERSONAL]
        names = [name for name in PAIR if name in decided and decided[name].mask]
        if plan.crosses(table) and (alone or len(names) == len(PAIR)) and "id" in decided:
            columns = [*alone, *names]
            here, there = (_frame(connection, table, columns) for connection in (source, mirror))
            here.index = pd.Index(masks.apply("uuid", pa.array(here.index, pa.string())).to_pylist())
            there = there.reindex(here.index)
            same = (here == there) & here.notna()
            for column in alone:
                times = int((same[column] & (here[column].str.len() >= LEAST_SIGNS)).sum())
                told |= {f"{table}.{column}": times} if times else {}
            if len(names) == len(PAIR):
                long = here[names].map(len, na_action="ignore") > 1
                times = int((same[names] & long).all(axis=1).sum())
                told |= {f"{table} (whole name)": times} if times else {}
    return told


def _frame(connection: Connection, table: str, columns: list[str]) -> pd.DataFrame:
    """The columns by id; of versions with one id the first."""
    fields = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in ("id", *columns))
    query = sql.SQL("SELECT {} FROM {}").format(fields, sql.Identifier(*table.split(".", 1)))
    arrays = texts(connection, query, 1 + len(columns))
    frame: pd.DataFrame = pa.table(arrays, names=["id", *columns]).to_pandas().astype("str").set_index("id")
    return frame.loc[~frame.index.duplicated()]
