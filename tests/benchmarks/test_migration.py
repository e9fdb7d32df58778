"""What both sides of the migration's benchmark are given: the same indexes, the same parts, the same changes."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.migration.changed import EVERY, change, without_repeats
from benchmarks.migration.same_keys import source_indexes
from connectors.landing import land, row_hashes
from ledger.spec import TableSpec
from mappings.catalogue import load_system
from tests.connectors.fake import FakeSource


@pytest.mark.parametrize(
    ("system", "table", "index"),
    [
        ("rents", "debits", ("RP-ACCOUNT", "RP-DATE")),  # of a composite index
        ("rents", "accounts", ("RA-TENANCY",)),  # of a foreign key
        ("tenancy", "tagparty", ("house_ref", "person_no")),  # a key of two columns
        ("licensing", "licences", ("Case Number",)),  # of an identifier
    ],
)
def test_indexes_are_told_of_the_columns_that_feed_them(system: str, table: str, index: tuple[str, ...]) -> None:
    assert index in source_indexes(system, table)


def test_changes_keep_keys_and_hash_as_landing_does(tmp_path: Path) -> None:
    spec = load_system("rents").spec.table("periods")
    landed = _landed(spec, tmp_path / "landed", rows=2 * EVERY)
    change(landed, spec, tmp_path / "changed")
    before, after = (pq.read_table(folder / "part-00000.parquet") for folder in (landed, tmp_path / "changed"))
    assert json.loads((tmp_path / "changed" / "manifest.json").read_text())["rows"] == len(after) == len(before)
    assert after["_key"] == before["_key"]
    changed = [
        at for at, (was, now) in enumerate(zip(before.to_pylist(), after.to_pylist(), strict=True)) if was != now
    ]
    assert changed == [EVERY - 1, 2 * EVERY - 1]
    own = [name for name in after.column_names if not name.startswith("_") or name == "_occurrence"]
    assert after["_row_hash"].combine_chunks() == row_hashes(after, ["_raw", *own])


def test_a_key_is_given_once(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for part, keys in enumerate((["a", "b", "a", None], ["b", "c"])):
        pq.write_table(pa.table({"_key": pa.array(keys, pa.string())}), folder / f"part-{part}.parquet")
    made = without_repeats(sorted(folder.iterdir()), tmp_path / "once")
    assert [pq.read_table(part)["_key"].to_pylist() for part in made] == [["a", "b"], ["c"]]


def _landed(spec: TableSpec, folder: Path, rows: int) -> Path:
    """A batch of that table whose cells are all different."""
    cells = {
        column.name: pa.array([f"{column.name}{row}" for row in range(rows)], pa.string()) for column in spec.columns
    }
    own = {"_line": pa.array(range(rows), pa.int64()), "_fault": pa.nulls(rows, pa.string())}
    chunk = pa.table({**own, "_raw": pa.nulls(rows, pa.string()), **cells})
    source = FakeSource({spec.name: {"unit": chunk}})
    land(source, spec, folder, batch_id=1, run_id=1, mapping_version="1")
    return folder
