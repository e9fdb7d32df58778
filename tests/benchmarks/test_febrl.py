"""FEBRL's model, which has fields and rules of its own, through the engine that resolves a council's people."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from benchmarks.identity.febrl import HERE, NUMBER, without
from identity.people import resolve
from identity.people.model import load

RECORDS = {
    "record_id": ["a", "b", "c", "d"],
    "system": ["original", "spoilt", "original", "spoilt"],
    "given_name": ["michaela", "neumann", "courtney", "courtney"],
    "surname": ["neumann", "michaela", "painter", "paintre"],
    "street_number": ["8", "8", "12", "12"],
    "address_1": ["stanley street", "stanley street", "pinkerton circuit", None],
    "address_2": ["miami", None, "bega flats", "bega fltas"],
    "suburb": ["winston hills", "winston hills", "richlands", "richlands"],
    "postcode": ["4223", "4232", "4560", "4560"],
    "state": ["nsw", "nsw", "vic", "vic"],
    "date_of_birth": ["19151111", "19151111", "19161214", "19161214"],
    NUMBER: ["5304218", "5304218", "4066625", "4066652"],
}
"""Two people, each in both files: names exchanged, letters and digits exchanged, values missing."""


@pytest.mark.parametrize("with_ids", [True, False])
def test_spoilt_records_join_their_own_and_no_other(tmp_path: Path, with_ids: bool) -> None:
    model = load(HERE / "febrl.json")
    model = model if with_ids else without(model, NUMBER)
    found = resolve(pa.table(RECORDS), tmp_path, model=model)
    assert found.clusters.to_pydict() == {"record_id": ["a", "b", "c", "d"], "cluster": ["a", "a", "c", "c"]}
