from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ledger.errors import ContractBroken
from mappings.mapping import telephone_in
from mirror.key import MaskKey
from mirror.masked import BY, MASKS, Masker, _golden_mask
from mirror.masks.name_lists import FORENAME, SURNAME
from mirror.masks.naming import Word
from mirror.plan import Decision
from mirror.plan import read as read_plan
from mirror.subjects import Subjects

JANE, RECORD, TENANCY = "1" * 32, "2" * 32, "3" * 32
KEY = MaskKey(bytes(range(32)), date(2026, 11, 22))
DAYS = pd.DataFrame(
    {"golden_id": [JANE], "birth_date": ["1960-05-17"], "first": [None], "last": [None]}
).astype({"birth_date": "datetime64[s]", "first": "datetime64[s]", "last": "datetime64[s]"})  # fmt: skip
SUBJECTS = Subjects(
    anchors={JANE: "a", RECORD: "a", TENANCY: "a", "1000000052": "a"}, people={JANE: JANE, RECORD: JANE},
    words=(Word("a", "JANE", FORENAME, "F", 1960), Word("a", "SMITH", SURNAME)), births=DAYS,
    ninos={JANE: "AB123457C"}, all_ninos=frozenset({"AB123457C", "MW123456A"}),
)  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """A plan of one table, whose columns are decided as told."""

    decisions: Mapping[str, Decision]

    def table(self, name: str) -> Mapping[str, Decision]:
        return self.decisions if name == "canonical.person" else {}


def decided(**columns: tuple[str, ...]) -> Planned:
    """column = (action, mask, by, demo)"""
    made = {}
    for name, (action, *rest) in columns.items():
        mask, by, demo = (*rest, "", "", "")[:3]
        made[name] = Decision("canonical.person", name, "text", action, mask, tuple(by.split()), demo)
    return Planned(made)


def masker(plan: Planned | None = None, profile: str = "test", key: MaskKey = KEY) -> Masker:
    return Masker(plan or decided(), key, SUBJECTS, profile)


def apply(mask: str, values: list[str | None], *by: list[str | None]) -> list[str | None]:
    found: list[str | None] = (
        masker().apply(mask, pa.array(values, pa.string()), tuple(pa.array(one, pa.string()) for one in by)).to_pylist()
    )
    return found


def test_each_column_has_what_was_decided() -> None:
    plan = decided(id=("mask", "uuid"), forename=("mask", "forename", "id"), title=("keep",), nationality=("drop",))
    rows = pa.record_batch(
        [[JANE, None], ["JANE", "ANN"], ["Mrs", None], ["x", "y"]], names=["id", "forename", "title", "nationality"]
    )
    found = masker(plan).mask("canonical.person", rows).to_pydict()
    assert found["title"] == ["Mrs", None]
    assert found["nationality"] == [None, None]
    assert found["id"][0] != JANE
    assert found["id"][1] is None
    assert found["forename"] == [
        str(apply("forename", ["Jane"], [JANE])[0]).upper(),
        *apply("forename", ["ANN"], [None]),
    ]


def test_what_is_not_decided_stops_by_name() -> None:
    rows = pa.record_batch([["x"], ["y"]], names=["title", "shoe_size"])
    with pytest.raises(ContractBroken, match="no decision for shoe_size"):
        masker(decided(title=("keep",))).mask("canonical.person", rows)
    with pytest.raises(ContractBroken, match="'upside_down'"):
        masker(decided(title=("mask", "upside_down"))).mask("canonical.person", rows.select(["title"]))
    with pytest.raises(ContractBroken, match="masked by id, which"):
        masker(decided(title=("mask", "name", "id"))).mask("canonical.person", rows.select(["title"]))
    assert masker(decided(title=("empty",))).mask("canonical.person", rows.select(["title"])).num_rows == 0


