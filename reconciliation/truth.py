"""The hub's issues beside the truth of a made-up estate: was every planted fault caught, and nothing else accused?

A fault counts as caught only under a code that speaks of its kind: ``kinds.csv`` says by which endings of codes each
kind is known. The hub itself reads neither that file nor the truth.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psycopg
import pyarrow.parquet as pq

from connectors.landing import read_batch
from ledger.errors import ConfigurationFault
from ledger.spec import TableSpec

KINDS = Path(__file__).with_name("kinds.csv")
MUST_CATCH = ("row", "file", "system")
MOST_WRONGLY_ACCUSED = 0.005

STANDING = """
SELECT b.system, b.source_table, i.source_key, i.source_row, i.batch_id, i.field, i.code, i.severity
FROM restricted.issue i JOIN ledger.batch b ON b.id = i.batch_id WHERE i.closed_run_id IS NULL
"""
LAST_BATCHES = """
SELECT DISTINCT ON (system, source_table) system, source_table, id, folder, rows FROM ledger.batch
WHERE finished ORDER BY system, source_table, id DESC
"""


@dataclass(frozen=True)
class Report:
    """``kinds``: system, table, kind, revealed_by, planted, caught. ``accused``: rows without a planted fault that
    carry an error, of ``sound`` rows."""

    kinds: pd.DataFrame
    accused: int
    sound: int

    @property
    def passes(self) -> bool:
        """Whether every fault that its system can reveal is caught, and few sound rows are accused."""
        must = self.kinds[self.kinds["revealed_by"].isin(MUST_CATCH)]
        return bool((must["planted"] == must["caught"]).all()) and self.accused <= MOST_WRONGLY_ACCUSED * self.sound


def compare(connection: psycopg.Connection[tuple[object, ...]], landing: Path, truth: Path) -> Report:
    """The comparison of the standing issues with ``truth/faults.parquet``.

    A fault is caught by an issue on its row (found by key, else by unit and line), on its field, where the truth
    names one, and under a code that speaks of its kind.
    """
    columns = ["system", "table", "key", "row", "batch_id", "field", "code", "severity"]
    issues = pd.DataFrame(connection.execute(STANDING).fetchall(), columns=columns)
    faults: pd.DataFrame = pq.read_table(truth / "faults.parquet").to_pandas()
    batches = pd.DataFrame(
        connection.execute(LAST_BATCHES).fetchall(), columns=["system", "table", "batch_id", "folder", "rows"]
    )
    faults = _with_rows(faults, batches, landing)
    faults = faults.assign(caught=_caught(faults, issues, code_endings()))
    kinds = faults.groupby(["system", "table", "kind", "revealed_by"], as_index=False).agg(
        planted=("caught", "size"), caught=("caught", "sum")
    )
    errors = issues[issues["severity"] == "error"]
    planted_keys = set(zip(faults["system"], faults["table"], faults["key"], strict=True))
    planted_rows = set(zip(faults["system"], faults["table"], faults["row"], strict=True))
    accused = {
        (e.system, e.table, e.key if isinstance(e.key, str) else e.row)
        for e in errors.itertuples(index=False)
        if (e.system, e.table, e.key) not in planted_keys and (e.system, e.table, e.row) not in planted_rows
    }
    return Report(kinds, len(accused), int(batches["rows"].sum()) - len(planted_keys | planted_rows))


def code_endings(path: Path = KINDS) -> dict[str, tuple[str, ...]]:
    """By planted kind, the endings of the codes that speak of it."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["kind"]: tuple(row["code_endings"].split()) for row in csv.DictReader(lines)}


def _caught(faults: pd.DataFrame, issues: pd.DataFrame, endings: Mapping[str, tuple[str, ...]]) -> pd.Series:
    """By fault, whether an issue of its row and field tells it by its kind.

    Raises ConfigurationFault where a kind that must be caught is known by no code.
    """
    unknown = sorted(set(faults.loc[faults["revealed_by"].isin(MUST_CATCH), "kind"]) - endings.keys())
    if unknown:
        raise ConfigurationFault(
            f"It is not stated by which codes the planted {', '.join(unknown)} would be known.", system="estate",
            next_step=f"Add a line for each to {KINDS.parent.name}/{KINDS.name}.",
        )  # fmt: skip
    told = issues[["system", "table", "key", "row", "field", "code"]]
    faults = faults.rename_axis("fault").reset_index()
    pairs = [
        part.merge(told, on=["system", "table", by], suffixes=("", "_told"))
        for by, part in (("key", faults[faults["key"].notna()]), ("row", faults[faults["key"].isna()]))
    ]
    found = pd.concat(pairs)
    found = found[found["field"].isna() | (found["field"] == found["field_told"]) | (found["field_told"] == "_raw")]
    spoken = {
        (kind, code)
        for kind, code in set(zip(found["kind"], found["code"], strict=True))
        if any(code.endswith(f"-{ending}") for ending in endings.get(kind, ()))
    }
    speaks = [pair in spoken for pair in zip(found["kind"], found["code"], strict=True)]
    return faults["fault"].isin(found.loc[speaks, "fault"])


def _with_rows(faults: pd.DataFrame, batches: pd.DataFrame, landing: Path) -> pd.DataFrame:
    """The faults with ``row``, their ordinal in the last batch, where the truth names unit and line."""
    faults = faults.assign(row=-1)
    nameless = faults[faults["key"].isna() & faults["line"].notna()]
    for (system, table), group in nameless.groupby(["system", "table"]):
        found = batches[(batches["system"] == system) & (batches["table"] == table)]
        if not len(found):
            continue
        batch = read_batch(landing / found["folder"].iloc[0], TableSpec(str(system), str(table), (), (), ""))
        for part in batch.parts:
            here = group[group["unit"].isna() | (group["unit"] == part.unit)]
            if not len(here):
                continue
            lines = pq.read_table(part.path, columns=["_line"])["_line"].to_pandas()
            ordinal = pd.Series(part.first_row + lines.index, index=lines.to_numpy())
            rows = here["line"].map(ordinal[~ordinal.index.duplicated()]).dropna()
            faults.loc[rows.index, "row"] = rows.astype(int)
    return faults
