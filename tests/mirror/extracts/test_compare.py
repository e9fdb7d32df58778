"""The replay beside the run: keys under the masks, pairs of records, and when both agree."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from mirror.extracts.compare import Agreement, Pairs, TableRows
from mirror.extracts.keys import mask_source_key
from tests.mirror.extracts.conftest import Turned
from tests.mirror.test_masked import masker

AGREED = Agreement((TableRows("rents", "debits", 10_000, 9_991, {}),), (Pairs("person", 9, 100, 100, 99),), (), 5, 0)


def test_a_key_is_masked_part_by_part_and_its_codes_stay() -> None:
    keys = pa.array(["20000001|DSC|20190401", None])

    assert mask_source_key("rents", "charges", keys, Turned()).to_pylist() == ["80000009|DSC|20190401", None]
    assert mask_source_key("tenancy", "member", pa.array(["0000123|2"]), masker()).to_pylist() == [
        f"{masker().apply('reference', pa.array(['0000123'])).to_pylist()[0]}|2"
    ]


def test_a_key_that_is_the_hash_of_its_row_is_another_number_and_its_occurrence_stays() -> None:
    keys = pa.array(["4144945846558805827#1"])

    assert masker().apply("reference", keys).to_pylist()[0].endswith("#1")
    assert mask_source_key("payments", "credits", keys, masker()).equals(masker().apply("reference", keys))
    assert not masker().apply("reference", keys).equals(keys)


def test_what_has_not_the_parts_of_the_key_is_a_reference() -> None:
    texts = pa.array(["0000123/2", None, "0000123|2"])

    assert mask_source_key("tenancy", "member", texts, Turned()).to_pylist() == ["0000987/8", None, "0000987|8"]


def test_pairs_agree_by_the_mean_of_precision_and_recall() -> None:
    assert Pairs("person", 10, 8, 4, 4).f1 == pytest.approx(2 * 4 / 12)
    assert Pairs("person", 3, 0, 0, 0).f1 == 1.0


def test_a_replay_passes_only_where_rows_pairs_and_money_agree() -> None:
    assert AGREED.passes
    assert not replace(AGREED, rows=(TableRows("rents", "debits", 10_000, 9_989, {}),)).passes
    assert not replace(AGREED, pairs=(Pairs("person", 9, 100, 100, 98),)).passes
    assert not replace(AGREED, money=("rents.debits",)).passes
    assert not replace(AGREED, balances=1).passes
