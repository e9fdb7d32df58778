"""Rules: what goes in comes out, exactly, or is told; nothing is guessed, nothing is lost in silence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.rules import (
    Code,
    Constant,
    Converted,
    Date,
    Email,
    FirstOf,
    Flag,
    Instant,
    Joined,
    Money,
    NationalInsuranceNumber,
    Number,
    Phone,
    Postcode,
    Rule,
    Shaped,
    Text,
    TimeOfDay,
    Total,
    Uprn,
    Within,
    XmlInstant,
)  # fmt: skip

CODES = {"colour": {"R": "red", "B": "blue", "N": ""}}
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
RULES: list[Rule] = [
    Text("a"), Text("a", required=True, blanks=("unknown",), upper=True), Code("a", code_list="colour"),
    Date("a", fmt="%d/%m/%Y"), Date("a", fmt="%Y-%m-%d", unlikely="error", year_only=True, required=True),
    Instant("a", fmt="%Y-%m-%d %H:%M"), XmlInstant("a"), TimeOfDay("a"), Money("a", maximum=Decimal(5)),
    Money("a", required=True, sign_column="b", negative=("C",)), Number("a"), Number("a", decimals=2), Flag("a"),
    Shaped("a", pattern=r"\d+"), Postcode("a"), NationalInsuranceNumber("a"), Phone("a"), Email("a"), Uprn("a"),
    Total((Money("a"), Money("b"))), Joined(("a", "b")), Constant("x"), FirstOf((Text("a"), Text("b"))),
    Within(Postcode("a"), r"(\S+ \S+)$"),
]  # fmt: skip


def of(rule: Rule, *values: Any, **others: list[Any]) -> Converted:
    """The rule over a text column ``a`` (and ``b``)."""
    columns = {"a": list(values), "b": list(values), **others}
    frame = pd.DataFrame(
        {name: pd.Series(column, dtype=pd.ArrowDtype(pa.string())) for name, column in columns.items()}
    )
    return rule.convert(frame, CODES)


def one(rule: Rule, value: str | None, **others: list[Any]) -> tuple[Any, list[str]]:
    """The value and the kinds of fault of one cell."""
    converted = of(rule, value, **others)
    return converted.values.to_pylist()[0], [fault.kind for fault in converted.faults if fault.mask.to_pylist()[0]]


@pytest.mark.parametrize("rule", RULES, ids=repr)
@given(values=st.lists(st.one_of(st.none(), TEXTS, st.sampled_from(["R", "1.005", "31/02/2024", "2024-01-01"]))))
def test_any_text_gives_a_value_or_null_and_only_declared_faults(rule: Rule, values: list[str | None]) -> None:
    converted = of(rule, *values)
    assert len(converted.values) == len(values)
    for fault in converted.faults:
        assert len(fault.mask) == len(values)
        assert fault.mask.null_count == 0
        assert rule.kinds[fault.kind] == fault.severity


@given(TEXTS)
def test_text_is_trimmed_once_and_for_all(value: str) -> None:
    first, _ = one(Text("a"), value)
    assert first is None or first == first.strip() != ""
    assert one(Text("a"), first)[0] == first


@given(st.decimals(-(10**9), 10**9, places=2))
def test_money_is_exact(amount: Decimal) -> None:
    assert one(Money("a"), str(amount)) == (amount, [])
    assert one(Money("a", negate=True), f" +{abs(amount):,} ")[0] == -abs(amount)


@pytest.mark.parametrize("text", ["1.005", "1,5.0.0", "1e3", "nan", "0x1F", "£", "--1", "1-", "99999999999"])
def test_what_is_no_money_is_told(text: str) -> None:
    assert one(Money("a"), text) == (None, ["FORMAT"])
    assert one(Money("a", required=True), text) == (None, ["FORMAT"])


def test_money_of_a_typed_source() -> None:
    for values, kind, wanted in [
        ([Decimal("1.250"), Decimal("1.255")], pa.decimal128(9, 3), [Decimal("1.25"), None]),
        ([3, None], pa.int64(), [Decimal("3.00"), None]),
    ]:
        frame = pd.DataFrame({"a": pd.Series(values, dtype=pd.ArrowDtype(kind))})
        assert Money("a").convert(frame, {}).values.to_pylist() == wanted
    with pytest.raises(TypeError, match="binary fractions"):
        Money("a").convert(pd.DataFrame({"a": pd.Series([0.1], dtype=pd.ArrowDtype(pa.float64()))}), {})


def test_the_sign_stands_in_another_column() -> None:
    rule = Money("a", sign_column="b", negative=("C",))
    assert of(rule, "5.00", "5.00", "5.00", b=["C", "D", None]).values.to_pylist() == [
        Decimal(-5), Decimal(5), Decimal(5),
    ]  # fmt: skip


@given(st.dates(date(1900, 1, 2), date(2059, 12, 31)))
def test_a_day_comes_back_as_it_was(day: date) -> None:
    assert one(Date("a", fmt="%d/%m/%Y"), day.strftime("%d/%m/%Y")) == (day, [])
    assert one(Date("a", fmt="%Y%m%d"), day.strftime("%Y%m%d")) == (day, [])


@pytest.mark.parametrize("text", ["1/2/2024", "2024-01-02", "31/02/2024", "01/02/24", "01/02/2024 00:00", "00/00/0000"])
def test_one_format_a_column(text: str) -> None:
    assert one(Date("a", fmt="%d/%m/%Y"), text) == (None, ["FORMAT"])


def test_days_that_mean_something_else() -> None:
    rule = Date("a", fmt="%Y-%m-%d", required=True)
    assert one(rule, "1900-01-01") == (None, ["MISSING"])
    assert one(rule, "2079-06-06") == (None, ["CLIPPED"])
    assert one(rule, "2199-01-01") == (date(2199, 1, 1), ["UNLIKELY"])
    assert one(rule, " ") == (None, ["MISSING"])


def test_codes_are_never_guessed() -> None:
    rule = Code("a", code_list="colour", required=True)
    assert one(rule, " R ") == ("red", [])
    assert one(rule, "r") == (None, ["UNMAPPED"])
    assert one(rule, "N") == (None, [])
    assert one(rule, "") == (None, ["MISSING"])


def test_a_nul_inside_a_text_is_told() -> None:
    assert one(Text("a"), "Ann\x00\x00 ") == ("Ann", [])
    assert one(Text("a"), "An\x00n") == ("An\ufffdn", ["CODEPAGE"])


def test_the_clocks_of_london() -> None:
    rule = Instant("a", fmt="%Y-%m-%d %H:%M")
    values = of(rule, "2024-01-10 12:00", "2024-07-10 12:00", "2024-03-31 01:30").values.to_pylist()
    assert [f"{value:%m-%d %H:%M}" for value in values] == ["01-10 12:00", "07-10 11:00", "03-31 01:00"]
