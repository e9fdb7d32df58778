"""The masked replay beside the run that it replays: fates and issues of rows, who is who, and the money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa

from connectors.compare import load_fates
from identity.ids import key_of, stable_ids
from ledger.spec import TableSpec
from mappings.catalogue import System, load_system
from mirror.extracts import landed
from mirror.extracts.keys import WHOLE_ROW, mask_source_key
from mirror.extracts.masking import Masks

SAME_ROWS, SAME_PAIRS = 0.999, 0.99
"""The least share of rows with the same fate and issues, and the least F1 of pairs in one cluster."""
_KINDS = {"person": "person", "property": "asset"}
_ISSUES = """
SELECT source_row, string_agg(DISTINCT code, ' ' ORDER BY code) FROM restricted.issue
WHERE batch_id = %s AND closed_run_id IS NULL AND source_row IS NOT NULL GROUP BY source_row"""
_MONEY = """
SELECT system, source_table, money_source, money_canonical, money_merged, money_quarantined, money_excluded
FROM ledger.table_count JOIN (SELECT system, max(run_id) AS run_id FROM ledger.table_count GROUP BY system) AS last
    USING (system, run_id)
WHERE money_source IS NOT NULL ORDER BY system, source_table"""
_BALANCES = "SELECT sum(amount) FROM canonical.rent_transaction WHERE ended_run_id IS NULL GROUP BY account_id"
_LINKED = """
SELECT batch.system, batch.source_table, row.source_key, row.id::text, link.golden_id::text
FROM canonical.{table} AS row JOIN ledger.batch AS batch ON batch.id = row.batch_id
JOIN canonical.golden_link AS link ON link.entity_type = %s AND link.entity_id = row.id"""


@dataclass(frozen=True)
class Side:
    """One of the two runs: its database and its landed batches."""

    connection: psycopg.Connection
    landing: Path


@dataclass(frozen=True)
class TableRows:
    """How many rows of a landed table were treated alike; ``codes`` are issues raised on one side more often."""

    system: str
    table: str
    rows: int
    same: int
    codes: dict[str, int]


@dataclass(frozen=True)
class Pairs:
    """How far two clusterings of the same records agree, in pairs of records that stand together."""

    kind: str
    records: int
    before: int
    after: int
    both: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 1 where neither has a pair."""
        together = self.before + self.after
        return 2 * self.both / together if together else 1.0


@dataclass(frozen=True)
class Agreement:
    """What the replay shows. ``money`` names tables whose sums differ; ``balances`` counts accounts that differ."""

    rows: tuple[TableRows, ...]
    pairs: tuple[Pairs, ...]
    money: tuple[str, ...]
    accounts: int
    balances: int

    @property
    def share(self) -> float:
        """The share of rows with the same fate and the same issues."""
        total = sum(one.rows for one in self.rows)
        return sum(one.same for one in self.rows) / total if total else 1.0

    @property
    def passes(self) -> bool:
        """Whether the replay shows what the run before it shows."""
        alike = self.share >= SAME_ROWS and all(one.f1 >= SAME_PAIRS for one in self.pairs)
        return alike and not self.money and not self.balances


def agreement(names: list[str], before: Side, after: Side, masks: Masks) -> Agreement:
    """How the run on masked extracts agrees with the run on what they mask."""
    rows = [_rows(table, before, after, masks) for name in names for table in load_system(name).spec.tables]
    pairs = [_pairs(kind, table, before, after, masks) for kind, table in _KINDS.items()]
    money = [set(side.connection.execute(_MONEY).fetchall()) for side in (before, after)]
    differ = sorted({f"{one[0]}.{one[1]}" for one in money[0] ^ money[1]})
    balances = [pd.Series([sum_ for (sum_,) in side.connection.execute(_BALANCES)]) for side in (before, after)]
    unequal = _left_over(balances[0], balances[1])
    return Agreement(tuple(rows), tuple(pairs), tuple(differ), len(balances[0]), unequal)


def _left_over(left: pd.Series[Any], right: pd.Series[Any]) -> int:
    """How many values of the one side have no equal on the other."""
    counts = left.value_counts().sub(right.value_counts(), fill_value=0)
    return int(counts.abs().sum())


