"""Landed tables under the masks: the form stays, and dirt stays dirt of its kind."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ledger.spec import Column, TableSpec
from mappings.text_rules import MOJIBAKE
from mirror.extracts.decisions import Decision, SourcePlan
from mirror.extracts.landed import Landed, Part
from mirror.extracts.masking import masked
from tests.mirror.extracts.conftest import Turned
from tests.mirror.test_masked import masker


def _masked(values: list[str | None] | pa.Array, mask: str, action: str = "mask", column: str = "c") -> list[object]:
    """The column of a one-column table under the mask."""
    plan = SourcePlan("tenancy", {"member": {column: Decision("tenancy", "member", column, action, mask, (), "r")}})
    found: list[object] = masked(_landed({column: pa.array(values)}), plan, Turned()).parts[0].rows[column].to_pylist()
    return found


def _landed(columns: Mapping[str, pa.Array], faults: list[str | None] | None = None) -> Landed:
    count = len(next(iter(columns.values())))
    table = TableSpec("tenancy", "member", tuple(map(Column, columns)), ("c",), "one row")
    own = {
        "_fault": pa.array(faults or [None] * count, pa.string()),
        "_raw": pa.array(faults or [None] * count, pa.string()),
    }
    return Landed(table, tuple(columns), (Part("member", pa.table(own | dict(columns))),))


def test_a_padded_column_is_as_wide_as_it_was() -> None:
    assert _masked(["Nowak   ", "Lee     ", "        "], "surname") == ["Kawon   ", "Eel     ", "        "]


def test_a_text_in_two_columns_is_masked_as_one() -> None:
    halves = {"first": ["Vantor", None, "Ardent"], "last": ["Duo 25", "Ranger", None]}
    plan = SourcePlan("contractor", {"member": {
        name: Decision("contractor", "member", name, "mask", f"product.{name}", ("=first", "=last"), "r")
        for name in halves
    }})  # fmt: skip
    found = masked(_landed({name: pa.array(values) for name, values in halves.items()}), plan, masker()).parts[0].rows

    together = [
        " ".join(filter(None, pair)) for pair in zip(*(found[name].to_pylist() for name in halves), strict=True)
    ]
    whole = pa.array(["Vantor Duo 25", "Ranger", "Ardent"])
    assert together == masker().apply("text.product", whole).to_pylist()
    assert [value is None for name in halves for value in found[name].to_pylist()] == [
        False, True, False, False, False, True,
    ]  # fmt: skip


def test_of_an_element_that_nobody_knows_the_name_stays_and_the_shape_of_its_value() -> None:
    told = '[["contactName", "Ada Example"], ["timeRemaining", "60"], ["left", null]]'

    assert _masked([told, None], "undeclared") == [
        '[["contactName", "xxx xxxxxxx"], ["timeRemaining", "00"], ["left", null]]', None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "later"),
    [
        ("1971-05-09 00:00:00", "1971-05-10 00:00:00"),
        ("09/05/1971", "10/05/1971"),
        ("09-May-1971", "10-May-1971"),
        ("19710509", "19710510"),
        ("1900-01-01 00:00:00", "1900-01-01 00:00:00"),
        ("31/02/1971", "79/08/9139"),
    ],
)
def test_a_day_of_birth_keeps_its_spelling_and_an_impossible_one_stays_impossible(day: str, later: str) -> None:
    assert _masked([day], "birth_date") == [later]


def test_a_day_that_landed_as_a_moment_stays_one() -> None:
    born = pa.array([pd.Timestamp(1971, 5, 9)], pa.timestamp("us"))

    assert _masked(born, "birth_date") == [pd.Timestamp(1971, 5, 10)]


def test_dirt_in_a_name_stays_dirt_of_its_kind() -> None:
    spaced, led, misread, behind = _masked(["Ann  Lee", "  Nowak", "JosÃ©", "NowakÂ\u00a0"], "name")

    assert spaced == "Nna  Eel"
    assert led == "  Kawon"
    assert pc.match_substring_regex(pa.array([misread, behind]), MOJIBAKE).to_pylist() == [True, True]
    assert "José" not in str(misread) and "Nowak" not in str(behind)


def test_a_code_left_out_is_blank_and_one_that_nobody_knows_is_still_unknown() -> None:
    assert _masked(["F ", "  ", "Q "], "", "blank", "gender") == [None, "  ", "XX"]


def test_a_torn_record_keeps_its_commas_and_loses_its_words_and_numbers() -> None:
    landed = _landed({"c": pa.array([None, "1"])}, ["HR123,Nowak, formerly Lee,09/05/1971", None])
    plan = SourcePlan("tenancy", {"member": {"c": Decision("tenancy", "member", "c", "keep", "", (), "r")}})

    (left,) = masked(landed, plan, Turned()).broken["_raw"]

    assert left.count(",") == 3
    assert not any(word in left for word in ("Nowak", "Lee", "123", "1971"))
