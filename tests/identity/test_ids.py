"""Ids are for ever: these were given out once and may never be other ones."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from identity.ids import key_of, stable_id, stable_ids

PINNED = {
    ("tenancy", "tenancy", "000123/01", ""): "b977deef-12d5-5d50-3a7f-726c70d8dedd",
    ("tenancy", "contact_method", "000123/01|2", "phone1"): "41ba57c2-d48d-3f00-c81c-5747d83520f1",
    ("rents", "rent_account", "Zoë|£", ""): "83af3b7b-511d-7ccd-17f3-ed9a30e2be24",
}


def test_pinned_ids() -> None:
    for (system, target, key, part), row_id in PINNED.items():
        assert str(stable_id(key_of(system, target, key, part))) == row_id


def test_system_table_part_and_key_each_tell_ids_apart() -> None:
    assert (
        len({stable_id(key_of(*key)) for key in [("a", "b", "c", "d"), ("ab", "", "c", "d"), ("a", "b", "d", "c")]})
        == 3
    )


@given(st.lists(st.one_of(st.none(), st.text(max_size=8))))
def test_a_column_of_keys_gets_the_ids_of_its_keys(keys: list[str | None]) -> None:
    found = stable_ids(pa.array(keys, pa.string())).to_pylist()
    assert found == [None if key is None else stable_id(key).hex for key in keys]
