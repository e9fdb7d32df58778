"""The parts that both sides of the merge are given: every key once, and two rows in a hundred changed.

A changed row keeps its key and takes over what the row before it holds beside, so that every value is one that the
source could hold. A table whose key is its whole row has none: there a changed row is another row.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.landing import OWN_COLUMNS, row_hashes
from ledger.spec import TableSpec

EVERY = 50
"""One row in so many is changed."""


def without_repeats(parts: list[Path], folder: Path) -> list[Path]:
    """The parts without the rows whose key stood before: dlt's upsert wants every key once."""
    folder.mkdir(parents=True)
    seen = pd.Index([], dtype=object)
    made = []
    for part in parts:
        table = pq.read_table(part)
        keys = pd.Index(table["_key"].to_pylist(), dtype=object)
        new = ~(keys.duplicated() | keys.isin(seen)) & keys.notna()
        seen = seen.append(keys[new])
        made.append(folder / part.name)
        pq.write_table(table.filter(pa.array(new)), made[-1])
    return made


def change(landed: Path, spec: TableSpec, folder: Path) -> None:
    """The landed batch anew in ``folder``, with changed rows; parts that have none are linked."""
    folder.mkdir(parents=True)
    os.link(landed / "manifest.json", folder / "manifest.json")
    keyed = {*spec.key, *OWN_COLUMNS}
    for path in sorted(landed.glob("part-*.parquet")):
        table = pq.read_table(path)
        rows = np.arange(len(table))
        whole = table["_key"].is_valid().to_numpy() & table["_fault"].is_null().to_numpy()
        changed = (rows % EVERY == EVERY - 1) & whole & np.roll(whole, 1) & (spec.key != ("*",))
        if not changed.any():
            os.link(path, folder / path.name)
            continue
        source = pa.array(np.where(changed, rows - 1, rows))
        for at, name in enumerate(table.column_names):
            if name not in keyed:
                table = table.set_column(at, table.schema.field(name), table[name].take(source))
        own = [name for name in table.column_names if name not in OWN_COLUMNS]
        hashes = row_hashes(table, ["_raw", *own])
        at = table.column_names.index("_row_hash")
        kept = pa.array(np.where(changed, hashes.to_numpy(), table["_row_hash"].to_numpy()))
        pq.write_table(table.set_column(at, "_row_hash", kept), folder / path.name)


def listing_of(path: Path) -> dict[str, dict[str, Path]]:
    """The landed batches' folders by system and table, from the JSON file that names them."""
    listing = json.loads(path.read_text("utf-8"))
    return {system: {table: Path(where) for table, where in of.items()} for system, of in listing.items()}
