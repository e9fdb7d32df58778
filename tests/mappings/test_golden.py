"""Golden files: raw bytes of each system and the canonical rows and issues that its mapping makes of them.

``tests/golden/<system>/source/`` holds the files as the system delivers them (a database as the SQL script that
makes it), ``expected.json`` by table the fates, the canonical rows and the issues. ``HUB_GOLDEN=write`` writes
``expected.json`` anew: read the difference.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from connectors.landing import land, read_rows
from connectors.opening import Connection, open_system
from ledger.values import Batch
from mappings.apply import apply
from mappings.catalogue import load_system
from validation.routing import row_faults

GOLDEN = Path(__file__).parents[1] / "golden"
SYSTEMS = sorted(path.parent.name for path in GOLDEN.glob("*/source"))


@pytest.mark.parametrize("system", SYSTEMS)
def test_golden_files_map_as_expected(system: str, tmp_path: Path) -> None:
    expect(system, mapped(system, connection_to(system, tmp_path), tmp_path))


def expect(system: str, found: dict[str, Any]) -> None:
    """Fails where what was found is not what ``expected.json`` says."""
    expected = GOLDEN / system / "expected.json"
    if os.environ.get("HUB_GOLDEN") == "write":
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert found == json.loads(expected.read_text("utf-8"))


def connection_to(system: str, folder: Path) -> Connection:
    """Where a system's golden files are read; ``folder`` takes the database that a script makes."""
    source = GOLDEN / system / "source"
    url = (
        (source / "url").read_text("utf-8").strip().format(source=source) if (source / "url").exists() else str(source)
    )
    for script in source.glob("*.sql"):
        url = f"sqlite:///{folder / script.stem}.db"
        with closing(sqlite3.connect(folder / f"{script.stem}.db")) as database:
            database.executescript(script.read_text("utf-8"))
    return Connection(url)


def mapped(system: str, connection: Connection, folder: Path) -> dict[str, Any]:
    """By table: fates, canonical rows and issues, in plain JSON values."""
    known = load_system(system)
    found = {}
    with closing(open_system(known.spec, connection)) as opened:
        for table in known.spec.tables:
            batch = land(opened, table, folder / table.name, batch_id=1, run_id=1, mapping_version=known.version)
            raw = read_rows(batch, np.arange(batch.rows)) if batch.parts else _empty(batch)
            result = apply(table, known.mappings[table.name], known.codes, raw, row_faults(table, raw))
            kept = {of: rows.drop(columns=["source_row", "row_hash"]) for of, rows in sorted(result.rows.items())}
            found[table.name] = {
                "fates": {fate: int(n) for fate, n in result.fates.value_counts().sort_index().items()},
                "rows": {of: _plain(rows) for of, rows in kept.items()},
                "issues": _plain(result.issues.drop(columns=["row"]).sort_values(["key", "code"], na_position="first")),
            }  # fmt: skip
    return found


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON values; empty cells are left out, so that a row shows what it says."""
    return [
        {str(name): str(value).replace("\x1f", "/") for name, value in row.items() if not pd.isna(value)}
        for row in frame.astype(object).to_dict("records")
    ]


def _empty(batch: Batch) -> pd.DataFrame:
    columns = ["_line", "_fault", "_raw", *batch.columns, "_key", "_row_hash", "_row"]
    return pd.DataFrame({name: pd.Series(dtype="string[pyarrow]") for name in columns})
