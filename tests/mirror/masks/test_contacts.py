from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mappings.text_rules import Email, NationalInsuranceNumber, Phone, Shaped
from mirror.masks import contacts

KEY, OTHER = bytes(range(32)), bytes(32)


def phones(*values: str | None) -> list[str | None]:
    found: list[str | None] = contacts.phones(KEY, pa.array(values, pa.string())).to_pylist()
    return found


def faults(rule: Callable[[str], Shaped], values: list[str]) -> int:
    converted = rule("value").convert(pd.DataFrame({"value": pd.Series(values, dtype="str")}), {})
    return sum(pc.sum(fault.mask).as_py() or 0 for fault in converted.faults)


def test_every_spelling_of_a_number_becomes_a_spelling_of_its_mask() -> None:
    found = phones(
        "07148 160044", "+447148160044", "07148160044", "+44 7148 160 044", "(07148) 160044", "0044 7148 160044"
    )
    assert {re.sub(r"^(\+44|0044|0)", "", re.sub(r"[ ()]", "", value or "")) for value in found} == {
        re.sub(r"\D", "", found[2] or "")[1:]
    }
    assert re.sub(r"\d", "9", found[0] or "") == "99999 999999"


@pytest.mark.parametrize("begin", ["071", "077", "01", "0207"])
def test_200_000_numbers_of_a_range_stay_apart_and_reach_nobody(begin: str) -> None:
    left = 11 - len(begin)
    drawn = (
        np.random.default_rng(1).choice(10**left, 200_000, replace=False) if left < 9 else np.arange(200_000) * 4_999
    )
    column = pa.array([f"{begin}{number:0{left}d}" for number in drawn.tolist()])
    found = contacts.phones(KEY, column)
    assert pc.count_distinct(found).as_py() == len(column)
    assert {value[:3] if value[1] == "7" else value[:2] for value in found.to_pylist()} <= {"071", "072", "04", "06"}
    assert not set(found.to_pylist()) & set(column.to_pylist())
    assert faults(Phone, found.slice(0, 1_000).to_pylist()) == 0


def test_what_is_no_number_stays_none() -> None:
    assert phones(None, "", "0000000", "00000000000") == [None, "", "0000000", "00000000000"]
    (remark,) = phones("ask daughter 07148 160044")
    assert remark
    assert not re.search(r"\d|daughter", remark)


def test_mail_reaches_nobody_and_keeps_its_faults() -> None:
    values = [
        "Ann.Lee1@mail.test",
        "ann.lee1@mail.test",
        "ANN.LEE1@MAIL.TEST",
        "annlee.test",
        "ann@",
        "ann @mail.test",
        None,
    ]
    found = contacts.mails(KEY, pa.array(values)).to_pylist()
    assert found[0] == found[1] == found[2].lower()
    assert faults(Email, [found[0]]) == 0
    assert faults(Email, found[3:6]) == 3
    assert all("ann" not in value.lower() and "mail.test" not in value.lower() for value in found if value)
    column = pa.array([f"person{number}@mail.test" for number in range(200_000)])
    masked = contacts.mails(KEY, column)
    assert pc.count_distinct(masked).as_py() == len(column)
    assert pc.all(pc.ends_with(masked, "@example.org")).as_py()
    assert not masked.slice(0, 100).equals(contacts.mails(OTHER, column.slice(0, 100)))


def test_numbers_are_distinct_and_a_newcomer_moves_nobody() -> None:
    values = [f"AB{number:06d}" for number in range(20_000)]
    taken = range(0, 4_000_000, 2)
    found = contacts.distinct(values, KEY, contacts.NINO_SPACE, taken)
    assert len(set(found.values())) == len(values)
    assert not set(found.values()) & set(taken)
    later = contacts.distinct([*values, "ZY000001"], KEY, contacts.NINO_SPACE, taken)
    assert sum(later[value] != found[value] for value in values) <= 1


def test_masked_ni_numbers_are_of_the_shape_and_never_given() -> None:
    found = [
        contacts.nino_like("AB 12 34 56 C", "AB123456C", number) for number in range(0, contacts.NINO_SPACE, 9_999)
    ]
    assert faults(NationalInsuranceNumber, found) == 0
    assert {value[:2] for value in found} == set(contacts.NINO_PREFIXES)
    assert all(value[2] == value[5] == value[8] == " " and value[-1] == "C" for value in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AB124356C", "PP142536C"), ("AB12356C", "PP12536C"), ("QQ123456C", "QQ142356C"), ("ABO23456C", "PPO42356C"),
        ("ab123456c", "pp142356c"), ("not given", "not given"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_ni_number_stays_wrong(text: str, expected: str) -> None:
    found = contacts.nino_like(text, "AB123456C", 3_142_356)
    if text == "AB124356C":
        assert sorted(found) == sorted("PP142356C")
        assert found != "PP142356C"
    elif text == "AB12356C":
        assert len(found) == 8
        assert found.startswith("PP")
    else:
        assert found == expected