def test_the_plan_names_masks_that_there_are_with_what_they_are_masked_by() -> None:
    for decision in read_plan().decisions:
        if decision.action == "mask":
            assert decision.mask in MASKS
            assert bool(decision.by) <= bool(BY[decision.mask])
    assert set(masker()._masks) == MASKS


def test_every_record_of_a_person_shows_the_same_person() -> None:
    (first,), (last,) = apply("forename", ["Jane"], [RECORD]), apply("surname", ["Smith"], [JANE])
    assert apply("name", ["MRS J SMITH"], [TENANCY]) == [f"MRS {str(first)[0]} {str(last).upper()}"]
    assert apply("name", ["Jane Smith"], [None], ["1000000052"]) == [f"{first} {last}"]
    dashed = f"{RECORD[:8]}-{RECORD[8:12]}-{RECORD[12:16]}-{RECORD[16:20]}-{RECORD[20:]}"
    assert apply("name", ["Jane Smith"], [dashed]) == [f"{first} {last}"]
    fields: list[str | None] = ["forename", "surname", "floor_level", "uprn"]
    assert apply("golden_value", ["Jane", "Smith", "12", None], fields, [JANE] * 4) == [first, last, "12", None]


def test_what_stands_for_nobody_stays() -> None:
    *nobody, jane = apply("forename", ["Baby", "UNKNOWN", "?", "Jane"])
    assert nobody == ["Baby", "UNKNOWN", "?"]
    assert jane != "Jane"
    assert apply("nino", ["AB123456C"], [JANE]) == ["AB123456C"]
    assert apply("phone", ["00000000000", None]) == ["00000000000", None]
    assert apply("remittance", ["NONREF"]) == ["NONREF"]


def test_a_text_that_held_a_telephone_number_is_another_text_with_another_number() -> None:
    plain, told = apply("text.note", ["at the back door after six", "ring 07155 702656 after six"])
    assert pc.match_substring_regex(pa.array([plain, told]), telephone_in("").pattern).to_pylist() == [False, True]
    assert "702656" not in str(told)
    assert str(told).endswith(str(apply("phone", ["07155702656"])[0]))


def test_a_key_has_in_the_mirror_the_parts_that_it_has_in_the_extracts() -> None:
    subjects = replace(SUBJECTS, batches={"7": ("payments", "entries"), "8": ("tenancy", "member")})
    keys = pa.array(["81133370|KBC166751|267|1|1", "0000123|2", "0000123/2", "0000123|267"])
    found = Masker(decided(), KEY, subjects).apply("source_key", keys, (pa.array(["7", "8", "8", None]),)).to_pylist()

    def reference(text: str) -> str:
        return str(apply("reference", [text])[0])

    assert found == [
        f"{reference('81133370')}|{reference('KBC166751')}|267|1|1", f"{reference('0000123')}|2",
        f"{reference('0000123')}/2", f"{reference('0000123')}|{reference('267')}",
    ]  # fmt: skip


def test_a_remittance_that_another_field_gave_is_masked_as_that_field_is() -> None:
    subjects = replace(SUBJECTS, remittances={"RENT FOR MRS JONES": "text.remark", "BC DD": "name"})
    values = pa.array(["RENT FOR MRS JONES", "BC DD", "1000000052", "RENT JONES GM"])
    remark, body, number, words = Masker(decided(), KEY, subjects).apply("remittance", values).to_pylist()
    assert remark == apply("text.remark", ["RENT FOR MRS JONES"])[0]
    assert body == "BC DD"
    assert number == apply("reference", ["1000000052"])[0]
    assert "JONES" not in words


def test_golden_values_are_masked_as_their_columns_are() -> None:
    planned = read_plan()
    books = {"id", "record_count", "system_count", "confidence", "flags", "run_id", "row_hash", "ended_run_id"}
    alike = {"keep": "keep", "drop": "drop"}
    for table in ("golden_person", "golden_asset"):
        for column, decision in planned.table(f"canonical.{table}").items():
            if column not in books:
                mask = decision.mask or alike[decision.action]
                coordinate = mask in ("easting", "northing", "latitude", "longitude")
                assert _golden_mask(column) == ("near" if coordinate else mask), column
    with pytest.raises(ContractBroken, match="shoe_size"):
        apply("golden_value", ["44"], ["shoe_size"], [JANE])