def _rows(table: TableSpec, before: Side, after: Side, masks: Masks) -> TableRows:
    old, new = (_treated(table, side) for side in (before, after))
    keys = pa.array(old["key"].astype(object), pa.string(), from_pandas=True)
    old["key"] = mask_source_key(table.system, table.name, keys, masks).to_pandas()
    if table.key == WHOLE_ROW:  # such a key is the hash of its row, so rows are told apart by their place
        old["key"], new["key"] = (np.arange(len(side)).astype(str) for side in (old, new))
    counts = [side.fillna({"key": ""}).groupby(["key", "fate", "codes"], sort=False).size() for side in (old, new)]
    both = pd.concat(counts, axis=1, join="inner").min(axis=1).sum()
    return TableRows(table.system, table.name, max(len(old), len(new)), int(both), _codes_apart(old, new))


def _treated(table: TableSpec, side: Side) -> pd.DataFrame:
    """key, fate and the codes of the open issues of each row of the last batch."""
    folder = landed.last_batch(side.landing, table)
    fates = load_fates(folder)
    rows = pd.DataFrame(columns=["key", "fate"]) if fates is None else fates[["key", "fate"]].astype(object)
    rows = rows.reset_index(drop=True)
    found = pd.DataFrame(side.connection.execute(_ISSUES, [int(folder.name)]).fetchall(), columns=["row", "codes"])
    codes = found.set_index("row")["codes"] if len(found) else pd.Series(dtype=object)
    return rows.assign(codes=codes.reindex(rows.index).fillna("").to_numpy())


def _codes_apart(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, int]:
    """By code how many more rows raise it in the replay."""
    counts = [side["codes"].str.split(" ").explode().value_counts() for side in (old, new)]
    apart = counts[1].sub(counts[0], fill_value=0).astype("int64").drop("", errors="ignore")
    return {str(code): int(more) for code, more in apart.items() if more}


def _pairs(kind: str, table: str, before: Side, after: Side, masks: Masks) -> Pairs:
    old, new = (_links(kind, table, side) for side in (before, after))
    old = old.assign(id=pd.concat(list(_masked_ids(old, table, masks)) or [old["id"]]))
    both = old.merge(new[["id", "golden"]], on="id", suffixes=("_old", "_new"))
    together = both.groupby(["golden_old", "golden_new"]).size()
    return Pairs(
        kind, len(both), _pairs_in(both.groupby("golden_old").size()), _pairs_in(both.groupby("golden_new").size()),
        _pairs_in(together),
    )  # fmt: skip


def _pairs_in(sizes: pd.Series[int]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _links(kind: str, table: str, side: Side) -> pd.DataFrame:
    entity = "asset" if kind == "property" else kind
    found = side.connection.execute(_LINKED.format(table=table), [entity]).fetchall()
    return pd.DataFrame(found, columns=["system", "table", "key", "id", "golden"])


def _masked_ids(links: pd.DataFrame, target: str, masks: Masks) -> Iterator[pd.Series[str]]:
    """The ids that the records have in the replay, by the index of ``links``."""
    for (name, table), rows in links.groupby(["system", "table"]):
        keys = pa.array(rows["key"], pa.string())
        new_keys = mask_source_key(str(name), str(table), keys, masks)
        own, new = rows["id"].str.replace("-", ""), rows["id"].copy()
        for part in sorted(_parts(load_system(str(name)), str(table), target)):
            is_part = own.to_numpy() == _ids(str(name), target, part, keys)
            masked = pd.Series(_ids(str(name), target, part, new_keys), rows.index)
            new = new.mask(is_part, masked.str.replace(r"^(.{8})(.{4})(.{4})(.{4})", r"\1-\2-\3-\4-", regex=True))
        yield new


def _parts(system: System, table: str, target: str) -> set[str]:
    return {mapping.part for mapping in system.mappings[table] if mapping.target == target}


def _ids(system: str, target: str, part: str, keys: pa.Array) -> np.ndarray:
    texts = [None if key is None else key_of(system, target, key, part) for key in keys.to_pylist()]
    found: np.ndarray = stable_ids(pa.array(texts, pa.string())).to_numpy(zero_copy_only=False)
    return found
