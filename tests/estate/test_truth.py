from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from estate.truth import Truth, key_text


def test_keys_are_stripped_and_joined() -> None:
    keys = key_text(pd.Series(["A1   ", "B2"]), pd.Series([3, 4]))
    assert keys.tolist() == ["A1|3", "B2|4"]


def test_what_was_planted_is_written(tmp_path: Path) -> None:
    truth = Truth()
    truth.plant("tenancy", "member", "nino-shape", "row", key=pd.Series(["1|1", "2|1"]), field="ni_no")
    truth.plant("rents", "posting", "record-broken", "row", unit="RENTTRAN.2016", line=np.array([4, 9, 11]))
    truth.plant("rents", "posting", "file-cut-short", "file", unit="RENTTRAN.2017")
    truth.plant("rents", "posting", "orphan-key", "system", key=[])
    truth.person("tenancy", "member", pd.Series(["1|1"]), pd.Series([17]))
    truth.property("stock", "components", pd.Series(["00010017"]), np.array([3]))
    truth.write(tmp_path)
    faults = pq.read_table(tmp_path / "faults.parquet").to_pandas()
    assert list(faults.columns) == ["system", "table", "unit", "line", "key", "field", "kind", "revealed_by"]
    assert faults["kind"].tolist() == ["nino-shape"] * 2 + ["record-broken"] * 3 + ["file-cut-short"]
    assert faults["line"].dropna().astype(int).tolist() == [4, 9, 11]
    assert pq.read_table(tmp_path / "people.parquet").to_pylist() == [
        {"system": "tenancy", "table": "member", "key": "1|1", "person_id": 17}
    ]
    assert pq.read_table(tmp_path / "properties.parquet").num_rows == 1


def test_households_and_places_of_addresses_are_written(tmp_path: Path) -> None:
    truth = Truth()
    truth.household("register", "applications", pd.Series(["HR250001"]), pd.Series([4]))
    truth.address("register", "applications", pd.Series(["HR250001", "HR250002"]), "Address", np.array([10, -1]))
    truth.write(tmp_path)
    assert pq.read_table(tmp_path / "households.parquet").to_pylist() == [
        {"system": "register", "table": "applications", "key": "HR250001", "household_id": 4}
    ]
    uprns = pq.read_table(tmp_path / "addresses.parquet").to_pylist()
    assert [(row["key"], row["field"], row["uprn"]) for row in uprns] == [
        ("HR250001", "Address", 10), ("HR250002", "Address", None),
    ]  # fmt: skip


def test_keys_and_lines_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="2 keys but 3 lines"):
        Truth().plant("a", "b", "c", "row", key=["1", "2"], line=[1, 2, 3])