def test_who_was_born_into_a_household_came_to_it_on_the_masked_day() -> None:
    (born,) = apply("birth_date", ["1960-05-17"], [JANE])
    days: list[str | None] = ["1960-05-17", "1960-05-17 00:00:00", "1960-05-18", None, "1960-05-17"]
    persons: list[str | None] = [JANE, RECORD, JANE, JANE, None]
    assert apply("born_day", days, persons) == [born, f"{born} 00:00:00", "1960-05-18", None, "1960-05-17"]


def test_birth_dates_and_ni_numbers_follow_the_golden_person() -> None:
    iso, again = apply("birth_date", ["1960-05-17", "1960-05-17"], [JANE, RECORD])
    assert iso == again != "1960-05-17"
    british = masker().birth_dates(pa.array(["17/05/1960", "99/99/9999"]), (pa.array([JANE, JANE]),), "%d/%m/%Y")
    day, month, year = british.to_pylist()[0].split("/")
    assert f"{year}-{month}-{day}" == iso
    assert british.to_pylist()[1] == "00/00/0000"
    right, slip, spaced, other = apply("nino", ["AB123457C", "AB124357C", "AB 12 34 57 C", "ZY999999A"], [JANE] * 4)
    assert sorted(str(slip)) == sorted(str(right))
    assert slip != right
    assert str(spaced).replace(" ", "") == right
    assert other not in (right, "MW123456A")


def test_values_are_masked_by_what_they_are() -> None:
    types: list[str | None] = ["email", "address", "mobile", "home_telephone"]
    values: list[str | None] = ["a@b.test", "5 Oak Road", "07148160044", None]
    assert apply("contact", values, types, [JANE] * 4) == [
        *apply("mail", values[:1]), *apply("address", values[1:2]), *apply("phone", values[2:3]), None,
    ]  # fmt: skip
    schemes: list[str | None] = ["national_insurance_number", "uprn"]
    assert apply("identifier", ["AB123457C", "100021000003"], schemes, [RECORD, None]) == [
        *apply("nino", ["AB123457C"], [JANE]), *apply("reference", ["100021000003"]),
    ]  # fmt: skip
    assert apply("golden_value", ["446135.00", "A1"], ["easting_m", "ethnic_origin"], [JANE] * 2) == [None, None]
    degrees = [apply(one, ["52.4"], ["446135.00"], ["280743.00"])[0] for one in ("latitude", "longitude")]
    assert 52 < float(degrees[0] or 0) < 53
    assert -2 < float(degrees[1] or 0) < -1


def test_the_demo_shows_less() -> None:
    plan = decided(
        birth=("keep", "", "", "decade"), age=("keep", "", "", "decade"), post=("keep", "", "", "sector"),
        note=("mask", "text.note", "", "drop"), wrong=("keep", "", "", "twice"),
    )  # fmt: skip
    rows = pa.record_batch(
        [["1957-12-09"], ["34"], ["KB1 1AU"], ["x"], ["y"]], names=["birth", "age", "post", "note", "wrong"]
    )
    shown = masker(plan, "demo").mask("canonical.person", rows.select(["birth", "age", "post", "note"])).to_pydict()
    assert shown == {"birth": ["1950-01-01"], "age": ["30"], "post": ["KB1 1"], "note": [None]}
    assert masker(plan).mask("canonical.person", rows.select(["birth"])).to_pydict() == {"birth": ["1957-12-09"]}
    with pytest.raises(ContractBroken, match="'twice'"):
        masker(plan, "demo").mask("canonical.person", rows)
