from __future__ import annotations

from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import ContractBroken
from mirror.masks import ids

KEY, OTHER = bytes(range(32)), bytes(32)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.uuids() | st.none(), unique=True, min_size=1))
def test_uuids_are_permuted_and_spelt_as_they_were(values: list[UUID | None]) -> None:
    column = pa.array([None if value is None else str(value) for value in values], pa.string())
    masked = ids.uuids(KEY, column).to_pylist()
    assert [value is None for value in masked] == [value is None for value in values]
    assert len({str(UUID(value)) for value in masked if value}) == len([value for value in values if value])
    assert masked == ids.uuids(KEY, column).to_pylist()
    bare = pa.array([None if value is None else value.hex for value in values], pa.string())
    assert ids.uuids(KEY, bare).to_pylist() == [value and value.replace("-", "") for value in masked]


def test_another_key_gives_other_ids_and_slices_are_masked_alike() -> None:
    column = pa.array([str(UUID(int=number)) for number in range(5_000)])
    whole = ids.uuids(KEY, column)
    assert not set(whole.to_pylist()) & (set(column.to_pylist()) | set(ids.uuids(OTHER, column).to_pylist()))
    assert ids.uuids(KEY, column.slice(17, 40)).equals(whole.slice(17, 40))


@pytest.mark.parametrize("mask", [ids.uuids, ids.hashes])
def test_what_is_no_id_stops_without_telling_the_value(mask: object) -> None:
    with pytest.raises(ContractBroken) as told:
        mask(KEY, pa.array(["SMITH"]))  # type: ignore[operator]
    assert "SMITH" not in str(told.value)


def test_hashes_stay_64_bits_and_null() -> None:
    masked = ids.hashes(KEY, pa.array(["-9223372036854775808", None, "0", "0"])).to_pylist()
    assert masked[1] is None
    assert masked[2] == masked[3] != "0"
    assert all(-(2**63) <= int(value) < 2**63 for value in masked if value)


def test_digests_keep_their_length_and_documents_their_kind() -> None:
    masked = ids.digests(KEY, pa.array(["ab" * 32, "ab" * 10, None])).to_pylist()
    assert [value and len(value) for value in masked] == [64, 20, None]
    (uri,) = ids.uris(KEY, pa.array(["https://files.council.test/smith/letter.pdf?x=1"])).to_pylist()
    assert uri.startswith("https://documents.example.org/")
    assert uri.endswith(".pdf")
    assert "smith" not in uri
