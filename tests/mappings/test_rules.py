"""Rules of single columns: what they give, and what they find."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pandas as pd
import pyarrow as pa

from mappings.rules import (
    AsText,
    Code,
    Constant,
    Converted,
    Email,
    Money,
    NationalInsuranceNumber,
    Postcode,
    TimeOfDay,
    Total,
    Uprn,
    XmlInstant,
)

CODES = {"element": {"DBR": "basic_rent", "RDD": ""}}


def frame(**columns: Sequence[object]) -> pd.DataFrame:
    arrays = {name: pa.array(values) for name, values in columns.items()}
    return pd.DataFrame({name: pd.Series(values, dtype=pd.ArrowDtype(values.type)) for name, values in arrays.items()})


def faults(converted: Converted) -> dict[str, list[int]]:
    """By kind of fault the rows that have it."""
    found = {fault.kind: [n for n, on in enumerate(fault.mask.to_pylist()) if on] for fault in converted.faults}
    return {kind: rows for kind, rows in found.items() if rows}


def test_a_code_without_a_canonical_one_is_null_by_agreement() -> None:
    converted = Code("type", code_list="element").convert(frame(type=["DBR ", "RDD", "ZZZ", " "]), CODES)
    assert converted.values.to_pylist() == ["basic_rent", None, None, None]
    assert faults(converted) == {"UNMAPPED": [2]}


def test_a_total_leaves_out_what_is_empty() -> None:
    raw = frame(rent=[Decimal("110.00"), None, None], service=[Decimal("12.50"), Decimal("3.00"), None])
    converted = Total((Money("rent"), Money("service"))).convert(raw, {})
    assert converted.values.to_pylist() == [Decimal("122.50"), Decimal("3.00"), None]


def test_a_uprn_of_noughts_is_none_with_a_warning() -> None:
    converted = AsText(Uprn("uprn")).convert(frame(uprn=["100021000003", "0", "9100021000003", "X0002", "  "]), {})
    assert converted.values.to_pylist() == ["100021000003", None, None, None, None]
    assert faults(converted) == {"ZERO": [1], "FORMAT": [2, 3]}


def test_national_insurance_numbers_that_nobody_has() -> None:
    numbers = ["ab 12 34 56 d", "AB123456C", "TN123456A", "ZZ999999D", "QQ123456A", "AB12345A"]
    converted = NationalInsuranceNumber("ni_no").convert(frame(ni_no=numbers), {})
    assert converted.values.to_pylist() == ["AB123456D", None, None, None, None, None]
    assert faults(converted) == {"FORMAT": [1, 2, 3, 4, 5]}


def test_a_blank_in_a_mail_address_is_told_of() -> None:
    converted = Email("mail").convert(frame(mail=["a.b@example.org ", "a.b @example.org", "a.b@", "nobody"]), {})
    assert converted.values.to_pylist() == ["a.b@example.org", None, None, None]
    assert faults(converted) == {"FORMAT": [1, 2, 3]}


def test_postcodes_have_one_blank() -> None:
    converted = Postcode("code").convert(frame(code=["kb11aa", "SW1A 1AA", "XX99 9XX", "KB1 1A"]), {})
    assert converted.values.to_pylist()[:2] == ["KB1 1AA", "SW1A 1AA"]
    assert faults(converted) == {"FORMAT": [2, 3]}


def test_a_constant_may_be_a_day() -> None:
    assert Constant(date(2026, 9, 28)).convert(frame(a=["x", "y"]), {}).values.to_pylist() == [date(2026, 9, 28)] * 2


def test_instants_of_xml_schema_have_an_offset_or_are_london_wall_clock() -> None:
    spelt = [
        "2026-09-28T08:00:00+01:00",
        "2026-09-28T07:00:00Z",
        "2026-09-28T08:00:00",
        "2026-12-01T08:00:00",
        None,
        "",
    ]
    found = XmlInstant("at").convert(frame(at=spelt), {})
    same, winter = datetime(2026, 9, 28, 7, tzinfo=UTC), datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert found.values.to_pylist() == [same, same, same, winter, None, None]
    assert not any(mask for fault in found.faults for mask in fault.mask.to_pylist())


def test_an_instant_that_is_none_is_told_of() -> None:
    found = XmlInstant("at", required=True).convert(frame(at=["2026-09-31T12:00:00Z", "28/09/2026", "soon", None]), {})
    assert found.values.to_pylist() == [None] * 4
    format_fault, missing = found.faults
    assert (format_fault.kind, format_fault.mask.to_pylist()) == ("FORMAT", [True, True, True, False])
    assert (missing.kind, missing.fatal) == ("MISSING", True)


def test_times_of_day_have_one_spelling() -> None:
    found = TimeOfDay("at").convert(frame(at=["08:05", " 16:30 ", "26:03", "7:30", "", None]), {})
    assert found.values.to_pylist() == [time(8, 5), time(16, 30), None, None, None, None]
    assert found.faults[0].mask.to_pylist() == [False, False, True, True, False, False]
