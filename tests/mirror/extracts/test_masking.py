"""Landed tables under the masks: the form stays, and dirt stays dirt of its kind."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ledger.spec import Column, TableSpec
from mappings.mapping import telephone_in
from mappings.text_rules import MOJIBAKE
from mirror.extracts.decisions import Decision, SourcePlan
from mirror.extracts.landed import Landed, Part
from mirror.extracts.masking import masked
from tests.mirror.extracts.conftest import Turned


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


def test_what_stands_for_nobody_stays() -> None:
    assert _masked(["Baby", "UNKNOWN", "?", "Anna"], "forename") == ["Baby", "UNKNOWN", "?", "Anna"[::-1].capitalize()]
    assert _masked(["AB123456C", "00000000000"], "nino")[0] == "AB123456C"
    assert _masked(["00000000000", None], "phone") == ["00000000000", None]


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


def test_a_text_with_a_number_is_another_text_with_another_number() -> None:
    (text,) = _masked(["ring 07155 702656 after six"], "text.note")

    assert "702656" not in str(text)
    assert pc.match_substring_regex(pa.array([text]), telephone_in("").pattern).to_pylist() == [True]


def test_a_code_left_out_is_blank_and_one_that_nobody_knows_is_still_unknown() -> None:
    assert _masked(["F ", "  ", "Q "], "", "blank", "gender") == [None, "  ", "XX"]


def test_a_torn_record_keeps_its_commas_and_loses_its_words_and_numbers() -> None:
    landed = _landed({"c": pa.array([None, "1"])}, ["HR123,Nowak, formerly Lee,09/05/1971", None])
    plan = SourcePlan("tenancy", {"member": {"c": Decision("tenancy", "member", "c", "keep", "", (), "r")}})

    (left,) = masked(landed, plan, Turned()).broken["_raw"]

    assert left.count(",") == 3
    assert not any(word in left for word in ("Nowak", "Lee", "123", "1971"))
